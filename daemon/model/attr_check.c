/* Keys are told apart by their hints, a bit each in a set of 256; only where the bit is taken is a
 * key compared with those before it. */
#include "daemon/model/attr_check.h"

#include <string.h>

#include "daemon/core/utf8.h"
#include "daemon/core/wire.h"

/* A text attribute is checked in one piece with what stands between key and text: tags and lengths,
 * which are ASCII while they are short. */
#define PIECE_MAX 120u

/* common.proto */
enum { KEY_VALUE_VALUE = 2, KEY_VALUE_KEY_STRINDEX = 3, ANY_VALUE_STRINDEX = 8 };

static bool came_before(const struct attr *attrs, uint32_t index, uint32_t *comparisons)
{
    for (uint32_t i = 0; i < index && *comparisons < ATTR_CHECK_COMPARISONS; i++) {
        ++*comparisons;
        if (bytes_equal(attrs[i].key, attrs[index].key)) {
            return true;
        }
    }
    return false;
}

static inline bool text_valid(const struct attr *attr)
{
    struct bytes key = attr->key;
    struct bytes text = attr->value.type == VALUE_TEXT ? attr->value.bytes : key;
    size_t piece = (uintptr_t)text.data + text.len - (uintptr_t)key.data;
    if (piece < PIECE_MAX && utf8_is_ascii(bytes_from(key.data, piece))) {
        return true;
    }
    return utf8_valid(key) && utf8_valid(text);
}

struct attr_hints attrs_check(const struct attr *attrs, uint32_t count,
                              struct attr_oddities *oddities)
{
    struct attr_hints hints = {.made = true};
    uint32_t comparisons = 0;
    bool valid = true;
    bool unnamed = false;
    for (uint32_t i = 0; i < count; i++) {
        if (attr_hints_add(&hints, attrs[i].key) && came_before(attrs, i, &comparisons)) {
            oddities->duplicate_keys++;
        }
        unnamed |= attrs[i].value.type == VALUE_MISSING || attrs[i].key.len == 0;
        valid = valid && text_valid(&attrs[i]);
    }
    oddities->bad_text |= !valid;
    oddities->unnamed |= unnamed;
    return hints;
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
