#include "daemon/model/shared_entry.h"

#include "daemon/core/list.h"
#include "daemon/model/fingerprint.h"

#define ENTRY_FIRST_BYTES 1024u

static bool wants_scope(const struct shared_wanted *wanted)
{
    return wanted->scope != NULL;
}

void shared_entry_free(struct shared_entry *entry)
{
    struct arena arena = entry->arena;
    arena_deinit(&arena);
}

bool shared_entry_is(const struct shared_entry *entry, const struct shared_wanted *wanted)
{
    return entry->is_scope == wants_scope(wanted) && bytes_equal(entry->raw, wanted->raw) &&
           bytes_equal(entry->schema_url, wanted->schema_url);
}

/* A view of the bytes that came is one of the entry's copy. */
static struct bytes moved(const struct shared_entry *entry, struct bytes view, struct bytes raw)
{
    return view.data != NULL ? bytes_from(entry->raw.data + (view.data - raw.data), view.len)
                             : BYTES_NULL;
}

/* As it came, but for the attributes. */
static void note_resource(struct shared_entry *entry, const struct resource *came)
{
    entry->resource = *came;
    entry->resource.raw = entry->raw;
    entry->resource.schema_url = entry->schema_url;
    entry->resource.service = moved(entry, came->service, came->raw);
    entry->resource.attrs = NULL;
    entry->resource.attr_count = 0;
    entry->resource.unlisted = came->attr_count + came->unlisted;
    entry->resource.fingerprint = 0;
}

static void note_scope(struct shared_entry *entry, const struct scope *came)
{
    entry->scope = *came;
    entry->scope.raw = entry->raw;
    entry->scope.schema_url = entry->schema_url;
    entry->scope.name = moved(entry, came->name, came->raw);
    entry->scope.version = moved(entry, came->version, came->raw);
    entry->scope.attrs = NULL;
    entry->scope.attr_count = 0;
    entry->scope.unlisted = came->attr_count + came->unlisted;
    entry->scope.fingerprint = 0;
}

static bool list_resource(struct shared_entry *entry)
{
    struct resource whole;
    if (resource_decode(entry->raw, NULL, &entry->arena, &whole) != 0 ||
        !fingerprint_of_resource(&whole, &whole.fingerprint)) {
        return false;
    }
    whole.schema_url = entry->schema_url;
    entry->resource = whole;
    return true;
}

static bool list_scope(struct shared_entry *entry)
{
    struct scope whole;
    if (scope_decode(entry->raw, NULL, &entry->arena, &whole) != 0 ||
        !fingerprint_of_scope(&whole, &whole.fingerprint)) {
        return false;
    }
    whole.schema_url = entry->schema_url;
    entry->scope = whole;
    return true;
}

bool shared_entry_list(struct shared_entry *entry)
{
    if (!entry->listed) {
        entry->arena.limit_bytes = 0;
        entry->listed = entry->is_scope ? list_scope(entry) : list_resource(entry);
        entry->promised_bytes = entry->listed ? 0 : entry->promised_bytes;
    }
    return entry->listed;
}

size_t shared_entry_bytes(const struct shared_entry *entry)
{
    return arena_held(&entry->arena) + entry->promised_bytes;
}

/* A list that grows by doubling leaves about as much behind. */
static size_t promise(const struct shared_wanted *wanted)
{
    const struct resource *resource = wanted->resource;
    const struct scope *scope = wanted->scope;
    size_t count = resource != NULL ? (size_t)resource->attr_count + resource->unlisted
                                    : (size_t)scope->attr_count + scope->unlisted;
    return 2 * count * sizeof(struct attr);
}

struct shared_entry *shared_entry_new(const struct shared_wanted *wanted, uint64_t hash,
                                      size_t limit)
{
    size_t promised = promise(wanted);
    if (limit != 0 && limit <= promised) {
        return NULL;
    }
    struct arena arena = ARENA_INIT(ENTRY_FIRST_BYTES, limit != 0 ? limit - promised : 0);
    struct shared_entry *entry = arena_calloc(&arena, 1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    entry->arena = arena;
    entry->hash = hash;
    entry->is_scope = wants_scope(wanted);
    entry->promised_bytes = promised;
    entry->raw = arena_copy(&entry->arena, wanted->raw);
    entry->schema_url = arena_copy(&entry->arena, wanted->schema_url);
    if (entry->raw.data == NULL || entry->schema_url.data == NULL) {
        shared_entry_free(entry);
        return NULL;
    }
    if (entry->is_scope) {
        note_scope(entry, wanted->scope);
    } else {
        note_resource(entry, wanted->resource);
    }
    return entry;
}

struct shared_entry *shared_entry_of_resource(const struct resource *resource)
{
    return container_of((uintptr_t)resource, struct shared_entry, resource);
}

struct shared_entry *shared_entry_of_scope(const struct scope *scope)
{
    return container_of((uintptr_t)scope, struct shared_entry, scope);
}
