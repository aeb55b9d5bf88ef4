#include "daemon/suggestion_attrs.h"

#include "daemon/model/value.h"

static const char *const stable_keys[] = {
    "http.request.method",
    "http.method",
    "http.route",
    "url.template",
    "http.response.status_code",
    "http.status_code",
    "rpc.system.name",
    "rpc.system",
    "rpc.service",
    "rpc.method",
    "rpc.response.status_code",
    "rpc.grpc.status_code",
    "graphql.operation.type",
    "graphql.operation.name",
    "db.system.name",
    "db.system",
    "db.operation.name",
    "db.operation",
    "db.collection.name",
    "db.sql.table",
    "db.stored_procedure.name",
    "db.query.summary",
    "messaging.system",
    "messaging.operation.type",
    "messaging.operation.name",
    "messaging.operation",
    "messaging.destination.name",
    "messaging.destination",
    "messaging.consumer.group.name",
    "faas.trigger",
    "gen_ai.operation.name",
    "error.type",
};
#define STABLE_COUNT (sizeof stable_keys / sizeof stable_keys[0])

static bool is_fit(const struct value *value)
{
    if (value->type != VALUE_TEXT) {
        return value->type == VALUE_INT || value->type == VALUE_BOOL;
    }
    return value->bytes.len != 0 && value->bytes.len <= SUGGESTION_VALUE_MAX &&
           memchr(value->bytes.data, 0, value->bytes.len) == NULL;
}

static bool is_same(const struct value *a, const struct value *b)
{
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case VALUE_TEXT:
        return bytes_equal(a->bytes, b->bytes);
    case VALUE_INT:
        return a->integer == b->integer;
    default:
        return a->boolean == b->boolean;
    }
}

static bool is_true(const struct span *span, const char *key)
{
    struct value value = attrs_find(span->attrs, span->attr_count, bytes_of(key));
    return value.type == VALUE_BOOL && value.boolean;
}

/* A destination that is made for one exchange has a name that is an ID. */
static bool is_passing(const struct span *span, struct bytes key)
{
    return bytes_start_with(key, BYTES_LITERAL("messaging.destination")) &&
           (is_true(span, "messaging.destination.temporary") ||
            is_true(span, "messaging.destination.anonymous"));
}

/* What the first span of a kind has. False: no memory. */
static bool begin(struct same_attrs *ret, const struct span *span, struct arena *arena)
{
    struct attr *items = arena_calloc(arena, STABLE_COUNT, sizeof *items);
    for (size_t i = 0; items != NULL && i < STABLE_COUNT; i++) {
        struct bytes key = bytes_of(stable_keys[i]);
        struct value value = attrs_find(span->attrs, span->attr_count, key);
        if (!is_fit(&value) || is_passing(span, key)) {
            continue;
        }
        if (value.type == VALUE_TEXT) {
            value.bytes = arena_copy(arena, value.bytes);
            if (value.bytes.data == NULL) {
                return false;
            }
        }
        items[ret->count++] = (struct attr){key, value};
    }
    ret->items = items;
    return items != NULL;
}

/* Leaves out what this span has otherwise or not at all. */
static void narrow(struct same_attrs *same, const struct span *span)
{
    struct attr *items = same->items;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < same->count; i++) {
        struct value value = attrs_find(span->attrs, span->attr_count, items[i].key);
        if (is_same(&items[i].value, &value)) {
            items[kept++] = items[i];
        }
    }
    same->count = kept;
}

const struct same_attrs *same_attrs_make(const struct kinds *kinds, const struct trace *trace,
                                         uint32_t shown, struct arena *arena)
{
    struct same_attrs *same = arena_calloc(arena, (size_t)shown + 1, sizeof *same);
    struct arena scratch = ARENA_INIT(4096, 0);
    bool good = same != NULL;
    for (uint32_t i = 0; good && i < trace->count; i++) {
        uint32_t kind = kinds->of_span[i];
        struct span span;
        if (kind >= shown) {
            continue;
        }
        good = trace_span_decode(trace, i, &scratch, &span) == 0;
        if (good && same[kind].items == NULL) {
            good = begin(&same[kind], &span, arena);
        } else if (good) {
            narrow(&same[kind], &span);
        }
        arena_reset(&scratch);
    }
    arena_deinit(&scratch);
    return good ? same : NULL;
}
