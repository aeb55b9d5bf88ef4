/* Comparing with a baseline: the test's chances against exact sums, the report that is read, and
 * what a threshold makes of both. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/baseline_class.h"
#include "assertions/expression.h"
#include "assertions/rule.h"
#include "assertions/threshold.h"

/* The binomial sums were made with whole numbers (Python's math.comb). */
static void the_chance_is_that_of_the_conditional_test(void **state)
{
    (void)state;
    static const struct {
        uint64_t above, base_above, samples, base_samples;
        double by, chance;
    } rows[] = {
        {10, 5, 1000, 1000, 0.1, 0.19868856940277416},
        {0, 5, 100, 100, 0, 1},
        {30, 10, 500, 1000, 0.5, 3.74780782329149e-05},
        {100, 100, 10000, 10000, 0.1, 0.7719709227947186},
        {5, 0, 100, 100, 0.1, 0.03943364769872244},
        {0, 0, 100, 100, 0.1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct no_worse it = {.above = rows[i].above,
                              .samples = rows[i].samples,
                              .base_above = rows[i].base_above,
                              .base_samples = rows[i].base_samples};
        no_worse_test(&it, rows[i].by);
        if (fabs(it.significance - rows[i].chance) > 1e-9 * rows[i].chance) {
            fail_msg("row %zu: %.17g", i, it.significance);
        }
        assert_true(it.share == (double)it.above / (double)it.samples);
        assert_true(fabs(it.allowed - it.base_share * (1 + rows[i].by)) < 1e-15);
    }
}

static void large_campaigns_are_tested_as_well(void **state)
{
    (void)state;
    struct no_worse same = {10000, 1000000, 10000, 1000000, 0, 0, 0, 0, 0};
    struct no_worse worse = {11500, 1000000, 10000, 1000000, 0, 0, 0, 0, 0};
    no_worse_test(&same, 0);
    no_worse_test(&worse, 0.1);
    assert_true(same.significance > 0.49 && same.significance < 0.51);
    assert_true(worse.significance > 0 && worse.significance < NO_WORSE_SIGNIFICANCE);
    struct no_worse far = {1000000, 1000000, 1, 1000000, 0, 0, 0, 0, 0};
    no_worse_test(&far, 0.1);
    assert_true(far.significance >= 0 && far.significance < 1e-100);
}

#define DISTRIBUTION(text) "\"distribution\": {\"samples\": 200, \"quantiles\": [" text "]}"
#define ROW99              "{\"p\": 99, \"value\": 50, \"above\": 2}"
#define REPORT(thresholds)                                                                         \
    "{\"schema_version\": 1, \"suites\": [{\"name\": \"other\", \"thresholds\": []}, "             \
    "{\"name\": \"shop\", \"traces\": {\"judged\": 3}, \"assertions\": [{\"name\": \"shop\", "     \
    "\"failures\": [{\"actual\": [[[[[[[1]]]]]]]}]}], \"thresholds\": [" thresholds "]}]}"

struct report_row {
    const char *rule;
    const char *report;
    int outcome;
    const char *why; /* part of it; NULL: it can be compared with */
    double value;
    uint64_t above, samples;
};

static const struct report_row report_rows[] = {
    {"p(99)($x.duration) no worse than baseline by 10%",
     REPORT("{\"name\": \"a\", \"rule\": \"p(95)( $x.duration ) < 5s\", " DISTRIBUTION(
         "{\"p\": 95, \"value\": 40, \"above\": 9}, " ROW99) "}"),
     0, NULL, 50, 2, 200},
    /* sorted by a tool, the suite's name behind its thresholds, numbers as a tool writes them */
    {"p(99)($x.duration) no worse than baseline by 10%",
     "{\"suites\": [{\"thresholds\": [{" DISTRIBUTION(
         "{\"above\": 2, \"p\": 99.0, \"value\": 5.0e1}") ", \"rule\": \"med($x.duration)<5s\"}], "
                                                          "\"name\": \"shop\"}], "
                                                          "\"schema_version\": 1}",
     0, NULL, 50, 2, 200},
    /* the first that measures the same */
    {"p(99)($x.duration){a:b} no worse than baseline by 10%",
     REPORT("{\"rule\": \"p(99)($x.duration) < 5s\", " DISTRIBUTION(
         "{\"p\": 99, \"value\": 1, \"above\": 1}") "}, "
                                                    "{\"rule\": \"p(99)($x.duration) {a : b} < "
                                                    "5s\", " DISTRIBUTION(ROW99) "}"),
     0, NULL, 50, 2, 200},
    {"p(99)($x.duration) no worse than baseline by 10%",
     REPORT("{\"rule\": \"p(99)($x.duration){a:b} < 5s\", " DISTRIBUTION(ROW99) "}"),
     .why = "measures the same"},
    {"p(90)($x.duration) no worse than baseline by 10%",
     REPORT("{\"rule\": \"p(99)($x.duration) < 5s\", " DISTRIBUTION(ROW99) "}"),
     .why = "measures the same"},
    {"p(99)($x.duration) no worse than baseline by 10%",
     REPORT("{\"rule\": \"max($x.duration) < 5s\", \"value\": 5, \"samples\": 6}"),
     .why = "measures the same"},
    {"p(99)($x.duration) no worse than baseline by 10%",
     REPORT("{\"rule\": \"p(99)($x.duration) < 5s\", " DISTRIBUTION(
         "{\"p\": 99, \"value\": \"Infinity\", \"above\": 2}") "}"),
     .why = "no finite value"},
    {"p(99)($x.duration) no worse than baseline by 10%",
     REPORT("{\"rule\": \"p(99)($x.duration) < 5s\", " DISTRIBUTION(
         "{\"p\": 99, \"value\": 5, \"above\": 201}") "}"),
     .why = "no finite value"},
    {"p(99)($x.duration) no worse than baseline by 10%",
     "{\"schema_version\": 1, \"suites\": [{\"name\": \"another\", \"thresholds\": []}]}",
     .why = "no suite of this name"},
    {"p(99)($x.duration) no worse than baseline by 10%", "{\"schema_version\": 2, \"suites\": []}",
     .why = "another version"},
    {"ratio(fail) no worse than baseline by 10%",
     REPORT("{\"rule\": \"ratio(fail) < 5%\", \"value\": 0.25, \"samples\": 8}"), 0, NULL, 0.25, 2,
     8},
    {"ratio(fail) no worse than baseline by 10%",
     REPORT("{\"rule\": \"count( fail ) < 5\", \"value\": 2, \"samples\": 8}"), 0, NULL, 0.25, 2,
     8},
    {"ratio(fail) no worse than baseline by 10%",
     REPORT("{\"rule\": \"ratio(fail of 'a') < 5%\", \"value\": 0.25, \"samples\": 8}"),
     .why = "measures the same"},
    {"ratio(fail) no worse than baseline by 10%",
     REPORT("{\"rule\": \"ratio(fail) < 5%\", \"value\": null, \"samples\": 0}"),
     .why = "no finite value"},
    {"ratio(fail) no worse than baseline by 10%", "", .outcome = BASELINE_NO_REPORT},
    {"ratio(fail) no worse than baseline by 10%", "{}", .outcome = BASELINE_NO_REPORT},
    {"ratio(fail) no worse than baseline by 10%", "[{\"suites\": []}]",
     .outcome = BASELINE_NO_REPORT},
    {"ratio(fail) no worse than baseline by 10%", "<testsuites/>", .outcome = BASELINE_NO_REPORT},
    {"ratio(fail) no worse than baseline by 10%", REPORT("") "x", .outcome = BASELINE_NO_REPORT},
};

struct language {
    struct arena arena;
    struct expression_store store;
    struct problems problems;
    struct span_name name;
    struct parse_context context;
};

static const struct rule *parse(struct language *language, const char *text)
{
    *language = (struct language){.arena = ARENA_INIT(4096, 0),
                                  .store = EXPRESSION_STORE_INIT,
                                  .name = {.name = BYTES_LITERAL("x")}};
    problems_init(&language->problems);
    language->context = (struct parse_context){.arena = &language->arena,
                                               .store = &language->store,
                                               .problems = &language->problems,
                                               .path = "rule",
                                               .names = &language->name,
                                               .name_count = 1};
    const struct rule *rule = parse_rule(&language->context, bytes_of(text));
    assert_non_null(rule);
    return rule;
}

static void forget(struct language *language)
{
    problems_deinit(&language->problems);
    arena_deinit(&language->arena);
}

static int read_report(struct bytes report, const struct rule *rule, struct baseline *ret)
{
    const struct baseline_request request = {.suite = BYTES_LITERAL("shop"), .rule = rule};
    return baseline_read(report, &request, ret);
}

static void a_report_tells_what_measures_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof report_rows / sizeof *report_rows; i++) {
        const struct report_row *row = &report_rows[i];
        struct language language;
        const struct rule *rule = parse(&language, row->rule);
        struct baseline baseline = {.why = "not set"};
        int outcome = read_report(bytes_of(row->report), rule, &baseline);
        if (outcome != row->outcome ||
            (outcome == 0 && (row->why == NULL) != (baseline.why == NULL)) ||
            (outcome == 0 && row->why != NULL && strstr(baseline.why, row->why) == NULL)) {
            fail_msg("row %zu: %d, %s", i, outcome, baseline.why != NULL ? baseline.why : "found");
        }
        if (outcome == 0 && row->why == NULL) {
            assert_true(baseline.value == row->value && baseline.above == row->above &&
                        baseline.samples == row->samples);
        }
        forget(&language);
    }
}

#define CLASS(labels, above)                                                                       \
    "{\"labels\": " labels ", \"result\": \"pass\", \"value\": 7, \"samples\": 200, "              \
    "\"distribution\": {\"samples\": 200, \"quantiles\": [{\"p\": 95, \"value\": 4, \"above\": "   \
    "9}, "                                                                                         \
    "{\"p\": 99, \"value\": 50, \"above\": " #above "}]}}"

#define RULE99 "\"rule\": \"p(99)($x.n) < 5\""
#define BROWSE CLASS("{\"zone\": \"eu\", \"scenario\": \"browse\"}", 2)
#define ONLY   CLASS("{\"scenario\": \"only\"}", 3)
#define BUY    CLASS("{\"scenario\": \"buy\", \"zone\": \"\"}", 4)
#define REST   CLASS("null", 5)
#define ODD    CLASS("{\"scenario\": \"odd\", \"zone\": \"eu\"}", 201)

/* Labels in another order than ours, one that is not ours, one without a finite value; a threshold
 * before it that is not judged apart; the rule behind it all, as a tool may sort it. */
static void a_report_tells_combinations_of_the_same_labels(void **state)
{
    static const char report[] = REPORT(
        "{" RULE99 ", " DISTRIBUTION(ROW99) "}, {\"by\": [" BROWSE ", " ONLY ", " BUY ", " REST
                                            ", " ODD "], " DISTRIBUTION(ROW99) ", " RULE99 "}");
    static const struct bytes by[] = {BYTES_LITERAL("scenario"), BYTES_LITERAL("zone")};
    struct language language;
    struct baseline_request request = {
        .suite = BYTES_LITERAL("shop"),
        .rule = parse(&language, "p(99)($x.n) no worse than baseline by 10%"),
        .by = by,
        .by_count = 2,
        .arena = &language.arena};
    struct baseline baseline;
    (void)state;
    assert_int_equal(baseline_read(bytes_of(report), &request, &baseline), 0);
    assert_int_equal(baseline.class_count, 2);
    struct bytes browse = bytes_from("browse\0eu", 10);
    struct bytes buy = bytes_from("buy\0", 5);
    assert_true(baseline_has_class(&baseline, browse) && baseline_has_class(&baseline, buy));
    struct baseline of = baseline_of_class(&baseline, buy, 2);
    assert_true(of.why == NULL && of.value == 50 && of.above == 4 && of.samples == 200);
    assert_non_null(baseline_of_class(&baseline, bytes_from("odd\0eu", 7), 2).why);
    assert_non_null(baseline_of_class(&baseline, BYTES_NULL, 2).why);
    request.by_count = 1;
    assert_int_equal(baseline_read(bytes_of(report), &request, &baseline), 0);
    assert_int_equal(baseline.class_count, 1);
    assert_true(baseline_has_class(&baseline, bytes_from("only", 5)));
    request.by = &by[1];
    assert_int_equal(baseline_read(bytes_of(report), &request, &baseline), 0);
    assert_non_null(strstr(baseline.why, "by the same labels"));
    for (size_t len = 0; len + 1 < sizeof report; len++) {
        assert_int_equal(baseline_read(bytes_from(report, len), &request, &baseline),
                         BASELINE_NO_REPORT);
    }
    forget(&language);
}

/* No prefix of a report is one, and no changed byte does harm. */
static void every_prefix_is_refused(void **state)
{
    (void)state;
    struct language language;
    const struct rule *rule = parse(&language, report_rows[0].rule);
    struct bytes report = bytes_of(report_rows[0].report);
    struct baseline baseline;
    char changed[1024];
    assert_true(report.len < sizeof changed);
    for (size_t len = 0; len < report.len; len++) {
        assert_int_equal(read_report(bytes_from(report.data, len), rule, &baseline),
                         BASELINE_NO_REPORT);
        memcpy(changed, report.data, report.len);
        changed[len] = (char)(changed[len] == '[' ? '{' : '[');
        (void)read_report(bytes_from(changed, report.len), rule, &baseline);
    }
    forget(&language);
}

/* 500 samples, of which `above` lie above 100 (the baseline: 5 of 500 above it). */
static struct threshold_judgement judge_one_of(uint32_t comparisons, uint32_t samples,
                                               uint32_t above, const char *why)
{
    struct language language;
    struct baseline baseline = {
        .why = why, .value = 100, .above = 5, .samples = 500, .comparisons = comparisons};
    struct threshold threshold = {.rule =
                                      parse(&language, "p(99)($x.n) no worse than baseline by 10%"),
                                  .min_samples = 500,
                                  .of_assertion = THRESHOLD_OF_NONE,
                                  .baseline = &baseline};
    struct state_counts counts = {.injections = 0};
    struct samples gathered;
    samples_init(&gathered);
    for (uint32_t i = 0; i < samples; i++) {
        double value = i < above ? 200 : i % 2 != 0 ? 100 : 50;
        samples_add(&gathered, value, true, (__int128)value);
    }
    struct threshold_judgement judgement = threshold_judge(&threshold, &gathered, &counts);
    samples_deinit(&gathered);
    forget(&language);
    return judgement;
}

static struct threshold_judgement judge(uint32_t samples, uint32_t above, const char *why)
{
    return judge_one_of(0, samples, above, why);
}

/* 18 above have a chance of 0.0099. */
static void of_many_comparisons_each_is_held_to_less(void **state)
{
    (void)state;
    struct threshold_judgement alone = judge(500, 18, NULL);
    assert_true(alone.comparison.significance > 0.005 && alone.comparison.significance < 0.01);
    assert_int_equal(alone.result, RESULT_FAIL);
    assert_int_equal(judge_one_of(1, 500, 18, NULL).result, RESULT_FAIL);
    assert_int_equal(judge_one_of(2, 500, 18, NULL).result, RESULT_PASS);
    assert_int_equal(judge_one_of(100, 500, 60, NULL).result, RESULT_FAIL);
}

static void a_threshold_fails_where_it_is_no_chance(void **state)
{
    (void)state;
    assert_int_equal(rule_least_samples(&(struct rule){.aggregate = AGGREGATE_PERCENTILE,
                                                       .percent_num = 99,
                                                       .percent_den = 1,
                                                       .test = RULE_NO_WORSE}),
                     500);
    assert_int_equal(judge(500, 5, NULL).result, RESULT_PASS);
    assert_int_equal(judge(500, 0, NULL).result, RESULT_PASS);
    struct threshold_judgement perhaps = judge(500, 8, NULL);
    assert_int_equal(perhaps.result, RESULT_PASS);
    assert_true(perhaps.comparison.share == 0.016 && perhaps.comparison.significance > 0.01);
    struct threshold_judgement worse = judge(500, 25, NULL);
    assert_int_equal(worse.result, RESULT_FAIL);
    assert_true(worse.compared && worse.comparison.significance < 0.01);
    assert_int_equal(judge(499, 25, NULL).result, RESULT_INCONCLUSIVE);
    assert_int_equal(judge(0, 0, NULL).result, RESULT_INCONCLUSIVE);
    struct threshold_judgement other = judge(500, 25, "nothing to compare with");
    assert_int_equal(other.result, RESULT_INCONCLUSIVE);
    assert_string_equal(other.reason, "nothing to compare with");
    assert_false(other.compared);
}

static void a_distribution_counts_what_lies_above(void **state)
{
    (void)state;
    struct language language;
    const struct rule *rule = parse(&language, "p(33.3)($x.n) < 5");
    struct distribution_row rows[DISTRIBUTION_ROWS];
    struct samples samples;
    uint64_t all;
    samples_init(&samples);
    assert_int_equal(threshold_distribution(rule, &samples, rows, &all), 0);
    for (int i = -10; i < 90; i++) {
        samples_add(&samples, i * 10, true, i * 10);
    }
    samples_add_absent(&samples);
    uint32_t count = threshold_distribution(rule, &samples, rows, &all);
    assert_int_equal(all, 101);
    /* 99.9 is absent; the last row is the rule's own */
    assert_int_equal(count, DISTRIBUTION_ROWS - 1);
    assert_true(rows[0].percent == 50 && rows[0].value_integer == 400);
    assert_int_equal(rows[0].above, 50);
    assert_true(rows[5].percent == 33.3 && rows[5].value_integer == 230);
    assert_int_equal(rows[5].above, 67);
    assert_int_equal(histogram_above(&samples.histogram, -95), 99);
    assert_int_equal(histogram_above(&samples.histogram, 0), 89);
    assert_int_equal(histogram_above(&samples.histogram, 1e9), 0);
    assert_int_equal(histogram_above(&samples.histogram, -1e9), 100);
    samples_deinit(&samples);
    forget(&language);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chance_is_that_of_the_conditional_test),
        cmocka_unit_test(large_campaigns_are_tested_as_well),
        cmocka_unit_test(a_report_tells_what_measures_the_same),
        cmocka_unit_test(a_report_tells_combinations_of_the_same_labels),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(of_many_comparisons_each_is_held_to_less),
        cmocka_unit_test(a_threshold_fails_where_it_is_no_chance),
        cmocka_unit_test(a_distribution_counts_what_lies_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
