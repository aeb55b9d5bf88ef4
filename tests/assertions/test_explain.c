/* Explaining a closed trace: what is told beside the judge's results, and without memory. */
#include "assertions/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/assertions/engine_fixture.h"
#include "tests/support/failing_malloc.h"

static const struct test_suite suites[] = {
    {.name = "orders",
     .traces = "span[name=request]",
     .spans = {{"work", "span[name=work]"},
               {"gone", "span[name=gone kind=client]"},
               {"request", "span[name=request]"}},
     .assertions =
         {
             {.name = "counted", .select = "span[name=work]", .conditions = {"count = 3", "n < 5"}},
             {.name = "named", .conditions = {"$gone.duration < 1s", "count($work) >= 1"}},
             {.name = "held",
              .when = "count($work) = 3",
              .select = "span[]",
              .conditions = {"any: n = 7"}},
             {.name = "skipped",
              .when = "span[name=never]",
              .select = "span[]",
              .conditions = {"n = 1"}},
             {.name = "optional",
              .select = "span[name=never]",
              .conditions = {"n = 1"},
              .optional = true},
             {.name = "across",
              .select = "span[name=work]",
              .conditions = {"(n < 5) or (trace:spans = 4)"}},
             {.name = "joined",
              .conditions = {"(trace:spans = 4) and (count($work) = 3)",
                             "(trace:spans = 5) or (count($work) = 2)",
                             "(trace:spans = 4) and ($request.text + 1 = 2)",
                             "(trace:spans = 4) and ($request.n + 1 = 2)"}},
         }},
    {.name = "others",
     .traces = "span[name=never]",
     .assertions = {{.name = "a", .select = "span[]", .conditions = {"count = 1"}}}},
    {.name = "labelled",
     .labels = {{"scenario", "pay"}},
     .assertions = {{.name = "a", .select = "span[]", .conditions = {"count = 1"}}}},
};

static const struct span_build spans[] = {
    {.id = 3,
     .parent = 1,
     .name = "work",
     .start_ns = 30,
     .end_ns = 40,
     .attrs = {ATTR_INT("n", 7)}},
    {.id = 1,
     .name = "request",
     .start_ns = 10,
     .end_ns = 90,
     .dropped_attrs = 1,
     .attrs = {ATTR_TEXT("text", "a")}},
    {.id = 2,
     .parent = 1,
     .name = "work",
     .start_ns = 20,
     .end_ns = 40,
     .attrs = {ATTR_INT("n", 1)}},
    {.id = 4, .parent = 1, .name = "work", .start_ns = 50, .end_ns = 60},
};

static void begin(struct engine *engine)
{
    engine_init(engine, test_suites_compile(suites, 3));
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        assert_int_equal(0, engine_add(engine, &spans[i]));
    }
}

static void end(struct engine *engine)
{
    struct suite_set *set = engine->set;
    engine_deinit(engine);
    suite_set_unref(set);
}

static void assert_text(const char *expected, struct bytes text)
{
    char copy[256];
    assert_true(text.len < sizeof copy);
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    assert_string_equal(expected, copy);
}

static void it_tells_what_was_selected_and_compared(void **state)
{
    struct engine engine;
    (void)state;
    begin(&engine);
    const struct explained_suite *told = explain_trace(&engine.judge, &engine.out);
    assert_non_null(told);
    assert_true(told[0].applies);
    assert_int_equal(RESULT_FAIL, told[0].verdict);
    assert_int_equal(3, told[0].names[0].count);
    assert_int_equal(2, told[0].names[0].spans[0]); /* by start: the third to come */
    assert_int_equal(0, told[0].names[0].spans[1]);
    assert_int_equal(0, told[0].names[1].count);

    const struct explained_assertion *counted = &told[0].assertions[0];
    assert_int_equal(3, counted->selected.count);
    assert_int_equal(RESULT_PASS, counted->conditions[0].result);
    assert_int_equal(3, counted->conditions[0].actual.value.integer);
    assert_int_equal(RESULT_FAIL, counted->conditions[1].result);
    assert_int_equal(3, counted->conditions[1].span_count);
    assert_int_equal(RESULT_PASS, counted->conditions[1].spans[0].result);
    assert_int_equal(1, counted->conditions[1].spans[0].actual.value.integer);
    assert_int_equal(RESULT_FAIL, counted->conditions[1].spans[1].result);
    assert_int_equal(7, counted->conditions[1].spans[1].actual.value.integer);
    assert_int_equal(SEEN_VALUE, counted->conditions[1].spans[1].actual.type);
    end(&engine);
}

static void what_is_across_spans_is_known_on_each_span(void **state)
{
    struct engine engine;
    (void)state;
    begin(&engine);
    const struct explained_suite *told = explain_trace(&engine.judge, &engine.out);
    const struct explained_condition *across = &told[0].assertions[5].conditions[0];
    assert_int_equal(3, across->span_count);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(RESULT_PASS, across->spans[i].result);
        assert_true(across->spans[i].actual.value.boolean);
    }
    end(&engine);
}

/* A joined condition that is judged once: its truth, where that is known. */
static void whether_a_joined_condition_holds_is_told_where_it_is_known(void **state)
{
    static const int seen[] = {1, 0, -1, -1};
    struct engine engine;
    (void)state;
    begin(&engine);
    const struct explained_suite *told = explain_trace(&engine.judge, &engine.out);
    assert_non_null(told);
    const struct explained_condition *joined = told[0].assertions[6].conditions;
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        assert_int_equal(seen[i] < 0 ? SEEN_NOTHING : SEEN_VALUE, joined[i].actual.type);
        if (seen[i] >= 0) {
            assert_int_equal(seen[i], joined[i].actual.value.boolean);
        }
    }
    assert_int_equal(RESULT_ERROR, joined[2].result);
    assert_int_equal(RESULT_INCONCLUSIVE, joined[3].result);
    end(&engine);
}

static void a_when_that_does_not_hold_is_told_from_an_optional_assertion(void **state)
{
    struct engine engine;
    (void)state;
    begin(&engine);
    const struct explained_suite *told = explain_trace(&engine.judge, &engine.out);
    const struct explained_assertion *held = &told[0].assertions[2];
    assert_int_equal(RESULT_PASS, held->when.result);
    assert_int_equal(3, held->when.actual.value.integer);
    assert_int_equal(RESULT_PASS, held->conditions[0].result);
    const struct explained_assertion *skipped = &told[0].assertions[3];
    assert_int_equal(RESULT_SKIPPED, skipped->when.result);
    assert_int_equal(RESULT_SKIPPED, skipped->conditions[0].result);
    const struct explained_assertion *optional = &told[0].assertions[4];
    assert_int_equal(RESULT_SKIPPED, optional->result);
    assert_int_equal(0, optional->when.text.len);
    end(&engine);
}

static void a_suite_that_does_not_apply_says_what_it_lacks(void **state)
{
    struct engine engine;
    (void)state;
    begin(&engine);
    const struct explained_suite *told = explain_trace(&engine.judge, &engine.out);
    assert_false(told[1].applies);
    assert_null(told[1].unfit);
    assert_int_equal(0, told[1].traces.count);
    assert_false(told[2].applies);
    assert_text("scenario", told[2].unfit->name);
    end(&engine);
}

static void without_memory_nothing_is_told(void **state)
{
    (void)state;
    const struct explained_suite *told = NULL;
    for (size_t n = 0; told == NULL; n++) {
        struct engine engine;
        begin(&engine);
        failing_malloc_begin(n);
        told = explain_trace(&engine.judge, &engine.out);
        failing_malloc_end();
        end(&engine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_what_was_selected_and_compared),
        cmocka_unit_test(what_is_across_spans_is_known_on_each_span),
        cmocka_unit_test(whether_a_joined_condition_holds_is_told_where_it_is_known),
        cmocka_unit_test(a_when_that_does_not_hold_is_told_from_an_optional_assertion),
        cmocka_unit_test(a_suite_that_does_not_apply_says_what_it_lacks),
        cmocka_unit_test(without_memory_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
