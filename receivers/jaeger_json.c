/* Spans name their process by an ID; processes stand beside the list of spans. Both are sorted by
 * that ID, so that each process is written once, however many there are. */
#include "receivers/jaeger_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "receivers/jaeger_span.h"
#include "receivers/json_fields.h"

enum envelope_number { ENVELOPE_RESOURCE = 1 };

struct entry { /* a span or process, and what it is sorted by */
    struct bytes process;
    const struct json_node *node;
    uint32_t place;
};

/* A process; NULL: the spans name one that is not there. */
static int put_resource(struct jaeger *jaeger, const struct json_node *process)
{
    struct buf *out = jaeger->out;
    const struct json_node *tags = NULL;
    struct bytes service = BYTES_LITERAL("");
    const char *bad = json_field_text(process, "serviceName", &service);
    if (bad != NULL) {
        return jaeger_wrong(jaeger, "serviceName", bad);
    }
    if ((bad = json_field_list(process, "tags", &tags)) != NULL) {
        return jaeger_wrong(jaeger, "tags", bad);
    }
    otlp_writer_resource(&jaeger->writer);
    size_t resource = wire_begin(out, ENVELOPE_RESOURCE);
    int outcome = jaeger_tags_put(jaeger, out, RESOURCE_ATTRIBUTES, "tags", tags);
    if (service.len > 0) {
        otlp_put_text_attr(out, RESOURCE_ATTRIBUTES, BYTES_LITERAL("service.name"), service);
    }
    if (outcome == 0) {
        outcome = jaeger_warnings_put(jaeger, out, RESOURCE_ATTRIBUTES, jaeger->warnings);
    }
    wire_end(out, resource);
    return outcome;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    int order = bytes_compare(a->process, b->process);
    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

/* The items of a list or object as a sorted array in the arena. 0; 1 with the place of one that is
 * no object; -1 no memory. */
static int sorted(struct arena *arena, const struct json_node *from, struct entry **ret,
                  size_t *ret_count)
{
    size_t count = 0;
    for (const struct json_node *node = from != NULL ? from->first : NULL; node != NULL;
         node = node->next) {
        count++;
    }
    struct entry *entries = arena_calloc(arena, count + 1, sizeof *entries);
    if (entries == NULL) {
        return -1;
    }
    size_t i = 0;
    for (const struct json_node *node = from != NULL ? from->first : NULL; node != NULL;
         node = node->next, i++) {
        *ret_count = i;
        if (node->type != JSON_OBJECT) {
            return 1;
        }
        bool is_span = from->type == JSON_ARRAY;
        entries[i] = (struct entry){is_span ? json_node_text(json_node_member(node, "processID"))
                                            : node->key,
                                    node, (uint32_t)i};
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    *ret = entries;
    *ret_count = count;
    return 0;
}

static int sort_members(struct jaeger *jaeger, const struct json_node *trace, const char *key,
                        const struct json_node *list, struct entry **ret, size_t *ret_count)
{
    (void)trace;
    switch (sorted(jaeger->arena, list, ret, ret_count)) {
    case 0:
        return 0;
    case 1:
        snprintf(jaeger->error, jaeger->error_bytes, "%s[%zu]: not an object", key, *ret_count);
        return JAEGER_MALFORMED;
    default:
        return JAEGER_NO_MEMORY;
    }
}

/* Both are sorted by process: they are walked side by side. Of equal keys the last process counts.
 */
static int put_groups(struct jaeger *jaeger, const struct entry *spans, size_t span_count,
                      const struct entry *processes, size_t process_count)
{
    size_t at = 0;
    int outcome = 0;
    for (size_t i = 0; i < span_count && outcome == 0; i++) {
        if (i == 0 || !bytes_equal(spans[i].process, spans[i - 1].process)) {
            const struct json_node *process = NULL;
            while (at < process_count &&
                   bytes_compare(processes[at].process, spans[i].process) <= 0) {
                process = bytes_equal(processes[at].process, spans[i].process) ? processes[at].node
                                                                               : NULL;
                at++;
            }
            outcome = put_resource(jaeger, process);
            if (outcome == JAEGER_MALFORMED) {
                outcome = jaeger_wrong_in(jaeger, "processes",
                                          process != NULL ? processes[at - 1].place : 0, outcome);
            }
        }
        if (outcome == 0) {
            outcome = jaeger_wrong_in(jaeger, "spans", spans[i].place,
                                      jaeger_span_put(jaeger, spans[i].node));
        }
    }
    return outcome;
}

static int put_trace(struct jaeger *jaeger, const struct json_node *trace)
{
    const struct json_node *lists[2] = {NULL, NULL};
    struct entry *spans = NULL;
    struct entry *processes = NULL;
    size_t span_count = 0;
    size_t process_count = 0;
    const char *bad;
    if ((bad = json_field_list(trace, "spans", &lists[0])) != NULL) {
        return jaeger_wrong(jaeger, "spans", bad);
    }
    if ((bad = json_field_object(trace, "processes", &lists[1])) != NULL) {
        return jaeger_wrong(jaeger, "processes", bad);
    }
    if ((bad = json_field_list(trace, "warnings", &jaeger->warnings)) != NULL) {
        return jaeger_wrong(jaeger, "warnings", bad);
    }
    int outcome = sort_members(jaeger, trace, "spans", lists[0], &spans, &span_count);
    if (outcome == 0) {
        outcome = sort_members(jaeger, trace, "processes", lists[1], &processes, &process_count);
    }
    return outcome != 0 ? outcome : put_groups(jaeger, spans, span_count, processes, process_count);
}

int jaeger_trace_put(struct buf *out, const struct json_node *trace, struct arena *arena,
                     char *error, size_t error_bytes)
{
    struct jaeger jaeger = {.out = out,
                            .arena = arena,
                            .writer = {.out = out},
                            .error = error,
                            .error_bytes = error_bytes};
    if (trace->type != JSON_OBJECT) {
        snprintf(error, error_bytes, "not an object");
        return JAEGER_MALFORMED;
    }
    int outcome = put_trace(&jaeger, trace);
    otlp_writer_end(&jaeger.writer);
    return out->failed && outcome == 0 ? JAEGER_NO_MEMORY : outcome;
}
