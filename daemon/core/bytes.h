/* A view of bytes that somebody else owns: pointer and length travel together.
 *
 * Text from peers is never NUL-terminated and may hold any byte. A view is borrowed until the call
 * returns unless a header says longer. Thread rule: plain data. */
#ifndef ASSERTD_CORE_BYTES_H
#define ASSERTD_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data;
    size_t len;
};

#define BYTES_NULL ((struct bytes){NULL, 0})
/* A view of a string literal, without its NUL. */
#define BYTES_LITERAL(text) ((struct bytes){(const uint8_t *)("" text), sizeof(text) - 1})

/* A view of a NUL-terminated string; NULL gives the empty view. */
static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, text != NULL ? strlen(text) : 0};
}

/* A view of `len` bytes at `data`. */
static inline struct bytes bytes_from(const void *data, size_t len)
{
    return (struct bytes){data, len};
}

/* Whether both hold the same bytes. */
static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Whether `a` holds exactly the characters of `text`. */
static inline bool bytes_is(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of(text));
}

/* Order byte by byte, a prefix first: < 0, 0, > 0. */
int bytes_compare(struct bytes a, struct bytes b);

/* Whether `needle` occurs in `hay`; the empty needle always does. */
bool bytes_contain(struct bytes hay, struct bytes needle);

/* Whether `a` begins with `prefix`. */
bool bytes_start_with(struct bytes a, struct bytes prefix);

/* ASCII case-insensitive equality with `text`, as HTTP header names want it. */
bool bytes_is_nocase(struct bytes a, const char *text);

/* `a` without ASCII blanks (space, tab, CR, LF) at both ends. */
struct bytes bytes_trim(struct bytes a);

#endif
