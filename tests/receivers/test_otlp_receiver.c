#include "receivers/otlp_receiver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/net/socket_peer.h"
#include "tests/receivers/fake_admission.h"
#include "tests/receivers/grpc_client.h"
#include "tests/receivers/set_text.h"

#define EXPORT      "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
#define LIMIT_BYTES (8u << 20)
#define SPAN                                                                                       \
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"                               \
    "\"000000000000000000000000000000ab\","                                                        \
    "\"spanId\":\"00000000000000cd\"}]}]}]}"

struct bench {
    struct loop *loop;
    struct fake_admission admission;
    struct otlp_receiver *receiver;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    fake_admission_init(&bench->admission);
    assert_int_equal(0, loop_new(&bench->loop));
    struct otlp_receiver_options options = {
        .loop = bench->loop,
        .port = &bench->admission.port,
        .http = HTTP_LIMITS_DEFAULT,
        .limits = OTLP_LIMITS_DEFAULT,
    };
    options.http.body_bytes = LIMIT_BYTES;
    assert_int_equal(0, otlp_receiver_new(&bench->receiver, &options));
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    otlp_receiver_free(bench->receiver);
    assert_int_equal(0, budget_total(&bench->admission.account));
    loop_free(bench->loop);
    free(bench);
    return 0;
}

static void connect_http(struct bench *bench, struct socket_peer *peer)
{
    int pair[2];
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
    *peer = (struct socket_peer){.loop = bench->loop, .fd = pair[0]};
    otlp_receiver_accept_http(bench->receiver, pair[1]);
}

static struct grpc_client *connect_grpc(struct bench *bench)
{
    int server;
    struct grpc_client *client = grpc_client_new(bench->loop, &server);
    otlp_receiver_accept_grpc(bench->receiver, server);
    return client;
}

static void send_json(struct socket_peer *peer, const char *body)
{
    char text[2048];
    snprintf(text, sizeof text,
             "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: "
             "application/json\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    assert_true(socket_peer_send_text(peer, text));
}

static void http_requests_are_answered_on_one_connection(void **state)
{
    struct bench *bench = *state;
    struct socket_peer peer;
    connect_http(bench, &peer);
    send_json(&peer, SPAN);
    socket_peer_wait_for(&peer, "\r\n\r\n{}");
    send_json(&peer, "{");
    socket_peer_wait_for(&peer, "fieldViolations");
    send_json(&peer, SPAN);
    while (socket_peer_count(&peer, "HTTP/1.1 200") < 2) {
        socket_peer_turn(&peer);
        assert_false(peer.end);
    }
    assert_int_equal(1, socket_peer_count(&peer, "HTTP/1.1 400"));
    assert_int_equal(2, bench->admission.spans);
    assert_int_equal(1, otlp_receiver_open(bench->receiver));
    socket_peer_close(&peer);
}

static void http_refusals_carry_a_status_whoever_makes_them(void **state)
{
    static const struct {
        const char *request, *status, *part;
    } rows[] = {
        {"GET /v1/traces HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405", "Allow: POST"},
        {"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", "HTTP/1.1 413",
         "\"code\":8"},
        {"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         "HTTP/1.1 400", "\"message\":"},
        {"POST /v1/traces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 501",
         "\"message\":"},
        {"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 404",
         "/v1/traces"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct socket_peer peer;
        connect_http(*state, &peer);
        assert_true(socket_peer_send_text(&peer, rows[i].request));
        socket_peer_wait_for(&peer, rows[i].part);
        assert_int_equal(1, socket_peer_count(&peer, rows[i].status));
        assert_int_equal(1, socket_peer_count(&peer, rows[i].part));
        socket_peer_close(&peer);
    }
}

static void an_http_request_may_come_byte_by_byte_and_in_chunks(void **state)
{
    struct bench *bench = *state;
    static const char head[] =
        "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    struct socket_peer peer;
    char text[1024];
    connect_http(bench, &peer);
    snprintf(text, sizeof text, "%s%zx\r\n%s\r\n0\r\n\r\n", head, sizeof SPAN - 1, SPAN);
    for (const char *at = text; *at != '\0'; at++) {
        assert_true(socket_peer_send(&peer, bytes_from(at, 1)));
        socket_peer_turn(&peer);
    }
    socket_peer_wait_for(&peer, "\r\n\r\n{}");
    assert_int_equal(1, socket_peer_count(&peer, "HTTP/1.1 200"));
    assert_int_equal(1, bench->admission.spans);
    socket_peer_close(&peer);
}

static void http_answers_wait_and_a_closed_peer_is_forgotten(void **state)
{
    struct bench *bench = *state;
    struct socket_peer peers[2];
    bench->admission.later = true;
    for (size_t i = 0; i < 2; i++) {
        connect_http(bench, &peers[i]);
        send_json(&peers[i], SPAN);
    }
    while (bench->admission.waiting < 2) {
        socket_peer_turn(&peers[0]);
    }
    assert_int_equal(0, peers[0].got.len);
    otlp_receiver_drain(bench->receiver);
    socket_peer_idle(&peers[0]);
    assert_int_equal(0, peers[0].got.len);
    socket_peer_close(&peers[1]);
    socket_peer_idle(&peers[0]);
    fake_admission_answer(&bench->admission, ADMISSION_OK);
    socket_peer_wait_for(&peers[0], "\r\n\r\n{}");
    assert_int_equal(1, socket_peer_count(&peers[0], "Connection: close"));
    socket_peer_close(&peers[0]);
}

static void grpc_calls_run_side_by_side(void **state)
{
    struct bench *bench = *state;
    struct grpc_client *client = connect_grpc(bench);
    struct grpc_call calls[20];
    size_t len;
    uint8_t *payload = payload_read("http-512.pb", &len);
    for (size_t i = 0; i < 20; i++) {
        grpc_client_call(client, &calls[i], EXPORT, bytes_from(payload, len));
    }
    for (size_t i = 0; i < 20; i++) {
        assert_true(grpc_client_wait(client, &calls[i]));
        assert_string_equal("200", calls[i].http_status);
        assert_string_equal("0", calls[i].grpc_status);
        assert_false(calls[i].trailers_only);
        assert_true(bytes_equal(buf_bytes(&calls[i].body), BYTES_LITERAL("\0\0\0\0\0")));
        grpc_call_deinit(&calls[i]);
    }
    assert_int_equal(20 * 512, bench->admission.spans);
    assert_int_equal(
        20 * 512,
        counter_get(&otlp_receiver_counters(bench->receiver)->by[OTLP_GRPC].accepted_spans));
    free(payload);
    grpc_client_free(client);
}

static void grpc_refusals_are_trailers_only(void **state)
{
    struct bench *bench = *state;
    struct grpc_client *client = connect_grpc(bench);
    struct grpc_call call;
    static const struct {
        const char *path;
        struct bytes message;
        const char *code;
    } rows[] = {
        {EXPORT, {(const uint8_t *)"\xff", 1}, "3"},
        {"/a.B/C", {(const uint8_t *)"", 0}, "12"},
        {"/grpc.health.v1.Health/Check", {(const uint8_t *)"\x0a\x01x", 3}, "5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        grpc_client_call(client, &call, rows[i].path, rows[i].message);
        assert_true(grpc_client_wait(client, &call));
        assert_string_equal("200", call.http_status);
        assert_string_equal(rows[i].code, call.grpc_status);
        assert_true(call.trailers_only);
        assert_int_equal(0, call.body.len);
        grpc_call_deinit(&call);
    }
    bench->admission.outcome = ADMISSION_BUSY;
    grpc_client_call(client, &call, EXPORT, BYTES_LITERAL("\x0a\x04\x12\x02\x12\0"));
    assert_true(grpc_client_wait(client, &call));
    assert_string_equal("14", call.grpc_status);
    grpc_call_deinit(&call);
    grpc_client_free(client);
}

static void a_grpc_message_over_the_limit_is_resource_exhausted(void **state)
{
    struct bench *bench = *state;
    struct grpc_client *client = connect_grpc(bench);
    struct grpc_call call;
    size_t len = LIMIT_BYTES + 1;
    uint8_t *message = calloc(1, len);
    grpc_client_call(client, &call, EXPORT, bytes_from(message, len));
    assert_true(grpc_client_wait(client, &call));
    assert_string_equal("8", call.grpc_status);
    grpc_call_deinit(&call);
    /* exactly the limit is read, and found to be malformed */
    grpc_client_call(client, &call, EXPORT, bytes_from(message, len - 1));
    assert_true(grpc_client_wait(client, &call));
    assert_string_equal("3", call.grpc_status);
    grpc_call_deinit(&call);
    free(message);
    grpc_client_free(client);
}

static void a_cancelled_call_and_a_drain_lose_nobody_elses_answer(void **state)
{
    struct bench *bench = *state;
    struct grpc_client *client = connect_grpc(bench);
    struct grpc_call calls[2];
    bench->admission.later = true;
    for (size_t i = 0; i < 2; i++) {
        grpc_client_call(client, &calls[i], EXPORT, BYTES_LITERAL("\x0a\x04\x12\x02\x12\0"));
    }
    while (bench->admission.waiting < 2) {
        grpc_client_idle(client);
    }
    grpc_client_cancel(client, &calls[0]);
    grpc_client_idle(client);
    otlp_receiver_drain(bench->receiver);
    grpc_client_idle(client);
    assert_true(grpc_client_got_goaway(client));
    assert_false(calls[1].closed);
    fake_admission_answer(&bench->admission, ADMISSION_OK);
    assert_true(grpc_client_wait(client, &calls[1]));
    assert_string_equal("0", calls[1].grpc_status);
    assert_true(grpc_client_wait_end(client));
    grpc_call_deinit(&calls[0]);
    grpc_call_deinit(&calls[1]);
    grpc_client_free(client);
    for (unsigned turns = 0; turns < 1000 && otlp_receiver_open(bench->receiver) > 0; turns++) {
        loop_turn(bench->loop);
    }
    assert_int_equal(0, otlp_receiver_open(bench->receiver));
}

/* Telling it finds the connection broken, which ends the call while it is told. */
static void a_watcher_that_has_gone_does_not_disturb_the_drain(void **state)
{
    struct bench *bench = *state;
    struct grpc_client *clients[3];
    struct grpc_call calls[3];
    for (size_t i = 0; i < 3; i++) {
        clients[i] = connect_grpc(bench);
        grpc_client_call(clients[i], &calls[i], "/grpc.health.v1.Health/Watch", BYTES_LITERAL(""));
        while (calls[i].body.len == 0) {
            grpc_client_idle(clients[i]);
        }
    }
    grpc_client_free(clients[1]);
    otlp_receiver_drain(bench->receiver);
    for (size_t i = 0; i < 3; i++) {
        if (i != 1) {
            assert_true(grpc_client_wait(clients[i], &calls[i]));
            assert_string_equal("14", calls[i].grpc_status);
            grpc_client_free(clients[i]);
        }
        grpc_call_deinit(&calls[i]);
    }
}

static void a_receiver_is_freed_with_requests_under_way(void **state)
{
    struct bench *bench = *state;
    struct grpc_client *client = connect_grpc(bench);
    struct grpc_call call;
    struct socket_peer peer;
    bench->admission.later = true;
    grpc_client_call(client, &call, EXPORT, BYTES_LITERAL("\x0a\x04\x12\x02\x12\0"));
    connect_http(bench, &peer);
    send_json(&peer, SPAN);
    while (bench->admission.waiting < 2) {
        grpc_client_idle(client);
    }
    otlp_receiver_free(bench->receiver);
    bench->receiver = NULL;
    fake_admission_answer(&bench->admission, ADMISSION_OK);
    assert_int_equal(0, budget_total(&bench->admission.account));
    grpc_call_deinit(&call);
    grpc_client_free(client);
    socket_peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(http_requests_are_answered_on_one_connection, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(http_refusals_carry_a_status_whoever_makes_them, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_http_request_may_come_byte_by_byte_and_in_chunks, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(http_answers_wait_and_a_closed_peer_is_forgotten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(grpc_calls_run_side_by_side, setup, teardown),
        cmocka_unit_test_setup_teardown(grpc_refusals_are_trailers_only, setup, teardown),
        cmocka_unit_test_setup_teardown(a_grpc_message_over_the_limit_is_resource_exhausted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_call_and_a_drain_lose_nobody_elses_answer,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_watcher_that_has_gone_does_not_disturb_the_drain, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_receiver_is_freed_with_requests_under_way, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
