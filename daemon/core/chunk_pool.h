/* Chunks of memory for arenas that come and go by the million: recycled, and given back to the
 * system only when fewer have been needed for a while.
 *
 * A slab holds chunks of one size, a multiple of CHUNK_STEP_BYTES; an empty slab serves any size
 * again. Which chunks of a slab are free stands in its head, so that neither taking nor giving back
 * reads or writes a chunk: memory that nobody has touched for a while stays untouched. Larger
 * chunks than CHUNK_MOST_BYTES come from malloc. Empty slabs are kept, for a page that is touched
 * for the first time costs as much as a span: of those that nobody has needed from one call of
 * settle to the next, the pages of an eighth go back to the system, so that what a peak has left
 * fades; and at once, by give_up, of all but a few and an eighth of those in use. `limit_bytes`
 * bounds the slabs (0: no limit); at the limit a chunk of a greater size serves where one is free.
 * Thread rule: confined to its owner, with the arenas that take from it. */
#ifndef ASSERTD_CORE_CHUNK_POOL_H
#define ASSERTD_CORE_CHUNK_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/list.h"

#define CHUNK_STEP_BYTES 64u
#define CHUNK_MOST_BYTES (16u * 1024u)
#define CHUNK_SIZES      (CHUNK_MOST_BYTES / CHUNK_STEP_BYTES)
#define CHUNK_SLAB_BYTES (256u * 1024u)
/* Slabs that one call of settle gives back at most: a millisecond's work. */
#define CHUNK_SETTLED_MOST 64u

struct chunk_slab;
struct chunk_region;

struct chunk_pool {
    struct list open[CHUNK_SIZES]; /* by size: slabs with a free chunk */
    struct chunk_region *regions;  /* what slabs are cut from, the latest first */
    struct list empty;             /* regions with slabs that serve no size */
    struct list returned;          /* regions with slabs without pages */
    uint32_t cut;                  /* slabs that were cut from the latest region */
    uint32_t slab_count, empty_count, returned_count; /* in use; kept empty; without pages */
    size_t used_bytes;                                /* of chunks taken, large ones included */
    size_t large_bytes;                               /* of these, of large ones */
    size_t limit_bytes;
    uint32_t empty_least; /* slabs that are kept empty in any case */
    uint32_t unneeded;    /* slabs that were empty all the time since settle looked last */
    uint32_t due;         /* others that settle is going to give back */
};

/* An empty pool; memory is taken with the first chunk. deinit frees all slabs: no arena may use the
 * pool any more. */
void chunk_pool_init(struct chunk_pool *pool, size_t limit_bytes);
void chunk_pool_deinit(struct chunk_pool *pool);

/* A chunk of at least `*bytes`, aligned to 16, not zeroed; `*bytes` tells then how large it is.
 * NULL: no memory, or the limit. */
void *chunk_pool_take(struct chunk_pool *pool, size_t *bytes);

/* Bytes that the pool holds of the system: slabs, used or empty, and large chunks. */
size_t chunk_pool_held(const struct chunk_pool *pool);

/* What a chunk of at least `bytes` takes. */
static inline size_t chunk_pool_round(size_t bytes)
{
    return bytes > CHUNK_MOST_BYTES
               ? bytes
               : (bytes + CHUNK_STEP_BYTES - 1) / CHUNK_STEP_BYTES * CHUNK_STEP_BYTES;
}

/* Gives back a chunk of exactly the size that take told. The chunk itself is not touched. */
void chunk_pool_give(struct chunk_pool *pool, void *chunk, size_t bytes);

/* Gives back an eighth, and a few, of the slabs that were empty all the time since it looked last,
 * CHUNK_SETTLED_MOST in a call. True: more are due, call it again soon. Else call it every second
 * while the pool is not settled: while it keeps more empty slabs than it does in any case. */
bool chunk_pool_settle(struct chunk_pool *pool);
bool chunk_pool_is_settled(const struct chunk_pool *pool);

/* Memory is short: gives up to so many bytes of empty slabs back. */
void chunk_pool_give_up(struct chunk_pool *pool, size_t bytes);

#endif
