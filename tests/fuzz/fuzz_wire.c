/* Any bytes as a protobuf message: both readers agree, stay inside, and what is written back reads
 * the same. */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/core/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int good)
{
    if (!good) {
        abort();
    }
}

static void put_field(struct buf *out, const struct wire_field *field)
{
    switch (field->type) {
    case WIRE_VARINT:
        wire_put_uint(out, field->number, field->integer);
        break;
    case WIRE_FIXED64:
        wire_put_fixed64(out, field->number, field->integer);
        break;
    case WIRE_FIXED32:
        wire_put_fixed32(out, field->number, (uint32_t)field->integer);
        break;
    case WIRE_BYTES:
        wire_put_bytes(out, field->number, field->bytes);
        break;
    default:
        break;
    }
}

static int same_field(const struct wire_field *a, const struct wire_field *b)
{
    if (a->number != b->number || a->type != b->type) {
        return 0;
    }
    if (a->type == WIRE_BYTES) {
        return bytes_equal(a->bytes, b->bytes);
    }
    return a->type == WIRE_GROUP || a->integer == b->integer;
}

/* Reads with both readers; the canonical form of what is no group goes to `out`. */
static void read_both(struct bytes message, struct buf *out)
{
    struct wire_reader plain = wire_reader_of(message);
    struct wire_reader fast = plain;
    struct wire_field a;
    struct wire_field b;
    int outcome;
    while ((outcome = wire_next(&plain, &a)) == 0) {
        require(wire_next_fast(&fast, &b) == 0 && plain.next == fast.next && same_field(&a, &b));
        require(plain.next <= plain.end && a.number >= 1 && a.number < 1u << 29);
        put_field(out, &a);
    }
    require(wire_next_fast(&fast, &b) == outcome);
}

static void read_back(struct bytes canonical)
{
    struct buf again = BUF_NULL;
    read_both(canonical, &again);
    require(bytes_equal(canonical, buf_bytes(&again)));
    buf_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf canonical = BUF_NULL;
    read_both(bytes_from(data, size), &canonical);
    read_back(buf_bytes(&canonical));
    buf_deinit(&canonical);
    return 0;
}
