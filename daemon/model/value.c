#include "daemon/model/value.h"

#include <endian.h>
#include <string.h>

/* Field numbers of AnyValue. */
enum { ANY_STRING = 1, ANY_BOOL = 2, ANY_INT = 3, ANY_DOUBLE = 4, ANY_ARRAY = 5, ANY_MAP = 6, ANY_BYTES = 7 };

static int value_decode_at(struct bytes any_value, struct value *ret, unsigned depth);

static int attr_decode_at(struct bytes key_value, struct attr *ret, unsigned depth);

/* Checks the items of an ArrayValue or the pairs of a KeyValueList: field 1, each a message. */
static int check_list(struct bytes list, bool pairs, unsigned depth)
{
    struct wire_reader reader = wire_reader_of(list);
    struct wire_field field;
    int end;
    if (depth >= VALUE_DEPTH_MAX) {
        return 1;
    }
    while ((end = wire_next(&reader, &field)) == 0) {
        if (field.number != 1 || field.type != WIRE_BYTES) {
            continue;
        }
        struct value value;
        struct attr attr;
        int bad = pairs ? attr_decode_at(field.bytes, &attr, depth + 1) : value_decode_at(field.bytes, &value, depth + 1);
        if (bad) {
            return 1;
        }
    }
    return end == WIRE_MALFORMED;
}

/* Takes a length-delimited member of AnyValue. */
static int take_bytes(const struct wire_field *field, struct value *ret, unsigned depth)
{
    static const enum value_type types[] = {
        [ANY_STRING] = VALUE_TEXT, [ANY_ARRAY] = VALUE_ARRAY, [ANY_MAP] = VALUE_MAP, [ANY_BYTES] = VALUE_BYTES
    };
    if (field->number > ANY_BYTES || types[field->number] == VALUE_MISSING) {
        return 0;
    }
    ret->type = types[field->number];
    ret->bytes = field->bytes;
    if (ret->type == VALUE_ARRAY || ret->type == VALUE_MAP) {
        return check_list(field->bytes, ret->type == VALUE_MAP, depth);
    }
    return 0;
}

static void take_scalar(const struct wire_field *field, struct value *ret)
{
    if (field->type == WIRE_VARINT && field->number == ANY_BOOL) {
        ret->type = VALUE_BOOL;
        ret->boolean = field->integer != 0;
    } else if (field->type == WIRE_VARINT && field->number == ANY_INT) {
        ret->type = VALUE_INT;
        ret->integer = (int64_t)field->integer;
    } else if (field->type == WIRE_FIXED64 && field->number == ANY_DOUBLE) {
        ret->type = VALUE_DOUBLE;
        memcpy(&ret->number, &field->integer, sizeof ret->number);
    }
}

static int value_decode_at(struct bytes any_value, struct value *ret, unsigned depth)
{
    struct wire_reader reader = wire_reader_of(any_value);
    struct wire_field field;
    int end;
    *ret = VALUE_NONE;
    while ((end = wire_next(&reader, &field)) == 0) {
        if (field.type != WIRE_BYTES) {
            take_scalar(&field, ret);
        } else if (take_bytes(&field, ret, depth) != 0) {
            return 1;
        }
    }
    return end == WIRE_MALFORMED;
}

/* A value given in several parts is one message: the parts are decoded in turn, the last member set wins. */
static int attr_decode_at(struct bytes key_value, struct attr *ret, unsigned depth)
{
    struct wire_reader reader = wire_reader_of(key_value);
    struct wire_field field;
    int end;
    *ret = (struct attr){ BYTES_NULL, VALUE_NONE };
    while ((end = wire_next(&reader, &field)) == 0) {
        struct value part;
        if (field.type == WIRE_BYTES && field.number == 1) {
            ret->key = field.bytes;
        } else if (field.type == WIRE_BYTES && field.number == 2) {
            if (value_decode_at(field.bytes, &part, depth) != 0) {
                return 1;
            }
            ret->value = part.type != VALUE_MISSING ? part : ret->value;
        }
    }
    return end == WIRE_MALFORMED;
}

int value_decode(struct bytes any_value, struct value *ret)
{
    return value_decode_at(any_value, ret, 0);
}

/* A length of one or two bytes at `at`, of which `left` are there; *ret_head: how many it took. SIZE_MAX: another form. */
static inline size_t short_length(const uint8_t *at, size_t left, size_t *ret_head)
{
    if (left >= 1 && at[0] < 0x80) {
        *ret_head = 1;
        return at[0];
    }
    if (left >= 2 && at[1] < 0x80) {
        *ret_head = 2;
        return (size_t)(at[0] & 0x7f) | (size_t)at[1] << 7;
    }
    return SIZE_MAX;
}

/* An AnyValue that is exactly one scalar member, as encoders write it. */
static inline bool scalar_decode_fast(const uint8_t *at, size_t len, struct value *ret)
{
    size_t head = 0;
    struct wire_reader varint = { at + 1, at + len };
    uint64_t bits;
    if (len < 2) {
        return false;
    }
    switch (at[0]) {
    case ANY_STRING << 3 | WIRE_BYTES:
        *ret = (struct value){ .type = VALUE_TEXT };
        ret->bytes.len = short_length(at + 1, len - 1, &head);
        ret->bytes.data = at + 1 + head;
        return ret->bytes.len != SIZE_MAX && ret->bytes.len == len - 1 - head;
    case ANY_BOOL << 3 | WIRE_VARINT:
        *ret = (struct value){ .type = VALUE_BOOL, .boolean = at[1] != 0 };
        return len == 2 && at[1] < 0x80;
    case ANY_INT << 3 | WIRE_VARINT:
        ret->type = VALUE_INT;
        if (len == 2 && at[1] < 0x80) {
            ret->integer = at[1];
            return true;
        }
        if (wire_varint(&varint, &bits) != 0) {
            return false;
        }
        ret->integer = (int64_t)bits;
        return varint.next == varint.end;
    case ANY_DOUBLE << 3 | WIRE_FIXED64:
        ret->type = VALUE_DOUBLE;
        if (len == 9) {
            memcpy(&bits, at + 1, sizeof bits);
            bits = le64toh(bits);
            memcpy(&ret->number, &bits, sizeof bits);
        }
        return len == 9;
    default:
        return false;
    }
}

/* A KeyValue as encoders write it: a key, then one scalar value, nothing else. Anything else is left to the whole decoder. */
static inline bool attr_decode_fast(struct bytes key_value, struct attr *ret)
{
    const uint8_t *at = key_value.data;
    size_t len = key_value.len;
    size_t head;
    if (len < 4 || at[0] != (1 << 3 | WIRE_BYTES) || at[1] >= 0x80 || (size_t)at[1] + 4 > len) {
        return false;
    }
    const uint8_t *value = at + 2 + at[1];
    size_t left = len - 2 - at[1];
    if (value[0] != (2 << 3 | WIRE_BYTES)) {
        return false;
    }
    size_t value_len = short_length(value + 1, left - 1, &head);
    if (value_len == SIZE_MAX || value_len != left - 1 - head) {
        return false;
    }
    ret->key = (struct bytes){ at + 2, at[1] };
    return scalar_decode_fast(value + 1 + head, value_len, &ret->value);
}

int attr_decode(struct bytes key_value, struct attr *ret)
{
    return attr_decode_fast(key_value, ret) ? 0 : attr_decode_at(key_value, ret, 0);
}

static bool next_member(struct wire_reader *reader, struct bytes *ret)
{
    struct wire_field field;
    while (wire_next(reader, &field) == 0) {
        if (field.number == 1 && field.type == WIRE_BYTES) {
            *ret = field.bytes;
            return true;
        }
    }
    return false;
}

bool value_next_item(struct wire_reader *items, struct value *ret)
{
    struct bytes item;
    return next_member(items, &item) && value_decode_at(item, ret, 0) == 0;
}

bool value_next_pair(struct wire_reader *pairs, struct attr *ret)
{
    struct bytes pair;
    return next_member(pairs, &pair) && attr_decode_at(pair, ret, 0) == 0;
}

struct value attrs_find(const struct attr *attrs, uint32_t count, struct bytes key)
{
    for (uint32_t i = count; i > 0; i--) {
        if (bytes_equal(attrs[i - 1].key, key)) {
            return attrs[i - 1].value;
        }
    }
    return VALUE_NONE;
}
