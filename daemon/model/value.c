#include "daemon/model/value.h"

#include <string.h>

#include "daemon/model/value_fast.h"

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
        int bad = pairs ? attr_decode_at(field.bytes, &attr, depth + 1)
                        : value_decode_at(field.bytes, &value, depth + 1);
        if (bad) {
            return 1;
        }
    }
    return end == WIRE_MALFORMED;
}

/* Takes a length-delimited member of AnyValue. */
static int take_bytes(const struct wire_field *field, struct value *ret, unsigned depth)
{
    static const enum value_type types[] = {[ANY_STRING] = VALUE_TEXT,
                                            [ANY_ARRAY] = VALUE_ARRAY,
                                            [ANY_MAP] = VALUE_MAP,
                                            [ANY_BYTES] = VALUE_BYTES};
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

/* A value given in several parts is one message: the parts are decoded in turn, the last member set
 * wins. */
static int attr_decode_at(struct bytes key_value, struct attr *ret, unsigned depth)
{
    struct wire_reader reader = wire_reader_of(key_value);
    struct wire_field field;
    int end;
    *ret = (struct attr){BYTES_NULL, VALUE_NONE};
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

struct attr_hints attr_hints_make(const struct attr *attrs, uint32_t count)
{
    struct attr_hints hints = {.made = true};
    for (uint32_t i = 0; i < count; i++) {
        attr_hints_add(&hints, attrs[i].key);
    }
    return hints;
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
