/* HTTP/2 peers that are slow, silent or old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/net/http2_fixture.h"

static void a_peer_that_stays_silent_is_closed(void **state)
{
    struct fixture *f = *state;
    clock_manual_advance(&f->clock, 11 * S);
    loop_turn(f->loop);
    assert_int_equal(http2_server_open(f->server), 0);
    again(f);
    socket_peer_send_text(&f->peer.socket, "PRI * HTTP/2.0\r\n\r\n");
    clock_manual_advance(&f->clock, 11 * S);
    loop_turn(f->loop);
    assert_int_equal(http2_server_open(f->server), 0);
    assert_int_equal(counter_get(&f->counters.timeouts), 2);
}

static void a_header_block_that_does_not_end_is_closed(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    http2_peer_raw(&f->peer, NGHTTP2_HEADERS, 0, 1, get_block, sizeof get_block);
    clock_manual_advance(&f->clock, 9 * S);
    http2_peer_raw(&f->peer, NGHTTP2_CONTINUATION, 0, 1, "\x40\1a\1b", 5);
    assert_int_equal(http2_server_open(f->server), 1);
    clock_manual_advance(&f->clock, 2 * S);
    loop_turn(f->loop);
    assert_int_equal(http2_server_open(f->server), 0);
}

static void a_refused_header_block_leaves_no_clock_running(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    http2_peer_raw(&f->peer, NGHTTP2_HEADERS, END_STREAM | END_HEADERS, 1, "\x82\x82\x86\x84", 4);
    socket_peer_idle(&f->peer.socket);
    clock_manual_advance(&f->clock, 20 * S);
    loop_turn(f->loop);
    assert_int_equal(http2_server_open(f->server), 1);
}

static void a_slow_body_is_cancelled_and_its_neighbours_live(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    http2_peer_idle(&f->peer);
    raw_post(f, 1);
    raw_post(f, 3);
    http2_peer_raw(&f->peer, NGHTTP2_DATA, END_STREAM, 3, "x", 1);
    http2_peer_raw(&f->peer, NGHTTP2_DATA, 0, 1, "x", 1);
    for (int i = 0; i < 4; i++) {
        clock_manual_advance(&f->clock, 9 * S);
        http2_peer_raw(&f->peer, NGHTTP2_DATA, 0, 1, "x", 1);
        socket_peer_idle(&f->peer.socket);
    }
    assert_int_equal(f->handler.closed, 1);
    assert_int_equal(f->handler.waiting_count, 1);
    assert_int_equal(http2_server_open(f->server), 1);
    assert_int_equal(counter_get(&f->counters.timeouts), 1);
}

static void an_idle_connection_is_ended_politely(void **state)
{
    struct fixture *f = *state;
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_wait(&f->peer, answer);
    clock_manual_advance(&f->clock, 299 * S);
    http2_peer_idle(&f->peer);
    assert_false(f->peer.goaway);
    clock_manual_advance(&f->clock, 2 * S);
    http2_peer_wait_goaway(&f->peer, NGHTTP2_NO_ERROR);
    http2_peer_wait_end(&f->peer);
}

static void a_peer_that_does_not_answer_a_ping_is_given_up(void **state)
{
    struct fixture *f = *state;
    f->options.limits.keepalive = (struct http2_keepalive_limits){100 * S, 20 * S, 0, 0, 0};
    f->handler.later = true;
    start(f);
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    for (int i = 0; i < 5; i++) { /* the client's session answers */
        http2_peer_idle(&f->peer);
        clock_manual_advance(&f->clock, 101 * S);
    }
    http2_peer_idle(&f->peer);
    assert_int_equal(http2_server_open(f->server), 1);
    clock_manual_advance(&f->clock, 101 * S);
    loop_turn(f->loop); /* asked, and nobody turns the client */
    assert_int_equal(http2_server_open(f->server), 1);
    clock_manual_advance(&f->clock, 21 * S);
    loop_turn(f->loop);
    assert_int_equal(http2_server_open(f->server), 0);
    assert_int_equal(f->handler.closed, 1);
    assert_int_equal(counter_get(&f->counters.timeouts), 1);
    assert_false(answer->closed);
    f->handler.waiting_count = 0;
}

static void too_many_pings_end_the_connection_where_that_is_wanted(void **state)
{
    struct fixture *f = *state;
    f->options.limits.keepalive.least_between_ns = 10 * S;
    start(f);
    for (unsigned i = 0; i < 4; i++) {
        http2_peer_idle(&f->peer);
        assert_false(f->peer.goaway);
        nghttp2_submit_ping(f->peer.session, NGHTTP2_FLAG_NONE, NULL);
    }
    http2_peer_wait_goaway(&f->peer, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_string_equal("too_many_pings", f->peer.goaway_text);
    http2_peer_wait_end(&f->peer);
}

static void an_old_connection_is_sent_away_and_finishes_what_is_open(void **state)
{
    struct fixture *f = *state;
    f->options.limits.keepalive = (struct http2_keepalive_limits){0, 20 * S, 0, 100 * S, 30 * S};
    f->handler.later = true;
    start(f);
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_idle(&f->peer);
    clock_manual_advance(&f->clock, 111 * S);
    http2_peer_wait_goaway(&f->peer, NGHTTP2_NO_ERROR);
    assert_int_equal(http2_server_open(f->server), 1);
    fake_handler_answer(&f->handler);
    http2_peer_wait(&f->peer, answer);
    assert_true(bytes_is(buf_bytes(&answer->body), "x"));
    http2_peer_wait_end(&f->peer);
}

static void what_outlives_the_grace_of_an_old_connection_is_closed(void **state)
{
    struct fixture *f = *state;
    f->options.limits.keepalive = (struct http2_keepalive_limits){0, 20 * S, 0, 100 * S, 30 * S};
    f->handler.later = true;
    start(f);
    http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_idle(&f->peer);
    clock_manual_advance(&f->clock, 111 * S);
    http2_peer_wait_goaway(&f->peer, NGHTTP2_NO_ERROR);
    clock_manual_advance(&f->clock, 31 * S);
    loop_turn(f->loop);
    assert_int_equal(http2_server_open(f->server), 0);
    assert_int_equal(f->handler.closed, 1);
    f->handler.waiting_count = 0;
}

static void a_peer_that_opens_no_window_is_closed(void **state)
{
    struct fixture *f = *state;
    struct buf buf = BUF_NULL;
    const struct http_response response = {.status = 200, .body = filled(&buf, 100000)};
    f->handler.response = &response;
    http2_peer_idle(&f->peer);
    http2_peer_raw(&f->peer, NGHTTP2_SETTINGS, 0, 0, "\0\4\0\0\0\1", 6);
    for (uint32_t id = 1; id < 300; id += 2) {
        raw_get(f, id);
    }
    socket_peer_idle(&f->peer.socket);
    assert_in_range(f->handler.answered, 41, 44);
    clock_manual_advance(&f->clock, 31 * S);
    loop_turn(f->loop);
    assert_int_equal(http2_server_open(f->server), 0);
    buf_deinit(&buf);
}

static void a_peer_that_does_not_read_is_closed(void **state)
{
    struct fixture *f = *state;
    struct buf buf = BUF_NULL;
    const struct http_response response = {.status = 200, .body = filled(&buf, 1000000)};
    f->handler.response = &response;
    http2_peer_idle(&f->peer);
    http2_peer_raw(&f->peer, NGHTTP2_SETTINGS, 0, 0, "\0\4\x7f\xff\xff\xff", 6);
    http2_peer_raw(&f->peer, NGHTTP2_WINDOW_UPDATE, 0, 0, "\x7f\0\0\0", 4);
    for (uint32_t id = 1; id < 11; id += 2) {
        raw_get(f, id);
    }
    for (int i = 0; i < 20; i++) {
        loop_turn(f->loop);
    }
    assert_int_equal(http2_server_open(f->server), 1);
    for (int i = 0; i < 2; i++) { /* the first period had the bytes that fit into the socket */
        clock_manual_advance(&f->clock, 31 * S);
        loop_turn(f->loop);
    }
    assert_int_equal(http2_server_open(f->server), 0);
    buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_peer_that_stays_silent_is_closed),
        TEST(a_header_block_that_does_not_end_is_closed),
        TEST(a_refused_header_block_leaves_no_clock_running),
        TEST(a_slow_body_is_cancelled_and_its_neighbours_live),
        TEST(an_idle_connection_is_ended_politely),
        TEST_STOPPED(a_peer_that_does_not_answer_a_ping_is_given_up),
        TEST_STOPPED(too_many_pings_end_the_connection_where_that_is_wanted),
        TEST_STOPPED(an_old_connection_is_sent_away_and_finishes_what_is_open),
        TEST_STOPPED(what_outlives_the_grace_of_an_old_connection_is_closed),
        TEST(a_peer_that_opens_no_window_is_closed),
        TEST(a_peer_that_does_not_read_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
