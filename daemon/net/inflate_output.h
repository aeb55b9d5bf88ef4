/* The block that decompressed bytes go to, and the decoders that fill it: inflate's inside. Thread
 * rule: confined to its owner. */
#ifndef ASSERTD_NET_INFLATE_OUTPUT_H
#define ASSERTD_NET_INFLATE_OUTPUT_H

#include "daemon/net/inflate.h"

/* What deflate can expand one byte to, at most (RFC 1951: 258 bytes from two bits). A sender's word
 * beyond it is not taken for a hint. */
#define INFLATE_EXPANSION_MAX 1032u

struct inflate_output {
    uint8_t *data;
    size_t len;
    size_t room;
    const struct inflate_bounds *bounds;
};

/* Room for `room` bytes, or for as many as the limit allows. 0; INFLATE_TOO_LARGE where all of that
 * is there already; INFLATE_NO_MEMORY; INFLATE_REFUSED. */
int inflate_output_grow(struct inflate_output *output, size_t room);

/* Twice the room. The same outcomes. */
int inflate_output_double(struct inflate_output *output);

/* The room to begin with, where the sender told `told` bytes for `data`. */
size_t inflate_first_guess(struct bytes data, uint64_t told);

/* The decoders: all of `data`, appended. 0, or enum inflate_outcome. */
int inflate_gzip(struct inflater *inflater, struct bytes data, struct inflate_output *output);
int inflate_zlib(struct inflater *inflater, struct bytes data, struct inflate_output *output);
int inflate_zstd(struct inflater *inflater, struct bytes data, struct inflate_output *output);

#endif
