#include "receivers/http_cors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/clock.h"
#include "receivers/http_service.h"
#include "tests/receivers/service_fixture.h"
#include "tests/support/failing_malloc.h"

#define TEXTS(array)                                                                               \
    {                                                                                              \
        array, sizeof(array) / sizeof(array)[0]                                                    \
    }

static const struct config_text some_origins[] = {{.text = "https://shop.example"},
                                                  {.text = "https://*.test.example"},
                                                  {.text = "http://localhost:*"}};
static const struct config_text some_headers[] = {{.text = "Authorization"}, {.text = "X-Tenant"}};
static const struct config_text any[] = {{.text = "*"}};
static const struct http_cors some = {TEXTS(some_origins), TEXTS(some_headers), 7200 * NS_PER_S};

static bool allows(const struct http_cors *cors, const char *origin)
{
    const struct http_header header = {BYTES_LITERAL("Origin"), bytes_of(origin)};
    const struct http_request request = {.headers = &header, .header_count = origin != NULL};
    return http_cors_allows(cors, &request);
}

static void origins_are_compared_whole_with_one_star(void **state)
{
    static const char *const good[] = {"https://shop.example",     "https://a.test.example",
                                       "https://a.b.test.example", "https://.test.example",
                                       "http://localhost:3000",    "http://localhost:"};
    static const char *const bad[] = {NULL,
                                      "",
                                      "null",
                                      "https://shop.example:444",
                                      "http://shop.example",
                                      "https://shop.example.evil",
                                      "xhttps://shop.example",
                                      "HTTPS://shop.example",
                                      "https://test.example",
                                      "https://a.test.example.evil",
                                      "http://localhost",
                                      "https://*"};
    const struct http_cors all = {.origins = TEXTS(any)};
    const struct http_cors none = {.max_age_ns = 1};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!allows(&some, good[i]) || !allows(&all, good[i]) || allows(&none, good[i])) {
            fail_msg("%s", good[i]);
        }
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (allows(&some, bad[i])) {
            fail_msg("%s", bad[i]);
        }
    }
    assert_false(http_cors_allows(&some, NULL));
}

static struct service *service_with(const struct http_cors *cors)
{
    struct service *service = malloc(sizeof *service);
    service_init(service, &http_service_handler);
    service->context.options.cors = *cors;
    return service;
}

static void service_end(struct service *service)
{
    service_deinit(service);
    free(service);
}

static void ask(struct exchange *exchange, struct service *service, const char *origin)
{
    const char *const headers[] = {"Origin",
                                   origin,
                                   "Access-Control-Request-Method",
                                   "POST",
                                   "Access-Control-Request-Headers",
                                   "content-type,x-odd",
                                   NULL};
    exchange_begin(exchange, service, "OPTIONS", "/v1/traces", headers, 0);
}

static void a_browser_that_may_is_told_so(void **state)
{
    struct service *service = service_with(&some);
    struct exchange exchange;
    (void)state;
    ask(&exchange, service, "https://a.test.example");
    assert_true(exchange.refused); /* without a body to read */
    assert_int_equal(204, exchange.status);
    assert_int_equal(0, exchange.body.len);
    assert_string_equal("https://a.test.example",
                        exchange_header(&exchange, "Access-Control-Allow-Origin"));
    assert_string_equal("Origin", exchange_header(&exchange, "Vary"));
    assert_string_equal("POST", exchange_header(&exchange, "Access-Control-Allow-Methods"));
    assert_string_equal("content-type, content-encoding, Authorization, X-Tenant",
                        exchange_header(&exchange, "Access-Control-Allow-Headers"));
    assert_string_equal("7200", exchange_header(&exchange, "Access-Control-Max-Age"));
    assert_null(exchange_header(&exchange, "Access-Control-Allow-Credentials"));
    exchange_deinit(&exchange);
    service_end(service);
}

static void a_browser_that_may_not_is_told_nothing(void **state)
{
    const struct http_cors none = {.max_age_ns = 1};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct exchange exchange;
        struct service *service = service_with(i == 0 ? &some : &none);
        ask(&exchange, service, "https://evil.example");
        assert_int_equal(405, exchange.status);
        assert_null(exchange_header(&exchange, "Access-Control-Allow-Origin"));
        exchange_deinit(&exchange);
        service_end(service);
    }
}

static void any_origin_and_any_header_may_be_allowed(void **state)
{
    const struct http_cors all = {TEXTS(any), TEXTS(any), 0};
    struct service *service = service_with(&all);
    struct exchange exchange;
    (void)state;
    ask(&exchange, service, "https://anybody.example");
    assert_int_equal(204, exchange.status);
    assert_string_equal("*", exchange_header(&exchange, "Access-Control-Allow-Origin"));
    assert_string_equal("content-type,x-odd",
                        exchange_header(&exchange, "Access-Control-Allow-Headers"));
    assert_string_equal("0", exchange_header(&exchange, "Access-Control-Max-Age"));
    exchange_deinit(&exchange);
    service_end(service);
}

static void answers_and_refusals_can_be_read_by_the_page(void **state)
{
    static const char *const headers[] = {"Content-Type", "application/json", "Origin",
                                          "https://shop.example", NULL};
    struct service *service = service_with(&some);
    struct exchange exchange;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        exchange_run(&exchange, service, "/v1/traces", headers,
                     i == 0 ? BYTES_LITERAL("{}") : BYTES_LITERAL("{"));
        assert_int_equal(i == 0 ? 200 : 400, exchange.status);
        assert_string_equal("https://shop.example",
                            exchange_header(&exchange, "Access-Control-Allow-Origin"));
        assert_string_equal("Retry-After",
                            exchange_header(&exchange, "Access-Control-Expose-Headers"));
        exchange_deinit(&exchange);
    }
    service_end(service);
}

static void without_memory_a_browser_is_told_nothing(void **state)
{
    static const struct http_header asked[] = {
        {BYTES_LITERAL("Origin"), BYTES_LITERAL("https://shop.example")},
        {BYTES_LITERAL("Access-Control-Request-Method"), BYTES_LITERAL("POST")}};
    const struct http_request request = {
        .method = BYTES_LITERAL("OPTIONS"), .headers = asked, .header_count = 2};
    struct http_header headers[HTTP_CORS_HEADERS_MAX];
    struct buf text = BUF_NULL;
    (void)state;
    failing_malloc_begin(0);
    assert_int_equal(0, http_cors_headers(&some, &request, &text, headers));
    failing_malloc_end();
    buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origins_are_compared_whole_with_one_star),
        cmocka_unit_test(a_browser_that_may_is_told_so),
        cmocka_unit_test(a_browser_that_may_not_is_told_nothing),
        cmocka_unit_test(any_origin_and_any_header_may_be_allowed),
        cmocka_unit_test(answers_and_refusals_can_be_read_by_the_page),
        cmocka_unit_test(without_memory_a_browser_is_told_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
