/* Keys are told apart by a few bits each, in a set of 256; only where the bit is taken is a key
 * compared with those before it. */
#include "daemon/model/attr_check.h"

#include <string.h>

#include "daemon/core/utf8.h"
#include "daemon/core/wire.h"

/* A text attribute is checked in one piece with what stands between key and text: tags and lengths,
 * which are ASCII while they are short. */
#define PIECE_MAX 120u

#define KEY_MULTIPLIER UINT64_C(0x9E3779B97F4A7C15)

/* common.proto */
enum { KEY_VALUE_VALUE = 2, KEY_VALUE_KEY_STRINDEX = 3, ANY_VALUE_STRINDEX = 8 };

struct seen {
    uint64_t bits[4];
    uint32_t comparisons;
};

static inline uint64_t load(const uint8_t *from, size_t bytes)
{
    uint64_t word = 0;
    memcpy(&word, from, bytes);
    return word;
}

/* The ends of keys differ more than their beginnings ("http.request.method"). */
static inline uint64_t last_bytes(struct bytes key)
{
    if (key.len >= sizeof(uint64_t)) {
        return load(key.data + key.len - sizeof(uint64_t), sizeof(uint64_t));
    }
    if (key.len >= sizeof(uint32_t)) {
        return load(key.data, sizeof(uint32_t)) |
               load(key.data + key.len - sizeof(uint32_t), sizeof(uint32_t)) << 32;
    }
    uint64_t word = 0;
    for (size_t i = 0; i < key.len; i++) {
        word = word << 8 | key.data[i];
    }
    return word;
}

static bool came_before(const struct attr *attrs, uint32_t index, struct seen *seen)
{
    for (uint32_t i = 0; i < index && seen->comparisons < ATTR_CHECK_COMPARISONS; i++) {
        seen->comparisons++;
        if (bytes_equal(attrs[i].key, attrs[index].key)) {
            return true;
        }
    }
    return false;
}

static inline bool is_duplicate(const struct attr *attrs, uint32_t index, struct seen *seen)
{
    struct bytes key = attrs[index].key;
    unsigned place = (unsigned)((last_bytes(key) ^ key.len) * KEY_MULTIPLIER >> 56);
    uint64_t bit = UINT64_C(1) << (place & 63);
    bool taken = (seen->bits[place >> 6] & bit) != 0;
    seen->bits[place >> 6] |= bit;
    return taken && came_before(attrs, index, seen);
}

static inline bool text_valid(const struct attr *attr)
{
    struct bytes key = attr->key;
    if (attr->value.type != VALUE_TEXT) {
        return utf8_valid(key);
    }
    struct bytes text = attr->value.bytes;
    uintptr_t first = (uintptr_t)key.data;
    uintptr_t end = (uintptr_t)text.data + text.len;
    if (end > first && end - first < PIECE_MAX &&
        utf8_is_ascii(bytes_from(key.data, end - first))) {
        return true;
    }
    return utf8_valid(key) && utf8_valid(text);
}

void attrs_check(const struct attr *attrs, uint32_t count, struct attr_oddities *oddities)
{
    struct seen seen = {.comparisons = 0};
    bool valid = true;
    for (uint32_t i = 0; i < count; i++) {
        oddities->duplicate_keys += is_duplicate(attrs, i, &seen);
        oddities->unnamed |= attrs[i].value.type == VALUE_MISSING || attrs[i].key.len == 0;
        valid = valid && text_valid(&attrs[i]);
    }
    oddities->bad_text |= !valid;
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
