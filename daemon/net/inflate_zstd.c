/* In one go, the output is the window: what a frame's header says of its window and content costs
 * no memory. All frames are decompressed again where the room was too small, at most twice the work
 * in the end. */
#include <endian.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "daemon/net/inflate_output.h"

#define SKIPPABLE_MAGIC 0x184D2A50u
#define SKIPPABLE_MASK  0xFFFFFFF0u

/* The library may know forms from before RFC 8878, whose decoders need not meet strangers. */
static bool is_frame(struct bytes data)
{
    uint32_t magic;
    if (data.len < sizeof magic) {
        return false;
    }
    memcpy(&magic, data.data, sizeof magic);
    magic = le32toh(magic);
    return magic == ZSTD_MAGICNUMBER || (magic & SKIPPABLE_MASK) == SKIPPABLE_MAGIC;
}

/* Steps over all frames by their blocks' lengths. Whether they fill the data; *ret_told: the sum of
 * what they say of their contents, UINT64_MAX where one does not. */
static bool walk_frames(struct bytes data, uint64_t *ret_told)
{
    *ret_told = 0;
    while (data.len != 0) {
        size_t bytes = is_frame(data) ? ZSTD_findFrameCompressedSize(data.data, data.len) : 0;
        if (bytes == 0 || ZSTD_isError(bytes)) {
            return false;
        }
        unsigned long long told = ZSTD_getFrameContentSize(data.data, data.len);
        bool is_told = told != ZSTD_CONTENTSIZE_UNKNOWN && told != ZSTD_CONTENTSIZE_ERROR;
        if (!is_told || __builtin_add_overflow(*ret_told, (uint64_t)told, ret_told)) {
            *ret_told = UINT64_MAX;
        }
        data = bytes_from(data.data + bytes, data.len - bytes);
    }
    return true;
}

static int outcome_of(size_t result)
{
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_no_error:
        return 0;
    case ZSTD_error_dstSize_tooSmall:
        return INFLATE_TOO_LARGE;
    case ZSTD_error_memory_allocation:
        return INFLATE_NO_MEMORY;
    default:
        return INFLATE_CORRUPT;
    }
}

int inflate_zstd(struct inflater *inflater, struct bytes data, struct inflate_output *output)
{
    uint64_t told;
    if (!walk_frames(data, &told)) {
        return INFLATE_CORRUPT;
    }
    if (inflater->zstd == NULL && (inflater->zstd = ZSTD_createDCtx()) == NULL) {
        return INFLATE_NO_MEMORY;
    }
    int bad = inflate_output_grow(output, inflate_first_guess(data, told));
    while (bad == 0) {
        size_t result =
            ZSTD_decompressDCtx(inflater->zstd, output->data, output->room, data.data, data.len);
        int outcome = outcome_of(result);
        if (outcome != INFLATE_TOO_LARGE) {
            output->len = outcome == 0 ? result : 0;
            return outcome;
        }
        bad = inflate_output_double(output);
    }
    return bad;
}
