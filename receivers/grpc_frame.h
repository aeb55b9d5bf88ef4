/* gRPC's frame around a message: a flag and a length of four bytes. Pure. */
#ifndef ASSERTD_RECEIVERS_GRPC_FRAME_H
#define ASSERTD_RECEIVERS_GRPC_FRAME_H

#include "daemon/core/buf.h"

/* A frame's flag and length before its message. */
#define GRPC_PREFIX_BYTES 5u

/* Begins a plain message in an empty buffer, and fills in its length. */
void grpc_frame_begin(struct buf *out);
void grpc_frame_end(struct buf *out);

#endif
