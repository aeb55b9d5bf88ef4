/* A slab is aligned to its size, so that a chunk's address tells its slab. */
#include "daemon/core/chunk_pool.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "daemon/core/memory.h"
#include "daemon/core/poison.h"

/* Slabs are cut from regions that malloc maps as a whole: pages become resident when a slab is
 * used. One slab's worth is lost to alignment, as address space only. */
#define REGION_SLABS 16u
#define REGION_BYTES ((size_t)(REGION_SLABS + 1) * CHUNK_SLAB_BYTES)
#define CHUNK_ALIGN  64u
/* Empty slabs that are kept in any case; a small limit has one of so many for them. */
#define EMPTY_LEAST 4u
#define EMPTY_SHARE 64u
/* Where memory is short, one for so many that are in use. */
#define EMPTY_IN_USE 8u

struct chunk_region {
    struct chunk_region *next;
    char *slabs;       /* the first one */
    uint32_t returned; /* a bit for each slab without pages */
};

struct chunk_slab {
    struct list link;        /* of the open ones of its size */
    struct chunk_slab *next; /* of the empty ones */
    char *chunks;
    uint32_t chunk_bytes;
    uint32_t room;
    uint32_t free_count;
    uint16_t free[]; /* numbers of chunks, the latest given back last */
};

void chunk_pool_init(struct chunk_pool *pool, size_t limit_bytes)
{
    size_t share = limit_bytes / CHUNK_SLAB_BYTES / EMPTY_SHARE;
    bool small = limit_bytes != 0 && share < EMPTY_LEAST;
    *pool = (struct chunk_pool){.limit_bytes = limit_bytes,
                                .empty_least = small ? (uint32_t)share : EMPTY_LEAST,
                                .cut = REGION_SLABS};
    for (uint32_t i = 0; i < CHUNK_SIZES; i++) {
        list_init(&pool->open[i]);
    }
}

void chunk_pool_deinit(struct chunk_pool *pool)
{
    while (pool->regions != NULL) {
        struct chunk_region *next = pool->regions->next;
        unpoison(pool->regions, REGION_BYTES);
        free(pool->regions);
        pool->regions = next;
    }
    chunk_pool_init(pool, pool->limit_bytes);
}

static bool cut_region(struct chunk_pool *pool)
{
    struct chunk_region *region = memory_alloc(REGION_BYTES);
    if (region == NULL) {
        return false;
    }
    uintptr_t first = (uintptr_t)(region + 1) + CHUNK_SLAB_BYTES - 1;
    *region = (struct chunk_region){.next = pool->regions,
                                    .slabs = (char *)(first & ~(uintptr_t)(CHUNK_SLAB_BYTES - 1))};
    pool->regions = region;
    pool->cut = 0;
    return true;
}

static struct chunk_slab *slab_at(const struct chunk_region *region, uint32_t index)
{
    return (struct chunk_slab *)(region->slabs + (size_t)index * CHUNK_SLAB_BYTES);
}

/* A slab whose pages had gone back: they are mapped anew as they are touched. */
static struct chunk_slab *take_returned(struct chunk_pool *pool)
{
    struct chunk_region *region = pool->regions;
    while (region->returned == 0) {
        region = region->next;
    }
    uint32_t index = (uint32_t)__builtin_ctz(region->returned);
    region->returned &= region->returned - 1;
    pool->returned_count--;
    return slab_at(region, index);
}

/* A slab that serves no size yet; NULL: no memory, or the limit. */
static struct chunk_slab *take_slab(struct chunk_pool *pool)
{
    struct chunk_slab *slab = pool->empty;
    if (slab != NULL) {
        pool->empty = slab->next;
        pool->empty_count--;
        pool->unneeded = pool->unneeded < pool->empty_count ? pool->unneeded : pool->empty_count;
        return slab;
    }
    if (pool->limit_bytes != 0 && chunk_pool_held(pool) + CHUNK_SLAB_BYTES > pool->limit_bytes) {
        return NULL;
    }
    if (pool->returned_count != 0) {
        return take_returned(pool);
    }
    return pool->cut < REGION_SLABS || cut_region(pool) ? slab_at(pool->regions, pool->cut++)
                                                        : NULL;
}

/* Gives the pages of an empty slab back. Its region is looked for: that is rare, after a peak. */
static void return_empty(struct chunk_pool *pool)
{
    struct chunk_slab *slab = pool->empty;
    struct chunk_region *region = pool->regions;
    while ((uintptr_t)slab - (uintptr_t)region->slabs >= (size_t)REGION_SLABS * CHUNK_SLAB_BYTES) {
        region = region->next;
    }
    pool->empty = slab->next;
    pool->empty_count--;
    region->returned |= UINT32_C(1) << ((size_t)((char *)slab - region->slabs) / CHUNK_SLAB_BYTES);
    pool->returned_count++;
    madvise(slab, CHUNK_SLAB_BYTES, MADV_DONTNEED);
}

size_t chunk_pool_held(const struct chunk_pool *pool)
{
    return ((size_t)pool->slab_count + pool->empty_count) * CHUNK_SLAB_BYTES + pool->large_bytes;
}

static uint32_t place_of(uint32_t chunk_bytes)
{
    return chunk_bytes / CHUNK_STEP_BYTES - 1;
}

static struct chunk_slab *open_slab(struct chunk_pool *pool, uint32_t chunk_bytes)
{
    struct chunk_slab *slab = take_slab(pool);
    if (slab == NULL) {
        return NULL;
    }
    uint32_t most = (CHUNK_SLAB_BYTES - sizeof *slab) / chunk_bytes;
    size_t head =
        (sizeof *slab + most * sizeof slab->free[0] + CHUNK_ALIGN - 1) & ~(size_t)(CHUNK_ALIGN - 1);
    unpoison(slab, head);
    slab->chunks = (char *)slab + head;
    slab->chunk_bytes = chunk_bytes;
    slab->room = slab->free_count = (uint32_t)((CHUNK_SLAB_BYTES - head) / chunk_bytes);
    for (uint32_t i = 0; i < slab->room; i++) {
        slab->free[i] = (uint16_t)(slab->room - 1 - i);
    }
    poison(slab->chunks, CHUNK_SLAB_BYTES - head);
    pool->slab_count++;
    list_append(&pool->open[place_of(chunk_bytes)], &slab->link);
    return slab;
}

/* A slab with a free chunk of at least these bytes; NULL: none, and no new one. */
static struct chunk_slab *find_slab(struct chunk_pool *pool, uint32_t chunk_bytes)
{
    uint32_t place = place_of(chunk_bytes);
    if (!list_empty(&pool->open[place])) {
        return container_of(pool->open[place].next, struct chunk_slab, link);
    }
    struct chunk_slab *slab = open_slab(pool, chunk_bytes);
    while (slab == NULL && ++place < CHUNK_SIZES) {
        slab = list_empty(&pool->open[place])
                   ? NULL
                   : container_of(pool->open[place].next, struct chunk_slab, link);
    }
    return slab;
}

static void *take_large(struct chunk_pool *pool, size_t bytes)
{
    void *chunk = memory_alloc(bytes);
    if (chunk != NULL) {
        pool->used_bytes += bytes;
        pool->large_bytes += bytes;
    }
    return chunk;
}

void *chunk_pool_take(struct chunk_pool *pool, size_t *bytes)
{
    if (*bytes > CHUNK_MOST_BYTES) {
        return take_large(pool, *bytes);
    }
    size_t least = *bytes != 0 ? *bytes : 1;
    struct chunk_slab *slab = find_slab(pool, (uint32_t)chunk_pool_round(least));
    if (slab == NULL) {
        return NULL;
    }
    char *chunk = slab->chunks + (size_t)slab->free[--slab->free_count] * slab->chunk_bytes;
    if (slab->free_count == 0) {
        list_remove(&slab->link);
    }
    *bytes = slab->chunk_bytes;
    pool->used_bytes += slab->chunk_bytes;
    unpoison(chunk, slab->chunk_bytes);
    return chunk;
}

/* An empty slab serves the next size that needs one; the latest first, so that a chunk that comes
 * and goes finds its own again. */
static void close_empty(struct chunk_pool *pool, struct chunk_slab *slab)
{
    list_remove(&slab->link);
    pool->slab_count--;
    slab->next = pool->empty;
    pool->empty = slab;
    pool->empty_count++;
}

void chunk_pool_give(struct chunk_pool *pool, void *chunk, size_t bytes)
{
    pool->used_bytes -= bytes;
    if (bytes > CHUNK_MOST_BYTES) {
        pool->large_bytes -= bytes;
        free(chunk);
        return;
    }
    struct chunk_slab *slab =
        (struct chunk_slab *)((uintptr_t)chunk & ~(uintptr_t)(CHUNK_SLAB_BYTES - 1));
    poison(chunk, bytes);
    if (slab->free_count == 0) {
        list_append(&pool->open[place_of(slab->chunk_bytes)], &slab->link);
    }
    slab->free[slab->free_count++] =
        (uint16_t)((uint32_t)((char *)chunk - slab->chunks) / slab->chunk_bytes);
    if (slab->free_count == slab->room) {
        close_empty(pool, slab);
    }
}

bool chunk_pool_is_settled(const struct chunk_pool *pool)
{
    return pool->empty_count <= pool->empty_least;
}

void chunk_pool_settle(struct chunk_pool *pool)
{
    for (; pool->unneeded != 0 && !chunk_pool_is_settled(pool); pool->unneeded--) {
        return_empty(pool);
    }
    pool->unneeded = pool->empty_count;
}

void chunk_pool_give_up(struct chunk_pool *pool, size_t bytes)
{
    size_t slabs = bytes / CHUNK_SLAB_BYTES + (bytes % CHUNK_SLAB_BYTES != 0);
    for (; slabs != 0 && pool->empty_count > pool->empty_least + pool->slab_count / EMPTY_IN_USE;
         slabs--) {
        return_empty(pool);
    }
    pool->unneeded = pool->unneeded < pool->empty_count ? pool->unneeded : pool->empty_count;
}
