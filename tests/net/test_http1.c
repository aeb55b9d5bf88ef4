#include "daemon/net/http1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/fake_handler.h"
#include "tests/net/socket_peer.h"
#include "tests/support/failing_malloc.h"

#define S NS_PER_S

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_counters counters;
    struct fake_handler handler;
    struct http1_options options;
    struct http1_server *server;
    struct socket_peer peer;
};

static void start(struct fixture *f)
{
    assert_int_equal(http1_server_new(&f->server, &f->options), 0);
}

static void connect_peer(struct fixture *f, int buffer_bytes)
{
    http1_server_accept(f->server, socket_peer_open(&f->peer, f->loop, buffer_bytes));
}

static int setup_stopped(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->clock = clock_manual_at(1000 * S, 784111777 * S);
    assert_int_equal(loop_new_with_clock(&f->loop, &f->clock.base), 0);
    f->options = (struct http1_options){.loop = f->loop,
                                        .limits = HTTP_LIMITS_DEFAULT,
                                        .handler = &fake_handler_type,
                                        .self = &f->handler,
                                        .counters = &f->counters};
    f->options.limits.body_bytes = 2000000;
    f->peer.fd = -1;
    *state = f;
    return 0;
}

static int setup(void **state)
{
    setup_stopped(state);
    start(*state);
    connect_peer(*state, 0);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    http1_server_free(f->server);
    assert_int_equal(f->handler.waiting_count, 0);
    assert_int_equal(counter_get(&f->counters.connections_opened),
                     counter_get(&f->counters.connections_closed));
    socket_peer_close(&f->peer);
    fake_handler_deinit(&f->handler);
    loop_free(f->loop);
    free(f);
    return 0;
}

static void again(struct fixture *f)
{
    socket_peer_close(&f->peer);
    connect_peer(f, 0);
}

static void assert_seen(struct fixture *f, const char *text)
{
    buf_append_char(&f->handler.seen, '\0');
    assert_string_equal((const char *)f->handler.seen.data, text);
    buf_reset(&f->handler.seen);
}

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

/* The request, and the status that answers it and ends the connection. */
struct refusal {
    const char *request;
    unsigned status;
};

#define HOST    "Host: x\r\n"
#define POST    "POST / HTTP/1.1\r\nHost: x\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

static const struct refusal refusals[] = {
    {POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
    {POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
    {POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
    {POST "Content-Length: 5, 6\r\n\r\n", 400},
    {POST "Content-Length: +5\r\n\r\n", 400},
    {POST "Content-Length: -1\r\n\r\n", 400},
    {POST "Content-Length: 5 5\r\n\r\n", 400},
    {POST "Content-Length: 0x5\r\n\r\n", 400},
    {POST "Content-Length: \r\n\r\n", 400},
    {POST "Content-Length: 18446744073709551616\r\n\r\n", 400},
    {POST "Content-Length: 18446744073709551615\r\n\r\n", 413},
    {POST "Content-Length: 2000001\r\n\r\n", 413},
    {POST "\r\n", 411},
    {"PUT / HTTP/1.1\r\nHost: x\r\n\r\n", 411},
    {POST "Transfer-Encoding: xchunked\r\n\r\n", 501},
    {POST "Transfer-Encoding: chunked, identity\r\n\r\n", 400},
    {POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {POST "Transfer-Encoding : chunked\r\n\r\n", 400},
    {POST "Content-Length : 1\r\n\r\nx", 400},
    {POST ": x\r\n\r\n", 400},
    {POST "no colon\r\n\r\n", 400},
    {POST "A: b\r\n c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400},
    {"GET / HTTP/1.1\nHost: x\n\n", 400},
    {"GET / HTTP/1.1\r\nHost: x\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: x\r\nA\x80: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"GET /\r\n\r\n", 400},
    {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.1 \r\n" HOST "\r\n", 400},
    {" GET / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET / http/1.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/9.9\r\n" HOST "\r\n", 505},
    {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"GET x HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /\x80 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET http:///a HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET http://h?a/b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"FOO / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"get / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"TRACE / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 501},
    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 400},
    {POST "Expect: foo\r\nContent-Length: 1\r\n\r\n", 417},
    {CHUNKED "ffffffffffffffff\r\n", 400},
    {CHUNKED "10000000000000000\r\n", 400},
    {CHUNKED "-1\r\n", 400},
    {CHUNKED "0x10\r\n", 400},
    {CHUNKED " 5\r\n", 400},
    {CHUNKED "\r\n", 400},
    {CHUNKED "5 \r\nhello\r\n", 400},
    {CHUNKED "5\nhello\r\n", 400},
    {CHUNKED "5\rhello\r\n", 400},
    {CHUNKED "5\r\nhelloX\r\n", 400},
    {CHUNKED "5\r\nhello\n", 400},
    {CHUNKED "5;a=\"\nb\"\r\nhello\r\n", 400},
    {CHUNKED "5;a=\"\r\nb\"\r\nhello\r\n", 400},
    {CHUNKED "0\r\nbad trailer\r\n\r\n", 400},
    {CHUNKED "0\r\n folded: x\r\n\r\n", 400},
    {CHUNKED "1e8481\r\n", 413},
};

static void assert_refused(struct fixture *f, const char *request, unsigned status)
{
    char line[32];
    snprintf(line, sizeof line, "HTTP/1.1 %u ", status);
    socket_peer_send_text(&f->peer, request);
    shutdown(f->peer.fd, SHUT_WR);
    socket_peer_wait_end(&f->peer);
    if (!bytes_start_with(buf_bytes(&f->peer.got), bytes_of(line))) {
        fail_msg("%s was answered with %.*s", request, (int)f->peer.got.len,
                 (const char *)f->peer.got.data);
    }
    assert_int_equal(socket_peer_count(&f->peer, "Connection: close\r\n"), 1);
    assert_int_equal(socket_peer_count(&f->peer, "Content-Type: application/x-refusal\r\n"), 1);
    assert_int_equal(f->handler.last_refusal, status);
    assert_int_equal(f->handler.completed, 0);
    assert_int_equal(http1_server_open(f->server), 0);
}

static void every_ambiguity_is_refused(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        assert_refused(f, refusals[i].request, refusals[i].status);
        again(f);
    }
    assert_int_equal(counter_get(&f->counters.protocol_errors), sizeof refusals / sizeof *refusals);
}

static const char *const accepted[] = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost:x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: \r\n\r\n",
    "GET / HTTP/1.1\r\nhOST: \t[::1]:4318 \t\r\n\r\n",
    "GET http://example.com/?x HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "GET HTTP://example.com HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "DELETE /%2e%2e/?a?b/ HTTP/1.1\r\nHost: x\r\nX: \x80\xff\tv\r\nEmpty:\r\n\r\n",
    POST "Content-Length: 0\r\n\r\n",
    POST "Content-Length: 0005\r\n\r\nhello",
    POST "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n",
    CHUNKED "5;a=\"b;c\";d\r\nhello\r\n000\r\nHost: y\r\nAuthorization: z\r\n\r\n",
    POST "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\nx",
};

static void what_is_merely_unusual_is_accepted(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        socket_peer_send_text(&f->peer, accepted[i]);
        socket_peer_wait_for(&f->peer, "200 OK\r\n");
        assert_int_equal(f->handler.completed, i + 1);
        again(f);
    }
    assert_int_equal(f->handler.refused, 0);
}

static void refuse_repeated(struct fixture *f, const char *begin, const char *part, size_t times,
                            unsigned status)
{
    struct buf request = BUF_NULL;
    buf_append_text(&request, begin);
    for (size_t i = 0; i < times; i++) {
        buf_append_text(&request, part);
    }
    buf_append_char(&request, '\0');
    assert_refused(f, (const char *)request.data, status);
    buf_deinit(&request);
    again(f);
}

static void what_is_too_long_is_refused_before_it_ends(void **state)
{
    struct fixture *f = *state;
    refuse_repeated(f, "GET /", "aaaaaaaa", 8192, 414);
    refuse_repeated(f, "GET / HTTP/1.1\r\nA: ", "bbbbbbbb", 8192, 431);
    refuse_repeated(f, "GET / HTTP/1.1\r\n", "A: b\r\n", 20000, 431);
    refuse_repeated(f, CHUNKED "1;", "cccccccc", 8192, 400);
    refuse_repeated(f, CHUNKED, "1;ddddddddddddddddddddddddd\r\nx\r\n", 1000, 400);
    refuse_repeated(f, CHUNKED "0\r\n", "E: f\r\n", 10000, 400);
}

static void a_thousand_headers_are_too_many(void **state)
{
    struct buf request = BUF_NULL;
    buf_append_text(&request, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 1000; i++) {
        buf_append_text(&request, "A: b\r\n");
    }
    buf_append_text(&request, "\r\n");
    buf_append_char(&request, '\0');
    assert_refused(*state, (const char *)request.data, 431);
    buf_deinit(&request);
}

static void a_chunked_body_ends_at_the_limit(void **state)
{
    refuse_repeated(*state, CHUNKED, "a\r\n0123456789\r\n", 200001, 413);
}

static void one_byte_chunks_are_accepted_up_to_their_overhead(void **state)
{
    struct fixture *f = *state;
    struct buf request = BUF_NULL;
    buf_append_text(&request, CHUNKED);
    for (int i = 0; i < 100000; i++) {
        buf_append_text(&request, "1\r\nx\r\n");
    }
    buf_append_text(&request, "0\r\n\r\n");
    socket_peer_send(&f->peer, buf_bytes(&request));
    socket_peer_wait_for(&f->peer, "Content-Length: 100000\r\n");
    buf_deinit(&request);
    again(f);
    f->handler.completed = 0;
    refuse_repeated(f, CHUNKED, "00000000001\r\nx\r\n", 150000, 400);
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

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct fixture *f = *state;
    struct buf requests = BUF_NULL;
    for (int i = 0; i < 1000; i++) {
        buf_printf(&requests, POST "Content-Length: 4\r\n\r\n%04d", i);
    }
    socket_peer_send(&f->peer, buf_bytes(&requests));
    socket_peer_wait_for(&f->peer, "0999");
    assert_int_equal(socket_peer_count(&f->peer, "HTTP/1.1 200 OK"), 1000);
    buf_deinit(&requests);
}

static void later_answers_hold_back_the_next_request(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer,
                          POST "Content-Length: 1\r\n\r\n1" POST "Content-Length: 1\r\n\r\n2");
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.completed, 1);
    fake_handler_answer(&f->handler);
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.completed, 2);
    fake_handler_answer(&f->handler);
    socket_peer_idle(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "HTTP/1.1 200 OK"), 2);
}

static void a_half_closed_connection_is_still_answered(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhello");
    shutdown(f->peer.fd, SHUT_WR);
    socket_peer_idle(&f->peer);
    fake_handler_answer(&f->handler);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "hello"), 1);
    assert_int_equal(http1_server_open(f->server), 0);
}

static void a_peer_that_goes_within_the_body_is_forgotten(void **state)
{
    struct fixture *f = *state;
    socket_peer_send_text(&f->peer, POST "Content-Length: 50\r\n\r\nhello");
    shutdown(f->peer.fd, SHUT_WR);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(f->handler.closed, 1);
    assert_int_equal(f->handler.completed, 0);
    assert_int_equal(f->peer.got.len, 0);
}

/* It breaks the connection by going with something unread, here "100 Continue". */
static void a_peer_that_breaks_off_before_the_answer_is_noticed_at_once(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    loop_turn(f->loop);
    socket_peer_send_text(&f->peer, "hello");
    loop_turn(f->loop);
    loop_turn(f->loop);
    assert_int_equal(f->handler.completed, 1);
    assert_int_equal(f->handler.closed, 0);
    socket_peer_close(&f->peer);
    loop_turn(f->loop);
    assert_int_equal(f->handler.closed, 1);
    assert_int_equal(http1_server_open(f->server), 0);
}

static void requests_behind_one_that_waits_are_read_after_its_answer(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhello");
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.completed, 1);
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nworld");
    shutdown(f->peer.fd, SHUT_WR);
    socket_peer_idle(&f->peer);
    assert_int_equal(f->handler.completed, 1);
    fake_handler_answer(&f->handler);
    socket_peer_wait_for(&f->peer, "hello");
    fake_handler_answer(&f->handler);
    socket_peer_wait_end(&f->peer);
    assert_int_equal(socket_peer_count(&f->peer, "world"), 1);
}

static void a_peer_that_goes_before_the_answer_is_noticed_at_the_answer(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    socket_peer_send_text(&f->peer, POST "Content-Length: 5\r\n\r\nhello");
    socket_peer_idle(&f->peer);
    socket_peer_close(&f->peer);
    fake_handler_answer(&f->handler);
    loop_turn(f->loop);
    assert_int_equal(http1_server_open(f->server), 0);
}

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
    assert_int_equal(http1_server_open(f->server), 1);
    clock_manual_advance(&f->clock, 3 * S);
    loop_turn(f->loop);
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
    assert_in_range(sent, 2, 40);
    assert_int_equal(http1_server_open(f->server), 0);
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

#define TEST(f)         cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_STOPPED(f) cmocka_unit_test_setup_teardown(f, setup_stopped, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered),
        TEST(requests_may_come_one_byte_at_a_time),
        TEST(requests_may_be_split_anywhere),
        TEST(every_ambiguity_is_refused),
        TEST(what_is_merely_unusual_is_accepted),
        TEST(what_is_too_long_is_refused_before_it_ends),
        TEST(a_thousand_headers_are_too_many),
        TEST(a_chunked_body_ends_at_the_limit),
        TEST(one_byte_chunks_are_accepted_up_to_their_overhead),
        TEST(a_large_body_arrives_whole),
        TEST(continue_is_sent_after_the_handler_agreed),
        TEST(an_early_refusal_keeps_the_connection_when_the_body_is_small),
        TEST(an_early_refusal_of_a_large_body_closes),
        TEST(http10_is_answered_and_closed),
        TEST(head_is_answered_without_a_body),
        TEST(headers_of_an_answer_cannot_smuggle_others),
        TEST(pipelined_requests_are_answered_in_order),
        TEST(later_answers_hold_back_the_next_request),
        TEST(a_half_closed_connection_is_still_answered),
        TEST(a_peer_that_breaks_off_before_the_answer_is_noticed_at_once),
        TEST(requests_behind_one_that_waits_are_read_after_its_answer),
        TEST(a_peer_that_goes_within_the_body_is_forgotten),
        TEST(a_peer_that_goes_before_the_answer_is_noticed_at_the_answer),
        TEST(a_silent_peer_is_closed),
        TEST(a_slow_head_is_answered_408_however_steadily_it_drips),
        TEST(a_slow_body_is_answered_408_however_steadily_it_drips),
        TEST(a_body_that_makes_progress_is_given_time),
        TEST(an_idle_connection_lives_longer),
        TEST_STOPPED(a_peer_that_does_not_read_is_held_back_then_closed),
        TEST_STOPPED(a_peer_that_was_held_back_goes_on_when_it_reads),
        TEST(a_refused_peer_may_still_write_without_losing_the_answer),
        TEST(a_lingering_peer_that_writes_on_and_on_is_cut_off),
        TEST(draining_closes_the_idle_and_finishes_the_busy),
        TEST_STOPPED(connections_beyond_the_limit_are_closed_at_once),
        TEST(a_server_that_is_freed_tells_its_handler),
        TEST(every_failing_allocation_is_survived),
        TEST_STOPPED(a_post_without_a_length_may_be_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
