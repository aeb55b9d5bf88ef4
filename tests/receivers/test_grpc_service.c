#include "receivers/grpc_service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/hex.h"
#include "daemon/core/wire.h"
#include "receivers/grpc_health.h"
#include "receivers/otlp_coding.h"
#include "tests/net/pack.h"
#include "tests/receivers/service_fixture.h"
#include "tests/support/span_builder.h"

#define EXPORT "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
#define HEALTH "/grpc.health.v1.Health/Check"
#define WATCH  "/grpc.health.v1.Health/Watch"
#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define EMPTY "\0\0\0\0\0"

static const char *const plain[] = {"content-type", "application/grpc", NULL};

static int setup(void **state)
{
    struct service *service = malloc(sizeof *service);
    service_init(service, &grpc_service_handler);
    *state = service;
    return 0;
}

static int teardown(void **state)
{
    service_deinit(*state);
    free(*state);
    return 0;
}

static void put_frame(struct buf *out, uint8_t flag, struct bytes message)
{
    uint8_t prefix[5] = {flag, (uint8_t)(message.len >> 24), (uint8_t)(message.len >> 16),
                         (uint8_t)(message.len >> 8), (uint8_t)message.len};
    buf_append(out, prefix, sizeof prefix);
    buf_append_bytes(out, message);
}

static void put_request(struct buf *out, uint32_t spans)
{
    struct buf message = BUF_NULL;
    for (uint32_t i = 0; i < spans; i++) {
        const struct span_build span = {.id = i + 1, .name = "a", .service = "s"};
        request_encode(&message, &span, 1);
    }
    put_frame(out, 0, buf_bytes(&message));
    buf_deinit(&message);
}

static void assert_code(struct exchange *exchange, const char *code)
{
    assert_int_equal(1, exchange->answers);
    assert_int_equal(200, exchange->status);
    assert_string_equal("application/grpc", exchange_header(exchange, "content-type"));
    assert_string_equal(code, exchange_header(exchange, "grpc-status"));
}

static void success_is_an_empty_message_and_status_0(void **state)
{
    struct service *service = *state;
    struct buf body = BUF_NULL;
    struct exchange exchange;
    put_request(&body, 3);
    exchange_run(&exchange, service, EXPORT, plain, buf_bytes(&body));
    assert_code(&exchange, "0");
    assert_null(exchange_header(&exchange, "grpc-message"));
    assert_true(bytes_equal(buf_bytes(&exchange.body), BYTES_LITERAL(EMPTY)));
    assert_int_equal(3, service->admission.spans);
    assert_int_equal(1, counter_get(&service->context.counters.by[OTLP_GRPC].requests));
    assert_int_equal(3, counter_get(&service->context.counters.by[OTLP_GRPC].accepted_spans));
    exchange_deinit(&exchange);
    buf_deinit(&body);
}

static void rejected_spans_are_a_partial_success(void **state)
{
    struct service *service = *state;
    struct buf body = BUF_NULL;
    struct exchange exchange;
    /* one span without IDs */
    put_frame(&body, 0, BYTES_LITERAL("\x0a\x04\x12\x02\x12\0"));
    exchange_run(&exchange, service, EXPORT, plain, buf_bytes(&body));
    assert_code(&exchange, "0");
    assert_int_equal(0, exchange.body.data[0]);
    assert_int_equal(exchange.body.len - 5, exchange.body.data[4] | exchange.body.data[3] << 8);
    assert_true(bytes_contain(buf_bytes(&exchange.body), BYTES_LITERAL("\x08\x01")));
    assert_true(bytes_contain(buf_bytes(&exchange.body), BYTES_LITERAL("trace ID")));
    assert_true(bytes_contain(buf_bytes(&exchange.body), BYTES_LITERAL("logs or metrics")));
    assert_int_equal(1, service->rejected_spans);
    exchange_deinit(&exchange);
    buf_deinit(&body);
}

struct row {
    const char *path;
    const char *headers[7];
    struct bytes body;
    const char *code;
    bool counted;
};

#define GRPC "content-type", "application/grpc"

/* clang-format off */
static const struct row rows[] = {
    { EXPORT, { GRPC }, BYTES(EMPTY), "0", false },
    { EXPORT, { "content-type", "application/grpc+proto" }, BYTES(EMPTY), "0", false },
    { EXPORT, { "content-type", "application/grpc;x=y" }, BYTES(EMPTY), "0", false },
    { EXPORT, { "content-type", "application/grpc+json" }, BYTES(EMPTY), "12", false },
    { "/", { GRPC }, BYTES(EMPTY), "12", false },
    { "/a.B/C", { GRPC }, BYTES(EMPTY), "12", false },
    { "/opentelemetry.proto.collector.trace.v1.TraceService/export", { GRPC }, BYTES(EMPTY), "12", false },
    { "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", { GRPC }, BYTES(EMPTY), "12", false },
    { EXPORT, { GRPC }, BYTES(""), "12", true },
    { EXPORT, { GRPC }, BYTES("\0\0\0"), "13", true },
    { EXPORT, { GRPC }, BYTES("\2\0\0\0\0"), "13", true },
    { EXPORT, { GRPC }, BYTES("\xff\0\0\0\0"), "13", true },
    { EXPORT, { GRPC }, BYTES("\1\0\0\0\0"), "13", true },
    { EXPORT, { GRPC, "grpc-encoding", "identity" }, BYTES("\1\0\0\0\0"), "13", true },
    { EXPORT, { GRPC, "grpc-encoding", "br" }, BYTES("\1\0\0\0\0"), "12", true },
    { EXPORT, { GRPC, "grpc-encoding", "gzip" }, BYTES("\1\0\0\0\1x"), "13", true },
    { EXPORT, { GRPC, "grpc-encoding", "gzip" }, BYTES(EMPTY), "0", false },
    { EXPORT, { GRPC, "grpc-encoding", "br" }, BYTES(EMPTY), "0", false },
    { EXPORT, { GRPC }, BYTES("\0\xff\xff\xff\xff"), "8", true },
    { EXPORT, { GRPC }, BYTES("\0\0\1\0\1"), "8", true },          /* 65537 */
    { EXPORT, { GRPC }, BYTES("\0\0\1\0\0"), "13", true },         /* 65536, not there */
    { EXPORT, { GRPC }, BYTES("\0\0\0\0\5abcd"), "13", true },
    { EXPORT, { GRPC }, BYTES(EMPTY EMPTY), "12", true },
    { EXPORT, { GRPC }, BYTES("\0\0\0\0\1\x0ax"), "12", true },
    { EXPORT, { GRPC }, BYTES("\0\0\0\0\3\xff\xff\xff"), "3", true },
    { EXPORT, { GRPC, "grpc-timeout", "10S" }, BYTES(EMPTY), "0", false },
    { EXPORT, { GRPC, "grpc-timeout", "99999999H" }, BYTES(EMPTY), "0", false },
    { EXPORT, { GRPC, "grpc-timeout", "0n" }, BYTES(EMPTY), "4", false },
    { EXPORT, { GRPC, "grpc-timeout", "999999999H" }, BYTES(EMPTY), "13", false },
    { EXPORT, { GRPC, "grpc-timeout", "abc" }, BYTES(EMPTY), "13", false },
    { EXPORT, { GRPC, "grpc-timeout", "5" }, BYTES(EMPTY), "13", false },
    { EXPORT, { GRPC, "grpc-timeout", "" }, BYTES(EMPTY), "13", false },
    { EXPORT, { GRPC, "grpc-timeout", "-1S" }, BYTES(EMPTY), "13", false },
    { HEALTH, { GRPC }, BYTES("\0\0\0\0\4\x0a\2ab"), "5", false },
    { HEALTH, { GRPC }, BYTES("\0\0\0\0\2\x0a\2"), "3", false },
};
/* clang-format on */

static void each_call_has_its_code(void **state)
{
    struct service *service = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t before = service->refused_requests;
        struct exchange exchange;
        exchange_run(&exchange, service, rows[i].path, rows[i].headers, rows[i].body);
        const char *code = exchange_header(&exchange, "grpc-status");
        if (exchange.answers != 1 || exchange.status != 200 || code == NULL ||
            strcmp(code, rows[i].code) != 0 ||
            service->refused_requests - before != rows[i].counted) {
            fail_msg("row %zu: %u answers, status %u, code %s, %u counted", i, exchange.answers,
                     exchange.status, code, (unsigned)(service->refused_requests - before));
        }
        bool is_good = strcmp(rows[i].code, "0") == 0;
        assert_int_equal(is_good, exchange.body.len > 0);
        assert_int_equal(!is_good, exchange_header(&exchange, "grpc-message") != NULL);
        exchange_deinit(&exchange);
    }
    assert_int_equal(0, service->admission.submissions);
}

static void what_is_not_grpc_gets_a_plain_status(void **state)
{
    static const char *const kinds[][3] = {{NULL},
                                           {"content-type", "application/json"},
                                           {"content-type", "text/plain"},
                                           {"content-type", "application/grpcx"}};
    struct exchange exchange;
    for (size_t i = 0; i < 4; i++) {
        exchange_run(&exchange, *state, EXPORT, kinds[i], BYTES_LITERAL(EMPTY));
        assert_int_equal(415, exchange.status);
        exchange_deinit(&exchange);
    }
    exchange_begin(&exchange, *state, "GET", EXPORT, plain, 0);
    assert_int_equal(405, exchange.status);
    assert_string_equal("POST", exchange_header(&exchange, "allow"));
    exchange_deinit(&exchange);
}

static void an_unknown_compression_names_the_known_ones(void **state)
{
    static const char *const headers[] = {GRPC, "grpc-encoding", "snappy", NULL};
    struct exchange exchange;
    exchange_run(&exchange, *state, EXPORT, headers, BYTES_LITERAL("\1\0\0\0\0"));
    assert_string_equal(GRPC_CODINGS, exchange_header(&exchange, "grpc-accept-encoding"));
    exchange_deinit(&exchange);
}

/* The google.rpc.Status of grpc-status-details-bin. */
static void details_of(struct exchange *exchange, struct buf *ret)
{
    const char *text = exchange_header(exchange, "grpc-status-details-bin");
    assert_non_null(text);
    assert_null(strchr(text, '='));
    assert_int_equal(0, base64_parse(bytes_of(text), ret));
}

static void overload_is_unavailable_with_retry_info(void **state)
{
    struct service *service = *state;
    struct buf body = BUF_NULL;
    struct buf details = BUF_NULL;
    struct exchange exchange;
    put_request(&body, 1);
    service->admission.outcome = ADMISSION_BUSY;
    exchange_run(&exchange, service, EXPORT, plain, buf_bytes(&body));
    assert_code(&exchange, "14");
    details_of(&exchange, &details);
    assert_true(bytes_start_with(buf_bytes(&details), BYTES_LITERAL("\x08\x0e")));
    assert_true(bytes_contain(buf_bytes(&details), BYTES_LITERAL("google.rpc.RetryInfo")));
    assert_true(bytes_contain(buf_bytes(&details),
                              BYTES_LITERAL("\x08\x01\x10\x80\xca\xb5\xee\x01"))); /* 1.5 s */
    exchange_deinit(&exchange);
    service->admission.reserve = ADMISSION_DRAINING;
    exchange_begin(&exchange, service, "POST", EXPORT, plain, UINT64_MAX);
    assert_true(exchange.refused);
    assert_code(&exchange, "14");
    exchange_deinit(&exchange);
    assert_int_equal(0, service->refused_requests);
    assert_int_equal(2, counter_get(&service->context.counters.by[OTLP_GRPC].refused_requests));
    buf_deinit(&details);
    buf_deinit(&body);
}

static void too_large_has_no_retry_info(void **state)
{
    struct exchange exchange;
    exchange_run(&exchange, *state, EXPORT, plain, BYTES_LITERAL("\0\xff\xff\xff\xff"));
    assert_code(&exchange, "8");
    assert_null(exchange_header(&exchange, "grpc-status-details-bin"));
    exchange_deinit(&exchange);
}

static void bad_data_has_its_details(void **state)
{
    struct buf details = BUF_NULL;
    struct exchange exchange;
    exchange_run(&exchange, *state, EXPORT, plain, BYTES_LITERAL("\0\0\0\0\2\x0a\x05"));
    assert_code(&exchange, "3");
    details_of(&exchange, &details);
    assert_true(bytes_contain(buf_bytes(&details), BYTES_LITERAL("google.rpc.BadRequest")));
    buf_deinit(&details);
    exchange_deinit(&exchange);
}

static void a_body_over_the_servers_limit_is_resource_exhausted(void **state)
{
    struct service *service = *state;
    struct exchange exchange;
    struct http_response response = {.status = 413};
    exchange_begin(&exchange, service, "POST", EXPORT, plain, UINT64_MAX);
    service->handler->refuse(&service->context, &exchange.incoming.request, 413, "too large",
                             &response);
    assert_int_equal(200, response.status);
    assert_true(bytes_is(response.trailers[0].name, "grpc-status"));
    assert_true(bytes_is(response.trailers[0].value, "8"));
    assert_int_equal(0, response.body.len);
    assert_int_equal(1, service->refused_requests);
    service->handler->closed(&service->context, &exchange.incoming.request);
    exchange_deinit(&exchange);
}

static void compression_is_undone_within_the_limit(void **state)
{
    static const char *const headers[][5] = {
        {GRPC, "grpc-encoding", "gzip", NULL},
        {GRPC, "grpc-encoding", "deflate", NULL},
        {GRPC, "grpc-encoding", "zstd", NULL},
    };
    static const enum inflate_coding codings[] = {INFLATE_GZIP, INFLATE_DEFLATE, INFLATE_ZSTD};
    struct service *service = *state;
    struct buf bodies[3] = {BUF_NULL, BUF_NULL, BUF_NULL}; /* good, damaged, a bomb */
    for (size_t i = 0; i < 3; i++) {
        struct buf request = BUF_NULL;
        struct buf packed = BUF_NULL;
        uint8_t *zeros = calloc(1, 100000);
        put_request(&request, 2);
        pack(&packed, codings[i], 9, request.data + 5, request.len - 5);
        put_frame(&bodies[0], 1, buf_bytes(&packed));
        put_frame(&bodies[1], 1, bytes_from(packed.data, packed.len - 1));
        buf_reset(&packed);
        pack(&packed, codings[i], 9, zeros, 100000);
        put_frame(&bodies[2], 1, buf_bytes(&packed));
        for (size_t j = 0; j < 3; j++) {
            static const char *const codes[] = {"0", "13", "8"};
            struct exchange exchange;
            exchange_run(&exchange, service, EXPORT, headers[i], buf_bytes(&bodies[j]));
            assert_code(&exchange, codes[j]);
            exchange_deinit(&exchange);
            buf_deinit(&bodies[j]);
        }
        buf_deinit(&request);
        buf_deinit(&packed);
        free(zeros);
    }
    assert_int_equal(6, service->admission.spans);
    assert_int_equal(0, budget_total(&service->admission.account));
}

static void a_deadline_counts_from_the_header(void **state)
{
    static const char *const headers[] = {GRPC, "grpc-timeout", "100m", NULL};
    struct service *service = *state;
    struct buf body = BUF_NULL;
    struct exchange exchange;
    put_request(&body, 1);
    exchange_begin(&exchange, service, "POST", EXPORT, headers, UINT64_MAX);
    clock_manual_advance(&service->clock, 99 * NS_PER_MS);
    exchange_complete(&exchange, service, buf_bytes(&body));
    assert_code(&exchange, "0");
    exchange_deinit(&exchange);
    exchange_begin(&exchange, service, "POST", EXPORT, headers, UINT64_MAX);
    clock_manual_advance(&service->clock, 100 * NS_PER_MS);
    exchange_complete(&exchange, service, buf_bytes(&body));
    assert_code(&exchange, "4");
    exchange_deinit(&exchange);
    assert_int_equal(1, service->admission.submissions);
    buf_deinit(&body);
}

static void answers_wait_for_the_admission_and_cancelled_calls_get_none(void **state)
{
    struct service *service = *state;
    struct buf body = BUF_NULL;
    struct exchange exchanges[2];
    put_request(&body, 1);
    service->admission.later = true;
    for (size_t i = 0; i < 2; i++) {
        exchange_run(&exchanges[i], service, EXPORT, plain, buf_bytes(&body));
        assert_int_equal(0, exchanges[i].answers);
    }
    exchange_close(&exchanges[0], service);
    fake_admission_answer(&service->admission, ADMISSION_BUSY);
    assert_int_equal(0, exchanges[0].answers);
    assert_code(&exchanges[1], "14");
    exchange_deinit(&exchanges[0]);
    exchange_deinit(&exchanges[1]);
    buf_deinit(&body);
}

static void health_is_serving_until_the_drain(void **state)
{
    struct service *service = *state;
    static const struct bytes requests[] = {
        BYTES(EMPTY),
        BYTES("\0\0\0\0\x35\x0a\x33opentelemetry.proto.collector.trace.v1.TraceService")};
    struct exchange exchange;
    for (size_t i = 0; i < 2; i++) {
        exchange_run(&exchange, service, HEALTH, plain, requests[i]);
        assert_code(&exchange, "0");
        assert_true(bytes_equal(buf_bytes(&exchange.body), BYTES_LITERAL("\0\0\0\0\2\x08\x01")));
        exchange_deinit(&exchange);
    }
    service->context.draining = true;
    exchange_run(&exchange, service, HEALTH, plain, requests[0]);
    assert_true(bytes_equal(buf_bytes(&exchange.body), BYTES_LITERAL("\0\0\0\0\2\x08\x02")));
    exchange_deinit(&exchange);
}

static void other_signals_are_taken_and_dropped_or_unimplemented(void **state)
{
    static const char logs[] = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    struct service *service = *state;
    struct exchange exchange;
    exchange_run(&exchange, service, logs, plain, BYTES_LITERAL("\0\0\0\0\1x"));
    assert_code(&exchange, "0");
    exchange_deinit(&exchange);
    assert_int_equal(1, counter_get(&service->context.counters.other_signals));
    service->context.options.other_signals = OTHER_SIGNALS_REFUSE;
    exchange_run(&exchange, service, logs, plain, BYTES_LITERAL(EMPTY));
    assert_code(&exchange, "12");
    exchange_deinit(&exchange);
}

static void who_watches_the_health_is_told_until_the_end(void **state)
{
    static const struct bytes requests[] = {
        BYTES(EMPTY),
        BYTES("\0\0\0\0\4\x0a\2ab"),
    };
    static const struct bytes told[] = {BYTES("\0\0\0\0\2\x08\1"), BYTES("\0\0\0\0\2\x08\3")};
    static const struct bytes last[] = {BYTES("\0\0\0\0\2\x08\2"), BYTES("\0\0\0\0\2\x08\3")};
    struct service *service = *state;
    struct exchange exchanges[3];
    for (size_t i = 0; i < 2; i++) {
        exchange_run(&exchanges[i], service, WATCH, plain, requests[i]);
        assert_int_equal(1, exchanges[i].answers);
        assert_true(bytes_equal(told[i], buf_bytes(&exchanges[i].body)));
        assert_null(exchange_header(&exchanges[i], "grpc-status"));
        buf_reset(&exchanges[i].body);
    }
    exchange_run(&exchanges[2], service, WATCH, plain, requests[0]);
    exchange_close(&exchanges[2], service);
    service->context.draining = true;
    grpc_health_drain(&service->context);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(2, exchanges[i].answers);
        assert_true(bytes_equal(last[i], buf_bytes(&exchanges[i].body)));
        assert_string_equal("14", exchange_header(&exchanges[i], "grpc-status"));
    }
    assert_int_equal(1, exchanges[2].answers);
    for (size_t i = 0; i < 3; i++) {
        exchange_deinit(&exchanges[i]);
    }
    exchange_run(&exchanges[0], service, WATCH, plain, requests[0]);
    assert_int_equal(1, exchanges[0].answers); /* at once, while it drains */
    assert_string_equal("14", exchange_header(&exchanges[0], "grpc-status"));
    assert_true(bytes_equal(last[0], buf_bytes(&exchanges[0].body)));
    assert_true(list_empty(&service->context.watchers));
    exchange_deinit(&exchanges[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_watches_the_health_is_told_until_the_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(success_is_an_empty_message_and_status_0, setup, teardown),
        cmocka_unit_test_setup_teardown(rejected_spans_are_a_partial_success, setup, teardown),
        cmocka_unit_test_setup_teardown(each_call_has_its_code, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_grpc_gets_a_plain_status, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_compression_names_the_known_ones, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(overload_is_unavailable_with_retry_info, setup, teardown),
        cmocka_unit_test_setup_teardown(too_large_has_no_retry_info, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_data_has_its_details, setup, teardown),
        cmocka_unit_test_setup_teardown(a_body_over_the_servers_limit_is_resource_exhausted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(compression_is_undone_within_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deadline_counts_from_the_header, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_wait_for_the_admission_and_cancelled_calls_get_none,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(health_is_serving_until_the_drain, setup, teardown),
        cmocka_unit_test_setup_teardown(other_signals_are_taken_and_dropped_or_unimplemented, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
