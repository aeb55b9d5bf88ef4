/* Large and odd traces: chains as deep as a trace may be, cycles, all children of one span; judged
 * without recursion, within the budget of steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/trace_view.h"
#include "tests/assertions/engine_fixture.h"

#define SPANS 100000u

/* Each of them holds in none of the traces that is worth a test; they must come to something. */
static const struct test_suite all_kinds = {
    .name = "suite",
    .spans = {{"a", "span[name=a]"}, {"b", "span[name=b]"}},
    .assertions = {{.name = "trace",
                    .conditions = {"trace:duration > 0s", "trace:depth > 1", "trace:services > 0",
                                   "trace:fan_out > 0", "trace:repeats > 0", "trace:retries >= 0",
                                   "critical(x) > 0", "edge x -> x"}},
                   {.name = "sets",
                    .select = "span[]",
                    .conditions = {"exactly 100000: name exists", "at least 1%: n >= 0",
                                   "sum(n) >= 0", "p(99)(duration) > 0s", "distinct(n) > 1",
                                   "span:self_time >= 0s"}},
                   {.name = "order",
                    .conditions = {"gap($a, $b) < 1h", "concurrency($a) > 0",
                                   "each $a followed by $b at least once",
                                   "each $a has a $b by service", "same service in $a, $b",
                                   "states name in $a: a -> b", "no $a within 0s after $b",
                                   "$a overlaps $b"}}},
};

enum shape { SHAPE_CHAIN, SHAPE_CYCLE, SHAPE_STAR };

static struct span_build span_of(enum shape shape, uint32_t i)
{
    struct span_build span = {.id = i + 1,
                              .name = i % 2 ? "b" : "a",
                              .service = "x",
                              .start_ns = 1000 + i,
                              .end_ns = 1000000 + 3 * i,
                              .attrs = {ATTR_INT("n", i % 1000)}};
    span.parent = i != 0 ? (shape == SHAPE_STAR ? 1 : i) : shape == SHAPE_CYCLE ? SPANS : 0;
    return span;
}

static void feed(struct engine *engine, enum shape shape)
{
    for (uint32_t i = 0; i < SPANS; i++) {
        struct span_build span = span_of(shape, i);
        assert_int_equal(engine_add(engine, &span), 0);
        arena_reset(&engine->build);
    }
}

static void check_shape(enum shape shape)
{
    struct engine engine;
    engine_init(&engine, test_suites_compile(&all_kinds, 1));
    feed(&engine, shape);
    const struct judgement *judgement = engine_close(&engine, 10);
    for (uint32_t a = 0; a < judgement->suite->assertion_count; a++) {
        const struct assertion_result *result = &judgement->results[a];
        for (uint32_t i = 0; i < result->failure_count; i++) {
            const struct failure *failure = &result->failures[i];
            if (failure->result == RESULT_ERROR || failure->result == RESULT_INCONCLUSIVE) {
                fail_msg("%.*s: %.*s", (int)failure->condition.len, failure->condition.data,
                         (int)failure->reason.len, failure->reason.data);
            }
        }
    }
    suite_set_unref(engine.set);
    engine_deinit(&engine);
}

static void the_deepest_chain_is_judged(void **state)
{
    (void)state;
    check_shape(SHAPE_CHAIN);
}

static void the_longest_cycle_is_judged(void **state)
{
    (void)state;
    check_shape(SHAPE_CYCLE);
}

static void the_widest_span_is_judged(void **state)
{
    (void)state;
    check_shape(SHAPE_STAR);
}

/* The first conditions are judged, the last ones of so many are not: which does not depend on the
 * order of arrival. */
static void a_budget_of_steps_ends_it(void **state)
{
    (void)state;
    struct test_suite suite = {.name = "suite", .spans = {{"a", "span[]"}}};
    static const char *const names[TEST_LIST_MAX] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    for (uint32_t a = 0; a < TEST_LIST_MAX; a++) {
        suite.assertions[a].name = names[a];
        for (uint32_t c = 0; c < TEST_LIST_MAX; c++) {
            suite.assertions[a].conditions[c] = "$a starts before $a";
        }
    }
    struct engine engine;
    engine_init(&engine, test_suites_compile(&suite, 1));
    feed(&engine, SHAPE_STAR);
    const struct judgement *judgement = engine_close(&engine, 10);
    assert_int_equal(judgement->results[0].result, RESULT_FAIL);
    const struct assertion_result *last = &judgement->results[TEST_LIST_MAX - 1];
    assert_int_equal(last->result, RESULT_ERROR);
    assert_non_null(
        memmem(last->failures[0].reason.data, last->failures[0].reason.len, "step limit", 10));
    suite_set_unref(engine.set);
    engine_deinit(&engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_deepest_chain_is_judged),
        cmocka_unit_test(the_longest_cycle_is_judged),
        cmocka_unit_test(the_widest_span_is_judged),
        cmocka_unit_test(a_budget_of_steps_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
