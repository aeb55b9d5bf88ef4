#include "daemon/core/wire.h"

#include <endian.h>
#include <string.h>

#define FIELD_NUMBER_MAX    ((UINT32_C(1) << 29) - 1)
#define WIRE_GROUP_END      4
#define TAG_BYTES_MAX       5
#define PADDED_LENGTH_BYTES 5

int wire_varint(struct wire_reader *reader, uint64_t *ret)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (reader->next == reader->end) {
            return WIRE_MALFORMED;
        }
        uint8_t byte = *reader->next++;
        number |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (byte < 0x80) {
            *ret = number;
            return 0;
        }
    }
    return WIRE_MALFORMED;
}

static int take(struct wire_reader *reader, uint64_t len, struct bytes *ret)
{
    if (len > (uint64_t)(reader->end - reader->next)) {
        return WIRE_MALFORMED;
    }
    *ret = bytes_from(reader->next, (size_t)len);
    reader->next += len;
    return 0;
}

static int read_fixed(struct wire_reader *reader, size_t len, uint64_t *ret)
{
    struct bytes bytes;
    uint64_t number = 0;
    if (take(reader, len, &bytes) != 0) {
        return WIRE_MALFORMED;
    }
    memcpy(&number, bytes.data, len);
    *ret = le64toh(number);
    return 0;
}

static int read_tag(struct wire_reader *reader, struct wire_field *ret)
{
    const uint8_t *start = reader->next;
    uint64_t tag;
    if (wire_varint(reader, &tag) != 0 || tag >> 3 == 0 || tag >> 3 > FIELD_NUMBER_MAX ||
        reader->next - start > TAG_BYTES_MAX) {
        return WIRE_MALFORMED;
    }
    ret->number = (uint32_t)(tag >> 3);
    ret->type = (uint8_t)(tag & 7);
    return 0;
}

static int read_scalar(struct wire_reader *reader, struct wire_field *ret)
{
    uint64_t len;
    switch (ret->type) {
    case WIRE_VARINT:
        return wire_varint(reader, &ret->integer);
    case WIRE_FIXED64:
        return read_fixed(reader, 8, &ret->integer);
    case WIRE_FIXED32:
        return read_fixed(reader, 4, &ret->integer);
    case WIRE_BYTES:
        return wire_varint(reader, &len) != 0 ? WIRE_MALFORMED : take(reader, len, &ret->bytes);
    default:
        return WIRE_MALFORMED;
    }
}

/* Skips to the end of the group that was just opened; groups nest, so the open ones stand on a
 * small stack. */
static int skip_group(struct wire_reader *reader, uint32_t number)
{
    uint32_t open[WIRE_GROUP_DEPTH_MAX];
    unsigned depth = 0;
    open[depth++] = number;
    while (depth > 0) {
        struct wire_field field;
        if (read_tag(reader, &field) != 0) {
            return WIRE_MALFORMED;
        }
        if (field.type == WIRE_GROUP_END) {
            if (field.number != open[--depth]) {
                return WIRE_MALFORMED;
            }
        } else if (field.type == WIRE_GROUP) {
            if (depth == WIRE_GROUP_DEPTH_MAX) {
                return WIRE_MALFORMED;
            }
            open[depth++] = field.number;
        } else if (read_scalar(reader, &field) != 0) {
            return WIRE_MALFORMED;
        }
    }
    return 0;
}

int wire_next(struct wire_reader *reader, struct wire_field *ret)
{
    if (reader->next == reader->end) {
        return WIRE_END;
    }
    if (read_tag(reader, ret) != 0) {
        return WIRE_MALFORMED;
    }
    return ret->type == WIRE_GROUP ? skip_group(reader, ret->number) : read_scalar(reader, ret);
}

static inline size_t varint_bytes(uint64_t number)
{
    return (size_t)(70 - __builtin_clzll(number | 1)) / 7;
}

static inline uint8_t *write_varint(uint8_t *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7) {
        *at++ = (uint8_t)(number | 0x80);
    }
    *at++ = (uint8_t)number;
    return at;
}

static inline uint32_t tag_of(uint32_t field, enum wire_type type)
{
    return field << 3 | type;
}

/* The room of a whole field is asked for once: NULL, or where what follows the tag goes. */
static inline uint8_t *begin_field(struct buf *out, uint32_t tag, size_t bytes)
{
    size_t whole = varint_bytes(tag) + bytes;
    uint8_t *at = buf_reserve(out, whole);
    if (at == NULL) {
        return NULL;
    }
    out->len += whole;
    return write_varint(at, tag);
}

void wire_put_varint(struct buf *out, uint64_t number)
{
    size_t bytes = varint_bytes(number);
    uint8_t *at = buf_reserve(out, bytes);
    if (at != NULL) {
        write_varint(at, number);
        out->len += bytes;
    }
}

void wire_put_tag(struct buf *out, uint32_t field, enum wire_type type)
{
    wire_put_varint(out, tag_of(field, type));
}

void wire_put_uint(struct buf *out, uint32_t field, uint64_t number)
{
    uint8_t *at = begin_field(out, tag_of(field, WIRE_VARINT), varint_bytes(number));
    if (at != NULL) {
        write_varint(at, number);
    }
}

void wire_put_fixed64(struct buf *out, uint32_t field, uint64_t number)
{
    uint8_t *at = begin_field(out, tag_of(field, WIRE_FIXED64), sizeof number);
    number = htole64(number);
    if (at != NULL) {
        memcpy(at, &number, sizeof number);
    }
}

void wire_put_fixed32(struct buf *out, uint32_t field, uint32_t number)
{
    uint8_t *at = begin_field(out, tag_of(field, WIRE_FIXED32), sizeof number);
    number = htole32(number);
    if (at != NULL) {
        memcpy(at, &number, sizeof number);
    }
}

void wire_put_bytes(struct buf *out, uint32_t field, struct bytes value)
{
    uint8_t *at = begin_field(out, tag_of(field, WIRE_BYTES), varint_bytes(value.len) + value.len);
    if (at == NULL) {
        return;
    }
    at = write_varint(at, value.len);
    if (value.len != 0) {
        memcpy(at, value.data, value.len);
    }
}

size_t wire_begin(struct buf *out, uint32_t field)
{
    static const uint8_t empty[PADDED_LENGTH_BYTES] = {0};
    wire_put_tag(out, field, WIRE_BYTES);
    buf_append(out, empty, sizeof empty);
    return out->len;
}

void wire_end(struct buf *out, size_t mark)
{
    if (out->failed) {
        return;
    }
    uint64_t len = out->len - mark;
    for (size_t i = 0; i < PADDED_LENGTH_BYTES; i++) {
        bool last = i == PADDED_LENGTH_BYTES - 1;
        out->data[mark - PADDED_LENGTH_BYTES + i] = (uint8_t)((len & 0x7f) | (last ? 0 : 0x80));
        len >>= 7;
    }
}
