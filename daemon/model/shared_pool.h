/* Resources and scopes that many traces share: one copy each, and the pairs in which they come
 * ("sources"), counted by their users. Their attributes are decoded when somebody needs them.
 *
 * A service sends the same resource with every request; kept once per trace it would cost more than
 * the spans. Equal means equal bytes (raw and schema URL). A source is a number, so that a span's
 * record holds it in little space. Memory is the pool's own, bounded by limit_bytes and counted in
 * held_bytes, with what listing them will take. Thread rule: confined to its shard. */
#ifndef ASSERTD_MODEL_SHARED_POOL_H
#define ASSERTD_MODEL_SHARED_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/hash.h"
#include "daemon/model/name_pool.h"
#include "daemon/model/span.h"

#define SHARED_POOL_RECENT 8
#define SHARED_POOL_MEMO   32

/* No source. */
#define SHARED_SOURCE_NONE UINT32_MAX

struct shared_entry;

/* A resource and a scope that came together. */
struct shared_source {
    const struct resource *resource;
    const struct scope *scope;
    uint32_t users; /* 0: free */
    uint32_t next;  /* in its bucket, or free; number + 1 */
    bool listed;    /* see shared_pool_list */
};

/* What a pair of the batch at hand is in the pool. */
struct shared_memo {
    const struct resource *resource; /* the batch's; NULL: empty */
    const struct scope *scope;
    uint32_t source;
};

struct shared_pool {
    struct hash_key key; /* resources come from strangers */
    struct shared_entry **buckets;
    uint32_t room;
    uint32_t count; /* of resources and scopes */
    struct shared_source *sources;
    uint32_t *source_buckets;                 /* as many as there is room for sources */
    uint32_t source_room, source_count, free; /* `free`: number + 1 */
    size_t held_bytes;
    size_t limit_bytes;                              /* 0: none */
    struct shared_entry *recent[SHARED_POOL_RECENT]; /* looked at before anything is hashed */
    uint32_t next_recent;
    bool remembers; /* between batch_begin and batch_end */
    struct shared_memo memo[SHARED_POOL_MEMO];
    struct name_pool names; /* of spans of which no more is kept than is read */
};

/* An empty pool; memory is taken when the first resource comes. */
void shared_pool_init(struct shared_pool *pool, const struct hash_key *key);

/* Frees everything, users or not. */
void shared_pool_deinit(struct shared_pool *pool);

/* Between these two calls, the resources and scopes handed in are those of one batch, which do not
 * move or change: what was found for an address is found again by it. */
void shared_pool_batch_begin(struct shared_pool *pool);
void shared_pool_batch_end(struct shared_pool *pool);

/* The source of a resource and scope, with one more user; SHARED_SOURCE_NONE: no memory, or beyond
 * the limit. */
uint32_t shared_pool_take(struct shared_pool *pool, const struct resource *resource,
                          const struct scope *scope);

/* Gives a source back; the last user's is freed, and what no other source has. */
void shared_pool_give(struct shared_pool *pool, uint32_t source);

/* Lists the attributes of a source's resource and scope, and makes their fingerprints, unless that
 * has been done: what is shown, explained or compared needs them, what is judged as it comes does
 * not. Their room was taken with the source. False: no memory. */
bool shared_pool_list_more(struct shared_pool *pool, uint32_t source);
static inline bool shared_pool_list(struct shared_pool *pool, uint32_t source)
{
    return pool->sources[source].listed || shared_pool_list_more(pool, source);
}

/* Its resource and scope, valid until it is given back. Equal ones have the same address. All but
 * their attributes is there from the first. */
static inline const struct resource *shared_pool_resource(const struct shared_pool *pool,
                                                          uint32_t source)
{
    return pool->sources[source].resource;
}
static inline const struct scope *shared_pool_scope(const struct shared_pool *pool, uint32_t source)
{
    return pool->sources[source].scope;
}

/* Bytes held, for the memory account; what may still be, SIZE_MAX: no limit. */
size_t shared_pool_held(const struct shared_pool *pool);
size_t shared_pool_left(const struct shared_pool *pool);

#endif
