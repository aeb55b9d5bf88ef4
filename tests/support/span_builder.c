#include "tests/support/span_builder.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/wire.h"

static void require(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "span builder: %s\n", what);
        abort();
    }
}

struct trace_id trace_id_build(uint64_t trace)
{
    struct trace_id id = {{0}};
    uint64_t low = htobe64(trace != 0 ? trace : 1);
    memcpy(id.bytes + 8, &low, sizeof low);
    return id;
}

static void put_double(struct buf *out, uint32_t field, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    wire_put_fixed64(out, field, bits);
}

static void put_items(struct buf *out, const struct attr_build *list)
{
    for (size_t i = 0; i < list->item_count; i++) {
        size_t item = wire_begin(out, 1);
        if (list->type == VALUE_MAP) {
            attr_encode(out, &list->items[i]);
        } else {
            value_encode(out, &list->items[i]);
        }
        wire_end(out, item);
    }
}

void value_encode(struct buf *out, const struct attr_build *value)
{
    size_t mark;
    switch (value->type) {
    case VALUE_MISSING:
        break;
    case VALUE_TEXT:
        wire_put_bytes(out, 1, value->bytes);
        break;
    case VALUE_BOOL:
        wire_put_uint(out, 2, value->integer != 0);
        break;
    case VALUE_INT:
        wire_put_uint(out, 3, (uint64_t)value->integer);
        break;
    case VALUE_DOUBLE:
        put_double(out, 4, value->number);
        break;
    case VALUE_BYTES:
        wire_put_bytes(out, 7, value->bytes);
        break;
    case VALUE_ARRAY:
    case VALUE_MAP:
        mark = wire_begin(out, value->type == VALUE_ARRAY ? 5 : 6);
        put_items(out, value);
        wire_end(out, mark);
        break;
    }
}

void attr_encode(struct buf *out, const struct attr_build *attr)
{
    wire_put_bytes(out, 1, bytes_of(attr->key));
    size_t value = wire_begin(out, 2);
    value_encode(out, attr);
    wire_end(out, value);
}

static void put_attrs(struct buf *out, uint32_t field, const struct attr_build *attrs)
{
    for (size_t i = 0; i < BUILD_ATTRS_MAX && attrs[i].key != NULL; i++) {
        size_t attr = wire_begin(out, field);
        attr_encode(out, &attrs[i]);
        wire_end(out, attr);
    }
}

static void put_trace_id(struct buf *out, uint32_t field, uint64_t trace)
{
    struct trace_id id = trace_id_build(trace);
    wire_put_bytes(out, field, bytes_from(id.bytes, sizeof id.bytes));
}

static void put_span_id(struct buf *out, uint32_t field, span_id id)
{
    uint64_t bytes = htobe64(id);
    if (id != 0) {
        wire_put_bytes(out, field, bytes_from(&bytes, sizeof bytes));
    }
}

static void put_text(struct buf *out, uint32_t field, const char *text)
{
    if (text != NULL) {
        wire_put_bytes(out, field, bytes_of(text));
    }
}

static void put_number(struct buf *out, uint32_t field, uint64_t number)
{
    if (number != 0) {
        wire_put_uint(out, field, number);
    }
}

static void put_flags(struct buf *out, uint32_t field, uint32_t flags)
{
    if (flags != 0) {
        wire_put_fixed32(out, field, flags);
    }
}

static void put_event(struct buf *out, const struct event_build *event)
{
    size_t mark = wire_begin(out, 11);
    wire_put_fixed64(out, 1, event->time_ns);
    put_text(out, 2, event->name);
    put_attrs(out, 3, event->attrs);
    put_number(out, 4, event->dropped_attrs);
    wire_end(out, mark);
}

static void put_link(struct buf *out, const struct link_build *link)
{
    size_t mark = wire_begin(out, 13);
    put_trace_id(out, 1, link->trace);
    put_span_id(out, 2, link->span);
    put_text(out, 3, link->trace_state);
    put_attrs(out, 4, link->attrs);
    put_number(out, 5, link->dropped_attrs);
    put_flags(out, 6, link->flags);
    wire_end(out, mark);
}

static void put_status(struct buf *out, const struct span_build *span)
{
    if (span->status != STATUS_UNSET || span->status_message != NULL) {
        size_t mark = wire_begin(out, 15);
        put_text(out, 2, span->status_message);
        put_number(out, 3, span->status);
        wire_end(out, mark);
    }
}

void span_encode(struct buf *out, const struct span_build *span)
{
    put_trace_id(out, 1, span->trace);
    put_span_id(out, 2, span->id);
    put_text(out, 3, span->trace_state);
    put_span_id(out, 4, span->parent);
    put_text(out, 5, span->name);
    wire_put_uint(out, 6, (uint64_t)span->kind + 1);
    wire_put_fixed64(out, 7, span->start_ns);
    wire_put_fixed64(out, 8, span->end_ns);
    put_attrs(out, 9, span->attrs);
    put_number(out, 10, span->dropped_attrs);
    for (size_t i = 0; i < BUILD_PARTS_MAX && span->events[i].name != NULL; i++) {
        put_event(out, &span->events[i]);
    }
    put_number(out, 12, span->dropped_events);
    for (size_t i = 0; i < BUILD_PARTS_MAX && span->links[i].trace != 0; i++) {
        put_link(out, &span->links[i]);
    }
    put_number(out, 14, span->dropped_links);
    put_status(out, span);
    put_flags(out, 16, span->flags);
}

void resource_encode(struct buf *out, const struct span_build *span)
{
    if (span->service != NULL) {
        const struct attr_build service = {
            .key = "service.name",
            .type = VALUE_TEXT,
            .bytes = bytes_of(span->service),
        };
        size_t mark = wire_begin(out, 1);
        attr_encode(out, &service);
        wire_end(out, mark);
    }
    put_attrs(out, 1, span->resource);
}

void scope_encode(struct buf *out, const struct span_build *span)
{
    put_text(out, 1, span->scope_name);
    put_text(out, 2, span->scope_version);
    put_attrs(out, 3, span->scope);
}

void request_encode(struct buf *out, const struct span_build *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t resource_spans = wire_begin(out, 1);
        size_t part = wire_begin(out, 1);
        resource_encode(out, &spans[i]);
        wire_end(out, part);
        size_t scope_spans = wire_begin(out, 2);
        part = wire_begin(out, 1);
        scope_encode(out, &spans[i]);
        wire_end(out, part);
        part = wire_begin(out, 2);
        span_encode(out, &spans[i]);
        wire_end(out, part);
        wire_end(out, scope_spans);
        wire_end(out, resource_spans);
    }
    require(!out->failed, "no memory for a request");
}

/* What `encode` writes, in the arena. */
static struct bytes encoded(const struct span_build *span, struct arena *arena,
                            void (*encode)(struct buf *, const struct span_build *))
{
    struct buf bytes = BUF_NULL;
    encode(&bytes, span);
    require(!bytes.failed, "no memory for a message");
    struct bytes copy = arena_copy(arena, buf_bytes(&bytes));
    require(copy.data != NULL, "no memory for a message");
    buf_deinit(&bytes);
    return copy;
}

struct span *span_build_listing(const struct span_build *span, const struct listed_keys *listed,
                                struct arena *arena)
{
    static const struct listed_keys all;
    struct span_limits limits = SPAN_LIMITS_DEFAULT;
    listed = listed != NULL ? listed : &all;
    limits.listed = &listed->span;
    struct resource *resource = arena_alloc(arena, sizeof *resource);
    struct scope *scope = arena_alloc(arena, sizeof *scope);
    struct span *decoded = arena_alloc(arena, sizeof *decoded);
    require(resource != NULL && scope != NULL && decoded != NULL, "no memory for a span");
    require(resource_decode(encoded(span, arena, resource_encode), &listed->resource, arena,
                            resource) == 0,
            "resource does not decode");
    require(scope_decode(encoded(span, arena, scope_encode), &listed->scope, arena, scope) == 0,
            "scope does not decode");
    require(span_decode(encoded(span, arena, span_encode), resource, scope, &limits, arena,
                        decoded) == 0,
            "span does not decode: has it an ID?");
    return decoded;
}

struct span *span_build(const struct span_build *span, struct arena *arena)
{
    return span_build_listing(span, NULL, arena);
}

void trace_build(struct trace *ret, const struct span_build *spans, size_t count)
{
    struct trace_id id = trace_id_build(count != 0 ? spans[0].trace : 0);
    trace_init(ret, &id, 0);
    for (size_t i = 0; i < count; i++) {
        struct arena arena = ARENA_INIT(4096, 0);
        uint32_t index;
        int outcome = trace_add(ret, span_build(&spans[i], &arena), UINT32_MAX, &index);
        require(outcome == 0 || outcome == TRACE_DUPLICATE, "trace does not take a span");
        arena_deinit(&arena);
    }
}
