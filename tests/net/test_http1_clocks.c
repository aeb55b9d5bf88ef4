/* HTTP/1.1 peers that are slow or silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/http1_fixture.h"

static void a_silent_peer_is_closed(void **state)
{
    struct fixture *f = *state;
    clock_manual_advance(&f->clock, 9 * S);
    socket_peer_idle(&f->peer);
    assert_false(f->peer.end);
    clock_manual_advance(&f->clock, 1 * S + NS_PER_MS * 10);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(f->peer.got.len, 0);
    assert_int_equal(counter_get(&f->counters.timeouts), 1);
}

static void a_slow_head_is_answered_408_however_steadily_it_drips(void **state)
{
    struct fixture *f = *state;
    socket_peer_send_text(&f->peer, "GET ");
    clock_manual_advance(&f->clock, 9 * S);
    socket_peer_send_text(&f->peer, "/");
    socket_peer_idle(&f->peer);
    assert_false(f->peer.end);
    clock_manual_advance(&f->clock, 1 * S + NS_PER_MS * 10);
    socket_peer_wait_for(&f->peer, "HTTP/1.1 408 ");
    socket_peer_wait_end(&f->peer);
    assert_int_equal(f->handler.last_refusal, 408);
}

static void a_slow_body_is_answered_408_however_steadily_it_drips(void **state)
{
    struct fixture *f = *state;
    socket_peer_send_text(&f->peer, POST "Content-Length: 50000\r\n\r\n");
    for (int i = 0; i < 3; i++) {
        clock_manual_advance(&f->clock, 9 * S);
        socket_peer_send_text(&f->peer, "x");
        socket_peer_idle(&f->peer);
        assert_int_equal(f->peer.got.len, 0);
    }
    clock_manual_advance(&f->clock, 4 * S);
    socket_peer_wait_for(&f->peer, "HTTP/1.1 408 ");
    assert_int_equal(f->handler.closed, 1);
}

static void a_body_that_makes_progress_is_given_time(void **state)
{
    struct fixture *f = *state;
    char piece[10000];
    memset(piece, 'x', sizeof piece);
    socket_peer_send_text(&f->peer, POST "Content-Length: 150000\r\n\r\n");
    for (int i = 0; i < 15; i++) {
        socket_peer_send(&f->peer, bytes_from(piece, sizeof piece));
        clock_manual_advance(&f->clock, 8 * S);
        socket_peer_idle(&f->peer);
    }
    socket_peer_wait_for(&f->peer, "200 OK");
}

static void an_idle_connection_lives_longer(void **state)
{
    struct fixture *f = *state;
    socket_peer_send_text(&f->peer, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    socket_peer_wait_for(&f->peer, "200 OK");
    clock_manual_advance(&f->clock, 299 * S);
    socket_peer_idle(&f->peer);
    assert_false(f->peer.end);
    clock_manual_advance(&f->clock, 2 * S);
    socket_peer_wait_end(&f->peer);
}

static void a_peer_that_does_not_read_is_held_back_then_closed(void **state)
{
    struct fixture *f = *state;
    struct buf body = BUF_NULL;
    memset(buf_reserve(&body, 100000), 'y', 100000);
    body.len = 100000;
    const struct http_response response = {.status = 200, .body = buf_bytes(&body)};
    f->options.limits.output_bytes = 300000;
    start(f);
    connect_peer(f, 4096);
    f->handler.response = &response;
    for (int i = 0; i < 100 && f->handler.completed < 100; i++) {
        (void)!send(f->peer.fd, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27, MSG_NOSIGNAL);
        loop_turn(f->loop);
    }
    assert_in_range(f->handler.completed, 3, 6);
    clock_manual_advance(&f->clock, 31 * S);
    loop_turn(f->loop);
    assert_int_equal(http1_server_open(f->server), 0);
    assert_int_equal(counter_get(&f->counters.timeouts), 1);
    buf_deinit(&body);
}

static void a_peer_that_was_held_back_goes_on_when_it_reads(void **state)
{
    struct fixture *f = *state;
    struct buf body = BUF_NULL;
    memset(buf_reserve(&body, 100000), 'y', 100000);
    body.len = 100000;
    const struct http_response response = {.status = 200, .body = buf_bytes(&body)};
    f->options.limits.output_bytes = 300000;
    start(f);
    connect_peer(f, 4096);
    f->handler.response = &response;
    struct buf requests = BUF_NULL;
    for (int i = 0; i < 40; i++) {
        buf_append_text(&requests, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    assert_int_equal(send(f->peer.fd, requests.data, requests.len, MSG_NOSIGNAL), requests.len);
    buf_deinit(&requests);
    for (int i = 0; i < 100000 && f->peer.got.len < 40 * 100000; i++) {
        socket_peer_turn(&f->peer);
    }
    socket_peer_idle(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "200 OK"), 40);
    buf_deinit(&body);
}

static void a_refused_peer_may_still_write_without_losing_the_answer(void **state)
{
    struct fixture *f = *state;
    char piece[1000];
    memset(piece, 'x', sizeof piece);
    socket_peer_send_text(&f->peer, POST "Content-Length: 5000000\r\n\r\n");
    for (int i = 0; i < 100; i++) {
        assert_true(socket_peer_send(&f->peer, bytes_from(piece, sizeof piece)));
    }
    socket_peer_wait_for(&f->peer, "HTTP/1.1 413 ");
    socket_peer_wait_end(&f->peer);
    for (int i = 0; i < 2; i++) { /* it wrote in the first two seconds, not in the next */
        assert_int_equal(http1_server_open(f->server), 1);
        clock_manual_advance(&f->clock, 2 * S + NS_PER_MS * 10);
        loop_turn(f->loop);
    }
    assert_int_equal(http1_server_open(f->server), 0);
}

static void a_peer_that_writes_all_of_its_body_before_it_reads_gets_the_answer(void **state)
{
    struct fixture *f = *state;
    char piece[65536];
    memset(piece, 'x', sizeof piece);
    socket_peer_send_text(&f->peer, POST "Content-Length: 7864320\r\n\r\n");
    for (int i = 0; i < 120; i++) {
        assert_true(socket_peer_send(&f->peer, bytes_from(piece, sizeof piece)));
    }
    socket_peer_wait_for(&f->peer, "HTTP/1.1 413 ");
    socket_peer_wait_end(&f->peer);
    assert_int_equal(http1_server_open(f->server), 1);
}

static void a_lingering_peer_has_time_as_long_as_it_writes(void **state)
{
    struct fixture *f = *state;
    char piece[4000];
    memset(piece, 'x', sizeof piece);
    socket_peer_send_text(&f->peer, POST "Content-Length: 5000000\r\n\r\n");
    for (int seconds = 0; seconds < 29; seconds++) {
        assert_true(socket_peer_send(&f->peer, bytes_from(piece, sizeof piece)));
        clock_manual_advance(&f->clock, S);
        socket_peer_idle(&f->peer);
        assert_int_equal(http1_server_open(f->server), 1);
    }
    for (int seconds = 0; seconds < 5 && http1_server_open(f->server) != 0; seconds++) {
        (void)socket_peer_send(&f->peer, bytes_from(piece, sizeof piece));
        clock_manual_advance(&f->clock, S);
        socket_peer_idle(&f->peer);
    }
    assert_int_equal(http1_server_open(f->server), 0);
}

static void a_lingering_peer_that_writes_on_and_on_is_cut_off(void **state)
{
    struct fixture *f = *state;
    char piece[65536];
    memset(piece, 'x', sizeof piece);
    socket_peer_send_text(&f->peer, POST "Content-Length: 5000000\r\n\r\n");
    int sent = 0;
    while (sent < 1000 && socket_peer_send(&f->peer, bytes_from(piece, sizeof piece))) {
        sent++;
    }
    assert_in_range(sent, 122, 160); /* four times the limit, and what the kernel holds */
    assert_int_equal(http1_server_open(f->server), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_silent_peer_is_closed),
        TEST(a_slow_head_is_answered_408_however_steadily_it_drips),
        TEST(a_slow_body_is_answered_408_however_steadily_it_drips),
        TEST(a_body_that_makes_progress_is_given_time),
        TEST(an_idle_connection_lives_longer),
        TEST_STOPPED(a_peer_that_does_not_read_is_held_back_then_closed),
        TEST_STOPPED(a_peer_that_was_held_back_goes_on_when_it_reads),
        TEST(a_refused_peer_may_still_write_without_losing_the_answer),
        TEST(a_peer_that_writes_all_of_its_body_before_it_reads_gets_the_answer),
        TEST(a_lingering_peer_has_time_as_long_as_it_writes),
        TEST(a_lingering_peer_that_writes_on_and_on_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
