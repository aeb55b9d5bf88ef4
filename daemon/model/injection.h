/* The record that one request was sent (DESIGN 5.5). Immutable once parsed; all views live in its
 * arena's owner.
 *
 * A record comes over HTTP, from a file, from `tracestate` or from the generator's own root span;
 * the first one for a trace ID counts. Thread rule: immutable after parsing. */
#ifndef ASSERTD_MODEL_INJECTION_H
#define ASSERTD_MODEL_INJECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/core/bytes.h"
#include "daemon/model/id.h"
#include "daemon/model/value.h"

enum injection_outcome {
    INJECTION_OUTCOME_NONE,
    INJECTION_OK,
    INJECTION_ERROR,
    INJECTION_NOT_SENT
};

struct injection {
    struct trace_id trace_id;
    span_id span_id; /* 0: not known */
    bool has_time, has_iteration, has_status, has_duration;
    bool unsampled; /* sampled: false */
    enum injection_outcome outcome;
    uint64_t time_ns;
    int64_t iteration;
    int64_t status;
    int64_t duration_ns;
    struct bytes scenario, step, zone, tenant, minion; /* data NULL: not given */
    const struct attr *attrs;                          /* "attributes" */
    uint32_t attr_count;
};

/* Whether the record expects a trace (sampled, and sent). */
static inline bool injection_expects_trace(const struct injection *injection)
{
    return !injection->unsampled && injection->outcome != INJECTION_NOT_SENT;
}

/* A deep copy in `arena`; NULL when exhausted. */
struct injection *injection_copy(const struct injection *injection, struct arena *arena);

/* The word of an outcome ("ok", "error", "not_sent"), NULL for none. */
const char *injection_outcome_name(enum injection_outcome outcome);

#endif
