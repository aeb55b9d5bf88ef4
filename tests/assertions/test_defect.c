/* The analyzer's rules, on present and old semantic conventions, span by span. */
#include "assertions/defect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/span_builder.h"

struct row {
    const char *defect; /* NULL: the span keeps the rule */
    struct span_build span;
};

static void check(enum defect_rule rule, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = ARENA_INIT(4096, 0);
        struct span_build build = rows[i].span;
        build.id = 1;
        build.name = build.name != NULL ? build.name : "x";
        struct bytes found = BYTES_NULL;
        int r = defect_find(rule, span_build(&build, &arena), &arena, &found);
        bool same =
            rows[i].defect == NULL ? r == DEFECT_NONE : r == 0 && bytes_is(found, rows[i].defect);
        if (!same) {
            fail_msg("%s, row %zu (%s): %.*s", defect_rule_name(rule), i, build.name,
                     (int)found.len, found.data != NULL ? (const char *)found.data : "");
        }
        arena_deinit(&arena);
    }
}

#define CHECK(rule, rows) check(rule, rows, sizeof(rows) / sizeof(rows)[0])
#define SPAN(what, ...)                                                                            \
    {                                                                                              \
        .kind = (what), .attrs = { __VA_ARGS__ }                                                   \
    }
#define NAMED(what, text, ...)                                                                     \
    {                                                                                              \
        .name = (text), .kind = (what), .attrs = { __VA_ARGS__ }                                   \
    }

static void names_are_those_of_the_conventions(void **state)
{
    static const struct row rows[] = {
        {NULL, NAMED(KIND_INTERNAL, "anything", ATTR_TEXT("http.request.method", "GET"))},
        {NULL, NAMED(KIND_SERVER, "anything", ATTR_TEXT("order.id", "1"))},
        {NULL, NAMED(KIND_SERVER, "GET /orders/{id}", ATTR_TEXT("http.request.method", "GET"),
                     ATTR_TEXT("http.route", "/orders/{id}"), ATTR_TEXT("url.path", "/orders/7"))},
        {NULL, NAMED(KIND_SERVER, "GET", ATTR_TEXT("http.request.method", "GET"))},
        {NULL, NAMED(KIND_SERVER, "HTTP", ATTR_TEXT("http.request.method", "_OTHER"))},
        {NULL, NAMED(KIND_CLIENT, "HTTP GET", ATTR_TEXT("http.method", "GET"))},
        {NULL, NAMED(KIND_CLIENT, "GET /users/{id}", ATTR_TEXT("http.request.method", "GET"),
                     ATTR_TEXT("url.template", "/users/{id}"))},
        {"name", NAMED(KIND_SERVER, "GET /orders/7", ATTR_TEXT("http.request.method", "GET"),
                       ATTR_TEXT("http.route", "/orders/{id}"))},
        {"name", NAMED(KIND_SERVER, "GET /orders/7", ATTR_TEXT("http.method", "GET"),
                       ATTR_TEXT("http.target", "/orders/7"))},
        {"name", NAMED(KIND_SERVER, "/orders", ATTR_TEXT("http.request.method", "GET"))},
        {"name", NAMED(KIND_SERVER, "GETS", ATTR_TEXT("http.request.method", "GET"))},
        {NULL, NAMED(KIND_CLIENT, "INSERT orders", ATTR_TEXT("db.operation.name", "INSERT"),
                     ATTR_TEXT("db.collection.name", "orders"))},
        {NULL, NAMED(KIND_CLIENT, "INSERT shop.orders", ATTR_TEXT("db.operation", "INSERT"),
                     ATTR_TEXT("db.name", "shop"), ATTR_TEXT("db.sql.table", "orders"))},
        {NULL, NAMED(KIND_CLIENT, "SELECT shop", ATTR_TEXT("db.operation", "SELECT"),
                     ATTR_TEXT("db.name", "shop"))},
        {NULL, NAMED(KIND_CLIENT, "SELECT", ATTR_TEXT("db.operation.name", "SELECT"))},
        {NULL, NAMED(KIND_CLIENT, "orders", ATTR_TEXT("db.operation.name", "order"),
                     ATTR_TEXT("db.collection.name", "orders"))},
        {NULL, NAMED(KIND_CLIENT, "SELECT db1:3306", ATTR_TEXT("db.operation.name", "SELECT"),
                     ATTR_TEXT("server.address", "db1"))},
        {"name", NAMED(KIND_CLIENT, "", ATTR_TEXT("db.operation.name", "SELECT"))},
        {"name", NAMED(KIND_CLIENT, "SELECT ", ATTR_TEXT("db.operation.name", "SELECT"),
                       ATTR_TEXT("db.namespace", "shop"))},
        {"name", NAMED(KIND_CLIENT, "SELECT shop.", ATTR_TEXT("db.operation.name", "SELECT"),
                       ATTR_TEXT("db.namespace", "shop"))},
        {NULL, NAMED(KIND_CLIENT, "redis", ATTR_TEXT("db.system.name", "redis"),
                     ATTR_TEXT("db.operation.name", "SET"))},
        {NULL, NAMED(KIND_CLIENT, "select things", ATTR_TEXT("db.query.summary", "select things"))},
        {"name", NAMED(KIND_CLIENT, "x", ATTR_TEXT("db.query.summary", "select things"))},
        {"name", NAMED(KIND_CLIENT, "INSERT users", ATTR_TEXT("db.operation.name", "INSERT"),
                       ATTR_TEXT("db.collection.name", "orders"))},
        {"name", NAMED(KIND_CLIENT, "SELECT 1", ATTR_TEXT("db.statement", "SELECT 1"))},
        {NULL, NAMED(KIND_CLIENT, "shop.Cart/Add", ATTR_TEXT("rpc.service", "shop.Cart"),
                     ATTR_TEXT("rpc.method", "Add"))},
        {NULL, NAMED(KIND_CLIENT, "shop.Cart/Add", ATTR_TEXT("rpc.method", "shop.Cart/Add"))},
        {"name", NAMED(KIND_CLIENT, "Cart.Add", ATTR_TEXT("rpc.service", "shop.Cart"),
                       ATTR_TEXT("rpc.method", "Add"))},
        {NULL, NAMED(KIND_PRODUCER, "send orders", ATTR_TEXT("messaging.operation.name", "send"),
                     ATTR_TEXT("messaging.destination.name", "orders"))},
        {NULL, NAMED(KIND_CONSUMER, "orders process", ATTR_TEXT("messaging.operation", "process"),
                     ATTR_TEXT("messaging.destination", "orders"))},
        {NULL, NAMED(KIND_CONSUMER, "poll", ATTR_TEXT("messaging.operation.name", "poll"))},
        {"name", NAMED(KIND_PRODUCER, "orders", ATTR_TEXT("messaging.operation.name", "send"),
                       ATTR_TEXT("messaging.destination.name", "orders"))},
        {NULL,
         {.name = "odd",
          .kind = KIND_SERVER,
          .dropped_attrs = 1,
          .attrs = {ATTR_TEXT("http.request.method", "GET")}}},
    };
    (void)state;
    CHECK(DEFECT_SPAN_NAMING, rows);
}

static void what_a_type_of_span_requires_must_be_there(void **state)
{
    static const struct row rows[] = {
        {NULL, SPAN(KIND_SERVER, ATTR_TEXT("order.id", "1"))},
        {NULL, SPAN(KIND_INTERNAL, ATTR_TEXT("db.statement", "x"))},
        {"http.request.method", SPAN(KIND_SERVER, ATTR_INT("http.status_code", 200))},
        {"url.path", SPAN(KIND_SERVER, ATTR_TEXT("http.request.method", "GET"))},
        {"url.scheme",
         SPAN(KIND_SERVER, ATTR_TEXT("http.request.method", "GET"), ATTR_TEXT("url.path", "/"))},
        {NULL, SPAN(KIND_SERVER, ATTR_TEXT("http.request.method", "GET"),
                    ATTR_TEXT("url.path", "/"), ATTR_TEXT("url.scheme", "https"))},
        {"url.full", SPAN(KIND_CLIENT, ATTR_TEXT("http.request.method", "GET"))},
        {"server.port", SPAN(KIND_CLIENT, ATTR_TEXT("http.request.method", "GET"),
                             ATTR_TEXT("url.full", "x"), ATTR_TEXT("server.address", "x"))},
        {"http.target", SPAN(KIND_SERVER, ATTR_TEXT("http.method", "GET"))},
        {"net.host.name", SPAN(KIND_SERVER, ATTR_TEXT("http.method", "GET"),
                               ATTR_TEXT("http.target", "/"), ATTR_TEXT("http.scheme", "http"))},
        {NULL, SPAN(KIND_SERVER, ATTR_TEXT("http.method", "GET"), ATTR_TEXT("http.target", "/"),
                    ATTR_TEXT("http.scheme", "http"), ATTR_TEXT("http.host", "x"))},
        {"net.peer.name",
         SPAN(KIND_CLIENT, ATTR_TEXT("http.method", "GET"), ATTR_TEXT("http.url", "x"))},
        {"url.full",
         SPAN(KIND_CLIENT, ATTR_TEXT("http.method", "GET"), ATTR_TEXT("http.request.method", "GET"),
              ATTR_TEXT("http.url", "x"), ATTR_TEXT("net.peer.name", "x"))},
        {"db.system.name", SPAN(KIND_CLIENT, ATTR_TEXT("db.statement", "x"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("db.system", "redis"))},
        {"server.address", SPAN(KIND_CLIENT, ATTR_TEXT("rpc.system", "grpc"))},
        {NULL, SPAN(KIND_SERVER, ATTR_TEXT("rpc.system.name", "grpc"))},
        {"messaging.system", SPAN(KIND_CONSUMER, ATTR_TEXT("messaging.operation", "process"))},
        {"messaging.operation.name", SPAN(KIND_CONSUMER, ATTR_TEXT("messaging.system", "kafka"))},
        {"faas.trigger", SPAN(KIND_SERVER, ATTR_TEXT("faas.name", "x"))},
        {"faas.invoked_provider", SPAN(KIND_CLIENT, ATTR_TEXT("faas.invoked_name", "x"))},
        {NULL, {.kind = KIND_SERVER, .dropped_attrs = 1, .attrs = {ATTR_TEXT("http.method", "G")}}},
        {NULL, {.events = {{.name = "exception", .attrs = {ATTR_TEXT("exception.type", "x")}}}}},
        {NULL, {.events = {{.name = "exception", .attrs = {ATTR_TEXT("exception.message", "x")}}}}},
        {NULL, {.events = {{.name = "exception", .dropped_attrs = 1}, {.name = "other"}}}},
        {"event:exception.type", {.events = {{.name = "other"}, {.name = "exception"}}}},
        {"url.path",
         {.kind = KIND_SERVER,
          .attrs = {ATTR_TEXT("http.request.method", "GET")},
          .events = {{.name = "exception"}}}},
    };
    (void)state;
    CHECK(DEFECT_REQUIRED_ATTRIBUTES, rows);
}

static void attributes_are_named_in_snakes_within_namespaces(void **state)
{
    static const struct row rows[] = {
        {NULL, SPAN(KIND_SERVER, ATTR_INT("order.item_count", 1), ATTR_INT("a1.b_2.c", 1))},
        {"orderId", SPAN(KIND_SERVER, ATTR_INT("a.b", 1), ATTR_INT("orderId", 1))},
        {"order", SPAN(KIND_SERVER, ATTR_INT("order", 1))},
        {"order.Id", SPAN(KIND_SERVER, ATTR_INT("order.Id", 1))},
        {"order.item-count", SPAN(KIND_SERVER, ATTR_INT("order.item-count", 1))},
        {".order", SPAN(KIND_SERVER, ATTR_INT(".order", 1))},
        {"order.", SPAN(KIND_SERVER, ATTR_INT("order.", 1))},
        {"order..id", SPAN(KIND_SERVER, ATTR_INT("order..id", 1))},
        {"", SPAN(KIND_SERVER, ATTR_INT("", 1))},
        {"messaging.destination", SPAN(KIND_SERVER, ATTR_INT("messaging.destination.name", 1),
                                       ATTR_INT("messaging.destination", 1))},
        {NULL, SPAN(KIND_SERVER, ATTR_INT("a.b", 1), ATTR_INT("a.bc", 1), ATTR_INT("a.b_c.d", 1))},
        {NULL, SPAN(KIND_SERVER, ATTR_TEXT("http.request.header.x-Request-Id", "1"))},
        {NULL, {.resource = {ATTR_TEXT("k8s.pod.label.App", "x"), ATTR_TEXT("a.b", "x")}}},
        {"resource:Host", {.attrs = {ATTR_INT("a.b", 1)}, .resource = {ATTR_TEXT("Host", "x")}}},
        {"orderId", {.attrs = {ATTR_INT("orderId", 1)}, .resource = {ATTR_TEXT("Host", "x")}}},
        {"resource:a.b", {.resource = {ATTR_TEXT("a.b", "x"), ATTR_TEXT("a.b.c", "x")}}},
        {NULL, {.attrs = {ATTR_INT("a.b", 1)}, .resource = {ATTR_TEXT("a.b.c", "x")}}},
        {"scope:library", {.scope_name = "s", .scope = {ATTR_TEXT("library", "x")}}},
        {"event:message",
         {.events = {{.name = "a", .attrs = {ATTR_TEXT("message.id", "x")}},
                     {.name = "b", .attrs = {ATTR_TEXT("message", "x")}}}}},
        {"link:", {.links = {{.trace = 1, .span = 2, .attrs = {ATTR_TEXT("", "x")}}}}},
    };
    (void)state;
    CHECK(DEFECT_ATTRIBUTE_NAMING, rows);
}

static void no_attribute_is_empty(void **state)
{
    static const struct attr_build none[] = {ATTR_NONE("")};
    static const struct row rows[] = {
        {NULL, SPAN(KIND_SERVER, ATTR_INT("a", 0), ATTR_BOOL("b", 0), ATTR_TEXT("c", " "))},
        {"a", SPAN(KIND_SERVER, ATTR_TEXT("a", ""))},
        {"b", SPAN(KIND_SERVER, ATTR_INT("a", 0), ATTR_NONE("b"))},
        {"a", SPAN(KIND_SERVER, ATTR_BYTES("a", ""))},
        {"a", {.attrs = {{.key = "a", .type = VALUE_ARRAY, .items = none, .item_count = 0}}}},
        {"a", {.attrs = {{.key = "a", .type = VALUE_MAP, .items = none, .item_count = 0}}}},
        {"resource:a", {.resource = {ATTR_TEXT("a", "")}}},
        {"scope:a", {.scope_name = "s", .scope = {ATTR_NONE("a")}}},
        {"event:a", {.events = {{.name = "e"}, {.name = "e", .attrs = {ATTR_TEXT("a", "")}}}}},
        {"link:a", {.links = {{.trace = 1, .span = 2, .attrs = {ATTR_TEXT("a", "")}}}}},
    };
    (void)state;
    CHECK(DEFECT_EMPTY_ATTRIBUTES, rows);
}

static void addresses_are_names(void **state)
{
    static const struct row rows[] = {
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("server.address", "shop.example"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("url.full", "https://shop.example:8443/10.0.0.1"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("client.address", "10.0.0.1"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("server.address", "1.2.3"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("server.address", "1.2.3.256"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("server.address", "1.2.3.4.example"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("server.address", ""))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("http.host", "shop:8080"))},
        {"server.address", SPAN(KIND_CLIENT, ATTR_TEXT("server.address", "10.0.0.1"))},
        {"server.address", SPAN(KIND_CLIENT, ATTR_TEXT("server.address", "fe80::1"))},
        {"net.peer.name", SPAN(KIND_CLIENT, ATTR_TEXT("net.peer.name", "255.255.255.255"))},
        {"http.host", SPAN(KIND_CLIENT, ATTR_TEXT("http.host", "127.0.0.1:8080"))},
        {"url.full", SPAN(KIND_CLIENT, ATTR_TEXT("url.full", "https://u:p@10.0.0.1/x"))},
        {"http.url", SPAN(KIND_CLIENT, ATTR_TEXT("http.url", "http://[::1]:80/"))},
    };
    (void)state;
    CHECK(DEFECT_PREFER_DNS, rows);
}

static void the_scheme_is_https(void **state)
{
    static const struct row rows[] = {
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("url.scheme", "https"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("url.full", "https://http://"))},
        {NULL, SPAN(KIND_CLIENT, ATTR_TEXT("url.full", "http:/"))},
        {"url.scheme", SPAN(KIND_CLIENT, ATTR_TEXT("url.scheme", "HTTP"))},
        {"http.scheme", SPAN(KIND_SERVER, ATTR_TEXT("http.scheme", "http"))},
        {"url.full", SPAN(KIND_CLIENT, ATTR_TEXT("url.full", "http://shop/"))},
        {"http.url", SPAN(KIND_CLIENT, ATTR_TEXT("http.url", "Http://shop/"))},
    };
    (void)state;
    CHECK(DEFECT_SECURE_HTTPS, rows);
}

static void captured_headers_hold_no_secrets(void **state)
{
    static const struct attr_build open[] = {ATTR_TEXT("", "***"), ATTR_TEXT("", "secret")};
    static const struct attr_build masked[] = {ATTR_TEXT("", "****"), ATTR_TEXT("", "[REDACTED]")};
    static const struct row rows[] = {
        {NULL, SPAN(KIND_SERVER, ATTR_TEXT("http.request.header.accept", "x"))},
        {NULL, SPAN(KIND_SERVER, ATTR_TEXT("authorization", "x"))},
        {NULL, SPAN(KIND_SERVER, ATTR_ARRAY("http.request.header.authorization", masked))},
        {NULL, SPAN(KIND_SERVER, ATTR_TEXT("http.request.header.authorization", "redacted"))},
        {"http.request.header.authorization",
         SPAN(KIND_SERVER, ATTR_ARRAY("http.request.header.authorization", open))},
        {"http.request.header.Authorization",
         SPAN(KIND_SERVER, ATTR_TEXT("http.request.header.Authorization", "Bearer x"))},
        {"http.response.header.x-api-key",
         SPAN(KIND_SERVER, ATTR_TEXT("http.response.header.x-api-key", "x"))},
        {"http.request.header.x_api_key",
         SPAN(KIND_SERVER, ATTR_TEXT("http.request.header.x_api_key", "x"))},
        {"http.request.header.x-api-key",
         SPAN(KIND_SERVER, ATTR_INT("http.request.header.x-api-key", 7))},
        {"resource:http.request.header.x-api-key",
         {.resource = {ATTR_TEXT("http.request.header.x-api-key", "x")}}},
        {"event:http.request.header.authorization",
         {.events = {{.name = "e",
                      .attrs = {ATTR_TEXT("http.request.header.authorization", "x")}}}}},
    };
    (void)state;
    CHECK(DEFECT_API_KEY_LEAK, rows);
}

static void rules_are_found_by_their_names(void **state)
{
    enum defect_rule found;
    (void)state;
    for (int i = 0; i < DEFECT_RULES; i++) {
        assert_int_equal(defect_rule_find(bytes_of(defect_rule_name((enum defect_rule)i)), &found),
                         0);
        assert_int_equal(found, i);
    }
    assert_int_equal(defect_rule_find(BYTES_LITERAL("span-name"), &found), 1);
    assert_int_equal(defect_rule_find(BYTES_LITERAL(""), &found), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_conventions),
        cmocka_unit_test(what_a_type_of_span_requires_must_be_there),
        cmocka_unit_test(attributes_are_named_in_snakes_within_namespaces),
        cmocka_unit_test(no_attribute_is_empty),
        cmocka_unit_test(addresses_are_names),
        cmocka_unit_test(the_scheme_is_https),
        cmocka_unit_test(captured_headers_hold_no_secrets),
        cmocka_unit_test(rules_are_found_by_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
