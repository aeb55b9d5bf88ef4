/* The Graphite exporter against a socket that reads, stalls, breaks or never answers. */
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
#include "exporters/graphite.h"
#include "tests/exporters/sink_fixture.h"

struct fixture {
    struct graphite_settings settings;
    struct sink_fixture sink;
    char endpoint[32];
    int listener;
    int peer;
    struct buf got;
    int turns; /* is_stuck */
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->listener = listen_on_loopback(fixture->endpoint);
    fixture->peer = -1;
    fixture->settings = (struct graphite_settings){
        .common = quick_settings(),
        .endpoint = {fixture->endpoint, CONFIG_ORIGIN_NONE},
        .prefix = {"p", CONFIG_ORIGIN_NONE},
        .tags = true,
    };
    sink_fixture_init(&fixture->sink, &exporter_graphite, &fixture->settings);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    sink_fixture_deinit(&fixture->sink);
    if (fixture->peer >= 0) {
        close(fixture->peer);
    }
    if (fixture->listener >= 0) {
        close(fixture->listener);
    }
    buf_deinit(&fixture->got);
    free(fixture);
    return 0;
}

static bool accepted(void *self)
{
    struct fixture *fixture = self;
    if (fixture->peer < 0) {
        fixture->peer = accept4(fixture->listener, NULL, NULL, SOCK_NONBLOCK);
    }
    return fixture->peer >= 0;
}

static void read_some(struct fixture *fixture)
{
    uint8_t *room = buf_reserve(&fixture->got, 65536);
    ssize_t got = accepted(fixture) ? recv(fixture->peer, room, 65536, 0) : -1;
    fixture->got.len += got > 0 ? (size_t)got : 0;
}

static uint32_t lines_in(const struct buf *buf)
{
    uint32_t lines = 0;
    for (size_t i = 0; i < buf->len; i++) {
        lines += buf->data[i] == '\n' && i > 0 && buf->data[i - 1] != '\n';
    }
    return lines;
}

static bool read_ten(void *self)
{
    read_some(self);
    return lines_in(&((struct fixture *)self)->got) >= 10;
}

static bool read_all(void *self)
{
    struct fixture *fixture = self;
    read_some(fixture);
    return hub_idle(fixture->sink.hub);
}

static bool has_line(const struct fixture *fixture, uint32_t count)
{
    char line[256];
    int len = snprintf(line, sizeof line,
                       "p.assertion.count;assertion=none;scenario=none;scope=period;service=none;"
                       "status=none;step=none;"
                       "suite=none;tenant=none;zone=none %u 1700000000\n",
                       count);
    return memmem(fixture->got.data, fixture->got.len, line, (size_t)len) != NULL;
}

static void lines_that_the_kernel_took_are_acknowledged(void **state)
{
    struct fixture *fixture = *state;
    hub_submit(fixture->sink.hub, make_batch(1, 5, 4, 1));
    hub_submit(fixture->sink.hub, make_batch(5, 0, 6, 0));
    assert_true(turn_until(&fixture->sink, read_ten, fixture));
    assert_int_equal(settled(&fixture->sink).acknowledged, 10);
    for (uint32_t i = 1; i <= 10; i++) {
        assert_true(has_line(fixture, i));
    }
}

static void names_are_looked_up_at_connect(void **state)
{
    struct fixture *fixture = *state;
    char named[48];
    snprintf(named, sizeof named, "localhost%s", strrchr(fixture->endpoint, ':'));
    fixture->settings.endpoint.text = named;
    hub_submit(fixture->sink.hub, make_batch(1, 0, 10, 0));
    assert_true(turn_until(&fixture->sink, read_ten, fixture));
    fixture->settings.endpoint.text = fixture->endpoint;
}

static void a_closed_port_is_tried_again(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->listener);
    fixture->listener = bind_on_loopback(fixture->endpoint);
    hub_submit(fixture->sink.hub, make_batch(1, 0, 10, 0));
    for (int i = 0; i < 100; i++) {
        loop_turn(fixture->sink.loop);
    }
    assert_int_equal(balance(&fixture->sink).in_flight, 10);
    assert_int_equal(listen(fixture->listener, 8), 0);
    assert_true(turn_until(&fixture->sink, read_ten, fixture));
}

/* Enough that no kernel takes it unread. */
static void submit_much(struct fixture *fixture)
{
    hub_submit(fixture->sink.hub, make_batch(0, 0, 100000, 0));
}

/* Whether the peer, which does not read, has been connected for so long that the kernel has no more
 * room. */
static bool is_stuck(void *self)
{
    struct fixture *fixture = self;
    return accepted(fixture) && ++fixture->turns > 300;
}

static void a_reset_in_mid_line_goes_on_with_the_first_line_not_taken(void **state)
{
    struct fixture *fixture = *state;
    submit_much(fixture);
    assert_true(turn_until(&fixture->sink, is_stuck, fixture));
    struct linger at_once = {1, 0};
    setsockopt(fixture->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fixture->peer);
    fixture->peer = -1;
    assert_true(turn_until(&fixture->sink, read_all, fixture));
    assert_int_equal(balance(&fixture->sink).acknowledged, 100000);
    for (int i = 0; i < 1000; i++) {
        read_some(fixture);
    }
    assert_true(has_line(fixture, 99999));
    assert_int_equal(fixture->got.data[fixture->got.len - 1], '\n');
    assert_memory_equal(fixture->got.data, "\np.assertion.count;", 19);
}

static bool has_dropped(void *self)
{
    struct fixture *fixture = self;
    (void)accepted(fixture);
    return balance(&fixture->sink).dropped > 0;
}

static void a_peer_that_never_reads_costs_no_more_than_the_queue(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.common.timeout_ns = 100 * NS_PER_MS;
    fixture->settings.common.retry.max_elapsed_time_ns = 300 * NS_PER_MS;
    hub_free(fixture->sink.hub);
    loop_free(fixture->sink.loop);
    sink_fixture_init(&fixture->sink, &exporter_graphite, &fixture->settings);
    submit_much(fixture);
    assert_true(turn_until(&fixture->sink, has_dropped, fixture));
    struct ledger_sink sink = balance(&fixture->sink);
    assert_int_equal(sink.produced, 100000);
    assert_true(sink.acknowledged < 100000);
}

static bool is_gone(void *self)
{
    struct fixture *fixture = self;
    for (int i = 0; i < 5; i++) {
        loop_turn(fixture->sink.loop);
    }
    return true;
}

static void a_farewell_is_noticed_before_the_next_batch(void **state)
{
    struct fixture *fixture = *state;
    hub_submit(fixture->sink.hub, make_batch(1, 0, 10, 0));
    assert_true(turn_until(&fixture->sink, read_ten, fixture));
    assert_int_equal(settled(&fixture->sink).acknowledged, 10);
    close(fixture->peer);
    fixture->peer = -1;
    buf_reset(&fixture->got);
    assert_true(turn_until(&fixture->sink, is_gone, fixture));
    hub_submit(fixture->sink.hub, make_batch(11, 0, 10, 0));
    assert_true(turn_until(&fixture->sink, read_ten, fixture));
    assert_true(has_line(fixture, 20));
}

static void a_prefix_that_is_no_path_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[] = {"a b", "a..b", ".a", "a.", "a;b", "a/b", "\xC3\xA4"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct problems problems;
        problems_init(&problems);
        fixture->settings.prefix.text = bad[i];
        exporter_graphite.validate(&fixture->settings, &problems);
        assert_int_equal(problems.errors, 1);
        problems_deinit(&problems);
    }
    fixture->settings.prefix.text = "a.b-c_D9";
    struct problems problems;
    problems_init(&problems);
    exporter_graphite.validate(&fixture->settings, &problems);
    assert_int_equal(problems.errors, 0);
    problems_deinit(&problems);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(lines_that_the_kernel_took_are_acknowledged),
        TEST(names_are_looked_up_at_connect),
        TEST(a_closed_port_is_tried_again),
        TEST(a_reset_in_mid_line_goes_on_with_the_first_line_not_taken),
        TEST(a_peer_that_never_reads_costs_no_more_than_the_queue),
        TEST(a_farewell_is_noticed_before_the_next_batch),
        TEST(a_prefix_that_is_no_path_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
