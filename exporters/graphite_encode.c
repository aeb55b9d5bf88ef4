#include "exporters/graphite_encode.h"

#include <math.h>

#include "daemon/core/clock.h"
#include "daemon/core/hash.h"
#include "daemon/core/number.h"
#include "exporters/meter_tags.h"

#define HASH_TAIL 9 /* '-' and eight digits */

static bool is_clean(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool graphite_prefix_valid(struct bytes prefix)
{
    bool after_dot = true;
    for (size_t i = 0; i < prefix.len; i++) {
        if (prefix.data[i] == '.' ? after_dot : !is_clean(prefix.data[i])) {
            return false;
        }
        after_dot = prefix.data[i] == '.';
    }
    return prefix.len <= GRAPHITE_PREFIX_MAX && (prefix.len == 0 || !after_dot);
}

static void append_segment(struct buf *out, struct bytes text)
{
    static const struct hash_key key = {0, 0}; /* the same series after a restart */
    bool cut = text.len > GRAPHITE_SEGMENT_MAX;
    bool foreign = cut;
    size_t len = cut ? GRAPHITE_SEGMENT_MAX - HASH_TAIL : text.len;
    for (size_t i = 0; i < text.len && !foreign; i++) {
        foreign = text.data[i] >= 0x80;
    }
    if (foreign && len > GRAPHITE_SEGMENT_MAX - HASH_TAIL) {
        len = GRAPHITE_SEGMENT_MAX - HASH_TAIL;
    }
    for (size_t i = 0; i < len; i++) {
        buf_append_char(out, is_clean(text.data[i]) ? (char)text.data[i] : '_');
    }
    if (foreign) {
        buf_printf(out, "-%08x", (unsigned)hash_sip13(&key, text.data, text.len));
    }
}

static bool field_is_written(const struct meter_field *field)
{
    return field->type == METER_INT || (field->type == METER_DOUBLE && isfinite(field->number));
}

static void append_tail(struct buf *out, const struct meter *meter, const struct meter_field *field)
{
    char text[NUMBER_TEXT_MAX];
    buf_append_char(out, ' ');
    if (field->type == METER_INT) {
        buf_append_i64(out, field->integer);
    } else {
        buf_append(out, text, number_print_double(text, field->number));
    }
    buf_append_char(out, ' ');
    buf_append_u64(out, meter->time_unix_ns / NS_PER_S);
    buf_append_char(out, '\n');
}

static void append_tagged(struct buf *out, const struct meter *meter,
                          const struct meter_field *field)
{
    buf_append_text(out, meter_kind_name(meter->kind));
    buf_append_char(out, '.');
    append_segment(out, bytes_of(field->name));
    for (enum meter_tag tag = 0; tag < METER_TAG_COUNT; tag++) {
        if (tag != METER_TAG_CAMPAIGN && meter_has_tag(meter, tag)) {
            buf_append_char(out, ';');
            buf_append_text(out, meter_tag_name(tag));
            buf_append_char(out, '=');
            append_segment(out, meter_tag_value(meter, tag));
        }
    }
}

static void append_tag_segment(struct buf *out, const struct meter *meter, enum meter_tag tag)
{
    append_segment(out, meter_tag_value(meter, tag));
    buf_append_char(out, '.');
}

/* "time_to_verdict_ns_p95" is the assertion's "p95". */
static struct bytes statistic(const struct meter *meter, const struct meter_field *field)
{
    struct bytes name = bytes_of(field->name);
    struct bytes timing = BYTES_LITERAL("time_to_verdict_ns_");
    if (meter->kind == METER_ASSERTION && bytes_start_with(name, timing)) {
        return bytes_from(name.data + timing.len, name.len - timing.len);
    }
    return name;
}

/* What the reading is about: an assertion, an output, a service. */
static void append_subject(struct buf *out, const struct meter *meter)
{
    if (meter->kind == METER_ASSERTION) {
        append_tag_segment(out, meter, METER_TAG_ASSERTION);
        append_tag_segment(out, meter, METER_TAG_STATUS);
        return;
    }
    buf_append_text(out, meter_kind_name(meter->kind));
    buf_append_char(out, '.');
    bool output = meter->kind == METER_OUTPUT;
    append_tag_segment(out, meter, output ? METER_TAG_SUITE : METER_TAG_SERVICE);
    append_tag_segment(out, meter, output ? METER_TAG_OUTPUT : METER_TAG_STATUS);
}

static void append_hierarchical(struct buf *out, const struct meter *meter,
                                const struct meter_field *field)
{
    append_tag_segment(out, meter, METER_TAG_TENANT);
    append_tag_segment(out, meter, METER_TAG_SCENARIO);
    append_tag_segment(out, meter, METER_TAG_STEP);
    append_subject(out, meter);
    if (meter->whole_campaign) {
        buf_append_text(out, "campaign.");
    }
    append_segment(out, statistic(meter, field));
}

uint32_t graphite_lines(const struct meter *meter)
{
    uint32_t lines = 0;
    if (meter->kind == METER_ASSERTION_EVENT || meter->kind == METER_EVENTS) {
        return 0;
    }
    for (uint32_t i = 0; i < meter->field_count; i++) {
        lines += field_is_written(&meter->fields[i]);
    }
    return lines;
}

void graphite_encode_meter(struct buf *out, const struct meter *meter, struct bytes prefix,
                           bool tags)
{
    for (uint32_t i = 0; graphite_lines(meter) != 0 && i < meter->field_count; i++) {
        const struct meter_field *field = &meter->fields[i];
        if (!field_is_written(field)) {
            continue;
        }
        buf_append_bytes(out, prefix);
        if (prefix.len != 0) {
            buf_append_char(out, '.');
        }
        if (tags) {
            append_tagged(out, meter, field);
        } else {
            append_hierarchical(out, meter, field);
        }
        append_tail(out, meter, field);
    }
}
