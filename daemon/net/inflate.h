/* Undoing compression, bounded while it happens: gzip (RFC 1952), deflate (RFC 9110 means zlib's
 * form of it, RFC 1950) and zstd (RFC 8878).
 *
 * What the sender says of the size is a hint for the first try only. Joined gzip members and zstd
 * frames are one text; a deflate text is one stream. An inflater keeps the libraries' states from
 * use to use; they are made when first needed. Thread rule: confined to its owner. */
#ifndef ASSERTD_NET_INFLATE_H
#define ASSERTD_NET_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/bytes.h"

enum inflate_coding { INFLATE_GZIP, INFLATE_DEFLATE, INFLATE_ZSTD };

enum inflate_outcome {
    INFLATE_CORRUPT = 1,   /* not of that coding, truncated, wrong checksum or size, bytes behind */
    INFLATE_TOO_LARGE = 2, /* more than `limit` bytes: stopped there */
    INFLATE_NO_MEMORY = 3,
    INFLATE_REFUSED = 4, /* `room` said no */
};

struct inflate_bounds {
    size_t limit; /* bytes of output */
    /* Asked before the output's memory grows to `bytes` altogether: 0 lets it. NULL: none. */
    int (*room)(void *self, size_t bytes);
    void *self;
};

struct libdeflate_decompressor;
struct ZSTD_DCtx_s;

struct inflater {
    struct libdeflate_decompressor *deflate;
    struct ZSTD_DCtx_s *zstd;
};

#define INFLATER_NULL ((struct inflater){NULL, NULL})

/* Frees the states; the inflater is then INFLATER_NULL. */
void inflater_deinit(struct inflater *inflater);

/* Decompresses into one malloc'ed block. 0, or an outcome. */
int inflater_run(struct inflater *inflater, enum inflate_coding coding, struct bytes data,
                 const struct inflate_bounds *bounds, uint8_t **ret, size_t *ret_len);

#endif
