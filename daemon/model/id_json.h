/* Members of JSON objects that every message writes alike: IDs as hex, times as RFC 3339. Thread
 * rule: confined to the writer's owner. */
#ifndef ASSERTD_MODEL_ID_JSON_H
#define ASSERTD_MODEL_ID_JSON_H

#include "daemon/core/json.h"
#include "daemon/model/id.h"

/* "key": 32, or 16, lower-case hex digits. */
void json_member_trace_id(struct json *json, const char *key, const struct trace_id *id);
void json_member_span_id(struct json *json, const char *key, span_id id);

/* "key": a time in UTC, e.g. "2026-11-21T12:00:00.000Z". */
void json_member_time(struct json *json, const char *key, uint64_t unix_ns);

#endif
