/* Rules over a campaign of ten traces, whose numbers can be worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/gathering_fixture.h"
#include "tests/support/random.h"

static void check_row(const struct row *row, struct random *random)
{
    struct suite_set *set = gathering_set(row);
    struct gathering gathering;
    struct windows_judgement windows;
    gather_all(&gathering, set, random);
    struct threshold_judgement judgement =
        gathering_judge(&gathering, &set->suites[0].thresholds[0], &gathering_counts, &windows);
    if (judgement.result != row->result || judgement.samples != row->samples ||
        (judgement.has_value && fabs(judgement.value - row->value) > fabs(row->value) * 1e-12)) {
        fail_msg("%s: %s, value %.17g, samples %llu (%s)", row->rule, result_name(judgement.result),
                 judgement.value, (unsigned long long)judgement.samples,
                 judgement.reason != NULL ? judgement.reason : "");
    }
    if (windows.judged != row->judged || windows.broken != row->broken) {
        fail_msg("%s: %llu windows, %llu broken", row->rule, (unsigned long long)windows.judged,
                 (unsigned long long)windows.broken);
    }
    assert_true((judgement.reason == NULL) == (judgement.result == RESULT_PASS));
    assert_true(gathering_held(&gathering) < 1000000);
    gathering_deinit(&gathering);
    suite_set_unref(set);
}

static void the_campaign_is_judged_as_worked_out_by_hand(void **state)
{
    (void)state;
    static const struct row rows[] = {
        /* k6's and QALIPSIS's words */
        {"med($x.duration) == 5ms", .result = RESULT_PASS, .value = 5e6, .samples = 10},
        {"median($x.duration) === 5ms", .result = RESULT_PASS, .value = 5e6, .samples = 10},
        {"percentile(90)($x.duration) isLessThanOrEqual 9ms", .result = RESULT_PASS, .value = 9e6,
         .samples = 10},
        {"mean($x.duration) isLessThan 6ms", .result = RESULT_PASS, .value = 5.5e6, .samples = 10},
        {"mean($x.duration) isGreaterThan 6ms", .result = RESULT_FAIL, .value = 5.5e6,
         .samples = 10},
        {"min($x.duration) isGreaterThanOrEqual 1ms", .result = RESULT_PASS, .value = 1e6,
         .samples = 10},
        {"max($x.id) isEqual 4", .result = RESULT_PASS, .value = 4, .samples = 10},
        {"max($x.id) isBetween 3 and 4", .result = RESULT_PASS, .value = 4, .samples = 10},
        {"max($x.id) isBetween 5 and 6", .result = RESULT_FAIL, .value = 4, .samples = 10},
        {"max($x.id) isNotBetween 4 and 6", .result = RESULT_FAIL, .value = 4, .samples = 10},
        {"max($x.id) isNotBetween 5 and 6", .result = RESULT_PASS, .value = 4, .samples = 10},
        /* tags */
        {"p(90)($x.duration){scenario:checkout} < 11ms", .result = RESULT_PASS, .value = 10e6,
         .samples = 5},
        {"max($x.duration){scenario:browse} < 11ms", .result = RESULT_PASS, .value = 9e6,
         .samples = 5},
        {"max($x.duration) { scenario : 'browse', zone: '' } < 9ms", .result = RESULT_FAIL,
         .value = 9e6, .samples = 5},
        {"max($x.duration){scenario:other} < 9ms", .result = RESULT_INCONCLUSIVE},
        {"max($x.duration){stage:'steady state'} < 8ms", .result = RESULT_PASS, .value = 7e6,
         .samples = 4},
        {"ratio(fail){scenario:checkout} = 0.4", .result = RESULT_PASS, .value = 0.4, .samples = 5},
        {"ratio(missing){scenario:checkout} < 30%", .result = RESULT_PASS, .value = 2.0 / 7,
         .samples = 7},
        {"ratio(missing){scenario:browse} = 0", .result = RESULT_PASS, .value = 0, .samples = 5},
        {"count(duplicate){scenario:checkout} = 1", .result = RESULT_PASS, .value = 1,
         .samples = 7},
        /* each */
        {"avg(each $y.duration) < 14ms", .result = RESULT_PASS, .value = 120e6 / 9, .samples = 9},
        {"max(each $y.duration){scenario:browse} <= 20ms", .result = RESULT_PASS, .value = 20e6,
         .samples = 5},
        /* states of an assertion */
        {"ratio(fail of 'quick') = 0.3", .result = RESULT_PASS, .value = 0.3, .samples = 10},
        {"count(pass of 'quick') = 7", .result = RESULT_PASS, .value = 7, .samples = 10},
        {"ratio(fail of 'quick'){scenario:checkout} < 40%", .result = RESULT_FAIL, .value = 0.4,
         .samples = 5},
        {"ratio(fail of 'skipped') < 40%", .result = RESULT_INCONCLUSIVE},
        /* values */
        {"duplicates($x.id) = 0", .result = RESULT_FAIL, .value = 5, .samples = 10},
        {"unique($x.id)", .result = RESULT_FAIL, .value = 5, .samples = 10},
        {"unique($x.id){scenario:browse}", .result = RESULT_PASS, .value = 0, .samples = 5},
        {"distinct($x.id) = 5", .result = RESULT_PASS, .value = 5, .samples = 10},
        {"most($x.id) <= 1", .result = RESULT_FAIL, .value = 2, .samples = 10},
        {"distinct(each $y.name) = 1", .result = RESULT_PASS, .value = 1, .samples = 9},
        {"distinct(each $y.span:id) > 1", .result = RESULT_PASS, .value = 2, .samples = 9},
        {"unique($x.nothing)", .result = RESULT_INCONCLUSIVE},
        /* outputs; y has several spans in three traces, none in four */
        {"max(output:id) = 4", .result = RESULT_PASS, .value = 4, .samples = 10},
        {"max(output:twice){scenario:browse} = 8", .result = RESULT_PASS, .value = 8, .samples = 5},
        {"p(50)(output:half) <= 3ms", .result = RESULT_PASS, .value = 2.5e6, .samples = 10},
        {"avg(output:first) = 10ms", .result = RESULT_PASS, .value = 1e7, .samples = 3},
        {"duplicates(output:id) = 5", .result = RESULT_PASS, .value = 5, .samples = 10},
        {"unique(output:who)", .result = RESULT_PASS, .value = 0, .samples = 10},
        {"distinct(lower($injection.scenario)) = 2", .result = RESULT_PASS, .value = 2,
         .samples = 10},
        {"distinct(output:half) = 10", .result = RESULT_PASS, .value = 10, .samples = 10},
        /* over time: 10 ends from 0.001 s to 9.010 s */
        {"rate($x) >= 1", .result = RESULT_PASS, .value = 10 / 9.009, .samples = 10},
        {"rate($x) >= 1", .result = RESULT_INCONCLUSIVE, .value = 10 / 9.009, .samples = 10,
         .min_samples = 11},
        /* backlogs 1 1 0 1 1 0 1 1 0 1 */
        {"slope(backlog($x, $y)) <= 0", .result = RESULT_PASS, .value = -15.0 / 825, .samples = 19},
        {"slope(backlog($x, $x)) = 0", .result = RESULT_PASS, .value = 0, .samples = 20},
        {"max(backlog($x, $y)) <= 1", .result = RESULT_PASS, .value = 1, .samples = 19},
        {"max(backlog($x, $y)) < 1", .result = RESULT_FAIL, .value = 1, .samples = 19},
        {"max(backlog($y, $x)) isEqual 0", .result = RESULT_PASS, .value = 0, .samples = 19},
        {"max(backlog($x, $y)) <= 1", .min_samples = 20, .result = RESULT_INCONCLUSIVE, .value = 1,
         .samples = 19},
        /* windows 1 1 0 1 1, 0 1 1 0 1; browse: 1 . 0 . 1 | . 2 . 1 (x at even, y at 2 4 8) */
        {"max(backlog($x, $y)) <= 1", .over_ns = S, .result = RESULT_PASS, .value = 1,
         .samples = 19, .judged = 10},
        {"max(backlog($x, $y)) < 1", .over_ns = S, .result = RESULT_FAIL, .value = 1, .samples = 19,
         .judged = 10, .broken = 7},
        {"slope(backlog($x, $y)) <= 0", .over_ns = 3 * S, .result = RESULT_PASS,
         .value = -15.0 / 825, .samples = 19, .judged = 3},
        {"slope(backlog($x, $y)) < 0.05", .over_ns = 5 * S, .result = RESULT_FAIL,
         .value = -15.0 / 825, .samples = 19, .judged = 2, .broken = 1},
        {"max(backlog($x, $x)) = 0", .by = "scenario", .over_ns = 2 * S, .result = RESULT_PASS,
         .value = 0, .samples = 20, .judged = 10},
        /* warm-up */
        {"min($x.duration) > 5ms", .warmup_ns = 5 * S, .result = RESULT_PASS, .value = 6e6,
         .samples = 5},
        {"ratio(fail) = 0.6", .warmup_ns = 5 * S, .result = RESULT_PASS, .value = 0.6,
         .samples = 5},
        {"ratio(missing) < 20%", .warmup_ns = 5 * S, .result = RESULT_PASS, .value = 1.0 / 6,
         .samples = 6},
        {"unique($x.id)", .warmup_ns = 9 * S, .result = RESULT_PASS, .value = 0, .samples = 1},
        /* windows: averages 3 and 8 ms */
        {"avg($x.duration) < 7ms", .over_ns = 5 * S, .result = RESULT_FAIL, .value = 5.5e6,
         .samples = 10, .judged = 2, .broken = 1},
        {"avg($x.duration) < 9ms", .over_ns = 5 * S, .result = RESULT_PASS, .value = 5.5e6,
         .samples = 10, .judged = 2},
        {"avg($x.duration) < 9ms", .over_ns = 3 * S, .min_samples = 3, .result = RESULT_PASS,
         .value = 5.5e6, .samples = 10, .judged = 3},
        {"avg($x.duration) < 9ms", .over_ns = 3 * S, .min_samples = 4,
         .result = RESULT_INCONCLUSIVE, .value = 5.5e6, .samples = 10},
        {"ratio(fail) < 50%", .over_ns = 5 * S, .result = RESULT_FAIL, .value = 0.3, .samples = 10,
         .judged = 2, .broken = 1},
        {"ratio(missing) < 20%", .over_ns = 5 * S, .result = RESULT_PASS, .value = 2.0 / 12,
         .samples = 12, .judged = 2},
        /* the first and the last of the windows 0-2, 3-5, 6-8, 9 may be cut */
        {"rate($x) = 1", .over_ns = 3 * S, .result = RESULT_PASS, .value = 10 / 9.009,
         .samples = 10, .judged = 2},
        {"rate($x) > 1", .over_ns = 3 * S, .result = RESULT_FAIL, .value = 10 / 9.009,
         .samples = 10, .judged = 2, .broken = 2},
        /* y's ends by second: 1 2 4 5 7 8 have some; window 3 and 6 have none */
        {"rate($y) > 0", .over_ns = S, .result = RESULT_FAIL, .value = 9 / 7.01, .samples = 9,
         .judged = 6, .broken = 2},
        /* labels */
        {"max($x.duration) < 10ms", .by = "scenario", .result = RESULT_FAIL, .value = 10e6,
         .samples = 10},
        {"max($x.duration) < 11ms", .by = "scenario", .result = RESULT_PASS, .value = 10e6,
         .samples = 10},
        {"max($x.duration) < 11ms", .by = "stage", .min_samples = 4, .result = RESULT_INCONCLUSIVE,
         .value = 10e6, .samples = 10},
        {"unique($x.id)", .by = "scenario", .result = RESULT_PASS, .value = 5, .samples = 10},
        {"ratio(missing) < 20%", .by = "scenario", .result = RESULT_FAIL, .value = 2.0 / 12,
         .samples = 12},
        /* both: browse has averages of 3 and 8 ms of three and two, checkout of two and three */
        {"avg($x.duration) < 7ms", .by = "scenario", .over_ns = 5 * S, .result = RESULT_FAIL,
         .value = 5.5e6, .samples = 10, .judged = 4, .broken = 2},
        {"avg($x.duration) < 9ms", .by = "scenario", .over_ns = 5 * S, .result = RESULT_PASS,
         .value = 5.5e6, .samples = 10, .judged = 4},
        {"max($x.duration) < 10ms", .by = "scenario", .over_ns = 5 * S, .result = RESULT_FAIL,
         .value = 10e6, .samples = 10, .judged = 4, .broken = 1},
        {"avg($x.duration) < 9ms", .by = "scenario", .over_ns = 5 * S, .min_samples = 3,
         .result = RESULT_PASS, .value = 5.5e6, .samples = 10, .judged = 2},
        {"avg($x.duration) < 9ms", .by = "scenario", .over_ns = 5 * S, .min_samples = 4,
         .result = RESULT_INCONCLUSIVE, .value = 5.5e6, .samples = 10},
        {"ratio(missing) < 30%", .by = "scenario", .over_ns = 5 * S, .result = RESULT_FAIL,
         .value = 2.0 / 12, .samples = 12, .judged = 4, .broken = 1},
        {"ratio(fail of 'quick') < 60%", .by = "scenario", .over_ns = 5 * S, .result = RESULT_FAIL,
         .value = 0.3, .samples = 10, .judged = 4, .broken = 1},
        {"unique($x.id)", .by = "scenario", .over_ns = 5 * S, .result = RESULT_PASS, .value = 5,
         .samples = 10, .judged = 4},
        {"rate($x) = 0.5", .by = "scenario", .over_ns = 2 * S, .result = RESULT_PASS,
         .value = 10 / 9.009, .samples = 10, .judged = 6},
        {"max($x.duration) < 11ms", .by = "stage", .over_ns = 2 * S, .warmup_ns = 2 * S,
         .result = RESULT_PASS, .value = 10e6, .samples = 8, .judged = 6},
    };
    struct random random = random_seed(3);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int order = 0; order < 4; order++) {
            check_row(&rows[i], &random);
        }
    }
}

/* Windows 0 - 4 and 5 - 9 s: none of 5 traces fails, then 3 of 5. */
static void windows_are_compared_with_the_whole_of_a_baseline(void **state)
{
    (void)state;
    static const struct {
        struct baseline baseline;
        const char *by;
        enum result result;
        const char *reason;
        uint64_t judged, broken;
        int64_t min_samples;
        uint32_t comparisons;
    } rows[] = {
        /* 0.1 % then: chance brings 3 of 5 once in millions, and 3 of 10 hardly more often */
        {{.above = 1, .samples = 1000}, NULL, RESULT_FAIL, "worse than the baseline", 2, 1, 5, 3},
        /* 20 % then: the whole is no worse for certain; 3 of 5 come by chance twice in 100 times */
        {{.above = 200, .samples = 1000}, NULL, RESULT_PASS, NULL, 2, 0, 5, 3},
        /* too few in each window, but the whole is worse */
        {{.above = 1, .samples = 1000}, NULL, RESULT_FAIL, "worse than the baseline", 0, 0, 6, 1},
        {{.above = 200, .samples = 1000}, NULL, RESULT_INCONCLUSIVE, "no window has", 0, 0, 6, 1},
        {{.why = "nothing there"}, NULL, RESULT_INCONCLUSIVE, "nothing there", 0, 0, 5, 3},
        {{.why = "nothing there"}, "scenario", RESULT_INCONCLUSIVE, "not certain", 0, 0, 1, 0},
    };
    struct random random = random_seed(7);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row row = {"ratio(fail) < 1", .by = rows[i].by, .over_ns = 5 * S};
        struct suite_set *set = gathering_set(&row);
        struct threshold threshold = set->suites[0].thresholds[0];
        struct rule rule = *threshold.rule;
        struct gathering gathering;
        struct windows_judgement windows;
        rule.test = RULE_NO_WORSE;
        rule.worse_by = 0.1;
        threshold.rule = &rule;
        threshold.min_samples = (uint64_t)rows[i].min_samples;
        threshold.baseline = &rows[i].baseline;
        gather_all(&gathering, set, &random);
        assert_int_equal(gathering_comparisons(&gathering, &threshold), rows[i].comparisons);
        struct threshold_judgement judgement =
            gathering_judge(&gathering, &threshold, &gathering_counts, &windows);
        if (judgement.result != rows[i].result || windows.judged != rows[i].judged ||
            windows.broken != rows[i].broken ||
            (judgement.reason == NULL) != (rows[i].reason == NULL) ||
            (judgement.reason != NULL && strstr(judgement.reason, rows[i].reason) == NULL)) {
            fail_msg("row %zu: %s (%s), %llu windows, %llu broken", i,
                     result_name(judgement.result),
                     judgement.reason != NULL ? judgement.reason : "",
                     (unsigned long long)windows.judged, (unsigned long long)windows.broken);
        }
        gathering_deinit(&gathering);
        suite_set_unref(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_compared_with_the_whole_of_a_baseline),
        cmocka_unit_test(the_campaign_is_judged_as_worked_out_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
