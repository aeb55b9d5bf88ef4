/* Spans as OTLP/JSON: IDs in hex, 64-bit integers as text, enums as numbers; what is empty is left
 * out. */
#include "daemon/model/span_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/core/hex.h"
#include "daemon/model/id_json.h"

static void member_hex(struct json *json, const char *key, struct bytes id)
{
    static const size_t hex_max = 64;
    char text[64];
    size_t len = id.len <= hex_max / 2 ? id.len : hex_max / 2;
    hex_print(text, id.data, len);
    json_member_text(json, key, bytes_from(text, 2 * len));
}

static void member_time(struct json *json, const char *key, uint64_t time_ns)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, time_ns);
    json_member_string(json, key, text);
}

static void member_text_unless_empty(struct json *json, const char *key, struct bytes text)
{
    if (text.len != 0) {
        json_member_text(json, key, text);
    }
}

static void member_number_unless_zero(struct json *json, const char *key, uint64_t number)
{
    if (number != 0) {
        json_member_u64(json, key, number);
    }
}

static void member_attrs(struct json *json, const struct attr *attrs, uint32_t count,
                         uint32_t dropped)
{
    if (count != 0) {
        json_key(json, "attributes");
        json_array(json);
        for (uint32_t i = 0; i < count; i++) {
            attr_write_otlp_json(json, &attrs[i]);
        }
        json_array_end(json);
    }
    member_number_unless_zero(json, "droppedAttributesCount", dropped);
}

/* Scratch that runs out makes the text incomplete: then it counts as failed, like a buf that could
 * not grow. */
static void write_events(struct json *json, const struct span *span, struct arena *arena)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    int outcome;
    json_key(json, "events");
    json_array(json);
    while ((outcome = span_next_event(&reader, arena, &event)) == 0) {
        json_object(json);
        member_time(json, "timeUnixNano", event.time_ns);
        json_member_text(json, "name", event.name);
        member_attrs(json, event.attrs, event.attr_count, event.dropped_attrs);
        json_object_end(json);
    }
    json_array_end(json);
    json->out->failed |= outcome != WIRE_END;
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
        member_hex(json, "traceId", link.trace_id);
        member_hex(json, "spanId", link.span_id);
        member_text_unless_empty(json, "traceState", link.trace_state);
        member_attrs(json, link.attrs, link.attr_count, link.dropped_attrs);
        member_number_unless_zero(json, "flags", link.flags);
        json_object_end(json);
    }
    json_array_end(json);
    json->out->failed |= outcome != WIRE_END;
}

static void write_status(struct json *json, const struct span *span)
{
    if (span->status_sent == 0 && span->status_message.len == 0) {
        return;
    }
    json_key(json, "status");
    json_object(json);
    member_text_unless_empty(json, "message", span->status_message);
    json_key(json, "code");
    json_i64(json, (int32_t)span->status_sent);
    json_object_end(json);
}

void span_write_otlp_json(struct json *json, const struct span *span, struct arena *arena)
{
    json_object(json);
    member_hex(json, "traceId", bytes_from(span->trace_id.bytes, sizeof span->trace_id.bytes));
    json_member_span_id(json, "spanId", span->id);
    if (span->parent != 0) {
        json_member_span_id(json, "parentSpanId", span->parent);
    }
    member_text_unless_empty(json, "traceState", span->trace_state);
    member_number_unless_zero(json, "flags", span->flags);
    json_member_text(json, "name", span->name);
    json_key(json, "kind");
    json_i64(json, (int32_t)span->kind_sent);
    member_time(json, "startTimeUnixNano", span->start_ns);
    member_time(json, "endTimeUnixNano", span->end_ns);
    member_attrs(json, span->attrs, span->attr_count, span->dropped_attrs);
    if (span->event_count != 0) {
        write_events(json, span, arena);
    }
    member_number_unless_zero(json, "droppedEventsCount", span->dropped_events);
    if (span->link_count != 0) {
        write_links(json, span, arena);
    }
    member_number_unless_zero(json, "droppedLinksCount", span->dropped_links);
    write_status(json, span);
    json_object_end(json);
}

void resource_write_otlp_json(struct json *json, const struct resource *resource)
{
    json_object(json);
    member_attrs(json, resource->attrs, resource->attr_count, resource->dropped_attrs);
    json_object_end(json);
}

void scope_write_otlp_json(struct json *json, const struct scope *scope)
{
    json_object(json);
    member_text_unless_empty(json, "name", scope->name);
    member_text_unless_empty(json, "version", scope->version);
    member_attrs(json, scope->attrs, scope->attr_count, scope->dropped_attrs);
    json_object_end(json);
}
