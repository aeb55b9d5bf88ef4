#include "receivers/jaeger_span.h"

#include <stdio.h>

#include "receivers/jaeger_value.h"
#include "receivers/json_fields.h"
#include "receivers/json_number.h"

enum {
    KIND_NUMBER_INTERNAL = 1,
    KIND_NUMBER_SERVER,
    KIND_NUMBER_CLIENT,
    KIND_NUMBER_PRODUCER,
    KIND_NUMBER_CONSUMER
};
enum list_number { LIST_ITEM = 1 };
enum scope_spans_number { SCOPE_SPANS_SPANS = 2 };

#define FLAG_SAMPLED 1u

/* The place is completed on the way out: each level puts its own name in front. */
int jaeger_wrong(struct jaeger *jaeger, const char *member, const char *what)
{
    snprintf(jaeger->error, jaeger->error_bytes, "%s: %s", member, what);
    return JAEGER_MALFORMED;
}

int jaeger_wrong_in(struct jaeger *jaeger, const char *list, uint32_t place, int outcome)
{
    char inner[160];
    if (outcome == JAEGER_MALFORMED) {
        snprintf(inner, sizeof inner, "%s", jaeger->error);
        snprintf(jaeger->error, jaeger->error_bytes, "%s[%u].%s", list, place, inner);
    }
    return outcome;
}

/* Tags. */

static int put_tag(struct jaeger *jaeger, struct buf *out, uint32_t field,
                   const struct json_node *tag)
{
    struct bytes key = BYTES_LITERAL("");
    struct bytes type = BYTES_LITERAL("");
    const char *bad =
        tag->type != JSON_OBJECT ? "not an object" : json_field_text(tag, "key", &key);
    bad = bad != NULL ? bad : json_field_text(tag, "type", &type);
    if (bad != NULL) {
        return jaeger_wrong(jaeger, "key", bad);
    }
    if (field == SPAN_ATTRIBUTES && otlp_tag_is_field(key)) {
        return 0;
    }
    const struct json_node *value = json_node_member(tag, "value");
    struct otlp_attr_mark mark = otlp_attr_begin(out, field, key);
    if (value != NULL && jaeger_value_put(out, type, value) != 0) {
        return jaeger_wrong(jaeger, "value", "not of the tag's type");
    }
    otlp_attr_end(out, mark);
    return 0;
}

int jaeger_tags_put(struct jaeger *jaeger, struct buf *out, uint32_t field, const char *name,
                    const struct json_node *list)
{
    int outcome = 0;
    uint32_t place = 0;
    for (const struct json_node *tag = list != NULL ? list->first : NULL;
         tag != NULL && outcome == 0; tag = tag->next) {
        outcome = jaeger_wrong_in(jaeger, name, place++, put_tag(jaeger, out, field, tag));
    }
    return outcome;
}

/* What some tags mean beyond themselves. */
struct meaning {
    struct otlp_tags otel;
    struct bytes kind;
    bool error;
};

static struct bytes value_text(const struct json_node *value)
{
    if (value == NULL) {
        return BYTES_LITERAL("");
    }
    return value->type == JSON_TRUE ? BYTES_LITERAL("true") : value->text;
}

static struct meaning meaning_of(const struct json_node *tags)
{
    struct meaning meaning = {.kind = BYTES_LITERAL("")};
    for (const struct json_node *tag = tags != NULL ? tags->first : NULL; tag != NULL;
         tag = tag->next) {
        struct bytes key = json_node_text(json_node_member(tag, "key"));
        struct bytes text = value_text(json_node_member(tag, "value"));
        if (bytes_is(key, "span.kind")) {
            meaning.kind = text;
        } else if (bytes_is(key, "error")) {
            meaning.error = bytes_is(text, "true");
        } else {
            otlp_tags_note(&meaning.otel, key, text);
        }
    }
    return meaning;
}

static uint32_t kind_of(struct bytes word)
{
    static const struct {
        const char *word;
        uint32_t number;
    } kinds[] = {
        {"internal", KIND_NUMBER_INTERNAL}, {"server", KIND_NUMBER_SERVER},
        {"client", KIND_NUMBER_CLIENT},     {"producer", KIND_NUMBER_PRODUCER},
        {"consumer", KIND_NUMBER_CONSUMER},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (bytes_is_nocase(word, kinds[i].word)) {
            return kinds[i].number;
        }
    }
    return 0;
}

/* References. */

static bool is_child_of(const struct json_node *reference)
{
    return !bytes_is(json_node_text(json_node_member(reference, "refType")), "FOLLOWS_FROM");
}

static bool same_trace(struct bytes a, struct bytes b)
{
    uint8_t left[16];
    uint8_t right[16];
    return a.len == 0 || (otlp_hex_id(a, left, 16) == 0 && otlp_hex_id(b, right, 16) == 0 &&
                          memcmp(left, right, 16) == 0);
}

static const struct json_node *first_reference(const struct json_node *references,
                                               struct bytes trace_id, bool child_of)
{
    for (const struct json_node *reference = references != NULL ? references->first : NULL;
         reference != NULL; reference = reference->next) {
        if (is_child_of(reference) == child_of &&
            same_trace(json_node_text(json_node_member(reference, "traceID")), trace_id)) {
            return reference;
        }
    }
    return NULL;
}

static void put_link(struct buf *out, const struct json_node *reference, struct bytes trace_id)
{
    struct bytes other = json_node_text(json_node_member(reference, "traceID"));
    size_t link = wire_begin(out, SPAN_LINKS);
    otlp_put_hex_id(out, LINK_TRACE_ID, other.len > 0 ? other : trace_id, 16);
    otlp_put_hex_id(out, LINK_SPAN_ID, json_node_text(json_node_member(reference, "spanID")), 8);
    otlp_put_text_attr(out, LINK_ATTRIBUTES, BYTES_LITERAL("opentracing.ref_type"),
                       is_child_of(reference) ? BYTES_LITERAL("child_of")
                                              : BYTES_LITERAL("follows_from"));
    wire_end(out, link);
}

static int put_references(struct jaeger *jaeger, struct buf *out, const struct json_node *span,
                          struct bytes trace_id)
{
    const struct json_node *references = NULL;
    struct bytes parent = BYTES_LITERAL("");
    const char *bad = json_field_list(span, "references", &references);
    if (bad != NULL) {
        return jaeger_wrong(jaeger, "references", bad);
    }
    const struct json_node *parent_reference = first_reference(references, trace_id, true);
    if (parent_reference == NULL) {
        parent = json_node_text(json_node_member(span, "parentSpanID"));
    }
    if (parent_reference == NULL && parent.len == 0) {
        parent_reference = first_reference(references, trace_id, false);
    }
    if (parent_reference != NULL) {
        parent = json_node_text(json_node_member(parent_reference, "spanID"));
    }
    otlp_put_hex_id(out, SPAN_PARENT_ID, parent, 8);
    for (const struct json_node *reference = references != NULL ? references->first : NULL;
         reference != NULL; reference = reference->next) {
        if (reference != parent_reference || !is_child_of(reference)) {
            put_link(out, reference, trace_id);
        }
    }
    return 0;
}

/* Logs. */

static struct bytes event_name(const struct json_node *fields)
{
    struct bytes name = BYTES_LITERAL("");
    for (const struct json_node *field = fields != NULL ? fields->first : NULL; field != NULL;
         field = field->next) {
        if (bytes_is(json_node_text(json_node_member(field, "key")), "event")) {
            name = json_node_text(json_node_member(field, "value"));
        }
    }
    return name;
}

static int put_log(struct jaeger *jaeger, struct buf *out, const struct json_node *log)
{
    const struct json_node *fields = NULL;
    uint64_t time = 0;
    bool there;
    const char *bad =
        log->type != JSON_OBJECT ? "not an object" : json_field_us(log, "timestamp", &time, &there);
    if (bad != NULL) {
        return jaeger_wrong(jaeger, "timestamp", bad);
    }
    if ((bad = json_field_list(log, "fields", &fields)) != NULL) {
        return jaeger_wrong(jaeger, "fields", bad);
    }
    size_t event = wire_begin(out, SPAN_EVENTS);
    wire_put_fixed64(out, EVENT_TIME, time);
    wire_put_bytes(out, EVENT_NAME, event_name(fields));
    int outcome = jaeger_tags_put(jaeger, out, EVENT_ATTRIBUTES, "fields", fields);
    wire_end(out, event);
    return outcome;
}

static int put_logs(struct jaeger *jaeger, struct buf *out, const struct json_node *span)
{
    const struct json_node *logs = NULL;
    const char *bad = json_field_list(span, "logs", &logs);
    int outcome = bad != NULL ? jaeger_wrong(jaeger, "logs", bad) : 0;
    uint32_t place = 0;
    for (const struct json_node *log = logs != NULL ? logs->first : NULL;
         log != NULL && outcome == 0; log = log->next) {
        outcome = jaeger_wrong_in(jaeger, "logs", place++, put_log(jaeger, out, log));
    }
    return outcome;
}

/* Warnings: an array of texts. */
int jaeger_warnings_put(struct jaeger *jaeger, struct buf *out, uint32_t field,
                        const struct json_node *warnings)
{
    if (warnings == NULL || warnings->first == NULL) {
        return 0;
    }
    struct otlp_attr_mark mark = otlp_attr_begin(out, field, BYTES_LITERAL("jaeger.warnings"));
    size_t array = wire_begin(out, VALUE_ARRAY);
    for (const struct json_node *warning = warnings->first; warning != NULL;
         warning = warning->next) {
        size_t item = wire_begin(out, LIST_ITEM);
        if (jaeger_value_put(out, BYTES_LITERAL("string"), warning) != 0) {
            return jaeger_wrong(jaeger, "warnings", "not a list of texts");
        }
        wire_end(out, item);
    }
    wire_end(out, array);
    otlp_attr_end(out, mark);
    return 0;
}

/* Spans. */

/* A span without a time would be one of 1970: its ID is made unusable instead. A span without
 * duration never ended: its end stays 0, before its start. */
static int put_times(struct jaeger *jaeger, struct buf *out, const struct json_node *span,
                     bool *ret_started)
{
    uint64_t start = 0;
    uint64_t duration = 0;
    bool has_duration;
    const char *bad = json_field_us(span, "startTime", &start, ret_started);
    if (bad != NULL) {
        return jaeger_wrong(jaeger, "startTime", bad);
    }
    if ((bad = json_field_us(span, "duration", &duration, &has_duration)) != NULL) {
        return jaeger_wrong(jaeger, "duration", bad);
    }
    if (duration > UINT64_MAX - start) {
        return jaeger_wrong(jaeger, "duration", "a number out of range");
    }
    wire_put_fixed64(out, SPAN_START, start);
    wire_put_fixed64(out, SPAN_END, has_duration ? start + duration : 0);
    return 0;
}

static void put_flags(struct buf *out, const struct json_node *span)
{
    const struct json_node *flags = json_node_member(span, "flags");
    uint64_t number = 0;
    if (flags != NULL && flags->type == JSON_NUMBER && json_number_u64(flags->text, &number) == 0 &&
        (number & FLAG_SAMPLED) != 0) {
        wire_put_fixed32(out, SPAN_FLAGS, FLAG_SAMPLED);
    }
}

static int put_identity(struct jaeger *jaeger, struct buf *out, const struct json_node *span)
{
    struct bytes trace_id = BYTES_LITERAL("");
    struct bytes id = BYTES_LITERAL("");
    struct bytes name = BYTES_LITERAL("");
    bool started = false;
    const char *bad;
    if ((bad = json_field_text(span, "traceID", &trace_id)) != NULL) {
        return jaeger_wrong(jaeger, "traceID", bad);
    }
    if ((bad = json_field_text(span, "spanID", &id)) != NULL) {
        return jaeger_wrong(jaeger, "spanID", bad);
    }
    if ((bad = json_field_text(span, "operationName", &name)) != NULL) {
        return jaeger_wrong(jaeger, "operationName", bad);
    }
    int outcome = put_times(jaeger, out, span, &started);
    otlp_put_hex_id(out, SPAN_TRACE_ID, trace_id, 16);
    otlp_put_hex_id(out, SPAN_ID, started ? id : BYTES_LITERAL(""), 8);
    wire_put_bytes(out, SPAN_NAME, name);
    return outcome != 0 ? outcome : put_references(jaeger, out, span, trace_id);
}

static int put_span_fields(struct jaeger *jaeger, struct buf *out, const struct json_node *span,
                           const struct json_node *tags, const struct meaning *meaning)
{
    const struct json_node *warnings = NULL;
    const char *bad = json_field_list(span, "warnings", &warnings);
    int outcome = bad != NULL ? jaeger_wrong(jaeger, "warnings", bad) : 0;
    outcome = outcome != 0 ? outcome : put_identity(jaeger, out, span);
    outcome = outcome != 0 ? outcome : jaeger_tags_put(jaeger, out, SPAN_ATTRIBUTES, "tags", tags);
    outcome = outcome != 0 ? outcome : jaeger_warnings_put(jaeger, out, SPAN_ATTRIBUTES, warnings);
    outcome = outcome != 0 ? outcome : put_logs(jaeger, out, span);
    wire_put_uint(out, SPAN_KIND, kind_of(meaning->kind));
    put_flags(out, span);
    otlp_tags_put(out, &meaning->otel, meaning->error, BYTES_LITERAL(""));
    return outcome;
}

int jaeger_span_put(struct jaeger *jaeger, const struct json_node *span)
{
    const struct json_node *tags = NULL;
    const char *bad = json_field_list(span, "tags", &tags);
    if (bad != NULL) {
        return jaeger_wrong(jaeger, "tags", bad);
    }
    struct meaning meaning = meaning_of(tags);
    struct bytes name =
        meaning.otel.scope_name.len > 0 ? meaning.otel.scope_name : meaning.otel.library_name;
    struct bytes version = meaning.otel.scope_version.len > 0 ? meaning.otel.scope_version
                                                              : meaning.otel.library_version;
    otlp_writer_scope(&jaeger->writer, name, version);
    size_t mark = wire_begin(jaeger->out, SCOPE_SPANS_SPANS);
    int outcome = put_span_fields(jaeger, jaeger->out, span, tags, &meaning);
    wire_end(jaeger->out, mark);
    return outcome;
}
