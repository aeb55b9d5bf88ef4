/* A growing byte buffer for what the program writes: messages, reports, encoded records.
 *
 * Growth can fail (limit, memory): then the buffer stays as it was, `failed` is set and further
 * appends do nothing, so that a writer checks once, at the end. Thread rule: confined to its owner.
 */
#ifndef ASSERTD_CORE_BUF_H
#define ASSERTD_CORE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/bytes.h"

struct buf {
    uint8_t *data;
    size_t len;
    size_t size;
    size_t limit; /* greatest len, 0: none */
    bool failed;
};

#define BUF_NULL ((struct buf){NULL, 0, 0, 0, false})

/* Frees the memory; the buffer is then BUF_NULL. */
void buf_deinit(struct buf *buf);

/* Empties it (and clears `failed`), keeping the memory. */
void buf_reset(struct buf *buf);

/* Makes room for `more` bytes after len and returns where they go; NULL when that fails. */
uint8_t *buf_reserve(struct buf *buf, size_t more);

/* Appends bytes, a string, a character, printf text. */
void buf_append(struct buf *buf, const void *data, size_t len);
void buf_append_bytes(struct buf *buf, struct bytes text);
void buf_append_text(struct buf *buf, const char *text);
void buf_append_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Appends a decimal integer without printf's cost. */
void buf_append_u64(struct buf *buf, uint64_t number);
void buf_append_i64(struct buf *buf, int64_t number);

/* What has been written so far; valid until the next append. */
static inline struct bytes buf_bytes(const struct buf *buf)
{
    return (struct bytes){buf->data, buf->len};
}

/* Moves the memory out to the caller, who frees it with free(3); the buffer is then BUF_NULL. */
uint8_t *buf_take(struct buf *buf, size_t *ret_len);

#endif
