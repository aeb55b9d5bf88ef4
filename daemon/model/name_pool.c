#include "daemon/model/name_pool.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

#define SLOTS       4096u
#define FIRST_BYTES 4096u
/* Names that differ little, or are made to, must not make looking long. */
#define PROBES_MAX 16u

void name_pool_init(struct name_pool *pool)
{
    *pool = (struct name_pool){.current = 0};
}

static void end_generation(struct name_generation *generation)
{
    free(generation->slots);
    arena_deinit(&generation->arena);
    *generation = (struct name_generation){.slots = NULL};
}

void name_pool_deinit(struct name_pool *pool)
{
    for (int i = 0; i < NAME_POOL_GENERATIONS; i++) {
        end_generation(&pool->generations[i]);
    }
    name_pool_init(pool);
}

size_t name_pool_held(const struct name_pool *pool)
{
    size_t held = 0;
    for (int i = 0; i < NAME_POOL_GENERATIONS; i++) {
        const struct name_generation *generation = &pool->generations[i];
        held += arena_held(&generation->arena) +
                (generation->slots != NULL ? SLOTS * sizeof(struct name *) : 0);
    }
    return held;
}

static bool begin_generation(struct name_generation *generation)
{
    if (generation->slots == NULL) {
        generation->slots = memory_alloc_zeroed(SLOTS, sizeof(struct name *));
        generation->arena = ARENA_INIT(FIRST_BYTES, 0);
    }
    return generation->slots != NULL;
}

/* The full one is left to its users where the other has none. */
static void renew(struct name_pool *pool)
{
    uint8_t next = (uint8_t)(1 - pool->current);
    if (pool->generations[pool->current].full && pool->generations[next].users == 0) {
        end_generation(&pool->generations[next]);
        pool->current = next;
    }
}

uint8_t name_pool_enter(struct name_pool *pool)
{
    renew(pool);
    struct name_generation *generation = &pool->generations[pool->current];
    if (!begin_generation(generation)) {
        return 0;
    }
    generation->users++;
    return (uint8_t)(pool->current + 1);
}

void name_pool_leave(struct name_pool *pool, uint8_t number)
{
    if (number == 0) {
        return;
    }
    struct name_generation *generation = &pool->generations[number - 1];
    generation->users--;
    if (generation->users == 0 && number != pool->current + 1) {
        end_generation(generation);
    }
}

/* No secret: who aims at slots gains that names are not shared. */
static uint32_t hash_of(struct bytes text)
{
    const uint64_t mixer = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = text.len * mixer;
    uint64_t word;
    size_t at = 0;
    for (; at + sizeof word <= text.len; at += sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        hash = (hash ^ word) * mixer;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, text.data + at, text.len - at);
    hash = (hash ^ word) * mixer;
    return (uint32_t)(hash >> 32);
}

static bool is_name(const struct name *name, uint32_t hash, struct bytes text)
{
    return name->hash == hash && name->len == text.len &&
           memcmp(name->text, text.data, text.len) == 0;
}

/* A new name at a free slot; NULL: no room. */
static const struct name *add(struct name_generation *generation, struct name **slot, uint32_t hash,
                              struct bytes text, size_t left_bytes)
{
    struct arena *arena = &generation->arena;
    if (generation->count == NAME_POOL_NAMES_MAX) {
        generation->full = true;
        return NULL;
    }
    arena->limit_bytes = left_bytes <= SIZE_MAX / 2 ? arena_held(arena) + left_bytes : 0;
    struct name *name = left_bytes != 0 ? arena_alloc(arena, sizeof *name + text.len) : NULL;
    if (name == NULL) {
        return NULL;
    }
    name->hash = hash;
    name->len = (uint32_t)text.len;
    memcpy(name->text, text.data, text.len);
    generation->count++;
    *slot = name;
    return name;
}

const struct name *name_pool_share(struct name_pool *pool, uint8_t number, struct bytes text,
                                   size_t left_bytes)
{
    if (number == 0 || text.len == 0 || text.len > NAME_LEN_MAX) {
        return NULL;
    }
    struct name_generation *generation = &pool->generations[number - 1];
    uint32_t hash = hash_of(text);
    for (uint32_t i = 0; i < PROBES_MAX; i++) {
        struct name **slot = &generation->slots[(hash + i) & (SLOTS - 1)];
        if (*slot == NULL) {
            return add(generation, slot, hash, text, left_bytes);
        }
        if (is_name(*slot, hash, text)) {
            return *slot;
        }
    }
    return NULL;
}
