/* Spans for tests: a struct with designated initializers becomes wire bytes, a decoded span, a
 * trace, a whole request.
 *
 *     const struct span_build spans[] = {
 *         { .id = 1, .name = "POST /orders", .service = "shop", .kind = KIND_SERVER, .start_ns =
 * 10, .end_ns = 90 }, { .id = 2, .parent = 1, .name = "INSERT", .attrs = { ATTR_TEXT("db.name",
 * "orders"), ATTR_INT("rows", 1) } },
 *     };
 *     struct trace trace;
 *     trace_build(&trace, spans, 2); ... trace_deinit(&trace);
 *
 * What can't be built (memory, an undecodable span) stops the test. Lists end at the first element
 * without a key or name. */
#ifndef ASSERTD_TESTS_SUPPORT_SPAN_BUILDER_H
#define ASSERTD_TESTS_SUPPORT_SPAN_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"
#include "daemon/model/listed_keys.h"
#include "daemon/model/span.h"
#include "daemon/model/trace.h"

#define BUILD_ATTRS_MAX 16
#define BUILD_PARTS_MAX 4

/* A key and a value of any type; arrays use the values of their items only. */
struct attr_build {
    const char *key;
    enum value_type type;
    struct bytes bytes; /* text, bytes */
    int64_t integer;    /* int, bool */
    double number;
    const struct attr_build *items; /* array, map */
    size_t item_count;
};

#define ATTR_TEXT(name, value)                                                                     \
    {                                                                                              \
        .key = (name), .type = VALUE_TEXT, .bytes = BYTES_LITERAL(value)                           \
    }
#define ATTR_BYTES(name, value)                                                                    \
    {                                                                                              \
        .key = (name), .type = VALUE_BYTES, .bytes = BYTES_LITERAL(value)                          \
    }
#define ATTR_INT(name, value)                                                                      \
    {                                                                                              \
        .key = (name), .type = VALUE_INT, .integer = (value)                                       \
    }
#define ATTR_BOOL(name, value)                                                                     \
    {                                                                                              \
        .key = (name), .type = VALUE_BOOL, .integer = (value)                                      \
    }
#define ATTR_DOUBLE(name, value)                                                                   \
    {                                                                                              \
        .key = (name), .type = VALUE_DOUBLE, .number = (value)                                     \
    }
#define ATTR_NONE(name)                                                                            \
    {                                                                                              \
        .key = (name), .type = VALUE_MISSING                                                       \
    }
/* `list` is an array of struct attr_build. */
#define ATTR_ARRAY(name, list)                                                                     \
    {                                                                                              \
        .key = (name), .type = VALUE_ARRAY, .items = (list),                                       \
        .item_count = sizeof(list) / sizeof((list)[0])                                             \
    }
#define ATTR_MAP(name, list)                                                                       \
    {                                                                                              \
        .key = (name), .type = VALUE_MAP, .items = (list),                                         \
        .item_count = sizeof(list) / sizeof((list)[0])                                             \
    }

struct event_build {
    const char *name;
    uint64_t time_ns;
    uint32_t dropped_attrs;
    struct attr_build attrs[BUILD_ATTRS_MAX];
};

struct link_build {
    uint64_t trace; /* as in struct span_build; 0 ends the list */
    span_id span;
    uint32_t dropped_attrs;
    uint32_t flags;
    const char *trace_state;
    struct attr_build attrs[BUILD_ATTRS_MAX];
};

struct span_build {
    uint64_t trace; /* the low half of the trace ID; 0 stands for 1 */
    span_id id;
    span_id parent;
    const char *name;
    const char *service; /* resource attribute service.name; NULL: none */
    enum span_kind kind;
    enum span_status status;
    const char *status_message;
    const char *trace_state;
    uint64_t start_ns;
    uint64_t end_ns;
    uint32_t flags;
    uint32_t dropped_attrs, dropped_events, dropped_links;
    struct attr_build attrs[BUILD_ATTRS_MAX];
    struct event_build events[BUILD_PARTS_MAX];
    struct link_build links[BUILD_PARTS_MAX];
    struct attr_build resource[BUILD_ATTRS_MAX];
    const char *scope_name; /* NULL: none */
    const char *scope_version;
    struct attr_build scope[BUILD_ATTRS_MAX];
};

/* The trace ID whose low half is `trace`. */
struct trace_id trace_id_build(uint64_t trace);

/* Appends an encoded AnyValue, KeyValue, Span, Resource, InstrumentationScope. */
void value_encode(struct buf *out, const struct attr_build *value);
void attr_encode(struct buf *out, const struct attr_build *attr);
void span_encode(struct buf *out, const struct span_build *span);
void resource_encode(struct buf *out, const struct span_build *span);
void scope_encode(struct buf *out, const struct span_build *span);

/* Appends an encoded ExportTraceServiceRequest (which is also a TracesData): a ResourceSpans for
 * each span. */
void request_encode(struct buf *out, const struct span_build *spans, size_t count);

/* The span decoded, with its bytes, resource and scope, all in `arena`. */
struct span *span_build(const struct span_build *span, struct arena *arena);

/* The same, listing only attributes of the keys in `listed`; NULL: all. */
struct span *span_build_listing(const struct span_build *span, const struct listed_keys *listed,
                                struct arena *arena);

/* A trace without memory limit that holds the spans, equal copies merged. The ID is that of the
 * first span. */
void trace_build(struct trace *ret, const struct span_build *spans, size_t count);

#endif
