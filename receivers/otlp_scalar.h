/* One plain JSON value as a field of an OTLP message, by the JSON mapping
 * (opentelemetry-proto 1.11, "JSON Protobuf Encoding"). Pure. */
#ifndef ASSERTD_RECEIVERS_OTLP_SCALAR_H
#define ASSERTD_RECEIVERS_OTLP_SCALAR_H

#include "daemon/core/buf.h"
#include "daemon/core/json_reader.h"
#include "receivers/otlp_schema.h"

/* Appends the value of a field that is no message. NULL, or what is wrong with it, as the end of a
 * sentence (static). `token` is one of JSON_TRUE, JSON_FALSE, JSON_NUMBER, JSON_TEXT. What was
 * appended before an error stays. */
const char *otlp_scalar_put(struct buf *out, const struct otlp_field *field, enum json_token token,
                            struct bytes text);

#endif
