#include "receivers/grpc_frame.h"

#include <string.h>

void grpc_frame_begin(struct buf *out)
{
    buf_append(out, "\0\0\0\0\0", GRPC_PREFIX_BYTES);
}

void grpc_frame_end(struct buf *out)
{
    if (out->failed) {
        return;
    }
    uint32_t len = (uint32_t)(out->len - GRPC_PREFIX_BYTES);
    uint8_t bytes[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                        (uint8_t)len};
    memcpy(out->data + 1, bytes, sizeof bytes);
}
