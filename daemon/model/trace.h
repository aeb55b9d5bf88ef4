/* The spans of one trace as a shard keeps them: raw bytes and a compact record each, duplicates
 * removed.
 *
 * Spans are stored in order of arrival; every answer that could depend on order goes through
 * span_compare. Memory comes from the trace's own arena (limit_bytes is the shard's grant) and ends
 * with the trace. The trace copies what it keeps: batch and body may go afterwards. Thread rule:
 * confined to its shard. */
#ifndef ASSERTD_MODEL_TRACE_H
#define ASSERTD_MODEL_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/model/span.h"

struct injection;
struct shared_pool;

/* A resource or scope of the trace, one for each distinct content: the pool's where there is one,
 * else the trace's own. */
struct trace_resource {
    const struct resource *resource;
    struct trace_resource *next; /* the latest used first */
};
struct trace_scope {
    const struct scope *scope;
    struct trace_scope *next;
};

/* The compact record of a stored span. */
struct trace_span {
    span_id id;
    span_id parent;
    uint64_t start_ns;
    uint64_t end_ns;
    const uint8_t *raw;
    uint32_t raw_len;
    uint32_t name_offset; /* in raw */
    uint32_t name_len;
    uint32_t flags_seen;    /* low eight bits of every copy's flags, ORed */
    uint8_t kind;           /* enum span_kind */
    uint8_t status;         /* enum span_status */
    bool unsampled;         /* a copy said "not sampled" (SEMANTICS 5 c) */
    bool conflicting;       /* another span has the same ID and other content */
    uint32_t dropped_attrs; /* greatest over the copies */
    uint32_t dropped_events;
    uint32_t dropped_links;
    uint64_t content; /* a hash of its content, made when a namesake comes; 0: not yet */
    const struct resource *resource;
    const struct scope *scope;
};

struct trace {
    struct trace_id id;
    struct arena arena;
    struct trace_span *spans; /* order of arrival; may move when a span is added */
    uint32_t count;
    uint32_t room;
    uint32_t *by_id; /* open addressing, span index + 1; NULL while the trace is small */
    uint32_t by_id_room;
    uint64_t by_id_seed; /* span IDs come from strangers */
    uint32_t coming;     /* spans that trace_expect has told of and that have not come yet */
    size_t coming_bytes; /* what they will take, records not counted */
    struct shared_pool
        *pool; /* borrowed, outlives the trace; NULL: keep copies. Set it before the first span. */
    struct trace_resource *resources;
    struct trace_scope *scopes;
    uint32_t duplicates;               /* copies dropped */
    uint32_t conflicting;              /* spans stored whose ID was there with other content */
    uint32_t cut;                      /* spans not kept because of a cap or the memory grant */
    uint32_t rejected;                 /* spans of this trace that were rejected */
    const struct injection *injection; /* borrowed from the shard's registry; NULL: none (yet) */
};

enum trace_outcome {
    TRACE_DUPLICATE = 1, /* equal copy: dropped, evidence merged into span `*ret_index` */
    TRACE_CUT = 2,       /* cap reached: counted, the trace is short of evidence */
    TRACE_NO_MEMORY = 3, /* the arena's limit: not kept, not counted; the caller decides */
};

/* An empty trace; memory is taken only when the first span comes. deinit also gives back what the
 * pool lent. */
void trace_init(struct trace *trace, const struct trace_id *id, size_t limit_bytes);
void trace_deinit(struct trace *trace);

/* Tells that `count` spans with `raw_bytes` together are about to be added, and that others (the
 * judge) will take `beside_bytes` of the arena: one piece of memory is then taken for all. A hint:
 * fewer or larger ones may come. */
void trace_expect(struct trace *trace, uint32_t count, size_t raw_bytes, size_t beside_bytes);

/* Greatest number of spans of one ID that are kept; further ones are cut. Each new one is compared
 * with all of them. */
#define TRACE_NAMESAKES_MAX 64

/* Stores a span (copied). 0 with its index: stored, `conflicting` set on it and its namesakes where
 * the ID was there with other content; else enum trace_outcome. `max_spans` is the cap. */
int trace_add(struct trace *trace, const struct span *span, uint32_t max_spans,
              uint32_t *ret_index);

/* Decodes span `index` again into its wide form (evidence merged: dropped counts of every copy).
 * Never fails but by `arena`: 0 good; SPAN_NO_MEMORY. */
int trace_span_decode(const struct trace *trace, uint32_t index, struct arena *arena,
                      struct span *ret);

/* Name of a stored span. */
static inline struct bytes trace_span_name(const struct trace_span *span)
{
    return bytes_from(span->raw + span->name_offset, span->name_len);
}

/* The first stored span with this ID at or after `from` (index), or UINT32_MAX: walk all namesakes
 * with from = found + 1. */
uint32_t trace_find(const struct trace *trace, span_id id, uint32_t from);

/* The order of SEMANTICS 1 between two stored spans: < 0, 0 (same index), > 0. */
int trace_span_compare(const struct trace *trace, uint32_t a, uint32_t b);

/* Why the trace is short of evidence (SEMANTICS 5), a bit set; 0: it is whole. `lenient` leaves (a)
 * out. */
enum short_reason {
    SHORT_PARENTS = 1,   /* (a) parents missing beyond the normal */
    SHORT_LOST = 2,      /* (b) rejected, cut, lost */
    SHORT_UNSAMPLED = 4, /* (c) */
};
/* `ret_missing_parents` counts the spans whose parent is not there (the injection's own span is).
 */
unsigned trace_short(const struct trace *trace, bool lenient, uint32_t *ret_missing_parents);

/* Writes the whole trace as one OTLP/JSON TracesData document, spans in the order of SEMANTICS 1.
 */
void trace_write_otlp_json(struct json *json, const struct trace *trace, struct arena *scratch);

#endif
