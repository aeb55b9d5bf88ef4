/* What is wrong in suites is told, all of it in one run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/good_suite.h"

struct expected {
    const char *path;
    int byte;
    const char *text;
};

static void check_problems(const struct problems *problems, const struct expected *rows,
                           size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < problems->count; j++) {
            const struct problem *problem = &problems->items[j];
            found |= strcmp(problem->path, rows[i].path) == 0 && problem->byte == rows[i].byte &&
                     strstr(problem->text, rows[i].text) != NULL;
        }
        if (!found) {
            for (size_t j = 0; j < problems->count; j++) {
                print_error("%s: %d: %s\n", problems->items[j].path, problems->items[j].byte,
                            problems->items[j].text);
            }
            fail_msg("not told: %s: %d: %s", rows[i].path, rows[i].byte, rows[i].text);
        }
    }
    assert_int_equal(problems->count, count);
}

static void every_problem_is_told_in_one_run(void **state)
{
    (void)state;
    static const struct config_pair labels[] = {
        {"senario", {"x", {"f", 2}}, CONFIG_PAIR_TEXT},
        {"iteration", {"007", {"f", 3}}, CONFIG_PAIR_TEXT},
    };
    static const struct config_pair spans[] = {
        {"injection", {"span[]", {"f", 4}}, CONFIG_PAIR_TEXT},
        {"bad", {"span[", {"f", 5}}, CONFIG_PAIR_TEXT},
        {"bad", {"span[]", {"f", 6}}, CONFIG_PAIR_TEXT},
        {"a*b", {"span[]", {"f", 7}}, CONFIG_PAIR_TEXT},
        {"uses", {"span[$bad.a=1]", {"f", 8}}, CONFIG_PAIR_TEXT},
    };
    static const struct config_text texts[] = {{"duration < 50", {"f", 10}},
                                               {"$bad.start < 5s", {"f", 11}},
                                               {"$nothing.start < 5s", {"f", 12}}};
    static const struct config_text unselected[] = {{"count = 1", {"f", 13}}};
    static struct assertion_settings assertions[] = {
        {.name = {"one", {"f", 9}}, .select = {"span[]", {0}}, .conditions = ITEMS(texts)},
        {.name = {"one", {"f", 13}}, .conditions = ITEMS(unselected), .when = {"a = 1", {"f", 14}}},
        {.origin = {"f", 15}, .select = {"", {"f", 15}}},
    };
    static struct threshold_settings thresholds[] = {
        {.name = {"t", {"f", 16}}, .rule = {"p(99)(x) < 5", {"f", 16}}},
        {.name = {"t", {"f", 17}}, .rule = {NULL, {0}}, .origin = {"f", 17}},
    };
    struct suite_settings settings[] = {
        {.name = {"a", {"f", 1}},
         .traces = {"name = x", {"f", 1}},
         .labels = ITEMS(labels),
         .spans = ITEMS(spans),
         .assertions = ITEMS(assertions),
         .thresholds = ITEMS(thresholds)},
        {.name = {"a", {"f", 20}}},
    };
    static const struct expected rows[] = {
        {"suites[0].traces", 1, "span[...] is missing"},
        {"suites[0].labels.senario", 0, "did you mean scenario?"},
        {"suites[0].labels.iteration", 0, "a whole number"},
        {"suites[0].spans.injection", 0, "reserved"},
        {"suites[0].spans.bad", 5, "not closed"},
        {"suites[0].spans.bad", 0, "taken already"},
        {"suites[0].spans.a*b", 0, "a name is letters"},
        {"suites[0].spans.uses", 6, "a selector looks at one span"},
        {"suites[0].assertions[0].assert[0]", 12, "with a unit"},
        {"suites[0].assertions[0].assert[2]", 1, "unknown name '$nothing'"},
        {"suites[0].assertions[1]", 0, "the name 'one' is taken"},
        {"suites[0].assertions[1].assert", 1, "without `select`"},
        {"suites[0].assertions[1].when", 1, "without `select`"},
        {"suites[0].assertions[2]", 0, "a name is missing"},
        {"suites[0].assertions[2]", 0, "a condition is missing"},
        {"suites[0].assertions[2].select", 1, "empty"},
        {"suites[0].thresholds[0].rule", 7, "a rule measures"},
        {"suites[0].thresholds[1]", 0, "the name 't' is taken"},
        {"suites[0].thresholds[1].rule", 1, "empty"},
        {"suites[1]", 0, "the name 'a' is taken"},
    };
    struct problems problems;
    struct suite_set *set = NULL;
    assert_int_equal(suite_compile(&set, settings, 2, &problems), 1);
    assert_null(set);
    check_problems(&problems, rows, sizeof rows / sizeof rows[0]);
    assert_int_equal(problems.items[0].origin.line, 1);
    problems_deinit(&problems);
}

static void variables_and_outputs_are_checked(void **state)
{
    (void)state;
    static const struct config_pair spans[] = {{"x", {"span[]", {"f", 1}}, CONFIG_PAIR_TEXT}};
    static const struct config_pair variables[] = {{"a b", {"5", {"f", 2}}, CONFIG_PAIR_INT},
                                                   {"ok", {"5", {"f", 2}}, CONFIG_PAIR_INT}};
    static const struct config_pair outputs[] = {
        {"first", {"output:second", {"f", 3}}, CONFIG_PAIR_TEXT},
        {"second", {"$x.a + var:ok", {"f", 4}}, CONFIG_PAIR_TEXT},
        {"third", {"attr:a", {"f", 5}}, CONFIG_PAIR_TEXT},
        {"second", {"$y.a", {"f", 6}}, CONFIG_PAIR_TEXT},
        {"4th", {"$x.a", {"f", 7}}, CONFIG_PAIR_TEXT},
        {"fifth", {"$x.name + 1", {"f", 8}}, CONFIG_PAIR_TEXT},
    };
    static const struct config_text texts[] = {{"output:secnd = 1", {"f", 9}},
                                               {"output:second = 1", {"f", 10}},
                                               {"$x.a = var:no", {"f", 11}}};
    static struct assertion_settings assertions[] = {
        {.name = {"one", {"f", 9}}, .conditions = ITEMS(texts)},
        {.name = {"two", {"f", 9}},
         .select = {"span[output:second = 1]", {"f", 12}},
         .conditions = {texts + 1, 1}},
    };
    struct suite_settings settings[] = {{.name = {"a", {"f", 1}},
                                         .spans = ITEMS(spans),
                                         .variables = ITEMS(variables),
                                         .outputs = ITEMS(outputs),
                                         .assertions = ITEMS(assertions)}};
    static const struct expected rows[] = {
        {"suites[0].variables.a b", 0, "a name is letters"},
        {"suites[0].outputs.first", 1, "before what reads it"},
        {"suites[0].outputs.third", 1, "no selected span"},
        {"suites[0].outputs.second", 0, "taken already"},
        {"suites[0].outputs.second", 1, "unknown name '$y'"},
        {"suites[0].outputs.4th", 0, "a name is letters"},
        {"suites[0].outputs.fifth", 9, "'+' is not between a text and an integer"},
        {"suites[0].assertions[0].assert[0]", 1, "did you mean output:second?"},
        {"suites[0].assertions[0].assert[2]", 8, "variables = { no"},
        {"suites[0].assertions[1].select", 6, "outputs stand in conditions"},
    };
    struct problems problems;
    struct suite_set *set = NULL;
    assert_int_equal(suite_compile(&set, settings, 1, &problems), 1);
    check_problems(&problems, rows, sizeof rows / sizeof rows[0]);
    problems_deinit(&problems);
}

static void what_thresholds_say_beside_their_rules_is_checked(void **state)
{
    (void)state;
    static const struct config_text spans_text[] = {{"span[]", {"f", 1}}};
    struct config_pair spans[] = {{"x", spans_text[0], CONFIG_PAIR_TEXT}};
    static const struct config_text conditions[] = {{"$x.a = 1", {"f", 1}}};
    static struct assertion_settings assertions[] = {
        {.name = {"stored once", {"f", 1}}, .conditions = ITEMS(conditions)}};
    static const struct config_text scenario[] = {{"scenario", {"f", 2}}};
    static const struct config_text time[] = {{"time", {"f", 2}}};
    static const struct config_text empty[] = {{"", {"f", 2}}};
    static const struct config_text twice[] = {{"zone", {"f", 2}}, {"zone", {"f", 2}}};
    static const struct config_text five[] = {
        {"a", {"f", 2}}, {"b", {"f", 2}}, {"c", {"f", 2}}, {"d", {"f", 2}}, {"e", {"f", 2}}};
    static const struct config_text stages[][2] = {{{"ramp 30s", {"f", 3}}, {"ramp 5m", {"f", 3}}},
                                                   {{"ramp", {"f", 3}}},
                                                   {{"30s", {"f", 3}}},
                                                   {{"ramp -5s", {"f", 3}}},
                                                   {{"ramp 0s", {"f", 3}}}};
    static const struct {
        const char *rule;
        struct config_texts by;
        uint64_t over_ns, warmup_ns;
        struct config_texts stages;
        const char *baseline;
        const char *webhook;
        struct expected expected;
    } rows[] = {
        {"max($x.a) < 1", .webhook = "hooks.example.com",
         .expected = {"suites[0].thresholds[0].webhook", 0, "begins with http://"}},
        {"max($x.a) < 1", .webhook = "http://a b",
         .expected = {"suites[0].thresholds[0].webhook", 0, "begins with http://"}},
        {"p(99)($x.a) no worse than baseline by 10%",
         .expected = {"suites[0].thresholds[0].rule", 0, "the suite has no baseline"}},
        {"p(99)($x.a) no worse than baseline by 10%", .baseline = "/nowhere/report.json",
         .expected = {"suites[0].thresholds[0].baseline", 0, "/nowhere/report.json No such file"}},
        {"p(99)($x.a) no worse than baseline by 10%",
         .baseline = ASSERTD_SOURCE_DIR "/docs/report.md",
         .expected = {"suites[0].thresholds[0].baseline", 0, "is no report"}},
        {"ratio(fail) no worse than baseline by 10%", ITEMS(scenario),
         .baseline = ASSERTD_SOURCE_DIR "/docs/report.md",
         .expected = {"suites[0].thresholds[0].baseline", 0, "is no report"}},
        {"ratio(fail) no worse than baseline by 10%", .over_ns = 5,
         .baseline = ASSERTD_SOURCE_DIR "/docs/report.md",
         .expected = {"suites[0].thresholds[0].baseline", 0, "is no report"}},
        {"ratio(fail of 'stored twice') < 1",
         .expected = {"suites[0].thresholds[0].rule", 15, "did you mean 'stored once'?"}},
        {"count(fail of 'x') < 1",
         .expected = {"suites[0].thresholds[0].rule", 15, "no assertion 'x'"}},
        {"max($x.a) < 1", ITEMS(time), .expected = {"suites[0].thresholds[0].by", 0, "labels"}},
        {"max($x.a) < 1", ITEMS(empty), .expected = {"suites[0].thresholds[0].by", 0, "labels"}},
        {"max($x.a) < 1", ITEMS(twice), .expected = {"suites[0].thresholds[0].by", 0, "different"}},
        {"max($x.a) < 1", ITEMS(five), .expected = {"suites[0].thresholds[0].by", 0, "at most 4"}},
        {"ratio(late) < 1", ITEMS(scenario),
         .expected = {"suites[0].thresholds[0].rule", 0, "unexpected and late"}},
        {"ratio(unexpected) < 1", .warmup_ns = 5,
         .expected = {"suites[0].thresholds[0].rule", 0, "unexpected and late"}},
        {"slope(backlog($x, $x)) < 1", .over_ns = UINT64_C(2000000000),
         .expected = {"suites[0].thresholds[0].over", 0, "at least 3s"}},
        {"slope(backlog($x, $x)) < 1", .over_ns = UINT64_C(3500000000),
         .expected = {"suites[0].thresholds[0].over", 0, "whole seconds"}},
        {"max(backlog($x, $x)) < 1", .over_ns = 5,
         .expected = {"suites[0].thresholds[0].over", 0, "whole seconds"}},
        {"max($x.a){stage:ramp} < 1", .expected = {"suites[0].thresholds[0].rule", 0, "no stages"}},
        {"max($x.a) < 1", .stages = {stages[0], 2}, .expected = {"suites[0].stages", 0, "unique"}},
        {"max($x.a) < 1", .stages = {stages[1], 1}, .expected = {"suites[0].stages", 0, "a stage"}},
        {"max($x.a) < 1", .stages = {stages[2], 1}, .expected = {"suites[0].stages", 0, "a stage"}},
        {"max($x.a) < 1", .stages = {stages[3], 1}, .expected = {"suites[0].stages", 0, "a stage"}},
        {"max($x.a) < 1", .stages = {stages[4], 1}, .expected = {"suites[0].stages", 0, "a stage"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct threshold_settings thresholds[] = {{.name = {"t", {"f", 4}},
                                                   .rule = {rows[i].rule, {"f", 4}},
                                                   .by = rows[i].by,
                                                   .over_ns = rows[i].over_ns,
                                                   .warmup_ns = rows[i].warmup_ns,
                                                   .webhook = {rows[i].webhook, {"f", 6}}}};
        struct suite_settings settings = {.name = {"a", {"f", 1}},
                                          .spans = ITEMS(spans),
                                          .stages = rows[i].stages,
                                          .baseline = {rows[i].baseline, {"f", 5}},
                                          .assertions = ITEMS(assertions),
                                          .thresholds = ITEMS(thresholds)};
        struct problems problems;
        struct suite_set *set = NULL;
        assert_int_equal(suite_compile(&set, &settings, 1, &problems), 1);
        check_problems(&problems, &rows[i].expected, 1);
        problems_deinit(&problems);
    }
}

static void optional_without_select_is_advised_against(void **state)
{
    (void)state;
    static const struct config_text conditions[] = {{"$injection.status = 200", {0}}};
    static struct assertion_settings assertions[] = {
        {.name = {"a", {0}}, .conditions = ITEMS(conditions), .optional = true}};
    struct suite_settings settings = {.name = {"s", {0}}, .assertions = ITEMS(assertions)};
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(suite_compile(&set, &settings, 1, &problems), 0);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.errors, 0);
    suite_set_unref(set);
    problems_deinit(&problems);
}

static void too_many_conditions_on_one_selector_are_a_problem(void **state)
{
    (void)state;
    enum { COUNT = PROBE_CONDITIONS_MAX + 1 };
    static struct config_text conditions[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        conditions[i] = (struct config_text){.text = "duration < 1s"};
    }
    struct assertion_settings assertions[] = {
        {.name = {"all", {0}}, .select = {"span[]", {0}}, .conditions = {conditions, COUNT}}};
    struct suite_settings settings = {.name = {"s", {0}}, .assertions = ITEMS(assertions)};
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(suite_compile(&set, &settings, 1, &problems), 1);
    assert_int_equal(problems.count, 1);
    problems_deinit(&problems);
    assertions[0].conditions.count--;
    assert_int_equal(suite_compile(&set, &settings, 1, &problems), 0);
    suite_set_unref(set);
    problems_deinit(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_problem_is_told_in_one_run),
        cmocka_unit_test(variables_and_outputs_are_checked),
        cmocka_unit_test(what_thresholds_say_beside_their_rules_is_checked),
        cmocka_unit_test(optional_without_select_is_advised_against),
        cmocka_unit_test(too_many_conditions_on_one_selector_are_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
