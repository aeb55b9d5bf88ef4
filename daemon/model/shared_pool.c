#include "daemon/model/shared_pool.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/list.h"
#include "daemon/core/memory.h"
#include "daemon/model/fingerprint.h"

#define ROOM_FIRST        64u
#define SOURCES_FIRST     16u
#define ENTRY_FIRST_BYTES 1024u

/* An entry stands in its own arena, together with what it points to. */
struct shared_entry {
    struct arena arena;
    struct shared_entry *next; /* in its bucket */
    uint64_t hash;
    uint32_t users;
    bool is_scope;
    struct bytes raw;
    struct bytes schema_url;
    union {
        struct resource resource;
        struct scope scope;
    };
};

/* What is looked for. */
struct wanted {
    struct bytes raw;
    struct bytes schema_url;
    bool is_scope;
};

void shared_pool_init(struct shared_pool *pool, const struct hash_key *key)
{
    *pool = (struct shared_pool){.key = *key};
    name_pool_init(&pool->names);
}

static void entry_free(struct shared_entry *entry)
{
    struct arena arena = entry->arena;
    arena_deinit(&arena);
}

void shared_pool_deinit(struct shared_pool *pool)
{
    struct hash_key key = pool->key;
    for (uint32_t i = 0; i < pool->room; i++) {
        while (pool->buckets[i] != NULL) {
            struct shared_entry *entry = pool->buckets[i];
            pool->buckets[i] = entry->next;
            entry_free(entry);
        }
    }
    name_pool_deinit(&pool->names);
    free(pool->buckets);
    free(pool->sources);
    free(pool->source_buckets);
    shared_pool_init(pool, &key);
}

static bool is_wanted(const struct shared_entry *entry, const struct wanted *wanted)
{
    return entry->is_scope == wanted->is_scope && bytes_equal(entry->raw, wanted->raw) &&
           bytes_equal(entry->schema_url, wanted->schema_url);
}

static void note_recent(struct shared_pool *pool, struct shared_entry *entry)
{
    pool->recent[pool->next_recent++ % SHARED_POOL_RECENT] = entry;
}

static struct shared_entry *find_recent(const struct shared_pool *pool, const struct wanted *wanted)
{
    for (size_t i = 0; i < SHARED_POOL_RECENT; i++) {
        if (pool->recent[i] != NULL && is_wanted(pool->recent[i], wanted)) {
            return pool->recent[i];
        }
    }
    return NULL;
}

static struct shared_entry *find_hashed(const struct shared_pool *pool, const struct wanted *wanted,
                                        uint64_t hash)
{
    struct shared_entry *entry = pool->room != 0 ? pool->buckets[hash & (pool->room - 1)] : NULL;
    while (entry != NULL && (entry->hash != hash || !is_wanted(entry, wanted))) {
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

static int entry_decode(struct shared_entry *entry)
{
    if (entry->is_scope) {
        int outcome = scope_decode(entry->raw, NULL, &entry->arena, &entry->scope);
        entry->scope.schema_url = entry->schema_url;
        return outcome == 0 && !fingerprint_of_scope(&entry->scope, &entry->scope.fingerprint)
                   ? SPAN_NO_MEMORY
                   : outcome;
    }
    int outcome = resource_decode(entry->raw, NULL, &entry->arena, &entry->resource);
    entry->resource.schema_url = entry->schema_url;
    return outcome == 0 && !fingerprint_of_resource(&entry->resource, &entry->resource.fingerprint)
               ? SPAN_NO_MEMORY
               : outcome;
}

/* An entry without users that holds what is wanted; NULL: no memory, or more than `limit` bytes. */
static struct shared_entry *entry_new(const struct wanted *wanted, uint64_t hash, size_t limit)
{
    struct arena arena = ARENA_INIT(ENTRY_FIRST_BYTES, limit);
    struct shared_entry *entry = arena_calloc(&arena, 1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    entry->arena = arena;
    entry->hash = hash;
    entry->is_scope = wanted->is_scope;
    entry->raw = arena_copy(&entry->arena, wanted->raw);
    entry->schema_url = arena_copy(&entry->arena, wanted->schema_url);
    if (entry->raw.data == NULL || entry->schema_url.data == NULL || entry_decode(entry) != 0) {
        entry_free(entry);
        return NULL;
    }
    return entry;
}

static struct shared_entry *add(struct shared_pool *pool, const struct wanted *wanted,
                                uint64_t hash)
{
    size_t left = pool->limit_bytes > pool->held_bytes ? pool->limit_bytes - pool->held_bytes : 1;
    if (pool->count >= pool->room && !grow(pool)) {
        return NULL;
    }
    struct shared_entry *entry = entry_new(wanted, hash, pool->limit_bytes != 0 ? left : 0);
    if (entry == NULL) {
        return NULL;
    }
    entry->next = pool->buckets[hash & (pool->room - 1)];
    pool->buckets[hash & (pool->room - 1)] = entry;
    pool->count++;
    pool->held_bytes += arena_held(&entry->arena);
    return entry;
}

/* The entry with one more user; NULL: no memory. */
static struct shared_entry *take(struct shared_pool *pool, const struct wanted *wanted)
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
    pool->held_bytes -= arena_held(&entry->arena);
    entry_free(entry);
}

static struct shared_entry *entry_of_resource(const struct resource *resource)
{
    return container_of((uintptr_t)resource, struct shared_entry, resource);
}

static struct shared_entry *entry_of_scope(const struct scope *scope)
{
    return container_of((uintptr_t)scope, struct shared_entry, scope);
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
        take(pool, &(struct wanted){resource->raw, resource->schema_url, false});
    if (first == NULL) {
        return SHARED_SOURCE_NONE;
    }
    struct shared_entry *second = take(pool, &(struct wanted){scope->raw, scope->schema_url, true});
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
    struct shared_entry *resource = entry_of_resource(of->resource);
    struct shared_entry *scope = entry_of_scope(of->scope);
    unlink_source(pool, source);
    forget_memo(pool);
    pool->source_count--;
    give(pool, resource);
    give(pool, scope);
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
