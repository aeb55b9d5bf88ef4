/* Rules over campaigns: values, least samples, absent and infinite samples, states. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/threshold.h"
#include "tests/assertions/engine_fixture.h"
#include "tests/support/failing_malloc.h"

#define SAMPLES_MAX 8

struct row {
    const char *rule;
    double samples[SAMPLES_MAX];
    uint32_t count;
    bool real; /* doubles, not whole numbers */
    uint32_t absent;
    int64_t min_samples;
    enum result result;
    bool no_value;
    double value;
    uint64_t judged; /* samples as reported */
};

static struct suite_set *set_of(const char *rule, int64_t min_samples)
{
    struct test_suite suite = {
        .name = "suite",
        .spans = {{"x", "span[name=x]"}, {"y", "span[name=y]"}},
        .thresholds = {{.name = "it", .rule = rule, .min_samples = min_samples}},
    };
    return test_suites_compile(&suite, 1);
}

static struct threshold_judgement judge(const struct row *row)
{
    struct suite_set *set = set_of(row->rule, row->min_samples);
    struct state_counts counts = {.injections = 0};
    struct samples samples;
    samples_init(&samples);
    for (uint32_t i = 0; i < row->count; i++) {
        bool real = row->real || isinf(row->samples[i]);
        samples_add(&samples, row->samples[i], !real, real ? 0 : (__int128)row->samples[i]);
    }
    for (uint32_t i = 0; i < row->absent; i++) {
        samples_add_absent(&samples);
    }
    struct threshold_judgement judgement =
        threshold_judge(&set->suites[0].thresholds[0], &samples, &counts);
    samples_deinit(&samples);
    suite_set_unref(set);
    return judgement;
}

static void samples_give_the_value_that_is_judged(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"avg($x.duration) <= 2ns", {1, 2, 3}, 3, .result = RESULT_PASS, .value = 2, .judged = 3},
        {"avg($x.duration) < 2ns", {1, 2, 3}, 3, .result = RESULT_FAIL, .value = 2, .judged = 3},
        {"avg($x.n) = 1.5", {1, 2}, 2, .result = RESULT_PASS, .value = 1.5, .judged = 2},
        {"avg($x.n) = 0.25",
         {0.1, 0.4},
         2,
         true,
         .result = RESULT_PASS,
         .value = 0.25,
         .judged = 2},
        {"min($x.n) = -3", {5, -3, 0}, 3, .result = RESULT_PASS, .value = -3, .judged = 3},
        {"max($x.n) = 5", {5, -3, 0}, 3, .result = RESULT_PASS, .value = 5, .judged = 3},
        {"p(50)($x.n) = 3", {1, 2, 3, 4, 5}, 5, .result = RESULT_PASS, .value = 3, .judged = 5},
        {"p(100)($x.n) = 5", {5, 4, 3, 2, 1}, 5, .result = RESULT_PASS, .value = 5, .judged = 5},
        {"p(20)($x.n) = 1", {5, 4, 3, 2, 1}, 5, .result = RESULT_PASS, .value = 1, .judged = 5},
        {"p(20.1)($x.n) = 2", {5, 4, 3, 2, 1}, 5, .result = RESULT_PASS, .value = 2, .judged = 5},
        {"p(50)($x.n) <= -2", {-1, -2, -3}, 3, .result = RESULT_PASS, .value = -2, .judged = 3},
        {"p(50)($x.n) = 0", {-1, 0, 0, 1}, 4, .result = RESULT_PASS, .value = 0, .judged = 4},
        {"p(50)($x.n) = 1e300",
         {1e300, 1e300},
         2,
         true,
         .result = RESULT_PASS,
         .value = 1e300,
         .judged = 2},
        /* what was to happen did not */
        {"max($x.start - $y.end) < 1h",
         {1, 2},
         2,
         .absent = 1,
         .result = RESULT_FAIL,
         .value = INFINITY,
         .judged = 3},
        {"max($x.start - $y.end) > 1h",
         {1, 2},
         2,
         .absent = 1,
         .result = RESULT_PASS,
         .value = INFINITY,
         .judged = 3},
        {"max($x.start - $y.end) != 1h",
         {1},
         1,
         .absent = 1,
         .result = RESULT_PASS,
         .value = INFINITY,
         .judged = 2},
        {"p(50)($x.start - $y.end) < 5ns",
         {1, 2},
         2,
         .absent = 2,
         .result = RESULT_PASS,
         .value = 2,
         .judged = 4},
        {"p(75)($x.start - $y.end) < 5ns",
         {1, 2},
         2,
         .absent = 2,
         .result = RESULT_FAIL,
         .value = INFINITY,
         .judged = 4},
        {"avg($x.start - $y.end) < 5ns",
         {1, 2},
         2,
         .absent = 9,
         .result = RESULT_PASS,
         .value = 1.5,
         .judged = 2},
        {"min($x.start - $y.end) < 5ns",
         {1, 2},
         2,
         .absent = 9,
         .result = RESULT_PASS,
         .value = 1,
         .judged = 2},
        {"max($x.start - $y.end) < 5ns",
         {0},
         0,
         .absent = 2,
         .result = RESULT_FAIL,
         .value = INFINITY,
         .judged = 2},
        {"avg($x.start - $y.end) < 5ns",
         {0},
         0,
         .absent = 2,
         .result = RESULT_INCONCLUSIVE,
         .no_value = true},
        /* attributes may be infinite themselves */
        {"max($x.n) > 5", {1, INFINITY}, 2, .result = RESULT_PASS, .value = INFINITY, .judged = 2},
        {"min($x.n) < 5",
         {1, -INFINITY},
         2,
         .result = RESULT_PASS,
         .value = -INFINITY,
         .judged = 2},
        {"avg($x.n) < 5",
         {1, -INFINITY},
         2,
         .result = RESULT_PASS,
         .value = -INFINITY,
         .judged = 2},
        {"p(50)($x.n) < 5",
         {1, -INFINITY},
         2,
         .result = RESULT_PASS,
         .value = -INFINITY,
         .judged = 2},
        {"p(60)($x.n) < 5", {1, -INFINITY}, 2, .result = RESULT_PASS, .value = 1, .judged = 2},
        {"avg($x.n) < 5",
         {INFINITY, -INFINITY},
         2,
         .result = RESULT_FAIL,
         .value = NAN,
         .judged = 2},
        /* too few */
        {"avg($x.n) < 5", {0}, 0, .result = RESULT_INCONCLUSIVE, .no_value = true},
        {"p(99)($x.n) < 5",
         {1},
         1,
         .min_samples = 0,
         .result = RESULT_INCONCLUSIVE,
         .value = 1,
         .judged = 1},
        {"p(99)($x.n) < 5",
         {1},
         1,
         .min_samples = 1,
         .result = RESULT_PASS,
         .value = 1,
         .judged = 1},
        {"avg($x.n) < 5",
         {1, 2},
         2,
         .min_samples = 3,
         .result = RESULT_INCONCLUSIVE,
         .value = 1.5,
         .judged = 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct row row = rows[i];
        row.min_samples =
            row.min_samples != 0 || row.result == RESULT_INCONCLUSIVE ? row.min_samples : 1;
        struct threshold_judgement judgement = judge(&row);
        bool same = judgement.value == row.value || (isnan(judgement.value) && isnan(row.value));
        if (judgement.result != row.result || judgement.has_value == row.no_value ||
            (judgement.has_value && !same) ||
            (judgement.reason == NULL) != (row.result == RESULT_PASS)) {
            fail_msg("%s (row %zu): %s, value %g", row.rule, i, result_name(judgement.result),
                     judgement.value);
        }
        assert_int_equal(judgement.absent, row.absent);
        assert_true(row.judged == 0 || judgement.samples == row.judged);
    }
}

static void states_are_counted_over_what_they_belong_to(void **state)
{
    (void)state;
    struct state_counts counts = {.injections = 10,
                                  .missing = 1,
                                  .unexpected = 2,
                                  .late = 3,
                                  .duplicate = 4,
                                  .expecting = 8,
                                  .judged = 5,
                                  .pass = 1,
                                  .fail = 2,
                                  .error = 1,
                                  .inconclusive = 1};
    static const struct {
        const char *rule;
        double value;
        uint64_t of;
    } rows[] = {
        {"count(missing) < 1", 1, 8},       {"ratio(missing) < 1", 0.125, 8},
        {"ratio(unexpected) < 1", 0.2, 10}, {"ratio(late) < 1", 0.3, 10},
        {"count(duplicate) < 1", 4, 10},    {"ratio(pass) < 1", 0.2, 5},
        {"ratio(fail) < 1", 0.4, 5},        {"ratio(error) < 1", 0.2, 5},
        {"count(inconclusive) < 1", 1, 5},
    };
    struct samples none;
    samples_init(&none);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct suite_set *set = set_of(rows[i].rule, 0);
        const struct threshold *threshold = &set->suites[0].thresholds[0];
        counts.all_traces = false;
        struct threshold_judgement judgement = threshold_judge(threshold, &none, &counts);
        assert_true(judgement.value == rows[i].value);
        assert_int_equal(judgement.samples, rows[i].of);
        assert_int_equal(judgement.result, rows[i].value < 1 ? RESULT_PASS : RESULT_FAIL);
        counts.all_traces = true;
        judgement = threshold_judge(threshold, &none, &counts);
        assert_int_equal(judgement.result == RESULT_SKIPPED, rows[i].of != 5);
        struct state_counts nothing = {.injections = 0};
        judgement = threshold_judge(threshold, &none, &nothing);
        assert_int_equal(judgement.result, RESULT_INCONCLUSIVE);
        assert_false(judgement.has_value);
        suite_set_unref(set);
    }
}

/* 7 of 1,000 is within 0.7 %, though 0.7 / 100 is not the double nearest to 0.007. */
static void a_percentage_is_exact(void **state)
{
    (void)state;
    struct state_counts counts = {.judged = 1000, .fail = 7};
    struct samples none;
    samples_init(&none);
    struct suite_set *set = set_of("ratio(fail) <= 0.7%", 0);
    assert_int_equal(threshold_judge(&set->suites[0].thresholds[0], &none, &counts).result,
                     RESULT_PASS);
    counts.fail = 8;
    assert_int_equal(threshold_judge(&set->suites[0].thresholds[0], &none, &counts).result,
                     RESULT_FAIL);
    suite_set_unref(set);
}

static void lost_samples_leave_no_green_threshold(void **state)
{
    (void)state;
    struct suite_set *set = set_of("avg($x.n) < 5", 1);
    struct state_counts counts = {.injections = 0};
    struct samples samples;
    samples_init(&samples);
    samples_add(&samples, 1, true, 1);
    failing_malloc_begin(0);
    samples_add(&samples, 1e9, true, 1000000000);
    failing_malloc_end();
    struct threshold_judgement judgement =
        threshold_judge(&set->suites[0].thresholds[0], &samples, &counts);
    assert_int_equal(judgement.result, RESULT_INCONCLUSIVE);
    assert_non_null(strstr(judgement.reason, "memory"));
    samples_deinit(&samples);
    suite_set_unref(set);
}

static void merging_keeps_whole_numbers_whole(void **state)
{
    (void)state;
    struct suite_set *set = set_of("max($x.n) = 9007199254740993", 1);
    struct state_counts counts = {.injections = 0};
    struct samples left;
    struct samples right;
    samples_init(&left);
    samples_init(&right);
    samples_add(&right, 9007199254740993.0, true, INT64_C(9007199254740993));
    samples_add(&left, 5, true, 5);
    assert_int_equal(samples_merge(&left, &right), 0);
    struct threshold_judgement judgement =
        threshold_judge(&set->suites[0].thresholds[0], &left, &counts);
    assert_int_equal(judgement.result, RESULT_PASS);
    assert_true(judgement.value_is_integer && judgement.value_integer == INT64_C(9007199254740993));
    samples_deinit(&left);
    samples_deinit(&right);
    suite_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_give_the_value_that_is_judged),
        cmocka_unit_test(states_are_counted_over_what_they_belong_to),
        cmocka_unit_test(a_percentage_is_exact),
        cmocka_unit_test(lost_samples_leave_no_green_threshold),
        cmocka_unit_test(merging_keeps_whole_numbers_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
