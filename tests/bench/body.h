/* A prepared export request whose trace IDs can be changed in place: what the load generator sends.
 *
 * The bytes are a gRPC message, prefix and ExportTraceServiceRequest; where the trace IDs of its
 * spans stand was recorded, by trace, so that the spans of a trace stay together. Thread rule: none
 * shared; each connection has its own. */
#ifndef ASSERTD_TESTS_BENCH_BODY_H
#define ASSERTD_TESTS_BENCH_BODY_H

#include <stdint.h>

#include "daemon/core/buf.h"

#define BODY_SPANS_MAX 16384

/* Where one span's trace ID stands, and which of the request's traces it is. */
struct body_place {
    uint32_t offset;
    uint32_t trace;
};

struct body {
    struct buf bytes;
    struct body_place *places;
    uint32_t span_count;
    uint32_t trace_count;
    uint64_t next_id; /* the next new trace's number */
};

/* Reads a capture: a gRPC message (`*.bin`) or a bare request, which gets its prefix. `seed` keeps
 * the IDs of several bodies apart. 0, or -errno; -EINVAL for what is no request of at most
 * BODY_SPANS_MAX spans. */
int body_read(struct body *ret, const char *path, uint64_t seed);

/* Gives each trace of the request an ID that was never sent before. */
void body_renew(struct body *body);

void body_deinit(struct body *body);

#endif
