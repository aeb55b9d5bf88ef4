#include "receivers/otlp_writer.h"

#include "daemon/core/hex.h"
#include "receivers/json_number.h"

enum envelope_number { REQUEST_RESOURCES = 1, ENVELOPE_SHARED = 1, ENVELOPE_CHILDREN = 2 };
enum scope_number { SCOPE_NAME = 1, SCOPE_VERSION = 2 };
enum status_number { STATUS_MESSAGE = 2, STATUS_CODE = 3 };
enum status_value { STATUS_CODE_OK = 1, STATUS_CODE_ERROR = 2 };
enum pair_number { PAIR_KEY = 1, PAIR_VALUE = 2 };

#define ID_BYTES_MAX 16

/* A count that is no number is none; one too large is as good as the largest. */
static uint32_t count_of(struct bytes text)
{
    uint64_t number;
    if (json_number_u64(text, &number) != 0) {
        return 0;
    }
    return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

bool otlp_tag_is_field(struct bytes key)
{
    return bytes_is(key, "otel.dropped_attributes_count") ||
           bytes_is(key, "otel.dropped_events_count") ||
           bytes_is(key, "otel.dropped_links_count") || bytes_is(key, "w3c.tracestate");
}

void otlp_tags_note(struct otlp_tags *tags, struct bytes key, struct bytes text)
{
    const struct {
        const char *key;
        struct bytes *text;
    } texts[] = {
        {"otel.scope.name", &tags->scope_name},
        {"otel.scope.version", &tags->scope_version},
        {"otel.library.name", &tags->library_name},
        {"otel.library.version", &tags->library_version},
        {"otel.status_code", &tags->status_code},
        {"otel.status_description", &tags->status_description},
        {"w3c.tracestate", &tags->trace_state},
    };
    const struct {
        const char *key;
        uint32_t *count;
    } counts[] = {
        {"otel.dropped_attributes_count", &tags->dropped_attrs},
        {"otel.dropped_events_count", &tags->dropped_events},
        {"otel.dropped_links_count", &tags->dropped_links},
    };
    if (!bytes_start_with(key, BYTES_LITERAL("otel.")) && !bytes_is(key, "w3c.tracestate")) {
        return;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (bytes_is(key, texts[i].key)) {
            *texts[i].text = text;
        }
    }
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (bytes_is(key, counts[i].key)) {
            *counts[i].count = count_of(text);
        }
    }
}

static void put_count(struct buf *out, uint32_t field, uint32_t count)
{
    if (count > 0) {
        wire_put_uint(out, field, count);
    }
}

void otlp_tags_put(struct buf *out, const struct otlp_tags *tags, bool error, struct bytes message)
{
    bool ok = bytes_is_nocase(tags->status_code, "OK");
    error = error || bytes_is_nocase(tags->status_code, "ERROR");
    message = message.len > 0 ? message : tags->status_description;
    if (tags->trace_state.len > 0) {
        wire_put_bytes(out, SPAN_TRACE_STATE, tags->trace_state);
    }
    put_count(out, SPAN_DROPPED_ATTRIBUTES, tags->dropped_attrs);
    put_count(out, SPAN_DROPPED_EVENTS, tags->dropped_events);
    put_count(out, SPAN_DROPPED_LINKS, tags->dropped_links);
    if (error || ok) {
        size_t status = wire_begin(out, SPAN_STATUS);
        wire_put_bytes(out, STATUS_MESSAGE, message);
        wire_put_uint(out, STATUS_CODE, error ? STATUS_CODE_ERROR : STATUS_CODE_OK);
        wire_end(out, status);
    }
}

static void end_scope(struct otlp_writer *writer)
{
    if (writer->in_scope) {
        wire_end(writer->out, writer->scope_mark);
    }
    writer->in_scope = false;
}

void otlp_writer_end(struct otlp_writer *writer)
{
    end_scope(writer);
    if (writer->in_resource) {
        wire_end(writer->out, writer->resource_mark);
    }
    writer->in_resource = false;
}

void otlp_writer_resource(struct otlp_writer *writer)
{
    otlp_writer_end(writer);
    writer->resource_mark = wire_begin(writer->out, REQUEST_RESOURCES);
    writer->in_resource = true;
}

void otlp_writer_scope(struct otlp_writer *writer, struct bytes name, struct bytes version)
{
    if (writer->in_scope && bytes_equal(name, writer->scope_name) &&
        bytes_equal(version, writer->scope_version)) {
        return;
    }
    end_scope(writer);
    writer->scope_mark = wire_begin(writer->out, ENVELOPE_CHILDREN);
    writer->in_scope = true;
    writer->scope_name = name;
    writer->scope_version = version;
    if (name.len > 0 || version.len > 0) {
        size_t scope = wire_begin(writer->out, ENVELOPE_SHARED);
        wire_put_bytes(writer->out, SCOPE_NAME, name);
        wire_put_bytes(writer->out, SCOPE_VERSION, version);
        wire_end(writer->out, scope);
    }
}

int otlp_hex_id(struct bytes text, uint8_t *out, size_t len)
{
    char digits[2 * ID_BYTES_MAX];
    if (text.len == 0 || text.len > 2 * len) {
        return 1;
    }
    memset(digits, '0', sizeof digits);
    memcpy(digits + 2 * len - text.len, text.data, text.len);
    return hex_parse(bytes_from(digits, 2 * len), out, len);
}

void otlp_put_hex_id(struct buf *out, uint32_t field, struct bytes text, size_t len)
{
    uint8_t id[ID_BYTES_MAX] = {0};
    if (text.len > 0) {
        size_t known = otlp_hex_id(text, id, len) == 0 ? len : 1;
        wire_put_bytes(out, field, bytes_from(id, known));
    }
}

struct otlp_attr_mark otlp_attr_begin(struct buf *out, uint32_t field, struct bytes key)
{
    struct otlp_attr_mark mark = {.pair = wire_begin(out, field)};
    wire_put_bytes(out, PAIR_KEY, key);
    mark.value = wire_begin(out, PAIR_VALUE);
    return mark;
}

void otlp_attr_end(struct buf *out, struct otlp_attr_mark mark)
{
    wire_end(out, mark.value);
    wire_end(out, mark.pair);
}

void otlp_put_text_attr(struct buf *out, uint32_t field, struct bytes key, struct bytes text)
{
    struct otlp_attr_mark mark = otlp_attr_begin(out, field, key);
    wire_put_bytes(out, VALUE_TEXT, text);
    otlp_attr_end(out, mark);
}
