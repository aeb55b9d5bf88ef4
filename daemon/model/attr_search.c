/* What exporters write, fields of less than 128 bytes, is stepped over in line; any other form is
 * read as the decoder reads it. */
#include "daemon/model/attr_search.h"

#include "daemon/model/span_fields.h"

#define ATTR_TAG   (SPAN_ATTRS << 3 | WIRE_BYTES)
#define KEY_TAG    (1u << 3 | WIRE_BYTES)
#define VALUE_TAG  (2u << 3 | WIRE_BYTES)
#define SHORT_MOST 0x7fu /* a length of one byte */

/* Whether an encoded KeyValue is certainly not of that name: a short key that is another and a
 * short value are all there is. */
static inline bool is_other(const uint8_t *at, size_t len, struct bytes name)
{
    if (len < 4 || at[0] != KEY_TAG || at[1] > SHORT_MOST || at[1] + (size_t)4 > len) {
        return false;
    }
    const uint8_t *value = at + 2 + at[1];
    return value[0] == VALUE_TAG && value[1] <= SHORT_MOST && at[1] + (size_t)4 + value[1] == len &&
           (at[1] != name.len || memcmp(at + 2, name.data, name.len) != 0);
}

/* Takes a KeyValue if it has the name. */
static bool take(struct bytes key_value, struct bytes name, struct attr *ret)
{
    struct attr attr;
    if (attr_decode(key_value, &attr) != 0 || !bytes_equal(attr.key, name)) {
        return false;
    }
    *ret = attr;
    return true;
}

/* Steps over short fields until one may be the attribute or has another form. */
static inline const uint8_t *skip(const uint8_t *at, const uint8_t *end, struct bytes name)
{
    while (end - at >= 2 && at[1] <= SHORT_MOST && at[1] <= end - at - 2 &&
           (at[0] & 0x87) == WIRE_BYTES && at[0] > SHORT_MOST >> 4 &&
           (at[0] != ATTR_TAG || is_other(at + 2, at[1], name))) {
        at += 2 + at[1];
    }
    return at;
}

bool attr_search(struct bytes span, struct bytes name, struct attr *ret)
{
    struct wire_reader reader = wire_reader_of(span);
    struct wire_field field;
    bool found = false;
    for (;;) {
        reader.next = skip(reader.next, reader.end, name);
        if (wire_next_fast(&reader, &field) != 0) {
            return found;
        }
        if (field.number == SPAN_ATTRS && field.type == WIRE_BYTES) {
            found |= take(field.bytes, name, ret);
        }
    }
}
