/*
 * Pipes are read as well as files, so the size is bounded while reading and not by what stat says.
 */
#include "config/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "daemon/core/utf8.h"

#define READ_BYTES 16384

static void close_fd(const int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

static int flaw(struct text_file_flaw *ret, const char *why, unsigned line)
{
    *ret = (struct text_file_flaw){why, line};
    return 1;
}

int text_file_check(struct bytes text, struct text_file_flaw *ret_flaw)
{
    if (memchr(text.data != NULL ? text.data : (const uint8_t *)"", '\0', text.len) == NULL &&
        utf8_valid(text)) {
        return 0;
    }
    unsigned line = 1;
    for (size_t at = 0; at < text.len; line++) {
        const uint8_t *start = text.data + at;
        const uint8_t *end = memchr(start, '\n', text.len - at);
        size_t len = end != NULL ? (size_t)(end - start) : text.len - at;
        if (memchr(start, '\0', len) != NULL) {
            return flaw(ret_flaw, "holds a NUL byte: this is no text file", line);
        }
        if (!utf8_valid(bytes_from(start, len))) {
            break;
        }
        at += len + 1;
    }
    return flaw(ret_flaw, "is not UTF-8: save the file with that encoding", line);
}

static int read_all(int fd, struct buf *ret, struct text_file_flaw *ret_flaw)
{
    size_t before = ret->len;
    for (;;) {
        uint8_t *room = buf_reserve(ret, READ_BYTES);
        if (room == NULL) {
            return -ENOMEM;
        }
        ssize_t got = read(fd, room, READ_BYTES);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return flaw(ret_flaw, strerror(errno), 0);
        }
        if (got == 0) {
            return 0;
        }
        ret->len += (size_t)got;
        if (ret->len - before > TEXT_FILE_BYTES_MAX) {
            return flaw(ret_flaw, "is larger than 8 MiB: this is no configuration", 0);
        }
    }
}

static void drop_byte_order_mark(struct buf *text, size_t before)
{
    if (bytes_start_with(bytes_from(text->data + before, text->len - before),
                         BYTES_LITERAL("\xEF\xBB\xBF"))) {
        text->len -= 3;
        memmove(text->data + before, text->data + before + 3, text->len - before);
    }
}

int text_file_read(const char *path, struct buf *ret, struct text_file_flaw *ret_flaw)
{
    __attribute__((cleanup(close_fd))) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return flaw(ret_flaw, strerror(errno), 0);
    }
    size_t before = ret->len;
    int rc = read_all(fd, ret, ret_flaw);
    if (rc != 0) {
        return rc;
    }
    if (ret->len > before) {
        drop_byte_order_mark(ret, before);
    }
    return text_file_check(bytes_from(ret->data + before, ret->len - before), ret_flaw);
}
