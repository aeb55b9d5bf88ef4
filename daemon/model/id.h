/* Trace and span IDs as OpenTelemetry has them: 16 and 8 bytes, hex in text. Plain data. */
#ifndef ASSERTD_MODEL_ID_H
#define ASSERTD_MODEL_ID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "daemon/core/bytes.h"

#define TRACE_ID_TEXT_LEN 32
#define SPAN_ID_TEXT_LEN  16

struct trace_id {
    uint8_t bytes[16];
};

/* A span ID is its eight bytes read big-endian; 0 is "none" (W3C Trace Context: all zero is
 * invalid). */
typedef uint64_t span_id;

/* Whether both are the same trace. */
static inline bool trace_id_equal(const struct trace_id *a, const struct trace_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Whether all bytes are zero. */
bool trace_id_is_zero(const struct trace_id *id);

/* Lower-case hex, no NUL. */
void trace_id_print(char out[TRACE_ID_TEXT_LEN], const struct trace_id *id);
void span_id_print(char out[SPAN_ID_TEXT_LEN], span_id id);

/* Hex of either case. 0 good; 1 not an ID (length, digit, all zero). */
int trace_id_parse(struct bytes text, struct trace_id *ret);
int span_id_parse(struct bytes text, span_id *ret);

#endif
