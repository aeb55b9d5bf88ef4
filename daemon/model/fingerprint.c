#include "daemon/model/fingerprint.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"
#include "daemon/model/content.h"

/* Odd numbers without a pattern: the key. */
#define KEY_TEXT  UINT64_C(0x8f5c28f5a3d7b0e1)
#define KEY_LEN   UINT64_C(0xd1b54a32d192ed03)
#define KEY_TYPE  UINT64_C(0xaef17502108ef2d9)
#define KEY_ATTR  UINT64_C(0xe7037ed1a0b428db)
#define KEY_CHAIN UINT64_C(0x9fb21c651e98df25)

/* Up to here duplicate keys are looked for one by one. */
#define FEW_ATTRS 64u

/* Both halves of the product, folded: every bit of both factors reaches every bit of it. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load64(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

static inline uint64_t load_few(const uint8_t *at, size_t len)
{
    uint32_t first;
    uint32_t last;
    if (len >= sizeof first) {
        memcpy(&first, at, sizeof first);
        memcpy(&last, at + len - sizeof last, sizeof last);
        return (uint64_t)le32toh(first) << 32 | le32toh(last);
    }
    return len != 0 ? (uint64_t)at[0] << 16 | (uint64_t)at[len / 2] << 8 | at[len - 1] : 0;
}

/* Eight bytes at a time, the last eight overlapping those before. */
static inline uint64_t hash_text(struct bytes text)
{
    uint64_t hash = KEY_TEXT ^ mix(text.len ^ KEY_LEN, KEY_CHAIN);
    if (text.len < sizeof(uint64_t)) {
        return mix(hash ^ load_few(text.data, text.len), KEY_LEN);
    }
    for (size_t at = 0; at + sizeof(uint64_t) < text.len; at += sizeof(uint64_t)) {
        hash = mix(hash ^ load64(text.data + at), KEY_CHAIN);
    }
    return mix(hash ^ load64(text.data + text.len - sizeof(uint64_t)), KEY_LEN);
}

/* A product of both: equal ones must not cancel out. */
static inline uint64_t chain(uint64_t hash, uint64_t next)
{
    return mix(hash ^ KEY_CHAIN, next ^ KEY_TYPE);
}

/* Lists are rare on spans: by their canonical form. */
static bool hash_list(const struct value *value, uint64_t *ret)
{
    struct buf content = BUF_NULL;
    content_of_value(&content, value);
    bool made = !content.failed;
    *ret = made ? hash_text(buf_bytes(&content)) : 0;
    buf_deinit(&content);
    return made;
}

static inline bool hash_value(const struct value *value, uint64_t *ret)
{
    uint64_t hash;
    switch (value->type) {
    case VALUE_BOOL:
        hash = value->boolean;
        break;
    case VALUE_INT:
    case VALUE_DOUBLE:
        hash = mix((uint64_t)value->integer ^ KEY_LEN, KEY_CHAIN);
        break;
    case VALUE_ARRAY:
    case VALUE_MAP:
        if (!hash_list(value, &hash)) {
            return false;
        }
        break;
    default:
        hash = hash_text(value->bytes);
        break;
    }
    *ret = hash + (uint64_t)value->type * KEY_TYPE;
    return true;
}

/* Which keys may have come, by 256 bits of their hashes. */
struct seen {
    uint64_t bits[4];
};

static inline bool see(struct seen *seen, uint64_t hash)
{
    uint64_t *word = &seen->bits[hash >> 62];
    uint64_t bit = UINT64_C(1) << (hash >> 56 & 63);
    bool taken = (*word & bit) != 0;
    *word |= bit;
    return taken;
}

static bool comes_again(const struct attr *attrs, uint32_t count, uint32_t index)
{
    for (uint32_t i = index + 1; i < count; i++) {
        if (bytes_equal(attrs[i].key, attrs[index].key)) {
            return true;
        }
    }
    return false;
}

/* One attribute's share of the sum. */
static inline bool add_attr(uint64_t key_hash, const struct value *value, uint64_t *sum)
{
    uint64_t hash;
    if (!hash_value(value, &hash)) {
        return false;
    }
    *sum += mix(key_hash ^ KEY_ATTR, hash ^ KEY_TEXT);
    return true;
}

/* By key, and of one key the last first. */
static int compare_keys(const void *a, const void *b)
{
    const struct attr *left = *(const struct attr *const *)a;
    const struct attr *right = *(const struct attr *const *)b;
    int order = bytes_compare(left->key, right->key);
    return order != 0 ? order : left > right ? -1 : left < right;
}

static bool sum_many(const struct attr *attrs, uint32_t count, uint64_t *sum)
{
    const struct attr **sorted = memory_alloc(count * sizeof *sorted);
    bool made = sorted != NULL;
    for (uint32_t i = 0; made && i < count; i++) {
        sorted[i] = &attrs[i];
    }
    if (made) {
        qsort(sorted, count, sizeof *sorted, compare_keys);
    }
    for (uint32_t i = 0; made && i < count; i++) {
        bool repeated = i > 0 && bytes_equal(sorted[i]->key, sorted[i - 1]->key);
        if (!repeated && sorted[i]->value.type != VALUE_MISSING) {
            made = add_attr(hash_text(sorted[i]->key), &sorted[i]->value, sum);
        }
    }
    free(sorted);
    return made;
}

/* Of each key the last, from the last on; one without a value counts as not there. */
static bool sum_attrs(const struct attr *attrs, uint32_t count, uint64_t *ret)
{
    struct seen seen = {{0}};
    uint64_t sum = KEY_ATTR;
    bool made = true;
    if (count > FEW_ATTRS) {
        made = sum_many(attrs, count, &sum);
        *ret = sum;
        return made;
    }
    for (uint32_t i = count; i-- > 0 && made;) {
        uint64_t key_hash = hash_text(attrs[i].key);
        bool again = see(&seen, key_hash) && comes_again(attrs, count, i);
        if (!again && attrs[i].value.type != VALUE_MISSING) {
            made = add_attr(key_hash, &attrs[i].value, &sum);
        }
    }
    *ret = sum;
    return made;
}

static bool chain_attrs(const struct attr *attrs, uint32_t count, uint64_t *hash)
{
    uint64_t sum;
    if (!sum_attrs(attrs, count, &sum)) {
        return false;
    }
    *hash = chain(*hash, sum);
    return true;
}

static bool chain_events(const struct span *span, struct arena *arena, uint64_t *hash)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    int end;
    while ((end = span_next_event(&reader, arena, &event)) == 0) {
        *hash = chain(*hash, event.time_ns);
        *hash = chain(*hash, hash_text(event.name));
        if (!chain_attrs(event.attrs, event.attr_count, hash)) {
            return false;
        }
    }
    return end == WIRE_END;
}

static bool chain_links(const struct span *span, struct arena *arena, uint64_t *hash)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct link link;
    int end;
    while ((end = span_next_link(&reader, arena, &link)) == 0) {
        *hash = chain(*hash, hash_text(link.trace_id));
        *hash = chain(*hash, hash_text(link.span_id));
        if (!chain_attrs(link.attrs, link.attr_count, hash)) {
            return false;
        }
    }
    return end == WIRE_END;
}

static uint64_t not_zero(uint64_t hash)
{
    return hash != 0 ? hash : KEY_TEXT;
}

static bool hash_resource(const struct resource *resource, uint64_t *ret)
{
    uint64_t hash = KEY_LEN;
    if (!chain_attrs(resource->attrs, resource->attr_count, &hash)) {
        return false;
    }
    *ret = not_zero(hash);
    return true;
}

bool fingerprint_of_resource(const struct resource *resource, uint64_t *ret)
{
    struct arena arena = ARENA_INIT(1024, 0);
    struct resource whole;
    if (resource->unlisted == 0) {
        return hash_resource(resource, ret);
    }
    bool made =
        resource_decode(resource->raw, NULL, &arena, &whole) == 0 && hash_resource(&whole, ret);
    arena_deinit(&arena);
    return made;
}

static bool hash_scope(const struct scope *scope, uint64_t *ret)
{
    uint64_t hash = chain(hash_text(scope->name), hash_text(scope->version));
    if (!chain_attrs(scope->attrs, scope->attr_count, &hash)) {
        return false;
    }
    *ret = not_zero(hash);
    return true;
}

bool fingerprint_of_scope(const struct scope *scope, uint64_t *ret)
{
    struct arena arena = ARENA_INIT(1024, 0);
    struct scope whole;
    if (scope->unlisted == 0) {
        return hash_scope(scope, ret);
    }
    bool made = scope_decode(scope->raw, NULL, &arena, &whole) == 0 && hash_scope(&whole, ret);
    arena_deinit(&arena);
    return made;
}

/* Shared ones know their own. */
static bool chain_source(const struct resource *of_resource, const struct scope *of_scope,
                         uint64_t *hash)
{
    uint64_t resource = of_resource->fingerprint;
    uint64_t scope = of_scope->fingerprint;
    if ((resource == 0 && !fingerprint_of_resource(of_resource, &resource)) ||
        (scope == 0 && !fingerprint_of_scope(of_scope, &scope))) {
        return false;
    }
    *hash = chain(chain(*hash, resource), scope);
    return true;
}

bool fingerprint_of_span(const struct span *span, const struct resource *resource,
                         const struct scope *scope, struct arena *arena, uint64_t *ret)
{
    struct span whole;
    if (span->unlisted != 0) {
        if (span_decode_whole(span, arena, &whole) != 0) {
            return false;
        }
        span = &whole;
    }
    uint64_t hash = chain(span->id, span->parent);
    hash = chain(chain(hash, span->start_ns), span->end_ns);
    hash = chain(hash, (uint64_t)span->kind_sent << 32 | span->status_sent);
    hash = chain(hash, hash_text(span->name));
    hash = chain(hash, hash_text(span->status_message));
    hash = chain(hash, (uint64_t)span->event_count << 32 | span->link_count);
    if (!chain_attrs(span->attrs, span->attr_count, &hash) ||
        !chain_source(resource, scope, &hash) ||
        (span->event_count != 0 && !chain_events(span, arena, &hash)) ||
        (span->link_count != 0 && !chain_links(span, arena, &hash))) {
        return false;
    }
    *ret = not_zero(hash);
    return true;
}
