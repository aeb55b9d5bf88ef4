#include "daemon/core/json.h"

#include <assert.h>
#include <math.h>

#include "daemon/core/number.h"
#include "daemon/core/units.h"
#include "daemon/core/utf8.h"

#define JSON_SAFE_INTEGER (INT64_C(1) << 53)

static void new_line(struct json *json)
{
    if (json->pretty) {
        buf_append_char(json->out, '\n');
        for (unsigned i = 0; i < json->depth; i++) {
            buf_append(json->out, "  ", 2);
        }
    }
}

static uint64_t *member_word(struct json *json)
{
    return &json->has_member[json->depth / 64];
}

static uint64_t member_bit(const struct json *json)
{
    return UINT64_C(1) << (json->depth % 64);
}

/* What stands between the last member and this one; nothing between two documents. */
static void separate(struct json *json)
{
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->depth == 0) {
        return;
    }
    if (*member_word(json) & member_bit(json)) {
        buf_append_char(json->out, ',');
    }
    new_line(json);
    *member_word(json) |= member_bit(json);
}

static void open_container(struct json *json, char c)
{
    separate(json);
    assert(json->depth + 1 < JSON_DEPTH_MAX);
    buf_append_char(json->out, c);
    json->depth++;
    *member_word(json) &= ~member_bit(json);
}

static void close_container(struct json *json, char c)
{
    bool empty = !(*member_word(json) & member_bit(json));
    assert(json->depth > 0 && !json->after_key);
    json->depth--;
    if (!empty) {
        new_line(json);
    }
    buf_append_char(json->out, c);
}

void json_object(struct json *json)
{
    open_container(json, '{');
}

void json_object_end(struct json *json)
{
    close_container(json, '}');
}

void json_array(struct json *json)
{
    open_container(json, '[');
}

void json_array_end(struct json *json)
{
    close_container(json, ']');
}

static void escape_char(struct buf *out, uint8_t c)
{
    switch (c) {
    case '"':
    case '\\':
        buf_append_char(out, '\\');
        buf_append_char(out, (char)c);
        break;
    case '\n':
        buf_append_text(out, "\\n");
        break;
    case '\t':
        buf_append_text(out, "\\t");
        break;
    case '\r':
        buf_append_text(out, "\\r");
        break;
    default:
        buf_printf(out, "\\u%04x", c);
        break;
    }
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

static void escape_valid(struct buf *out, struct bytes text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_plain(text.data[i])) {
            buf_append(out, text.data + start, i - start);
            escape_char(out, text.data[i]);
            start = i + 1;
        }
    }
    if (start < text.len) {
        buf_append(out, text.data + start, text.len - start);
    }
}

void json_escape(struct buf *out, struct bytes text)
{
    utf8_append_by(out, text, escape_valid);
}

static void quoted(struct json *json, struct bytes text)
{
    buf_append_char(json->out, '"');
    json_escape(json->out, text);
    buf_append_char(json->out, '"');
}

void json_key_bytes(struct json *json, struct bytes key)
{
    assert(!json->after_key);
    separate(json);
    quoted(json, key);
    buf_append_text(json->out, json->pretty ? ": " : ":");
    json->after_key = true;
}

void json_key(struct json *json, const char *key)
{
    json_key_bytes(json, bytes_of(key));
}

void json_text(struct json *json, struct bytes text)
{
    separate(json);
    quoted(json, text);
}

void json_string(struct json *json, const char *text)
{
    json_text(json, bytes_of(text));
}

void json_i128(struct json *json, __int128 number)
{
    bool safe = number <= JSON_SAFE_INTEGER && number >= -JSON_SAFE_INTEGER;
    separate(json);
    if (!safe) {
        buf_append_char(json->out, '"');
    }
    units_print_i128(json->out, number);
    if (!safe) {
        buf_append_char(json->out, '"');
    }
}

void json_i64(struct json *json, int64_t number)
{
    json_i128(json, number);
}

void json_u64(struct json *json, uint64_t number)
{
    json_i128(json, number);
}

void json_double(struct json *json, double number)
{
    char text[NUMBER_TEXT_MAX];
    size_t len = number_print_double(text, number);
    if (!isfinite(number)) {
        json_text(json, bytes_from(text, len));
        return;
    }
    separate(json);
    buf_append(json->out, text, len);
}

void json_bool(struct json *json, bool value)
{
    json_raw(json, bytes_of(value ? "true" : "false"));
}

void json_null(struct json *json)
{
    json_raw(json, BYTES_LITERAL("null"));
}

void json_raw(struct json *json, struct bytes value)
{
    separate(json);
    buf_append_bytes(json->out, value);
}

void json_member_text(struct json *json, const char *key, struct bytes text)
{
    json_key(json, key);
    json_text(json, text);
}

void json_member_string(struct json *json, const char *key, const char *text)
{
    json_key(json, key);
    json_string(json, text);
}

void json_member_u64(struct json *json, const char *key, uint64_t number)
{
    json_key(json, key);
    json_u64(json, number);
}

void json_member_bool(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}
