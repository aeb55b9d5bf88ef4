/* Protobuf's wire format (protobuf.dev, "Encoding"): a bounds-checked reader over borrowed bytes
 * and an appending writer. Pure; no recursion (a caller that recurses counts its depth).
 *
 * Reader rules: varints of at most 10 bytes; field numbers 1 .. 2^29-1; wire types 0, 1, 2, 5;
 * groups (3, 4) are skipped when well formed within WIRE_GROUP_DEPTH_MAX; lengths never run past
 * the end. */
#ifndef ASSERTD_CORE_WIRE_H
#define ASSERTD_CORE_WIRE_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

#define WIRE_GROUP_DEPTH_MAX 100

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_GROUP = 3,
    WIRE_FIXED32 = 5
};

struct wire_reader {
    const uint8_t *next;
    const uint8_t *end;
};

struct wire_field {
    uint32_t number;
    uint8_t type;       /* enum wire_type; a group comes back as WIRE_GROUP, already skipped */
    uint64_t integer;   /* varint, fixed64, fixed32 */
    struct bytes bytes; /* length-delimited, a slice of the input */
};

/* A reader over `message`. */
static inline struct wire_reader wire_reader_of(struct bytes message)
{
    /* Not even zero may be added to NULL, which stands for no bytes at all. */
    return (struct wire_reader){message.data,
                                message.len != 0 ? message.data + message.len : message.data};
}

enum wire_outcome { WIRE_END = 1, WIRE_MALFORMED = 2 };

/* The next field. 0 good; WIRE_END at the end of the message; WIRE_MALFORMED. Hot: the span decoder
 * may use its own unrolled loop, with the same answers. */
int wire_next(struct wire_reader *reader, struct wire_field *ret);

/* The same, with the common cases (one-byte tag; lengths of one or two bytes) in line: for the span
 * decoder. */
static inline int wire_next_fast(struct wire_reader *reader, struct wire_field *ret)
{
    const uint8_t *at = reader->next;
    size_t left = (size_t)(reader->end - at);
    if (left >= 6 && (at[0] & 0x87) == (0x80 | WIRE_FIXED32) && at[1] < 0x80 &&
        at[1] != 0) { /* a span's flags */
        uint32_t word;
        memcpy(&word, at + 2, sizeof word);
        ret->number = (uint32_t)(at[0] >> 3 & 15) | (uint32_t)at[1] << 4;
        ret->type = WIRE_FIXED32;
        ret->integer = le32toh(word);
        reader->next = at + 6;
        return 0;
    }
    if (left < 2 || at[0] >= 0x80 || at[0] < 8) {
        return wire_next(reader, ret);
    }
    ret->number = at[0] >> 3;
    ret->type = at[0] & 7;
    if (ret->type == WIRE_BYTES) {
        size_t len = at[1];
        size_t head = 2;
        if (len >= 0x80 && left >= 3 && at[2] < 0x80) {
            len = (len & 0x7f) | (size_t)at[2] << 7;
            head = 3;
        }
        if ((head == 3 || len < 0x80) && len <= left - head) {
            ret->bytes = (struct bytes){at + head, len};
            reader->next = at + head + len;
            return 0;
        }
    } else if (ret->type == WIRE_FIXED64 && left >= 9) {
        memcpy(&ret->integer, at + 1, sizeof ret->integer);
        ret->integer = le64toh(ret->integer);
        reader->next = at + 9;
        return 0;
    } else if (ret->type == WIRE_VARINT && at[1] < 0x80) {
        ret->integer = at[1];
        reader->next = at + 2;
        return 0;
    }
    return wire_next(reader, ret);
}

/* Reads one varint. 0 good; WIRE_MALFORMED. */
int wire_varint(struct wire_reader *reader, uint64_t *ret);

/* Writing fields. */
void wire_put_varint(struct buf *out, uint64_t number);
void wire_put_tag(struct buf *out, uint32_t field, enum wire_type type);
void wire_put_uint(struct buf *out, uint32_t field, uint64_t number);
void wire_put_fixed64(struct buf *out, uint32_t field, uint64_t number);
void wire_put_fixed32(struct buf *out, uint32_t field, uint32_t number);
void wire_put_bytes(struct buf *out, uint32_t field, struct bytes value);

/* A nested message of unknown length: begin writes the tag and a five-byte length (padded varint,
 * legal on the wire), end fills it in. Returns the mark for end. */
size_t wire_begin(struct buf *out, uint32_t field);
void wire_end(struct buf *out, size_t mark);

#endif
