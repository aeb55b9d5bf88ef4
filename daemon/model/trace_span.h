/* The compact record of a span that a trace stores: 48 bytes, multiplied by all live spans.
 *
 * Its bytes (as they came, or a kept span: kept_span.h) stand in the trace's arena, their length in
 * front of them. The name is shared (name_pool.h), or stands in the bytes. What is rare stands in a
 * trace_span_rare. Thread rule: as the trace. */
#ifndef ASSERTD_MODEL_TRACE_SPAN_H
#define ASSERTD_MODEL_TRACE_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/model/name_pool.h"
#include "daemon/model/span.h"

struct trace_span {
    span_id id;
    span_id parent;
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t raw_source;  /* where its bytes stand; 16 bits: place in the trace's sources */
    uint64_t name_traits; /* where its name stands; 8 bits: TRACE_SPAN_..., kind, status */
};
_Static_assert(sizeof(struct trace_span) == 48, "multiplied by all live spans");

/* Status in the lowest two bits, kind in three from the fifth on. */
#define TRACE_SPAN_NAMED       4u   /* the name is shared */
#define TRACE_SPAN_CONFLICTING 8u   /* another span has the same ID and other content */
#define TRACE_SPAN_UNSAMPLED   128u /* a copy said "not sampled" (SEMANTICS 5 c) */

static inline enum span_kind trace_span_kind(const struct trace_span *span)
{
    return (enum span_kind)(span->name_traits >> 4 & 7);
}
static inline enum span_status trace_span_status(const struct trace_span *span)
{
    return (enum span_status)(span->name_traits & 3);
}
static inline bool trace_span_conflicting(const struct trace_span *span)
{
    return (span->name_traits & TRACE_SPAN_CONFLICTING) != 0;
}
static inline bool trace_span_unsampled(const struct trace_span *span)
{
    return (span->name_traits & TRACE_SPAN_UNSAMPLED) != 0;
}
static inline bool trace_span_named(const struct trace_span *span)
{
    return (span->name_traits & TRACE_SPAN_NAMED) != 0;
}

/* Place in the trace's sources. */
static inline uint32_t trace_span_source(const struct trace_span *span)
{
    return (uint16_t)span->raw_source;
}

/* Where its bytes begin; with their length, which stands in front of them, seven bits in each byte,
 * the lowest last. */
static inline const uint8_t *trace_span_start(const struct trace_span *span)
{
    return (const uint8_t *)(uintptr_t)(span->raw_source >> 16);
}
static inline struct bytes trace_span_raw(const struct trace_span *span)
{
    const uint8_t *start = trace_span_start(span);
    const uint8_t *at = start - 1;
    size_t len = *at & 127u;
    for (unsigned shift = 7; *at >= 128; shift += 7) {
        len |= (size_t)(*--at & 127u) << shift;
    }
    return bytes_from(start, len);
}

/* Its name; `TRACE_SPAN_NAME_BITS` say how long a name in the bytes is, those above where it
 * begins. */
#define TRACE_SPAN_NAME_BITS 32
static inline struct bytes trace_span_name(const struct trace_span *span)
{
    uint64_t at = span->name_traits >> 8;
    if (trace_span_named(span)) {
        const struct name *name = (const struct name *)(uintptr_t)at;
        return bytes_from(name->text, name->len);
    }
    return bytes_from(trace_span_start(span) + (at >> TRACE_SPAN_NAME_BITS), (uint32_t)at);
}

/* Bytes that the length of most spans takes. */
#define TRACE_SPAN_LEN_BYTES 2u

/* A copy of a span's bytes in the arena, their length in front of it; NULL: no memory. */
const uint8_t *trace_span_store(struct arena *arena, struct bytes raw);

/* Writes a record, but for its name; `start` is what store returned. */
void trace_span_set(struct trace_span *ret, const struct span *span, const uint8_t *start,
                    uint32_t source);

/* Names it, once: by a name that lives as long, or by `len` bytes from `offset` on of its own. What
 * begins beyond TRACE_SPAN_OFFSET_MAX must be shared. */
#define TRACE_SPAN_OFFSET_MAX 0xffffffu
void trace_span_share_name(struct trace_span *span, const struct name *name);
void trace_span_set_name(struct trace_span *span, uint32_t offset, uint32_t len);

/* Forgets what stands behind the first `len` of its bytes, for good. */
void trace_span_cut(struct trace_span *span, size_t len);

#endif
