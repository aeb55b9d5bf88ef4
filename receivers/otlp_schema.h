/* The trace messages of opentelemetry-proto 1.11 as a table: JSON key, field number, type.
 * Immutable. */
#ifndef ASSERTD_RECEIVERS_OTLP_SCHEMA_H
#define ASSERTD_RECEIVERS_OTLP_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/bytes.h"

/* Greatest number of fields of a message. */
#define OTLP_FIELDS_MAX 16
/* Longest key with its NUL, also in snake case. */
#define OTLP_KEY_MAX 32

enum otlp_type {
    OTLP_TEXT,
    OTLP_TRACE_ID, /* bytes, in JSON 32 hex digits */
    OTLP_SPAN_ID,  /* bytes, in JSON 16 hex digits */
    OTLP_BYTES,    /* in JSON base64 */
    OTLP_BOOL,
    OTLP_ENUM,
    OTLP_INT64,
    OTLP_UINT32,
    OTLP_FIXED32,
    OTLP_FIXED64,
    OTLP_DOUBLE,
    OTLP_MESSAGE,
};

struct otlp_message;

struct otlp_field {
    struct bytes key; /* lowerCamelCase */
    uint32_t number;
    enum otlp_type type;
    bool repeated;
    const struct otlp_message *message; /* of OTLP_MESSAGE */
};

struct otlp_message {
    const struct otlp_field *fields;
    size_t field_count;
    bool one_of; /* at most one of the fields is set (AnyValue) */
};

/* TracesData, which is ExportTraceServiceRequest on the wire. */
extern const struct otlp_message otlp_traces;

/* AnyValue. */
extern const struct otlp_message otlp_any_value;

/* The field with this key, NULL where there is none. `first` (at most field_count) is where to look
 * first: senders keep to an order. */
const struct otlp_field *otlp_field_find(const struct otlp_message *message, struct bytes key,
                                         size_t first);

/* The field whose key is meant by a snake_case one ("start_time_unix_nano"), NULL where there is
 * none. */
const struct otlp_field *otlp_field_meant(const struct otlp_message *message,
                                          struct bytes snake_key);

#endif
