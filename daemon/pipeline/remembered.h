/* The IDs of traces that are final: a later span is late and opens no second trace (DESIGN 4.2).
 *
 * An ID is known by its keyed hash of 64 bits: the lowest choose a part, the upper 56 are kept. A
 * stranger can't aim at it, and chance takes a trace for one of a million others once in 10^12
 * (where there are sixteen parts or more). Nine bytes each; within a part they stand in the order
 * of their hashes, nine in ten places taken, so that a look for one that is not there reads a line
 * or two. A part grows by an eighth, in place: nothing is held
 * twice. What expires together, of one campaign, is a slice: times are kept to a 32nd of what is
 * asked, and an ID is remembered up to so much longer. Memory grows with what is held, up to a
 * limit, from which on some of the oldest slice are evicted for space, and counted. What has
 * expired is swept out part by part. Thread rule: confined to its shard. */
#ifndef ASSERTD_PIPELINE_REMEMBERED_H
#define ASSERTD_PIPELINE_REMEMBERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/model/verdict.h"

/* What one ID takes, as long as there are some thousands. */
#define REMEMBERED_BYTES_EACH 11u

/* Of how long an ID is remembered, the slice in which it may be forgotten. */
#define REMEMBERED_SLICES 32u

/* What a trace came to. Below these, in a trace without injection: the strongest of its verdicts,
 * an enum result, RESULT_OPEN where no suite selected it. */
enum remembered_as {
    REMEMBERED_OUTSIDE = RESULT_COUNT, /* none of the campaign's */
    REMEMBERED_INJECTED,               /* it had an injection, or one came since */
    REMEMBERED_LATE,                   /* which was counted as late */
    REMEMBERED_STRAY,                  /* none of the campaign's, and its injection came since */
};

/* What is known of an ID. */
struct remembered {
    uint64_t hash;     /* of the ID */
    uint16_t campaign; /* low bits of its number */
    uint16_t as;       /* enum result or remembered_as */
};

struct remembered_slot;
struct remembered_slice;

/* The IDs of some hashes. */
struct remembered_part {
    uint32_t room; /* places that hashes lead to; some more stand behind them */
    uint32_t count;
};

struct remembered_table {
    uint64_t slice_ns;
    struct remembered_slot *slots; /* of all parts, `stride` each; touched as they are needed */
    struct remembered_part *parts;
    struct remembered_slice *slices;
    uint32_t part_count; /* a power of two; 0: there is no room at all */
    uint32_t part_items; /* IDs that a part holds at most */
    uint32_t stride;
    uint32_t slice_count, slice_room;
    uint32_t latest;       /* the slice that was added to */
    uint32_t count, stale; /* IDs; of these expired ones that were not swept yet */
    uint32_t swept;        /* the part that is swept next */
    uint64_t next_ns;      /* when a slice expires, at the earliest; UINT64_MAX: never */
    uint64_t held_slots;
    uint64_t evicted;
};

/* A table within `bytes` of IDs that are to be remembered for `remember_ns`; takes its memory as
 * IDs come. */
void remembered_init(struct remembered_table *table, uint64_t bytes, uint64_t remember_ns);
void remembered_deinit(struct remembered_table *table);

/* Brings into the cache what a look for the hash will read first. */
void remembered_prefetch(const struct remembered_table *table, uint64_t hash);

/* What is known of an ID that has not expired; false: nothing. */
bool remembered_find(const struct remembered_table *table, uint64_t hash, uint64_t now_ns,
                     struct remembered *ret);

/* Remembers an ID in place of what was known of it. Without room or memory it is counted as
 * evicted. */
void remembered_add(struct remembered_table *table, const struct remembered *item,
                    uint64_t expiry_ns);

/* Changes what is known of an ID, or forgets it; nothing happens where it is not known. */
void remembered_set(struct remembered_table *table, uint64_t hash, unsigned as);
void remembered_drop(struct remembered_table *table, uint64_t hash);

/* Forgets what has expired, and sweeps some parts: call it at each tick. */
void remembered_expire(struct remembered_table *table, uint64_t now_ns);

/* When there is something for it to do at the earliest; 0: there are parts to sweep. */
static inline uint64_t remembered_next_ns(const struct remembered_table *table)
{
    return table->stale != 0 ? 0 : table->next_ns;
}

/* IDs that have not expired, as of the last call of expire; bytes in use. */
uint32_t remembered_count(const struct remembered_table *table);
size_t remembered_held(const struct remembered_table *table);

#endif
