/* The exact sum: known answers that plain addition gets wrong, and the same bits in every order. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/exact_sum.h"
#include "tests/support/random.h"

static double sum_of(const double *numbers, size_t count)
{
    struct exact_sum sum = {.pending = 0};
    for (size_t i = 0; i < count; i++) {
        exact_sum_add(&sum, numbers[i]);
    }
    return exact_sum_value(&sum);
}

#define SUM(...)                                                                                   \
    sum_of((const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static void known_sums_come_out_exactly(void **state)
{
    (void)state;
    assert_true(SUM(0.0) == 0);
    assert_true(SUM(1e100, 1, -1e100) == 1);
    assert_true(SUM(1e308, 1e-308, -1e308) == 1e-308);
    assert_true(SUM(DBL_MAX, -DBL_MAX, DBL_TRUE_MIN) == DBL_TRUE_MIN);
    assert_true(SUM(DBL_TRUE_MIN, DBL_TRUE_MIN, DBL_TRUE_MIN) == 3 * DBL_TRUE_MIN);
    assert_true(SUM(DBL_MAX, DBL_MAX, -DBL_MAX) == DBL_MAX);
    assert_true(SUM(-3.5, 1.25) == -2.25);
    assert_true(SUM(0x1p53, 1, 1) == 0x1p53 + 2);
    assert_true(SUM(-0x1p53, -1, -1) == -0x1p53 - 2);
    assert_true(SUM(DBL_MIN, -DBL_TRUE_MIN) == DBL_MIN - DBL_TRUE_MIN);
}

static void ten_thousand_tenths_are_a_thousand(void **state)
{
    (void)state;
    struct exact_sum sum = {.pending = 0};
    for (int i = 0; i < 10000; i++) {
        exact_sum_add(&sum, 0.1);
    }
    /* 10,000 times the double nearest to 0.1, rounded once */
    assert_true(fabs(exact_sum_value(&sum) - 1000) <= 2 * DBL_EPSILON * 1000);
}

static void every_order_gives_the_same_bits(void **state)
{
    (void)state;
    struct random random = random_seed(3);
    double numbers[64];
    for (int i = 0; i < 64; i++) {
        double unit = (double)(random_next(&random) >> 11) * 0x1p-53;
        numbers[i] = ldexp(unit - 0.5, (int)random_below(&random, 2000) - 1000);
    }
    double first = sum_of(numbers, 64);
    for (int order = 0; order < 200; order++) {
        struct exact_sum left = {.pending = 0};
        struct exact_sum right = {.pending = 0};
        for (uint32_t i = 64; i > 1; i--) {
            uint32_t other = random_below(&random, i);
            double number = numbers[i - 1];
            numbers[i - 1] = numbers[other];
            numbers[other] = number;
        }
        for (int i = 0; i < 64; i++) {
            exact_sum_add(random_one_in(&random, 2) ? &left : &right, numbers[i]);
        }
        exact_sum_merge(&left, &right);
        double merged = exact_sum_value(&left);
        assert_memory_equal(&first, &merged, sizeof first);
    }
}

static void sums_of_integers_agree_with_integers(void **state)
{
    (void)state;
    struct random random = random_seed(11);
    struct exact_sum sum = {.pending = 0};
    __int128 wanted = 0;
    for (int i = 0; i < 100000; i++) {
        int64_t number = (int64_t)(random_next(&random) >> 11) - (INT64_C(1) << 52);
        exact_sum_add(&sum, (double)number);
        wanted += number;
    }
    double value = exact_sum_value(&sum);
    assert_true(fabs(value - (double)wanted) <= 2 * DBL_EPSILON * fabs(value));
}

static void a_mean_is_finite_where_the_sum_is_not(void **state)
{
    (void)state;
    struct exact_sum sum = {.pending = 0};
    for (int i = 0; i < 1000; i++) {
        exact_sum_add(&sum, DBL_MAX);
    }
    assert_true(isinf(exact_sum_value(&sum)));
    assert_true(fabs(exact_sum_mean(&sum, 1000) / DBL_MAX - 1) <= 4 * DBL_EPSILON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_sums_come_out_exactly),
        cmocka_unit_test(ten_thousand_tenths_are_a_thousand),
        cmocka_unit_test(every_order_gives_the_same_bits),
        cmocka_unit_test(sums_of_integers_agree_with_integers),
        cmocka_unit_test(a_mean_is_finite_where_the_sum_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
