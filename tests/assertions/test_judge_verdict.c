/* What the verdict on a trace says: its suite, its strongest result, its failures; and memory that
 * ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/judge_rows.h"
#include "tests/support/failing_malloc.h"

static void a_verdict_is_the_strongest_of_severity_error(void **state)
{
    (void)state;
    static const struct {
        const char *conditions[3];
        bool warnings[3];
        enum result verdict;
    } rows[] = {
        {{"count = 1", "count = 1", "count = 1"}, {false, false, false}, RESULT_PASS},
        {{"count = 1", "count >= 1", "name > 5"}, {false, false, false}, RESULT_ERROR},
        {{"count = 2", "name > 5", "count = 1"}, {false, false, false}, RESULT_FAIL},
        {{"count = 2", "name > 5", "count = 1"}, {true, true, false}, RESULT_PASS},
        {{"count = 2", "name > 5", "count = 1"}, {true, false, false}, RESULT_ERROR},
        {{"count = 2", NULL, NULL}, {true, false, false}, RESULT_PASS},
    };
    static const struct span_build spans[] = {ROOT};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static const char *const names[] = {"a", "b", "c"};
        struct test_suite suite = {.name = "suite"};
        struct engine engine;
        for (size_t k = 0; k < 3 && rows[i].conditions[k] != NULL; k++) {
            suite.assertions[k] = (struct test_assertion){.name = names[k],
                                                          .select = "span[]",
                                                          .conditions = {rows[i].conditions[k]},
                                                          .warning = rows[i].warnings[k]};
        }
        engine_init(&engine, test_suites_compile(&suite, 1));
        engine_add(&engine, &spans[0]);
        assert_int_equal(engine_close(&engine, 10)->verdict, rows[i].verdict);
        suite_set_unref(engine.set);
        engine_deinit(&engine);
    }
}

static void labels_and_traces_choose_the_suites(void **state)
{
    (void)state;
    struct test_suite suites[] = {
        {.name = "all",
         .assertions = {{.name = "a", .select = "span[]", .conditions = {"count = 1"}}}},
        {.name = "picked", .traces = "span[name=order]"},
        {.name = "other", .traces = "span[name=gone]"},
        {.name = "labelled", .labels = {{"scenario", "buy"}, {"iteration", "7"}}},
        {.name = "wrong label", .labels = {{"scenario", "buy"}, {"iteration", "8"}}},
    };
    static const struct span_build root = ROOT;
    struct injection injection = {
        .scenario = BYTES_LITERAL("buy"), .has_iteration = true, .iteration = 7};
    struct engine engine;
    engine_init(&engine, test_suites_compile(suites, 5));
    engine_add(&engine, &root);
    const struct judgement *judgements = engine_close(&engine, 10);
    static const bool before[] = {true, true, false, false, false};
    static const bool after[] = {true, true, false, true, false};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(judgements[i].applies, before[i]);
    }
    engine_inject(&engine, &injection);
    judgements = engine_close(&engine, 10);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(judgements[i].applies, after[i]);
    }
    assert_int_equal(judgements[3].verdict, RESULT_PASS);
    suite_set_unref(engine.set);
    engine_deinit(&engine);
}

static void failures_beyond_the_bound_are_counted_by_kind(void **state)
{
    (void)state;
    struct test_suite suite = {
        .name = "suite",
        .assertions = {{.name = "a", .select = "span[]", .conditions = {"n = 1"}}}};
    struct engine engine;
    engine_init(&engine, test_suites_compile(&suite, 1));
    for (uint32_t i = 1; i <= 300; i++) {
        struct span_build span = {.id = i,
                                  .name = i % 3 == 0 ? "b" : "a",
                                  .start_ns = i,
                                  .end_ns = i + 1,
                                  .attrs = {ATTR_INT("n", 2)}};
        engine_add(&engine, &span);
    }
    const struct assertion_result *result = engine_close(&engine, 10)->results;
    assert_int_equal(result->failure_count, 10);
    assert_int_equal(result->failures_omitted, 290);
    assert_int_equal(result->omitted_group_count, 2);
    assert_int_equal(result->omitted_groups[0].count + result->omitted_groups[1].count, 290);
    for (uint32_t i = 0; i < 10; i++) {
        assert_int_equal(result->failures[i].span_id, i + 1);
    }
    result = engine_close(&engine, 0)->results;
    assert_int_equal(result->failure_count, 0);
    assert_int_equal(result->failures_omitted, 300);
    suite_set_unref(engine.set);
    engine_deinit(&engine);
}

static bool says(const struct failure *failure, const char *part)
{
    return bytes_contain(failure->reason, bytes_of(part));
}

/* What needs no attribute is explained without decoding, and says the same. */
static void a_large_trace_is_explained_like_a_small_one(void **state)
{
    (void)state;
    struct test_suite suite = {
        .name = "suite",
        .assertions = {
            {.name = "near", .select = "span[name=c kind=server]", .conditions = {"count = 1"}},
            {.name = "far", .select = "span[name=b n=3]", .conditions = {"count = 1"}},
            {.name = "slow", .select = "span[not (name=a)]", .conditions = {"duration > 1ns"}},
            {.name = "own", .select = "span[kind=server]", .conditions = {"resource:r = 1"}},
        }};
    static const uint32_t sizes[] = {6, 600};
    for (size_t k = 0; k < 2; k++) {
        struct engine engine;
        engine_init(&engine, test_suites_compile(&suite, 1));
        for (uint32_t i = 1; i <= sizes[k]; i++) {
            struct span_build span = {.id = i,
                                      .name = i % 3 == 0 ? "b" : "a",
                                      .service = "shop",
                                      .kind = i == 4 ? KIND_SERVER : KIND_CLIENT,
                                      .start_ns = i,
                                      .end_ns = i + 1,
                                      .attrs = {ATTR_INT("n", 2)},
                                      .resource = {ATTR_INT("r", 2)}};
            assert_int_equal(engine_add(&engine, &span), 0);
        }
        const struct assertion_result *results = engine_close(&engine, 1)->results;
        assert_true(says(&results[0].failures[0], "nearest is 'a' of 'shop', removed by name=c"));
        assert_true(says(&results[1].failures[0], "nearest is 'b' of 'shop', removed by n=3"));
        assert_int_equal(results[2].failures[0].span_id, 3);
        assert_true(results[2].failures[0].actual.ns == 1);
        assert_int_equal(results[2].failures_omitted, sizes[k] / 3 - 1);
        assert_int_equal(results[3].failures[0].span_id, 4);
        assert_int_equal(results[3].failures[0].actual.value.integer, 2);
        suite_set_unref(engine.set);
        engine_deinit(&engine);
    }
}

/* One run with memory that ends after `good` allocations; whether all of them were there. What
 * can't be kept is told, never judged as if it had not come. */
static bool judge_with(const struct test_suite *suite, const enum result *wanted, size_t good)
{
    struct span_build builds[] = {ROOT, ROW_A, ROW_B, DROPPED};
    struct engine engine;
    bool complete = true;
    engine_init(&engine, test_suites_compile(suite, 1));
    struct span *spans[4];
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t index;
        spans[i] = span_build(&builds[i], &engine.build);
        assert_int_equal(trace_add(&engine.trace, spans[i], UINT32_MAX, &index), 0);
    }
    engine.trace.arena.end = engine.trace.arena.next; /* the judge takes chunks of its own */
    failing_malloc_begin(good);
    for (uint32_t i = 0; i < 4; i++) {
        bool kept = judge_add(&engine.judge, spans[i], i, &engine.scratch) == 0;
        engine.trace.rejected += !kept;
        complete &= kept;
    }
    engine.trace.revealed = true;
    (void)judge_early(&engine.judge, &engine.scratch, &engine.out);
    arena_reset(&engine.out);
    const struct judgement *closed = judge_close(&engine.judge, 10, &engine.scratch, &engine.out);
    failing_malloc_end();
    for (uint32_t i = 0; closed != NULL && suite->assertions[i].name != NULL; i++) {
        enum result result = closed->results[i].result;
        assert_true(result == wanted[i] || (!complete && result == RESULT_INCONCLUSIVE));
    }
    complete &= closed != NULL;
    suite_set_unref(engine.set);
    engine_deinit(&engine);
    return complete;
}

static void memory_that_ends_is_an_outcome(void **state)
{
    (void)state;
    struct test_suite suite = {
        .name = "suite",
        .spans = {{"root", "span[kind=server]"}, {"row", "span[name=insert]"}},
        .assertions = {
            {.name = "rows", .select = "span[name=insert]", .conditions = {"count = 2"}},
            {.name = "below", .select = "span[kind=server] > span[n=5]", .conditions = {"n = 5"}},
            {.name = "last", .select = "span[name=insert]:last", .conditions = {"t = x"}},
            {.name = "lost", .select = "span[name=lossy]", .conditions = {"m exists"}},
            {.name = "name", .conditions = {"$row.end - $root.start < 1s", "$root.duration > 1ns"}},
        }};
    static const enum result wanted[] = {RESULT_PASS, RESULT_INCONCLUSIVE, RESULT_PASS,
                                         RESULT_INCONCLUSIVE, RESULT_FAIL};
    size_t good = 0;
    while (!judge_with(&suite, wanted, good)) {
        good++;
    }
    assert_in_range(good, 3, 200);
}

/* Copies with other evidence change marks in place, however large the trace is. */
static void a_late_copy_with_dropped_attributes_is_seen(void **state)
{
    (void)state;
    struct test_suite suite = {
        .name = "suite",
        .assertions = {{.name = "a", .select = "span[name=x]", .conditions = {"n missing"}}}};
    struct span_build span = {.id = 1, .name = "x"};
    struct engine engine;
    engine_init(&engine, test_suites_compile(&suite, 1));
    assert_int_equal(engine_add(&engine, &span), 0);
    assert_int_equal(engine_close(&engine, 10)->verdict, RESULT_PASS);
    assert_int_equal(engine_add(&engine, &span), TRACE_DUPLICATE);
    assert_int_equal(engine_close(&engine, 10)->verdict, RESULT_PASS);
    span.dropped_attrs = 1;
    assert_int_equal(engine_add(&engine, &span), TRACE_DUPLICATE);
    assert_int_equal(engine_close(&engine, 10)->verdict, RESULT_INCONCLUSIVE);
    suite_set_unref(engine.set);
    engine_deinit(&engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_is_the_strongest_of_severity_error),
        cmocka_unit_test(labels_and_traces_choose_the_suites),
        cmocka_unit_test(failures_beyond_the_bound_are_counted_by_kind),
        cmocka_unit_test(a_large_trace_is_explained_like_a_small_one),
        cmocka_unit_test(memory_that_ends_is_an_outcome),
        cmocka_unit_test(a_late_copy_with_dropped_attributes_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
