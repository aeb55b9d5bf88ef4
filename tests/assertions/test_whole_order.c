/* Order in time between sets of spans: before, beside, followed by, none after, lag, states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/assertions/whole_fixture.h"

#define ORDER(value) .attrs = {ATTR_TEXT("order", value)}

/* Two payments, four shipments: the first order is shipped twice, the second once and late. */
static const struct span_build shop[] = {
    {.id = 1, .name = "root", .start_ns = 1, .end_ns = 1000},
    {.id = 2, .parent = 1, .name = "a", .start_ns = 10, .end_ns = 20, ORDER("x")},
    {.id = 3, .parent = 1, .name = "a", .start_ns = 30, .end_ns = 40, ORDER("y")},
    {.id = 4, .parent = 2, .name = "b", .start_ns = 22, .end_ns = 26, ORDER("x")},
    {.id = 5,
     .parent = 1,
     .name = "b",
     .start_ns = 25,
     .end_ns = 35,
     ORDER("x"),
     .links = {{.trace = 1, .span = 2}}},
    {.id = 6, .parent = 3, .name = "b", .start_ns = 90, .end_ns = 95, ORDER("y")},
    {.id = 7, .parent = 6, .name = "c", .start_ns = 40, .end_ns = 40, ORDER("z")},
    {.name = NULL},
};

static void pairs_of_sets(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("$first before $b", PASS),
        IS("$a before $b", FAIL, .reason = "$a ends after $b has started",
           .actual = "$a #2 (span 0000000000000003) ends $b #1 (span 0000000000000004) by 18ns too "
                     "late",
           .span = 3),
        IS("$a before $c", PASS),
        IS("$c before $c", PASS),
        IS("$a before $a", FAIL, .actual = "$a #2 (span 0000000000000003) ends $a #1 "),
        IS("$first before $a", PASS),
        IS("$c starts before $all", FAIL, .span = 7),
        IS("$first starts before $a", PASS),
        IS("$a starts before $b", FAIL, .reason = "$a starts after $b has started", .span = 3),
        IS("$a starts before $c", PASS),
        IS("$a before $none", FAIL, .reason = "$none matched no span", .waits = true),
        IS("$a overlaps $b", FAIL, .reason = "a $a runs beside no $b", .span = 2, .waits = true),
        IS("$b overlaps $all", PASS),
        IS("$a apart from $a", PASS),
        IS("$first apart from $b", PASS),
        IS("$a apart from $b", FAIL, .reason = "$a and $b run at the same time",
           .actual = "$a #2 (span 0000000000000003) and $b #2 (span 0000000000000005)", .span = 3),
        IS("$b apart from $b", FAIL, .span = 4),
        IS("$c apart from $a", PASS),
        IS("gap($a, $c) = 0ns", PASS),
        IS("gap($first, $b) <= 2ns", PASS),
        IS("gap($a, $b) >= 0ns", FAIL, .actual = "-18ns", .span = 4, .waits = true),
        IS("concurrency($b) = 2", PASS),
        IS("concurrency($a) = 1", PASS),
        IS("concurrency($c) = 1", PASS),
        IS("concurrency($all) <= 2", FAIL, .actual = "3"),
    };
    WHOLE_CHECK(shop, rows);
}

static void what_follows(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("each $a followed by $b", PASS),
        IS("each $a followed by $b within 60ns", PASS),
        IS("each $a followed by $b within 50ns by order", PASS),
        IS("each $a followed by $b within 49ns by order", FAIL,
           .reason = "a $a is not followed by a $b within 49ns by order",
           .actual = "$a #2 (span 0000000000000003): 0 $b", .span = 3, .waits = true),
        IS("each $a followed by $b by order exactly once", FAIL,
           .reason = "a $a is not followed by exactly one $b by order",
           .actual = "$a #1 (span 0000000000000002): 2 $b, $b #1 (span 0000000000000004), $b #2 "
                     "(span 0000000000000005)",
           .span = 2),
        IS("each $a followed by $b within 2ns by order exactly once", FAIL, .span = 3,
           .waits = true),
        IS("each $a followed by $b by order at most once", FAIL, .span = 2),
        IS("each $a followed by $b by order at least once", PASS),
        IS("each $a followed by $none at most once", PASS),
        IS("each $a followed by $none", FAIL, .reason = "$none matched no span", .waits = true),
        IS("each $none followed by $a", FAIL, .reason = "$none matched no span", .waits = true),
        IS("each $all followed by $b by order", FAIL, .reason = "attribute missing: order",
           .span = 1),
        IS("no $c after $a by order", PASS),
        IS("no $c after $a", FAIL, .reason = "a $c comes after a $a", .span = 2),
        IS("no $b within 49ns after $a by order", FAIL,
           .reason = "a $b comes within 49ns by order after a $a", .span = 2),
        IS("no $b within 1ns after $first by order", PASS),
        IS("no $none after $a", PASS),
        IS("no $a after $none", FAIL, .reason = "$none matched no span", .waits = true),
        IS("no $c within 0s after $c", PASS),
        IS("each $a has a $b by order", PASS),
        IS("each $a has exactly one $b by order", FAIL,
           .reason = "a $a has not exactly one $b by order", .span = 2),
        IS("each $b has at most one $a by order", PASS),
        IS("each $c has at least one $b by order", FAIL, .reason = "has not a $b by order",
           .span = 7, .waits = true),
    };
    WHOLE_CHECK(shop, rows);
}

static void lags(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("lag($a, $b) <= 50ns", PASS),
        IS("lag($a, $b) < 50ns", FAIL, .actual = "50ns", .span = 6),
        IS("lag($a, $b) > 2ns", FAIL, .actual = "2ns", .span = 4),
        IS("lag($a, $b by order) <= 50ns", PASS),
        IS("lag($b, $a by order) < 1s", FAIL, .reason = "a $a has several $b it could come from",
           .span = 2),
        IS("lag($a, $b by parent) <= 50ns", FAIL, .reason = "a $b comes from no $a", .span = 5,
           .waits = true),
        IS("lag($a, $b by link) <= 50ns", FAIL, .reason = "a $b comes from no $a", .span = 4,
           .waits = true),
        IS("lag($a, $all by order) < 1s", FAIL, .reason = "attribute missing: order", .span = 1),
        IS("lag($a, $none) < 1s", FAIL, .reason = "matched no span", .waits = true),
    };
    WHOLE_CHECK(shop, rows);
}

/* In an expression it is the greatest, which nothing is known of before the trace closes. */
static void the_greatest_lag_is_a_value(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("lag($a, $b) * 2 = 100ns", PASS),
        IS("lag($a, $b) * 2 < 100ns", FAIL, .actual = "100ns", .waits = true),
        IS("lag($a, $b) * 1 > 2ns", PASS),
        IS("lag($a, $b by order) - lag($a, $b) = 0s", PASS),
        IS("lag($a, $b) <= 5 * $first.duration", PASS),
        IS("lag($b, $c by parent) + 1ns = -54ns", PASS),
        IS("lag($a, $b by parent) * 2 < 1s", FAIL, .reason = "value missing: lag($a, $b by parent)",
           .waits = true),
        IS("lag($b, $a by order) * 2 < 1s", FAIL, .reason = "value missing: lag($b, $a by order)"),
        IS("lag($a, $all by order) * 2 < 1s", FAIL, .reason = "value missing"),
        IS("lag($a, $none) * 2 < 1s", FAIL, .reason = "value missing", .waits = true),
        IS("coalesce(lag($a, $none), 5s) = 5s", PASS),
        IS("(lag($a, $none) * 2 < 1s) or (count($none) = 0)", PASS),
    };
    WHOLE_CHECK(shop, rows);
}

#define STEP(number, key, value, ...)                                                              \
    {                                                                                              \
        .id = (number), .name = "a", .start_ns = 10 * (number), .end_ns = 10 * (number) + 5,       \
        .attrs = {ATTR_TEXT("status", value), ATTR_INT("order", key)}, __VA_ARGS__                 \
    }

static const struct span_build steps[] = {
    STEP(1, 7, "created", .parent = 0),
    STEP(2, 8, "created", .parent = 1),
    STEP(3, 7, "paid", .parent = 1),
    STEP(4, 7, "paid", .parent = 1),
    STEP(5, 8, "cancelled", .parent = 1),
    STEP(6, 7, "shipped", .parent = 1),
    {.id = 7, .parent = 1, .name = "b", .start_ns = 1, .end_ns = 2},
    {.name = NULL},
};

static void rows_of_states(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("states attr:status by order in $a: created -> paid -> shipped, created -> cancelled",
           PASS),
        IS("states attr:status by order in $a: created -> paid -> shipped", FAIL,
           .reason = "attr:status takes a forbidden step",
           .actual = "created -> cancelled of 8: $a #2 (span 0000000000000002), $a #5 (span "
                     "0000000000000005)",
           .span = 5),
        IS("states attr:status in $a: created -> paid -> shipped, created -> cancelled", FAIL,
           .actual = "paid -> cancelled: ", .span = 5),
        IS("states attr:status by order in $a: never paid -> created", PASS),
        IS("states attr:status by order in $a: never created -> cancelled", FAIL, .span = 5),
        IS("states attr:status by order in $a: created -> paid -> shipped, created -> cancelled, "
           "never "
           "created -> paid",
           FAIL, .span = 3),
        IS("states attr:status by order in $a: paid -> created -> paid -> shipped, created -> "
           "cancelled",
           FAIL, .reason = "attr:status begins with a wrong state",
           .actual = "$a #1 (span 0000000000000001): created of 7", .span = 1),
        IS("states attr:status by order in $a: any start, paid -> created -> paid -> shipped, "
           "created -> cancelled",
           PASS),
        IS("states attr:status in $b: created -> paid", FAIL,
           .reason = "attribute missing: attr:status"),
        IS("states attr:status in $none: created -> paid", FAIL, .reason = "$none matched no span",
           .waits = true),
        IS("states order in $a: 7 -> 8, 8 -> 7", PASS),
        IS("states name in $all: b -> 'a'", PASS),
    };
    struct whole_row waiting[sizeof rows / sizeof *rows];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        waiting[i] = rows[i];
        bool broken = rows[i].result == RESULT_FAIL && i != 8;
        waiting[i].waits = broken;
    }
    WHOLE_CHECK(steps, waiting);
}

static const struct span_build odd[] = {
    {.id = 1, .name = "a", .start_ns = 10, .end_ns = 30, ORDER("x")},
    {.id = 2, .name = "a", .start_ns = 20, .end_ns = 15, ORDER("x")},
    {.id = 3, .name = "b", .start_ns = 25, .end_ns = 26, ORDER("x"), .dropped_links = 1},
    {.id = 4, .name = "b", .start_ns = 40, .end_ns = 50, .dropped_attrs = 1},
    {.id = 5, .name = "c", .start_ns = 60, .end_ns = 70, ORDER("x")},
    {.name = NULL},
};

static void what_can_not_be_known(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("$a before $c", INCONCLUSIVE, .reason = "clock", .span = 2),
        IS("$a before $b", FAIL, .span = 1),
        IS("$a apart from $b", FAIL, .span = 1),
        IS("$a apart from $c", INCONCLUSIVE, .reason = "clock"),
        IS("gap($a, $c) > 0s", INCONCLUSIVE, .reason = "clock"),
        IS("concurrency($a) < 1", FAIL),
        IS("concurrency($a) <= 1", INCONCLUSIVE, .reason = "clock"),
        IS("each $c followed by $c by order", FAIL, .waits = true),
        IS("each $a followed by $b", INCONCLUSIVE, .reason = "clock"),
        IS("each $c has a $b by order", INCONCLUSIVE, .reason = "dropped", .span = 4),
        IS("each $c has at most one $a by order", FAIL, .span = 5),
        IS("no $b after $c by order", INCONCLUSIVE, .reason = "dropped"),
        IS("lag($c, $b) < 1s", INCONCLUSIVE, .reason = "dropped", .span = 3),
        IS("lag($a, $c by order) < 1s", FAIL, .reason = "several"),
        IS("lag($c, $b) * 2 < 1s", INCONCLUSIVE, .reason = "dropped", .span = 3),
        IS("lag($a, $c by order) * 2 < 1s", FAIL, .reason = "value missing"),
        IS("states order in $b: x -> y", INCONCLUSIVE, .reason = "dropped"),
        IS("states order in $a: x -> y", INCONCLUSIVE, .reason = "clock"),
    };
    WHOLE_CHECK(odd, rows);
}

/* The server's clock is at most 20 ahead of its client's, and at most 10 behind. */
static const struct span_build clocks[] = {
    {.id = 1, .name = "a", .service = "x", .kind = KIND_CLIENT, .start_ns = 100, .end_ns = 200},
    {.id = 2,
     .parent = 1,
     .name = "b",
     .service = "y",
     .kind = KIND_SERVER,
     .start_ns = 120,
     .end_ns = 190},
    {.id = 3, .parent = 2, .name = "c", .service = "y", .start_ns = 215, .end_ns = 240},
    {.name = NULL},
};

static void clocks_that_may_be_apart(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("$a before $c", PASS),
        IS("$a before $c", INCONCLUSIVE, .skews = true, .reason = "15ns by the clocks of two"),
        IS("$a before $b", FAIL, .skews = true),
        IS("$b before $c", PASS, .skews = true),
        IS("$a starts before $b", PASS, .skews = true),
        IS("$a starts before $c", PASS, .skews = true),
        IS("gap($a, $c) < 1us", PASS, .skews = true),
        IS("gap($a, $c) >= 10ns", INCONCLUSIVE, .skews = true, .reason = "by the clocks"),
        IS("gap($a, $c) > 1us", FAIL, .skews = true, .actual = "15ns", .waits = true),
        IS("lag($a, $b) < 0s", PASS, .skews = true),
        IS("lag($a, $b) < -75ns", INCONCLUSIVE, .skews = true, .reason = "by the clocks",
           .span = 2),
        IS("lag($a, $b) > 0s", FAIL, .skews = true, .span = 2),
        IS("lag($a, $b) * 2 < 1h", INCONCLUSIVE, .skews = true, .reason = "clocks of several"),
        IS("lag($b, $c) * 2 = 50ns", PASS, .skews = true),
        IS("lag($all, $c) * 2 = 50ns", PASS, .skews = true),
        IS("$a overlaps $b", PASS, .skews = true),
        IS("$a overlaps $c", INCONCLUSIVE, .skews = true, .reason = "by the clocks of two"),
        IS("$a apart from $b", FAIL, .skews = true, .actual = "$a #1"),
        IS("$a apart from $c", INCONCLUSIVE, .skews = true, .span = 1),
        IS("concurrency($all) >= 2", PASS, .skews = true),
        IS("concurrency($all) <= 2", PASS, .skews = true),
        IS("concurrency($all) <= 1", FAIL, .skews = true, .actual = "2"),
        IS("each $a followed by $b", PASS, .skews = true),
        IS("each $b followed by $a", INCONCLUSIVE, .skews = true, .reason = "by the clocks"),
        IS("no $b after $a", PASS, .skews = true),
        IS("no $c after $a", INCONCLUSIVE, .skews = true, .reason = "15ns by the clocks"),
        IS("trace:duration < 1us", PASS, .skews = true),
        IS("trace:duration < 150ns", INCONCLUSIVE, .skews = true,
           .reason = "140ns by the clocks of several processes, really from 120ns to 150ns"),
    };
    WHOLE_CHECK(clocks, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_sets),
        cmocka_unit_test(what_follows),
        cmocka_unit_test(lags),
        cmocka_unit_test(the_greatest_lag_is_a_value),
        cmocka_unit_test(rows_of_states),
        cmocka_unit_test(what_can_not_be_known),
        cmocka_unit_test(clocks_that_may_be_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
