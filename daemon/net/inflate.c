/* The libraries that decompress in one go want the whole output beforehand and are much faster than
 * those that stream. The output is guessed, and doubled within the limit where it was too small. */
#include "daemon/net/inflate.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zstd.h>

#include "daemon/core/memory.h"
#include "daemon/net/inflate_output.h"

#define FIRST_ROOM_MIN      4096u
#define FIRST_ROOM_PER_BYTE 8u

int inflate_output_grow(struct inflate_output *output, size_t room)
{
    const struct inflate_bounds *bounds = output->bounds;
    if (room > bounds->limit) {
        room = bounds->limit;
    }
    if (room <= output->room) {
        return output->room >= bounds->limit ? INFLATE_TOO_LARGE : 0;
    }
    if (bounds->room != NULL && bounds->room(bounds->self, room) != 0) {
        return INFLATE_REFUSED;
    }
    uint8_t *data = memory_resize(output->data, output->room, room);
    if (data == NULL) {
        return INFLATE_NO_MEMORY;
    }
    output->data = data;
    output->room = room;
    return 0;
}

int inflate_output_double(struct inflate_output *output)
{
    return inflate_output_grow(output, output->room <= SIZE_MAX / 2 ? output->room * 2 : SIZE_MAX);
}

size_t inflate_first_guess(struct bytes data, uint64_t told)
{
    size_t most =
        data.len <= SIZE_MAX / INFLATE_EXPANSION_MAX ? data.len * INFLATE_EXPANSION_MAX : SIZE_MAX;
    size_t guess = told <= most ? (size_t)told : data.len * FIRST_ROOM_PER_BYTE;
    return guess < FIRST_ROOM_MIN ? FIRST_ROOM_MIN : guess;
}

/* A guess that was far too large is not kept. */
static void trim(struct inflate_output *output)
{
    if (output->room - output->len > output->room / 4) {
        uint8_t *data =
            memory_resize(output->data, output->len, output->len != 0 ? output->len : 1);
        output->data = data != NULL ? data : output->data;
    }
}

void inflater_deinit(struct inflater *inflater)
{
    if (inflater->deflate != NULL) {
        libdeflate_free_decompressor(inflater->deflate);
    }
    ZSTD_freeDCtx(inflater->zstd);
    *inflater = INFLATER_NULL;
}

static int run(struct inflater *inflater, enum inflate_coding coding, struct bytes data,
               struct inflate_output *output)
{
    switch (coding) {
    case INFLATE_GZIP:
        return inflate_gzip(inflater, data, output);
    case INFLATE_DEFLATE:
        return inflate_zlib(inflater, data, output);
    default:
        return inflate_zstd(inflater, data, output);
    }
}

int inflater_run(struct inflater *inflater, enum inflate_coding coding, struct bytes data,
                 const struct inflate_bounds *bounds, uint8_t **ret, size_t *ret_len)
{
    struct inflate_output output = {.bounds = bounds};
    int outcome = data.len != 0 ? run(inflater, coding, data, &output) : INFLATE_CORRUPT;
    if (outcome != 0) {
        free(output.data);
        return outcome;
    }
    trim(&output);
    *ret = output.data;
    *ret_len = output.len;
    return 0;
}
