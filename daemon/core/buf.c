#include "daemon/core/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

#define BUF_FIRST_BYTES 256u

void buf_deinit(struct buf *buf)
{
    free(buf->data);
    *buf = BUF_NULL;
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

static bool grow(struct buf *buf, size_t more)
{
    size_t size = buf->size != 0 ? buf->size : BUF_FIRST_BYTES;
    while (size < buf->len + more) {
        size *= 2;
    }
    uint8_t *data = memory_resize(buf->data, buf->len, size);
    if (data == NULL) {
        return false;
    }
    buf->data = data;
    buf->size = size;
    return true;
}

uint8_t *buf_reserve(struct buf *buf, size_t more)
{
    if (buf->failed || more > SIZE_MAX / 2 - buf->len ||
        (buf->limit != 0 && buf->len + more > buf->limit) ||
        ((buf->size - buf->len < more || buf->data == NULL) && !grow(buf, more))) {
        buf->failed = true;
        return NULL;
    }
    return buf->data + buf->len;
}

void buf_append(struct buf *buf, const void *data, size_t len)
{
    uint8_t *to = buf_reserve(buf, len);
    if (to != NULL && len != 0) {
        memcpy(to, data, len);
        buf->len += len;
    }
}

void buf_append_bytes(struct buf *buf, struct bytes text)
{
    buf_append(buf, text.data, text.len);
}

void buf_append_text(struct buf *buf, const char *text)
{
    buf_append(buf, text, strlen(text));
}

void buf_append_char(struct buf *buf, char c)
{
    buf_append(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    uint8_t *to = len >= 0 ? buf_reserve(buf, (size_t)len + 1) : NULL;
    if (to != NULL) {
        vsnprintf((char *)to, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

void buf_append_u64(struct buf *buf, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    buf_append(buf, digits + at, sizeof digits - at);
}

void buf_append_i64(struct buf *buf, int64_t number)
{
    if (number < 0) {
        buf_append_char(buf, '-');
        buf_append_u64(buf, UINT64_C(0) - (uint64_t)number);
    } else {
        buf_append_u64(buf, (uint64_t)number);
    }
}

uint8_t *buf_take(struct buf *buf, size_t *ret_len)
{
    uint8_t *data = buf->data;
    *ret_len = buf->len;
    *buf = BUF_NULL;
    return data;
}
