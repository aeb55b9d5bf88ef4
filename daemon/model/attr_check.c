/* Keys are told apart by their hints, a bit each in a set of 256; only where the bit is taken is a
 * key compared with those before it. */
#include "daemon/model/attr_check.h"

#include <string.h>

#include "daemon/core/utf8.h"
#include "daemon/core/wire.h"

/* common.proto */
enum { KEY_VALUE_KEY = 1, KEY_VALUE_VALUE = 2, KEY_VALUE_KEY_STRINDEX = 3, ANY_VALUE_STRINDEX = 8 };

static bool equals_one(const struct attr *attrs, uint32_t index, uint32_t *comparisons)
{
    for (uint32_t i = 0; i < index && *comparisons < ATTR_CHECK_COMPARISONS; i++) {
        ++*comparisons;
        if (bytes_equal(attrs[i].key, attrs[index].key)) {
            return true;
        }
    }
    return false;
}

bool attr_came_before(const struct attr *attrs, uint32_t index, uint32_t *comparisons)
{
    return equals_one(attrs, index, comparisons) || *comparisons >= ATTR_CHECK_COMPARISONS;
}

/* The key of a KeyValue that was decoded before: at hand where it is written as exporters do, a key
 * and then a value to the end. */
static struct bytes key_of(struct bytes key_value)
{
    const uint8_t *at = key_value.data;
    struct attr attr;
    if (key_value.len >= 4 && at[0] == (KEY_VALUE_KEY << 3 | WIRE_BYTES) && at[1] < 0x80 &&
        at[1] + 4u <= key_value.len && at[2 + at[1]] == (KEY_VALUE_VALUE << 3 | WIRE_BYTES) &&
        at[1] + 4u + at[3 + at[1]] == key_value.len && at[3 + at[1]] < 0x80) {
        return bytes_from(at + 2, at[1]);
    }
    return attr_decode(key_value, &attr) == 0 ? attr.key : BYTES_NULL;
}

bool attr_came_before_in(struct bytes message, uint32_t number, struct bytes key,
                         uint32_t *comparisons)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    while (*comparisons < ATTR_CHECK_COMPARISONS && wire_next(&reader, &field) == 0 &&
           reader.next <= key.data) {
        if (field.number != number || field.type != WIRE_BYTES) {
            continue;
        }
        ++*comparisons;
        if (bytes_equal(key_of(field.bytes), key)) {
            return true;
        }
    }
    return *comparisons >= ATTR_CHECK_COMPARISONS;
}

bool attr_key_is_among(const struct bytes *keys, uint32_t count, struct bytes key,
                       uint32_t *comparisons)
{
    for (uint32_t i = 0; i < count && *comparisons < ATTR_CHECK_COMPARISONS; i++) {
        ++*comparisons;
        if (bytes_equal(keys[i], key)) {
            return true;
        }
    }
    return *comparisons >= ATTR_CHECK_COMPARISONS;
}

static struct bytes text_of(const struct attr *attr)
{
    return attr->value.type == VALUE_TEXT ? attr->value.bytes : attr->key;
}

bool attr_text_is_valid(const struct attr *attr)
{
    return utf8_valid(attr->key) && utf8_valid(text_of(attr));
}

void attrs_check(const struct attr *attrs, uint32_t count, struct attr_oddities *oddities)
{
    struct attr_hints hints = {.made = true};
    uint32_t comparisons = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (attr_hints_add(&hints, attrs[i].key) && equals_one(attrs, i, &comparisons)) {
            oddities->duplicate_keys++;
        }
        oddities->unnamed |= attrs[i].value.type == VALUE_MISSING || attrs[i].key.len == 0;
        oddities->bad_text = oddities->bad_text || !attr_text_is_valid(&attrs[i]);
    }
}

static bool has_field(struct bytes message, uint32_t number)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    while (wire_next(&reader, &field) == 0) {
        if (field.number == number && field.type == WIRE_VARINT) {
            return true;
        }
    }
    return false;
}

static bool key_value_refers(struct bytes key_value)
{
    struct wire_reader reader = wire_reader_of(key_value);
    struct wire_field field;
    while (wire_next(&reader, &field) == 0) {
        if (field.number == KEY_VALUE_KEY_STRINDEX && field.type == WIRE_VARINT) {
            return true;
        }
        if (field.number == KEY_VALUE_VALUE && field.type == WIRE_BYTES &&
            has_field(field.bytes, ANY_VALUE_STRINDEX)) {
            return true;
        }
    }
    return false;
}

bool attrs_refer_to_table(struct bytes message, uint32_t number)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    while (wire_next(&reader, &field) == 0) {
        if (field.number == number && field.type == WIRE_BYTES && key_value_refers(field.bytes)) {
            return true;
        }
    }
    return false;
}
