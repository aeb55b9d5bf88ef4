#include "daemon/model/span_plain.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "daemon/core/hex.h"
#include "daemon/core/number.h"
#include "daemon/model/id_json.h"

#define LINK_ID_BYTES_MAX 32

static void member_time_text(struct json *json, const char *key, uint64_t time_ns)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, time_ns);
    json_member_string(json, key, text);
}

static void member_unless_zero(struct json *json, const char *key, uint32_t number)
{
    if (number != 0) {
        json_member_u64(json, key, number);
    }
}

/* --- values --- */

static void write_double(struct json *json, double number)
{
    char text[NUMBER_TEXT_MAX + 2];
    size_t len = number_print_double(text, number);
    if (!isfinite(number)) {
        json_text(json, bytes_from(text, len));
        return;
    }
    if (strcspn(text, ".e") == len) {
        memcpy(text + len, ".0", 3);
        len += 2;
    }
    json_raw(json, bytes_from(text, len));
}

static void write_value(struct json *json, const struct value *value);

static void write_array(struct json *json, struct bytes array)
{
    struct wire_reader items = wire_reader_of(array);
    struct value item;
    json_array(json);
    while (value_next_item(&items, &item)) {
        write_value(json, &item);
    }
    json_array_end(json);
}

static void write_map(struct json *json, struct bytes map)
{
    struct wire_reader pairs = wire_reader_of(map);
    struct attr pair;
    json_object(json);
    while (value_next_pair(&pairs, &pair)) {
        json_key_bytes(json, pair.key);
        write_value(json, &pair.value);
    }
    json_object_end(json);
}

/* As deep as VALUE_DEPTH_MAX at most: the decoder has seen to that. */
static void write_value(struct json *json, const struct value *value)
{
    if (value->type == VALUE_DOUBLE) {
        write_double(json, value->number);
    } else if (value->type == VALUE_ARRAY) {
        write_array(json, value->bytes);
    } else if (value->type == VALUE_MAP) {
        write_map(json, value->bytes);
    } else {
        value_write_json(json, value);
    }
}

static void member_attrs(struct json *json, const struct attr *attrs, uint32_t count,
                         uint32_t dropped)
{
    json_key(json, "attributes");
    json_object(json);
    for (uint32_t i = 0; i < count; i++) {
        if (attrs[i].value.type != VALUE_MISSING) {
            json_key_bytes(json, attrs[i].key);
            write_value(json, &attrs[i].value);
        }
    }
    json_object_end(json);
    member_unless_zero(json, "dropped_attributes", dropped);
}

/* --- what hangs on a span --- */

static void write_events(struct json *json, const struct span *span, struct arena *arena)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    int outcome;
    json_key(json, "events");
    json_array(json);
    while ((outcome = span_next_event(&reader, arena, &event)) == 0) {
        json_object(json);
        json_member_text(json, "name", event.name);
        member_time_text(json, "time_unix_nano", event.time_ns);
        member_attrs(json, event.attrs, event.attr_count, event.dropped_attrs);
        json_object_end(json);
    }
    json_array_end(json);
    json->out->failed |= outcome != WIRE_END;
    member_unless_zero(json, "dropped_events", span->dropped_events);
}

/* IDs of links came unchecked: what is too long for an ID is cut. */
static void member_link_id(struct json *json, const char *key, struct bytes id)
{
    char text[2 * LINK_ID_BYTES_MAX];
    size_t len = id.len <= LINK_ID_BYTES_MAX ? id.len : LINK_ID_BYTES_MAX;
    hex_print(text, id.data, len);
    json_member_text(json, key, bytes_from(text, 2 * len));
}

static void write_links(struct json *json, const struct span *span, struct arena *arena)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct link link;
    int outcome;
    json_key(json, "links");
    json_array(json);
    while ((outcome = span_next_link(&reader, arena, &link)) == 0) {
        json_object(json);
        member_link_id(json, "trace_id", link.trace_id);
        member_link_id(json, "span_id", link.span_id);
        json_member_text(json, "trace_state", link.trace_state);
        member_attrs(json, link.attrs, link.attr_count, link.dropped_attrs);
        json_object_end(json);
    }
    json_array_end(json);
    json->out->failed |= outcome != WIRE_END;
    member_unless_zero(json, "dropped_links", span->dropped_links);
}

static void write_resource(struct json *json, const struct resource *resource)
{
    json_key(json, "resource");
    json_object(json);
    member_attrs(json, resource->attrs, resource->attr_count, resource->dropped_attrs);
    json_object_end(json);
}

static void write_scope(struct json *json, const struct scope *scope)
{
    json_key(json, "scope");
    json_object(json);
    json_member_text(json, "name", scope->name);
    json_member_text(json, "version", scope->version);
    member_attrs(json, scope->attrs, scope->attr_count, scope->dropped_attrs);
    json_object_end(json);
}

static void write_ids(struct json *json, const struct span *span)
{
    json_member_span_id(json, "span_id", span->id);
    if (span->parent != 0) {
        json_member_span_id(json, "parent_span_id", span->parent);
    } else {
        json_key(json, "parent_span_id");
        json_null(json);
    }
}

void span_write_plain_json(struct json *json, const struct span *span, struct arena *arena)
{
    json_object(json);
    write_ids(json, span);
    json_member_text(json, "name", span->name);
    json_member_text(json, "service", span->resource->service);
    json_member_string(json, "kind", span_kind_name(span->kind));
    json_member_string(json, "status", span_status_name(span->status));
    json_member_text(json, "status_message", span->status_message);
    member_time_text(json, "start_time_unix_nano", span->start_ns);
    member_time_text(json, "end_time_unix_nano", span->end_ns);
    json_member_text(json, "trace_state", span->trace_state);
    member_attrs(json, span->attrs, span->attr_count, span->dropped_attrs);
    write_resource(json, span->resource);
    write_scope(json, span->scope);
    write_events(json, span, arena);
    write_links(json, span, arena);
    json_object_end(json);
}
