#include "daemon/model/span_set.h"

#include <assert.h>
#include <stdlib.h>

#define ARENA_FIRST_BYTES (16u * 1024u)

uint32_t shard_map_find(const struct shard_map *map, const struct trace_id *id)
{
    if (map->count == 1) {
        return 0;
    }
    /* The upper half of the product spreads the hash evenly over any count without a division. */
    uint64_t hash = hash_sip13_16(&map->key, id->bytes);
    return (uint32_t)(((unsigned __int128)hash * map->count) >> 64);
}

struct span_set *span_set_new(uint8_t *take_body, size_t body_bytes, uint32_t shard_count,
                              size_t arena_limit)
{
    return span_set_new_counted(take_body, body_bytes, shard_count, arena_limit, NULL);
}

struct span_set *span_set_new_counted(uint8_t *take_body, size_t body_bytes, uint32_t shard_count,
                                      size_t arena_limit, struct budget *budget)
{
    assert(shard_count >= 1 && shard_count <= SHARDS_MAX);
    /* The set itself stands in its own arena, so that one owner holds, and one test hook reaches,
     * all its memory. */
    struct arena arena = ARENA_INIT(ARENA_FIRST_BYTES, arena_limit);
    arena.budget = budget;
    arena.owner = BUDGET_DECODED;
    struct span_set *set = arena_calloc(&arena, 1, sizeof *set);
    if (set == NULL) {
        free(take_body);
        return NULL;
    }
    set->arena = arena;
    set->body = take_body;
    set->body_bytes = body_bytes;
    set->batch_count = shard_count;
    for (uint32_t i = 0; i < shard_count; i++) {
        set->batches[i].set = set;
    }
    atomic_init(&set->refs, 1);
    return set;
}

void span_set_add(struct span_set *set, const struct shard_map *map, struct span *span)
{
    struct span_batch *batch = &set->batches[shard_map_find(map, &span->trace_id)];
    span->next = NULL;
    if (batch->last != NULL) {
        batch->last->next = span;
    } else {
        batch->first = span;
    }
    batch->last = span;
    batch->count++;
    batch->raw_bytes += span->raw.len;
    set->span_count++;
}

void span_set_reject(struct span_set *set, const struct shard_map *map, const struct trace_id *id)
{
    struct rejected_span *rejected = arena_alloc(&set->arena, sizeof *rejected);
    if (rejected != NULL) {
        struct span_batch *batch = &set->batches[shard_map_find(map, id)];
        *rejected = (struct rejected_span){*id, batch->rejected};
        batch->rejected = rejected;
    }
}

void span_set_ref(struct span_set *set)
{
    atomic_fetch_add_explicit(&set->refs, 1, memory_order_relaxed);
}

void span_set_unref(struct span_set *set)
{
    /* Release: what this user read happens before the last one frees; acquire: the last one sees
     * that. */
    if (set == NULL || atomic_fetch_sub_explicit(&set->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    struct arena arena = set->arena;
    size_t charged = set->charged_bytes;
    free(set->body);
    arena_deinit(&arena);
    budget_give(arena.budget, BUDGET_DECODED, charged);
}

void span_set_take_charge(struct span_set *set, size_t bytes)
{
    budget_move(set->arena.budget, BUDGET_BODIES, BUDGET_DECODED, bytes);
    set->charged_bytes += bytes;
}

/* The limit is met chunk by chunk, the last of which did not fit. */
bool span_set_is_at_limit(const struct span_set *set)
{
    size_t limit = set->arena.limit_bytes;
    return limit != 0 && arena_held(&set->arena) + ARENA_CHUNK_MAX_BYTES > limit;
}

size_t span_set_held(const struct span_set *set)
{
    return set->body_bytes + arena_held(&set->arena);
}
