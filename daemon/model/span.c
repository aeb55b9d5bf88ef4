/* The span decoder: the hot path of the whole program. One pass, one switch; attributes are written
 * where they stay. */
#include "daemon/model/span.h"

#include <endian.h>
#include <string.h>

#include "daemon/model/attr_list.h"
#include "daemon/model/span_fields.h"

const char *span_kind_name(enum span_kind kind)
{
    static const char *const names[] = {"internal", "server", "client", "producer", "consumer"};
    return names[kind];
}

const char *span_status_name(enum span_status status)
{
    static const char *const names[] = {"unset", "ok", "error"};
    return names[status];
}

static void decode_kind(struct span *span, uint64_t kind)
{
    span->kind_sent = (uint32_t)kind;
    span->kind = kind >= 2 && kind <= 5 ? (enum span_kind)(kind - 1) : KIND_INTERNAL;
}

static void set_status(struct span *span, uint64_t code)
{
    span->status_sent = (uint32_t)code;
    span->status = code == 1 ? STATUS_OK : code == 2 ? STATUS_ERROR : STATUS_UNSET;
}

static int decode_status(struct bytes message, struct span *span)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    int end;
    while ((end = wire_next_fast(&reader, &field)) == 0) {
        if (field.number == STATUS_CODE && field.type == WIRE_VARINT) {
            set_status(span, field.integer);
        } else if (field.number == STATUS_MESSAGE && field.type == WIRE_BYTES) {
            span->status_message = field.bytes;
        }
    }
    return end == WIRE_MALFORMED ? SPAN_MALFORMED : 0;
}

/* Checks the wire of an event or link (`attrs_field` holds its attributes) and counts the
 * attributes. */
static int check_part(struct bytes message, uint32_t attrs_field, const struct span_limits *limits,
                      int *outcome)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    struct attr attr;
    uint32_t attrs = 0;
    int end;
    while ((end = wire_next_fast(&reader, &field)) == 0) {
        if (field.number == attrs_field && field.type == WIRE_BYTES) {
            if (attr_decode(field.bytes, &attr) != 0) {
                return SPAN_MALFORMED;
            }
            if (++attrs > limits->attrs) {
                *outcome = SPAN_TOO_MANY;
            }
        }
    }
    return end == WIRE_MALFORMED ? SPAN_MALFORMED : 0;
}

/* IDs as they came, judged when the whole span has been read. */
struct raw_ids {
    struct bytes trace, span, parent;
};

static bool read_id(struct bytes bytes, span_id *ret)
{
    uint64_t id;
    if (bytes.len != sizeof id) {
        return false;
    }
    memcpy(&id, bytes.data, sizeof id);
    *ret = be64toh(id);
    return true;
}

static int decode_ids(const struct raw_ids *ids, struct span *span)
{
    span->id = span->parent = 0;
    memset(&span->trace_id, 0, sizeof span->trace_id);
    if (ids->trace.len != sizeof span->trace_id.bytes) {
        return SPAN_BAD_ID;
    }
    memcpy(span->trace_id.bytes, ids->trace.data, sizeof span->trace_id.bytes);
    if (trace_id_is_zero(&span->trace_id) || !read_id(ids->span, &span->id) || span->id == 0) {
        return SPAN_BAD_ID;
    }
    return ids->parent.len == 0 || read_id(ids->parent, &span->parent) ? 0 : SPAN_BAD_ID;
}

static int take_bytes(const struct wire_field *field, struct span *span, struct raw_ids *ids,
                      struct attr_list *attrs, const struct span_limits *limits, int *outcome)
{
    switch (field->number) {
    case SPAN_TRACE_ID:
        ids->trace = field->bytes;
        return 0;
    case SPAN_SPAN_ID:
        ids->span = field->bytes;
        return 0;
    case SPAN_TRACE_STATE:
        span->trace_state = field->bytes;
        return 0;
    case SPAN_PARENT:
        ids->parent = field->bytes;
        return 0;
    case SPAN_NAME:
        span->name = field->bytes;
        return 0;
    case SPAN_ATTRS:
        if (attr_list_seen(attrs) < limits->attrs) {
            return attr_list_add(attrs, field->bytes);
        }
        *outcome = SPAN_TOO_MANY;
        return attr_decode(field->bytes, &(struct attr){.key = BYTES_NULL}) != 0 ? SPAN_MALFORMED
                                                                                 : 0;
    case SPAN_EVENTS:
        *outcome = ++span->event_count > limits->events ? SPAN_TOO_MANY : *outcome;
        return check_part(field->bytes, EVENT_ATTRS, limits, outcome);
    case SPAN_LINKS:
        *outcome = ++span->link_count > limits->links ? SPAN_TOO_MANY : *outcome;
        return check_part(field->bytes, LINK_ATTRS, limits, outcome);
    case SPAN_STATUS:
        return decode_status(field->bytes, span);
    default:
        return 0;
    }
}

static void take_scalar(const struct wire_field *field, struct span *span)
{
    if (field->type == WIRE_FIXED64) {
        if (field->number == SPAN_START) {
            span->start_ns = field->integer;
        } else if (field->number == SPAN_END) {
            span->end_ns = field->integer;
        }
    } else if (field->type == WIRE_FIXED32) {
        span->flags = field->number == SPAN_FLAGS ? (uint32_t)field->integer : span->flags;
    } else if (field->type == WIRE_VARINT) {
        switch (field->number) {
        case SPAN_KIND:
            decode_kind(span, field->integer);
            break;
        case SPAN_DROPPED_ATTRS:
            span->dropped_attrs = (uint32_t)field->integer;
            break;
        case SPAN_DROPPED_EVENTS:
            span->dropped_events = (uint32_t)field->integer;
            break;
        case SPAN_DROPPED_LINKS:
            span->dropped_links = (uint32_t)field->integer;
            break;
        default:
            break;
        }
    }
}

#define TAG(field, type) ((field) << 3 | (type))

/* The empty span, member by member, which is quicker than clearing the whole. No text is assigned
 * from another: it would be read in one piece where two were written, which waits for both. */
static inline void begin_span(struct span *span, struct bytes raw, const struct resource *resource,
                              const struct scope *scope)
{
    memset(&span->trace_id, 0, sizeof span->trace_id);
    span->id = span->parent = span->start_ns = span->end_ns = 0;
    span->kind = KIND_INTERNAL;
    span->status = STATUS_UNSET;
    span->kind_sent = span->status_sent = span->flags = 0;
    span->dropped_attrs = span->dropped_events = span->dropped_links = 0;
    span->name = BYTES_NULL;
    span->status_message = BYTES_NULL;
    span->trace_state = BYTES_NULL;
    span->attrs = NULL;
    span->attr_count = span->unlisted = span->event_count = span->link_count = 0;
    span->raw = raw;
    span->resource = resource;
    span->scope = scope;
    span->next = NULL;
}

static inline uint64_t load64(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

/* A short length-delimited field of the tag. Returns what follows; `at`: it is not there, or in
 * another form. */
static inline const uint8_t *take_usual_bytes(uint8_t tag, const uint8_t *at, const uint8_t *end,
                                              struct bytes *ret)
{
    if (end - at < 2 || at[0] != tag || at[1] >= 0x80 || at[1] > end - at - 2) {
        return at;
    }
    *ret = (struct bytes){at + 2, at[1]};
    return at + 2 + at[1];
}

/* The fields before the attributes, in the order of their numbers, in which exporters write them.
 * Returns where that ends, at whatever comes next. */
static inline const uint8_t *take_opening(const uint8_t *at, const uint8_t *end, struct span *span,
                                          struct raw_ids *ids)
{
    at = take_usual_bytes(TAG(SPAN_TRACE_ID, WIRE_BYTES), at, end, &ids->trace);
    at = take_usual_bytes(TAG(SPAN_SPAN_ID, WIRE_BYTES), at, end, &ids->span);
    at = take_usual_bytes(TAG(SPAN_PARENT, WIRE_BYTES), at, end, &ids->parent);
    at = take_usual_bytes(TAG(SPAN_NAME, WIRE_BYTES), at, end, &span->name);
    if (end - at >= 20 && at[0] == TAG(SPAN_KIND, WIRE_VARINT) && at[1] < 0x80 &&
        at[2] == TAG(SPAN_START, WIRE_FIXED64) && at[11] == TAG(SPAN_END, WIRE_FIXED64)) {
        decode_kind(span, at[1]);
        span->start_ns = load64(at + 3);
        span->end_ns = load64(at + 12);
        return at + 20;
    }
    return at;
}

/* The status, or flags, in the form of exporters. Returns what follows; NULL: another form. */
static inline const uint8_t *take_usual_status(const uint8_t *at, size_t left, struct span *span)
{
    if (left < 4 || at[1] != 2 || at[2] != TAG(STATUS_CODE, WIRE_VARINT) || at[3] >= 0x80) {
        return NULL;
    }
    set_status(span, at[3]);
    return at + 4;
}

static inline const uint8_t *take_usual_flags(const uint8_t *at, size_t left, struct span *span)
{
    uint32_t half;
    if (left < 6 || at[1] != TAG(SPAN_FLAGS, WIRE_FIXED32) >> 7) {
        return NULL;
    }
    memcpy(&half, at + 2, sizeof half);
    span->flags = le32toh(half);
    return at + 6;
}

/* A field behind the attributes as exporters write it; at least two bytes are there. Returns what
 * follows; NULL: another field, or another form. */
static inline const uint8_t *take_usual_ending(const uint8_t *at, size_t left, struct span *span)
{
    uint32_t *count;
    switch (at[0]) {
    case TAG(SPAN_DROPPED_ATTRS, WIRE_VARINT):
        count = &span->dropped_attrs;
        break;
    case TAG(SPAN_DROPPED_EVENTS, WIRE_VARINT):
        count = &span->dropped_events;
        break;
    case TAG(SPAN_DROPPED_LINKS, WIRE_VARINT):
        count = &span->dropped_links;
        break;
    case TAG(SPAN_STATUS, WIRE_BYTES):
        return take_usual_status(at, left, span);
    case (TAG(SPAN_FLAGS, WIRE_FIXED32) & 0x7f) | 0x80:
        return take_usual_flags(at, left, span);
    default:
        return NULL;
    }
    *count = at[1];
    return at[1] < 0x80 ? at + 2 : NULL;
}

/* Takes fields from the attributes on as long as they are written as exporters write them. Returns
 * where that ends: at the end, or at a field that the whole reader must take. `*bad` is not 0 where
 * memory ran out. */
static inline const uint8_t *take_usual(const uint8_t *at, const uint8_t *end, struct span *span,
                                        struct attr_list *attrs, uint32_t attrs_max, int *bad)
{
    while (end - at >= 2) {
        const uint8_t *next;
        if (at[0] != TAG(SPAN_ATTRS, WIRE_BYTES)) {
            next = take_usual_ending(at, (size_t)(end - at), span);
        } else if (attrs->count == attrs->room && (*bad = attr_list_grow(attrs)) != 0) {
            return at;
        } else {
            next = attrs->listed == NULL
                       ? attr_list_take(attrs, TAG(SPAN_ATTRS, WIRE_BYTES), at, end, attrs_max)
                       : attr_list_take_some(attrs, TAG(SPAN_ATTRS, WIRE_BYTES), at, end, false);
        }
        if (next == NULL || next == at) {
            return at;
        }
        at = next;
    }
    return at;
}

/* Something is odd about attributes of which not all are listed: they are looked at as a whole. */
static int decode_listing_all(const struct span *span, const struct span_limits *limits,
                              struct arena *arena, struct span *ret)
{
    struct span_limits all = *limits;
    all.listed = NULL;
    return span_decode(span->raw, span->resource, span->scope, &all, arena, ret);
}

int span_decode_whole(const struct span *span, struct arena *arena, struct span *ret)
{
    static const struct span_limits none = {UINT32_MAX, UINT32_MAX, UINT32_MAX, NULL};
    return span_decode(span->raw, span->resource, span->scope, &none, arena, ret);
}

int span_decode(struct bytes raw, const struct resource *resource, const struct scope *scope,
                const struct span_limits *limits, struct arena *arena, struct span *ret)
{
    struct wire_reader reader = wire_reader_of(raw);
    struct attr_list attrs;
    struct raw_ids ids = {BYTES_NULL, BYTES_NULL, BYTES_NULL};
    struct wire_field field;
    int outcome = 0;
    int bad = 0;
    int end;
    begin_span(ret, raw, resource, scope);
    attr_list_begin(&attrs, arena);
    reader.next = take_opening(reader.next, reader.end, ret, &ids);
    attr_list_choose(&attrs, limits->listed,
                     (struct bytes){reader.next, (size_t)(reader.end - reader.next)}, SPAN_ATTRS);
    attrs.most = limits->attrs;
    for (;;) {
        reader.next = take_usual(reader.next, reader.end, ret, &attrs, limits->attrs, &bad);
        if (bad) {
            return bad;
        }
        end = wire_next_fast(&reader, &field);
        if (end != 0) {
            break;
        }
        if (field.type != WIRE_BYTES) {
            take_scalar(&field, ret);
            continue;
        }
        bad = take_bytes(&field, ret, &ids, &attrs, limits, &outcome);
        if (bad) {
            return bad;
        }
    }
    if (end == WIRE_MALFORMED) {
        return SPAN_MALFORMED;
    }
    attr_list_end(&attrs, &ret->attrs, &ret->attr_count);
    ret->unlisted = attrs.unlisted;
    ret->hints = attrs.hints;
    bad = decode_ids(&ids, ret);
    outcome = bad != 0 ? bad : outcome;
    return outcome == 0 && ret->unlisted != 0 && ret->hints.odd != 0
               ? decode_listing_all(ret, limits, arena, ret)
               : outcome;
}
