#include "assertions/encode.h"

#include <string.h>

#include "daemon/core/wire.h"

void encode_value(struct buf *out, const struct value *value)
{
    switch (value->type) {
    case VALUE_TEXT:
        wire_put_bytes(out, 1, value->bytes);
        break;
    case VALUE_BOOL:
        wire_put_uint(out, 2, value->boolean);
        break;
    case VALUE_INT:
        wire_put_uint(out, 3, (uint64_t)value->integer);
        break;
    case VALUE_DOUBLE: {
        uint64_t bits;
        memcpy(&bits, &value->number, sizeof bits);
        wire_put_fixed64(out, 4, bits);
        break;
    }
    case VALUE_ARRAY:
        wire_put_bytes(out, 5, value->bytes);
        break;
    case VALUE_MAP:
        wire_put_bytes(out, 6, value->bytes);
        break;
    case VALUE_BYTES:
        wire_put_bytes(out, 7, value->bytes);
        break;
    case VALUE_MISSING:
        break;
    }
}

void encode_item(struct buf *out, const struct value *value)
{
    size_t mark = wire_begin(out, 1);
    encode_value(out, value);
    wire_end(out, mark);
}
