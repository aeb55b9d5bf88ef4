#include "receivers/otlp_scalar.h"

#include "daemon/core/hex.h"
#include "daemon/core/wire.h"
#include "receivers/json_number.h"

/* An ID that is no hex of the right length becomes one zero byte, which costs the span and not the
 * request. */
static const char *put_id(struct buf *out, const struct otlp_field *field, struct bytes text)
{
    uint8_t id[16] = {0};
    size_t len = field->type == OTLP_TRACE_ID ? 16 : 8;
    if (text.len == 0) {
        return NULL;
    }
    if (hex_parse(text, id, len) != 0) {
        len = 1;
    }
    wire_put_bytes(out, field->number, bytes_from(id, len));
    return NULL;
}

static const char *put_base64(struct buf *out, const struct otlp_field *field, struct bytes text)
{
    size_t digits = text.len;
    while (digits > 0 && text.data[digits - 1] == '=') {
        digits--;
    }
    wire_put_tag(out, field->number, WIRE_BYTES);
    wire_put_varint(out, digits / 4 * 3 + digits % 4 * 3 / 4);
    return base64_parse(text, out) == 0 ? NULL : "not base64";
}

static const char *number_error(int outcome)
{
    switch (outcome) {
    case JSON_NUMBER_FRACTION:
        return "a number with a fraction where an integer belongs";
    case JSON_NUMBER_RANGE:
        return "a number out of range";
    default:
        return "not a number";
    }
}

static const char *put_unsigned(struct buf *out, const struct otlp_field *field, struct bytes text)
{
    uint64_t number;
    int outcome = json_number_u64(text, &number);
    if (outcome == 0 && field->type != OTLP_FIXED64 && number > UINT32_MAX) {
        outcome = JSON_NUMBER_RANGE;
    }
    if (outcome != 0) {
        return number_error(outcome);
    }
    if (field->type == OTLP_FIXED64) {
        wire_put_fixed64(out, field->number, number);
    } else if (field->type == OTLP_FIXED32) {
        wire_put_fixed32(out, field->number, (uint32_t)number);
    } else {
        wire_put_uint(out, field->number, number);
    }
    return NULL;
}

static const char *put_signed(struct buf *out, const struct otlp_field *field,
                              enum json_token token, struct bytes text)
{
    int64_t number;
    if (field->type == OTLP_ENUM && token == JSON_TEXT) {
        return "a name where the enum's number belongs";
    }
    int outcome = json_number_i64(text, &number);
    if (outcome == 0 && field->type == OTLP_ENUM && (number < INT32_MIN || number > INT32_MAX)) {
        outcome = JSON_NUMBER_RANGE;
    }
    if (outcome != 0) {
        return number_error(outcome);
    }
    wire_put_uint(out, field->number, (uint64_t)number);
    return NULL;
}

static const char *put_double(struct buf *out, const struct otlp_field *field,
                              enum json_token token, struct bytes text)
{
    double number = 0;
    int outcome = 0;
    if (token == JSON_TEXT && bytes_is(text, "NaN")) {
        number = __builtin_nan("");
    } else if (token == JSON_TEXT && bytes_is(text, "Infinity")) {
        number = __builtin_inf();
    } else if (token == JSON_TEXT && bytes_is(text, "-Infinity")) {
        number = -__builtin_inf();
    } else {
        outcome = json_number_double(text, &number);
    }
    if (outcome != 0) {
        return number_error(outcome);
    }
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    wire_put_fixed64(out, field->number, bits);
    return NULL;
}

/* NULL where the token is of a type that the field may have, else what is wrong. */
static const char *type_error(const struct otlp_field *field, enum json_token token)
{
    switch (field->type) {
    case OTLP_TEXT:
    case OTLP_TRACE_ID:
    case OTLP_SPAN_ID:
    case OTLP_BYTES:
        return token == JSON_TEXT ? NULL : "not a text";
    case OTLP_BOOL:
        return token == JSON_TRUE || token == JSON_FALSE ? NULL : "neither true nor false";
    default:
        return token == JSON_TEXT || token == JSON_NUMBER ? NULL : "not a number";
    }
}

const char *otlp_scalar_put(struct buf *out, const struct otlp_field *field, enum json_token token,
                            struct bytes text)
{
    const char *wrong = type_error(field, token);
    if (wrong != NULL) {
        return wrong;
    }
    switch (field->type) {
    case OTLP_TEXT:
        wire_put_bytes(out, field->number, text);
        return NULL;
    case OTLP_TRACE_ID:
    case OTLP_SPAN_ID:
        return put_id(out, field, text);
    case OTLP_BYTES:
        return put_base64(out, field, text);
    case OTLP_BOOL:
        wire_put_uint(out, field->number, token == JSON_TRUE);
        return NULL;
    case OTLP_ENUM:
    case OTLP_INT64:
        return put_signed(out, field, token, text);
    case OTLP_DOUBLE:
        return put_double(out, field, token, text);
    default:
        return put_unsigned(out, field, text);
    }
}
