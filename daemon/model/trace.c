#include "daemon/model/trace.h"

#include <string.h>

#include "daemon/core/chunk_pool.h"
#include "daemon/model/fingerprint.h"
#include "daemon/model/kept_span.h"
#include "daemon/model/trace_sources.h"

/* Chunks hold the spans that are known to come and grow with the trace, by an eighth: what stays
 * empty at their ends is multiplied by all open traces. */
#define ARENA_FIRST_BYTES 1u
#define ARENA_GROWTH      8
#define CHUNK_BYTES_MAX   (CHUNK_MOST_BYTES - 64u)
/* What a span may take besides its bytes: a place for its source. */
#define BESIDE_BYTES 48u
/* What a batch may take besides its spans: alignment, a note. */
#define BATCH_BYTES      48u
#define SPANS_FIRST_ROOM 4u
/* Records that are made for spans before they have come. */
#define EXPECTED_MAX 1024u
/* Up to here a walk over the records is cheaper than a table. */
#define WALKED_MAX 16u

void trace_init(struct trace *trace, const struct trace_id *id, size_t limit_bytes)
{
    *trace = (struct trace){.id = *id, .arena = ARENA_INIT(ARENA_FIRST_BYTES, limit_bytes)};
}

struct trace_more *trace_more(struct trace *trace)
{
    if (trace->more == NULL) {
        trace->more = arena_calloc(&trace->arena, 1, sizeof *trace->more);
    }
    return trace->more;
}

static uint32_t *by_id(const struct trace *trace)
{
    return trace->more != NULL ? trace->more->by_id : NULL;
}

/* A mixer, not a secret: the table's address as a seed only keeps IDs, which come from strangers,
 * from being chosen in advance to fall on one another. */
static uint32_t slot_of(const struct trace *trace, span_id id)
{
    uint64_t seed = (uint64_t)(uintptr_t)trace->more->by_id * UINT64_C(0xff51afd7ed558ccd);
    uint64_t hash = (id ^ seed) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ (hash >> 32)) + seed;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(hash >> 32) & (trace->more->by_id_room - 1);
}

static void table_put(struct trace *trace, uint32_t index)
{
    uint32_t slot = slot_of(trace, trace->spans[index].id);
    while (trace->more->by_id[slot] != 0) {
        slot = (slot + 1) & (trace->more->by_id_room - 1);
    }
    trace->more->by_id[slot] = index + 1;
}

/* A table at most half full for `count` spans. Spans go in by index, so that namesakes are met in
 * that order. */
static bool table_make(struct trace *trace, uint32_t count)
{
    uint32_t room = 4 * WALKED_MAX;
    while (room / 2 < count) {
        room *= 2;
    }
    if (trace->more != NULL && room <= trace->more->by_id_room) {
        return true;
    }
    struct trace_more *more = trace_more(trace);
    uint32_t *table = more != NULL ? arena_calloc(&trace->arena, room, sizeof *table) : NULL;
    if (table == NULL) {
        return false;
    }
    more->by_id = table;
    more->by_id_room = room;
    for (uint32_t i = 0; i < trace->count; i++) {
        table_put(trace, i);
    }
    return true;
}

uint32_t trace_find(const struct trace *trace, span_id id, uint32_t from)
{
    if (by_id(trace) == NULL) {
        for (uint32_t i = from; i < trace->count; i++) {
            if (trace->spans[i].id == id) {
                return i;
            }
        }
        return UINT32_MAX;
    }
    uint32_t slot = slot_of(trace, id);
    while (trace->more->by_id[slot] != 0) {
        uint32_t index = trace->more->by_id[slot] - 1;
        if (index >= from && trace->spans[index].id == id) {
            return index;
        }
        slot = (slot + 1) & (trace->more->by_id_room - 1);
    }
    return UINT32_MAX;
}

void trace_deinit(struct trace *trace)
{
    struct trace_id id = trace->id;
    if (trace->names != 0) {
        name_pool_leave(&trace->pool->names, trace->names);
    }
    trace_sources_give(trace);
    struct shared_pool *pool = trace->pool;
    bool pooled = trace->arena.pooled;
    struct chunk_pool *chunks = pooled ? trace->arena.pool : NULL;
    size_t limit = trace->arena.limit_bytes;
    arena_deinit(&trace->arena);
    trace_init(trace, &id, limit);
    trace->arena.pool = chunks;
    trace->arena.pooled = pooled;
    trace->pool = pool;
}

/* TRACE_SPAN_UNSAMPLED where the flags are known and say it. */
static uint64_t says_unsampled(uint32_t flags)
{
    return (flags & 0xff) != 0 && (flags & 1) == 0 ? TRACE_SPAN_UNSAMPLED : 0;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static bool has_dropped(const struct span *span)
{
    return (span->dropped_attrs | span->dropped_events | span->dropped_links) != 0;
}

/* What is rare of a span that is being stored or is stored; NULL: no memory. */
static struct trace_span_rare *rare_of(struct trace *trace, uint32_t index)
{
    struct trace_more *more = trace_more(trace);
    if (more != NULL && more->rare == NULL) {
        more->rare = arena_calloc(&trace->arena, trace->room, sizeof *more->rare);
    }
    return more != NULL && more->rare != NULL ? &more->rare[index] : NULL;
}

/* Without memory the span goes for one that dropped nothing: the trace is short of evidence then.
 */
static void merge_dropped(struct trace *trace, uint32_t index, const struct span *span)
{
    struct trace_span_rare *rare = has_dropped(span) ? rare_of(trace, index) : NULL;
    if (rare != NULL) {
        rare->dropped_attrs = max_u32(rare->dropped_attrs, span->dropped_attrs);
        rare->dropped_events = max_u32(rare->dropped_events, span->dropped_events);
        rare->dropped_links = max_u32(rare->dropped_links, span->dropped_links);
    } else if (has_dropped(span)) {
        trace->rejected++;
    }
}

/* Whether a copy says of something for the first time that it was dropped: how much does not
 * matter. */
static bool reveals(const struct trace *trace, uint32_t index, const struct span *copy)
{
    static const struct trace_span_rare nothing;
    const struct trace_span_rare *rare =
        trace_rare(trace) != NULL ? &trace_rare(trace)[index] : &nothing;
    return (rare->dropped_attrs == 0 && copy->dropped_attrs != 0) ||
           (rare->dropped_events == 0 && copy->dropped_events != 0) ||
           (rare->dropped_links == 0 && copy->dropped_links != 0);
}

static void merge_evidence(struct trace *trace, uint32_t index, const struct span *copy)
{
    struct trace_span *kept = &trace->spans[index];
    bool first = reveals(trace, index, copy);
    kept->name_traits |= says_unsampled(copy->flags);
    merge_dropped(trace, index, copy);
    trace->revealed |= first && trace_rare(trace) != NULL;
}

/* Whether a stored span and a new one with the same bytes also have the same bytes around them. */
static bool same_bytes(const struct trace *trace, const struct trace_span *kept,
                       const struct span *span)
{
    return trace->keep == NULL && bytes_equal(trace_span_raw(kept), span->raw) &&
           bytes_equal(trace_span_resource(trace, kept)->raw, span->resource->raw) &&
           bytes_equal(trace_span_scope(trace, kept)->raw, span->scope->raw);
}

/* The fingerprint of a stored span, kept for its next namesake. */
static bool kept_content(struct trace *trace, uint32_t index, struct arena *scratch, uint64_t *ret)
{
    struct span span;
    if (trace->keep != NULL) {
        *ret = kept_span_fingerprint(trace_span_start(&trace->spans[index]));
        return true;
    }
    struct trace_span_rare *rare = rare_of(trace, index);
    if (rare == NULL) {
        return false;
    }
    if (rare->content == 0 &&
        (trace_span_decode(trace, index, scratch, &span) != 0 ||
         !fingerprint_of_span(&span, span.resource, span.scope, scratch, &rare->content))) {
        return false;
    }
    *ret = rare->content;
    return true;
}

/* Whether a stored span and a new one of the same ID are equal: 1 yes, 0 no, < 0 no memory.
 * Exporters repeat a span with the same bytes, so content is the slow answer; `content` is the new
 * span's, 0 until it is needed. */
static int same_content(struct trace *trace, uint32_t index, const struct span *span,
                        uint64_t *content)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    uint64_t kept;
    bool made = (*content != 0 ||
                 fingerprint_of_span(span, span->resource, span->scope, &scratch, content)) &&
                kept_content(trace, index, &scratch, &kept);
    arena_deinit(&scratch);
    return !made ? -1 : kept == *content;
}

/* Looks for an equal copy among the namesakes. 0: none, with their number and the fingerprint, if
 * it was needed; else the outcome of trace_add. */
static int look_for_copy(struct trace *trace, const struct span *span, uint32_t *ret_namesakes,
                         uint64_t *ret_content, uint32_t *ret_index)
{
    uint32_t namesakes = 0;
    uint64_t content = 0;
    for (uint32_t i = trace_find(trace, span->id, 0); i != UINT32_MAX;
         i = trace_find(trace, span->id, i + 1)) {
        int same =
            same_bytes(trace, &trace->spans[i], span) ? 1 : same_content(trace, i, span, &content);
        if (same < 0) {
            return TRACE_NO_MEMORY;
        }
        if (same > 0) {
            merge_evidence(trace, i, span);
            trace->duplicates++;
            *ret_index = i;
            return TRACE_DUPLICATE;
        }
        namesakes++;
    }
    *ret_namesakes = namesakes;
    *ret_content = content;
    return 0;
}

void trace_expect(struct trace *trace, uint32_t count, size_t raw_bytes, size_t beside_bytes)
{
    bool looked_up = trace->count + count > WALKED_MAX;
    size_t table = looked_up ? count * 4 * sizeof *trace->more->by_id : 0;
    trace->coming = count;
    size_t bytes = raw_bytes + count * TRACE_SPAN_LEN_BYTES + beside_bytes + table + BATCH_BYTES;
    trace->coming_bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

/* Records for the spans that are known to come, and for half as many again as there are. */
static uint32_t room_for(const struct trace *trace, uint32_t needed)
{
    uint32_t grown = trace->room + trace->room / 2;
    uint32_t expected = trace->count + trace->coming;
    uint32_t room = needed > SPANS_FIRST_ROOM ? needed : SPANS_FIRST_ROOM;
    room = expected > room && expected <= needed + EXPECTED_MAX ? expected : room;
    return grown > room ? grown : room;
}

/* The next chunk holds what is known to come, as far as it is small. */
static void choose_chunk_size(struct trace *trace, size_t span_bytes)
{
    size_t grown = arena_held(&trace->arena) / ARENA_GROWTH;
    size_t needed = span_bytes + BESIDE_BYTES;
    size_t wanted = trace->coming_bytes > needed ? trace->coming_bytes : needed;
    if (trace->count == trace->room) {
        wanted += room_for(trace, trace->count + 1) * sizeof *trace->spans;
    }
    wanted = grown > wanted ? grown : wanted;
    trace->arena.chunk_bytes = wanted < CHUNK_BYTES_MAX ? (uint32_t)wanted : CHUNK_BYTES_MAX;
}

/* What others take of the arena must not be followed by a large empty end. */
static void choose_small_chunks(struct trace *trace)
{
    size_t grown = arena_held(&trace->arena) / ARENA_GROWTH;
    trace->arena.chunk_bytes = grown < CHUNK_BYTES_MAX ? (uint32_t)grown : CHUNK_BYTES_MAX;
}

static bool grow_records(struct trace *trace, uint32_t room)
{
    struct trace_span *spans = arena_alloc(&trace->arena, (size_t)room * sizeof *spans);
    const struct trace_span_rare *before = trace_rare(trace);
    struct trace_span_rare *rare =
        before != NULL ? arena_calloc(&trace->arena, room, sizeof *rare) : NULL;
    if (spans == NULL || (rare == NULL && before != NULL)) {
        return false;
    }
    if (trace->count != 0) {
        memcpy(spans, trace->spans, trace->count * sizeof *spans);
    }
    if (before != NULL) {
        memcpy(rare, before, trace->count * sizeof *rare);
        trace->more->rare = rare;
    }
    trace->spans = spans;
    trace->room = room;
    return true;
}

static bool make_room(struct trace *trace)
{
    uint32_t needed = trace->count + 1;
    if (needed > WALKED_MAX && !table_make(trace, needed)) {
        return false;
    }
    if (needed <= trace->room) {
        return true;
    }
    return grow_records(trace, room_for(trace, needed));
}

/* Writes the fingerprint (`content`, if it is known), now that the shared resource and scope are
 * there, which know their own. False: no memory. */
static bool seal(struct kept_span *kept, struct trace *trace, const struct span *span,
                 uint32_t source, uint64_t content)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    source = trace_sources_at(trace, source);
    bool made = content != 0 ||
                (shared_pool_list(trace->pool, source) &&
                 fingerprint_of_span(span, shared_pool_resource(trace->pool, source),
                                     shared_pool_scope(trace->pool, source), &scratch, &content));
    arena_deinit(&scratch);
    kept_span_seal(kept, content);
    return made;
}

/* The bytes of a span in the arena: its own, or those kept of it. NULL: no memory. */
static const uint8_t *copy_bytes(struct trace *trace, const struct span *span,
                                 struct kept_span *kept, uint32_t source, uint64_t content)
{
    if (source == UINT32_MAX ||
        (trace->keep != NULL && !seal(kept, trace, span, source, content))) {
        return NULL;
    }
    return trace_span_store(&trace->arena, trace->keep != NULL ? kept->bytes : span->raw);
}

static uint32_t name_offset_of(const struct trace *trace, const struct span *span)
{
    if (trace->keep != NULL) {
        return KEPT_SPAN_NAME_OFFSET;
    }
    size_t offset = span->name.len != 0 ? (size_t)(span->name.data - span->raw.data) : 0;
    return offset < UINT32_MAX ? (uint32_t)offset : UINT32_MAX;
}

/* A name of the trace's own, for one that stands too far behind in its bytes: NULL: no memory. */
static const struct name *copy_name(struct trace *trace, struct bytes name)
{
    struct name *copy = arena_alloc(&trace->arena, sizeof *copy + name.len);
    if (copy != NULL) {
        *copy = (struct name){.len = (uint32_t)name.len};
        memcpy(copy->text, name.data, name.len);
    }
    return copy;
}

/* The name as traces share it, where not all of the span is kept; NULL: it stands in the bytes. */
static const struct name *share_name(struct trace *trace, struct bytes name)
{
    struct shared_pool *pool = trace->pool;
    if (trace->keep == NULL || pool == NULL) {
        return NULL;
    }
    if (trace->names == 0) {
        trace->names = name_pool_enter(&pool->names);
    }
    return name_pool_share(&pool->names, trace->names, name, shared_pool_left(pool));
}

/* Writes the next record. False: no memory. */
static bool add_record(struct trace *trace, const struct span *span, const uint8_t *start,
                       uint32_t source, const struct name *name)
{
    struct trace_span *record = &trace->spans[trace->count];
    uint32_t offset = name_offset_of(trace, span);
    if (name == NULL && offset > TRACE_SPAN_OFFSET_MAX &&
        (name = copy_name(trace, span->name)) == NULL) {
        return false;
    }
    trace_span_set(record, span, start, source);
    record->name_traits |= says_unsampled(span->flags);
    if (name != NULL) {
        trace_span_share_name(record, name);
    } else {
        trace_span_set_name(record, offset, (uint32_t)span->name.len);
    }
    return true;
}

/* What of `coming_bytes` stood for a span that was not stored, as far as that is known. */
static size_t coming_of(const struct trace *trace, const struct span *span)
{
    return trace->keep == NULL ? span->raw.len : 0;
}

/* What is expected shrinks as it comes, stored or not. */
static void note_come(struct trace *trace, size_t raw_bytes)
{
    trace->coming -= trace->coming != 0;
    trace->coming_bytes -=
        raw_bytes < trace->coming_bytes ? (uint32_t)raw_bytes : trace->coming_bytes;
}

/* Stores a span of which no copy is there; `content` is 0, or its fingerprint. 0;
 * TRACE_NO_MEMORY. */
static int store(struct trace *trace, const struct span *span, uint64_t content)
{
    struct kept_span kept; /* its large array stays as it is */
    kept.bytes = span->raw;
    kept.many = NULL;
    const struct name *name = share_name(trace, span->name);
    if (trace->keep != NULL &&
        !kept_span_init(&kept, span, name != NULL ? BYTES_NULL : span->name, trace->keep)) {
        return TRACE_NO_MEMORY;
    }
    choose_chunk_size(trace, kept.bytes.len);
    bool room = make_room(trace);
    uint32_t source = room ? trace_sources_keep(trace, span->resource, span->scope) : UINT32_MAX;
    const uint8_t *start = copy_bytes(trace, span, &kept, source, content);
    size_t stored_bytes = kept.bytes.len;
    kept_span_deinit(&kept);
    choose_small_chunks(trace);
    if (start == NULL || !add_record(trace, span, start, source, name)) {
        return TRACE_NO_MEMORY;
    }
    if (trace_rare(trace) != NULL) {
        trace_rare(trace)[trace->count] = (struct trace_span_rare){.content = 0};
    }
    merge_dropped(trace, trace->count++, span);
    if (by_id(trace) != NULL) {
        table_put(trace, trace->count - 1);
    }
    note_come(trace, stored_bytes);
    return 0;
}

/* What is kept is chosen, and sealed, by all attributes of a span. */
static int add_whole(struct trace *trace, const struct span *span, uint32_t max_spans,
                     uint32_t *ret_index)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct span whole;
    int outcome = span_decode_whole(span, &arena, &whole) == 0
                      ? trace_add(trace, &whole, max_spans, ret_index)
                      : TRACE_NO_MEMORY;
    arena_deinit(&arena);
    return outcome;
}

int trace_add(struct trace *trace, const struct span *span, uint32_t max_spans, uint32_t *ret_index)
{
    if (trace->keep != NULL && span->unlisted != 0) {
        return add_whole(trace, span, max_spans, ret_index);
    }
    uint32_t namesakes = 0;
    uint64_t content;
    int outcome = look_for_copy(trace, span, &namesakes, &content, ret_index);
    if (outcome == 0 && (trace->count >= max_spans || namesakes >= TRACE_NAMESAKES_MAX)) {
        trace->cut++;
        outcome = TRACE_CUT;
    }
    outcome = outcome != 0 ? outcome : store(trace, span, content);
    if (outcome != 0) {
        note_come(trace, coming_of(trace, span));
        return outcome;
    }
    uint32_t index = trace->count - 1;
    if (namesakes > 0) {
        trace->spans[trace_find(trace, span->id, 0)].name_traits |= TRACE_SPAN_CONFLICTING;
        trace->spans[index].name_traits |= TRACE_SPAN_CONFLICTING;
        trace->conflicting++;
    }
    *ret_index = index;
    return 0;
}
