/* libdeflate is two to three times as fast as zlib. A gzip member's trailer tells its size modulo
 * 2^32; zlib's form tells nothing. */
#include <libdeflate.h>

#include "daemon/net/inflate_output.h"

#define GZIP_TRAILER_BYTES 8u

typedef enum libdeflate_result (*decompress_fn)(struct libdeflate_decompressor *, const void *,
                                                size_t, void *, size_t, size_t *, size_t *);

static struct libdeflate_decompressor *state_of(struct inflater *inflater)
{
    if (inflater->deflate == NULL) {
        inflater->deflate = libdeflate_alloc_decompressor();
    }
    return inflater->deflate;
}

static uint64_t told_size(struct bytes data)
{
    if (data.len <= GZIP_TRAILER_BYTES) {
        return 0;
    }
    const uint8_t *size = data.data + data.len - 4;
    return size[0] | (uint64_t)size[1] << 8 | (uint64_t)size[2] << 16 | (uint64_t)size[3] << 24;
}

/* One member or stream, its output appended; *ret_used: the bytes that it took. */
static int inflate_one(struct inflater *inflater, decompress_fn decompress, struct bytes data,
                       struct inflate_output *output, size_t *ret_used)
{
    for (;;) {
        size_t wrote;
        enum libdeflate_result result =
            decompress(inflater->deflate, data.data, data.len, output->data + output->len,
                       output->room - output->len, ret_used, &wrote);
        if (result == LIBDEFLATE_SUCCESS) {
            output->len += wrote;
            return 0;
        }
        int bad = result == LIBDEFLATE_INSUFFICIENT_SPACE ? inflate_output_double(output)
                                                          : INFLATE_CORRUPT;
        if (bad) {
            return bad;
        }
    }
}

static int begin(struct inflater *inflater, struct bytes data, uint64_t told,
                 struct inflate_output *output)
{
    return state_of(inflater) == NULL
               ? INFLATE_NO_MEMORY
               : inflate_output_grow(output, inflate_first_guess(data, told));
}

int inflate_gzip(struct inflater *inflater, struct bytes data, struct inflate_output *output)
{
    int bad = begin(inflater, data, told_size(data), output);
    while (bad == 0 && data.len != 0) {
        size_t used = 0;
        bad = inflate_one(inflater, libdeflate_gzip_decompress_ex, data, output, &used);
        data = bytes_from(data.data + used, data.len - used);
    }
    return bad;
}

int inflate_zlib(struct inflater *inflater, struct bytes data, struct inflate_output *output)
{
    size_t used = 0;
    int bad = begin(inflater, data, UINT64_MAX, output);
    bad = bad ? bad : inflate_one(inflater, libdeflate_zlib_decompress_ex, data, output, &used);
    return bad == 0 && used != data.len ? INFLATE_CORRUPT : bad;
}
