/* An export request read from a file, and where the trace IDs of its spans stand in it.
 *
 * An ExportTraceServiceRequest in protobuf (16 bytes an ID) or in JSON (32 hex digits). Immutable
 * once read; shared by all requests that are made from it. */
#ifndef ASSERTD_TESTS_BENCH_BODY_H
#define ASSERTD_TESTS_BENCH_BODY_H

#include <stdint.h>

#include "daemon/core/buf.h"

#define BODY_SPANS_MAX 16384

enum body_form { BODY_PROTOBUF, BODY_JSON };

/* Where one span's trace ID stands, and which of the request's traces it is. */
struct body_place {
    uint32_t offset;
    uint32_t trace;
};

struct body {
    enum body_form form;
    struct buf bytes;
    struct body_place *places;
    uint32_t span_count;
    uint32_t trace_count;
};

/* JSON begins with a brace, a gRPC message with the flag 0: it loses its prefix. 0, or -errno;
 * -EINVAL for what is no request of at most BODY_SPANS_MAX spans. */
int body_read(struct body *ret, const char *path);

/* The same for bytes: finds the IDs. The bytes are copied. */
int body_from(struct body *ret, struct bytes request);

void body_deinit(struct body *body);

#endif
