/* Conditions across spans inside expressions: computed with, compared with each other, joined with
 * other conditions; own times of named spans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/assertions/language_fixture.h"
#include "tests/assertions/whole_fixture.h"

#define C EXPRESSION_CONDITION
#define N EXPRESSION_NAMES_CONDITION
#define W EXPRESSION_WHEN

/* --- reading --- */

static void good_ones_are_accepted(void **state)
{
    (void)state;
    static const struct acceptance good[] = {
        {N, "trace:duration - sum($mail.duration) < 50ms"},
        {N, "trace:errors * 100 / trace:spans <= 5"},
        {N, "critical('db') <= critical('api')"},
        {N, "trace:spans < $request.limit"},
        {N, "5 < trace:spans"},
        {N, "5 < sum(n in $mail) + 1"},
        {N, "gap($request, $mail) <= 2 * $request.duration"},
        {N, "concurrency($mail) <= count($mail) / 2"},
        {N, "max(trace:depth, trace:fan_out) < 9"},
        {N, "max(duration in $mail) <= max(duration in $request)"},
        {N, "trace:spans - trace:errors > 0"},
        {N, "trace:spans % 2 = 0"},
        {N, "- trace:spans < 0"},
        {N, "trace:spans | text = '5'"},
        {N, "f'${trace:spans} spans' = '5 spans'"},
        {N, "trace:spans in (4, count($mail))"},
        {N, "coalesce(sum(n in $mail), 0) < 5"},
        {N, "(trace:spans < 5)"},
        {N, "(trace:spans < 5) and (trace:errors = 0)"},
        {N, "(trace:spans in (4, 5)) or not (trace:errors = 0)"},
        {N, "($request before $mail) or (count($mail) = 0)"},
        {N, "not ($request before $mail)"},
        {N, "not ((edge a -> b) or (edges only c -> d, d -> e))"},
        {N, "(each $request followed by $mail within 5s by order.id exactly once) and (no $mail "
            "after $request)"},
        {N, "(same x in $request, $mail) or (states x by y in $mail: a -> b, never c -> d)"},
        {N, "(lag($request, $mail by link) < 5s) and (critical(db) <= 30%)"},
        {N, "((trace:spans) < 5) and (trace:errors + 1 < 3)"},
        {N, "lag($request, $mail by lower(order.id)) * 2 < $request.duration"},
        {N, "2s > lag($request, $mail)"},
        {N, "lag($request, $mail) < 2 * $request.duration"},
        {C, "(at least 99.5%: duration < 5ms) or (trace:spans < 10)"},
        {C, "(at most 10%: span:self_time > 5ms) and (count > 1)"},
        {C, "(duration < 5ms) or (trace:errors = 0)"},
        {C, "none: (duration > 5ms) and (trace:errors > 0)"},
        {C, "duration <= max(duration)"},
        {C, "duration * 100 > sum(duration)"},
        {C, "span:self_time * 2 < span:duration"},
        {C, "any: span:self_time < $request.span:self_time"},
        {N, "$request.span:self_time < 5ms"},
        {N, "$request.span:self_time in (5ms, 6ms)"},
        {N, "$request.span:self_time / $request.duration < 0.5"},
        {N, "$mail-2.start - $request.end < $request.span:self_time"},
        {W, "(trace:errors > 0) and ($request before $mail)"},
        {W, "trace:spans > count($mail)"},
    };
    language_accepts_each(good, sizeof good / sizeof good[0]);
}

static void bad_ones_are_refused_at_their_byte(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {N, "trace:duration + trace:spans < 5s", 16, "'+' is not between"},
        {N, "trace:duration < trace:spans", 18, "compare it with a duration"},
        {N, "trace:duration * 2 < trace:spans", 20, "can't compare"},
        {N, "trace:spans + 1 < 5ms", 19, "is a number"},
        {N, "(trace:spans < 5ms) or (trace:errors = 0)", 16, "is a number"},
        {N, "(trace:spans exists) or (trace:errors = 0)", 14, "can't be missing"},
        {N, "lag($request, $mail) * 2 < 5", 28, "compare it with a duration"},
        {N, "lag($request, $mail) + 1 < 5s", 22, "'+' is not between"},
        {N, "(sum(n) < 1) or (trace:spans = 1)", 1, "without `select`"},
        {N, "sum(n) < trace:spans", 1, "without `select`"},
        {N, "span:self_time * 2 < 5ms", 1, "without `select`"},
        {N, "(at least 2: n = 1) or (trace:spans = 1)", 1, "without `select`"},
        {N, "any: (trace:spans = 1) or (trace:errors = 0)", 6, "this is judged once"},
        {N, "($request before $mail) or trace:spans = 1", 28, "stands in parentheses"},
        {N, "$request before $mail and (trace:spans = 1)", 23, "one comparison"},
        {N, "trace:spans * (trace:errors", 28, "')' is missing"},
        {C, "at least 2: trace:spans * 2 > n", 25, "an operator is missing"},
        {C, "at least 2: (trace:spans > 2) or (n = 1)", 14, "value of one span"},
        {C, "span:self_time * 2 < 5", 22, "with a unit"},
    };
    language_refuses_each(rows, sizeof rows / sizeof rows[0]);
}

/* What looks at one span, or at names alone, has none of them. */
static void other_places_have_none_of_them(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {EXPRESSION_SELECTOR, "span[trace:spans * 2 > 5]", 6, ""},
        {EXPRESSION_SELECTOR, "span[duration < span:self_time * 2]", 17, ""},
        {EXPRESSION_RULE, "p(95)(sum(n) * 2) < 5", 7, "nothing is selected"},
        {EXPRESSION_RULE, "p(95)(span:self_time) < 5ms", 7, "nothing is selected"},
    };
    language_refuses_each(rows, sizeof rows / sizeof rows[0]);
}

/* --- judging --- */

/* web [0,100] calls shop [10,60], which reads twice from db; mail comes later. */
static const struct span_build order[] = {
    {.id = 1,
     .name = "a",
     .service = "web",
     .start_ns = 100,
     .end_ns = 200,
     .attrs = {ATTR_INT("n", 4), ATTR_INT("limit", 5)}},
    {.id = 2,
     .parent = 1,
     .name = "b",
     .service = "shop",
     .start_ns = 110,
     .end_ns = 160,
     .attrs = {ATTR_INT("n", 7)}},
    {.id = 3,
     .parent = 2,
     .name = "read",
     .service = "db",
     .status = STATUS_ERROR,
     .start_ns = 120,
     .end_ns = 130,
     .attrs = {ATTR_INT("n", 1)}},
    {.id = 4,
     .parent = 2,
     .name = "read",
     .service = "db",
     .start_ns = 130,
     .end_ns = 150,
     .attrs = {ATTR_INT("n", 2)}},
    {.id = 5, .parent = 1, .name = "c", .service = "mail", .start_ns = 250, .end_ns = 300},
    {.name = NULL},
};

#define READS   .select = "span[name=read]"
#define NOTHING .select = "span[name=nothing]"

static void terms_are_computed_with(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("trace:duration - sum($all.duration) = -30ns", PASS),
        IS("trace:duration - sum(duration in $b) < 150ns", FAIL, .reason = "does not hold",
           .actual = "150ns", .waits = true),
        IS("trace:errors * 100 / trace:spans <= 20", PASS),
        IS("trace:errors * 100 / trace:spans <= 10", FAIL, .actual = "20", .waits = true),
        IS("critical(db) <= critical(mail)", PASS),
        IS("critical(web) + critical(mail) = 0.5", PASS),
        IS("trace:spans <= $a.limit", PASS),
        IS("trace:spans < $a.limit", FAIL, .actual = "5", .span = 1, .waits = true),
        IS("gap($b, $c) = 90ns", PASS),
        IS("gap($b, $c) < 2 * $b.duration", PASS),
        IS("concurrency($all) + 1 = 4", PASS),
        IS("sum($all.n) = 1", FAIL, .reason = "attribute missing: $all.n"),
        IS("max($a.end - $a.start) = 100ns", PASS),
        IS("max(sum(n in $b), trace:spans) = 7", PASS),
        IS("f'${trace:spans}/${trace:errors}' = '5/1'", PASS),
        IS("trace:spans in (count($all), 9)", PASS),
        IS("trace:spans % 2 = 1", PASS),
        IS("trace:spans / trace:roots = 5", PASS),
        IS("trace:spans / (trace:roots - 1) = 5", ERROR, .reason = "division by zero"),
    };
    WHOLE_CHECK(order, rows);
}

/* What alone fails for want of something has no value. */
static void what_is_not_there_is_missing(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("sum(n in $none) + 1 = 1", FAIL, .reason = "value missing: sum(n in $none)",
           .waits = true),
        IS("sum(n in $all) + 1 = 15", FAIL, .reason = "value missing: sum(n in $all)"),
        IS("coalesce(sum(n in $none), 0) + 1 = 1", PASS),
        IS("coalesce(sum(n in $all), 0) = 0", PASS),
        IS("(sum(n in $none) < 5) or (count($none) = 0)", PASS),
        IS("not ((sum(n in $none) < 5) or (trace:spans = 7))", PASS),
        IS("critical(nobody) < critical(db)", FAIL, .reason = "value missing: critical(nobody)",
           .waits = true),
        IS("sum(n in $none) < $none.n", FAIL, .reason = "$none matched no span", .waits = true),
        IS("sum(n) + 1 = 1", FAIL, NOTHING, .reason = "value missing", .waits = true),
    };
    static const struct whole_row bad[] = {
        IS("sum(k + 1 in $a) + 1 = 1", ERROR, .reason = "by itself"),
        IS("(sum(k in $a) = 1) or (trace:spans = 1)", PASS),
        IS("(sum(k in $a) = 1) and (trace:spans = 1)", ERROR),
        IS("(sum(k in $a) = 1) and (trace:spans = 2)", FAIL, .waits = true),
    };
    static const struct span_build text[] = {
        {.id = 1, .name = "a", .start_ns = 1, .end_ns = 5, .attrs = {ATTR_TEXT("k", "x")}},
        {.name = NULL}};
    WHOLE_CHECK(order, rows);
    WHOLE_CHECK(text, bad);
}

static void conditions_are_joined(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("(trace:spans = 5)", PASS),
        IS("(trace:spans < 5)", FAIL),
        IS("(trace:spans < 9) and (trace:errors = 1)", PASS),
        IS("(trace:spans < 9) and (trace:errors = 0)", FAIL),
        IS("(trace:spans > 9) and (trace:errors = 1)", FAIL, .waits = true),
        IS("(trace:spans > 9) or (edge web -> shop)", PASS),
        IS("not ($b before $a)", PASS),
        IS("not ($b before $c)", FAIL, .waits = true),
        IS("($none before $c) or ($b before $c)", PASS),
        IS("(each $b followed by $c) and not (each $c followed by $b)", PASS),
        IS("(same n in $a, $b) or (unique n in $a, $b)", PASS),
        IS("(lag($a, $b) < 5ns) or (lag($b, $c by parent) < 5ns)", PASS),
        IS("(critical(db) <= 15%) and (critical(mail) in (0.25, 0.5))", PASS),
        IS("((trace:spans = 5) and (trace:roots = 1)) or ($c before $a)", PASS),
        IS("(trace:spans = 5) and ($a.n = 4)", PASS),
        IS("(trace:spans = 5) and ($a.n = 3)", FAIL),
        IS("(trace:spans = 5) or ($none.n = 3)", FAIL, .reason = "$none matched no span",
           .waits = true),
    };
    WHOLE_CHECK(order, rows);
}

/* A failure names the part that decides it, and what was seen of that. */
static void the_deciding_part_is_told(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("(trace:spans < 5)", FAIL, .reason = "trace:spans < 5: does not hold", .actual = "5"),
        IS("(trace:spans < 9) and (trace:errors = 0)", FAIL,
           .reason = "trace:errors = 0: does not hold", .actual = "1"),
        IS("(trace:spans < 9) and (no edge web -> shop)", FAIL,
           .reason = "no edge web -> shop: web calls shop", .span = 2),
        IS("not ($b before $c)", FAIL, .reason = "$b before $c: holds, must not", .waits = true),
        IS("not (($c before $b) or (trace:spans = 5))", FAIL,
           .reason = "trace:spans = 5: holds, must not", .actual = "5", .waits = true),
        IS("($none before $c) and (trace:spans = 5)", FAIL,
           .reason = "$none before $c: $none matched no span", .waits = true),
        IS("(trace:spans = 5) and ($a.n = 3)", FAIL, .reason = "$a.n = 3: does not hold",
           .actual = "false", .span = 1),
        IS("(trace:spans = 6) or (trace:errors = 2)", FAIL,
           .reason = "(trace:spans = 6) or (trace:errors = 2): does not hold", .actual = "false",
           .waits = true),
        IS("(unique n in $a, $b) and (same n in $a, $b)", FAIL, .reason = "not the same n",
           .actual = "$a #1", .span = 2),
    };
    WHOLE_CHECK(order, rows);
}

static void conditions_on_selected_spans(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("(duration <= 20ns) and (trace:errors = 1)", PASS, READS),
        IS("(duration < 20ns) and (trace:errors = 1)", FAIL, READS, .span = 4),
        IS("(duration < 20ns) or (trace:errors = 0)", FAIL, READS, .span = 4),
        IS("any: (duration < 20ns) and (trace:errors = 1)", PASS, READS),
        IS("none: (duration > 5ns) and (trace:errors = 1)", FAIL, READS, .span = 3, .waits = true),
        IS("duration <= max(duration)", PASS, READS),
        IS("duration < max(duration)", FAIL, READS, .actual = "20ns", .span = 4, .waits = true),
        IS("(at least 1: duration < 20ns) and (count = 2)", PASS, READS),
        IS("(exactly 1: span:self_time < 20ns) and (count = 2)", PASS, READS),
        IS("count + 1 = sum(n)", PASS, READS),
        IS("(sum(n) = 3) and (trace:spans = 5)", PASS, READS),
        IS("(n = 1) or (trace:spans = 5)", FAIL, NOTHING, .reason = "no span matched",
           .waits = true),
        IS("(at least 1: n = 1) or (trace:spans = 5)", PASS, NOTHING),
    };
    WHOLE_CHECK(order, rows);
}

static void own_times_are_keys(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        IS("$b.span:self_time = 20ns", PASS),
        IS("$b.span:self_time < 20ns", FAIL, .actual = "20ns", .span = 2, .waits = true),
        IS("$a.span:self_time - $b.span:self_time = 30ns", PASS),
        IS("$b.span:self_time / $b.duration = 0.4", PASS),
        IS("not ($b.span:self_time > 20ns)", PASS),
        IS("$b.span:self_time exists", PASS),
        IS("$all.span:self_time < 20ns", FAIL, .reason = "$all matched 5 spans"),
        IS("span:self_time = span:duration", PASS, READS),
        IS("span:self_time < $b.span:self_time", FAIL, READS, .span = 4, .waits = true),
        IS("any: span:self_time < $b.span:self_time", PASS, READS),
        IS("(span:self_time < 20ns) or (duration > 15ns)", PASS, READS),
        IS("sum($b.span:self_time) = 20ns", PASS),
    };
    WHOLE_CHECK(order, rows);
}

/* A span that ends before it starts leaves open what reads its times. */
static void what_is_not_known_decides_nothing(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 1, .name = "a", .start_ns = 10, .end_ns = 20, .attrs = {ATTR_INT("n", 1)}},
        {.id = 2, .parent = 1, .name = "b", .start_ns = 16, .end_ns = 15, .dropped_attrs = 1},
        {.name = NULL},
    };
    static const struct whole_row rows[] = {
        IS("trace:duration * 2 < 1s", INCONCLUSIVE, .reason = "clock", .span = 2),
        IS("(trace:duration < 1s) or (trace:spans = 2)", PASS),
        IS("(trace:duration < 1s) and (trace:spans = 2)", INCONCLUSIVE, .reason = "clock"),
        IS("(trace:duration < 1s) and (trace:spans = 3)", FAIL, .waits = true),
        IS("(trace:duration < 5ns) or (trace:spans = 3)", FAIL, .waits = true),
        IS("$a.span:self_time < 1s", INCONCLUSIVE, .reason = "clock", .span = 1),
        IS("($a.span:self_time < 1s) or ($a.n = 1)", PASS),
        IS("sum(n in $all) < trace:spans", INCONCLUSIVE, .reason = "dropped"),
        IS("coalesce(sum(n in $all), 0) < trace:spans", INCONCLUSIVE, .reason = "dropped"),
    };
    WHOLE_CHECK(spans, rows);
}

/* The missing parent makes it short: only what no further span could change is told. */
static void short_traces(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 1,
         .name = "a",
         .service = "x",
         .start_ns = 10,
         .end_ns = 20,
         .attrs = {ATTR_INT("n", 1)}},
        {.id = 2, .parent = 77, .name = "b", .service = "y", .start_ns = 10, .end_ns = 20},
        {.name = NULL},
    };
    static const struct whole_row rows[] = {
        IS("(trace:spans < 2) or (trace:errors < 0)", FAIL),
        IS("(trace:spans < 2) or (trace:errors = 0)", INCONCLUSIVE, .reason = "parents"),
        IS("(trace:spans < 2) and (trace:depth = 9)", FAIL),
        IS("(trace:spans >= 2) or (trace:depth = 9)", PASS),
        IS("(trace:spans >= 2) and (trace:spans != 1)", PASS),
        IS("not (trace:spans < 2) and (trace:duration >= 10ns)", PASS),
        IS("trace:spans + 0 >= 2", INCONCLUSIVE),
        IS("trace:spans + 0 < 2", INCONCLUSIVE, .waits = true),
        IS("(trace:spans < 2) and ($a.n = 1)", FAIL),
        IS("(trace:depth = 9) and ($a.n = 2)", FAIL),
        IS("(trace:depth = 9) or ($a.n = 2)", INCONCLUSIVE, .waits = true),
        IS("(n = 2) and (trace:depth = 9)", FAIL, .select = "span[name=a]"),
        IS("(n = 2) or (trace:depth = 9)", INCONCLUSIVE, .select = "span[name=a]", .waits = true),
        IS("(n = 1) or (trace:depth = 9)", INCONCLUSIVE, .select = "span[name=a]"),
        IS("any: (n = 1) or (trace:depth = 9)", PASS, .select = "span[name=a]"),
        IS("$a.span:self_time < 1s", INCONCLUSIVE),
    };
    WHOLE_CHECK(spans, rows);
}

/* A call of 100 ns; of the process that serves it only a span of 40 ns below it is there, 40 ns of
 * which overlap it as measured. */
static void what_clocks_leave_open_is_told_with_its_bounds(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 1,
         .name = "a",
         .service = "shop",
         .kind = KIND_CLIENT,
         .start_ns = 100,
         .end_ns = 200},
        {.id = 2,
         .parent = 1,
         .name = "b",
         .service = "stock",
         .kind = KIND_INTERNAL,
         .start_ns = 140,
         .end_ns = 180},
        {.name = NULL},
    };
#define OPEN "is really from 60ns to 100ns: the clocks of its children may be apart"
    static const struct whole_row rows[] = {
        IS("$a.span:self_time * 2 < 180ns", INCONCLUSIVE, .skews = true,
           .reason = "$a.span:self_time " OPEN, .span = 1),
        IS("span:self_time * 2 < 180ns", INCONCLUSIVE, .skews = true, .select = "span[name=a]",
           .reason = "span:self_time " OPEN, .span = 1),
        IS("any: (span:self_time < 90ns) or (duration < 5ns)", INCONCLUSIVE, .skews = true,
           .waits = true, .select = "span[name=a]", .reason = "span:self_time " OPEN, .span = 1),
        IS("(trace:duration + 0ns > 99ns) and (span:self_time > 80ns)", INCONCLUSIVE, .skews = true,
           .select = "span[name=a]", .reason = "really from"),
        IS("span:self_time < 90ns", INCONCLUSIVE, .skews = true, .select = "span[name=a]",
           .reason = "really from 60ns to 100ns"),
        IS("$a.span:self_time exists", PASS, .skews = true),
        IS("$a.span:self_time >= 60ns", INCONCLUSIVE, .skews = true),
        IS("$a.span:self_time >= 60ns", PASS),
    };
#undef OPEN
    WHOLE_CHECK(spans, rows);
}

/* --- while the trace is open --- */

struct early_row {
    const char *condition;
    uint32_t fails_at; /* the number of spans at which an early look tells it; 0: none does */
    bool skews;
};

/* How many spans came until an early look told a failure. */
static uint32_t told_at(const struct early_row *row)
{
    struct test_suite suite = {.name = "suite",
                               .estimates_skew = row->skews,
                               .spans = {{"a", "span[name=a]"}, {"all", "span[]"}},
                               .assertions = {{.name = "it", .conditions = {row->condition}}}};
    struct engine engine;
    uint32_t told = 0;
    engine_init(&engine, test_suites_compile(&suite, 1));
    for (uint32_t i = 0; order[i].name != NULL && told == 0; i++) {
        engine_add(&engine, &order[i]);
        engine_add(&engine, &order[i]);
        arena_reset(&engine.scratch);
        arena_reset(&engine.out);
        const struct judgement *early = judge_early(&engine.judge, &engine.scratch, &engine.out);
        told = early != NULL && early->results[0].result == RESULT_FAIL ? i + 1 : 0;
    }
    suite_set_unref(engine.set);
    engine_deinit(&engine);
    return told;
}

static void totals_are_told_as_soon_as_they_are_exceeded(void **state)
{
    (void)state;
    static const struct early_row rows[] = {
        {"trace:spans <= 3", 4, false},
        {"trace:spans = 3", 4, false},
        {"trace:spans in (1, 3)", 4, false},
        {"not (trace:spans >= 3)", 3, false},
        {"trace:spans > 9", 0, false},
        {"trace:errors = 0", 3, false},
        {"trace:duration < 100ns", 1, false},
        {"trace:duration <= 100ns", 5, false},
        {"trace:duration in (5ns, 100ns)", 5, false},
        {"trace:duration <= 100ns", 0, true},
        {"(trace:spans <= 3)", 4, false},
        {"not (trace:spans >= 3) and (trace:errors < 9)", 3, false},
        {"(trace:spans <= 3) or (trace:errors = 0)", 4, false},
        {"(trace:spans <= 3) or (trace:depth = 9)", 0, false},
        {"(trace:spans <= 3) and (trace:depth = 9)", 4, false},
        {"(trace:spans <= 3) or ($a.n = 9)", 4, false},
        {"(trace:spans <= 3) or ($a.n = 4)", 0, false},
        {"(trace:depth = 9) and ($a.n = 9)", 1, false},
        {"trace:spans + 0 <= 3", 0, false},
        {"trace:depth <= 1", 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t told = told_at(&rows[i]);
        if (told != rows[i].fails_at) {
            fail_msg("%s: wanted to be told at span %u, was at %u", rows[i].condition,
                     rows[i].fails_at, told);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_are_accepted),
        cmocka_unit_test(bad_ones_are_refused_at_their_byte),
        cmocka_unit_test(other_places_have_none_of_them),
        cmocka_unit_test(terms_are_computed_with),
        cmocka_unit_test(what_is_not_there_is_missing),
        cmocka_unit_test(conditions_are_joined),
        cmocka_unit_test(the_deciding_part_is_told),
        cmocka_unit_test(conditions_on_selected_spans),
        cmocka_unit_test(own_times_are_keys),
        cmocka_unit_test(what_is_not_known_decides_nothing),
        cmocka_unit_test(short_traces),
        cmocka_unit_test(what_clocks_leave_open_is_told_with_its_bounds),
        cmocka_unit_test(totals_are_told_as_soon_as_they_are_exceeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
