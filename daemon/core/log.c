#include "daemon/core/log.h"

#include <string.h>
#include <unistd.h>

#include "daemon/core/buf.h"
#include "daemon/core/json.h"
#include "daemon/core/units.h"

#define LOG_LINE_MAX 16384

static const char *const level_names[] = {"debug", "info", "warn", "error", "off"};

void log_init(struct log *log, const struct clock *clock, int fd, enum log_level level,
              enum log_format format)
{
    log->clock = clock;
    log->fd = fd;
    log->level = level;
    log->format = format;
    atomic_init(&log->dropped, 0);
}

static struct bytes field_text(const struct log_field *field)
{
    return field->type == LOG_FIELD_BYTES ? field->bytes : bytes_of(field->text);
}

static bool needs_quotes(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') {
            return true;
        }
    }
    return text.len == 0;
}

static void append_field_text(struct buf *line, const struct log_field *field)
{
    buf_append_char(line, ' ');
    buf_append_text(line, field->key);
    buf_append_char(line, '=');
    if (field->type == LOG_FIELD_INT) {
        buf_append_i64(line, field->number);
        return;
    }
    struct bytes text = field_text(field);
    bool quote = needs_quotes(text);
    if (quote) {
        buf_append_char(line, '"');
    }
    json_escape(line, text);
    if (quote) {
        buf_append_char(line, '"');
    }
}

static void format_text(const struct log *log, struct buf *line, enum log_level level,
                        const char *event, const struct log_field *fields, size_t count)
{
    units_print_time(line, log->clock->wall_ns(log->clock) / NS_PER_MS * NS_PER_MS);
    buf_printf(line, " %-5s %s", level_names[level], event);
    for (size_t i = 0; i < count; i++) {
        append_field_text(line, &fields[i]);
    }
}

static void format_json(const struct log *log, struct buf *line, enum log_level level,
                        const char *event, const struct log_field *fields, size_t count)
{
    struct json json = JSON_INIT(line);
    struct buf time = BUF_NULL;
    units_print_time(&time, log->clock->wall_ns(log->clock) / NS_PER_MS * NS_PER_MS);
    json_object(&json);
    json_member_text(&json, "time", buf_bytes(&time));
    json_member_string(&json, "level", level_names[level]);
    json_member_string(&json, "event", event);
    for (size_t i = 0; i < count; i++) {
        json_key(&json, fields[i].key);
        if (fields[i].type == LOG_FIELD_INT) {
            json_i64(&json, fields[i].number);
        } else {
            json_text(&json, field_text(&fields[i]));
        }
    }
    json_object_end(&json);
    buf_deinit(&time);
}

void log_event(struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count)
{
    struct buf line = BUF_NULL;
    if (level < log->level) {
        return;
    }
    line.limit = LOG_LINE_MAX;
    if (log->format == LOG_JSON) {
        format_json(log, &line, level, event, fields, count);
    } else {
        format_text(log, &line, level, event, fields, count);
    }
    line.limit = 0;
    line.failed = false; /* a line over the limit is cut, not lost */
    buf_append_char(&line, '\n');
    if (line.failed || write(log->fd, line.data, line.len) != (ssize_t)line.len) {
        atomic_fetch_add_explicit(&log->dropped, 1, memory_order_relaxed);
    }
    buf_deinit(&line);
}
