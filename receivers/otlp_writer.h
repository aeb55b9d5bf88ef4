/* Writing OTLP protobuf piece by piece, for the formats that are translated into it (Jaeger,
 * Zipkin): the envelopes, IDs, attributes, and the tags by which OpenTelemetry's exporters carry
 * what these formats have no field for. Pure; confined to its owner. */
#ifndef ASSERTD_RECEIVERS_OTLP_WRITER_H
#define ASSERTD_RECEIVERS_OTLP_WRITER_H

#include <stdbool.h>

#include "daemon/core/buf.h"
#include "daemon/core/wire.h"

/* Field numbers of opentelemetry-proto's messages. */
enum otlp_span_number {
    SPAN_TRACE_ID = 1,
    SPAN_ID = 2,
    SPAN_TRACE_STATE = 3,
    SPAN_PARENT_ID = 4,
    SPAN_NAME = 5,
    SPAN_KIND = 6,
    SPAN_START = 7,
    SPAN_END = 8,
    SPAN_ATTRIBUTES = 9,
    SPAN_DROPPED_ATTRIBUTES = 10,
    SPAN_EVENTS = 11,
    SPAN_DROPPED_EVENTS = 12,
    SPAN_LINKS = 13,
    SPAN_DROPPED_LINKS = 14,
    SPAN_STATUS = 15,
    SPAN_FLAGS = 16,
};
enum otlp_event_number { EVENT_TIME = 1, EVENT_NAME = 2, EVENT_ATTRIBUTES = 3 };
enum otlp_link_number { LINK_TRACE_ID = 1, LINK_SPAN_ID = 2, LINK_ATTRIBUTES = 4 };
enum otlp_resource_number { RESOURCE_ATTRIBUTES = 1 };
enum otlp_value_number {
    VALUE_TEXT = 1,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_DOUBLE,
    VALUE_ARRAY,
    VALUE_MAP,
    VALUE_BYTES
};

/* What the mapping to formats other than OTLP puts into tags (OpenTelemetry specification,
 * "Transformation to non-OTLP Formats"). All views are of the tags' texts. */
struct otlp_tags {
    struct bytes scope_name, scope_version;     /* otel.scope.* */
    struct bytes library_name, library_version; /* otel.library.*, its older name */
    struct bytes status_code, status_description;
    struct bytes trace_state; /* w3c.tracestate, as the Collector writes it */
    uint32_t dropped_attrs, dropped_events, dropped_links;
};

/* Whether a tag is nothing but a field of OTLP's, and so no attribute: the dropped counts and the
 * trace state, which are not a span's content. */
bool otlp_tag_is_field(struct bytes key);

/* Notes a tag if it is one of these; the last one of a key counts. */
void otlp_tags_note(struct otlp_tags *tags, struct bytes key, struct bytes text);

/* Writes what belongs into a Span: trace state, dropped counts, and the status: an error where
 * `error` or the code says so, with `message`, or the description where that is empty. */
void otlp_tags_put(struct buf *out, const struct otlp_tags *tags, bool error, struct bytes message);

/* The envelopes around spans: a ResourceSpans, in it ScopeSpans. */
struct otlp_writer {
    struct buf *out;
    bool in_resource, in_scope;
    size_t resource_mark, scope_mark;
    struct bytes scope_name, scope_version;
};

/* Begins a ResourceSpans (ending the one before); the caller writes its `resource` (field 1). */
void otlp_writer_resource(struct otlp_writer *writer);

/* Makes the next spans' scope this one (borrowed until the end). */
void otlp_writer_scope(struct otlp_writer *writer, struct bytes name, struct bytes version);

/* Ends what is open. */
void otlp_writer_end(struct otlp_writer *writer);

/* An ID in hex of either case, shorter ones zero-extended on the left; what is none becomes one
 * zero byte, so that otlp_decode rejects this span alone. An empty text writes nothing. */
void otlp_put_hex_id(struct buf *out, uint32_t field, struct bytes text, size_t len);

/* The same without writing: 0 good, 1 none. */
int otlp_hex_id(struct bytes text, uint8_t *out, size_t len);

/* An attribute (KeyValue at `field`) with a text. */
void otlp_put_text_attr(struct buf *out, uint32_t field, struct bytes key, struct bytes text);

/* The same with any value: returns the mark for otlp_attr_end; the caller writes an AnyValue's
 * field in between. */
struct otlp_attr_mark {
    size_t pair, value;
};
struct otlp_attr_mark otlp_attr_begin(struct buf *out, uint32_t field, struct bytes key);
void otlp_attr_end(struct buf *out, struct otlp_attr_mark mark);

#endif
