/* Which traces wait for the deadline because a threshold's sample would be absent (DESIGN 4.2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/assertions/engine_fixture.h"

#define X     1u /* the span called x is there */
#define Y     2u /* y is */
#define TWO_Y 4u /* a second one, too */
#define SHORT 8u /* parents are missing */
#define OTHER 16u

struct row {
    const char *rule;
    unsigned spans;
    bool waits;
};

static const struct row rows[] = {
    {"max($y.start - $x.end) < 5s", X, true},
    {"max($y.start - $x.end) < 5s", Y, true},
    {"min($y.start - $x.end) < 5s", X, true},
    {"max($y.start - $x.end) < 5s", X | Y, false},
    {"max($y.start - $x.end) < 5s", OTHER, false},
    {"max($y.start - $x.end) < 5s", X | SHORT, false},
    {"max($y.start - $x.end) < 5s", X | Y | TWO_Y, false},
    {"max($y.start - $injection.time) < 5s", OTHER, true},
    {"max($y.start - $injection.time) < 5s", Y, false},
    {"max($x.duration + $y.duration) < 5s", X, true},
    {"max($x.duration + $y.duration) < 5s", X | Y, false},
    {"max($x.duration + sum(duration in $y)) < 5s", X, true},
    {"max(gap($x, $y)) < 5s", X, true},
    {"max(gap($x, $y)) < 5s", Y, true},
    {"max(gap($x, $y)) < 5s", X | Y, false},
    {"max(gap($x, $y)) < 5s", OTHER, false},
    {"max(lag($x, $y)) < 5s", X, true},
    {"max(lag($x, $y)) < 5s", X | Y, false},
    {"max(sum(duration in $y)) < 5s", X, false},
    {"max(backlog($x, $y)) < 5", X, false},
    {"max(output:wait) < 5s", X, true},
    {"max(output:wait) < 5s", X | Y, false},
    {"max($y.start - $x.end){scenario:pay} < 5s", X, true},
    {"max($y.start - $x.end){scenario:ship} < 5s", X, false},
    {"max($y.start - $x.end){stage:steady} < 5s", X, true},
    /* what is never absent */
    {"max($y.duration) < 5s", X, false},
    {"max(each $y.duration) < 5s", X, false},
    {"unique(concat($x.name, $y.name))", X, false},
    {"rate($y) > 1", X, false},
    {"slope(backlog($x, $y)) < 1", X, false},
    {"ratio(fail) < 1", X, false},
};

static struct suite_set *set_of(const struct row *row)
{
    struct test_suite suite = {
        .name = "suite",
        .spans = {{"x", "span[name=x]"}, {"y", "span[name=y]"}},
        .assertions = {{.name = "some", .select = "span[]", .conditions = {"count >= 0"}}},
        .outputs = {{"wait", "$y.start - $x.end"}},
        .thresholds = {{.name = "it", .rule = row->rule, .min_samples = 1}},
        .stages = {"ramp 3s", "steady 4s"},
    };
    return test_suites_compile(&suite, 1);
}

static void add(struct engine *engine, uint64_t id, uint64_t parent, const char *name)
{
    const struct span_build span = {
        .id = id, .parent = parent, .name = name, .start_ns = 10 * id, .end_ns = 10 * id + 5};
    assert_int_equal(engine_add(engine, &span), 0);
}

static void add_spans(struct engine *engine, unsigned spans)
{
    add(engine, 1, 0, "root");
    if (spans & X) {
        add(engine, 2, 1, "x");
    }
    if (spans & Y) {
        add(engine, 3, 1, "y");
    }
    if (spans & TWO_Y) {
        add(engine, 4, 1, "y");
    }
    if (spans & SHORT) {
        add(engine, 5, 77, "orphan");
    }
}

static void a_trace_waits_for_what_a_threshold_relates(void **state)
{
    const struct injection injection = {
        .scenario = BYTES_LITERAL("pay"), .has_time = true, .time_ns = 5};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct engine engine;
        engine_init(&engine, set_of(&rows[i]));
        add_spans(&engine, rows[i].spans);
        engine_inject(&engine, &injection);
        if (judge_waits(&engine.judge, &engine.scratch) != rows[i].waits) {
            fail_msg("%s with spans %u: %s", rows[i].rule, rows[i].spans,
                     rows[i].waits ? "does not wait" : "waits");
        }
        arena_reset(&engine.scratch);
        const struct judgement *settled =
            judge_settle(&engine.judge, 4, NULL, &engine.scratch, &engine.out);
        assert_int_equal(settled == NULL, rows[i].waits);
        suite_set_unref(engine.set);
        engine_deinit(&engine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_waits_for_what_a_threshold_relates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
