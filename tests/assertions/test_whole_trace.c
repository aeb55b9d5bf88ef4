/* Conditions over the whole trace: how long, how many, who calls whom, what the time went to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/assertions/whole_fixture.h"

/* web [0,100] calls shop [10,60], which reads twice from db; mail comes later. */
static const struct span_build order[] = {
    {.id = 1, .name = "a", .service = "web", .kind = KIND_SERVER, .start_ns = 100, .end_ns = 200},
    {.id = 2, .parent = 1, .name = "b", .service = "shop", .start_ns = 110, .end_ns = 160},
    {.id = 3,
     .parent = 2,
     .name = "read",
     .service = "db",
     .status = STATUS_ERROR,
     .start_ns = 120,
     .end_ns = 130,
     .attrs = {ATTR_TEXT("db.query.text", "select 17")}},
    {.id = 4,
     .parent = 2,
     .name = "read",
     .service = "db",
     .start_ns = 130,
     .end_ns = 150,
     .attrs = {ATTR_TEXT("db.query.text", "select 4")}},
    {.id = 5, .parent = 1, .name = "c", .service = "mail", .start_ns = 250, .end_ns = 300},
    {.name = NULL},
};

static void terms_over_the_trace(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("trace:duration = 200ns", PASS),
        IS("trace:duration < 200ns", FAIL, .reason = "does not hold", .actual = "200ns"),
        IS("trace:duration > 1us", FAIL, .reason = "does not hold", .actual = "200ns",
           .waits = true),
        IS("trace:spans = 5", PASS),
        IS("trace:spans > 5", FAIL, .actual = "5", .waits = true),
        IS("not (trace:spans > 5)", PASS),
        IS("trace:spans in (4, 5)", PASS),
        IS("trace:errors = 1", PASS),
        IS("trace:errors = 0", FAIL, .actual = "1"),
        IS("trace:services = 4", PASS),
        IS("trace:depth = 3", PASS),
        IS("trace:roots = 1", PASS),
        IS("trace:fan_out = 2", PASS),
        IS("trace:repeats = 2", PASS),
        IS("trace:repeats < 2", FAIL, .actual = "2", .span = 3),
        IS("trace:retries = 1", PASS),
        IS("trace:retries = 0", FAIL, .actual = "1", .span = 4),
    };
    WHOLE_CHECK(order, rows);
}

static void edges_between_services(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("edge web -> shop", PASS),
        IS("edge web -> shop -> 'db'", PASS),
        IS("edge shop -> web", FAIL, .reason = "no span of web has a parent of shop",
           .waits = true),
        IS("edge web -> nobody", FAIL, .reason = "no span of nobody", .waits = true),
        IS("no edge shop -> mail", PASS),
        IS("no edge web -> shop", FAIL, .reason = "web calls shop", .span = 2),
        IS("edges only web -> shop, shop -> db, web -> mail", PASS),
        IS("edges only web -> shop, shop -> db", FAIL, .reason = "not listed: web -> mail",
           .actual = "span 0000000000000005 below span 0000000000000001", .span = 5),
    };
    WHOLE_CHECK(order, rows);
}

/* Backwards from 300: mail [250,300], nobody until the shop ended, the shop but for its reads,
 * and before it web. */
static void the_critical_path(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("critical(mail) = 0.25", PASS),
        IS("critical(db) = 0.15", PASS),
        IS("critical(shop) = 10%", PASS),
        IS("critical(web) = 25%", PASS),
        IS("critical('web') < 20%", FAIL, .actual = "0.25", .waits = true),
        IS("critical(nobody) < 20%", FAIL, .reason = "no span of the service 'nobody'",
           .waits = true),
    };
    WHOLE_CHECK(order, rows);
}

static void own_time_of_spans(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("span:self_time = 20ns", PASS, .select = "span[service=shop]"),
        IS("span:self_time = 50ns", PASS, .select = "span[service=web]"),
        IS("span:self_time < 20ns", FAIL, .reason = "does not hold", .select = "span[name=read]",
           .span = 4, .waits = true),
        IS("any: span:self_time < 20ns", PASS, .select = "span[name=read]"),
        IS("none: span:self_time < 20ns", FAIL, .reason = "must hold for none",
           .select = "span[name=read]", .span = 3, .waits = true),
        IS("none: span:self_time < 20ns", PASS, .select = "span[name=nothing]"),
        IS("span:self_time < 20ns", FAIL, .reason = "no span matched",
           .select = "span[name=nothing]", .waits = true),
        IS("max(span:self_time) = 50ns", PASS, .select = "span[]"),
        IS("sum(span:self_time in $b) = 20ns", PASS),
    };
    WHOLE_CHECK(order, rows);
}

/* A cycle of two, two spans of one ID, one that names itself, one that ends before it starts. */
static const struct span_build odd[] = {
    {.id = 1, .parent = 2, .name = "a", .service = "x", .start_ns = 10, .end_ns = 20},
    {.id = 2, .parent = 1, .name = "a", .service = "y", .start_ns = 10, .end_ns = 20},
    {.id = 3, .parent = 2, .name = "b", .service = "x", .start_ns = 12, .end_ns = 14},
    {.id = 3, .parent = 3, .name = "c", .service = "x", .start_ns = 13, .end_ns = 14},
    {.id = 4, .parent = 4, .name = "c", .start_ns = 16, .end_ns = 15},
    {.name = NULL},
};

static void odd_traces(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("trace:depth = 2", PASS),
        IS("trace:roots = 0", PASS),
        IS("trace:services = 2", PASS),
        IS("trace:fan_out = 2", PASS),
        IS("trace:duration < 1s", INCONCLUSIVE, .reason = "clock", .span = 4),
        IS("trace:duration < 5ns", FAIL),
        IS("trace:duration >= 5ns", PASS),
        IS("critical(x) < 1", INCONCLUSIVE, .reason = "clock", .span = 4),
        IS("edge y -> x", PASS),
        IS("edge x -> x", PASS),
        IS("edges only y -> x", FAIL, .reason = "not listed: x -> y", .span = 2),
    };
    WHOLE_CHECK(odd, rows);
}

static void a_trace_without_time_has_no_share(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 1, .name = "a", .service = "x", .start_ns = 10, .end_ns = 10}, {.name = NULL}};
    static const struct whole_row rows[] = {
        IS("critical(x) < 1", ERROR, .reason = "takes no time"),
        IS("trace:duration = 0s", PASS),
        IS("trace:retries = 0", PASS),
        IS("trace:repeats = 0", PASS),
        IS("trace:fan_out = 0", PASS),
    };
    WHOLE_CHECK(spans, rows);
}

static void a_span_that_names_itself_begins_the_path(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 1, .parent = 1, .name = "a", .service = "x", .start_ns = 10, .end_ns = 20},
        {.name = NULL}};
    static const struct whole_row rows[] = {
        IS("critical(x) = 1", PASS),
    };
    WHOLE_CHECK(spans, rows);
}

/* The missing parents make it short: only what no further span could change is told. */
static void short_traces(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 1, .name = "a", .service = "x", .start_ns = 10, .end_ns = 20},
        {.id = 2, .parent = 77, .name = "b", .service = "y", .start_ns = 10, .end_ns = 20},
        {.id = 3, .parent = 1, .name = "c", .service = "z", .start_ns = 12, .end_ns = 14},
        {.name = NULL},
    };
    static const struct whole_row rows[] = {
        IS("trace:spans < 4", INCONCLUSIVE, .reason = "parents of some spans"),
        IS("trace:spans < 3", FAIL),
        IS("trace:spans >= 3", PASS),
        IS("trace:spans = 3", INCONCLUSIVE),
        IS("trace:spans != 2", PASS),
        IS("trace:duration < 5ns", FAIL),
        IS("trace:depth = 2", INCONCLUSIVE),
        IS("trace:depth = 3", INCONCLUSIVE, .waits = true),
        IS("edge x -> z", PASS),
        IS("edge x -> y", INCONCLUSIVE, .waits = true),
        IS("no edge x -> z", FAIL),
        IS("no edge x -> y", INCONCLUSIVE),
        IS("edges only x -> y", FAIL),
        IS("edges only x -> z", INCONCLUSIVE),
        IS("critical(x) < 2", INCONCLUSIVE),
    };
    WHOLE_CHECK(spans, rows);
}

static void dropped_texts_leave_repeats_unknown(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 1, .name = "a", .start_ns = 10, .end_ns = 20},
        {.id = 2, .parent = 1, .name = "b", .start_ns = 10, .end_ns = 20, .dropped_attrs = 1},
        {.id = 3, .parent = 1, .name = "b", .start_ns = 12, .end_ns = 14},
        {.name = NULL},
    };
    static const struct whole_row rows[] = {
        IS("trace:repeats < 9", INCONCLUSIVE, .reason = "dropped", .span = 2),
        IS("trace:fan_out = 2", PASS),
    };
    WHOLE_CHECK(spans, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_over_the_trace),
        cmocka_unit_test(edges_between_services),
        cmocka_unit_test(the_critical_path),
        cmocka_unit_test(own_time_of_spans),
        cmocka_unit_test(odd_traces),
        cmocka_unit_test(a_trace_without_time_has_no_share),
        cmocka_unit_test(a_span_that_names_itself_begins_the_path),
        cmocka_unit_test(short_traces),
        cmocka_unit_test(dropped_texts_leave_repeats_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
