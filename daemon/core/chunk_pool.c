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
/* Of the slabs that nobody needed, one in so many goes back. */
#define SETTLED_SHARE 8u

struct chunk_region {
    struct chunk_region *next;
    struct list empty_link, returned_link; /* of the regions that have any */
    char *slabs;                           /* the first one */
    uint32_t empty, returned;              /* a bit for each such slab */
};

struct chunk_slab {
    struct list link; /* of the open ones of its size */
    struct chunk_region *region;
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
    list_init(&pool->empty);
    list_init(&pool->returned);
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

static struct chunk_slab *slab_at(struct chunk_region *region, uint32_t index)
{
    return (struct chunk_slab *)(region->slabs + (size_t)index * CHUNK_SLAB_BYTES);
}

/* The next slab that no other region's was; only then is its page touched. */
static struct chunk_slab *cut_slab(struct chunk_pool *pool)
{
    if (pool->cut == REGION_SLABS && !cut_region(pool)) {
        return NULL;
    }
    struct chunk_slab *slab = slab_at(pool->regions, pool->cut++);
    slab->region = pool->regions;
    return slab;
}

/* A slab whose pages had gone back: they are mapped anew as they are touched. */
static struct chunk_slab *take_returned(struct chunk_pool *pool)
{
    struct chunk_region *region =
        container_of(pool->returned.prev, struct chunk_region, returned_link);
    struct chunk_slab *slab = slab_at(region, (uint32_t)__builtin_ctz(region->returned));
    region->returned &= region->returned - 1;
    if (region->returned == 0) {
        list_remove(&region->returned_link);
    }
    pool->returned_count--;
    slab->region = region;
    return slab;
}

/* There are fewer empty slabs: what is due goes first. */
static void note_empty(struct chunk_pool *pool)
{
    pool->due = pool->due < pool->empty_count ? pool->due : pool->empty_count;
    uint32_t left = pool->empty_count - pool->due;
    pool->unneeded = pool->unneeded < left ? pool->unneeded : left;
}

/* Of the region that has had any for the shortest time. */
static struct chunk_slab *take_empty(struct chunk_pool *pool)
{
    struct chunk_region *region = container_of(pool->empty.prev, struct chunk_region, empty_link);
    struct chunk_slab *slab = slab_at(region, (uint32_t)__builtin_ctz(region->empty));
    region->empty &= region->empty - 1;
    if (region->empty == 0) {
        list_remove(&region->empty_link);
    }
    pool->empty_count--;
    note_empty(pool);
    return slab;
}

/* A slab that serves no size yet; NULL: no memory, or the limit. */
static struct chunk_slab *take_slab(struct chunk_pool *pool)
{
    if (pool->empty_count != 0) {
        return take_empty(pool);
    }
    if (pool->limit_bytes != 0 && chunk_pool_held(pool) + CHUNK_SLAB_BYTES > pool->limit_bytes) {
        return NULL;
    }
    return pool->returned_count != 0 ? take_returned(pool) : cut_slab(pool);
}

/* Gives the pages of empty slabs that stand together back, `most` of them; how many. */
static uint32_t return_neighbours(struct chunk_region *region, uint32_t most)
{
    uint32_t first = (uint32_t)__builtin_ctz(region->empty);
    uint32_t count = (uint32_t)__builtin_ctz(~(region->empty >> first));
    count = count < most ? count : most;
    uint32_t bits = ((UINT32_C(1) << count) - 1) << first;
    region->empty &= ~bits;
    region->returned |= bits;
    madvise(slab_at(region, first), (size_t)count * CHUNK_SLAB_BYTES, MADV_DONTNEED);
    return count;
}

/* Gives the pages of so many empty slabs back, of regions that have had any for long first. */
static void return_empty(struct chunk_pool *pool, uint32_t count)
{
    pool->empty_count -= count;
    pool->returned_count += count;
    while (count != 0) {
        struct chunk_region *region =
            container_of(pool->empty.next, struct chunk_region, empty_link);
        if (region->returned == 0) {
            list_append(&pool->returned, &region->returned_link);
        }
        count -= return_neighbours(region, count);
        if (region->empty == 0) {
            list_remove(&region->empty_link);
        }
    }
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
    struct chunk_region *region = slab->region;
    list_remove(&slab->link);
    if (region->empty == 0) {
        list_append(&pool->empty, &region->empty_link);
    }
    region->empty |= UINT32_C(1) << ((size_t)((char *)slab - region->slabs) / CHUNK_SLAB_BYTES);
    pool->slab_count--;
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

/* What is due of the slabs that nobody needed, and those that are watched from now on. */
static void look_at_empty(struct chunk_pool *pool)
{
    uint32_t most = chunk_pool_is_settled(pool) ? 0 : pool->empty_count - pool->empty_least;
    uint32_t due = pool->unneeded / SETTLED_SHARE + EMPTY_LEAST;
    due = due < pool->unneeded ? due : pool->unneeded;
    pool->due = due < most ? due : most;
    pool->unneeded = pool->empty_count - pool->due;
}

bool chunk_pool_settle(struct chunk_pool *pool)
{
    if (pool->due == 0) {
        look_at_empty(pool);
    }
    uint32_t count = pool->due < CHUNK_SETTLED_MOST ? pool->due : CHUNK_SETTLED_MOST;
    return_empty(pool, count);
    pool->due -= count;
    return pool->due != 0;
}

/* Not bounded: what is excess grows by what came since the last call, and goes before evidence. */
void chunk_pool_give_up(struct chunk_pool *pool, size_t bytes)
{
    size_t slabs = bytes / CHUNK_SLAB_BYTES + (bytes % CHUNK_SLAB_BYTES != 0);
    uint32_t kept = pool->empty_least + pool->slab_count / EMPTY_IN_USE;
    uint32_t most = pool->empty_count > kept ? pool->empty_count - kept : 0;
    return_empty(pool, slabs < most ? (uint32_t)slabs : most);
    note_empty(pool);
}
