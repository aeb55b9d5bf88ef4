/* Requests find their pages, and answers that come later find their requests, or nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/buf.h"
#include "daemon/http_router.h"
#include "daemon/net/http_incoming.h"
#include "daemon/waiter.h"

/* A request made by hand, its answer kept. */
struct exchange {
    struct http_incoming incoming;
    unsigned status;
    struct buf allow, body;
};

static void keep(struct http_incoming *incoming, const struct http_response *response)
{
    struct exchange *exchange = container_of(incoming, struct exchange, incoming);
    exchange->status = response->status;
    buf_append_bytes(&exchange->body, response->body);
    for (size_t i = 0; i < response->header_count; i++) {
        assert_true(bytes_is(response->headers[i].name, "Allow"));
        buf_append_bytes(&exchange->allow, response->headers[i].value);
    }
}

static struct exchange exchange_of(const char *method, const char *path, const char *query)
{
    return (struct exchange){
        .incoming = {.respond = keep,
                     .request = {.method = bytes_of(method),
                                 .path = bytes_of(path),
                                 .query = bytes_of(query)}},
        .allow = BUF_NULL,
        .body = BUF_NULL,
    };
}

static void exchange_deinit(struct exchange *exchange)
{
    buf_deinit(&exchange->allow);
    buf_deinit(&exchange->body);
}

/* Answers with the set's name and what was captured. */
static void echo(void *self, struct http_request *request, const struct route_match *match)
{
    struct buf body = BUF_NULL;
    buf_append_text(&body, self);
    for (int i = 0; i < ROUTE_CAPTURES && match->captures[i].data != NULL; i++) {
        buf_append_char(&body, ' ');
        buf_append_bytes(&body, match->captures[i]);
    }
    router_answer(request, 200, "text/plain", buf_bytes(&body));
    buf_deinit(&body);
}

static const struct route first[] = {
    {"GET", "/api/campaigns", echo},
    {"POST", "/api/campaigns", echo},
    {"GET", "/api/campaigns/{key}", echo},
    {"GET", "/api/campaigns/{key}/report", echo},
};
static const struct route second[] = {
    {"GET", "/", echo},
    {"DELETE", "/api/campaigns/{key}", echo},
    {"GET", "/debug", echo},
    {"GET", "/debug/", echo},
};

static void check(const char *method, const char *path, unsigned status, const char *expected)
{
    const struct route_set sets[] = {{first, 4, (char[]){"a"}}, {second, 4, (char[]){"b"}}};
    struct exchange exchange = exchange_of(method, path, "");
    router_dispatch(sets, 2, &exchange.incoming.request);
    const struct buf *said = status == 405 ? &exchange.allow : &exchange.body;
    if (exchange.status != status || !bytes_is(buf_bytes(said), expected)) {
        fail_msg("%s %s: %u %.*s", method, path, exchange.status, (int)said->len, said->data);
    }
    exchange_deinit(&exchange);
}

static void a_path_finds_its_page_in_any_set(void **state)
{
    (void)state;
    check("GET", "/api/campaigns", 200, "a");
    check("POST", "/api/campaigns", 200, "a");
    check("GET", "/api/campaigns/nightly", 200, "a nightly");
    check("GET", "/api/campaigns/nightly/report", 200, "a nightly");
    check("DELETE", "/api/campaigns/nightly", 200, "b nightly");
    check("GET", "/", 200, "b");
    check("GET", "/debug", 200, "b");
    check("GET", "/debug/", 200, "b");
}

static void what_is_not_there_is_404_and_a_wrong_method_405(void **state)
{
    static const char *const nowhere[] = {
        "/api", "/api/campaigns/",  "/api/campaigns/a/b", "/api/campaign", "/debug/x", "//",
        "",     "/api//campaigns/a"};
    (void)state;
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        check("GET", nowhere[i], 404, "{\"error\":\"no such page\"}");
    }
    check("PUT", "/api/campaigns", 405, "GET, POST");
    check("PUT", "/api/campaigns/a", 405, "GET, DELETE");
    check("get", "/debug", 405, "GET");
}

static void query_parameters_are_found_by_their_whole_name(void **state)
{
    static const struct {
        const char *query, *value; /* NULL: absent */
    } rows[] = {
        {"format=json", "json"},    {"a=1&format=text&b", "text"}, {"format=", ""},
        {"format=a&format=b", "a"}, {"xformat=json", NULL},        {"format", NULL},
        {"formatted=json", NULL},   {"&&format=x", "x"},           {"", NULL},
        {"format==&", "="},         {"FORMAT=json", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct exchange exchange = exchange_of("GET", "/", rows[i].query);
        struct bytes value = router_query(&exchange.incoming.request, "format");
        assert_int_equal(rows[i].value == NULL, value.data == NULL);
        assert_true(rows[i].value == NULL || bytes_is(value, rows[i].value));
        exchange_deinit(&exchange);
    }
}

static void query_parameters_are_decoded(void **state)
{
    static const struct {
        const char *query, *text;
        int outcome;
    } rows[] = {
        {"select=span%5Bname+%3D%20%27a%2Bb%27%5d", "span[name = 'a+b']", 0},
        {"a=1&select=", "", 0},
        {"select=%C3%A9%25", "\xc3\xa9%", 0},
        {"selected=x", "", ROUTER_ABSENT},
        {"select=ab%", "", ROUTER_MALFORMED},
        {"select=ab%2", "", ROUTER_MALFORMED},
        {"select=ab%2&x=1", "", ROUTER_MALFORMED},
        {"select=%zz", "", ROUTER_MALFORMED},
        {"select=%-1", "", ROUTER_MALFORMED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct exchange exchange = exchange_of("GET", "/", rows[i].query);
        struct buf text = BUF_NULL;
        assert_int_equal(router_query_decoded(&exchange.incoming.request, "select", &text),
                         rows[i].outcome);
        assert_true(bytes_is(buf_bytes(&text), rows[i].text));
        buf_deinit(&text);
        exchange_deinit(&exchange);
    }
}

struct hurried {
    struct waiter waiter;
    unsigned times;
};

static void hurry(struct waiter *waiter)
{
    container_of(waiter, struct hurried, waiter)->times++;
}

static void a_waiter_hears_that_its_peer_ends_or_goes(void **state)
{
    struct exchange exchange = exchange_of("GET", "/", "");
    struct http_request *request = &exchange.incoming.request;
    struct hurried hurried = {.waiter = {.hurry = hurry}};
    struct list waiting;
    (void)state;
    list_init(&waiting);
    waiter_begin(&hurried.waiter, &waiting, request);
    waiter_ended(request);
    assert_int_equal(hurried.times, 1);
    assert_ptr_equal(hurried.waiter.request, request);
    waiter_closed(request);
    assert_int_equal(hurried.times, 2);
    assert_null(waiter_end(&hurried.waiter));
    request->state = NULL;
    waiter_ended(request); /* nobody waits */
    exchange_deinit(&exchange);
}

static void a_waiter_gives_its_request_back_once(void **state)
{
    struct exchange exchange = exchange_of("GET", "/", "");
    struct http_request *request = &exchange.incoming.request;
    struct waiter waiter = {.hurry = NULL};
    struct list waiting;
    (void)state;
    list_init(&waiting);
    waiter_begin(&waiter, &waiting, request);
    assert_false(list_empty(&waiting));
    assert_ptr_equal(request->state, &waiter);
    assert_ptr_equal(waiter_end(&waiter), request);
    assert_null(request->state);
    assert_true(list_empty(&waiting));
    waiter_closed(request); /* nobody waits any more */
    exchange_deinit(&exchange);
}

static void a_waiter_outlives_its_peer_and_its_list(void **state)
{
    struct exchange exchange = exchange_of("GET", "/", "");
    struct waiter waiter = {.hurry = NULL};
    struct list waiting;
    (void)state;
    list_init(&waiting);
    waiter_begin(&waiter, &waiting, &exchange.incoming.request);
    waiter_closed(&exchange.incoming.request);
    waiters_orphan(&waiting);
    assert_true(list_empty(&waiting));
    assert_null(waiter_end(&waiter));
    exchange_deinit(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_finds_its_page_in_any_set),
        cmocka_unit_test(what_is_not_there_is_404_and_a_wrong_method_405),
        cmocka_unit_test(query_parameters_are_found_by_their_whole_name),
        cmocka_unit_test(query_parameters_are_decoded),
        cmocka_unit_test(a_waiter_hears_that_its_peer_ends_or_goes),
        cmocka_unit_test(a_waiter_gives_its_request_back_once),
        cmocka_unit_test(a_waiter_outlives_its_peer_and_its_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
