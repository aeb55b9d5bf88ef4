/* Properties of comparing numbers of every kind; single cases stand in test_filter.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/compare.h"

#define INT(n)                                                                                     \
    {                                                                                              \
        .type = OPERAND_INT, .integer = (n)                                                        \
    }
#define DOUBLE(n)                                                                                  \
    {                                                                                              \
        .type = OPERAND_DOUBLE, .number = (n)                                                      \
    }
#define DIGITS(t)                                                                                  \
    {                                                                                              \
        .type = OPERAND_TEXT, .bytes = BYTES_LITERAL(t)                                            \
    }

/* Every one is a number for `<`. */
static const struct operand numbers[] = {
    INT(0),
    INT(1),
    INT(-1),
    INT(INT64_MAX),
    INT(INT64_MIN),
    INT(INT64_C(9007199254740993)),
    INT(INT64_C(9007199254740992)),
    DOUBLE(0.0),
    DOUBLE(-0.0),
    DOUBLE(0.1),
    DOUBLE(-0.1),
    DOUBLE(1.0),
    DOUBLE(9007199254740992.0),
    DOUBLE(9223372036854775807.0),
    DOUBLE(-9223372036854775808.0),
    DOUBLE(1e19),
    DOUBLE(-1e19),
    DOUBLE(1e300),
    DOUBLE(5e-324),
    DOUBLE(INFINITY),
    DOUBLE(-INFINITY),
    DIGITS("0"),
    DIGITS("1"),
    DIGITS("-1"),
    DIGITS("0.1"),
    DIGITS("0.10000000000000000555"),
    DIGITS("9007199254740993"),
    DIGITS("9223372036854775808"),
    DIGITS("-9223372036854775809"),
    DIGITS("10000000000000000000"),
    DIGITS("10000000000000000001"),
    DIGITS("-10000000000000000001"),
};
#define COUNT (sizeof numbers / sizeof numbers[0])

static bool holds(enum compare_op op, size_t a, size_t b)
{
    enum truth truth = compare(op, &numbers[a], &numbers[b], NULL);
    assert_true(truth == TRUTH_TRUE || truth == TRUTH_FALSE);
    return truth == TRUTH_TRUE;
}

static void order_is_one_order_whatever_the_types(void **state)
{
    (void)state;
    for (size_t a = 0; a < COUNT; a++) {
        assert_true(holds(OP_LESS_EQUAL, a, a) && holds(OP_GREATER_EQUAL, a, a));
        for (size_t b = 0; b < COUNT; b++) {
            assert_int_equal(holds(OP_LESS, a, b), holds(OP_GREATER, b, a));
            assert_int_equal(holds(OP_LESS, a, b), !holds(OP_GREATER_EQUAL, a, b));
            assert_int_equal(holds(OP_GREATER, a, b), !holds(OP_LESS_EQUAL, a, b));
            for (size_t c = 0; c < COUNT; c++) {
                assert_true(!holds(OP_LESS, a, b) || !holds(OP_LESS, b, c) || holds(OP_LESS, a, c));
                assert_true(!holds(OP_LESS_EQUAL, a, b) || !holds(OP_LESS_EQUAL, b, c) ||
                            holds(OP_LESS_EQUAL, a, c));
            }
        }
    }
}

static void numbers_are_equal_by_their_value(void **state)
{
    (void)state;
    for (size_t a = 0; a < COUNT; a++) {
        for (size_t b = 0; b < COUNT; b++) {
            assert_int_equal(holds(OP_EQUAL, a, b), holds(OP_EQUAL, b, a));
            assert_int_equal(holds(OP_EQUAL, a, b), !holds(OP_NOT_EQUAL, a, b));
            if (numbers[a].type == OPERAND_TEXT || numbers[b].type == OPERAND_TEXT) {
                continue;
            }
            bool neither = !holds(OP_LESS, a, b) && !holds(OP_GREATER, a, b);
            assert_int_equal(holds(OP_EQUAL, a, b), neither);
        }
    }
}

static void negation_turns_what_is_known(void **state)
{
    (void)state;
    static const enum truth all[] = {TRUTH_FALSE, TRUTH_TRUE, TRUTH_ABSENT, TRUTH_INCOMPARABLE};
    static const enum truth once[] = {TRUTH_TRUE, TRUTH_FALSE, TRUTH_TRUE, TRUTH_INCOMPARABLE};
    static const enum truth twice[] = {TRUTH_FALSE, TRUTH_TRUE, TRUTH_FALSE, TRUTH_INCOMPARABLE};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(truth_negate(all[i], 0), all[i]);
        assert_int_equal(truth_negate(all[i], 1), once[i]);
        assert_int_equal(truth_negate(all[i], 2), twice[i]);
        assert_int_equal(truth_negate(all[i], 3), once[i]);
    }
}

static void every_operator_has_its_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "=",      "!=", "<",  "<=",     ">",           ">=",        "contains",      "not contains",
        "=~",     "!~", "in", "not in", "starts-with", "ends-with", "json-contains", "exists",
        "missing"};
    for (int op = OP_EQUAL; op <= OP_MISSING; op++) {
        assert_string_equal(compare_op_text((enum compare_op)op), texts[op]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_one_order_whatever_the_types),
        cmocka_unit_test(numbers_are_equal_by_their_value),
        cmocka_unit_test(negation_turns_what_is_known),
        cmocka_unit_test(every_operator_has_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
