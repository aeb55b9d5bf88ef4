#include "receivers/otlp_schema.h"

#define KEY(text)                                                                                  \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define ONE(key, number, type)                                                                     \
    {                                                                                              \
        KEY(key), number, type, false, NULL                                                        \
    }
#define NESTED(key, number, message)                                                               \
    {                                                                                              \
        KEY(key), number, OTLP_MESSAGE, false, message                                             \
    }
#define MANY(key, number, message)                                                                 \
    {                                                                                              \
        KEY(key), number, OTLP_MESSAGE, true, message                                              \
    }
#define MESSAGE(fields, one_of)                                                                    \
    {                                                                                              \
        fields, sizeof(fields) / sizeof((fields)[0]), one_of                                       \
    }

static const struct otlp_message array_value;
static const struct otlp_message key_value_list;
static const struct otlp_message key_value;

static const struct otlp_field any_value_fields[] = {
    ONE("stringValue", 1, OTLP_TEXT),      ONE("boolValue", 2, OTLP_BOOL),
    ONE("intValue", 3, OTLP_INT64),        ONE("doubleValue", 4, OTLP_DOUBLE),
    NESTED("arrayValue", 5, &array_value), NESTED("kvlistValue", 6, &key_value_list),
    ONE("bytesValue", 7, OTLP_BYTES),
};
const struct otlp_message otlp_any_value = MESSAGE(any_value_fields, true);

static const struct otlp_field array_value_fields[] = {MANY("values", 1, &otlp_any_value)};
static const struct otlp_message array_value = MESSAGE(array_value_fields, false);

static const struct otlp_field key_value_list_fields[] = {MANY("values", 1, &key_value)};
static const struct otlp_message key_value_list = MESSAGE(key_value_list_fields, false);

static const struct otlp_field key_value_fields[] = {
    ONE("key", 1, OTLP_TEXT),
    NESTED("value", 2, &otlp_any_value),
};
static const struct otlp_message key_value = MESSAGE(key_value_fields, false);

static const struct otlp_field event_fields[] = {
    ONE("timeUnixNano", 1, OTLP_FIXED64),
    ONE("name", 2, OTLP_TEXT),
    MANY("attributes", 3, &key_value),
    ONE("droppedAttributesCount", 4, OTLP_UINT32),
};
static const struct otlp_message event = MESSAGE(event_fields, false);

static const struct otlp_field link_fields[] = {
    ONE("traceId", 1, OTLP_TRACE_ID),
    ONE("spanId", 2, OTLP_SPAN_ID),
    ONE("traceState", 3, OTLP_TEXT),
    MANY("attributes", 4, &key_value),
    ONE("droppedAttributesCount", 5, OTLP_UINT32),
    ONE("flags", 6, OTLP_FIXED32),
};
static const struct otlp_message link = MESSAGE(link_fields, false);

static const struct otlp_field status_fields[] = {
    ONE("message", 2, OTLP_TEXT),
    ONE("code", 3, OTLP_ENUM),
};
static const struct otlp_message status = MESSAGE(status_fields, false);

static const struct otlp_field span_fields[] = {
    ONE("traceId", 1, OTLP_TRACE_ID),
    ONE("spanId", 2, OTLP_SPAN_ID),
    ONE("traceState", 3, OTLP_TEXT),
    ONE("parentSpanId", 4, OTLP_SPAN_ID),
    ONE("name", 5, OTLP_TEXT),
    ONE("kind", 6, OTLP_ENUM),
    ONE("startTimeUnixNano", 7, OTLP_FIXED64),
    ONE("endTimeUnixNano", 8, OTLP_FIXED64),
    MANY("attributes", 9, &key_value),
    ONE("droppedAttributesCount", 10, OTLP_UINT32),
    MANY("events", 11, &event),
    ONE("droppedEventsCount", 12, OTLP_UINT32),
    MANY("links", 13, &link),
    ONE("droppedLinksCount", 14, OTLP_UINT32),
    NESTED("status", 15, &status),
    ONE("flags", 16, OTLP_FIXED32),
};
static const struct otlp_message span = MESSAGE(span_fields, false);

static const struct otlp_field scope_fields[] = {
    ONE("name", 1, OTLP_TEXT),
    ONE("version", 2, OTLP_TEXT),
    MANY("attributes", 3, &key_value),
    ONE("droppedAttributesCount", 4, OTLP_UINT32),
};
static const struct otlp_message scope = MESSAGE(scope_fields, false);

static const struct otlp_field resource_fields[] = {
    MANY("attributes", 1, &key_value),
    ONE("droppedAttributesCount", 2, OTLP_UINT32),
};
static const struct otlp_message resource = MESSAGE(resource_fields, false);

static const struct otlp_field scope_spans_fields[] = {
    NESTED("scope", 1, &scope),
    MANY("spans", 2, &span),
    ONE("schemaUrl", 3, OTLP_TEXT),
};
static const struct otlp_message scope_spans = MESSAGE(scope_spans_fields, false);

static const struct otlp_field resource_spans_fields[] = {
    NESTED("resource", 1, &resource),
    MANY("scopeSpans", 2, &scope_spans),
    ONE("schemaUrl", 3, OTLP_TEXT),
};
static const struct otlp_message resource_spans = MESSAGE(resource_spans_fields, false);

static const struct otlp_field traces_fields[] = {MANY("resourceSpans", 1, &resource_spans)};
const struct otlp_message otlp_traces = MESSAGE(traces_fields, false);

_Static_assert(sizeof span_fields / sizeof span_fields[0] <= OTLP_FIELDS_MAX,
               "the largest message fits");

static inline uint64_t load(const uint8_t *from, size_t bytes)
{
    uint64_t word = 0;
    memcpy(&word, from, bytes);
    return word;
}

/* The keys here are short and of known length: a few overlapping words instead of a call. */
static inline bool same_key(struct bytes a, struct bytes b)
{
    if (a.len != b.len) {
        return false;
    }
    if (a.len < sizeof(uint64_t)) {
        for (size_t i = 0; i < a.len; i++) {
            if (a.data[i] != b.data[i]) {
                return false;
            }
        }
        return true;
    }
    size_t last = a.len - sizeof(uint64_t);
    for (size_t i = 0; i < last; i += sizeof(uint64_t)) {
        if (load(a.data + i, sizeof(uint64_t)) != load(b.data + i, sizeof(uint64_t))) {
            return false;
        }
    }
    return load(a.data + last, sizeof(uint64_t)) == load(b.data + last, sizeof(uint64_t));
}

const struct otlp_field *otlp_field_find(const struct otlp_message *message, struct bytes key,
                                         size_t first)
{
    for (size_t i = first; i < message->field_count; i++) {
        if (same_key(message->fields[i].key, key)) {
            return &message->fields[i];
        }
    }
    for (size_t i = 0; i < first; i++) {
        if (same_key(message->fields[i].key, key)) {
            return &message->fields[i];
        }
    }
    return NULL;
}

const struct otlp_field *otlp_field_meant(const struct otlp_message *message,
                                          struct bytes snake_key)
{
    uint8_t camel[OTLP_KEY_MAX];
    size_t len = 0;
    if (snake_key.len >= sizeof camel || memchr(snake_key.data, '_', snake_key.len) == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < snake_key.len; i++) {
        bool upper = i > 0 && snake_key.data[i - 1] == '_';
        uint8_t c = snake_key.data[i];
        if (c != '_') {
            camel[len++] = upper && c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
        }
    }
    return otlp_field_find(message, bytes_from(camel, len), 0);
}
