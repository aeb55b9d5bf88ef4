/* UTF-8 (RFC 3629): checking and mending. Pure functions. */
#ifndef ASSERTD_CORE_UTF8_H
#define ASSERTD_CORE_UTF8_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

/* Eight bytes that are all below 0x80 have none of these. */
#define UTF8_HIGH_BITS UINT64_C(0x8080808080808080)

typedef uint64_t utf8_word_pair __attribute__((vector_size(16)));

/* The first `bytes` bytes, at most eight, as a word. */
static inline uint64_t utf8_load(const uint8_t *from, size_t bytes)
{
    uint64_t word = 0;
    memcpy(&word, from, bytes);
    return word;
}

static inline utf8_word_pair utf8_load_pair(const uint8_t *from)
{
    utf8_word_pair pair;
    memcpy(&pair, from, sizeof pair);
    return pair;
}

/* utf8_is_ascii of less than sixteen bytes. */
static inline bool utf8_short_is_ascii(struct bytes text)
{
    const uint8_t *at = text.data;
    uint64_t bits = 0;
    if (text.len >= sizeof(uint64_t)) {
        bits = utf8_load(at, sizeof(uint64_t)) |
               utf8_load(at + (text.len - sizeof(uint64_t)), sizeof(uint64_t));
    } else if (text.len >= sizeof(uint32_t)) {
        bits = utf8_load(at, sizeof(uint32_t)) |
               utf8_load(at + (text.len - sizeof(uint32_t)), sizeof(uint32_t));
    } else {
        for (size_t i = 0; i < text.len; i++) {
            bits |= at[i];
        }
    }
    return (bits & UTF8_HIGH_BITS) == 0;
}

/* Whether all bytes are below 0x80. Most text is ASCII and short, and is looked at for each
 * attribute of each span: whole words in pairs, the last one overlapping, and inline. */
static inline bool utf8_is_ascii(struct bytes text)
{
    if (text.len < sizeof(utf8_word_pair)) {
        return utf8_short_is_ascii(text);
    }
    const uint8_t *at = text.data;
    const uint8_t *last = at + (text.len - sizeof(utf8_word_pair));
    utf8_word_pair bits = utf8_load_pair(last);
    for (; at < last; at += sizeof(utf8_word_pair)) {
        bits |= utf8_load_pair(at);
    }
    return ((bits[0] | bits[1]) & UTF8_HIGH_BITS) == 0;
}

/* utf8_valid of text that is not all ASCII. */
bool utf8_mixed_valid(struct bytes text);

/* Whether `text` is valid UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. NUL is
 * valid. */
static inline bool utf8_valid(struct bytes text)
{
    return utf8_is_ascii(text) || utf8_mixed_valid(text);
}

/* Appends `text` with each maximal invalid part replaced by U+FFFD. */
void utf8_append_mended(struct buf *out, struct bytes text);

/* Appends it by `append`, which is given valid text: as it is, or mended. */
void utf8_append_by(struct buf *out, struct bytes text,
                    void (*append)(struct buf *out, struct bytes text));

#endif
