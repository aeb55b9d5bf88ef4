#include "daemon/recorded.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/buf.h"
#include "daemon/core/memory.h"
#include "daemon/core/units.h"
#include "daemon/core/utf8.h"
#include "daemon/exit_code.h"
#include "daemon/output.h"
#include "daemon/trace_input.h"

#define SLOTS_FIRST 256u
/* Traces named where one is to be chosen. */
#define LISTED_MAX 50u

static size_t slot_of(const struct recorded *recorded, const struct trace_id *id)
{
    return hash_sip13_16(&recorded->key, id->bytes) & (recorded->slot_count - 1);
}

static bool grow(struct recorded *recorded)
{
    struct recorded bigger = *recorded;
    bigger.slot_count = recorded->slot_count != 0 ? 2 * recorded->slot_count : SLOTS_FIRST;
    bigger.slots = memory_alloc(bigger.slot_count * sizeof *bigger.slots);
    if (bigger.slots == NULL) {
        return false;
    }
    memset(bigger.slots, 0, bigger.slot_count * sizeof *bigger.slots);
    for (size_t i = 0; i < recorded->slot_count; i++) {
        struct recorded_trace *next;
        for (struct recorded_trace *one = recorded->slots[i]; one != NULL; one = next) {
            size_t slot = slot_of(&bigger, &one->trace.id);
            next = one->next;
            one->next = bigger.slots[slot];
            bigger.slots[slot] = one;
        }
    }
    free(recorded->slots);
    *recorded = bigger;
    return true;
}

static struct trace *find_or_add(struct recorded *recorded, const struct trace_id *id)
{
    if (recorded->count >= recorded->slot_count && !grow(recorded)) {
        return NULL;
    }
    struct recorded_trace **slot = &recorded->slots[slot_of(recorded, id)];
    for (struct recorded_trace *one = *slot; one != NULL; one = one->next) {
        if (trace_id_equal(&one->trace.id, id)) {
            return &one->trace;
        }
    }
    struct recorded_trace *made = memory_alloc(sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    trace_init(&made->trace, id, 0);
    made->next = *slot;
    *slot = made;
    recorded->count++;
    return &made->trace;
}

static void add_set(void *self, struct span_set *take_set)
{
    struct recorded *recorded = self;
    const struct span_batch *batch = &take_set->batches[0];
    uint32_t index;
    for (const struct span *span = batch->first; span != NULL; span = span->next) {
        struct trace *trace = find_or_add(recorded, &span->trace_id);
        recorded->no_memory |=
            trace == NULL || trace_add(trace, span, recorded->max_spans, &index) == TRACE_NO_MEMORY;
    }
    for (const struct rejected_span *one = batch->rejected; one != NULL; one = one->next) {
        struct trace *trace = find_or_add(recorded, &one->trace_id);
        recorded->no_memory |= trace == NULL;
        if (trace != NULL) {
            trace->rejected++;
        }
    }
    span_set_unref(take_set);
}

static int by_id(const void *left, const void *right)
{
    const struct recorded_trace *a = *(struct recorded_trace *const *)left;
    const struct recorded_trace *b = *(struct recorded_trace *const *)right;
    return memcmp(a->trace.id.bytes, b->trace.id.bytes, sizeof a->trace.id.bytes);
}

static bool sort(struct recorded *recorded)
{
    recorded->sorted = memory_alloc((recorded->count + 1) * sizeof *recorded->sorted);
    if (recorded->sorted == NULL) {
        return false;
    }
    for (size_t i = 0; i < recorded->slot_count; i++) {
        for (struct recorded_trace *one = recorded->slots[i]; one != NULL; one = one->next) {
            if (one->trace.count != 0) {
                recorded->sorted[recorded->sorted_count++] = one;
            }
        }
    }
    qsort(recorded->sorted, recorded->sorted_count, sizeof *recorded->sorted, by_id);
    return true;
}

int recorded_read(struct recorded *ret, char *const *paths, size_t count, uint32_t max_spans)
{
    *ret = (struct recorded){.max_spans = max_spans};
    if (hash_key_random(&ret->key) != 0) {
        fprintf(stderr, "assertd: no randomness\n");
        return EXIT_CODE_USAGE;
    }
    const struct shard_map shards = {ret->key, 1};
    int code = trace_input_read(paths, count, &shards, NULL, add_set, ret);
    if (code == 0 && (ret->no_memory || !sort(ret))) {
        fprintf(stderr, "assertd: no memory\n");
        return EXIT_CODE_USAGE;
    }
    return code;
}

void recorded_deinit(struct recorded *recorded)
{
    for (size_t i = 0; i < recorded->slot_count; i++) {
        struct recorded_trace *next;
        for (struct recorded_trace *one = recorded->slots[i]; one != NULL; one = next) {
            next = one->next;
            trace_deinit(&one->trace);
            free(one);
        }
    }
    free(recorded->slots);
    free(recorded->sorted);
    *recorded = (struct recorded){.slots = NULL};
}

static void list_trace(const struct trace *trace)
{
    char id[TRACE_ID_TEXT_LEN];
    struct buf line = BUF_NULL;
    uint32_t first = 0;
    for (uint32_t i = 1; i < trace->count; i++) {
        first = trace_span_compare(trace, i, first) < 0 ? i : first;
    }
    trace_id_print(id, &trace->id);
    buf_printf(&line, "  %.*s  %" PRIu32 " spans, first '", TRACE_ID_TEXT_LEN, id, trace->count);
    size_t name = line.len;
    utf8_append_mended(&line, trace_span_name(&trace->spans[first]));
    for (size_t i = name; i < line.len; i++) {
        line.data[i] = line.data[i] < ' ' || line.data[i] == 0x7F ? '?' : line.data[i];
    }
    buf_append_text(&line, "'\n");
    output_write(stderr, buf_bytes(&line));
    buf_deinit(&line);
}

static int find(const struct recorded *recorded, const char *command, const char *id,
                struct trace **ret)
{
    struct trace_id wanted;
    if (trace_id_parse(bytes_of(id), &wanted) != 0) {
        fprintf(stderr, "assertd %s: --trace %s: write the 32 hex digits of a trace ID\n", command,
                id);
        return EXIT_CODE_USAGE;
    }
    for (size_t i = 0; i < recorded->sorted_count; i++) {
        if (trace_id_equal(&recorded->sorted[i]->trace.id, &wanted)) {
            *ret = &recorded->sorted[i]->trace;
            return 0;
        }
    }
    fprintf(stderr, "assertd %s: the files hold no span of trace %s\n", command, id);
    return EXIT_CODE_USAGE;
}

int recorded_choose(const struct recorded *recorded, const char *command, const char *id,
                    struct trace **ret)
{
    if (id != NULL) {
        return find(recorded, command, id, ret);
    }
    if (recorded->sorted_count == 1) {
        *ret = &recorded->sorted[0]->trace;
        return 0;
    }
    if (recorded->sorted_count == 0) {
        fprintf(stderr, "assertd %s: the files hold no span\n", command);
        return EXIT_CODE_USAGE;
    }
    fprintf(stderr, "assertd %s: the files hold %zu traces: choose one by --trace ID\n", command,
            recorded->sorted_count);
    for (size_t i = 0; i < recorded->sorted_count && i < LISTED_MAX; i++) {
        list_trace(&recorded->sorted[i]->trace);
    }
    if (recorded->sorted_count > LISTED_MAX) {
        fprintf(stderr, "  and %zu more\n", recorded->sorted_count - LISTED_MAX);
    }
    return EXIT_CODE_USAGE;
}
