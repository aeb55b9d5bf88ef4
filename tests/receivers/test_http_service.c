#include "receivers/http_service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "receivers/otlp_coding.h"
#include "tests/net/pack.h"
#include "tests/receivers/service_fixture.h"

#define SPAN(id, name)                                                                             \
    "{\"traceId\":\"" id "\",\"spanId\":\"00000000000000cd\",\"name\":\"" name "\"}"
#define DOCUMENT(spans) "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" spans "]}]}]}"
#define GOOD_ID         "000000000000000000000000000000ab"
#define GOOD            DOCUMENT(SPAN(GOOD_ID, "a"))
#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const char *const json[] = {"Content-Type", "application/json", NULL};
static const char *const protobuf[] = {"Content-Type", "application/x-protobuf", NULL};
static const char *const json_gzip[] = {"Content-Type", "application/json", "Content-Encoding",
                                        "gzip", NULL};

static int setup(void **state)
{
    struct service *service = malloc(sizeof *service);
    service_init(service, &http_service_handler);
    *state = service;
    return 0;
}

static int teardown(void **state)
{
    service_deinit(*state);
    free(*state);
    return 0;
}

static bool body_contains(const struct exchange *exchange, const char *text)
{
    return bytes_contain(buf_bytes(&exchange->body), bytes_of(text));
}

static void success_is_200_with_the_empty_message(void **state)
{
    struct service *service = *state;
    struct exchange exchange;
    exchange_run(&exchange, service, "/v1/traces", json, BYTES_LITERAL(GOOD));
    assert_int_equal(1, exchange.answers);
    assert_int_equal(200, exchange.status);
    assert_true(bytes_is(buf_bytes(&exchange.body), "{}"));
    assert_string_equal("application/json", exchange_header(&exchange, "content-type"));
    exchange_deinit(&exchange);
    exchange_run(&exchange, service, "/v1/traces", protobuf,
                 BYTES_LITERAL("\x0a\x20\x12\x1e\x12\x1c\x0a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
                               "\x12\x08\0\0\0\0\0\0\0\x02"));
    assert_int_equal(200, exchange.status);
    assert_int_equal(0, exchange.body.len);
    assert_string_equal("application/x-protobuf", exchange_header(&exchange, "content-type"));
    exchange_deinit(&exchange);
    assert_int_equal(2, service->admission.spans);
    assert_int_equal(2, counter_get(&service->context.counters.by[OTLP_HTTP].accepted_spans));
    assert_int_equal(2, counter_get(&service->context.counters.by[OTLP_HTTP].requests));
}

static void requests_without_spans_succeed_without_the_pipeline(void **state)
{
    struct service *service = *state;
    static const struct {
        const char *const *headers;
        struct bytes body;
    } rows[] = {
        {json, BYTES("")},     {json, BYTES("{}")},         {json, BYTES("null")},
        {protobuf, BYTES("")}, {protobuf, BYTES("\x0a\0")}, {json, BYTES("{\"resourceSpans\":[]}")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct exchange exchange;
        exchange_run(&exchange, service, "/v1/traces", rows[i].headers, rows[i].body);
        assert_int_equal(200, exchange.status);
        exchange_deinit(&exchange);
    }
    assert_int_equal(0, service->admission.submissions);
}

static void attributes_that_nobody_reads_are_not_listed(void **state)
{
    static const char document[] =
        DOCUMENT("{\"traceId\":\"" GOOD_ID "\",\"spanId\":\"00000000000000cd\",\"attributes\":["
                 "{\"key\":\"app.read\",\"value\":{\"stringValue\":\"x\"}},"
                 "{\"key\":\"app.other\",\"value\":{\"stringValue\":\"y\"}},"
                 "{\"key\":\"other\",\"value\":{\"intValue\":\"3\"}}]}");
    struct service *service = *state;
    struct exchange exchange;
    struct listed_keys read = LISTED_KEYS_NONE;
    (void)attr_hints_add(&read.span, BYTES_LITERAL("app.read"));
    exchange_run(&exchange, service, "/v1/traces", json, bytes_of(document));
    exchange_deinit(&exchange);
    assert_int_equal(3, service->admission.listed);
    assert_int_equal(0, service->admission.unlisted);
    service->admission.port.listed = &read;
    exchange_run(&exchange, service, "/v1/traces", json, bytes_of(document));
    assert_int_equal(200, exchange.status);
    exchange_deinit(&exchange);
    assert_int_equal(3 + 1, service->admission.listed);
    assert_int_equal(2, service->admission.unlisted);
}

static void rejected_spans_are_a_partial_success(void **state)
{
    struct service *service = *state;
    struct exchange exchange;
    exchange_run(&exchange, service, "/v1/traces", json,
                 BYTES_LITERAL(DOCUMENT(SPAN(GOOD_ID, "a") "," SPAN("zz", "b") "," SPAN("", "c"))));
    assert_int_equal(200, exchange.status);
    assert_true(body_contains(&exchange, "\"rejectedSpans\":\"2\""));
    assert_true(body_contains(&exchange, "trace ID"));
    assert_int_equal(1, service->admission.spans);
    assert_int_equal(2, service->admission.rejected);
    assert_int_equal(2, service->rejected_spans);
    assert_int_equal(0, service->refused_requests);
    exchange_deinit(&exchange);
}

static void snake_case_keys_are_warned_of_on_success(void **state)
{
    struct service *service = *state;
    struct exchange exchange;
    exchange_run(&exchange, service, "/v1/traces", json, BYTES_LITERAL("{\"resource_spans\":[]}"));
    assert_int_equal(200, exchange.status);
    assert_true(body_contains(&exchange, "\"rejectedSpans\":\"0\""));
    assert_true(body_contains(&exchange, "resource_spans"));
    exchange_deinit(&exchange);
}

struct refusal {
    const char *method, *path;
    const char *headers[5];
    struct bytes body;
    unsigned status;
    const char *content_type;
    bool counted;
};

#define JSON     "Content-Type", "application/json"
#define PROTOBUF "Content-Type", "application/x-protobuf"

/* clang-format off */
static const struct refusal refusals[] = {
    { "POST", "/", { JSON }, BYTES("{}"), 404, "application/json", false },
    { "POST", "/v1/traces/", { JSON }, BYTES("{}"), 404, "application/json", false },
    { "POST", "//v1/traces", { PROTOBUF }, BYTES(""), 404, "application/x-protobuf", false },
    { "POST", "/v1/%74races", { JSON }, BYTES("{}"), 404, "application/json", false },
    { "GET", "/v1/traces", { JSON }, BYTES(""), 405, "application/json", false },
    { "DELETE", "/v1/traces", { PROTOBUF }, BYTES(""), 405, "application/x-protobuf", false },
    { "FOO", "/v1/traces", { JSON }, BYTES(""), 501, "application/json", false },
    { "POST", "/v1/traces", { NULL }, BYTES("{}"), 415, "application/json", true },
    { "POST", "/v1/traces", { "Content-Type", "text/plain" }, BYTES("{}"), 415, "application/json", true },
    { "POST", "/v1/traces", { "Content-Type", "application/json; charset=utf-16" }, BYTES("{}"), 415, "application/json", true },
    { "POST", "/v1/traces", { JSON, "Content-Encoding", "br" }, BYTES("{}"), 415, "application/json", true },
    { "POST", "/v1/traces", { JSON, "Content-Encoding", "gzip, gzip" }, BYTES("{}"), 415, "application/json", true },
    { "POST", "/v1/traces", { JSON }, BYTES("{"), 400, "application/json", true },
    { "POST", "/v1/traces", { JSON }, BYTES(" "), 400, "application/json", true },
    { "POST", "/v1/traces", { PROTOBUF }, BYTES("\xff{"), 400, "application/x-protobuf", true },
    { "POST", "/v1/traces", { PROTOBUF, "Content-Encoding", "gzip" }, BYTES("x"), 400, "application/x-protobuf", true },
};
/* clang-format on */

static void each_refusal_has_its_status_and_body(void **state)
{
    struct service *service = *state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *row = &refusals[i];
        uint64_t before = service->refused_requests;
        struct exchange exchange;
        exchange_begin(&exchange, service, row->method, row->path, row->headers, row->body.len);
        exchange_complete(&exchange, service, row->body);
        const char *type = exchange_header(&exchange, "content-type");
        if (exchange.answers != 1 || exchange.status != row->status || type == NULL ||
            strcmp(type, row->content_type) != 0 || exchange.body.len == 0 ||
            service->refused_requests - before != row->counted) {
            fail_msg("row %zu: %u answers, status %u, %s", i, exchange.answers, exchange.status,
                     type);
        }
        assert_int_equal(row->status == 405, exchange_header(&exchange, "Allow") != NULL);
        exchange_deinit(&exchange);
    }
    assert_int_equal(0, service->admission.submissions);
}

static void an_unknown_compression_names_the_known_ones(void **state)
{
    static const char *const headers[] = {JSON, "Content-Encoding", "br", NULL};
    struct exchange exchange;
    exchange_run(&exchange, *state, "/v1/traces", headers, BYTES_LITERAL("{}"));
    assert_string_equal(HTTP_CODINGS, exchange_header(&exchange, "Accept-Encoding"));
    exchange_deinit(&exchange);
}

static void malformed_json_names_the_field(void **state)
{
    struct exchange exchange;
    exchange_run(&exchange, *state, "/v1/traces", json, BYTES_LITERAL("{\"resourceSpans\":5}"));
    assert_int_equal(400, exchange.status);
    assert_true(body_contains(&exchange, "\"field\":\"resourceSpans\""));
    assert_true(body_contains(&exchange, "google.rpc.BadRequest"));
    exchange_deinit(&exchange);
}

static void media_types_are_read_with_parameters_and_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(HTTP_JSON, http_encoding_of(BYTES_LITERAL("application/json")));
    assert_int_equal(HTTP_JSON,
                     http_encoding_of(BYTES_LITERAL("Application/JSON ; charset=UTF-8")));
    assert_int_equal(HTTP_JSON,
                     http_encoding_of(BYTES_LITERAL("application/json;a=b; CHARSET = \"utf-8\";")));
    assert_int_equal(HTTP_PROTOBUF,
                     http_encoding_of(BYTES_LITERAL("application/x-protobuf; messageType=x")));
    assert_int_equal(HTTP_ENCODING_UNKNOWN,
                     http_encoding_of(BYTES_LITERAL("application/json; charset=latin1")));
    assert_int_equal(HTTP_ENCODING_UNKNOWN, http_encoding_of(BYTES_LITERAL("application/jsonx")));
    assert_int_equal(HTTP_ENCODING_UNKNOWN, http_encoding_of(BYTES_NULL));
}

static const char *const json_packed[][5] = {
    {"Content-Type", "application/json", "Content-Encoding", "GZIP", NULL},
    {"Content-Type", "application/json", "Content-Encoding", "deflate", NULL},
    {"Content-Type", "application/json", "Content-Encoding", "zstd", NULL},
    {"Content-Type", "application/json", "Content-Encoding", "x-gzip", NULL},
};
static const enum inflate_coding json_codings[] = {INFLATE_GZIP, INFLATE_DEFLATE, INFLATE_ZSTD,
                                                   INFLATE_GZIP};

static void compression_is_undone_within_the_limit(void **state)
{
    struct service *service = *state;
    char *blanks = calloc(1, 70000);
    for (size_t i = 0; i < sizeof json_codings / sizeof json_codings[0]; i++) {
        struct exchange exchange;
        struct buf packed = BUF_NULL;
        pack(&packed, json_codings[i], 9, GOOD, sizeof GOOD - 1);
        exchange_run(&exchange, service, "/v1/traces", json_packed[i], buf_bytes(&packed));
        assert_int_equal(200, exchange.status);
        assert_int_equal(i + 1, service->admission.spans);
        exchange_deinit(&exchange);
        packed.len--;
        exchange_run(&exchange, service, "/v1/traces", json_packed[i], buf_bytes(&packed));
        assert_int_equal(400, exchange.status);
        exchange_deinit(&exchange);
        buf_reset(&packed);
        pack(&packed, json_codings[i], 9, blanks, 70000);
        exchange_run(&exchange, service, "/v1/traces", json_packed[i], buf_bytes(&packed));
        assert_int_equal(413, exchange.status);
        exchange_deinit(&exchange);
        buf_deinit(&packed);
    }
    free(blanks);
    assert_int_equal(8, service->refused_requests);
    assert_int_equal(0, budget_total(&service->admission.account));
}

static void what_is_announced_too_large_is_refused_before_it_comes(void **state)
{
    struct exchange exchange;
    exchange_begin(&exchange, *state, "POST", "/v1/traces", json, 70000);
    assert_true(exchange.refused);
    assert_int_equal(413, exchange.status);
    exchange_deinit(&exchange);
}

static void overload_is_503_with_retry_after_before_and_after_the_body(void **state)
{
    struct service *service = *state;
    struct exchange exchange;
    service->admission.reserve = ADMISSION_BUSY;
    exchange_begin(&exchange, service, "POST", "/v1/traces", json, 100);
    assert_true(exchange.refused);
    assert_int_equal(503, exchange.status);
    assert_string_equal("2", exchange_header(&exchange, "Retry-After"));
    assert_true(body_contains(&exchange, "\"retryDelay\":\"1.500s\""));
    exchange_deinit(&exchange);
    service->admission.reserve = ADMISSION_OK;
    service->admission.outcome = ADMISSION_DRAINING;
    exchange_run(&exchange, service, "/v1/traces", json, BYTES_LITERAL(GOOD));
    assert_int_equal(503, exchange.status);
    assert_true(body_contains(&exchange, "shutting down"));
    exchange_deinit(&exchange);
    assert_int_equal(2, counter_get(&service->context.counters.by[OTLP_HTTP].refused_requests));
    assert_int_equal(0, service->refused_requests);
    assert_int_equal(0, counter_get(&service->context.counters.by[OTLP_HTTP].accepted_spans));
    assert_int_equal(1, counter_get(&service->context.counters.by[OTLP_HTTP].refused_spans));
    assert_int_equal(0, counter_get(&service->context.counters.by[OTLP_HTTP].accepted_requests));
    assert_int_equal(0, counter_get(&service->context.counters.by[OTLP_GRPC].refused_requests));
}

static void budget_is_held_for_what_is_decompressed_and_given_back(void **state)
{
    struct service *service = *state;
    struct buf packed = BUF_NULL;
    struct exchange exchange;
    char *blanks = malloc(50000);
    memset(blanks, ' ', 50000);
    memcpy(blanks, "{}", 2);
    pack(&packed, INFLATE_GZIP, 9, blanks, 50000);
    free(blanks);
    budget_init(&service->admission.account, 60000);
    exchange_begin(&exchange, service, "POST", "/v1/traces", json_gzip, packed.len);
    exchange_complete(&exchange, service, buf_bytes(&packed));
    assert_int_equal(503, exchange.status);
    exchange_deinit(&exchange);
    budget_init(&service->admission.account, 300000);
    exchange_begin(&exchange, service, "POST", "/v1/traces", json_gzip, packed.len);
    exchange_complete(&exchange, service, buf_bytes(&packed));
    assert_int_equal(200, exchange.status);
    assert_int_equal(0, budget_total(&service->admission.account));
    exchange_deinit(&exchange);
    buf_deinit(&packed);
}

static void the_answer_waits_for_the_admission(void **state)
{
    struct service *service = *state;
    struct exchange exchanges[3];
    service->admission.later = true;
    for (size_t i = 0; i < 3; i++) {
        exchange_run(&exchanges[i], service, "/v1/traces", json, BYTES_LITERAL(GOOD));
        assert_int_equal(0, exchanges[i].answers);
    }
    exchange_close(&exchanges[1], service);
    fake_admission_answer(&service->admission, ADMISSION_OK);
    assert_int_equal(200, exchanges[0].status);
    assert_int_equal(0, exchanges[1].answers);
    assert_int_equal(200, exchanges[2].status);
    assert_int_equal(3, counter_get(&service->context.counters.by[OTLP_HTTP].accepted_spans));
    assert_true(list_empty(&service->context.calls));
    for (size_t i = 0; i < 3; i++) {
        exchange_deinit(&exchanges[i]);
    }
}

static void a_peer_that_goes_away_before_its_body_leaves_nothing(void **state)
{
    struct service *service = *state;
    struct exchange exchange;
    exchange_begin(&exchange, service, "POST", "/v1/traces", json, 1000);
    exchange_close(&exchange, service);
    assert_int_equal(0, budget_total(&service->admission.account));
    assert_true(list_empty(&service->context.calls));
    assert_int_equal(0, exchange.answers);
    exchange_deinit(&exchange);
}

static void a_receiver_may_end_before_the_admission_answers(void **state)
{
    struct service *service = *state;
    struct exchange exchange;
    service->admission.later = true;
    exchange_run(&exchange, service, "/v1/traces", json, BYTES_LITERAL(GOOD));
    exchange_close(&exchange, service);
    otlp_context_orphan(&service->context);
    fake_admission_answer(&service->admission, ADMISSION_OK);
    assert_int_equal(0, exchange.answers);
    exchange_deinit(&exchange);
}

static void other_signals_are_taken_and_dropped_or_refused(void **state)
{
    static const char *const paths[] = {"/v1/logs", "/v1/metrics", "/v1development/profiles"};
    struct service *service = *state;
    for (size_t i = 0; i < 3; i++) {
        struct exchange exchange;
        exchange_run(&exchange, service, paths[i], protobuf,
                     BYTES_LITERAL("\xff not even looked at"));
        assert_int_equal(200, exchange.status);
        exchange_deinit(&exchange);
    }
    assert_int_equal(3, counter_get(&service->context.counters.other_signals));
    assert_int_equal(0, service->admission.submissions);
    service->context.options.other_signals = OTHER_SIGNALS_REFUSE;
    for (size_t i = 0; i < 3; i++) {
        struct exchange exchange;
        exchange_run(&exchange, service, paths[i], protobuf, BYTES_LITERAL(""));
        assert_int_equal(404, exchange.status);
        exchange_deinit(&exchange);
    }
    assert_int_equal(0, service->refused_requests);
}

static void the_servers_own_refusals_are_worded_alike(void **state)
{
    struct service *service = *state;
    struct exchange exchange;
    struct http_response response = {.status = 408};
    exchange_begin(&exchange, service, "POST", "/v1/traces", protobuf, 10);
    service->handler->refuse(&service->context, &exchange.incoming.request, 408, "too slow",
                             &response);
    assert_string_equal("application/x-protobuf", response.content_type);
    assert_true(bytes_equal(response.body, BYTES_LITERAL("\x12\x08too slow")));
    assert_null(exchange.incoming.request.state);
    service->handler->closed(&service->context, &exchange.incoming.request);
    exchange_deinit(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(success_is_200_with_the_empty_message, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_without_spans_succeed_without_the_pipeline, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(attributes_that_nobody_reads_are_not_listed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(rejected_spans_are_a_partial_success, setup, teardown),
        cmocka_unit_test_setup_teardown(snake_case_keys_are_warned_of_on_success, setup, teardown),
        cmocka_unit_test_setup_teardown(each_refusal_has_its_status_and_body, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_compression_names_the_known_ones, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(malformed_json_names_the_field, setup, teardown),
        cmocka_unit_test(media_types_are_read_with_parameters_and_in_any_case),
        cmocka_unit_test_setup_teardown(compression_is_undone_within_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_announced_too_large_is_refused_before_it_comes,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(overload_is_503_with_retry_after_before_and_after_the_body,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(budget_is_held_for_what_is_decompressed_and_given_back,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(the_answer_waits_for_the_admission, setup, teardown),
        cmocka_unit_test_setup_teardown(a_peer_that_goes_away_before_its_body_leaves_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_receiver_may_end_before_the_admission_answers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(other_signals_are_taken_and_dropped_or_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_servers_own_refusals_are_worded_alike, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
