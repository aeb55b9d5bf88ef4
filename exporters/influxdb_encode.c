#include "exporters/influxdb_encode.h"

#include <math.h>

#include "daemon/core/number.h"
#include "daemon/core/utf8.h"
#include "exporters/meter_tags.h"

#define TAG_BYTES_MAX  2048u
#define TEXT_BYTES_MAX 32768u
#define TIME_MAX_NS    UINT64_C(9223372036854775806) /* the last one that the server stores */

/* At most `most` bytes, not within a character. */
static struct bytes cut(struct bytes text, size_t most)
{
    if (text.len <= most) {
        return text;
    }
    size_t len = most;
    while (len > 0 && (text.data[len] & 0xC0) == 0x80) {
        len--;
    }
    return bytes_from(text.data, len != 0 ? len : most);
}

/* Appends `text` mended, with a backslash before each of `special`. */
static void append_escaped(struct buf *out, struct bytes text, const char *special)
{
    struct buf mended = BUF_NULL;
    utf8_append_mended(&mended, text);
    for (size_t i = 0; i < mended.len; i++) {
        char c = (char)mended.data[i];
        if ((uint8_t)c < 0x20 || c == 0x7F) {
            c = ' ';
        }
        if (strchr(special, c) != NULL) {
            buf_append_char(out, '\\');
        }
        buf_append_char(out, c);
    }
    out->failed |= mended.failed;
    buf_deinit(&mended);
}

static void append_tag_value(struct buf *out, struct bytes value)
{
    size_t before = out->len;
    append_escaped(out, cut(value, TAG_BYTES_MAX), ",= ");
    if (out->len > before && out->data[out->len - 1] == '\\') {
        out->data[out->len - 1] = '/';
    }
}

static bool field_is_written(const struct meter_field *field)
{
    return field->type != METER_DOUBLE || isfinite(field->number);
}

static void append_field_value(struct buf *out, const struct meter_field *field)
{
    char text[NUMBER_TEXT_MAX];
    switch (field->type) {
    case METER_INT:
        buf_append_i64(out, field->integer);
        buf_append_char(out, 'i');
        break;
    case METER_DOUBLE:
        buf_append(out, text, number_print_double(text, field->number));
        break;
    case METER_TEXT:
        buf_append_char(out, '"');
        append_escaped(out, cut(field->text, TEXT_BYTES_MAX), "\"\\");
        buf_append_char(out, '"');
        break;
    }
}

static uint64_t time_of(const struct meter *meter, struct influxdb_times *times)
{
    uint64_t time = meter->time_unix_ns;
    if (meter->kind == METER_ASSERTION_EVENT || meter->kind == METER_EVENTS) {
        time = time > times->last_ns ? time : times->last_ns + 1;
    }
    time = time < TIME_MAX_NS ? time : TIME_MAX_NS;
    if (meter->kind == METER_ASSERTION_EVENT || meter->kind == METER_EVENTS) {
        times->last_ns = time;
    }
    return time;
}

bool influxdb_writes_meter(const struct meter *meter)
{
    for (uint32_t i = 0; i < meter->field_count; i++) {
        if (field_is_written(&meter->fields[i])) {
            return true;
        }
    }
    return false;
}

void influxdb_encode_meter(struct buf *out, const struct meter *meter, struct influxdb_times *times)
{
    buf_append_text(out, meter_kind_name(meter->kind));
    for (enum meter_tag tag = 0; tag < METER_TAG_COUNT; tag++) {
        if (!meter_has_tag(meter, tag)) {
            continue;
        }
        buf_append_char(out, ',');
        buf_append_text(out, meter_tag_name(tag));
        buf_append_char(out, '=');
        append_tag_value(out, meter_tag_value(meter, tag));
    }
    char separator = ' ';
    for (uint32_t i = 0; i < meter->field_count; i++) {
        if (field_is_written(&meter->fields[i])) {
            buf_append_char(out, separator);
            buf_append_text(out, meter->fields[i].name);
            buf_append_char(out, '=');
            append_field_value(out, &meter->fields[i]);
            separator = ',';
        }
    }
    buf_append_char(out, ' ');
    buf_append_u64(out, time_of(meter, times));
    buf_append_char(out, '\n');
}
