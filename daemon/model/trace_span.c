/* An address takes 48 bits, here as in all processes that did not ask for more. */
#include "daemon/model/trace_span.h"

#include <string.h>

#define ADDRESS_BITS 48

static size_t len_bytes(size_t len)
{
    size_t count = 1;
    while (len >= 128) {
        len >>= 7;
        count++;
    }
    return count;
}

/* Writes a length in exactly `count` bytes before `start`. */
static void put_len(uint8_t *start, size_t len, size_t count)
{
    for (; count > 1; count--) {
        *--start = (uint8_t)(128u | (len & 127u));
        len >>= 7;
    }
    *--start = (uint8_t)len;
}

const uint8_t *trace_span_store(struct arena *arena, struct bytes raw)
{
    size_t count = len_bytes(raw.len);
    uint8_t *memory = raw.len <= SIZE_MAX / 4 ? arena_alloc_packed(arena, count + raw.len) : NULL;
    if (memory == NULL || (uint64_t)(uintptr_t)memory >> ADDRESS_BITS != 0) {
        return NULL;
    }
    put_len(memory + count, raw.len, count);
    if (raw.len != 0) {
        memcpy(memory + count, raw.data, raw.len);
    }
    return memory + count;
}

/* Member by member: a record made elsewhere and copied would be read in wider pieces than it was
 * written, which waits for all stores before it. */
void trace_span_set(struct trace_span *ret, const struct span *span, const uint8_t *start,
                    uint32_t source)
{
    ret->id = span->id;
    ret->parent = span->parent;
    ret->start_ns = span->start_ns;
    ret->end_ns = span->end_ns;
    ret->raw_source = (uint64_t)(uintptr_t)start << 16 | (uint16_t)source;
    ret->name_traits = (uint64_t)span->kind << 4 | (uint64_t)span->status;
}

void trace_span_share_name(struct trace_span *span, const struct name *name)
{
    span->name_traits |= (uint64_t)(uintptr_t)name << 8 | TRACE_SPAN_NAMED;
}

void trace_span_set_name(struct trace_span *span, uint32_t offset, uint32_t len)
{
    span->name_traits |= ((uint64_t)offset << TRACE_SPAN_NAME_BITS | len) << 8;
}

void trace_span_cut(struct trace_span *span, size_t len)
{
    struct bytes raw = trace_span_raw(span);
    if (len < raw.len) {
        put_len((uint8_t *)(uintptr_t)raw.data, len, len_bytes(raw.len));
    }
}
