/* All spans of one request, decoded once, on their way to the shards.
 *
 * A receiver decodes a body into a span_set: spans, attributes, resources live in the set's arena
 * and point into the set's body. Each destination shard has a batch: a list of the set's spans. A
 * shard that has copied what it keeps releases its batch; the last one frees arena and body, and
 * gives back what they took from the budget (BUDGET_DECODED). No allocation per span: the arena
 * takes whole chunks, the body is one block. Thread rule: built by one receiver thread, immutable
 * after submission; the reference count is atomic. */
#ifndef ASSERTD_MODEL_SPAN_SET_H
#define ASSERTD_MODEL_SPAN_SET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/core/hash.h"
#include "daemon/model/listed_keys.h"
#include "daemon/model/span.h"

#define SHARDS_MAX 64

/* Which shard owns a trace: a keyed hash of its ID. Immutable. */
struct shard_map {
    struct hash_key key;
    uint32_t count; /* 1 .. SHARDS_MAX */
};

/* The shard of a trace. */
uint32_t shard_map_find(const struct shard_map *map, const struct trace_id *id);

/* A span that was rejected although its trace is known: that trace is short of evidence (SEMANTICS
 * 5 b). */
struct rejected_span {
    struct trace_id trace_id;
    struct rejected_span *next;
};

struct span_batch {
    struct span_set *set;
    struct rejected_span *rejected; /* of traces of this shard, in the set's arena */
    struct span *first;             /* linked by span.next, in order of arrival */
    struct span *last;
    uint32_t count;
    size_t raw_bytes; /* sum of the spans' raw lengths: what a shard will keep */
};

struct span_set {
    _Atomic uint32_t refs;
    struct arena arena;        /* dies with the set */
    struct listed_keys listed; /* what the decoder was told to list of attributes */
    uint8_t *body;             /* owned, freed with free(3); may be NULL */
    size_t body_bytes;
    size_t charged_bytes;      /* what stands for the body in the arena's budget */
    uint64_t received_ns;      /* monotonic: when its message was at hand; 0: nobody looked */
    uint32_t span_count;       /* accepted spans over all batches */
    uint32_t rejected;         /* spans rejected for good (partial success) */
    uint32_t rejected_ids;     /* of these: bad trace, span or parent ID */
    uint32_t rejected_counts;  /* of these: over a count limit */
    uint32_t duplicate_keys;   /* attributes or JSON members that were given twice */
    uint32_t bad_texts;        /* spans, resources, scopes with text that is not UTF-8 */
    uint32_t table_references; /* of these: with a string of a table, which traces do not have */
    const char *hint;          /* static English text for partial_success.error_message, or NULL */
    uint32_t batch_count;      /* = shard count */
    struct span_batch batches[SHARDS_MAX];
};

/* A set with one reference, owning `take_body` (malloc'ed; consumed on success and on failure).
 * NULL: no memory. `arena_limit` bounds the decoded form. */
struct span_set *span_set_new(uint8_t *take_body, size_t body_bytes, uint32_t shard_count,
                              size_t arena_limit);

/* The same; the decoded form takes its memory from `budget` (may be NULL). */
struct span_set *span_set_new_counted(uint8_t *take_body, size_t body_bytes, uint32_t shard_count,
                                      size_t arena_limit, struct budget *budget);

/* The set takes over `bytes` that stand for its body in the budget (BUDGET_BODIES until now). */
void span_set_take_charge(struct span_set *set, size_t bytes);

/* Whether the decoded form was cut off by its own limit, not by a lack of memory. */
bool span_set_is_at_limit(const struct span_set *set);

/* Appends a span (in the set's arena) to its shard's batch. */
void span_set_add(struct span_set *set, const struct shard_map *map, struct span *span);

/* Notes that a span of this trace was rejected (counts nothing). Silently does nothing without
 * memory. */
void span_set_reject(struct span_set *set, const struct shard_map *map, const struct trace_id *id);

/* One more / one less user; the last one frees everything. Any thread. NULL is fine for unref. */
void span_set_ref(struct span_set *set);
void span_set_unref(struct span_set *set);

/* Bytes that the set holds (body and arena), for the memory account. */
size_t span_set_held(const struct span_set *set);

#endif
