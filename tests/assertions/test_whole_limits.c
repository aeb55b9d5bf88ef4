/* Large and odd traces: chains as deep as a trace may be, cycles, all children of one span, many
 * spans of each ID; judged on a small stack, within the budget of steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <pthread.h>

#include <cmocka.h>

#include "assertions/trace_view.h"
#include "tests/assertions/engine_fixture.h"

#define SPANS       100000u
#define STACK_BYTES (256u << 10)

/* Each of them holds in none of the traces that is worth a test; they must come to something. */
static const struct test_suite all_kinds = {
    .name = "suite",
    .spans = {{"a", "span[name=a]"}, {"b", "span[name=b]"}},
    .assertions = {{.name = "trace",
                    .conditions = {"trace:duration > 0s", "trace:depth > 1", "trace:services > 0",
                                   "trace:fan_out > 0", "trace:repeats > 0", "trace:retries >= 0",
                                   "critical(x) > 0", "edge x -> y"}},
                   {.name = "sets",
                    .select = "span[]",
                    .conditions = {"exactly 100000: name exists", "at least 1%: n >= 0",
                                   "sum(n) >= 0", "p(99)(duration) > 0s", "distinct(n) > 1",
                                   "span:self_time >= 0s"}},
                   {.name = "order",
                    .conditions = {"gap($a, $b) < 1h", "concurrency($a) > 0",
                                   "each $a followed by $b at least once",
                                   "each $a has a $b by service", "same name in $a, $b",
                                   "states name in $a: a -> b", "no $a within 0s after $b",
                                   "$a overlaps $b"}}},
};

static const struct test_suite other_kinds = {
    .name = "suite",
    .spans = {{"a", "span[name=a]"},
              {"b", "span[name=b]"},
              {"below", "span[name=a] span[name=b]:leaf"},
              {"above", "span[name=b] << span[name=a]"},
              {"beside", "span[name=a] ~ span[name=b]"},
              {"holds", "span[]:has(> span[name=b] span[name=a])"},
              {"root", "span[]:root:first"}},
    .assertions = {{.name = "trace",
                    .conditions = {"trace:spans = 1", "trace:errors = 0", "trace:roots > 0",
                                   "no edge x -> y", "edges only x -> y, y -> x",
                                   "edge x -> y -> x"}},
                   {.name = "sets",
                    .select = "span[]",
                    .conditions = {"max(span:self_time) >= 0s", "avg(duration) > 0s",
                                   "at most 1%: span:self_time > 0s", "min(duration * 2) > 0s",
                                   "any: span:self_time > 0s"}},
                   {.name = "order",
                    .conditions = {"$a before $b", "$a apart from $b", "lag($a, $b) < 1h",
                                   "lag($a, $b by parent) < 1h", "unique n in $a",
                                   "each $a followed by $b within 1ns by n exactly once",
                                   "each $a has at most one $b by n",
                                   "states n by name in $b: any start, 0 -> 1"}},
                   {.name = "names",
                    .conditions = {"count($below) >= 0", "count($above) >= 0",
                                   "count($beside) >= 0", "count($holds) >= 0",
                                   "count($root) = 1"}}},
};
static const struct test_suite clock_kinds = {
    .name = "suite",
    .estimates_skew = true,
    .spans = {{"a", "span[name=a]"}, {"b", "span[name=b]"}, {"all", "span[]"}},
    .assertions = {{.name = "order",
                    .conditions = {"$a before $b", "$a starts before $b", "$a apart from $b",
                                   "each $a followed by $b within 1s", "no $a after $b",
                                   "trace:duration > 0s", "lag($a, $b by parent) < 1h",
                                   "gap($a, $b) < 1h"}},
                   {.name = "more", .conditions = {"$a overlaps $b", "concurrency($all) > 0"}}},
};
static const struct test_suite more_clock_kinds = {
    .name = "suite",
    .estimates_skew = true,
    .spans = {{"a", "span[name=a]"}},
    .assertions = {{.name = "own",
                    .select = "span[]",
                    .conditions = {"sum(span:self_time) >= 0s", "none: span:self_time > 1h"}},
                   {.name = "more",
                    .conditions = {"critical(x) >= 0", "trace:retries >= 0",
                                   "states n in $a: any start, 0 -> 1"}}},
};

enum shape { SHAPE_CHAIN, SHAPE_CYCLE, SHAPE_STAR, SHAPE_NAMESAKES };

static struct span_build span_of(enum shape shape, uint32_t i)
{
    static const char *const services[] = {"x", "y"};
    struct span_build span = {.id = i + 1,
                              .name = i % 2 ? "b" : "a",
                              .service = services[i % 2],
                              .kind = i % 2 ? KIND_SERVER : KIND_CLIENT,
                              .start_ns = 1000 + i,
                              .end_ns = 1000000 + 3 * i,
                              .attrs = {ATTR_INT("n", i % 1000)}};
    span.parent = i != 0 ? (shape == SHAPE_STAR ? 1 : i) : shape == SHAPE_CYCLE ? SPANS : 0;
    if (shape == SHAPE_NAMESAKES) {
        span.id = 1 + i / TRACE_NAMESAKES_MAX;
        span.parent = span.id - 1;
    }
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

/* What one thread judges. */
struct work {
    enum shape shape;
    const struct test_suite *suite;
    char wrong[300]; /* empty: nothing */
};

static void note_wrong(struct work *work, const struct assertion_result *result)
{
    for (uint32_t i = 0; i < result->failure_count; i++) {
        const struct failure *failure = &result->failures[i];
        bool skew = failure->result == RESULT_INCONCLUSIVE && work->suite->estimates_skew;
        if (failure->result == RESULT_ERROR || (failure->result == RESULT_INCONCLUSIVE && !skew)) {
            snprintf(work->wrong, sizeof work->wrong, "shape %d, %.*s: %.*s", (int)work->shape,
                     (int)failure->condition.len, (const char *)failure->condition.data,
                     (int)failure->reason.len, (const char *)failure->reason.data);
        }
    }
}

static void *judge_shape(void *data)
{
    struct work *work = data;
    struct engine engine;
    engine_init(&engine, test_suites_compile(work->suite, 1));
    feed(&engine, work->shape);
    const struct judgement *judgement = engine_close(&engine, 10);
    for (uint32_t a = 0; a < judgement->suite->assertion_count; a++) {
        note_wrong(work, &judgement->results[a]);
    }
    suite_set_unref(engine.set);
    engine_deinit(&engine);
    return NULL;
}

/* A step of recursion for each span would need many times this stack. */
static void check_shape(enum shape shape)
{
    static const struct test_suite *const suites[] = {&all_kinds, &other_kinds, &clock_kinds,
                                                      &more_clock_kinds};
    pthread_attr_t attr;
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, STACK_BYTES), 0);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        struct work work = {.shape = shape, .suite = suites[i]};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, &attr, judge_shape, &work), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        if (work.wrong[0] != '\0') {
            fail_msg("%s", work.wrong);
        }
    }
    pthread_attr_destroy(&attr);
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

static void many_spans_of_each_id_are_judged(void **state)
{
    (void)state;
    check_shape(SHAPE_NAMESAKES);
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
        cmocka_unit_test(many_spans_of_each_id_are_judged),
        cmocka_unit_test(a_budget_of_steps_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
