/* A trace in Jaeger's JSON, as jaeger-query answers and its page saves it, becomes OTLP protobuf.
 *
 * References make the parent (the first CHILD_OF of the same trace, without one parentSpanID, else
 * the first FOLLOWS_FROM of the same trace) and the links (all others); tags keep their types; the
 * process is the resource; what OpenTelemetry's exporters put into tags goes back into the fields
 * it came from, and stays a tag too. docs/files.md has the table. Pure. */
#ifndef ASSERTD_RECEIVERS_JAEGER_JSON_H
#define ASSERTD_RECEIVERS_JAEGER_JSON_H

#include "daemon/core/buf.h"
#include "receivers/json_tree.h"

enum jaeger_outcome { JAEGER_MALFORMED = 1, JAEGER_NO_MEMORY = 3 };

/* Appends one trace ({"traceID", "spans", "processes"}) to `out` as a part of a TracesData message.
 * 0, or enum jaeger_outcome, with the place and what is wrong with it in `error`. Spans without
 * usable IDs become ones that otlp_decode rejects, and so do those without startTime. `arena` holds
 * what is needed during the call. */
int jaeger_trace_put(struct buf *out, const struct json_node *trace, struct arena *arena,
                     char *error, size_t error_bytes);

#endif
