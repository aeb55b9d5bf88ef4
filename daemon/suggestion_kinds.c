#include "daemon/suggestion_kinds.h"

#include <stdlib.h>

#include "daemon/suggestion.h"

/* A span and what it is sorted by. */
struct sorted_span {
    const struct trace *trace;
    struct bytes service, name;
    uint8_t kind;
    bool odd; /* its service.name is no text */
    uint32_t index;
};

static bool is_writable(struct bytes text)
{
    return text.len <= SUGGESTION_TEXT_MAX &&
           (text.len == 0 || memchr(text.data, 0, text.len) == NULL);
}

static int compare_kinds(const struct sorted_span *a, const struct sorted_span *b)
{
    int order = bytes_compare(a->service, b->service);
    order = order != 0 ? order : bytes_compare(a->name, b->name);
    order = order != 0 ? order : (a->kind > b->kind) - (a->kind < b->kind);
    return order != 0 ? order : a->odd - b->odd;
}

static int by_kind(const void *left, const void *right)
{
    const struct sorted_span *a = left;
    const struct sorted_span *b = right;
    int order = compare_kinds(a, b);
    return order != 0 ? order : trace_span_compare(a->trace, a->index, b->index);
}

static int by_first(const void *left, const void *right)
{
    const struct sorted_span *a = left;
    const struct sorted_span *b = right;
    return trace_span_compare(a->trace, a->index, b->index);
}

static struct sorted_span *sorted_spans(const struct trace *trace, struct arena *arena)
{
    struct sorted_span *spans = arena_calloc(arena, trace->count, sizeof *spans);
    struct arena scratch = ARENA_INIT(4096, 0);
    for (uint32_t i = 0; spans != NULL && i < trace->count; i++) {
        struct span span;
        if (trace_span_decode(trace, i, &scratch, &span) != 0) {
            spans = NULL;
            break;
        }
        enum value_type type = attrs_find(span.resource->attrs, span.resource->attr_count,
                                          BYTES_LITERAL("service.name"))
                                   .type;
        spans[i] = (struct sorted_span){trace,
                                        span.resource->service,
                                        span.name,
                                        (uint8_t)span.kind,
                                        type != VALUE_TEXT && type != VALUE_MISSING,
                                        i};
        arena_reset(&scratch);
    }
    arena_deinit(&scratch);
    if (spans != NULL) {
        qsort(spans, trace->count, sizeof *spans, by_kind);
    }
    return spans;
}

static void note(struct kind_of_span *kind, const struct trace_span *span)
{
    uint64_t length = span->end_ns >= span->start_ns ? span->end_ns - span->start_ns : 0;
    kind->count++;
    kind->ok += trace_span_status(span) == STATUS_OK;
    kind->errors += trace_span_status(span) == STATUS_ERROR;
    kind->backwards |= span->end_ns < span->start_ns;
    kind->longest_ns = length > kind->longest_ns ? length : kind->longest_ns;
}

/* The first of a kind. */
static const struct sorted_span *find(const struct sorted_span *sorted, uint32_t count,
                                      const struct sorted_span *wanted)
{
    uint32_t low = 0;
    while (count > 0) {
        uint32_t half = count / 2;
        if (compare_kinds(&sorted[low + half], wanted) < 0) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return &sorted[low];
}

static void fill_kind(struct kinds *kinds, uint32_t number, const struct sorted_span *first,
                      const struct sorted_span *spans, const struct trace *trace)
{
    const struct sorted_span *at = find(spans, trace->count, first);
    struct kind_of_span *kind = &kinds->items[number];
    *kind = (struct kind_of_span){.service = first->service,
                                  .name = first->name,
                                  .kind = (enum span_kind)first->kind,
                                  .writable = !first->odd && is_writable(first->service) &&
                                              is_writable(first->name),
                                  .first = first->index};
    for (; at < spans + trace->count && compare_kinds(at, first) == 0; at++) {
        kinds->of_span[at->index] = number;
        note(kind, &trace->spans[at->index]);
    }
}

static int group(struct kinds *ret, const struct trace *trace, struct arena *arena)
{
    struct sorted_span *spans = sorted_spans(trace, arena);
    struct sorted_span *firsts = arena_calloc(arena, trace->count, sizeof *firsts);
    ret->of_span = arena_calloc(arena, trace->count, sizeof *ret->of_span);
    if (spans == NULL || firsts == NULL || ret->of_span == NULL) {
        return 1;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        if (i == 0 || compare_kinds(&spans[i - 1], &spans[i]) != 0) {
            firsts[ret->count++] = spans[i];
        }
    }
    qsort(firsts, ret->count, sizeof *firsts, by_first);
    ret->items = arena_calloc(arena, ret->count, sizeof *ret->items);
    if (ret->items == NULL) {
        return 1;
    }
    for (uint32_t k = 0; k < ret->count; k++) {
        fill_kind(ret, k, &firsts[k], spans, trace);
    }
    return 0;
}

static struct async_step *step_of(struct kinds *kinds, uint32_t producer, uint32_t consumer,
                                  uint32_t max_steps)
{
    for (uint32_t i = 0; i < kinds->step_count; i++) {
        if (kinds->steps[i].producer == producer && kinds->steps[i].consumer == consumer) {
            return &kinds->steps[i];
        }
    }
    if (kinds->step_count == max_steps) {
        kinds->steps_omitted++;
        return NULL;
    }
    kinds->steps[kinds->step_count] =
        (struct async_step){.producer = producer, .consumer = consumer};
    return &kinds->steps[kinds->step_count++];
}

/* Whether a namesake of `at` before it is of its kind. */
static bool kind_had_turn(const struct kinds *kinds, const struct trace *trace, span_id id,
                          uint32_t at, uint32_t consumer)
{
    for (uint32_t before = trace_find(trace, id, 0); before < at;
         before = trace_find(trace, id, before + 1)) {
        if (before != consumer && kinds->of_span[before] == kinds->of_span[at]) {
            return true;
        }
    }
    return false;
}

/* Notes a step for each kind of producer with this ID; a consumer counts once for each. */
static void note_producers(struct kinds *kinds, const struct trace *trace, span_id id,
                           uint32_t consumer, bool is_parent, uint32_t max_steps)
{
    for (uint32_t at = trace_find(trace, id, 0); at != UINT32_MAX;
         at = trace_find(trace, id, at + 1)) {
        uint32_t kind = kinds->of_span[at];
        if (at == consumer || kinds->items[kind].kind != KIND_PRODUCER ||
            kind_had_turn(kinds, trace, id, at, consumer)) {
            continue;
        }
        struct async_step *step = step_of(kinds, kind, kinds->of_span[consumer], max_steps);
        if (step != NULL) {
            step->children += is_parent;
            step->linked += !is_parent;
        }
    }
}

static span_id linked_id(const struct trace *trace, const struct link *link)
{
    span_id id = 0;
    if (link->trace_id.len != sizeof trace->id.bytes || link->span_id.len != 8 ||
        memcmp(link->trace_id.data, trace->id.bytes, sizeof trace->id.bytes) != 0) {
        return 0;
    }
    for (size_t i = 0; i < link->span_id.len; i++) {
        id = id << 8 | link->span_id.data[i];
    }
    return id;
}

static int note_consumer(struct kinds *kinds, const struct trace *trace, uint32_t index,
                         uint32_t max_steps)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    struct span span;
    if (trace_span_decode(trace, index, &scratch, &span) != 0) {
        arena_deinit(&scratch);
        return 1;
    }
    if (span.parent != 0) {
        note_producers(kinds, trace, span.parent, index, true, max_steps);
    }
    struct wire_reader reader = wire_reader_of(span.raw);
    struct link link;
    while (span_next_link(&reader, &scratch, &link) == 0) {
        span_id id = linked_id(trace, &link);
        if (id != 0 && id != span.parent) {
            note_producers(kinds, trace, id, index, false, max_steps);
        }
    }
    arena_deinit(&scratch);
    return 0;
}

static void find_top(struct kinds *kinds, const struct trace *trace)
{
    uint32_t top = UINT32_MAX;
    for (uint32_t i = 0; i < trace->count; i++) {
        span_id parent = trace->spans[i].parent;
        bool is_top = parent == 0 || trace_find(trace, parent, 0) == UINT32_MAX;
        if (is_top && (top == UINT32_MAX || trace_span_compare(trace, i, top) < 0)) {
            top = i;
        }
    }
    kinds->top = top != UINT32_MAX ? kinds->of_span[top] : UINT32_MAX;
}

int kinds_make(struct kinds *ret, const struct trace *trace, uint32_t max_steps,
               struct arena *arena)
{
    *ret = (struct kinds){.steps = arena_calloc(arena, max_steps + 1, sizeof *ret->steps)};
    int bad = ret->steps == NULL || group(ret, trace, arena) != 0;
    for (uint32_t i = 0; !bad && i < trace->count; i++) {
        if (trace_span_kind(&trace->spans[i]) == KIND_CONSUMER) {
            bad = note_consumer(ret, trace, i, max_steps);
        }
    }
    if (!bad) {
        find_top(ret, trace);
    }
    return bad;
}
