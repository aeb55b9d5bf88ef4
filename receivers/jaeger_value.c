#include "receivers/jaeger_value.h"

#include "daemon/core/hex.h"
#include "receivers/json_number.h"
#include "receivers/otlp_writer.h"

static void put_double(struct buf *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    wire_put_fixed64(out, VALUE_DOUBLE, bits);
}

static int put_int(struct buf *out, const struct json_node *value)
{
    int64_t number;
    if ((value->type != JSON_NUMBER && value->type != JSON_TEXT) ||
        json_number_i64(value->text, &number) != 0) {
        return 1;
    }
    wire_put_uint(out, VALUE_INT, (uint64_t)number);
    return 0;
}

static int put_float(struct buf *out, const struct json_node *value)
{
    double number = 0;
    if (value->type == JSON_TEXT && bytes_is(value->text, "NaN")) {
        number = __builtin_nan("");
    } else if (value->type == JSON_TEXT &&
               (bytes_is(value->text, "Infinity") || bytes_is(value->text, "+Inf"))) {
        number = __builtin_inf();
    } else if (value->type == JSON_TEXT &&
               (bytes_is(value->text, "-Infinity") || bytes_is(value->text, "-Inf"))) {
        number = -__builtin_inf();
    } else if ((value->type != JSON_NUMBER && value->type != JSON_TEXT) ||
               json_number_double(value->text, &number) != 0) {
        return 1;
    }
    put_double(out, number);
    return 0;
}

static int put_bool(struct buf *out, const struct json_node *value)
{
    bool is_true =
        value->type == JSON_TRUE || (value->type == JSON_TEXT && bytes_is(value->text, "true"));
    bool is_false =
        value->type == JSON_FALSE || (value->type == JSON_TEXT && bytes_is(value->text, "false"));
    if (!is_true && !is_false) {
        return 1;
    }
    wire_put_uint(out, VALUE_BOOL, is_true);
    return 0;
}

static int put_binary(struct buf *out, const struct json_node *value)
{
    struct buf data = BUF_NULL;
    int bad = value->type != JSON_TEXT || base64_parse(value->text, &data) != 0;
    if (!bad) {
        wire_put_bytes(out, VALUE_BYTES, buf_bytes(&data));
    }
    out->failed = out->failed || data.failed;
    buf_deinit(&data);
    return bad;
}

static bool is_integer(struct bytes text)
{
    int64_t number;
    return memchr(text.data, '.', text.len) == NULL && memchr(text.data, 'e', text.len) == NULL &&
           memchr(text.data, 'E', text.len) == NULL && json_number_i64(text, &number) == 0;
}

/* A value without a type that we know: as JSON has it. */
static int put_untyped(struct buf *out, const struct json_node *value)
{
    switch (value->type) {
    case JSON_TRUE:
    case JSON_FALSE:
        return put_bool(out, value);
    case JSON_NUMBER:
        return is_integer(value->text) ? put_int(out, value) : put_float(out, value);
    case JSON_TEXT:
        wire_put_bytes(out, VALUE_TEXT, value->text);
        return 0;
    default:
        return 1;
    }
}

static int put_string(struct buf *out, const struct json_node *value)
{
    if (value->type != JSON_TEXT) {
        return 1;
    }
    wire_put_bytes(out, VALUE_TEXT, value->text);
    return 0;
}

static const struct {
    const char *type;
    int (*put)(struct buf *out, const struct json_node *value);
} tag_types[] = {
    {"string", put_string}, {"bool", put_bool},     {"int64", put_int},
    {"float64", put_float}, {"binary", put_binary},
};

int jaeger_value_put(struct buf *out, struct bytes type, const struct json_node *value)
{
    for (size_t i = 0; i < sizeof tag_types / sizeof tag_types[0]; i++) {
        if (bytes_is(type, tag_types[i].type)) {
            return tag_types[i].put(out, value);
        }
    }
    return put_untyped(out, value);
}
