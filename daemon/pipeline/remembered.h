/* The IDs of traces that are final: a later span is late and opens no second trace (DESIGN 4.2).
 *
 * An ID is known by its keyed hash of 64 bits: a stranger can't aim at it, and chance takes a trace
 * for one of a million others once in 10^13. A ring by age in blocks, with an id_index beside it;
 * both grow with what they hold, up to a limit, from which on the oldest is evicted for space, and
 * counted. A block whose IDs have expired goes back. Times are kept to REMEMBERED_TICK_NS. Thread
 * rule: confined to its shard. */
#ifndef ASSERTD_PIPELINE_REMEMBERED_H
#define ASSERTD_PIPELINE_REMEMBERED_H

#include <stdbool.h>

#include "daemon/pipeline/id_index.h"

/* An ID is remembered up to one tick longer than was asked. */
#define REMEMBERED_TICK_NS (UINT64_C(1) << 24)

/* What one ID takes at most, its share of the index included. */
#define REMEMBERED_BYTES_EACH 40u

enum remembered_flag {
    REMEMBERED_INJECTED = 1, /* it had an injection */
    REMEMBERED_LATE = 2,     /* its injection was counted as late */
    REMEMBERED_OUTSIDE = 4,  /* it was none of the campaign's */
    REMEMBERED_GONE = 8,     /* forgotten before its time */
};

struct remembered {
    uint64_t hash;     /* of the ID */
    uint32_t expiry;   /* in ticks, modulo 2^32 */
    uint16_t campaign; /* low bits of its number */
    uint16_t flags;    /* enum remembered_flag */
};

struct remembered_table {
    struct id_index index;
    struct remembered **blocks; /* a ring */
    struct remembered *spare;   /* a block, or NULL */
    uint32_t room;              /* IDs at most */
    uint32_t block_items, block_room, block_count;
    uint64_t first, next; /* numbers of the oldest and of the one to come */
    uint64_t evicted;
};

/* A table within `bytes`; takes its memory as IDs come. */
void remembered_init(struct remembered_table *table, uint64_t bytes);
void remembered_deinit(struct remembered_table *table);

/* What is known of an ID that has not expired; NULL: nothing. Valid until the next call that
 * changes the table. */
struct remembered *remembered_find(const struct remembered_table *table, uint64_t hash,
                                   uint64_t now_ns);

/* Remembers an ID in place of what was known of it; expiries must not fall. Without room or memory
 * it is counted as evicted. */
void remembered_add(struct remembered_table *table, const struct remembered *item,
                    uint64_t expiry_ns);

/* Forgets one (from find), and up to `max` expired ones. */
void remembered_drop(struct remembered_table *table, struct remembered *item);
void remembered_expire(struct remembered_table *table, uint64_t now_ns, uint32_t max);

/* IDs, those forgotten before their time included; bytes in use. */
uint32_t remembered_count(const struct remembered_table *table);
size_t remembered_held(const struct remembered_table *table);

#endif
