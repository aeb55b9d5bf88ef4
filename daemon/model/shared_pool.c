#include "daemon/model/shared_pool.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"
#include "daemon/model/shared_entry.h"

#define ROOM_FIRST    64u
#define SOURCES_FIRST 16u

void shared_pool_init(struct shared_pool *pool, const struct hash_key *key)
{
    *pool = (struct shared_pool){.key = *key};
    name_pool_init(&pool->names);
}

void shared_pool_deinit(struct shared_pool *pool)
{
    struct hash_key key = pool->key;
    for (uint32_t i = 0; i < pool->room; i++) {
        while (pool->buckets[i] != NULL) {
            struct shared_entry *entry = pool->buckets[i];
            pool->buckets[i] = entry->next;
            shared_entry_free(entry);
        }
    }
    name_pool_deinit(&pool->names);
    free(pool->buckets);
    free(pool->sources);
    free(pool->source_buckets);
    shared_pool_init(pool, &key);
}

static void note_recent(struct shared_pool *pool, struct shared_entry *entry)
{
    pool->recent[pool->next_recent++ % SHARED_POOL_RECENT] = entry;
}

static struct shared_entry *find_recent(const struct shared_pool *pool,
                                        const struct shared_wanted *wanted)
{
    for (size_t i = 0; i < SHARED_POOL_RECENT; i++) {
        if (pool->recent[i] != NULL && shared_entry_is(pool->recent[i], wanted)) {
            return pool->recent[i];
        }
    }
    return NULL;
}

static struct shared_entry *find_hashed(const struct shared_pool *pool,
                                        const struct shared_wanted *wanted, uint64_t hash)
{
    struct shared_entry *entry = pool->room != 0 ? pool->buckets[hash & (pool->room - 1)] : NULL;
    while (entry != NULL && (entry->hash != hash || !shared_entry_is(entry, wanted))) {
        entry = entry->next;
    }
    return entry;
}

static bool grow(struct shared_pool *pool)
{
    uint32_t room = pool->room != 0 ? pool->room * 2 : ROOM_FIRST;
    struct shared_entry **buckets = memory_alloc(room * sizeof *buckets);
    if (buckets == NULL) {
        return false;
    }
    memset(buckets, 0, room * sizeof *buckets);
    for (uint32_t i = 0; i < pool->room; i++) {
        for (struct shared_entry *entry = pool->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            entry->next = buckets[entry->hash & (room - 1)];
            buckets[entry->hash & (room - 1)] = entry;
        }
    }
    free(pool->buckets);
    pool->held_bytes += (room - pool->room) * sizeof *buckets;
    pool->buckets = buckets;
    pool->room = room;
    return true;
}

/* What more the pool may hold, as an arena's limit: 0 is none. */
static size_t room_left(const struct shared_pool *pool)
{
    size_t left = pool->limit_bytes > pool->held_bytes ? pool->limit_bytes - pool->held_bytes : 1;
    return pool->limit_bytes != 0 ? left : 0;
}

static bool list_entry(struct shared_pool *pool, struct shared_entry *entry)
{
    size_t before = shared_entry_bytes(entry);
    bool listed = shared_entry_list(entry);
    pool->held_bytes = pool->held_bytes - before + shared_entry_bytes(entry);
    return listed;
}

static struct shared_entry *add(struct shared_pool *pool, const struct shared_wanted *wanted,
                                uint64_t hash)
{
    size_t left = room_left(pool);
    if (pool->count >= pool->room && !grow(pool)) {
        return NULL;
    }
    struct shared_entry *entry = shared_entry_new(wanted, hash, left);
    if (entry == NULL) {
        return NULL;
    }
    entry->next = pool->buckets[hash & (pool->room - 1)];
    pool->buckets[hash & (pool->room - 1)] = entry;
    pool->count++;
    pool->held_bytes += shared_entry_bytes(entry);
    return entry;
}

/* The entry with one more user; NULL: no memory. */
static struct shared_entry *take(struct shared_pool *pool, const struct shared_wanted *wanted)
{
    struct shared_entry *entry = find_recent(pool, wanted);
    if (entry == NULL) {
        uint64_t hash = hash_sip13(&pool->key, wanted->raw.data, wanted->raw.len);
        entry = find_hashed(pool, wanted, hash);
        entry = entry != NULL ? entry : add(pool, wanted, hash);
        if (entry == NULL) {
            return NULL;
        }
        note_recent(pool, entry);
    }
    entry->users++;
    return entry;
}

static void give(struct shared_pool *pool, struct shared_entry *entry)
{
    if (--entry->users != 0) {
        return;
    }
    struct shared_entry **at = &pool->buckets[entry->hash & (pool->room - 1)];
    while (*at != entry) {
        at = &(*at)->next;
    }
    *at = entry->next;
    for (size_t i = 0; i < SHARED_POOL_RECENT; i++) {
        pool->recent[i] = pool->recent[i] != entry ? pool->recent[i] : NULL;
    }
    pool->count--;
    pool->held_bytes -= shared_entry_bytes(entry);
    shared_entry_free(entry);
}

/* --- sources --- */

/* Addresses of the pool's own are no secret that a stranger could aim at. */
static uint32_t *bucket_of(const struct shared_pool *pool, const struct resource *resource,
                           const struct scope *scope)
{
    uint64_t mixed = ((uintptr_t)resource * 31 + (uintptr_t)scope) * UINT64_C(0x9e3779b97f4a7c15);
    return &pool->source_buckets[mixed >> 32 & (pool->source_room - 1)];
}

static uint32_t find_source(const struct shared_pool *pool, const struct resource *resource,
                            const struct scope *scope)
{
    uint32_t at = pool->source_room != 0 ? *bucket_of(pool, resource, scope) : 0;
    while (at != 0 &&
           (pool->sources[at - 1].resource != resource || pool->sources[at - 1].scope != scope)) {
        at = pool->sources[at - 1].next;
    }
    return at != 0 ? at - 1 : SHARED_SOURCE_NONE;
}

static void link_source(struct shared_pool *pool, uint32_t source)
{
    struct shared_source *to = &pool->sources[source];
    uint32_t *bucket = bucket_of(pool, to->resource, to->scope);
    to->next = *bucket;
    *bucket = source + 1;
}

static void unlink_source(struct shared_pool *pool, uint32_t source)
{
    struct shared_source *gone = &pool->sources[source];
    uint32_t *at = bucket_of(pool, gone->resource, gone->scope);
    while (*at != source + 1) {
        at = &pool->sources[*at - 1].next;
    }
    *at = gone->next;
    gone->next = pool->free;
    pool->free = source + 1;
}

static bool grow_sources(struct shared_pool *pool)
{
    uint32_t room = pool->source_room != 0 ? pool->source_room * 2 : SOURCES_FIRST;
    uint32_t *buckets = memory_alloc_zeroed(room, sizeof *buckets);
    struct shared_source *sources =
        buckets != NULL ? memory_resize(pool->sources, pool->source_room * sizeof *sources,
                                        room * sizeof *sources)
                        : NULL;
    if (sources == NULL) {
        free(buckets);
        return false;
    }
    pool->held_bytes += (room - pool->source_room) * (sizeof *sources + sizeof *buckets);
    free(pool->source_buckets);
    pool->source_buckets = buckets;
    pool->sources = sources;
    uint32_t used = pool->source_room;
    pool->source_room = room;
    for (uint32_t i = 0; i < used; i++) {
        link_source(pool, i);
    }
    for (uint32_t i = room; i-- > used;) {
        pool->sources[i] = (struct shared_source){.next = pool->free};
        pool->free = i + 1;
    }
    return true;
}

/* Takes the users that were counted for it, in any case. */
static uint32_t source_of(struct shared_pool *pool, struct shared_entry *resource,
                          struct shared_entry *scope)
{
    uint32_t source = find_source(pool, &resource->resource, &scope->scope);
    if (source != SHARED_SOURCE_NONE || (pool->free == 0 && !grow_sources(pool))) {
        give(pool, resource);
        give(pool, scope);
        return source;
    }
    source = pool->free - 1;
    pool->free = pool->sources[source].next;
    pool->sources[source] =
        (struct shared_source){.resource = &resource->resource, .scope = &scope->scope};
    pool->source_count++;
    link_source(pool, source);
    return source;
}

static uint32_t find_or_add(struct shared_pool *pool, const struct resource *resource,
                            const struct scope *scope)
{
    struct shared_entry *first =
        take(pool, &(struct shared_wanted){resource->raw, resource->schema_url, resource, NULL});
    if (first == NULL) {
        return SHARED_SOURCE_NONE;
    }
    struct shared_entry *second =
        take(pool, &(struct shared_wanted){scope->raw, scope->schema_url, NULL, scope});
    if (second == NULL) {
        give(pool, first);
        return SHARED_SOURCE_NONE;
    }
    return source_of(pool, first, second);
}

static struct shared_memo *memo_of(struct shared_pool *pool, const struct resource *resource,
                                   const struct scope *scope)
{
    uintptr_t mixed = (uintptr_t)resource / 16 + (uintptr_t)scope / 16 * 5;
    return &pool->memo[(mixed ^ mixed >> 5) % SHARED_POOL_MEMO];
}

static void forget_memo(struct shared_pool *pool)
{
    memset(pool->memo, 0, sizeof pool->memo);
}

void shared_pool_batch_begin(struct shared_pool *pool)
{
    forget_memo(pool);
    pool->remembers = true;
}

void shared_pool_batch_end(struct shared_pool *pool)
{
    pool->remembers = false;
}

uint32_t shared_pool_take(struct shared_pool *pool, const struct resource *resource,
                          const struct scope *scope)
{
    struct shared_memo *memo = memo_of(pool, resource, scope);
    uint32_t source;
    if (pool->remembers && memo->resource == resource && memo->scope == scope) {
        source = memo->source;
    } else {
        source = find_or_add(pool, resource, scope);
        if (source == SHARED_SOURCE_NONE) {
            return source;
        }
        *memo = (struct shared_memo){resource, scope, source};
    }
    pool->sources[source].users++;
    return source;
}

void shared_pool_give(struct shared_pool *pool, uint32_t source)
{
    struct shared_source *of = &pool->sources[source];
    if (--of->users != 0) {
        return;
    }
    struct shared_entry *resource = shared_entry_of_resource(of->resource);
    struct shared_entry *scope = shared_entry_of_scope(of->scope);
    unlink_source(pool, source);
    forget_memo(pool);
    pool->source_count--;
    give(pool, resource);
    give(pool, scope);
}

bool shared_pool_list_more(struct shared_pool *pool, uint32_t source)
{
    struct shared_source *of = &pool->sources[source];
    of->listed = list_entry(pool, shared_entry_of_resource(of->resource)) &&
                 list_entry(pool, shared_entry_of_scope(of->scope));
    return of->listed;
}

size_t shared_pool_held(const struct shared_pool *pool)
{
    return pool->held_bytes + name_pool_held(&pool->names);
}

size_t shared_pool_left(const struct shared_pool *pool)
{
    size_t held = shared_pool_held(pool);
    if (pool->limit_bytes == 0) {
        return SIZE_MAX;
    }
    return pool->limit_bytes > held ? pool->limit_bytes - held : 0;
}
