/* Resources and scopes that many traces share: one decoded copy each, counted by its users.
 *
 * A service sends the same resource with every request; kept once per trace it would cost more than
 * the spans. Equal means equal bytes (raw and schema URL). Memory is the pool's own, bounded by
 * limit_bytes and counted in held_bytes. Thread rule: confined to its shard. */
#ifndef ASSERTD_MODEL_SHARED_POOL_H
#define ASSERTD_MODEL_SHARED_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/hash.h"
#include "daemon/model/span.h"

#define SHARED_POOL_RECENT 8

struct shared_entry;

struct shared_pool {
    struct hash_key key; /* resources come from strangers */
    struct shared_entry **buckets;
    uint32_t room;
    uint32_t count;
    size_t held_bytes;
    size_t limit_bytes;                              /* 0: none */
    struct shared_entry *recent[SHARED_POOL_RECENT]; /* looked at before anything is hashed */
    uint32_t next_recent;
};

/* An empty pool; memory is taken when the first resource comes. */
void shared_pool_init(struct shared_pool *pool, const struct hash_key *key);

/* Frees everything, users or not. */
void shared_pool_deinit(struct shared_pool *pool);

/* The shared copy with one more user; NULL: no memory, or beyond the limit. Valid until given back.
 */
const struct resource *shared_pool_resource(struct shared_pool *pool,
                                            const struct resource *resource);
const struct scope *shared_pool_scope(struct shared_pool *pool, const struct scope *scope);

/* Gives a shared copy back; the last user's frees it. */
void shared_pool_give_resource(struct shared_pool *pool, const struct resource *resource);
void shared_pool_give_scope(struct shared_pool *pool, const struct scope *scope);

/* Bytes held, for the memory account. */
size_t shared_pool_held(const struct shared_pool *pool);

#endif
