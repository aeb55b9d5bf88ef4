#include "daemon/model/kept_span.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"
#include "daemon/core/wire.h"
#include "daemon/model/span_fields.h"

/* Counts what it is given, and writes what fits. */
struct writer {
    uint8_t *to;
    size_t room, used;
};

static void put_bytes(struct writer *out, const void *data, size_t len)
{
    if (len != 0 && out->used + len <= out->room) {
        memcpy(out->to + out->used, data, len);
    }
    out->used += len;
}

static inline void put_byte(struct writer *out, uint8_t byte)
{
    if (out->used < out->room) {
        out->to[out->used] = byte;
    }
    out->used++;
}

static void put_varint(struct writer *out, uint64_t number)
{
    if (number < 0x80) {
        put_byte(out, (uint8_t)number);
        return;
    }
    uint8_t bytes[10];
    size_t len = 0;
    while (number >= 0x80) {
        bytes[len++] = (uint8_t)(number | 0x80);
        number >>= 7;
    }
    bytes[len++] = (uint8_t)number;
    put_bytes(out, bytes, len);
}

static void put_text(struct writer *out, struct bytes text)
{
    put_varint(out, text.len);
    put_bytes(out, text.data, text.len);
}

/* --- attributes --- */

static uint64_t zigzag(int64_t integer)
{
    return (uint64_t)integer << 1 ^ (integer < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t number)
{
    return (int64_t)(number >> 1 ^ ((number & 1) != 0 ? UINT64_MAX : 0));
}

static void put_value(struct writer *out, const struct value *value)
{
    put_byte(out, (uint8_t)value->type);
    switch (value->type) {
    case VALUE_MISSING:
        break;
    case VALUE_BOOL:
        put_varint(out, value->boolean);
        break;
    case VALUE_INT:
        put_varint(out, zigzag(value->integer));
        break;
    case VALUE_DOUBLE:
        put_bytes(out, &value->number, sizeof value->number);
        break;
    default:
        put_text(out, value->bytes);
        break;
    }
}

static void put_attrs(struct writer *out, const struct span *span, const struct keep_keys *keys)
{
    for (uint32_t i = 0; keys->count != 0 && i < span->attr_count; i++) {
        uint32_t place = keep_keys_find(keys, span->attrs[i].key);
        if (place != KEEP_NO_PLACE) {
            put_varint(out, (uint64_t)place + 1);
            put_value(out, &span->attrs[i].value);
        }
    }
    put_byte(out, 0);
}

/* --- events and links --- */

/* What is kept of each part of a span of one kind. */
struct parts {
    uint32_t field; /* of Span */
    uint32_t attrs; /* of the part */
    const struct keep_keys *keys;
    uint32_t own[2]; /* fields of the part that are kept as they are; 0: none */
    bool always;     /* every part is kept, whatever it has */
};

static void put_field(struct writer *out, uint32_t number, struct bytes bytes)
{
    put_varint(out, number << 3 | WIRE_BYTES);
    put_text(out, bytes);
}

static bool is_kept(const struct parts *parts, const struct wire_field *field)
{
    struct attr attr;
    if (field->type != WIRE_BYTES) {
        return false;
    }
    if (field->number == parts->attrs) {
        return attr_decode(field->bytes, &attr) == 0 &&
               keep_keys_find(parts->keys, attr.key) != KEEP_NO_PLACE;
    }
    return field->number == parts->own[0] || field->number == parts->own[1];
}

static void put_part_fields(struct writer *out, struct bytes part, const struct parts *parts)
{
    struct wire_reader reader = wire_reader_of(part);
    struct wire_field field;
    while (wire_next_fast(&reader, &field) == 0) {
        if (is_kept(parts, &field)) {
            put_field(out, field.number, field.bytes);
        }
    }
}

static void put_part(struct writer *out, struct bytes part, const struct parts *parts)
{
    struct writer count = {.room = 0};
    put_part_fields(&count, part, parts);
    if (count.used != 0 || parts->always) {
        put_varint(out, parts->field << 3 | WIRE_BYTES);
        put_varint(out, count.used);
        put_part_fields(out, part, parts);
    }
}

static void put_parts(struct writer *out, const struct span *span, const struct parts *parts)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct wire_field field;
    while (wire_next_fast(&reader, &field) == 0) {
        if (field.number == parts->field && field.type == WIRE_BYTES) {
            put_part(out, field.bytes, parts);
        }
    }
}

static void put_events(struct writer *out, const struct span *span, const struct keep *keep)
{
    const struct parts parts = {.field = SPAN_EVENTS,
                                .attrs = EVENT_ATTRS,
                                .keys = &keep->event_attrs,
                                .own = {keep->event_names ? EVENT_NAME : 0, 0},
                                .always = keep->event_names};
    put_parts(out, span, &parts);
}

static void put_links(struct writer *out, const struct span *span, const struct keep *keep)
{
    const struct parts parts = {
        .field = SPAN_LINKS,
        .attrs = LINK_ATTRS,
        .keys = &keep->link_attrs,
        .own = {keep->link_ids ? LINK_TRACE_ID : 0, keep->link_ids ? LINK_SPAN_ID : 0},
        .always = keep->link_ids};
    put_parts(out, span, &parts);
}

/* --- the whole --- */

/* How many bytes it takes; only what fits is written. */
static size_t write_span(uint8_t *to, size_t room, const struct span *span, struct bytes name,
                         const struct keep *keep)
{
    struct writer out = {.to = to, .room = room, .used = KEPT_SPAN_NAME_OFFSET};
    put_bytes(&out, name.data, name.len);
    put_varint(&out, span->flags);
    if (keep->part_counts) {
        put_varint(&out, span->event_count);
        put_varint(&out, span->link_count);
    }
    if (keep->status_message) {
        put_text(&out, span->status_message);
    }
    if (keep->trace_state) {
        put_text(&out, span->trace_state);
    }
    put_attrs(&out, span, &keep->attrs);
    if (span->event_count != 0 && keep_has_events(keep)) {
        put_events(&out, span, keep);
    }
    if (span->link_count != 0 && keep_has_links(keep)) {
        put_links(&out, span, keep);
    }
    return out.used;
}

bool kept_span_init(struct kept_span *ret, const struct span *span, struct bytes name,
                    const struct keep *keep)
{
    size_t len = write_span(ret->few, sizeof ret->few, span, name, keep);
    ret->many = NULL;
    ret->bytes = bytes_from(ret->few, len);
    if (len <= sizeof ret->few) {
        return true;
    }
    ret->many = memory_alloc(len);
    if (ret->many != NULL) {
        write_span(ret->many, len, span, name, keep);
        ret->bytes.data = ret->many;
    }
    return ret->many != NULL;
}

void kept_span_seal(struct kept_span *kept, uint64_t fingerprint)
{
    _Static_assert(sizeof fingerprint == KEPT_SPAN_NAME_OFFSET, "where the name begins");
    memcpy(kept->many != NULL ? kept->many : kept->few, &fingerprint, sizeof fingerprint);
}

void kept_span_deinit(struct kept_span *kept)
{
    free(kept->many);
    kept->many = NULL;
}

uint64_t kept_span_fingerprint(const uint8_t *kept)
{
    uint64_t fingerprint;
    memcpy(&fingerprint, kept, sizeof fingerprint);
    return fingerprint;
}

static uint64_t take_varint(const uint8_t **at)
{
    uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return number;
        }
    }
}

static struct bytes take_text(const uint8_t **at)
{
    size_t len = take_varint(at);
    struct bytes text = bytes_from(*at, len);
    *at += len;
    return text;
}

static void take_value(const uint8_t **at, struct value *ret)
{
    ret->type = (enum value_type) * (*at)++;
    switch (ret->type) {
    case VALUE_MISSING:
        break;
    case VALUE_BOOL:
        ret->boolean = take_varint(at) != 0;
        break;
    case VALUE_INT:
        ret->integer = unzigzag(take_varint(at));
        break;
    case VALUE_DOUBLE:
        memcpy(&ret->number, *at, sizeof ret->number);
        *at += sizeof ret->number;
        break;
    default:
        ret->bytes = take_text(at);
        break;
    }
}

/* What stands before the attributes. */
static void take_fields(const uint8_t **at, const struct keep *keep, struct span *ret)
{
    ret->flags = (uint32_t)take_varint(at);
    if (keep->part_counts) {
        ret->event_count = (uint32_t)take_varint(at);
        ret->link_count = (uint32_t)take_varint(at);
    }
    if (keep->status_message) {
        ret->status_message = take_text(at);
    }
    if (keep->trace_state) {
        ret->trace_state = take_text(at);
    }
}

/* How many attributes there are. */
static uint32_t count_attrs(const uint8_t *at)
{
    struct value value;
    uint32_t count = 0;
    while (take_varint(&at) != 0) {
        take_value(&at, &value);
        count++;
    }
    return count;
}

int kept_span_read(struct bytes kept, uint32_t name_len, const struct keep *keep,
                   struct arena *arena, struct span *ret)
{
    const uint8_t *at = kept.data + KEPT_SPAN_NAME_OFFSET + name_len;
    if (at == kept.data + kept.len) {
        return 0;
    }
    take_fields(&at, keep, ret);
    ret->attr_count = count_attrs(at);
    struct attr *attrs =
        ret->attr_count != 0 ? arena_alloc(arena, ret->attr_count * sizeof *attrs) : NULL;
    if (attrs == NULL && ret->attr_count != 0) {
        return SPAN_NO_MEMORY;
    }
    for (uint32_t i = 0; i < ret->attr_count; i++) {
        attrs[i].key = keep->attrs.items[take_varint(&at) - 1];
        take_value(&at, &attrs[i].value);
    }
    at++;
    ret->attrs = attrs;
    ret->raw = bytes_from(at, (size_t)(kept.data + kept.len - at));
    return 0;
}
