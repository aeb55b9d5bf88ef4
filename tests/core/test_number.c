/* Numbers as text: canonical doubles, strict parsing, exact order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "daemon/core/number.h"

static const struct {
    double number;
    const char *text;
} canonical[] = {
    {0.0, "0"},
    {-0.0, "0"},
    {1, "1"},
    {-1, "-1"},
    {1.5, "1.5"},
    {-0.1, "-0.1"},
    {100, "100"},
    {123456789, "123456789"},
    {1e20, "100000000000000000000"},
    {1e21, "1e+21"},
    {1.5e21, "1.5e+21"},
    {1e-7, "0.0000001"},
    {5e-8, "5e-8"},
    {-1.25e-9, "-1.25e-9"},
    {0.1 + 0.2, "0.30000000000000004"},
    {9007199254740993.0, "9007199254740992"},
    {123456789012345680000.0, "123456789012345680000"},
    {999999999999999900000.0, "999999999999999900000"},
    {1e23, "1e+23"},
    {5e-324, "5e-324"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {DBL_MIN, "2.2250738585072014e-308"},
    {1e100, "1e+100"},
    {0.000001, "0.000001"},
    {1.0 / 3, "0.3333333333333333"},
    {NAN, "NaN"},
    {INFINITY, "Infinity"},
    {-INFINITY, "-Infinity"},
    {-1.7976931348623157e+308, "-1.7976931348623157e+308"},
};

static void doubles_have_one_canonical_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof canonical / sizeof canonical[0]; i++) {
        char text[NUMBER_TEXT_MAX];
        size_t len = number_print_double(text, canonical[i].number);
        assert_string_equal(text, canonical[i].text);
        assert_int_equal(len, strlen(text));
    }
}

static void any_double_reads_back(void **state)
{
    (void)state;
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        char text[NUMBER_TEXT_MAX];
        double number;
        double back;
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        uint64_t pattern =
            i % 2 == 0 ? bits
                       : (bits & ~(UINT64_C(0x7ff) << 52)) | (UINT64_C(1023) + bits % 80) << 52;
        memcpy(&number, &pattern, sizeof number);
        if (!isfinite(number)) {
            continue;
        }
        size_t len = number_print_double(text, number);
        assert_true(len < NUMBER_TEXT_MAX);
        assert_int_equal(number_parse_double(bytes_from(text, len), &back), 0);
        assert_true(back == number);
    }
}

static void canonical_numbers_are_known(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0", "-1", "10", "0.5", "-0.5", "1.05", "123456789012345678901234567890.1"};
    static const char *const bad[] = {"",     "-",   "-0",    "01",  "1.",  ".5", "1.0",
                                      "1.50", "0.0", "-0.0",  "+1",  "1e5", " 1", "1 ",
                                      "0x1",  "NaN", "1.5.5", "1,5", "--1"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(number_is_canonical(bytes_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (number_is_canonical(bytes_of(bad[i]))) {
            fail_msg("canonical: %s", bad[i]);
        }
    }
}

static void integers_are_parsed_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int outcome;
        int64_t number;
    } cases[] = {
        {"0", 0, 0},
        {"-0", 0, 0},
        {"007", 0, 7},
        {"9223372036854775807", 0, INT64_MAX},
        {"-9223372036854775808", 0, INT64_MIN},
        {"9223372036854775808", 2, 0},
        {"-9223372036854775809", 2, 0},
        {"18446744073709551616", 2, 0},
        {"99999999999999999999999999", 2, 0},
        {"", 1, 0},
        {"-", 1, 0},
        {"+1", 1, 0},
        {" 1", 1, 0},
        {"1 ", 1, 0},
        {"1.0", 1, 0},
        {"0x1", 1, 0},
        {"99999999999999999999999999x", 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t number = 77;
        assert_int_equal(number_parse_i64(bytes_of(cases[i].text), &number), cases[i].outcome);
        assert_true(number == (cases[i].outcome == 0 ? cases[i].number : 77));
    }
    uint64_t number;
    assert_int_equal(number_parse_u64(BYTES_LITERAL("18446744073709551615"), &number), 0);
    assert_true(number == UINT64_MAX);
    assert_int_equal(number_parse_u64(BYTES_LITERAL("18446744073709551616"), &number), 2);
    assert_int_equal(number_parse_u64(BYTES_LITERAL("-1"), &number), 1);
}

static void decimals_are_parsed_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double number;
    } good[] = {
        {"0", 0},
        {"-1.5", -1.5},
        {"1e5", 1e5},
        {"1e+5", 1e5},
        {"1e-5", 1e-5},
        {"00.10", 0.1},
        {"1.7976931348623157e308", DBL_MAX},
        {"5e-324", 5e-324},
        {"1e-400", 0},
        {"0e999999999999", 0},
        {"9007199254740993", 9007199254740992.0},
        {"0.1e1", 1},
    };
    static const char *const bad[] = {"",         "-",   ".",    "1.",    ".5",    "+1",    "1e",
                                      "1e+",      "e5",  "0x10", "0x1p3", "inf",   "nan",   "NaN",
                                      "Infinity", "1,5", " 1",   "1 ",    "1_000", "1e5.5", "1d5"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        double number = 77;
        assert_int_equal(number_parse_double(bytes_of(good[i].text), &number), 0);
        assert_true(number == good[i].number);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double number;
        if (number_parse_double(bytes_of(bad[i]), &number) != 1) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    double number;
    assert_int_equal(number_parse_double(BYTES_LITERAL("1e309"), &number), 2);
    assert_int_equal(number_parse_double(BYTES_LITERAL("-1e99999999999999999999"), &number), 2);
}

/* Half-way between two doubles but for the last of a thousand digits. */
static void long_decimals_are_rounded_correctly(void **state)
{
    (void)state;
    char text[1100] = "9007199254740993.";
    double number;
    memset(text + 17, '0', 1000);
    assert_int_equal(number_parse_double(bytes_of(text), &number), 0);
    assert_true(number == 9007199254740992.0);
    text[1016] = '1';
    assert_int_equal(number_parse_double(bytes_of(text), &number), 0);
    assert_true(number == 9007199254740994.0);
}

static void decimal_texts_are_ordered_exactly(void **state)
{
    (void)state;
    static const char *const rising[] = {"-100",
                                         "-99.5",
                                         "-10",
                                         "-9",
                                         "-1.5",
                                         "-1.25",
                                         "-1",
                                         "-0.5",
                                         "0",
                                         "0.05",
                                         "0.5",
                                         "0.55",
                                         "1",
                                         "1.05",
                                         "9",
                                         "10",
                                         "10.5",
                                         "99999999999999999999",
                                         "100000000000000000000",
                                         "100000000000000000000.1"};
    const size_t count = sizeof rising / sizeof rising[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = number_compare_canonical(bytes_of(rising[i]), bytes_of(rising[j]));
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
    }
}

static void integers_and_doubles_are_ordered_exactly(void **state)
{
    (void)state;
    static const struct {
        int64_t a;
        double b;
        int order;
    } cases[] = {
        {1, 1.0, 0},
        {1, 1.5, -1},
        {2, 1.5, 1},
        {-1, -1.5, 1},
        {-2, -1.5, -1},
        {0, -0.0, 0},
        {9007199254740993, 9007199254740992.0, 1},
        {INT64_MAX, 9223372036854775808.0, -1},
        {INT64_MIN, -9223372036854775808.0, 0},
        {INT64_MIN, -9223372036854777856.0, 1},
        {INT64_MAX, INFINITY, -1},
        {INT64_MIN, -INFINITY, 1},
        {0, 5e-324, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int order = number_compare_i64_double(cases[i].a, cases[i].b);
        assert_int_equal((order > 0) - (order < 0), cases[i].order);
    }
    assert_int_equal(number_compare_i64_double(0, NAN), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_have_one_canonical_text),
        cmocka_unit_test(any_double_reads_back),
        cmocka_unit_test(canonical_numbers_are_known),
        cmocka_unit_test(integers_are_parsed_strictly),
        cmocka_unit_test(decimals_are_parsed_strictly),
        cmocka_unit_test(long_decimals_are_rounded_correctly),
        cmocka_unit_test(decimal_texts_are_ordered_exactly),
        cmocka_unit_test(integers_and_doubles_are_ordered_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
