/* Compressed bytes as other libraries write them. */
#ifndef ASSERTD_TESTS_NET_PACK_H
#define ASSERTD_TESTS_NET_PACK_H

#include "daemon/core/buf.h"
#include "daemon/net/inflate.h"

/* Appends `data` as one gzip member, zlib stream or zstd frame. Level 0 to 9. */
void pack(struct buf *out, enum inflate_coding coding, int level, const void *data, size_t len);

/* Appends a zstd frame that does not tell the size of its content. */
void pack_zstd_untold(struct buf *out, const void *data, size_t len);

#endif
