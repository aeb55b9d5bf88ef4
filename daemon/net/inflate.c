/* libdeflate wants the whole output buffer beforehand and is two to three times as fast as zlib.
 * The size in a member's trailer (modulo 2^32, and the sender's word) is a hint for the first try;
 * a wrong one costs a second try, bounded by the limit. */
#include "daemon/net/inflate.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#define TRAILER_BYTES 8u
/* What deflate can expand one byte to, at most (RFC 1951: 258 bytes from two bits). */
#define EXPANSION_MAX 1032u
#define FIRST_TRY_MIN 4096u

struct output {
    uint8_t *data;
    size_t len;
    size_t room;
    size_t limit;
};

static int output_grow(struct output *output, size_t room)
{
    if (room > output->limit) {
        room = output->limit;
    }
    if (room <= output->room) {
        return room == output->limit && output->room >= output->limit ? INFLATE_TOO_LARGE : 0;
    }
    uint8_t *data = realloc(output->data, room != 0 ? room : 1);
    if (data == NULL) {
        return INFLATE_NO_MEMORY;
    }
    output->data = data;
    output->room = room;
    return 0;
}

static size_t first_guess(struct bytes data)
{
    size_t guess = data.len * 8;
    if (data.len > TRAILER_BYTES) {
        const uint8_t *size = data.data + data.len - 4;
        size_t told =
            size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
        guess = told <= data.len * EXPANSION_MAX ? told : guess;
    }
    return guess < FIRST_TRY_MIN ? FIRST_TRY_MIN : guess;
}

/* One member, its output appended; *ret_used: the bytes that it took. */
static int inflate_member(struct libdeflate_decompressor *inflater, struct bytes data,
                          struct output *output, size_t *ret_used)
{
    for (;;) {
        size_t wrote;
        enum libdeflate_result result =
            libdeflate_gzip_decompress_ex(inflater, data.data, data.len, output->data + output->len,
                                          output->room - output->len, ret_used, &wrote);
        if (result == LIBDEFLATE_SUCCESS) {
            output->len += wrote;
            return 0;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
            return INFLATE_CORRUPT;
        }
        if (output->room >= output->limit) {
            return INFLATE_TOO_LARGE;
        }
        int bad = output_grow(output, output->room * 2);
        if (bad) {
            return bad;
        }
    }
}

static int inflate_members(struct libdeflate_decompressor *inflater, struct bytes data,
                           struct output *output)
{
    do {
        size_t used;
        int bad = inflate_member(inflater, data, output, &used);
        if (bad) {
            return bad;
        }
        data = bytes_from(data.data + used, data.len - used);
    } while (data.len != 0);
    return 0;
}

int inflate_gzip(struct bytes data, size_t limit, uint8_t **ret, size_t *ret_len)
{
    struct output output = {.limit = limit != 0 ? limit : 1};
    if (data.len == 0) {
        return INFLATE_CORRUPT;
    }
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    if (inflater == NULL) {
        return INFLATE_NO_MEMORY;
    }
    int bad = output_grow(&output, first_guess(data));
    bad = bad == INFLATE_NO_MEMORY ? bad : inflate_members(inflater, data, &output);
    libdeflate_free_decompressor(inflater);
    if (bad) {
        free(output.data);
        return bad;
    }
    *ret = output.data;
    *ret_len = output.len;
    return 0;
}
