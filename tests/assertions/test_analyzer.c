/* The analyzer's rules in force, their assertions in a suite, and the score. */
#include "assertions/analyzer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/judge.h"
#include "daemon/core/clock.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        .text = (literal)                                                                          \
    }

static const struct config_text no_card[] = {TEXT("attr:card.number missing")};

static int make(struct analyzer_rules *ret, struct analyzer_rule_settings *rules, size_t count,
                struct arena *arena, struct problems *problems)
{
    const struct analyzer_settings settings = {.set = true, .rules = {rules, count}};
    problems_init(problems);
    return analyzer_rules_make(ret, &settings, arena, problems, "suites[0].analyzer");
}

static void the_seven_are_on_with_their_weights(void **state)
{
    static const struct {
        const char *name, *plugin;
        uint32_t weight;
    } expected[] = {
        {"span-naming", "standards", 25},      {"required-attributes", "standards", 25},
        {"attribute-naming", "standards", 25}, {"no-empty-attributes", "standards", 25},
        {"prefer-dns", "common", 100},         {"secure-https-protocol", "security", 30},
        {"no-api-key-leak", "security", 70},
    };
    struct arena arena = ARENA_INIT(1024, 0);
    struct problems problems;
    struct analyzer_rules rules;
    (void)state;
    assert_int_equal(make(&rules, NULL, 0, &arena, &problems), 0);
    assert_int_equal(rules.count, 7);
    for (uint32_t i = 0; i < 7; i++) {
        assert_string_equal(rules.items[i].name, expected[i].name);
        assert_string_equal(rules.items[i].plugin, expected[i].plugin);
        assert_int_equal(rules.items[i].weight, expected[i].weight);
        assert_int_equal(rules.items[i].level, ANALYZER_ERROR);
        assert_null(rules.items[i].own);
    }
    problems_deinit(&problems);
    arena_deinit(&arena);
}

static void rules_are_changed_left_out_and_added(void **state)
{
    struct analyzer_rule_settings written[] = {
        {.name = TEXT("prefer-dns"), .level = ANALYZER_DISABLED},
        {.name = TEXT("no card numbers"),
         .plugin = TEXT("security"),
         .weight = 50,
         .conditions = {no_card, 1},
         .select = TEXT("span[kind=client]")},
        {.name = TEXT("span-naming"), .level = ANALYZER_WARNING, .weight = 5},
        {.name = TEXT("off"), .level = ANALYZER_DISABLED, .conditions = {no_card, 1}},
        {.name = TEXT("plain"), .conditions = {no_card, 1}},
    };
    struct arena arena = ARENA_INIT(1024, 0);
    struct problems problems;
    struct analyzer_rules rules;
    (void)state;
    assert_int_equal(make(&rules, written, 5, &arena, &problems), 0);
    assert_int_equal(rules.count, 8);
    assert_int_equal(rules.items[0].level, ANALYZER_WARNING);
    assert_int_equal(rules.items[0].weight, 5);
    assert_string_equal(rules.items[4].name, "secure-https-protocol");
    assert_string_equal(rules.items[6].name, "no card numbers");
    assert_string_equal(rules.items[6].plugin, "security");
    assert_int_equal(rules.items[6].place, 1);
    assert_string_equal(rules.items[7].plugin, "own");
    assert_int_equal(rules.items[7].weight, 10);
    assert_false(analyzer_begins_plugin(&rules, 6));
    assert_true(analyzer_begins_plugin(&rules, 7));
    problems_deinit(&problems);
    arena_deinit(&arena);
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const struct {
        struct analyzer_rule_settings rules[2];
        size_t count;
        const char *message;
    } rows[] = {
        {{{.name = TEXT("span-name")}}, 1, "span-naming?"},
        {{{.name = TEXT("zzz")}}, 1, "write `assert` for an own one"},
        {{{.name = TEXT("prefer-dns"), .conditions = {no_card, 1}}}, 1, "another name"},
        {{{.name = TEXT("prefer-dns"), .select = TEXT("span[]")}}, 1, "another name"},
        {{{.name = TEXT("prefer-dns"), .plugin = TEXT("own")}}, 1, "another name"},
        {{{.name = TEXT("prefer-dns")}, {.name = TEXT("prefer-dns")}}, 2, "stands here twice"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct analyzer_rule_settings written[2];
        struct arena arena = ARENA_INIT(1024, 0);
        struct problems problems;
        struct analyzer_rules rules;
        memcpy(written, rows[i].rules, sizeof written);
        assert_int_equal(make(&rules, written, rows[i].count, &arena, &problems), ANALYZER_REFUSED);
        assert_int_equal(problems.errors, 1);
        if (strstr(problems.items[0].text, rows[i].message) == NULL) {
            fail_msg("row %zu: %s", i, problems.items[0].text);
        }
        assert_non_null(strstr(problems.items[0].path, "suites[0].analyzer.rules["));
        problems_deinit(&problems);
        arena_deinit(&arena);
    }
}

static struct suite_set *compile(struct analyzer_settings analyzer, struct problems *problems,
                                 int *ret)
{
    static const struct config_text one[] = {TEXT("count >= 1")};
    struct assertion_settings own = {
        .name = TEXT("own"), .select = TEXT("span[]"), .conditions = {one, 1}};
    struct suite_settings suite = {
        .name = TEXT("s"), .assertions = {&own, 1}, .analyzer = analyzer};
    const struct config_list suites = {&suite, 1};
    const struct completion_settings completion = {true, NS_PER_S, NS_PER_S, 0};
    struct suite_set *set = NULL;
    problems_init(problems);
    *ret = suite_set_compile(&set, &suites, &completion, problems);
    return set;
}

static const struct span_build bad_span = {
    .id = 1,
    .name = "x",
    .kind = KIND_CLIENT,
    .start_ns = 1,
    .end_ns = 2,
    .attrs = {ATTR_TEXT("http.request.method", "GET"), ATTR_TEXT("url.full", "http://10.0.0.1/"),
              ATTR_TEXT("server.address", "shop"), ATTR_INT("server.port", 80)}};

static void a_suite_with_an_analyzer_judges_its_rules(void **state)
{
    static const enum result expected[] = {RESULT_PASS, RESULT_FAIL, RESULT_PASS,
                                           RESULT_PASS, RESULT_PASS, RESULT_FAIL,
                                           RESULT_FAIL, RESULT_PASS, RESULT_SKIPPED};
    struct analyzer_rule_settings written[] = {{.name = TEXT("no cards"),
                                                .select = TEXT("span[kind=server]"),
                                                .conditions = {no_card, 1}}};
    struct problems problems;
    int bad;
    struct suite_set *set =
        compile((struct analyzer_settings){.set = true, .rules = {written, 1}}, &problems, &bad);
    struct arena scratch = ARENA_INIT(4096, 0);
    struct arena out = ARENA_INIT(4096, 0);
    struct trace trace;
    struct judge judge;
    struct span span;
    (void)state;
    assert_int_equal(bad, 0);
    assert_int_equal(set->suites[0].assertion_count, 9);
    assert_true(bytes_is(set->suites[0].assertions[1].name, "analyzer: span-naming"));
    trace_build(&trace, &bad_span, 1);
    judge_init(&judge, set, &trace);
    assert_int_equal(trace_span_decode(&trace, 0, &scratch, &span), 0);
    assert_int_equal(judge_add(&judge, &span, 0, &scratch), 0);
    const struct judgement *judgement = judge_close(&judge, 10, &scratch, &out);
    for (uint32_t i = 0; i < 9; i++) {
        assert_int_equal(judgement->results[i].result, expected[i]);
    }
    const struct failure *failure = &judgement->results[5].failures[0];
    assert_true(bytes_is(failure->reason, "breaks the rule: defect:prefer-dns"));
    assert_true(bytes_is(failure->actual.value.bytes, "url.full"));
    assert_int_equal(failure->span_id, 1);
    struct problems none;
    struct analyzer_rules rules;
    assert_int_equal(make(&rules, written, 1, &out, &none), 0);
    double score;
    assert_true(analyzer_plugin_score(&rules, judgement->results + 1, "standards", &score));
    assert_true(score == 75);
    assert_true(analyzer_plugin_score(&rules, judgement->results + 1, "security", &score));
    assert_true(score == 70);
    assert_false(analyzer_plugin_score(&rules, judgement->results + 1, "none", &score));
    assert_true(analyzer_score(&rules, judgement->results + 1) == (75 + 0 + 70 + 100) / 4.0);
    problems_deinit(&none);
    trace_deinit(&trace);
    arena_deinit(&scratch);
    arena_deinit(&out);
    problems_deinit(&problems);
    suite_set_unref(set);
}

static void the_problem_of_an_own_rule_names_its_place(void **state)
{
    static const struct config_text wrong[] = {TEXT("duration < 5")};
    struct analyzer_rule_settings written[] = {{.name = TEXT("prefer-dns")},
                                               {.name = TEXT("own"), .conditions = {wrong, 1}}};
    struct problems problems;
    int bad;
    (void)state;
    written[1].select = (struct config_text)TEXT("span[]");
    assert_null(
        compile((struct analyzer_settings){.set = true, .rules = {written, 2}}, &problems, &bad));
    assert_int_equal(bad, 1);
    assert_string_equal(problems.items[0].path, "suites[0].analyzer.rules[1].assert");
    problems_deinit(&problems);
}

static void only_rules_that_have_an_answer_count(void **state)
{
    static const struct analyzer_rule items[] = {
        {.name = "a", .plugin = "p", .level = ANALYZER_ERROR, .weight = 1},
        {.name = "b", .plugin = "p", .level = ANALYZER_ERROR, .weight = 3},
        {.name = "c", .plugin = "q", .level = ANALYZER_WARNING, .weight = 3},
    };
    const struct analyzer_rules rules = {items, 3};
    struct assertion_result results[3] = {
        {.result = RESULT_PASS}, {.result = RESULT_FAIL}, {.result = RESULT_FAIL}};
    (void)state;
    assert_true(analyzer_score(&rules, results) == 25);
    results[1].result = RESULT_INCONCLUSIVE;
    assert_true(analyzer_score(&rules, results) == 100);
    results[0].result = RESULT_ERROR;
    assert_true(analyzer_score(&rules, results) == 100); /* nothing counts */
    results[0].result = RESULT_SKIPPED;
    results[1].result = RESULT_FAIL;
    assert_true(analyzer_score(&rules, results) == 25);
}

static void memory_may_fail_anywhere(void **state)
{
    struct analyzer_rule_settings written[] = {
        {.name = TEXT("own"), .select = TEXT("span[]"), .conditions = {no_card, 1}}};
    int bad = -1;
    (void)state;
    for (size_t good = 0; bad != 0; good++) {
        struct problems problems;
        failing_malloc_begin(good);
        struct suite_set *set = compile(
            (struct analyzer_settings){.set = true, .rules = {written, 1}}, &problems, &bad);
        failing_malloc_end();
        assert_true(bad <= 0);
        problems_deinit(&problems);
        suite_set_unref(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seven_are_on_with_their_weights),
        cmocka_unit_test(rules_are_changed_left_out_and_added),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(a_suite_with_an_analyzer_judges_its_rules),
        cmocka_unit_test(the_problem_of_an_own_rule_names_its_place),
        cmocka_unit_test(only_rules_that_have_an_answer_count),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
