/* Compresses what is sent: gzip, deflate (zlib's format) or zstd, each request anew. Thread rule:
 * none shared. */
#ifndef ASSERTD_TESTS_BENCH_PACKER_H
#define ASSERTD_TESTS_BENCH_PACKER_H

#include "daemon/core/buf.h"

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_DEFLATE, PACKING_ZSTD };

/* The name in content-encoding and grpc-encoding. */
const char *packing_name(enum packing packing);

/* 0, or -EINVAL for a name that is none of "none", "gzip", "deflate", "zstd". */
int packing_of(const char *name, enum packing *ret);

struct packer;

/* NULL: no memory. Level 6 for gzip and deflate, as SDKs have it, 3 for zstd. Not for
 * PACKING_NONE. */
struct packer *packer_new(enum packing packing);
void packer_free(struct packer *packer);

/* Replaces what is in `out`. 0, or -ENOMEM. */
int packer_pack(struct packer *packer, struct bytes plain, struct buf *out);

#endif
