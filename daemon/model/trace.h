/* The spans of one trace as a shard keeps them: raw bytes, or those of their parts that are read
 * (`keep`), and a compact record each, duplicates removed.
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
#include "daemon/model/keep.h"
#include "daemon/model/shared_pool.h"
#include "daemon/model/span.h"
#include "daemon/model/trace_span.h"

struct injection;

/* What few spans have. */
struct trace_span_rare {
    uint64_t content;       /* its fingerprint, made when a namesake comes; 0: not yet */
    uint32_t dropped_attrs; /* greatest over the copies */
    uint32_t dropped_events;
    uint32_t dropped_links;
};

/* What few traces have, in their arena. */
struct trace_more {
    struct trace_span_rare *rare; /* of each span, or NULL: no span has any; with `spans` */
    uint32_t *by_id;              /* open addressing, span index + 1; NULL while it is small */
    uint32_t by_id_room;
    uint32_t source_room; /* of `sources` */
    uint32_t *sources;    /* those behind the trace's own */
};

/* Sources that stand in the trace itself. */
#define TRACE_OWN_SOURCES 6

struct trace {
    struct trace_id id;
    struct arena arena;
    struct trace_span *spans; /* order of arrival; may move when a span is added */
    uint32_t count;
    uint32_t room;
    struct trace_more *more;  /* or NULL */
    uint32_t coming;          /* spans that trace_expect has told of and that have not come yet */
    uint32_t coming_bytes;    /* what they will take, records not counted */
    struct shared_pool *pool; /* borrowed, outlives the trace. Set it before the first span, or it
                               * makes one of its own. */
    const struct keep *keep;  /* borrowed: what is kept of each span; NULL: all. Set before the
                               * first one, or by trace_change_keep. */
    bool owns_pool;
    uint8_t names; /* the generation of the pool's names that it uses; 0: none */
    bool revealed; /* a copy was the first to say that something of its span was dropped; cleared by
                    * who reads the spans anew */
    uint16_t source_count;
    uint32_t own_sources[TRACE_OWN_SOURCES]; /* of the pool; each counts the trace as one user */
    uint32_t duplicates;                     /* copies dropped */
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

/* Another keep (NULL: all). Whole spans that are there stay, and further ones are kept whole. Of
 * spans kept by another keep nothing but records and names is left, nor is anything else kept of
 * further ones: the trace counts as one that has lost spans. */
void trace_change_keep(struct trace *trace, const struct keep *keep);

/* Tells that `count` spans with `raw_bytes` together (as they will be stored) are about to be
 * added, and that others (the judge) will take `beside_bytes` of the arena: one piece of memory is
 * then taken for all. A hint: fewer or larger ones may come. */
void trace_expect(struct trace *trace, uint32_t count, size_t raw_bytes, size_t beside_bytes);

/* Greatest number of spans of one ID that are kept; further ones are cut. Each new one is compared
 * with all of them. */
#define TRACE_NAMESAKES_MAX 64

/* Stores a span (copied). 0 with its index: stored, it and its namesakes conflicting where the
 * ID was there with other content; else enum trace_outcome. `max_spans` is the cap. */
int trace_add(struct trace *trace, const struct span *span, uint32_t max_spans,
              uint32_t *ret_index);

/* Decodes span `index` again into its wide form, resource and scope with all their attributes
 * (evidence merged: dropped counts of every copy);
 * with a keep what was not kept is not there: keys, parts of events and links, status message,
 * trace state, numbers of events and links. Never fails but by `arena`: 0 good; SPAN_NO_MEMORY. */
int trace_span_decode(const struct trace *trace, uint32_t index, struct arena *arena,
                      struct span *ret);

/* What is rare of each span; NULL: no span has any. */
static inline struct trace_span_rare *trace_rare(const struct trace *trace)
{
    return trace->more != NULL ? trace->more->rare : NULL;
}

/* Room for what few traces have; NULL: no memory. */
struct trace_more *trace_more(struct trace *trace);

/* Resource and scope of a stored span: equal ones have the same address. */
static inline uint32_t trace_source(const struct trace *trace, const struct trace_span *span)
{
    uint32_t place = trace_span_source(span);
    return place < TRACE_OWN_SOURCES ? trace->own_sources[place]
                                     : trace->more->sources[place - TRACE_OWN_SOURCES];
}
static inline const struct resource *trace_span_resource(const struct trace *trace,
                                                         const struct trace_span *span)
{
    return shared_pool_resource(trace->pool, trace_source(trace, span));
}
static inline const struct scope *trace_span_scope(const struct trace *trace,
                                                   const struct trace_span *span)
{
    return shared_pool_scope(trace->pool, trace_source(trace, span));
}

/* Lists the attributes of these, which are not there before (shared_pool.h). False: no memory. */
static inline bool trace_list_source(const struct trace *trace, const struct trace_span *span)
{
    return shared_pool_list(trace->pool, trace_source(trace, span));
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
