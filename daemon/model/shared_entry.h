/* One resource or scope of a shared_pool: its bytes, what is known of it without its attributes,
 * and these once they are asked for. It stands in an arena of its own, together with what it points
 * to. Internal to the pool. Thread rule: as the pool. */
#ifndef ASSERTD_MODEL_SHARED_ENTRY_H
#define ASSERTD_MODEL_SHARED_ENTRY_H

#include "daemon/model/span.h"

struct shared_entry {
    struct arena arena;
    struct shared_entry *next; /* in its bucket */
    uint64_t hash;
    uint32_t users;
    bool is_scope;
    bool listed;           /* its attributes are; it knows its fingerprint */
    size_t promised_bytes; /* what listing them will take; 0: they are */
    struct bytes raw;
    struct bytes schema_url;
    union {
        struct resource resource;
        struct scope scope;
    };
};

/* What is looked for: one of both. */
struct shared_wanted {
    struct bytes raw;
    struct bytes schema_url;
    const struct resource *resource;
    const struct scope *scope;
};

/* An entry without users that holds what is wanted, without attributes; NULL: no memory, or more
 * than `limit` bytes (0: none), with what listing them will take. */
struct shared_entry *shared_entry_new(const struct shared_wanted *wanted, uint64_t hash,
                                      size_t limit);
void shared_entry_free(struct shared_entry *entry);

/* Whether it holds what is wanted: the same bytes. */
bool shared_entry_is(const struct shared_entry *entry, const struct shared_wanted *wanted);

/* Lists its attributes and makes its fingerprint, unless that has been done. Whoever explains what
 * was let in gets the memory: it was promised. False: there is none. */
bool shared_entry_list(struct shared_entry *entry);

/* Bytes that it holds, or was promised. */
size_t shared_entry_bytes(const struct shared_entry *entry);

/* Whose these are. */
struct shared_entry *shared_entry_of_resource(const struct resource *resource);
struct shared_entry *shared_entry_of_scope(const struct scope *scope);

#endif
