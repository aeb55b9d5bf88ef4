/* Most strings have no escape and are slices of the input: one scan for the three kinds of bytes
 * that end a plain run, eight at a time. */
#include "daemon/core/json_text.h"

#include <endian.h>

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* The high bit of each zero byte; above the lowest one also of others. */
static inline uint64_t zero_bytes(uint64_t word)
{
    return (word - ONES) & ~word & HIGHS;
}

static inline bool ends_run(uint8_t c)
{
    return c == '"' || c == '\\' || c < 0x20;
}

/* The length of the run before the first quote, backslash or control character, or of all. */
static inline size_t plain_run(struct bytes text)
{
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= text.len; i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text.data + i, sizeof word);
        word = le64toh(word);
        uint64_t ends = zero_bytes(word ^ ONES * '"') | zero_bytes(word ^ ONES * '\\') |
                        ((word - ONES * 0x20) & ~word & HIGHS);
        if (ends != 0) {
            return i + (size_t)__builtin_ctzll(ends) / 8;
        }
    }
    while (i < text.len && !ends_run(text.data[i])) {
        i++;
    }
    return i;
}

static int hex_value(uint8_t c)
{
    uint8_t lower = c | 0x20;
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The code unit of "\uXXXX" at the front. 0, or an outcome. */
static int read_unit(struct bytes text, uint32_t *ret)
{
    uint32_t unit = 0;
    for (size_t i = 2; i < 6; i++) {
        if (i >= text.len) {
            return JSON_TEXT_UNFINISHED;
        }
        int digit = hex_value(text.data[i]);
        if (digit < 0) {
            return JSON_TEXT_BAD;
        }
        unit = unit << 4 | (uint32_t)digit;
    }
    *ret = unit;
    return 0;
}

static void append_character(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_append_char(out, (char)c);
    } else if (c < 0x800) {
        uint8_t two[] = {(uint8_t)(0xC0 | c >> 6), (uint8_t)(0x80 | (c & 63))};
        buf_append(out, two, sizeof two);
    } else if (c < 0x10000) {
        uint8_t three[] = {(uint8_t)(0xE0 | c >> 12), (uint8_t)(0x80 | (c >> 6 & 63)),
                           (uint8_t)(0x80 | (c & 63))};
        buf_append(out, three, sizeof three);
    } else {
        uint8_t four[] = {(uint8_t)(0xF0 | c >> 18), (uint8_t)(0x80 | (c >> 12 & 63)),
                          (uint8_t)(0x80 | (c >> 6 & 63)), (uint8_t)(0x80 | (c & 63))};
        buf_append(out, four, sizeof four);
    }
}

static bool is_high(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* The character of "\uXXXX", or of two of them. 0 with the length; else an outcome. */
static int undo_unicode(struct bytes text, struct buf *out, size_t *ret_len)
{
    uint32_t unit;
    uint32_t low;
    int outcome = read_unit(text, &unit);
    if (outcome != 0) {
        return outcome;
    }
    *ret_len = 6;
    if (is_low(unit)) {
        return JSON_TEXT_HALF_PAIR;
    }
    if (is_high(unit)) {
        struct bytes second = bytes_from(text.data + 6, text.len - 6);
        if (!bytes_start_with(second, BYTES_LITERAL("\\u"))) {
            return JSON_TEXT_HALF_PAIR;
        }
        outcome = read_unit(second, &low);
        if (outcome != 0 || !is_low(low)) {
            return outcome != 0 ? outcome : JSON_TEXT_HALF_PAIR;
        }
        *ret_len = 12;
        unit = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF);
    }
    append_character(out, unit);
    return 0;
}

/* What one escape at the front stands for. 0 with its length; else an outcome. */
static int undo_escape(struct bytes text, struct buf *out, size_t *ret_len)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    if (text.len < 2) {
        return JSON_TEXT_UNFINISHED;
    }
    if (text.data[1] == 'u') {
        return undo_unicode(text, out, ret_len);
    }
    const char *name = memchr(names, text.data[1], sizeof names - 1);
    if (name == NULL) {
        return JSON_TEXT_BAD;
    }
    buf_append_char(out, values[name - names]);
    *ret_len = 2;
    return 0;
}

/* From the first escape on; `at` is where it stands. */
static int read_escaped(struct bytes rest, size_t at, struct buf *scratch, struct bytes *ret,
                        size_t *ret_used)
{
    buf_reset(scratch);
    buf_append(scratch, rest.data, at);
    while (at < rest.len && rest.data[at] != '"') {
        struct bytes left = bytes_from(rest.data + at, rest.len - at);
        size_t len = plain_run(left);
        int outcome = 0;
        buf_append(scratch, left.data, len);
        if (len == 0) {
            outcome = left.data[0] == '\\' ? undo_escape(left, scratch, &len) : JSON_TEXT_BAD;
        }
        if (outcome != 0) {
            *ret_used = at;
            return outcome;
        }
        at += len;
    }
    *ret = buf_bytes(scratch);
    *ret_used = at + 1;
    return at == rest.len ? JSON_TEXT_UNFINISHED : scratch->failed ? JSON_TEXT_NO_MEMORY : 0;
}

int json_text_read(struct bytes rest, struct buf *scratch, struct bytes *ret, size_t *ret_used)
{
    size_t len = plain_run(rest);
    *ret_used = len + 1;
    if (len == rest.len) {
        return JSON_TEXT_UNFINISHED;
    }
    if (rest.data[len] == '"') {
        *ret = bytes_from(rest.data, len);
        return 0;
    }
    return read_escaped(rest, len, scratch, ret, ret_used);
}
