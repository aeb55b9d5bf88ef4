/* The histogram against sorted samples: within its error whatever the sizes and signs, and the same
 * in any order of merging. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/histogram.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/random.h"

#define SAMPLES 2000u

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void check_all_ranks(const double *samples, uint32_t count)
{
    struct histogram histogram;
    double sorted[SAMPLES];
    memcpy(sorted, samples, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    histogram_init(&histogram);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(histogram_add(&histogram, samples[i]), 0);
    }
    assert_int_equal(histogram.count, count);
    for (uint32_t rank = 1; rank <= count; rank++) {
        double error = fabs(histogram_rank(&histogram, rank) - sorted[rank - 1]);
        assert_true(error <= 0.00501 * fabs(sorted[rank - 1]));
    }
    assert_true(histogram_rank(&histogram, 1) == sorted[0]);
    assert_true(histogram_rank(&histogram, count) == sorted[count - 1]);
    histogram_deinit(&histogram);
}

/* Magnitudes over `decades` powers of ten around 1, of both signs, some zeros. */
static double random_value(struct random *random, double decades)
{
    double unit = (double)(random_next(random) >> 11) * 0x1p-53;
    double magnitude = pow(10, (unit - 0.5) * decades);
    uint32_t kind = random_below(random, 10);
    return kind == 0 ? 0 : kind < 4 ? -magnitude : magnitude;
}

static void every_rank_is_within_the_error(void **state)
{
    (void)state;
    static const double decades[] = {0.01, 1, 6, 40, 600};
    double samples[SAMPLES];
    for (uint64_t seed = 0; seed < 25; seed++) {
        struct random random = random_seed(seed);
        for (uint32_t i = 0; i < SAMPLES; i++) {
            samples[i] = random_value(&random, decades[seed % 5]);
        }
        check_all_ranks(samples, SAMPLES);
    }
}

static void the_ends_of_what_a_double_holds_are_held(void **state)
{
    (void)state;
    static const double samples[] = {DBL_MAX,       -DBL_MAX, DBL_MIN, -DBL_MIN, DBL_TRUE_MIN,
                                     -DBL_TRUE_MIN, 0.0,      -0.0,    1,        -1};
    check_all_ranks(samples, sizeof samples / sizeof *samples);
}

static void few_samples_have_no_error_at_all(void **state)
{
    (void)state;
    struct histogram histogram;
    histogram_init(&histogram);
    static const double samples[] = {2.5, 100, 101, 3, 3, 3, 1000003};
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(histogram_add(&histogram, samples[i]), 0);
    }
    static const double sorted[] = {2.5, 3, 3, 3, 100, 101, 1000003};
    for (size_t i = 0; i < 7; i++) {
        assert_true(histogram_rank(&histogram, i + 1) == sorted[i]);
    }
    histogram_deinit(&histogram);
}

static void merging_in_any_order_gives_the_same_bits(void **state)
{
    (void)state;
    struct random random = random_seed(7);
    struct histogram parts[4];
    struct histogram up;
    struct histogram down;
    histogram_init(&up);
    histogram_init(&down);
    for (int i = 0; i < 4; i++) {
        histogram_init(&parts[i]);
        for (uint32_t k = 0; k < 300; k++) {
            assert_int_equal(histogram_add(&parts[i], random_value(&random, 30)), 0);
        }
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(histogram_merge(&up, &parts[i]), 0);
        assert_int_equal(histogram_merge(&down, &parts[3 - i]), 0);
    }
    assert_int_equal(up.count, 1200);
    for (uint64_t rank = 1; rank <= up.count; rank++) {
        double left = histogram_rank(&up, rank);
        double right = histogram_rank(&down, rank);
        assert_memory_equal(&left, &right, sizeof left);
    }
    for (int i = 0; i < 4; i++) {
        histogram_deinit(&parts[i]);
    }
    histogram_deinit(&up);
    histogram_deinit(&down);
}

static void without_memory_nothing_is_counted(void **state)
{
    (void)state;
    struct histogram histogram;
    struct histogram other;
    histogram_init(&histogram);
    histogram_init(&other);
    assert_int_equal(histogram_add(&other, 5), 0);
    assert_int_equal(histogram_add(&other, -5), 0);
    failing_malloc_begin(0);
    assert_true(histogram_add(&histogram, 1) < 0);
    assert_true(histogram_merge(&histogram, &other) < 0);
    assert_int_equal(histogram_add(&histogram, 0), 0);
    failing_malloc_end();
    failing_malloc_begin(1);
    assert_true(histogram_merge(&histogram, &other) < 0);
    failing_malloc_end();
    assert_int_equal(histogram.count, 1);
    assert_true(histogram_rank(&histogram, 1) == 0);
    assert_int_equal(histogram_merge(&histogram, &other), 0);
    assert_true(histogram_rank(&histogram, 1) == -5 && histogram_rank(&histogram, 3) == 5);
    histogram_deinit(&histogram);
    histogram_deinit(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rank_is_within_the_error),
        cmocka_unit_test(the_ends_of_what_a_double_holds_are_held),
        cmocka_unit_test(few_samples_have_no_error_at_all),
        cmocka_unit_test(merging_in_any_order_gives_the_same_bits),
        cmocka_unit_test(without_memory_nothing_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
