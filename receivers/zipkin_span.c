#include "receivers/zipkin_span.h"

#include <stdio.h>

#include "receivers/json_fields.h"

static int wrong(char *error, size_t error_bytes, const char *member, const char *what)
{
    snprintf(error, error_bytes, "%s: %s", member, what);
    return ZIPKIN_MALFORMED;
}

static uint8_t id_of(struct bytes text, uint8_t *ret, size_t len)
{
    if (text.len == 0) {
        return ID_ABSENT;
    }
    return otlp_hex_id(text, ret, len) == 0 ? ID_GOOD : ID_BAD;
}

static uint8_t kind_of(struct bytes word)
{
    static const char *const kinds[] = {"SERVER", "CLIENT", "PRODUCER", "CONSUMER"};
    for (uint8_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (bytes_is_nocase(word, kinds[i])) {
            return (uint8_t)(KIND_NUMBER_SERVER + i);
        }
    }
    return 0;
}

static int read_ids(struct zipkin_span *ret, const struct json_node *span, char *error, size_t room)
{
    const struct {
        const char *key;
        uint8_t *id;
        size_t len;
        uint8_t *state;
    } ids[] = {
        {"traceId", ret->trace_id, 16, &ret->trace_state},
        {"id", ret->id, 8, &ret->id_state},
        {"parentId", ret->parent, 8, &ret->parent_state},
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct bytes text = BYTES_LITERAL("");
        const char *bad = json_field_text(span, ids[i].key, &text);
        if (bad != NULL) {
            return wrong(error, room, ids[i].key, bad);
        }
        *ids[i].state = id_of(text, ids[i].id, ids[i].len);
    }
    return 0;
}

/* A span without timestamp is rejected: its ID is not written. One without duration never ended:
 * its end stays 0, before its start. */
static int read_times(struct zipkin_span *ret, struct buf *out, const struct json_node *span,
                      char *error, size_t room)
{
    uint64_t start = 0;
    uint64_t duration = 0;
    bool has_start;
    bool has_duration;
    const char *bad = json_field_us(span, "timestamp", &start, &has_start);
    if (bad != NULL) {
        return wrong(error, room, "timestamp", bad);
    }
    bad = json_field_us(span, "duration", &duration, &has_duration);
    if (bad == NULL && duration > UINT64_MAX - start) {
        bad = "a number out of range";
    }
    if (bad != NULL) {
        return wrong(error, room, "duration", bad);
    }
    if (start == 0) {
        ret->id_state = ID_ABSENT;
    }
    wire_put_fixed64(out, SPAN_START, start);
    wire_put_fixed64(out, SPAN_END, has_duration ? start + duration : 0);
    return 0;
}

static int read_service(const struct json_node *span, const char *key, struct bytes *ret,
                        char *error, size_t room)
{
    const struct json_node *endpoint = NULL;
    const char *bad = json_field_object(span, key, &endpoint);
    bad = bad != NULL ? bad : json_field_text(endpoint, "serviceName", ret);
    return bad != NULL ? wrong(error, room, key, bad) : 0;
}

static int put_annotations(struct buf *out, const struct json_node *span, char *error, size_t room)
{
    const struct json_node *list = NULL;
    const char *bad = json_field_list(span, "annotations", &list);
    for (const struct json_node *item = list != NULL ? list->first : NULL;
         item != NULL && bad == NULL; item = item->next) {
        struct bytes value = BYTES_LITERAL("");
        uint64_t time = 0;
        bool there;
        bad = item->type != JSON_OBJECT ? "not a list of objects"
                                        : json_field_text(item, "value", &value);
        bad = bad != NULL ? bad : json_field_us(item, "timestamp", &time, &there);
        size_t event = wire_begin(out, SPAN_EVENTS);
        wire_put_fixed64(out, EVENT_TIME, time);
        wire_put_bytes(out, EVENT_NAME, value);
        wire_end(out, event);
    }
    return bad != NULL ? wrong(error, room, "annotations", bad) : 0;
}

/* Zipkin's readers take numbers and truths for texts, too. */
static struct bytes tag_text(const struct json_node *value)
{
    switch (value->type) {
    case JSON_TRUE:
        return BYTES_LITERAL("true");
    case JSON_FALSE:
        return BYTES_LITERAL("false");
    default:
        return value->text;
    }
}

static int put_tags(struct buf *out, const struct json_node *span, struct zipkin_tags *seen,
                    char *error, size_t room)
{
    const struct json_node *tags = NULL;
    const char *bad = json_field_object(span, "tags", &tags);
    for (const struct json_node *tag = tags != NULL ? tags->first : NULL;
         tag != NULL && bad == NULL; tag = tag->next) {
        if (tag->type == JSON_NULL) {
            continue;
        }
        if (tag->type == JSON_OBJECT || tag->type == JSON_ARRAY) {
            bad = "a tag that is not a text";
            break;
        }
        struct bytes text = tag_text(tag);
        if (!otlp_tag_is_field(tag->key)) {
            otlp_put_text_attr(out, SPAN_ATTRIBUTES, tag->key, text);
        }
        otlp_tags_note(&seen->otel, tag->key, text);
        if (bytes_is(tag->key, "error")) {
            seen->has_error = true;
            seen->error = text;
        }
    }
    return bad != NULL ? wrong(error, room, "tags", bad) : 0;
}

int zipkin_span_read(struct zipkin_span *ret, struct buf *out, const struct json_node *span,
                     struct zipkin_tags *seen, char *error, size_t room)
{
    struct bytes name = BYTES_LITERAL("");
    struct bytes kind = BYTES_LITERAL("");
    struct bytes peer = BYTES_LITERAL("");
    const char *bad;
    if (json_node_member(span, "binaryAnnotations") != NULL) {
        return wrong(error, room, "binaryAnnotations", "this is Zipkin's v1 format; save v2");
    }
    if ((bad = json_field_text(span, "name", &name)) != NULL) {
        return wrong(error, room, "name", bad);
    }
    if ((bad = json_field_text(span, "kind", &kind)) != NULL) {
        return wrong(error, room, "kind", bad);
    }
    if ((bad = json_field_bool(span, "shared", &ret->shared)) != NULL) {
        return wrong(error, room, "shared", bad);
    }
    ret->kind = kind_of(kind);
    wire_put_bytes(out, SPAN_NAME, name);
    wire_put_uint(out, SPAN_KIND, ret->kind);
    int outcome = read_ids(ret, span, error, room);
    outcome = outcome != 0 ? outcome : read_times(ret, out, span, error, room);
    outcome = outcome != 0 ? outcome : put_tags(out, span, seen, error, room);
    outcome = outcome != 0 ? outcome : put_annotations(out, span, error, room);
    outcome =
        outcome != 0 ? outcome : read_service(span, "localEndpoint", &ret->service, error, room);
    outcome = outcome != 0 ? outcome : read_service(span, "remoteEndpoint", &peer, error, room);
    if (peer.len > 0) {
        otlp_put_text_attr(out, SPAN_ATTRIBUTES, BYTES_LITERAL("peer.service"), peer);
    }
    otlp_tags_put(out, &seen->otel, seen->has_error, seen->error);
    return outcome;
}
