/* Names of spans that traces share: many spans, few names.
 *
 * Names are not counted one by one, so that a trace ends without a look at its spans: they live as
 * long as their generation, which counts the traces that use it. A generation holds some thousands
 * of names of at most NAME_LEN_MAX bytes; when it is full the next one begins, as soon as no trace
 * uses the one before. Until then, and for longer names, the caller keeps its own copy: that is all
 * that a stranger who invents names comes to. Thread rule: confined to its shard. */
#ifndef ASSERTD_MODEL_NAME_POOL_H
#define ASSERTD_MODEL_NAME_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/arena.h"

#define NAME_LEN_MAX          128u
#define NAME_POOL_NAMES_MAX   3072u /* of a generation */
#define NAME_POOL_GENERATIONS 2

/* A name; immutable. */
struct name {
    uint32_t hash, len;
    char text[];
};

struct name_generation {
    struct name **slots; /* open addressing; NULL: no name yet */
    struct arena arena;  /* of names: dies with the generation */
    uint32_t users;      /* traces */
    uint32_t count;
    bool full;
};

struct name_pool {
    struct name_generation generations[NAME_POOL_GENERATIONS];
    uint8_t current;
};

/* An empty pool; memory is taken with the first user. deinit frees all names, used or not. */
void name_pool_init(struct name_pool *pool);
void name_pool_deinit(struct name_pool *pool);

/* One more user of the present generation: its number, to be left. 0: no memory. */
uint8_t name_pool_enter(struct name_pool *pool);
/* One user less; 0 is nobody. */
void name_pool_leave(struct name_pool *pool, uint8_t generation);

/* The shared copy of a name, valid until the generation is left. It may take `left_bytes` of
 * memory. NULL: there is none, and no room for it. */
const struct name *name_pool_share(struct name_pool *pool, uint8_t generation, struct bytes text,
                                   size_t left_bytes);

/* Bytes held, for the memory account. */
size_t name_pool_held(const struct name_pool *pool);

#endif
