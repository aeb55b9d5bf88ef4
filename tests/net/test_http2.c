#include "daemon/net/http2.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/fake_handler.h"
#include "tests/net/http2_peer.h"
#include "tests/support/failing_malloc.h"

#define S           NS_PER_S
#define END_STREAM  1
#define END_HEADERS 4
#define BODY_LIMIT  2000000

struct fixture {
    struct clock_manual clock;
    struct loop *loop;
    struct http_counters counters;
    struct fake_handler handler;
    struct http2_options options;
    struct http2_server *server;
    struct http2_peer peer;
};

static void start(struct fixture *f)
{
    assert_int_equal(http2_server_new(&f->server, &f->options), 0);
    http2_server_accept(f->server, http2_peer_open(&f->peer, f->loop));
}

static int setup_stopped(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->clock = clock_manual_at(1000 * S, 784111777 * S);
    assert_int_equal(loop_new_with_clock(&f->loop, &f->clock.base), 0);
    f->options = (struct http2_options){.loop = f->loop,
                                        .limits = HTTP_LIMITS_DEFAULT,
                                        .handler = &fake_handler_type,
                                        .self = &f->handler,
                                        .counters = &f->counters};
    f->options.limits.body_bytes = BODY_LIMIT;
    *state = f;
    return 0;
}

static int setup(void **state)
{
    setup_stopped(state);
    start(*state);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    http2_server_free(f->server);
    assert_int_equal(f->handler.waiting_count, 0);
    assert_int_equal(counter_get(&f->counters.connections_opened),
                     counter_get(&f->counters.connections_closed));
    http2_peer_close(&f->peer);
    fake_handler_deinit(&f->handler);
    loop_free(f->loop);
    free(f);
    return 0;
}

static void again(struct fixture *f)
{
    http2_peer_close(&f->peer);
    http2_server_accept(f->server, http2_peer_open(&f->peer, f->loop));
}

static struct bytes filled(struct buf *buf, size_t len)
{
    uint8_t *to = buf_reserve(buf, len);
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)(i * 7 + i / 253);
    }
    buf->len = len;
    return buf_bytes(buf);
}

/* HPACK: GET, http, "/", and :authority x as a literal. */
static const uint8_t get_block[] = {0x82, 0x86, 0x84, 0x01, 0x01, 'x'};
/* POST instead. */
static const uint8_t post_block[] = {0x83, 0x86, 0x84, 0x01, 0x01, 'x'};

static bool raw_get(struct fixture *f, uint32_t id)
{
    return http2_peer_raw(&f->peer, NGHTTP2_HEADERS, END_STREAM | END_HEADERS, id, get_block,
                          sizeof get_block);
}

static bool raw_post(struct fixture *f, uint32_t id)
{
    return http2_peer_raw(&f->peer, NGHTTP2_HEADERS, END_HEADERS, id, post_block,
                          sizeof post_block);
}

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

static const char *const grpc[] = {
    "content-type", "application/grpc", "te", "trailers", "grpc-encoding", "gzip", NULL};
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

static void a_lower_stream_id_ends_the_connection(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    assert_true(raw_get(f, 5));
    assert_true(raw_get(f, 3));
    http2_peer_wait_goaway(&f->peer, NGHTTP2_PROTOCOL_ERROR);
    http2_peer_wait_end(&f->peer);
    assert_int_equal(f->handler.begun, 1);
}

/* Frames that a client must not send, and the error that ends the connection. */
struct violation {
    const char *name;
    uint8_t type, flags;
    uint32_t stream_id;
    struct bytes payload;
    uint32_t code;
};

static const struct violation violations[] = {
    {"even stream ID", NGHTTP2_HEADERS, 5, 2, {get_block, 6}, NGHTTP2_PROTOCOL_ERROR},
    {"DATA on stream 0", NGHTTP2_DATA, 0, 0, BYTES_LITERAL("x"), NGHTTP2_PROTOCOL_ERROR},
    {"DATA on an idle stream", NGHTTP2_DATA, 0, 1, BYTES_LITERAL("x"), NGHTTP2_PROTOCOL_ERROR},
    {"padding too long", NGHTTP2_DATA, 8, 1, BYTES_LITERAL("\xff"), NGHTTP2_PROTOCOL_ERROR},
    {"SETTINGS of 5 bytes", NGHTTP2_SETTINGS, 0, 0, BYTES_LITERAL("12345"),
     NGHTTP2_FRAME_SIZE_ERROR},
    {"ack with payload", NGHTTP2_SETTINGS, 1, 0, BYTES_LITERAL("123456"), NGHTTP2_FRAME_SIZE_ERROR},
    {"window too large", NGHTTP2_SETTINGS, 0, 0, BYTES_LITERAL("\0\4\xff\xff\xff\xff"),
     NGHTTP2_FLOW_CONTROL_ERROR},
    {"frame size too small", NGHTTP2_SETTINGS, 0, 0, BYTES_LITERAL("\0\5\0\0\0\1"),
     NGHTTP2_PROTOCOL_ERROR},
    {"push 2", NGHTTP2_SETTINGS, 0, 0, BYTES_LITERAL("\0\2\0\0\0\2"), NGHTTP2_PROTOCOL_ERROR},
    {"PING of 7 bytes", NGHTTP2_PING, 0, 0, BYTES_LITERAL("1234567"), NGHTTP2_FRAME_SIZE_ERROR},
    {"window update 0", NGHTTP2_WINDOW_UPDATE, 0, 0, BYTES_LITERAL("\0\0\0\0"),
     NGHTTP2_PROTOCOL_ERROR},
    {"window overflow", NGHTTP2_WINDOW_UPDATE, 0, 0, BYTES_LITERAL("\x7f\xff\xff\xff"),
     NGHTTP2_FLOW_CONTROL_ERROR},
    {"PUSH_PROMISE", NGHTTP2_PUSH_PROMISE, 4, 1, BYTES_LITERAL("\0\0\0\2"), NGHTTP2_PROTOCOL_ERROR},
    {"HPACK index 0", NGHTTP2_HEADERS, 5, 1, BYTES_LITERAL("\x80"), NGHTTP2_COMPRESSION_ERROR},
    {"HPACK index beyond", NGHTTP2_HEADERS, 5, 1, BYTES_LITERAL("\xff\xff\x7f"),
     NGHTTP2_COMPRESSION_ERROR},
    {"CONTINUATION alone", NGHTTP2_CONTINUATION, 4, 1, {get_block, 6}, NGHTTP2_PROTOCOL_ERROR},
    {"RST of an idle stream", NGHTTP2_RST_STREAM, 0, 9, BYTES_LITERAL("\0\0\0\x8"),
     NGHTTP2_PROTOCOL_ERROR},
};

static void violations_of_the_protocol_end_the_connection(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof violations / sizeof *violations; i++) {
        const struct violation *v = &violations[i];
        http2_peer_idle(&f->peer);
        http2_peer_raw(&f->peer, v->type, v->flags, v->stream_id, v->payload.data, v->payload.len);
        for (int turn = 0; turn < 100 && !f->peer.goaway; turn++) {
            http2_peer_turn(&f->peer);
        }
        if (!f->peer.goaway || f->peer.goaway_code != v->code) {
            fail_msg("%s: goaway %d, code %u", v->name, f->peer.goaway, f->peer.goaway_code);
        }
        http2_peer_wait_end(&f->peer);
        again(f);
    }
    assert_int_equal(f->handler.completed, 0);
}

static void another_protocol_is_closed(void **state)
{
    struct fixture *f = *state;
    static const char *const prefaces[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02",
                                           "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"};
    for (size_t i = 0; i < 3; i++) {
        socket_peer_send_text(&f->peer.socket, prefaces[i]);
        socket_peer_wait_end(&f->peer.socket);
        again(f);
    }
    assert_int_equal(counter_get(&f->counters.protocol_errors), 3);
}

static void rapid_resets_end_the_connection(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    f->handler.later = true;
    uint32_t id = 1;
    for (; id < 2000 && !f->peer.goaway && raw_get(f, id); id += 2) {
        http2_peer_raw(&f->peer, NGHTTP2_RST_STREAM, 0, id, "\0\0\0\x8", 4);
    }
    http2_peer_wait_goaway(&f->peer, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_in_range(f->handler.begun, 90, 110);
    assert_int_equal(f->handler.closed, f->handler.begun);
    assert_in_range(counter_get(&f->counters.oddities[HTTP_ODDITY_RESET]), 100, 110);
    assert_int_equal(counter_get(&f->counters.calmed), 1);
}

static void resets_that_the_server_is_made_to_send_end_the_connection(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    f->handler.later = true;
    for (uint32_t id = 1; id < 2000 && !f->peer.goaway && raw_post(f, id); id += 2) {
        http2_peer_raw(&f->peer, NGHTTP2_WINDOW_UPDATE, 0, id, "\x7f\xff\xff\xff", 4);
    }
    http2_peer_wait_goaway(&f->peer, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_in_range(f->handler.begun, 90, 210);
    assert_int_equal(f->handler.closed, f->handler.begun);
    assert_in_range(counter_get(&f->counters.oddities[HTTP_ODDITY_MADE_RESET]), 100, 210);
    assert_int_equal(counter_get(&f->counters.calmed), 1);
}

struct flood {
    const char *name;
    enum http_oddity oddity;
    uint8_t type, flags;
    uint32_t stream_id;
    const char *payload;
    size_t len;
};

static const struct flood floods[] = {
    {"PING", HTTP_ODDITY_CHATTER, NGHTTP2_PING, 0, 0, "12345678", 8},
    {"SETTINGS", HTTP_ODDITY_CHATTER, NGHTTP2_SETTINGS, 0, 0, "", 0},
    {"unknown frames", HTTP_ODDITY_CHATTER, 0x77, 0, 0, "?", 1},
    {"WINDOW_UPDATE", HTTP_ODDITY_CHATTER, NGHTTP2_WINDOW_UPDATE, 0, 0, "\0\0\0\1", 4},
    {"PRIORITY", HTTP_ODDITY_CHATTER, NGHTTP2_PRIORITY, 0, 1, "\0\0\0\0\1", 5},
    {"empty DATA", HTTP_ODDITY_EMPTY_DATA, NGHTTP2_DATA, 0, 1, "", 0},
    {"padded empty DATA", HTTP_ODDITY_EMPTY_DATA, NGHTTP2_DATA, 8, 1, "\3\0\0\0", 4},
};

static void floods_end_the_connection(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        const struct flood *flood = &floods[i];
        http2_peer_idle(&f->peer);
        raw_post(f, 1);
        int sent = 0;
        while (sent < 20000 && !f->peer.goaway &&
               http2_peer_raw(&f->peer, flood->type, flood->flags, flood->stream_id, flood->payload,
                              flood->len)) {
            sent++;
            if (sent % 100 == 0) {
                http2_peer_turn(&f->peer);
            }
        }
        if (sent == 20000) {
            fail_msg("a flood of %s was borne", flood->name);
        }
        http2_peer_wait_goaway(&f->peer, NGHTTP2_ENHANCE_YOUR_CALM);
        assert_int_equal(counter_get(&f->counters.calmed), i + 1);
        assert_true(counter_get(&f->counters.oddities[flood->oddity]) >= 100);
        again(f);
    }
}

static void a_flood_of_continuations_is_cut_off(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    http2_peer_raw(&f->peer, NGHTTP2_HEADERS, 0, 1, get_block, sizeof get_block);
    int sent = 0;
    while (sent < 10000 && !f->peer.goaway &&
           http2_peer_raw(&f->peer, NGHTTP2_CONTINUATION, 0, 1, "\x40\1a\1b", 5)) {
        http2_peer_turn(&f->peer);
        sent++;
    }
    assert_in_range(sent, 1, 200);
    http2_peer_wait_end(&f->peer);
}

static void the_budget_of_oddities_is_full_again_later(void **state)
{
    struct fixture *f = *state;
    http2_peer_idle(&f->peer);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 900; i++) {
            assert_true(http2_peer_raw(&f->peer, NGHTTP2_PING, 0, 0, "12345678", 8));
            http2_peer_turn(&f->peer);
        }
        clock_manual_advance(&f->clock, 10 * S);
        http2_peer_idle(&f->peer);
    }
    assert_false(f->peer.goaway);
}

static void pings_within_answers_cost_nothing(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 1900; i++) {
        struct http2_answer *answer =
            http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
        nghttp2_submit_ping(f->peer.session, 0, NULL);
        nghttp2_submit_window_update(f->peer.session, 0, 0, 1);
        http2_peer_wait(&f->peer, answer);
    }
    assert_false(f->peer.goaway);
}

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

/* Whatever allocation fails, the stream or the connection ends, and nothing leaks; in the end all
 * succeeds. */
static void every_failing_allocation_is_survived(void **state)
{
    struct fixture *f = *state;
    static const uint8_t preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
    for (size_t good = 0;; good++) {
        http2_peer_close(&f->peer);
        struct transport *transport = http2_peer_open(&f->peer, f->loop);
        assert_true(send(f->peer.socket.fd, preface, sizeof preface, MSG_NOSIGNAL) > 0);
        buf_reset(&f->handler.seen);
        assert_non_null(buf_reserve(&f->handler.seen, 200));
        f->handler.answered = 0;
        failing_malloc_begin(good);
        http2_server_accept(f->server, transport);
        raw_post(f, 1);
        http2_peer_raw(&f->peer, NGHTTP2_DATA, END_STREAM, 1, "hello", 5);
        raw_get(f, 3);
        size_t asked = failing_malloc_end();
        assert_false(f->handler.seen.failed);
        http2_peer_idle(&f->peer);
        if (good >= asked) {
            break;
        }
    }
    assert_true(bytes_is(buf_bytes(&f->handler.seen), "POST /? 5\nGET /? 0\n"));
    assert_int_equal(f->handler.answered, 2);
    assert_int_equal(http2_server_open(f->server), 1);
}

static void memory_may_fail_where_an_answer_goes_on(void **state)
{
    struct fixture *f = *state;
    static const struct http_response parts[] = {
        {.status = 200, .body = BYTES_LITERAL("one "), .more = true},
        {.status = 200, .body = BYTES_LITERAL("two")},
    };
    f->handler.later = true;
    f->handler.response = &parts[1];
    for (size_t good = 0;; good++) {
        again(f);
        struct http2_answer *answer =
            http2_peer_request(&f->peer, "POST", "/", bytes_of("x"), NULL);
        while (f->handler.waiting_count == 0) {
            http2_peer_idle(&f->peer);
        }
        failing_malloc_begin(good);
        http_respond(f->handler.waiting[0], &parts[0]);
        if (f->handler.waiting_count != 0) {
            fake_handler_answer(&f->handler);
        }
        size_t asked = failing_malloc_end();
        http2_peer_idle(&f->peer);
        assert_int_equal(f->handler.waiting_count, 0);
        if (good >= asked) {
            assert_true(bytes_is(buf_bytes(&answer->body), "one two"));
            break;
        }
    }
}

#define TEST(f)         cmocka_unit_test_setup_teardown(f, setup, teardown)
#define TEST_STOPPED(f) cmocka_unit_test_setup_teardown(f, setup_stopped, teardown)

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
        TEST(a_reset_request_is_forgotten),
        TEST(a_peer_that_goes_is_forgotten_with_all_its_requests),
        TEST(a_peer_that_goes_within_a_body_is_forgotten),
        TEST(a_half_closed_connection_is_still_answered),
        TEST(a_lower_stream_id_ends_the_connection),
        TEST(violations_of_the_protocol_end_the_connection),
        TEST(another_protocol_is_closed),
        TEST(rapid_resets_end_the_connection),
        TEST(resets_that_the_server_is_made_to_send_end_the_connection),
        TEST(floods_end_the_connection),
        TEST(a_flood_of_continuations_is_cut_off),
        TEST(the_budget_of_oddities_is_full_again_later),
        TEST(pings_within_answers_cost_nothing),
        TEST(a_peer_that_stays_silent_is_closed),
        TEST(a_header_block_that_does_not_end_is_closed),
        TEST(a_refused_header_block_leaves_no_clock_running),
        TEST(a_slow_body_is_cancelled_and_its_neighbours_live),
        TEST(an_idle_connection_is_ended_politely),
        TEST(a_peer_that_opens_no_window_is_closed),
        TEST(a_peer_that_does_not_read_is_closed),
        TEST(draining_finishes_what_is_open),
        TEST(an_answer_may_go_on),
        TEST(a_peer_may_leave_an_answer_that_goes_on),
        TEST_STOPPED(a_peer_that_does_not_answer_a_ping_is_given_up),
        TEST_STOPPED(too_many_pings_end_the_connection_where_that_is_wanted),
        TEST_STOPPED(an_old_connection_is_sent_away_and_finishes_what_is_open),
        TEST_STOPPED(what_outlives_the_grace_of_an_old_connection_is_closed),
        TEST(an_answer_may_close_the_connection),
        TEST(headers_of_an_answer_are_lower_case_and_one_line),
        TEST(streams_beyond_the_limit_are_refused_retryably),
        TEST(every_failing_allocation_is_survived),
        TEST(memory_may_fail_where_an_answer_goes_on),
        TEST_STOPPED(connections_beyond_the_limit_are_closed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
