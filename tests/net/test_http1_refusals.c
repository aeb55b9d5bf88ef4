/* What the HTTP/1.1 server takes, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/http1_fixture.h"

/* The request, and the status that answers it and ends the connection. */
struct refusal {
    const char *request;
    unsigned status;
};

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_ambiguity_is_refused),
        TEST(what_is_merely_unusual_is_accepted),
        TEST(what_is_too_long_is_refused_before_it_ends),
        TEST(a_thousand_headers_are_too_many),
        TEST(a_chunked_body_ends_at_the_limit),
        TEST(one_byte_chunks_are_accepted_up_to_their_overhead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
