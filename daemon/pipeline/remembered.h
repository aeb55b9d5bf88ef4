/* The IDs of traces that are final: a later span is late and opens no second trace (DESIGN 4.2).
 *
 * A ring by age in one block of fixed size, with an index beside it; the oldest is evicted for
 * space, and that is counted. Thread rule: confined to its shard. */
#ifndef ASSERTD_PIPELINE_REMEMBERED_H
#define ASSERTD_PIPELINE_REMEMBERED_H

#include <stdbool.h>

#include "daemon/core/hash.h"
#include "daemon/model/id.h"

enum remembered_flag {
    REMEMBERED_INJECTED = 1, /* it had an injection */
    REMEMBERED_LATE = 2,     /* its injection was counted as late */
    REMEMBERED_OUTSIDE = 4,  /* it was none of the campaign's */
    REMEMBERED_GONE = 8,     /* forgotten before its time */
};

struct remembered {
    struct trace_id id;
    uint64_t expiry_ns;
    uint32_t campaign; /* low bits of its number */
    uint32_t flags;    /* enum remembered_flag */
};

struct remembered_table {
    struct hash_key key;
    struct remembered *ring;
    uint32_t *slots; /* open addressing: place in the ring + 1 */
    uint32_t room, slot_room;
    uint32_t first, count;
    uint64_t evicted;
};

/* A table within `bytes`; takes its memory at the first ID. */
void remembered_init(struct remembered_table *table, const struct hash_key *key, uint64_t bytes);
void remembered_deinit(struct remembered_table *table);

/* What is known of an ID that has not expired; NULL: nothing. Valid until the next call that
 * changes the table. */
struct remembered *remembered_find(struct remembered_table *table, const struct trace_id *id,
                                   uint64_t now_ns);

/* Remembers an ID in place of what was known of it; expiries must not fall. Without room it is
 * counted as evicted. */
void remembered_add(struct remembered_table *table, const struct remembered *item);

/* Forgets one (from find), and up to `max` expired ones. */
void remembered_drop(struct remembered_table *table, struct remembered *item);
void remembered_expire(struct remembered_table *table, uint64_t now_ns, uint32_t max);

/* Bytes in use. */
size_t remembered_held(const struct remembered_table *table);

#endif
