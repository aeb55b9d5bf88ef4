/* Requests and answers over HTTP/2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/http2_fixture.h"

static void a_request_is_answered(void **state)
{
    struct fixture *f = *state;
    static const char *const headers[] = {"content-type", "text/plain", "user-agent", "test", NULL};
    struct http2_answer *answer =
        http2_peer_request(&f->peer, "POST", "/a/b?c=d", bytes_of("hello"), headers);
    http2_peer_wait(&f->peer, answer);
    assert_int_equal(answer->reset, NGHTTP2_NO_ERROR);
    assert_true(http2_peer_has(&answer->headers, ":status: 200\n"));
    assert_true(http2_peer_has(&answer->headers, "content-length: 5\n"));
    assert_true(http2_peer_has(&answer->headers, "date: Sun, 06 Nov 1994 08:49:37 GMT\n"));
    assert_true(bytes_is(buf_bytes(&answer->body), "hello"));
    assert_true(bytes_is(buf_bytes(&f->handler.seen), "POST /a/b?c=d 5\n"));
    assert_int_equal(f->handler.last_announced, UINT64_MAX);
    assert_int_equal(f->peer.max_streams, 256);
}

static void a_request_may_come_one_byte_at_a_time(void **state)
{
    struct fixture *f = *state;
    const uint8_t *data;
    struct http2_answer *answer =
        http2_peer_request(&f->peer, "POST", "/", bytes_of("hello"), NULL);
    for (ssize_t len; (len = nghttp2_session_mem_send(f->peer.session, &data)) > 0;) {
        for (ssize_t i = 0; i < len; i++) {
            assert_true(socket_peer_send(&f->peer.socket, bytes_from(data + i, 1)));
        }
    }
    http2_peer_wait(&f->peer, answer);
    assert_true(bytes_is(buf_bytes(&answer->body), "hello"));
}

static void many_streams_are_answered_in_any_order(void **state)
{
    struct fixture *f = *state;
    struct http2_answer *answers[200];
    char bodies[200][8];
    f->handler.later = true;
    for (int i = 0; i < 200; i++) {
        snprintf(bodies[i], sizeof bodies[i], "body%d", i);
        answers[i] = http2_peer_request(&f->peer, "POST", "/", bytes_of(bodies[i]), NULL);
    }
    http2_peer_idle(&f->peer);
    assert_int_equal(f->handler.waiting_count, 200);
    for (int i = 0; i < 100; i++) {
        struct http_request *last = f->handler.waiting[99 - i];
        f->handler.waiting[99 - i] = f->handler.waiting[i];
        f->handler.waiting[i] = last;
    }
    while (f->handler.waiting_count != 0) {
        fake_handler_answer(&f->handler);
    }
    for (int i = 0; i < 200; i++) {
        http2_peer_wait(&f->peer, answers[i]);
        assert_true(bytes_is(buf_bytes(&answers[i]->body), bodies[i]));
    }
}

static void a_large_body_arrives_whole(void **state)
{
    struct fixture *f = *state;
    struct buf buf = BUF_NULL;
    struct bytes body = filled(&buf, BODY_LIMIT);
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", body, NULL);
    http2_peer_wait(&f->peer, answer);
    assert_true(bytes_equal(buf_bytes(&answer->body), body));
    buf_deinit(&buf);
}

static const struct http_header trailers[] = {
    {BYTES_LITERAL("grpc-status"), BYTES_LITERAL("0")},
    {BYTES_LITERAL("Grpc-Message"), BYTES_LITERAL("fine")}};

/* Requests 1, 3, ... of 135 KB, which become whole with one write of their last bytes. */
static void send_large_requests(struct fixture *f, uint32_t count)
{
    static uint8_t part[15000];
    struct buf ends = BUF_NULL;
    http2_peer_idle(&f->peer);
    for (uint32_t id = 1; id < 2 * count; id += 2) {
        const uint8_t end[] = {0, 0, 1, NGHTTP2_DATA, END_STREAM, 0, 0, 0, (uint8_t)id, 'x'};
        raw_post(f, id);
        for (int i = 0; i < 9; i++) {
            http2_peer_raw(&f->peer, NGHTTP2_DATA, 0, id, part, sizeof part);
        }
        socket_peer_idle(&f->peer.socket);
        buf_append(&ends, end, sizeof end);
    }
    assert_int_equal(f->handler.completed, 0);
    socket_peer_send(&f->peer.socket, buf_bytes(&ends)); /* turns the loop once */
    buf_deinit(&ends);
}

/* Neighbours wait for each. */
static void large_requests_are_handed_over_one_in_a_turn(void **state)
{
    struct fixture *f = *state;
    send_large_requests(f, 8);
    assert_int_equal(f->handler.completed, 1);
    for (unsigned i = 1; i < 8; i += 2) {
        assert_true(f->handler.completed <= i);
        loop_turn(f->loop); /* due timers, and what the loop finds ready: two turns */
    }
    socket_peer_idle(&f->peer.socket);
    assert_int_equal(f->handler.answered, 8);
}

static void a_peer_that_goes_while_requests_wait_for_a_turn_is_forgotten(void **state)
{
    struct fixture *f = *state;
    send_large_requests(f, 8);
    http2_peer_close(&f->peer);
    http2_server_free(f->server);
    assert_int_equal(f->handler.completed, 1);
    assert_int_equal(f->handler.closed, 7);
    start(f);
}

static void requests_that_wait_for_a_turn_are_dropped_with_their_connection(void **state)
{
    struct fixture *f = *state;
    send_large_requests(f, 8);
    for (int i = 0; i < 100000 && !f->peer.socket.end; i++) {
        http2_peer_raw(&f->peer, NGHTTP2_PING, 0, 0, "1", 1);
        socket_peer_turn(&f->peer.socket);
    }
    http2_peer_wait_end(&f->peer);
    assert_int_equal(f->handler.completed + f->handler.closed, 8);
}

static void an_answer_may_end_with_trailers(void **state)
{
    struct fixture *f = *state;
    const struct http_response response = {.status = 200,
                                           .content_type = "application/grpc",
                                           .trailers = trailers,
                                           .trailer_count = 2,
                                           .body = {(const uint8_t *)"\0\0\0\0\0", 5}};
    f->handler.response = &response;
    struct http2_answer *answer =
        http2_peer_request(&f->peer, "POST", "/", bytes_from("\0\0\0\0\1x", 6), grpc);
    http2_peer_wait(&f->peer, answer);
    assert_int_equal(answer->body.len, 5);
    assert_false(http2_peer_has(&answer->headers, "grpc-status"));
    assert_true(http2_peer_has(&answer->trailers, "grpc-status: 0\n"));
    assert_true(http2_peer_has(&answer->trailers, "grpc-message: fine\n"));
}

static void an_answer_may_be_trailers_only(void **state)
{
    struct fixture *f = *state;
    const struct http_response response = {.status = 200,
                                           .content_type = "application/grpc",
                                           .trailers = trailers,
                                           .trailer_count = 2};
    f->handler.response = &response;
    struct http2_answer *answer =
        http2_peer_request(&f->peer, "POST", "/", bytes_from("\0\0\0\0\1x", 6), grpc);
    http2_peer_wait(&f->peer, answer);
    assert_int_equal(answer->body.len + answer->trailers.len, 0);
    assert_true(http2_peer_has(&answer->headers, "grpc-status: 0\n"));
    assert_false(http2_peer_has(&answer->headers, "content-length"));
}

static void an_answer_may_go_on(void **state)
{
    struct fixture *f = *state;
    static const struct http_header last[] = {{BYTES_LITERAL("grpc-status"), BYTES_LITERAL("0")}};
    static const struct http_response parts[] = {
        {.status = 200, .body = BYTES_LITERAL("one "), .more = true},
        {.status = 200, .body = BYTES_LITERAL("two "), .more = true},
        {.status = 200, .body = BYTES_LITERAL("three"), .trailers = last, .trailer_count = 1},
    };
    f->handler.later = true;
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_idle(&f->peer);
    struct http_request *request = f->handler.waiting[0];
    http_respond(request, &parts[0]);
    http2_peer_idle(&f->peer);
    assert_true(bytes_is(buf_bytes(&answer->body), "one "));
    assert_true(http2_peer_has(&answer->headers, ":status: 200\n"));
    assert_false(http2_peer_has(&answer->headers, "content-length: 4\n"));
    clock_manual_advance(&f->clock, 1000 * S); /* nothing is late, nothing is idle */
    http2_peer_idle(&f->peer);
    assert_false(answer->closed);
    http_respond(request, &parts[1]);
    f->handler.response = &parts[2];
    fake_handler_answer(&f->handler);
    http2_peer_wait(&f->peer, answer);
    assert_true(bytes_is(buf_bytes(&answer->body), "one two three"));
    assert_true(http2_peer_has(&answer->trailers, "grpc-status: 0\n"));
    assert_int_equal(answer->reset, NGHTTP2_NO_ERROR);
    assert_int_equal(f->handler.closed, 0);
}

static void a_peer_may_leave_an_answer_that_goes_on(void **state)
{
    struct fixture *f = *state;
    static const struct http_response part = {
        .status = 200, .body = BYTES_LITERAL("one"), .more = true};
    f->handler.later = true;
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_idle(&f->peer);
    http_respond(f->handler.waiting[0], &part);
    http2_peer_idle(&f->peer);
    nghttp2_submit_rst_stream(f->peer.session, NGHTTP2_FLAG_NONE,
                              http2_peer_stream(&f->peer, answer), NGHTTP2_CANCEL);
    http2_peer_idle(&f->peer);
    assert_int_equal(f->handler.closed, 1);
    f->handler.waiting_count = 0;
}

static void draining_finishes_what_is_open(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_idle(&f->peer);
    http2_server_drain(f->server);
    http2_peer_wait_goaway(&f->peer, NGHTTP2_NO_ERROR);
    assert_int_equal(http2_server_open(f->server), 1);
    fake_handler_answer(&f->handler);
    http2_peer_wait(&f->peer, answer);
    assert_true(bytes_is(buf_bytes(&answer->body), "x"));
    http2_peer_wait_end(&f->peer);
}

static void an_answer_may_close_the_connection(void **state)
{
    struct fixture *f = *state;
    static const struct http_response response = {.status = 200, .close = true};
    f->handler.response = &response;
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_wait(&f->peer, answer);
    http2_peer_wait_goaway(&f->peer, NGHTTP2_NO_ERROR);
    http2_peer_wait_end(&f->peer);
}

static void headers_of_an_answer_are_lower_case_and_one_line(void **state)
{
    struct fixture *f = *state;
    static const struct http_header headers[] = {
        {BYTES_LITERAL("Retry-After"), BYTES_LITERAL("7")},
        {BYTES_LITERAL("x-bad"), BYTES_LITERAL("1\r\nx-evil: 2")},
        {BYTES_LITERAL("Connection"), BYTES_LITERAL("close")}};
    static const struct http_response response = {
        .status = 503, .headers = headers, .header_count = 3};
    f->handler.response = &response;
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_wait(&f->peer, answer);
    assert_int_equal(answer->reset, NGHTTP2_NO_ERROR);
    assert_true(http2_peer_has(&answer->headers, "retry-after: 7\n"));
    assert_false(http2_peer_has(&answer->headers, "evil"));
    assert_false(http2_peer_has(&answer->headers, "connection"));
}

static void a_half_closed_connection_is_still_answered(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_idle(&f->peer);
    shutdown(f->peer.socket.fd, SHUT_WR);
    http2_peer_idle(&f->peer);
    fake_handler_answer(&f->handler);
    http2_peer_wait(&f->peer, answer);
    assert_true(bytes_is(buf_bytes(&answer->body), "x"));
    http2_peer_wait_end(&f->peer);
}

static void a_reset_request_is_forgotten(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    struct http2_answer *other = http2_peer_request(&f->peer, "POST", "/", bytes_of("y"), NULL);
    http2_peer_idle(&f->peer);
    assert_int_equal(f->handler.waiting_count, 2);
    nghttp2_submit_rst_stream(f->peer.session, 0, http2_peer_stream(&f->peer, answer),
                              NGHTTP2_CANCEL);
    http2_peer_idle(&f->peer);
    assert_int_equal(f->handler.closed, 1);
    fake_handler_answer(&f->handler);
    http2_peer_wait(&f->peer, other);
    assert_true(bytes_is(buf_bytes(&other->body), "y"));
}

static void a_peer_that_goes_is_forgotten_with_all_its_requests(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    for (int i = 0; i < 10; i++) {
        http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    }
    http2_peer_idle(&f->peer);
    http2_peer_close(&f->peer);
    for (int i = 0; i < 5; i++) {
        loop_turn(f->loop);
    }
    http2_server_free(f->server);
    f->server = NULL;
    assert_int_equal(f->handler.waiting_count, 0);
}

static void a_peer_that_goes_within_a_body_is_forgotten(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    raw_post(f, 1);
    http2_peer_raw(&f->peer, NGHTTP2_DATA, 0, 1, "x", 1);
    http2_peer_idle(&f->peer);
    shutdown(f->peer.socket.fd, SHUT_WR);
    http2_peer_wait_end(&f->peer);
    assert_int_equal(f->handler.closed, 1);
    assert_int_equal(http2_server_open(f->server), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered),
        TEST(a_request_may_come_one_byte_at_a_time),
        TEST(many_streams_are_answered_in_any_order),
        TEST(a_large_body_arrives_whole),
        TEST(large_requests_are_handed_over_one_in_a_turn),
        TEST(a_peer_that_goes_while_requests_wait_for_a_turn_is_forgotten),
        TEST(requests_that_wait_for_a_turn_are_dropped_with_their_connection),
        TEST(an_answer_may_end_with_trailers),
        TEST(an_answer_may_be_trailers_only),
        TEST(an_answer_may_go_on),
        TEST(a_peer_may_leave_an_answer_that_goes_on),
        TEST(draining_finishes_what_is_open),
        TEST(an_answer_may_close_the_connection),
        TEST(headers_of_an_answer_are_lower_case_and_one_line),
        TEST(a_half_closed_connection_is_still_answered),
        TEST(a_reset_request_is_forgotten),
        TEST(a_peer_that_goes_is_forgotten_with_all_its_requests),
        TEST(a_peer_that_goes_within_a_body_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
