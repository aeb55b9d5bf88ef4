/* Compiling whole suites: all problems at once, names, numbers, defaults, memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "assertions/suite.h"
#include "daemon/core/clock.h"

#define TEXT(value) ((struct config_text){.text = (value), .origin = {"suite.conf", __LINE__}})
#define ITEMS(array)                                                                               \
    {                                                                                              \
        .items = (array), .count = sizeof(array) / sizeof((array)[0])                              \
    }

static const struct completion_settings completion = {
    .quiet_ns = 10 * NS_PER_S, .deadline_ns = 60 * NS_PER_S, .grace_ns = 5 * NS_PER_S};

static int compile(struct suite_set **ret, struct suite_settings *suites, size_t count,
                   struct problems *problems)
{
    struct config_list list = {.items = suites, .count = count};
    problems_init(problems);
    return suite_set_compile(ret, &list, &completion, problems);
}

/* A suite that uses everything. */
static struct suite_settings good_suite(void)
{
    static const struct config_pair labels[] = {
        {"scenario", {"checkout", {0}}, CONFIG_PAIR_TEXT},
        {"iteration", {"7", {0}}, CONFIG_PAIR_INT},
    };
    static const struct config_pair spans[] = {
        {"request", {"span[kind=server]:first", {0}}, CONFIG_PAIR_TEXT},
        {"mail", {"span[name=send]", {0}}, CONFIG_PAIR_TEXT},
    };
    static const struct config_text stored[] = {{"count = 1", {0}}, {"duration < 50ms", {0}}};
    static const struct config_text timely[] = {{"$mail.start - $request.end <= 5s", {0}}};
    static struct assertion_settings assertions[] = {
        {.name = {"stored", {0}},
         .select = {"span[kind=server name=~'^x']", {0}},
         .conditions = ITEMS(stored),
         .tolerance = 0.05},
        {.name = {"timely", {0}},
         .conditions = ITEMS(timely),
         .when = {"span[name=send]", {0}},
         .severity = SEVERITY_WARNING},
    };
    static struct threshold_settings thresholds[] = {
        {.name = {"p99", {0}}, .rule = {"p(99)($mail.duration) < 5s", {0}}},
        {.name = {"p100", {0}}, .rule = {"p(100)($mail.duration) < 5s", {0}}, .sticky = true},
        {.name = {"p99.95", {0}}, .rule = {"p(99.95)($mail.duration) < 5s", {0}}},
        {.name = {"p33", {0}}, .rule = {"p(33)($mail.duration) < 5s", {0}}},
        {.name = {"avg", {0}}, .rule = {"avg($mail.duration) < 5s", {0}}},
        {.name = {"own", {0}},
         .rule = {"p(99)($mail.duration) < 5s", {0}},
         .min_samples = 5,
         .abort_on_fail = true},
    };
    return (struct suite_settings){
        .name = {"orders", {0}},
        .traces = {"span[name=send]", {0}},
        .labels = ITEMS(labels),
        .spans = ITEMS(spans),
        .evidence = EVIDENCE_LENIENT,
        .optional = true,
        .completion = {.set = true, .deadline_ns = 90 * NS_PER_S},
        .assertions = ITEMS(assertions),
        .thresholds = ITEMS(thresholds),
    };
}

static void a_suite_keeps_what_its_settings_say(void **state)
{
    (void)state;
    struct suite_settings settings[] = {good_suite(), good_suite()};
    settings[1].name = TEXT("orders too");
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(compile(&set, settings, 2, &problems), 0);
    assert_int_equal(problems.count, 0);
    assert_int_equal(set->suite_count, 2);
    const struct suite *suite = &set->suites[0];
    assert_true(bytes_is(suite->name, "orders"));
    assert_true(suite->lenient && suite->optional);
    assert_non_null(suite->traces);
    assert_int_equal(suite->label_count, 2);
    assert_true(bytes_is(suite->labels[1].name, "iteration") &&
                bytes_is(suite->labels[1].value, "7"));
    assert_int_equal(suite->name_count, 2);
    assert_true(bytes_is(suite->names[1].name, "mail"));
    assert_int_equal(suite->completion.quiet_ns, 10 * NS_PER_S);
    assert_int_equal(suite->completion.deadline_ns, 90 * NS_PER_S);
    assert_int_equal(suite->assertion_count, 2);
    assert_int_equal(suite->assertions[0].condition_count, 2);
    assert_true(suite->assertions[0].tolerance == 0.05);
    assert_null(suite->assertions[1].select);
    assert_non_null(suite->assertions[1].when->selector);
    assert_int_equal(suite->assertions[1].severity, SEVERITY_WARNING);
    assert_int_equal(suite->assertions[1].conditions[0]->left.left->name, 1);
    assert_int_equal(set->suites[1].assertions[0].number, 2);
    assert_int_equal(set->suites[1].index, 1);
    assert_int_equal(set->assertion_count, 4);
    assert_int_equal(set->program.plan_count, 3);
    for (uint32_t i = 0; i < set->program.plan_count; i++) {
        assert_int_equal(set->program.plans[i].selector->number, i);
    }
    suite_set_unref(set);
    problems_deinit(&problems);
}

static void least_samples_follow_the_percentile(void **state)
{
    (void)state;
    struct suite_settings settings = good_suite();
    static const uint64_t wanted[] = {100, 1, 2000, 2, 1, 5};
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(compile(&set, &settings, 1, &problems), 0);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(set->suites[0].thresholds[i].min_samples, wanted[i]);
    }
    assert_true(set->suites[0].thresholds[1].sticky);
    assert_true(set->suites[0].thresholds[5].abort_on_fail);
    suite_set_unref(set);
    problems_deinit(&problems);
}

static void a_set_lives_as_long_as_its_last_user(void **state)
{
    (void)state;
    struct suite_settings settings = good_suite();
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(compile(&set, &settings, 1, &problems), 0);
    suite_set_ref(set);
    suite_set_unref(set);
    assert_true(bytes_is(set->suites[0].name, "orders"));
    suite_set_unref(set);
    suite_set_unref(NULL);
    problems_deinit(&problems);
}

static void no_suites_make_an_empty_set(void **state)
{
    (void)state;
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(compile(&set, NULL, 0, &problems), 0);
    assert_int_equal(set->suite_count, 0);
    assert_int_equal(set->program.probe_count, 0);
    suite_set_unref(set);
    problems_deinit(&problems);
}

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
    assert_int_equal(compile(&set, settings, 2, &problems), 1);
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
    assert_int_equal(compile(&set, settings, 1, &problems), 1);
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
         .expected = {"suites[0].thresholds[0].rule", 0, "compared as a whole"}},
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
        {"slope(backlog($x, $x)) < 1", .over_ns = 5,
         .expected = {"suites[0].thresholds[0].over", 0, "of the whole campaign"}},
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
        assert_int_equal(compile(&set, &settings, 1, &problems), 1);
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
    assert_int_equal(compile(&set, &settings, 1, &problems), 0);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.errors, 0);
    suite_set_unref(set);
    problems_deinit(&problems);
}

static size_t allocations_left;

static void *failing_malloc(size_t bytes)
{
    if (allocations_left == 0) {
        return NULL;
    }
    allocations_left--;
    return malloc(bytes);
}

static void memory_may_end_at_any_allocation(void **state)
{
    (void)state;
    enum { COPIES = 40 };
    struct suite_settings settings[COPIES];
    char names[COPIES][16];
    for (int i = 0; i < COPIES; i++) {
        settings[i] = good_suite();
        snprintf(names[i], sizeof names[i], "suite %d", i);
        settings[i].name.text = names[i];
    }
    int r = -ENOMEM;
    size_t failures = 0;
    for (size_t n = 0; r != 0; n++) {
        struct suite_set *set = NULL;
        struct problems problems;
        allocations_left = n;
        arena_set_malloc_for_tests(failing_malloc);
        r = compile(&set, settings, COPIES, &problems);
        arena_set_malloc_for_tests(NULL);
        assert_true(r == 0 || r == -ENOMEM);
        failures += r != 0;
        suite_set_unref(set);
        problems_deinit(&problems);
    }
    assert_true(failures > 3);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
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
    assert_int_equal(compile(&set, &settings, 1, &problems), 1);
    assert_int_equal(problems.count, 1);
    problems_deinit(&problems);
    assertions[0].conditions.count--;
    assert_int_equal(compile(&set, &settings, 1, &problems), 0);
    suite_set_unref(set);
    problems_deinit(&problems);
}

/* Of processor time; generous, since the test may run with sanitizers. */
static void a_thousand_assertions_compile_quickly(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    static struct assertion_settings assertions[COUNT];
    static struct config_text conditions[COUNT][2];
    static char texts[COUNT][3][64];
    for (int i = 0; i < COUNT; i++) {
        snprintf(texts[i][0], 64, "assertion %d", i);
        snprintf(texts[i][1], 64, "span[kind=server name=~'^GET /%d' a.b=%d]", i, i);
        snprintf(texts[i][2], 64, "duration < %dms", i);
        conditions[i][0] = (struct config_text){.text = texts[i][2]};
        conditions[i][1] = (struct config_text){.text = "count = 1"};
        assertions[i] = (struct assertion_settings){.name = {.text = texts[i][0]},
                                                    .select = {.text = texts[i][1]},
                                                    .conditions = {conditions[i], 2}};
    }
    struct suite_settings settings = {.name = {"s", {0}}, .assertions = ITEMS(assertions)};
    struct problems problems;
    struct suite_set *set;
    double before = seconds();
    assert_int_equal(compile(&set, &settings, 1, &problems), 0);
    double took = seconds() - before;
    print_message("1000 assertions: %.1f ms\n", took * 1e3);
    assert_true(took < 2.0);
    assert_int_equal(set->program.plan_count, COUNT);
    suite_set_unref(set);
    problems_deinit(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_keeps_what_its_settings_say),
        cmocka_unit_test(least_samples_follow_the_percentile),
        cmocka_unit_test(a_set_lives_as_long_as_its_last_user),
        cmocka_unit_test(no_suites_make_an_empty_set),
        cmocka_unit_test(every_problem_is_told_in_one_run),
        cmocka_unit_test(variables_and_outputs_are_checked),
        cmocka_unit_test(what_thresholds_say_beside_their_rules_is_checked),
        cmocka_unit_test(optional_without_select_is_advised_against),
        cmocka_unit_test(memory_may_end_at_any_allocation),
        cmocka_unit_test(too_many_conditions_on_one_selector_are_a_problem),
        cmocka_unit_test(a_thousand_assertions_compile_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
