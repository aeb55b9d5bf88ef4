/* Requests and answers over HTTP/1.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/http1_fixture.h"
#include "tests/support/failing_malloc.h"

static void a_request_is_answered(void **state)
{
    struct fixture *f = *state;
    socket_peer_send_text(
        &f->peer, "POST /v1/traces?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    socket_peer_wait_for(&f->peer, "hello");
    buf_append_char(&f->peer.got, '\0');
    assert_string_equal(
        (const char *)f->peer.got.data,
        "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
        "Content-Length: 5\r\n\r\nhello");
    assert_seen(f, "POST /v1/traces?a=b 5\n");
    assert_int_equal(f->handler.last_announced, 5);
    assert_int_equal(http1_server_open(f->server), 1);
}

static const char three_requests[] =
    "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    "GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
    "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nContent-Length: 7\r\n\r\n"
    "GET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
static const char three_seen[] = "POST /a? 5\nGET /b? 0\nPOST /c? 5\nGET /d? 0\n";

static void requests_may_come_one_byte_at_a_time(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i + 1 < sizeof three_requests; i++) {
        assert_true(socket_peer_send(&f->peer, bytes_from(three_requests + i, 1)));
    }
    socket_peer_wait_end(&f->peer);
    assert_seen(f, three_seen);
}

static void requests_may_be_split_anywhere(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 1; i + 1 < sizeof three_requests; i++) {
        socket_peer_send(&f->peer, bytes_from(three_requests, i));
        socket_peer_send(&f->peer, bytes_from(three_requests + i, sizeof three_requests - 1 - i));
        socket_peer_wait_end(&f->peer);
        assert_seen(f, three_seen);
        again(f);
    }
}

static void a_large_body_arrives_whole(void **state)
{
    struct fixture *f = *state;
    struct buf request = BUF_NULL;
    struct buf body = BUF_NULL;
    for (unsigned i = 0; i < 500000; i++) {
        buf_append(&body, (const uint8_t[]){(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}, 3);
    }
    buf_printf(&request, POST "Content-Length: %zu\r\n\r\n", body.len);
    buf_append_bytes(&request, buf_bytes(&body));
    socket_peer_send(&f->peer, buf_bytes(&request));
    while (f->peer.got.len < body.len + 100) {
        socket_peer_turn(&f->peer);
    }
    socket_peer_idle(&f->peer);
    assert_memory_equal(f->peer.got.data + f->peer.got.len - body.len, body.data, body.len);
    buf_deinit(&request);
    buf_deinit(&body);
}

static void continue_is_sent_after_the_handler_agreed(void **state)
{
    struct fixture *f = *state;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    socket_peer_wait_for(&f->peer, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_int_equal(f->handler.begun, 1);
    socket_peer_send_text(&f->peer, "hello");
    socket_peer_wait_for(&f->peer, "hello");
    again(f);
    f->handler.begin_answers = 401;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "100 Continue"), 0);
    assert_int_equal(socket_peer_count(&f->peer, "HTTP/1.1 401 "), 1);
}

static void an_early_refusal_keeps_the_connection_when_the_body_is_small(void **state)
{
    struct fixture *f = *state;
    f->handler.begin_answers = 429;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhe");
    socket_peer_wait_for(&f->peer, "HTTP/1.1 429 ");
    socket_peer_send_text(&f->peer, "llo" CHUNKED "5\r\nGET /\r\n0\r\n\r\n");
    f->handler.begin_answers = 0;
    socket_peer_send_text(&f->peer, "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    socket_peer_wait_for(&f->peer, "HTTP/1.1 200 ");
    assert_int_equal(socket_peer_count(&f->peer, "Connection: close"), 0);
    assert_seen(f, "GET /next? 0\n");
    assert_int_equal(socket_peer_count(&f->peer, "HTTP/1.1 429 "), 2);
}

static void an_early_refusal_of_a_large_body_closes(void **state)
{
    struct fixture *f = *state;
    f->handler.begin_answers = 429;
    socket_peer_send_text(&f->peer, POST "Content-Length: 1500000\r\n\r\nhe");
    socket_peer_wait_for(&f->peer, "HTTP/1.1 429 ");
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "Connection: close"), 1);
    assert_int_equal(f->handler.closed, 0);
}

static void http10_is_answered_and_closed(void **state)
{
    struct fixture *f = *state;
    socket_peer_send_text(&f->peer, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "HTTP/1.1 200 OK"), 1);
    assert_int_equal(socket_peer_count(&f->peer, "Connection: close"), 1);
}

static void head_is_answered_without_a_body(void **state)
{
    struct fixture *f = *state;
    static const struct http_response response = {.status = 200,
                                                  .body = {(const uint8_t *)"hello", 5}};
    f->handler.response = &response;
    socket_peer_send_text(&f->peer, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "Content-Length: 5\r\n"), 1);
    assert_int_equal(socket_peer_count(&f->peer, "hello"), 0);
}

static void headers_of_an_answer_cannot_smuggle_others(void **state)
{
    struct fixture *f = *state;
    static const struct http_header headers[] = {
        {BYTES_LITERAL("X-Good"), BYTES_LITERAL("1")},
        {BYTES_LITERAL("X-Bad"), BYTES_LITERAL("1\r\nX-Evil: 2")}};
    const struct http_response response = {.status = 204, .headers = headers, .header_count = 2};
    f->handler.response = &response;
    socket_peer_send_text(&f->peer, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "X-Good: 1\r\n"), 1);
    assert_int_equal(socket_peer_count(&f->peer, "X-Evil"), 0);
    assert_int_equal(socket_peer_count(&f->peer, "Content-Length"), 0);
}

static void draining_closes_the_idle_and_finishes_the_busy(void **state)
{
    struct fixture *f = *state;
    struct socket_peer busy;
    f->handler.later = true;
    http1_server_accept(f->server, socket_peer_open(&busy, f->loop, 0));
    socket_peer_send_text(&busy, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    socket_peer_idle(&busy);
    http1_server_drain(f->server);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(http1_server_open(f->server), 1);
    fake_handler_answer(&f->handler);
    socket_peer_wait_end(&busy);
    assert_int_equal(socket_peer_count(&busy, "Connection: close"), 1);
    socket_peer_close(&busy);
    again(f);
    socket_peer_wait_end(&f->peer);
}

static void connections_beyond_the_limit_are_closed_at_once(void **state)
{
    struct fixture *f = *state;
    f->options.limits.connections = 1;
    start(f);
    connect_peer(f, 0);
    struct socket_peer other;
    http1_server_accept(f->server, socket_peer_open(&other, f->loop, 0));
    socket_peer_wait_end(&other);
    socket_peer_close(&other);
    assert_int_equal(counter_get(&f->counters.refused_connections), 1);
    socket_peer_send_text(&f->peer, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    socket_peer_wait_for(&f->peer, "200 OK");
}

static void a_server_that_is_freed_tells_its_handler(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhello");
    socket_peer_idle(&f->peer);
    http1_server_free(f->server);
    f->server = NULL;
    assert_int_equal(f->handler.closed, 1);
}

static void a_post_without_a_length_may_be_allowed(void **state)
{
    struct fixture *f = *state;
    f->options.post_without_length = true;
    start(f);
    connect_peer(f, 0);
    socket_peer_send_text(&f->peer, POST "\r\n");
    socket_peer_wait_for(&f->peer, "200 OK");
}

/* Whatever allocation fails, the connection ends or answers, and nothing leaks; in the end all
 * succeeds. */
static void every_failing_allocation_is_survived(void **state)
{
    struct fixture *f = *state;
    for (size_t good = 0;; good++) {
        socket_peer_close(&f->peer);
        struct transport *transport = socket_peer_open(&f->peer, f->loop, 0);
        assert_int_equal(send(f->peer.fd, three_requests, sizeof three_requests - 1, MSG_NOSIGNAL),
                         sizeof three_requests - 1);
        buf_reset(&f->handler.seen);
        assert_non_null(buf_reserve(&f->handler.seen, 200));
        failing_malloc_begin(good);
        http1_server_accept(f->server, transport);
        for (int i = 0; i < 5; i++) {
            loop_turn(f->loop);
        }
        size_t asked = failing_malloc_end();
        assert_false(f->handler.seen.failed);
        socket_peer_wait_end(&f->peer);
        if (good >= asked) {
            break;
        }
    }
    assert_seen(f, three_seen);
    assert_int_equal(socket_peer_count(&f->peer, "200 OK"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered),
        TEST(requests_may_come_one_byte_at_a_time),
        TEST(requests_may_be_split_anywhere),
        TEST(a_large_body_arrives_whole),
        TEST(continue_is_sent_after_the_handler_agreed),
        TEST(an_early_refusal_keeps_the_connection_when_the_body_is_small),
        TEST(an_early_refusal_of_a_large_body_closes),
        TEST(http10_is_answered_and_closed),
        TEST(head_is_answered_without_a_body),
        TEST(headers_of_an_answer_cannot_smuggle_others),
        TEST(draining_closes_the_idle_and_finishes_the_busy),
        TEST_STOPPED(connections_beyond_the_limit_are_closed_at_once),
        TEST(a_server_that_is_freed_tells_its_handler),
        TEST_STOPPED(a_post_without_a_length_may_be_allowed),
        TEST(every_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
