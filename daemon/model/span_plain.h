/* A span as plain JSON, for people and programs that look at spans: names as in the assertion
 * language, values as JSON has them. What is to be sent on as telemetry is OTLP/JSON (span.h).
 *
 * Times and integers beyond 2^53 are text, bytes are base64 text, doubles always show that they are
 * doubles (1.0), NaN and the infinities are text. A key that came twice stands there twice, and a
 * reader of JSON takes the last, as SEMANTICS 1 does. Pure. */
#ifndef ASSERTD_MODEL_SPAN_PLAIN_H
#define ASSERTD_MODEL_SPAN_PLAIN_H

#include "daemon/core/json.h"
#include "daemon/model/span.h"

/* Writes {"span_id", "parent_span_id" (null: none), "name", "service", "kind", "status",
 * "status_message", "start_time_unix_nano", "end_time_unix_nano", "trace_state", "attributes",
 * "resource", "scope", "events", "links"} and the counts of what was dropped, if any. `arena` is
 * scratch; where it is exhausted json->out->failed is set. */
void span_write_plain_json(struct json *json, const struct span *span, struct arena *arena);

#endif
