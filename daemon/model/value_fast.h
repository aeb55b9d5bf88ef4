/* The usual encodings of attributes, read in line: for value.c and the span decoder only. Each has
 * the answers of the whole decoder where it gives one. Pure. */
#ifndef ASSERTD_MODEL_VALUE_FAST_H
#define ASSERTD_MODEL_VALUE_FAST_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/core/wire.h"
#include "daemon/model/value.h"

/* Field numbers of AnyValue. */
enum {
    ANY_STRING = 1,
    ANY_BOOL = 2,
    ANY_INT = 3,
    ANY_DOUBLE = 4,
    ANY_ARRAY = 5,
    ANY_MAP = 6,
    ANY_BYTES = 7
};

/* A length of one or two bytes at `at`, of which `left` are there; *ret_head: how many it took.
 * SIZE_MAX: another form. */
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

/* Whether the lowest `len` bytes of `word` are exactly one varint; false also where `len` is not 1
 * to 8. Without a branch for each byte. */
static inline bool word_is_varint(uint64_t word, size_t len)
{
    if (len - 1 >= sizeof word) {
        return false;
    }
    uint64_t last = UINT64_C(0x80) << (8 * (len - 1));
    uint64_t goes_on = (last - 1) & UINT64_C(0x8080808080808080);
    return (word & (last | goes_on)) == goes_on;
}

/* The varint that is exactly the lowest `len` bytes of `word`; false: it is longer, or shorter, or
 * `len` is not 1 to 8. */
static inline bool varint_of_word(uint64_t word, size_t len, uint64_t *ret)
{
    if (!word_is_varint(word, len)) {
        return false;
    }
    uint64_t last = UINT64_C(0x80) << (8 * (len - 1));
    word &= (last - 1) & UINT64_C(0x7f7f7f7f7f7f7f7f);
    word = (word & UINT64_C(0x007f007f007f007f)) | (word & UINT64_C(0x7f007f007f007f00)) >> 1;
    word = (word & UINT64_C(0x00003fff00003fff)) | (word & UINT64_C(0x3fff00003fff0000)) >> 2;
    *ret = (word & UINT64_C(0x0fffffff)) | (word & UINT64_C(0x0fffffff00000000)) >> 4;
    return true;
}

/* An AnyValue that is exactly one scalar member, as encoders write it. */
static inline bool scalar_decode_fast(const uint8_t *at, size_t len, struct value *ret)
{
    size_t head = 0;
    struct wire_reader varint = {at + 1, at + len};
    uint64_t bits;
    if (len < 2) {
        return false;
    }
    switch (at[0]) {
    case ANY_STRING << 3 | WIRE_BYTES:
        *ret = (struct value){.type = VALUE_TEXT};
        ret->bytes.len = short_length(at + 1, len - 1, &head);
        ret->bytes.data = at + 1 + head;
        return ret->bytes.len != SIZE_MAX && ret->bytes.len == len - 1 - head;
    case ANY_BOOL << 3 | WIRE_VARINT:
        *ret = (struct value){.type = VALUE_BOOL, .boolean = at[1] != 0};
        return len == 2 && at[1] < 0x80;
    case ANY_INT << 3 | WIRE_VARINT:
        ret->type = VALUE_INT;
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

/* A KeyValue as encoders write it: a key, then one scalar value, nothing else. Anything else is
 * left to the whole decoder. */
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
    ret->key = (struct bytes){at + 2, at[1]};
    return scalar_decode_fast(value + 1 + head, value_len, &ret->value);
}

#endif
