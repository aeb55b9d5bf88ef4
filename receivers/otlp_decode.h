/* ExportTraceServiceRequest bytes become a span_set: one pass over the envelope, spans decoded in
 * place.
 *
 * `resource` may come after `scope_spans`; singular messages may be split over several occurrences
 * (merged); fields in any order; unknown ones skipped. Malformed bytes anywhere refuse the whole
 * request; spans with bad IDs or over a count limit are rejected one by one
 * (opentelemetry-proto 1.11, "Partial Success"). Pure; no allocation per span. Thread rule: any
 * thread. */
#ifndef ASSERTD_RECEIVERS_OTLP_DECODE_H
#define ASSERTD_RECEIVERS_OTLP_DECODE_H

#include "daemon/model/span_set.h"

struct otlp_limits {
    uint32_t spans;       /* per request: 1,000,000 */
    uint32_t resources;   /* ResourceSpans + ScopeSpans with something inside: 100,000 */
    size_t decoded_bytes; /* arena limit: what the decoded form may hold */
    struct span_limits span;
    struct budget *budget; /* what the decoded form takes from; NULL: nothing is counted */
    /* The attributes that are listed; NULL: all. In place of span.listed. */
    const struct listed_keys *listed;
};

#define OTLP_LIMITS_DEFAULT                                                                        \
    ((struct otlp_limits){1000000, 100000, 536870912, SPAN_LIMITS_DEFAULT, NULL, NULL})

enum otlp_outcome {
    OTLP_MALFORMED = 1, /* INVALID_ARGUMENT, 400 */
    OTLP_TOO_MANY =
        2, /* over a count limit of the whole request: RESOURCE_EXHAUSTED without RetryInfo, 413 */
    OTLP_NO_MEMORY = 3, /* retryable: UNAVAILABLE, 503 */
};

/* Decodes `take_body` (malloc'ed, consumed in any case) of which the message is `message` (a slice
 * of it: gRPC's prefix stays in front). 0 with a set of one reference, or enum otlp_outcome. */
int otlp_decode(uint8_t *take_body, size_t body_bytes, struct bytes message,
                const struct shard_map *shards, const struct otlp_limits *limits,
                struct span_set **ret);

#endif
