/* The distribution of an output's values: what counts as a number, and that no order matters. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/pipeline/value_meter.h"

#define VALUES 300

static void numbers_and_durations_count(void **state)
{
    const struct seen good[] = {
        {.type = SEEN_DURATION, .ns = -5},
        {.type = SEEN_VALUE, .value = {.type = VALUE_INT, .integer = -5}},
        {.type = SEEN_VALUE, .value = {.type = VALUE_DOUBLE, .number = -5}},
    };
    const struct seen bad[] = {
        {.type = SEEN_NOTHING},
        {.type = SEEN_TIME, .ns = 5},
        {.type = SEEN_VALUE, .value = {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("5")}},
        {.type = SEEN_VALUE, .value = {.type = VALUE_BOOL, .boolean = true}},
        {.type = SEEN_VALUE, .value = {.type = VALUE_DOUBLE, .number = NAN}},
        {.type = SEEN_VALUE, .value = {.type = VALUE_DOUBLE, .number = INFINITY}},
        {.type = SEEN_VALUE, .value = {.type = VALUE_ARRAY}},
    };
    double number = 0;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(value_meter_number(&good[i], &number));
        assert_true(number == -5);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(value_meter_number(&bad[i], &number));
    }
}

/* One that is read back, from values in any order, over any number of parts. */
static void fill(struct value_meter *ret, const double *values, size_t parts, size_t stride)
{
    struct value_meter part[4] = {{.sum = {.pending = 0}}};
    *ret = part[0];
    for (size_t i = 0; i < VALUES; i++) {
        assert_int_equal(value_meter_add(&part[i % parts], values[i * stride % VALUES]), 0);
    }
    for (size_t i = parts; i > 0; i--) {
        assert_int_equal(value_meter_merge(ret, &part[i - 1]), 0);
        value_meter_deinit(&part[i - 1]);
    }
}

static void no_order_of_adding_or_merging_changes_anything(void **state)
{
    double values[VALUES];
    struct value_meter one;
    struct value_meter other;
    (void)state;
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = ldexp(1.0 + (double)i / VALUES, (int)(i % 90) - 40) * (i % 3 == 0 ? -1 : 1);
    }
    fill(&one, values, 1, 1);
    fill(&other, values, 4, 77);
    assert_int_equal(one.histogram.count, VALUES);
    assert_int_equal(other.histogram.count, VALUES);
    assert_true(exact_sum_mean(&one.sum, VALUES) == exact_sum_mean(&other.sum, VALUES));
    for (int i = 1; i <= 100; i++) {
        assert_true(value_meter_percentile(&one, i / 100.0) ==
                    value_meter_percentile(&other, i / 100.0));
    }
    value_meter_deinit(&one);
    value_meter_deinit(&other);
}

static void percentiles_are_nearest_ranks(void **state)
{
    struct value_meter meter = {.sum = {.pending = 0}};
    (void)state;
    for (int i = 20; i >= 1; i--) {
        assert_int_equal(value_meter_add(&meter, i), 0);
    }
    assert_true(value_meter_percentile(&meter, 0.5) == 10);
    assert_true(value_meter_percentile(&meter, 0.95) == 19);
    assert_true(value_meter_percentile(&meter, 1) == 20);
    assert_true(exact_sum_mean(&meter.sum, 20) == 10.5);
    value_meter_deinit(&meter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_durations_count),
        cmocka_unit_test(no_order_of_adding_or_merging_changes_anything),
        cmocka_unit_test(percentiles_are_nearest_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
