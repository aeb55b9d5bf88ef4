/* The log: one line an event, hostile text quoted, nothing waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "daemon/core/log.h"

static struct clock_manual wall;

/* What was written to the pipe so far, NUL-terminated. */
static const char *read_all(int fd)
{
    static char text[65536];
    ssize_t got = read(fd, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static void make_log(struct log *log, int pipe_ends[2], enum log_level level,
                     enum log_format format)
{
    wall = clock_manual_at(0, UINT64_C(1795248000125999999));
    assert_int_equal(pipe2(pipe_ends, O_NONBLOCK), 0);
    log_init(log, &wall.base, pipe_ends[1], level, format);
}

static void close_both(const int pipe_ends[2])
{
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

static void a_line_has_time_level_event_and_fields(void **state)
{
    (void)state;
    struct log log;
    int ends[2];
    make_log(&log, ends, LOG_INFO, LOG_TEXT);
    log_line(&log, LOG_INFO, "listening", LOG_STRING("name", "otlp/grpc"),
             LOG_NUMBER("port", 4317));
    assert_string_equal(read_all(ends[0]),
                        "2026-11-21T08:00:00.125Z info  listening name=otlp/grpc port=4317\n");
    log_line(&log, LOG_ERROR, "gone", LOG_BYTES("text", BYTES_LITERAL("a b\n\"c\x1b")));
    assert_string_equal(read_all(ends[0]),
                        "2026-11-21T08:00:00.125Z error gone text=\"a b\\n\\\"c\\u001b\"\n");
    log_line(&log, LOG_WARN, "empty", LOG_STRING("text", ""));
    assert_string_equal(read_all(ends[0]), "2026-11-21T08:00:00.125Z warn  empty text=\"\"\n");
    close_both(ends);
}

static void json_lines_are_objects(void **state)
{
    (void)state;
    struct log log;
    int ends[2];
    make_log(&log, ends, LOG_INFO, LOG_JSON);
    log_line(&log, LOG_INFO, "listening", LOG_STRING("name", "a\"b"), LOG_NUMBER("port", -1));
    assert_string_equal(
        read_all(ends[0]),
        "{\"time\":\"2026-11-21T08:00:00.125Z\",\"level\":\"info\",\"event\":\"listening\","
        "\"name\":\"a\\\"b\",\"port\":-1}\n");
    close_both(ends);
}

static void lower_levels_are_silent(void **state)
{
    (void)state;
    struct log log;
    int ends[2];
    make_log(&log, ends, LOG_WARN, LOG_TEXT);
    log_line(&log, LOG_INFO, "quiet", LOG_NUMBER("n", 1));
    log_line(&log, LOG_DEBUG, "quiet", LOG_NUMBER("n", 1));
    assert_string_equal(read_all(ends[0]), "");
    log.level = LOG_OFF;
    log_line(&log, LOG_ERROR, "quiet", LOG_NUMBER("n", 1));
    assert_string_equal(read_all(ends[0]), "");
    close_both(ends);
}

static void a_full_pipe_drops_and_counts(void **state)
{
    (void)state;
    struct log log;
    int ends[2];
    char block[4096];
    make_log(&log, ends, LOG_INFO, LOG_TEXT);
    memset(block, 'x', sizeof block);
    while (write(ends[1], block, sizeof block) > 0) {
    }
    while (write(ends[1], block, 1) > 0) {
    }
    log_line(&log, LOG_INFO, "lost", LOG_NUMBER("n", 1));
    assert_int_equal(atomic_load(&log.dropped), 1);
    close_both(ends);
    log.fd = -1;
    log_line(&log, LOG_INFO, "lost", LOG_NUMBER("n", 1));
    assert_int_equal(atomic_load(&log.dropped), 2);
}

static void hostile_text_stays_on_its_line(void **state)
{
    (void)state;
    struct log log;
    int ends[2];
    uint8_t text[256];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)i;
    }
    make_log(&log, ends, LOG_INFO, LOG_TEXT);
    log_line(&log, LOG_INFO, "all", LOG_BYTES("text", bytes_from(text, sizeof text)));
    const char *line = read_all(ends[0]);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_null(strchr(line, '\x1b'));
    close_both(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_event_and_fields),
        cmocka_unit_test(json_lines_are_objects),
        cmocka_unit_test(lower_levels_are_silent),
        cmocka_unit_test(a_full_pipe_drops_and_counts),
        cmocka_unit_test(hostile_text_stays_on_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
