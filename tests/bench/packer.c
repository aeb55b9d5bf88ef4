#include "tests/bench/packer.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define DEFLATE_LEVEL 6
#define ZSTD_LEVEL    3

struct packer {
    enum packing packing;
    struct libdeflate_compressor *deflate;
    ZSTD_CCtx *zstd;
};

static const char *const names[] = {"none", "gzip", "deflate", "zstd"};

const char *packing_name(enum packing packing)
{
    return names[packing];
}

int packing_of(const char *name, enum packing *ret)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret = (enum packing)i;
            return 0;
        }
    }
    return -EINVAL;
}

struct packer *packer_new(enum packing packing)
{
    struct packer *packer = calloc(1, sizeof *packer);
    if (packer == NULL) {
        return NULL;
    }
    packer->packing = packing;
    if (packing == PACKING_ZSTD) {
        packer->zstd = ZSTD_createCCtx();
    } else {
        packer->deflate = libdeflate_alloc_compressor(DEFLATE_LEVEL);
    }
    if (packer->zstd == NULL && packer->deflate == NULL) {
        packer_free(packer);
        return NULL;
    }
    return packer;
}

void packer_free(struct packer *packer)
{
    if (packer != NULL) {
        ZSTD_freeCCtx(packer->zstd);
        libdeflate_free_compressor(packer->deflate);
        free(packer);
    }
}

static size_t bound_of(struct packer *packer, size_t len)
{
    switch (packer->packing) {
    case PACKING_ZSTD:
        return ZSTD_compressBound(len);
    case PACKING_GZIP:
        return libdeflate_gzip_compress_bound(packer->deflate, len);
    default:
        return libdeflate_zlib_compress_bound(packer->deflate, len);
    }
}

static size_t pack(struct packer *packer, struct bytes plain, uint8_t *to, size_t room)
{
    switch (packer->packing) {
    case PACKING_ZSTD:
        return ZSTD_compressCCtx(packer->zstd, to, room, plain.data, plain.len, ZSTD_LEVEL);
    case PACKING_GZIP:
        return libdeflate_gzip_compress(packer->deflate, plain.data, plain.len, to, room);
    default:
        return libdeflate_zlib_compress(packer->deflate, plain.data, plain.len, to, room);
    }
}

int packer_pack(struct packer *packer, struct bytes plain, struct buf *out)
{
    buf_reset(out);
    size_t room = bound_of(packer, plain.len);
    uint8_t *to = buf_reserve(out, room);
    if (to == NULL) {
        return -ENOMEM;
    }
    out->len += pack(packer, plain, to, room);
    return 0;
}
