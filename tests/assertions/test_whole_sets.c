/* How many of the selected spans, what their values come to, whether they are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/assertions/whole_fixture.h"

#define BELOW_ONE .parent = 1

static const struct span_build spans[] = {
    {.id = 1, .name = "root", .start_ns = 1, .end_ns = 100, .attrs = {ATTR_TEXT("k", "v")}},
    {.id = 2,
     BELOW_ONE,
     .name = "a",
     .start_ns = 10,
     .end_ns = 20,
     .attrs = {ATTR_INT("n", 1), ATTR_TEXT("k", "v"), ATTR_INT("u", 1), ATTR_BOOL("o", 1)}},
    {.id = 3,
     BELOW_ONE,
     .name = "a",
     .start_ns = 20,
     .end_ns = 40,
     .attrs = {ATTR_INT("n", 2), ATTR_TEXT("k", "v"), ATTR_TEXT("u", "1"), ATTR_INT("o", 2)}},
    {.id = 4,
     BELOW_ONE,
     .name = "a",
     .start_ns = 30,
     .end_ns = 35,
     .attrs = {ATTR_DOUBLE("n", 2.5), ATTR_TEXT("k", "v"), ATTR_INT("u", 3), ATTR_INT("m", 9)}},
    {.id = 5,
     BELOW_ONE,
     .name = "b",
     .start_ns = 50,
     .end_ns = 60,
     .attrs = {ATTR_INT("n", INT64_MAX), ATTR_TEXT("k", "w")}},
    {.id = 6,
     BELOW_ONE,
     .name = "b",
     .start_ns = 55,
     .end_ns = 56,
     .attrs = {ATTR_INT("n", 1), ATTR_TEXT("k", "w")}},
    {.name = NULL},
};

#define A       .select = "span[name=a]"
#define B       .select = "span[name=b]"
#define NOTHING .select = "span[name=nothing]"

static void how_many_of_them(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("exactly 2: n >= 2", PASS, A),
        IS("exactly 1: n >= 2", FAIL, A, .reason = "must hold for exactly 1 of the selected spans",
           .actual = "holds for 2 of 3, first for", .span = 3),
        IS("exactly 3: n >= 2", FAIL, A, .actual = "holds for 2 of 3, not for selected #1",
           .span = 2, .waits = true),
        IS("at least 2: n >= 2", PASS, A),
        IS("at least 3: n >= 2", FAIL, A, .waits = true),
        IS("at most 2: n >= 2", PASS, A),
        IS("at most 1: n >= 2", FAIL, A, .span = 3),
        IS("at least 66%: n >= 2", PASS, A),
        IS("at least 66.7%: n >= 2", FAIL, A, .reason = "at least 66.7%", .waits = true),
        IS("at most 70%: n >= 2", PASS, A),
        IS("at most 50%: n >= 2", FAIL, A, .waits = true),
        IS("exactly 1: not (n >= 2)", PASS, A),
        IS("at least 1: m = 9", PASS, A),
        IS("at most 0: m = 9", FAIL, A, .span = 4),
        IS("exactly 0: n = 1", PASS, NOTHING),
        IS("at most 3: n = 1", PASS, NOTHING),
        IS("at least 1: n = 1", FAIL, NOTHING, .waits = true),
        IS("at least 1%: n = 1", FAIL, NOTHING, .reason = "no span matched", .waits = true),
        IS("at least 1: o =~ 'x'", ERROR, A, .reason = "could change the number"),
        IS("at most 3: o =~ 'x'", PASS, A),
        IS("at least 2: span:self_time >= 10ns", PASS, A),
        IS("exactly 2: name = a", PASS, .select = "span[name=a]:first, span[name=a]:last"),
        IS("exactly 1: name = a", FAIL, .select = "span[name=a]:first, span[name=a]:last",
           .waits = true),
    };
    WHOLE_CHECK(spans, rows);
}

static void what_their_values_come_to(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("sum(n) = 5.5", PASS, A),
        IS("avg(n) > 1.83", PASS, A),
        IS("min(n) = 1", PASS, A),
        IS("max(n) = 2.5", PASS, A),
        IS("max(n) < 2.5", FAIL, A, .actual = "2.5", .span = 4),
        IS("max(n in $a) <= 2.5", PASS),
        IS("p(50)(n) = 2", PASS, A),
        IS("p(99.9)(n) = 2.5", PASS, A),
        IS("p(1)(n) = 1", PASS, A),
        IS("sum(n * 2) = 11", PASS, A),
        IS("max(end - start) = 20ns", PASS, A),
        IS("sum(duration * 2) = 70ns", PASS, A),
        IS("sum(length(k)) = 3", PASS, A),
        IS("sum(n / u) > 0", ERROR, A, .reason = "can't be computed: n / u"),
        IS("max(n / (u - 1)) > 0", ERROR, A, .reason = "can't be computed: n / (u - 1)", .span = 2),
        IS("sum(m + 1) > 0", FAIL, A, .reason = "attribute missing: m + 1", .span = 2),
        IS("distinct(upper(k) in $all) = 2", PASS),
        IS("distinct(span:id) = 3", PASS, A),
        IS("sum(duration) = 35ns", PASS, A),
        IS("sum(duration) < 30ns", FAIL, A, .actual = "35ns"),
        IS("avg(duration) = 11ns", PASS, A),
        IS("max(duration in $b) < 50ms", PASS),
        IS("min(duration) >= 5ns", PASS, A),
        IS("min(duration) > 5ns", FAIL, A, .actual = "5ns", .span = 4),
        IS("sum(n) > 0", ERROR, B, .reason = "beyond 64-bit"),
        IS("sum(m) > 0", FAIL, A, .reason = "attribute missing: m", .actual = "selected #1",
           .span = 2),
        IS("max(m) < 5", FAIL, A, .reason = "does not hold", .span = 4),
        IS("sum(k) > 0", ERROR, A, .reason = "can't be computed: k has another type", .span = 2),
        IS("avg(n) > 0", FAIL, NOTHING, .reason = "no span matched", .waits = true),
        IS("avg(n in $none) > 0", FAIL, .reason = "$none matched no span", .waits = true),
        IS("distinct(n) = 3", PASS, A),
        IS("distinct(u) = 2", PASS, A),
        IS("distinct(k) = 1", PASS, A),
        IS("distinct(k in $all) <= 1", FAIL, .actual = "2"),
        IS("distinct(m) >= 1", FAIL, A, .reason = "attribute missing"),
        IS("distinct(o) = 2", FAIL, A, .reason = "attribute missing", .span = 4),
        IS("distinct(name in $all) = 3", PASS),
    };
    WHOLE_CHECK(spans, rows);
}

static void values_of_sets(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("same k in $a", PASS),
        IS("same k in $a, $b", FAIL, .reason = "not the same k everywhere",
           .actual = "$a #1 (span 0000000000000002): v, $b #1 (span 0000000000000005): w",
           .span = 5),
        IS("same n in $all", FAIL, .reason = "not the same n", .span = 3),
        IS("same length(k) in $a, $b", PASS),
        IS("unique f'${k}-${n}' in $a, $b", PASS),
        IS("unique span:id in $all", PASS),
        IS("same m in $a", FAIL, .reason = "attribute missing: m", .span = 2),
        IS("same k in $a, $none", FAIL, .reason = "$none matched no span", .waits = true),
        IS("unique n in $a", PASS),
        IS("unique n in $a, $b", FAIL, .reason = "the same n twice",
           .actual = "1: $a #1 (span 0000000000000002), $b #2 (span 0000000000000006)", .span = 6),
        IS("unique u in $a", FAIL, .span = 3),
        IS("unique n in $a, $first", PASS),
        IS("unique m in $a", FAIL, .reason = "attribute missing"),
        IS("unique n in $none", FAIL, .reason = "matched no span", .waits = true),
    };
    WHOLE_CHECK(spans, rows);
}

/* Spans that dropped attributes, that go backwards, with values of other types. */
static const struct span_build lossy[] = {
    {.id = 1, .name = "a", .start_ns = 10, .end_ns = 20, .attrs = {ATTR_INT("n", 1)}},
    {.id = 2, .name = "a", .start_ns = 11, .end_ns = 20, .dropped_attrs = 1},
    {.id = 3, .name = "b", .start_ns = 12, .end_ns = 11, .attrs = {ATTR_INT("n", 1)}},
    {.id = 4, .name = "b", .start_ns = 13, .end_ns = 40, .attrs = {ATTR_BYTES("n", "x")}},
    {.name = NULL},
};

static void what_can_not_be_known(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("sum(n) >= 1", INCONCLUSIVE, A, .reason = "dropped", .span = 2),
        IS("max(n) < 1", FAIL, A, .span = 1),
        IS("max(n) < 2", INCONCLUSIVE, A, .reason = "dropped"),
        IS("distinct(n) <= 1", INCONCLUSIVE, A),
        IS("distinct(n) <= 0", FAIL, A),
        IS("distinct(n) <= -1", ERROR, .select = "span[span:id='0000000000000004']", .span = 4),
        IS("distinct(n) >= 0", ERROR, .select = "span[span:id='0000000000000004']", .span = 4),
        IS("distinct(lost) <= -1", INCONCLUSIVE, .select = "span[span:id='0000000000000002']"),
        IS("sum(duration) <= -1s", INCONCLUSIVE, .select = "span[span:id='0000000000000003']",
           .span = 3),
        IS("at least 1: n = 1", PASS, A),
        IS("at least 2: n = 1", INCONCLUSIVE, A, .reason = "could change"),
        IS("at most 2: n = 1", PASS, A),
        IS("max(duration) < 5ns", FAIL, B, .span = 4),
        IS("max(duration) < 50ns", INCONCLUSIVE, B, .reason = "clock", .span = 3),
        IS("sum(n) > 0", ERROR, B, .reason = "another type", .span = 4),
        IS("same n in $a, $b", ERROR, .span = 4),
        IS("unique n in $a", INCONCLUSIVE, .reason = "dropped"),
        IS("unique n in $all", FAIL, .span = 3),
        IS("span:self_time < 1s", INCONCLUSIVE, B, .reason = "clock", .span = 3),
        IS("any: span:self_time < 1s", PASS, B),
    };
    WHOLE_CHECK(lossy, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_many_of_them),
        cmocka_unit_test(what_their_values_come_to),
        cmocka_unit_test(values_of_sets),
        cmocka_unit_test(what_can_not_be_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
