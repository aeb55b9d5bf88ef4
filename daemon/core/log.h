/* The log: one event a line, a name and key=value pairs, to a file descriptor; text or JSON.
 *
 * Format of text: `2026-11-21T08:00:00.125Z info  listening name=otlp/grpc address=127.0.0.1:4317`.
 * Values with blanks, quotes or control characters are quoted and escaped: telemetry is hostile
 * text. Only the daemon, receivers and exporters log at info or above; core, model, assertions
 * never log. A line that cannot be written is counted and dropped, never waited for. Thread rule:
 * any thread; a line is one write(2). Immutable after init but for the counters. */
#ifndef ASSERTD_CORE_LOG_H
#define ASSERTD_CORE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/bytes.h"
#include "daemon/core/clock.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };
enum log_format { LOG_TEXT, LOG_JSON };

struct log {
    const struct clock *clock;
    int fd;
    enum log_level level;
    enum log_format format;
    _Atomic uint64_t dropped;
};

/* One key and its value for log_event; end a list with LOG_END. */
struct log_field {
    const char *key;
    enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_BYTES } type;
    const char *text;
    int64_t number;
    struct bytes bytes;
};

#define LOG_STRING(key, value) ((struct log_field){(key), LOG_FIELD_TEXT, (value), 0, BYTES_NULL})
#define LOG_NUMBER(key, value)                                                                     \
    ((struct log_field){(key), LOG_FIELD_INT, NULL, (int64_t)(value), BYTES_NULL})
#define LOG_BYTES(key, value) ((struct log_field){(key), LOG_FIELD_BYTES, NULL, 0, (value)})

/* A log on `fd` (borrowed). */
void log_init(struct log *log, const struct clock *clock, int fd, enum log_level level,
              enum log_format format);

/* Writes one event with `count` fields. `event` is a fixed name such as "listening". */
void log_event(struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count);

/* Fields in place: log_line(log, LOG_INFO, "listening", LOG_STRING("name", name),
 * LOG_NUMBER("port", 1)). */
#define log_line(log, level, event, ...)                                                           \
    log_event((log), (level), (event), (const struct log_field[]){__VA_ARGS__},                    \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

#endif
