/* What an HTTP/2 peer may send at most, and how the rest is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/http2_fixture.h"

static void a_grpc_prefix_that_announces_too_much_is_refused_at_once(void **state)
{
    struct fixture *f = *state;
    raw_post(f, 1);
    http2_peer_idle(&f->peer);
    again(f);
    struct http2_answer *answer =
        http2_peer_request(&f->peer, "POST", "/", bytes_from("\0\xff\xff\xff\xff", 5), grpc);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 413\n"));
    assert_true(http2_peer_has(&answer->headers, "content-type: application/x-refusal\n"));
    assert_int_equal(f->handler.completed, 0);
}

static void a_grpc_message_of_exactly_the_limit_is_accepted(void **state)
{
    struct fixture *f = *state;
    struct buf buf = BUF_NULL;
    static const uint8_t prefix[5] = {0, BODY_LIMIT >> 24, BODY_LIMIT >> 16 & 255,
                                      BODY_LIMIT >> 8 & 255, BODY_LIMIT & 255};
    filled(&buf, BODY_LIMIT + 5);
    memcpy(buf.data, prefix, 5);
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", buf_bytes(&buf), grpc);
    http2_peer_wait(&f->peer, answer);
    assert_true(bytes_equal(buf_bytes(&answer->body), buf_bytes(&buf)));
    buf_deinit(&buf);
}

static void a_grpc_prefix_may_come_in_pieces(void **state)
{
    struct fixture *f = *state;
    static const uint8_t block[] = {0x83, 0x86, 0x84, 0x01, 0x01, 'x', 0x0f, 0x10, 16,
                                    'a',  'p',  'p',  'l',  'i',  'c', 'a',  't',  'i',
                                    'o',  'n',  '/',  'g',  'r',  'p', 'c'};
    http2_peer_idle(&f->peer);
    http2_peer_raw(&f->peer, NGHTTP2_HEADERS, END_HEADERS, 1, block, sizeof block);
    static const uint8_t message[] = {0, 0, 0, 0, 1, 'x'};
    for (size_t i = 0; i < sizeof message; i++) {
        http2_peer_raw(&f->peer, NGHTTP2_DATA, i == 5 ? END_STREAM : 0, 1, &message[i], 1);
    }
    socket_peer_idle(&f->peer.socket);
    assert_true(bytes_is(buf_bytes(&f->handler.seen), "POST /? 6\n"));
}

static void a_body_beyond_the_limit_is_refused_and_the_connection_lives(void **state)
{
    struct fixture *f = *state;
    struct buf buf = BUF_NULL;
    struct http2_answer *answer =
        http2_peer_request(&f->peer, "POST", "/", filled(&buf, BODY_LIMIT + 1), NULL);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 413\n"));
    assert_int_equal(f->handler.closed, 1);
    static const char *const length[] = {"content-length", "2000001", NULL};
    answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), length);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 413\n"));
    answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 200\n"));
    assert_int_equal(f->handler.begun, 2);
    buf_deinit(&buf);
}

static void the_bodies_of_a_connection_are_bounded_together(void **state)
{
    struct fixture *f = *state;
    struct buf buf = BUF_NULL;
    struct bytes body = filled(&buf, BODY_LIMIT);
    struct http2_answer *answers[6];
    f->handler.later = true;
    for (int i = 0; i < 6; i++) {
        answers[i] = http2_peer_request(&f->peer, "POST", "/", body, NULL);
    }
    for (int i = 0; i < 2000; i++) {
        http2_peer_turn(&f->peer);
    }
    assert_in_range(f->handler.waiting_count, 2, 4);
    assert_int_equal(f->handler.last_refusal, 503);
    while (f->handler.waiting_count != 0) {
        fake_handler_answer(&f->handler);
        http2_peer_idle(&f->peer);
    }
    for (int i = 0; i < 6; i++) {
        http2_peer_wait(&f->peer, answers[i]);
    }
    buf_deinit(&buf);
}

static void a_handler_may_refuse_before_the_body(void **state)
{
    struct fixture *f = *state;
    struct buf buf = BUF_NULL;
    f->handler.begin_answers = 401;
    struct http2_answer *answer =
        http2_peer_request(&f->peer, "POST", "/", filled(&buf, BODY_LIMIT), NULL);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 401\n"));
    assert_int_equal(answer->reset, NGHTTP2_NO_ERROR);
    f->handler.begin_answers = 0;
    answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 200\n"));
    buf_deinit(&buf);
}

static void a_patient_refusal_waits_for_the_end_of_the_request(void **state)
{
    struct fixture *f = *state;
    static const uint8_t refusal[] = {0, 0, 2, NGHTTP2_DATA, END_STREAM, 0, 0, 0, 1, 'n', 'o'};
    const struct buf *got = &f->peer.socket.got;
    http2_peer_idle(&f->peer);
    f->handler.begin_answers = 415;
    f->handler.patient = true;
    raw_post(f, 1);
    http2_peer_raw(&f->peer, NGHTTP2_DATA, 0, 1, "abc", 3);
    socket_peer_idle(&f->peer.socket);
    assert_null(memmem(got->data, got->len, refusal, sizeof refusal));
    http2_peer_raw(&f->peer, NGHTTP2_DATA, END_STREAM, 1, "d", 1);
    socket_peer_idle(&f->peer.socket);
    assert_non_null(memmem(got->data, got->len, refusal, sizeof refusal));
}

static void a_patient_refusal_does_not_wait_for_a_large_body(void **state)
{
    struct fixture *f = *state;
    struct buf buf = BUF_NULL;
    f->handler.begin_answers = 415;
    f->handler.patient = true;
    struct http2_answer *answer =
        http2_peer_request(&f->peer, "POST", "/", filled(&buf, BODY_LIMIT), NULL);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 415\n"));
    assert_true(answer->upload.len > BODY_LIMIT / 4);
    buf_deinit(&buf);
}

static void a_patient_refusal_does_not_wait_for_a_slow_body(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    f->handler.begin_answers = 415;
    f->handler.patient = true;
    raw_post(f, 1);
    socket_peer_idle(&f->peer.socket);
    clock_manual_advance(&f->clock, 31 * S);
    socket_peer_idle(&f->peer.socket);
    assert_int_equal(counter_get(&f->counters.timeouts), 1);
    raw_post(f, 3);
    socket_peer_idle(&f->peer.socket);
    again(f); /* one that goes meanwhile */
    http2_peer_idle(&f->peer);
}

static void headers_beyond_the_limit_are_answered_431(void **state)
{
    struct fixture *f = *state;
    struct buf text = BUF_NULL;
    memset(buf_reserve(&text, 40001), 'a', 40000);
    text.data[40000] = '\0';
    const char *const headers[] = {"x", (const char *)text.data, NULL};
    struct http2_answer *answer = http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), headers);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 431\n"));
    assert_int_equal(f->handler.begun, 0);
    answer = http2_peer_request(&f->peer, "GET", "/", BYTES_NULL, NULL);
    http2_peer_wait(&f->peer, answer);
    assert_true(http2_peer_has(&answer->headers, ":status: 200\n"));
    buf_deinit(&text);
}

/* H31: an entry of the table, referred to again and again. */
static void a_header_bomb_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct buf block = BUF_NULL;
    http2_peer_idle(&f->peer);
    buf_append(&block, get_block, sizeof get_block);
    buf_append(&block, (const uint8_t[]){0x40, 1, 'b', 0x7f, 0x81, 0x1e},
               6); /* a literal of 4000 bytes, indexed */
    memset(buf_reserve(&block, 4000), 'v', 4000);
    block.len += 4000;
    while (block.len < 16000) {
        buf_append_char(&block, (char)0xbe);
    }
    http2_peer_raw(&f->peer, NGHTTP2_HEADERS, END_STREAM | END_HEADERS, 1, block.data, block.len);
    socket_peer_idle(&f->peer.socket);
    assert_int_equal(f->handler.begun, 0);
    assert_int_equal(http2_server_open(f->server), 1);
    buf_deinit(&block);
}

static void unknown_methods_are_answered_501(void **state)
{
    struct fixture *f = *state;
    static const char *const methods[] = {"FOO", "TRACE", "get"};
    for (size_t i = 0; i < 3; i++) {
        struct http2_answer *answer =
            http2_peer_request(&f->peer, methods[i], "/", BYTES_NULL, NULL);
        http2_peer_wait(&f->peer, answer);
        assert_true(http2_peer_has(&answer->headers, ":status: 501\n"));
    }
}

static void streams_beyond_the_limit_are_refused_retryably(void **state)
{
    struct fixture *f = *state;
    f->handler.later = true;
    http2_peer_idle(&f->peer);
    for (uint32_t id = 1; id < 2 * 256 + 20; id += 2) {
        raw_get(f, id);
    }
    socket_peer_idle(&f->peer.socket);
    assert_int_equal(f->handler.waiting_count, 256);
    assert_int_equal(http2_server_open(f->server), 1);
}

static void connections_beyond_the_limit_are_closed_at_once(void **state)
{
    struct fixture *f = *state;
    f->options.limits.connections = 1;
    start(f);
    struct socket_peer other;
    http2_server_accept(f->server, socket_peer_open(&other, f->loop, 0));
    socket_peer_wait_end(&other);
    socket_peer_close(&other);
    assert_int_equal(counter_get(&f->counters.refused_connections), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_grpc_prefix_that_announces_too_much_is_refused_at_once),
        TEST(a_grpc_message_of_exactly_the_limit_is_accepted),
        TEST(a_grpc_prefix_may_come_in_pieces),
        TEST(a_body_beyond_the_limit_is_refused_and_the_connection_lives),
        TEST(the_bodies_of_a_connection_are_bounded_together),
        TEST(a_handler_may_refuse_before_the_body),
        TEST(a_patient_refusal_waits_for_the_end_of_the_request),
        TEST(a_patient_refusal_does_not_wait_for_a_large_body),
        TEST(a_patient_refusal_does_not_wait_for_a_slow_body),
        TEST(headers_beyond_the_limit_are_answered_431),
        TEST(a_header_bomb_is_given_up),
        TEST(unknown_methods_are_answered_501),
        TEST(streams_beyond_the_limit_are_refused_retryably),
        TEST_STOPPED(connections_beyond_the_limit_are_closed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
