/* Resources and scopes as OTLP/JSON objects; spans: span_write_otlp_json in span.h. Pure. */
#ifndef ASSERTD_MODEL_SPAN_JSON_H
#define ASSERTD_MODEL_SPAN_JSON_H

#include "daemon/core/json.h"
#include "daemon/model/span.h"

/* Writes {"attributes":[...]} with the dropped count. */
void resource_write_otlp_json(struct json *json, const struct resource *resource);

/* Writes {"name":...,"version":...,"attributes":[...]}. */
void scope_write_otlp_json(struct json *json, const struct scope *scope);

#endif
