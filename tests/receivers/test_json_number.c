#include "receivers/json_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void integers_are_exact_however_they_are_written(void **state)
{
    static const struct {
        const char *text;
        int outcome;
        int64_t number;
    } rows[] = {
        {"0", 0, 0},
        {"-0", 0, 0},
        {"5", 0, 5},
        {"1e3", 0, 1000},
        {"1E3", 0, 1000},
        {"1e+3", 0, 1000},
        {"1.0", 0, 1},
        {"1.50e1", 0, 15},
        {"1000e-3", 0, 1},
        {"0.000", 0, 0},
        {"0e99999999999999999999", 0, 0},
        {"9007199254740993", 0, 9007199254740993},
        {"9.007199254740993e15", 0, 9007199254740993},
        {"9223372036854775807", 0, INT64_MAX},
        {"-9223372036854775808", 0, INT64_MIN},
        {"9223372036854775808", JSON_NUMBER_RANGE, 0},
        {"-9223372036854775809", JSON_NUMBER_RANGE, 0},
        {"9999999999999999999", JSON_NUMBER_RANGE, 0},
        {"18446744073709551616", JSON_NUMBER_RANGE, 0},
        {"1e19", JSON_NUMBER_RANGE, 0},
        {"1.5e+300", JSON_NUMBER_RANGE, 0},
        {"1e99999999999999999999", JSON_NUMBER_RANGE, 0},
        {"1.5", JSON_NUMBER_FRACTION, 0},
        {"1e-1", JSON_NUMBER_FRACTION, 0},
        {"1e-99999999999999999999", JSON_NUMBER_FRACTION, 0},
        {"", JSON_NUMBER_NONE, 0},
        {"-", JSON_NUMBER_NONE, 0},
        {"+1", JSON_NUMBER_NONE, 0},
        {" 1", JSON_NUMBER_NONE, 0},
        {"1 ", JSON_NUMBER_NONE, 0},
        {"01", JSON_NUMBER_NONE, 0},
        {"1.", JSON_NUMBER_NONE, 0},
        {".5", JSON_NUMBER_NONE, 0},
        {"1e", JSON_NUMBER_NONE, 0},
        {"1e+", JSON_NUMBER_NONE, 0},
        {"0x5", JSON_NUMBER_NONE, 0},
        {"1_000", JSON_NUMBER_NONE, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t number = 77;
        int outcome = json_number_i64(bytes_of(rows[i].text), &number);
        if (outcome != rows[i].outcome || (outcome == 0 && number != rows[i].number)) {
            fail_msg("%s: %d, %lld", rows[i].text, outcome, (long long)number);
        }
    }
}

static void unsigned_integers_reach_their_end_and_not_below_zero(void **state)
{
    uint64_t number = 1;
    (void)state;
    assert_int_equal(0, json_number_u64(BYTES_LITERAL("18446744073709551615"), &number));
    assert_true(number == UINT64_MAX);
    assert_int_equal(0, json_number_u64(BYTES_LITERAL("9999999999999999999"), &number));
    assert_true(number == UINT64_C(9999999999999999999));
    assert_int_equal(JSON_NUMBER_RANGE,
                     json_number_u64(BYTES_LITERAL("18446744073709551616"), &number));
    assert_int_equal(JSON_NUMBER_RANGE, json_number_u64(BYTES_LITERAL("-1"), &number));
    assert_int_equal(0, json_number_u64(BYTES_LITERAL("-0"), &number));
    assert_true(number == 0);
}

static void doubles_are_read_with_either_exponent(void **state)
{
    double number = 0;
    char longer[200];
    (void)state;
    assert_int_equal(0, json_number_double(BYTES_LITERAL("1.5E3"), &number));
    assert_true(number == 1500);
    assert_int_equal(0, json_number_double(BYTES_LITERAL("-2.5e-1"), &number));
    assert_true(number == -0.25);
    assert_int_equal(JSON_NUMBER_RANGE, json_number_double(BYTES_LITERAL("1e400"), &number));
    assert_int_equal(JSON_NUMBER_NONE, json_number_double(BYTES_LITERAL("NaN"), &number));
    assert_int_equal(JSON_NUMBER_NONE, json_number_double(BYTES_LITERAL("1.e5"), &number));
    memset(longer, '0', sizeof longer);
    longer[0] = '1';
    memcpy(longer + 196, "E-19", 4);
    longer[195] = '0';
    assert_int_equal(0, json_number_double(bytes_from(longer, sizeof longer), &number));
    assert_true(number == 1e176);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_exact_however_they_are_written),
        cmocka_unit_test(unsigned_integers_reach_their_end_and_not_below_zero),
        cmocka_unit_test(doubles_are_read_with_either_exponent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
