/* Undoing gzip (RFC 1952), bounded while it happens: libdeflate where a guess of the size fits, all
 * members decoded. Pure but for memory. */
#ifndef ASSERTD_NET_INFLATE_H
#define ASSERTD_NET_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/bytes.h"

enum inflate_outcome {
    INFLATE_CORRUPT = 1,   /* not gzip, truncated, wrong checksum or size, trailing bytes */
    INFLATE_TOO_LARGE = 2, /* more than `limit` bytes: stopped there */
    INFLATE_NO_MEMORY = 3,
};

/* Decompresses concatenated gzip members into one malloc'ed block, never more than `limit` bytes.
 * 0, or an outcome. */
int inflate_gzip(struct bytes data, size_t limit, uint8_t **ret, size_t *ret_len);

#endif
