/* The InfluxDB exporter against a server that answers what the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/core/buf.h"
#include "exporters/influxdb.h"
#include "exporters/influxdb_answer.h"
#include "tests/exporters/sink_fixture.h"

#define CONNECTIONS_MAX 64

struct fixture {
    struct influxdb_settings settings;
    struct sink_fixture sink;
    bool open;
    char address[32], url[64];
    char token_path[64];
    int listener;
    struct {
        int fd;
        struct buf got;
    } connections[CONNECTIONS_MAX];
    uint32_t connection_count;
    /* The answer to a body; NULL: cut the connection. */
    const char *(*answer)(struct fixture *fixture, struct bytes head, struct bytes body);
    uint32_t requests;
    uint32_t stored;       /* lines in bodies that were answered with success */
    uint32_t refused_line; /* count=Ni of the line that the server does not like */
    struct buf last_head, first_body;
};

#define NO_CONTENT "HTTP/1.1 204 No Content\r\n\r\n"
#define ANSWER(status, headers, body)                                                              \
    "HTTP/1.1 " status "\r\n" headers "Connection: close\r\n\r\n" body

static uint32_t lines_in(struct bytes body)
{
    uint32_t lines = 0;
    for (size_t i = 0; i < body.len; i++) {
        lines += body.data[i] == '\n';
    }
    return lines;
}

static const char *take_all(struct fixture *fixture, struct bytes head, struct bytes body)
{
    (void)head;
    fixture->stored += lines_in(body);
    return NO_CONTENT;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->listener = listen_on_loopback(fixture->address);
    snprintf(fixture->url, sizeof fixture->url, "http://%s/", fixture->address);
    snprintf(fixture->token_path, sizeof fixture->token_path, "/tmp/assertd-token-XXXXXX");
    int token = mkstemp(fixture->token_path);
    assert_int_equal(write(token, "s3cret\n", 7), 7);
    close(token);
    fixture->answer = take_all;
    fixture->settings = (struct influxdb_settings){
        .common = quick_settings(),
        .endpoint = {fixture->url, CONFIG_ORIGIN_NONE},
        .api = INFLUXDB_V1,
        .database = {"t&x y", CONFIG_ORIGIN_NONE},
    };
    *state = fixture;
    return 0;
}

static void open_sink(struct fixture *fixture)
{
    sink_fixture_init(&fixture->sink, &exporter_influxdb, &fixture->settings);
    fixture->open = true;
}

static void drop_connection(struct fixture *fixture, uint32_t i)
{
    if (fixture->connections[i].fd >= 0) {
        close(fixture->connections[i].fd);
        buf_deinit(&fixture->connections[i].got);
        fixture->connections[i].fd = -1;
    }
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->open) {
        sink_fixture_deinit(&fixture->sink);
    }
    for (uint32_t i = 0; i < fixture->connection_count; i++) {
        drop_connection(fixture, i);
    }
    close(fixture->listener);
    unlink(fixture->token_path);
    buf_deinit(&fixture->last_head);
    buf_deinit(&fixture->first_body);
    free(fixture);
    return 0;
}

/* Answers the request that stands in `got`, if it is whole. */
static void serve_request(struct fixture *fixture, uint32_t i)
{
    struct buf *got = &fixture->connections[i].got;
    uint8_t *end = got->len > 0 ? memmem(got->data, got->len, "\r\n\r\n", 4) : NULL;
    uint8_t *length = got->len > 0 ? memmem(got->data, got->len, "Content-Length: ", 16) : NULL;
    if (end == NULL || length == NULL) {
        return;
    }
    size_t head = (size_t)(end + 4 - got->data);
    size_t body = strtoul((const char *)length + 16, NULL, 10);
    if (got->len < head + body) {
        return;
    }
    fixture->requests++;
    buf_reset(&fixture->last_head);
    buf_append(&fixture->last_head, got->data, head);
    if (fixture->requests == 1) {
        buf_append(&fixture->first_body, got->data + head, body);
    }
    const char *answer =
        fixture->answer(fixture, bytes_from(got->data, head), bytes_from(got->data + head, body));
    buf_reset(got);
    if (answer != NULL) {
        assert_int_equal(send(fixture->connections[i].fd, answer, strlen(answer), MSG_NOSIGNAL),
                         strlen(answer));
    }
    if (answer == NULL || strstr(answer, "Connection: close") != NULL) {
        drop_connection(fixture, i);
    }
}

static void serve(struct fixture *fixture)
{
    int fd = accept4(fixture->listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd >= 0) {
        assert_true(fixture->connection_count < CONNECTIONS_MAX);
        fixture->connections[fixture->connection_count++].fd = fd;
    }
    for (uint32_t i = 0; i < fixture->connection_count; i++) {
        if (fixture->connections[i].fd >= 0) {
            struct buf *got = &fixture->connections[i].got;
            uint8_t *room = buf_reserve(got, 65536);
            ssize_t read = recv(fixture->connections[i].fd, room, 65536, 0);
            got->len += read > 0 ? (size_t)read : 0;
            serve_request(fixture, i);
        }
    }
}

static bool served(void *self)
{
    struct fixture *fixture = self;
    serve(fixture);
    return hub_idle(fixture->sink.hub);
}

static struct ledger_sink run(struct fixture *fixture, uint32_t meters)
{
    hub_submit(fixture->sink.hub, make_batch(0, 3, meters, 1));
    assert_true(turn_until(&fixture->sink, served, fixture));
    return balance(&fixture->sink);
}

static bool head_has(const struct fixture *fixture, const char *text)
{
    return bytes_contain(buf_bytes(&fixture->last_head), bytes_of(text));
}

static void v1_writes_meters_to_the_database(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.username.text = "u";
    fixture->settings.password_file.text = fixture->token_path;
    open_sink(fixture);
    assert_int_equal(run(fixture, 12).acknowledged, 12);
    assert_int_equal(fixture->stored, 12);
    assert_true(head_has(fixture, "POST /write?precision=ns&db=t%26x%20y HTTP/1.1\r\n"));
    assert_true(head_has(fixture, "Authorization: Basic dTpzM2NyZXQ=\r\n"));
}

static void v2_writes_with_the_token(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.api = INFLUXDB_V2;
    fixture->settings.org.text = "o";
    fixture->settings.bucket.text = "b";
    fixture->settings.token_file.text = fixture->token_path;
    open_sink(fixture);
    assert_int_equal(run(fixture, 3).acknowledged, 3);
    assert_true(head_has(fixture, "POST /api/v2/write?precision=ns&org=o&bucket=b HTTP/1.1\r\n"));
    assert_true(head_has(fixture, "Authorization: Token s3cret\r\n"));
}

static void many_lines_go_in_portions(void **state)
{
    struct fixture *fixture = *state;
    open_sink(fixture);
    assert_int_equal(run(fixture, 12001).acknowledged, 12001);
    assert_int_equal(fixture->requests, 3);
    assert_int_equal(fixture->stored, 12001);
}

static const char *drop_three(struct fixture *fixture, struct bytes head, struct bytes body)
{
    (void)take_all(fixture, head, body);
    return ANSWER("400 Bad Request", "",
                  "{\"error\":\"partial write: field type conflict: x dropped=3\"}");
}

static void a_partial_write_counts_the_dropped_and_is_not_repeated(void **state)
{
    struct fixture *fixture = *state;
    fixture->answer = drop_three;
    open_sink(fixture);
    struct ledger_sink sink = run(fixture, 10);
    assert_int_equal(sink.acknowledged, 7);
    assert_int_equal(sink.rejected, 3);
    assert_int_equal(fixture->requests, 1);
}

static const char *refuse_line(struct fixture *fixture, struct bytes head, struct bytes body)
{
    char text[32];
    snprintf(text, sizeof text, " count=%ui ", fixture->refused_line);
    if (bytes_contain(body, bytes_of(text))) {
        return ANSWER("400 Bad Request", "", "{\"error\":\"unable to parse\"}");
    }
    return take_all(fixture, head, body);
}

static void the_refused_line_is_found_and_its_neighbours_written(void **state)
{
    struct fixture *fixture = *state;
    fixture->answer = refuse_line;
    open_sink(fixture);
    fixture->refused_line = 37;
    struct ledger_sink sink = run(fixture, 100);
    assert_int_equal(sink.acknowledged, 99);
    assert_int_equal(sink.rejected, 1);
    assert_int_equal(fixture->stored, 99);
    assert_true(fixture->requests < 20);
}

static const char *at_most_ten(struct fixture *fixture, struct bytes head, struct bytes body)
{
    if (lines_in(body) > 10) {
        return ANSWER("413 Request Entity Too Large", "Content-Length: 0\r\n", "");
    }
    return take_all(fixture, head, body);
}

static void what_is_too_large_is_halved(void **state)
{
    struct fixture *fixture = *state;
    fixture->answer = at_most_ten;
    open_sink(fixture);
    assert_int_equal(run(fixture, 100).acknowledged, 100);
    assert_int_equal(fixture->stored, 100);
}

static const char *fail_at_first(struct fixture *fixture, struct bytes head, struct bytes body)
{
    static const char *const answers[] = {
        ANSWER("503 Service Unavailable", "Retry-After: 1\r\n", ""),
        ANSWER("500 Internal Server Error", "", "{\"error\":\"timeout\"}"),
        ANSWER("401 Unauthorized", "", ""),
        NULL,
    };
    if (fixture->requests <= sizeof answers / sizeof answers[0]) {
        return answers[fixture->requests - 1];
    }
    assert_true(bytes_equal(body, buf_bytes(&fixture->first_body)));
    return take_all(fixture, head, body);
}

static void what_failed_is_sent_again_word_for_word(void **state)
{
    struct fixture *fixture = *state;
    fixture->answer = fail_at_first;
    open_sink(fixture);
    uint64_t start = clock_system.monotonic_ns(&clock_system);
    struct export_batch *events = make_batch(0, 0, 9, 0);
    for (uint32_t i = 0; i < 9; i++) {
        events->meters[i].kind = METER_ASSERTION_EVENT;
    }
    hub_submit(fixture->sink.hub, events);
    assert_true(turn_until(&fixture->sink, served, fixture));
    assert_int_equal(balance(&fixture->sink).acknowledged, 9);
    assert_int_equal(fixture->requests, 5);
    assert_true(clock_system.monotonic_ns(&clock_system) - start >= NS_PER_S);
}

static const char *no_database(struct fixture *fixture, struct bytes head, struct bytes body)
{
    (void)fixture;
    (void)head;
    (void)body;
    return ANSWER("404 Not Found", "", "{\"error\":\"database not found\"}");
}

static void a_missing_database_is_given_up_in_time_and_counted(void **state)
{
    struct fixture *fixture = *state;
    fixture->answer = no_database;
    fixture->settings.common.retry.max_elapsed_time_ns = 200 * NS_PER_MS;
    open_sink(fixture);
    assert_int_equal(run(fixture, 5).dropped, 5);
    assert_true(fixture->requests > 1);
}

static const char *stay_silent(struct fixture *fixture, struct bytes head, struct bytes body)
{
    (void)head;
    (void)body;
    return fixture->requests == 1 ? "HTTP/1.1 2" : NO_CONTENT;
}

static void an_answer_that_does_not_end_times_out(void **state)
{
    struct fixture *fixture = *state;
    fixture->answer = stay_silent;
    fixture->settings.common.timeout_ns = 100 * NS_PER_MS;
    open_sink(fixture);
    assert_int_equal(run(fixture, 5).acknowledged, 5);
    assert_int_equal(fixture->requests, 2);
}

static void answers_mean_what_the_notes_say(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        const char *body;
        enum influxdb_meaning meaning;
        uint64_t dropped;
    } rows[] = {
        {204, "", INFLUXDB_WRITTEN, 0},
        {200, "", INFLUXDB_WRITTEN, 0},
        {400, "partial write: points beyond retention policy dropped=12", INFLUXDB_PARTIAL, 12},
        {422, "failure writing points: partial write: dropped=1", INFLUXDB_PARTIAL, 1},
        {400, "partial write: unable to parse 'x'", INFLUXDB_BAD_LINE, 0},
        {400, "partial write dropped=x", INFLUXDB_BAD_LINE, 0},
        {400, "dropped=5", INFLUXDB_BAD_LINE, 0},
        {413, "", INFLUXDB_TOO_LARGE, 0},
        {401, "", INFLUXDB_DENIED, 0},
        {403, "", INFLUXDB_DENIED, 0},
        {404, "", INFLUXDB_DENIED, 0},
        {302, "", INFLUXDB_DENIED, 0},
        {429, "", INFLUXDB_BUSY, 0},
        {503, "", INFLUXDB_BUSY, 0},
        {500, "", INFLUXDB_BUSY, 0},
        {0, "", INFLUXDB_BUSY, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t dropped = 0;
        assert_int_equal(influxdb_answer(rows[i].status, bytes_of(rows[i].body), &dropped),
                         rows[i].meaning);
        if (rows[i].meaning == INFLUXDB_PARTIAL) {
            assert_int_equal(dropped, rows[i].dropped);
        }
    }
}

static size_t problems_of(const struct influxdb_settings *settings)
{
    struct problems problems;
    problems_init(&problems);
    exporter_influxdb.validate(settings, &problems);
    size_t errors = problems.errors;
    problems_deinit(&problems);
    return errors;
}

static void settings_that_can_not_work_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct influxdb_settings settings = fixture->settings;
    assert_int_equal(problems_of(&settings), 0);
    settings.endpoint.text = "127.0.0.1:8086";
    assert_int_equal(problems_of(&settings), 1);
    settings.endpoint.text = "http://h:1\r\nX: y";
    assert_int_equal(problems_of(&settings), 1);
    settings = fixture->settings;
    settings.database.text = NULL;
    assert_int_equal(problems_of(&settings), 1);
    settings.api = INFLUXDB_V2;
    assert_int_equal(problems_of(&settings), 2);
    settings = fixture->settings;
    settings.database.text = "a\nb";
    assert_int_equal(problems_of(&settings), 1);
    settings = fixture->settings;
    settings.password_file.text = "/nonexistent/file";
    assert_int_equal(problems_of(&settings), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(v1_writes_meters_to_the_database),
        TEST(v2_writes_with_the_token),
        TEST(many_lines_go_in_portions),
        TEST(a_partial_write_counts_the_dropped_and_is_not_repeated),
        TEST(the_refused_line_is_found_and_its_neighbours_written),
        TEST(what_is_too_large_is_halved),
        TEST(what_failed_is_sent_again_word_for_word),
        TEST(a_missing_database_is_given_up_in_time_and_counted),
        TEST(an_answer_that_does_not_end_times_out),
        TEST(answers_mean_what_the_notes_say),
        TEST(settings_that_can_not_work_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
