#include "tests/net/pack.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void pack_deflate(struct buf *out, int window_bits, int level, const void *data, size_t len)
{
    z_stream z = {0};
    check(deflateInit2(&z, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = deflateBound(&z, len) + 64;
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)len;
    z.next_out = buf_reserve(out, room);
    z.avail_out = (uInt)room;
    check(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out->len += room - z.avail_out;
    deflateEnd(&z);
}

static void pack_zstd(struct buf *out, bool told, int level, const void *data, size_t len)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, told);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t room = ZSTD_compressBound(len);
    size_t bytes = ZSTD_compress2(context, buf_reserve(out, room), room, data, len);
    check(!ZSTD_isError(bytes));
    out->len += bytes;
    ZSTD_freeCCtx(context);
}

void pack(struct buf *out, enum inflate_coding coding, int level, const void *data, size_t len)
{
    switch (coding) {
    case INFLATE_GZIP:
        pack_deflate(out, 15 + 16, level, data, len);
        break;
    case INFLATE_DEFLATE:
        pack_deflate(out, 15, level, data, len);
        break;
    default:
        pack_zstd(out, true, level, data, len);
        break;
    }
}

void pack_zstd_untold(struct buf *out, const void *data, size_t len)
{
    pack_zstd(out, false, 3, data, len);
}
