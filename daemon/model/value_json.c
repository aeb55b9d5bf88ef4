/* Attribute values as JSON: plain for reports, typed for OTLP/JSON. */
#include "daemon/model/value.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/core/hex.h"

static void write_base64(struct json *json, struct bytes bytes)
{
    struct buf text = BUF_NULL;
    base64_append(&text, bytes);
    json_text(json, buf_bytes(&text));
    json->out->failed |= text.failed;
    buf_deinit(&text);
}

static void write_array(struct json *json, struct bytes array,
                        void (*write)(struct json *, const struct value *))
{
    struct wire_reader items = wire_reader_of(array);
    struct value item;
    json_array(json);
    while (value_next_item(&items, &item)) {
        write(json, &item);
    }
    json_array_end(json);
}

/* A map is written as it came, keys that came twice included. */
static void write_map(struct json *json, struct bytes map)
{
    struct wire_reader pairs = wire_reader_of(map);
    struct attr pair;
    json_object(json);
    while (value_next_pair(&pairs, &pair)) {
        json_key_bytes(json, pair.key);
        value_write_json(json, &pair.value);
    }
    json_object_end(json);
}

void value_write_json(struct json *json, const struct value *value)
{
    switch (value->type) {
    case VALUE_MISSING:
        json_null(json);
        break;
    case VALUE_TEXT:
        json_text(json, value->bytes);
        break;
    case VALUE_BOOL:
        json_bool(json, value->boolean);
        break;
    case VALUE_INT:
        json_i64(json, value->integer);
        break;
    case VALUE_DOUBLE:
        json_double(json, value->number);
        break;
    case VALUE_BYTES:
        write_base64(json, value->bytes);
        break;
    case VALUE_ARRAY:
        write_array(json, value->bytes, value_write_json);
        break;
    case VALUE_MAP:
        write_map(json, value->bytes);
        break;
    }
}

/* OTLP/JSON has 64-bit integers as text. */
static void write_integer_text(struct json *json, int64_t integer)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, integer);
    json_string(json, text);
}

static void write_otlp_map(struct json *json, struct bytes map)
{
    struct wire_reader pairs = wire_reader_of(map);
    struct attr pair;
    json_array(json);
    while (value_next_pair(&pairs, &pair)) {
        attr_write_otlp_json(json, &pair);
    }
    json_array_end(json);
}

/* {"arrayValue":{"values":[...]}} */
static void write_otlp_list(struct json *json, const struct value *value)
{
    json_object(json);
    json_key(json, "values");
    if (value->type == VALUE_ARRAY) {
        write_array(json, value->bytes, value_write_otlp_json);
    } else {
        write_otlp_map(json, value->bytes);
    }
    json_object_end(json);
}

static void write_otlp_member(struct json *json, const struct value *value)
{
    static const char *const names[] = {
        [VALUE_TEXT] = "stringValue",   [VALUE_BOOL] = "boolValue",   [VALUE_INT] = "intValue",
        [VALUE_DOUBLE] = "doubleValue", [VALUE_BYTES] = "bytesValue", [VALUE_ARRAY] = "arrayValue",
        [VALUE_MAP] = "kvlistValue",
    };
    json_key(json, names[value->type]);
    if (value->type == VALUE_INT) {
        write_integer_text(json, value->integer);
    } else if (value->type == VALUE_ARRAY || value->type == VALUE_MAP) {
        write_otlp_list(json, value);
    } else {
        value_write_json(json, value);
    }
}

void value_write_otlp_json(struct json *json, const struct value *value)
{
    json_object(json);
    if (value->type != VALUE_MISSING) {
        write_otlp_member(json, value);
    }
    json_object_end(json);
}

void attr_write_otlp_json(struct json *json, const struct attr *attr)
{
    json_object(json);
    json_member_text(json, "key", attr->key);
    json_key(json, "value");
    value_write_otlp_json(json, &attr->value);
    json_object_end(json);
}
