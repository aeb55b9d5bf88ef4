/* HTTP/2 peers that break the protocol, or strain it. */
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/http2_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_lower_stream_id_ends_the_connection),
        TEST(violations_of_the_protocol_end_the_connection),
        TEST(another_protocol_is_closed),
        TEST(rapid_resets_end_the_connection),
        TEST(resets_that_the_server_is_made_to_send_end_the_connection),
        TEST(floods_end_the_connection),
        TEST(a_flood_of_continuations_is_cut_off),
        TEST(the_budget_of_oddities_is_full_again_later),
        TEST(pings_within_answers_cost_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
