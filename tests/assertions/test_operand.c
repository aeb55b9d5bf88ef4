/* Canonical texts, and the way from and to the model's values. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/operand.h"

struct row {
    struct operand operand;
    const char *text;
};

#define INT(n)                                                                                     \
    {                                                                                              \
        .type = OPERAND_INT, .integer = (n)                                                        \
    }
#define DOUBLE(n)                                                                                  \
    {                                                                                              \
        .type = OPERAND_DOUBLE, .number = (n)                                                      \
    }
#define DURATION(n)                                                                                \
    {                                                                                              \
        .type = OPERAND_DURATION, .ns = (n)                                                        \
    }

static void canonical_texts_are_those_of_the_semantics(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {INT(0), "0"},
        {INT(-7), "-7"},
        {INT(INT64_MIN), "-9223372036854775808"},
        {INT(INT64_MAX), "9223372036854775807"},
        {DOUBLE(1.5), "1.5"},
        {DOUBLE(2.0), "2"},
        {DOUBLE(-0.0), "0"},
        {DOUBLE(1e21), "1e+21"},
        {DOUBLE(1e20), "100000000000000000000"},
        {DOUBLE(5e-8), "5e-8"},
        {DOUBLE(1e-7), "0.0000001"},
        {DOUBLE(NAN), "NaN"},
        {DOUBLE(INFINITY), "Infinity"},
        {DOUBLE(-INFINITY), "-Infinity"},
        {{.type = OPERAND_BOOL, .boolean = true}, "true"},
        {{.type = OPERAND_BOOL, .boolean = false}, "false"},
        {DURATION(0), "0s"},
        {DURATION(1), "1ns"},
        {DURATION(1500), "1500ns"},
        {DURATION(2000), "2us"},
        {DURATION(1500000000), "1500ms"},
        {DURATION(-50000000), "-50ms"},
        {DURATION((__int128)3600 * 1000000000), "3600s"},
        {DURATION((__int128)UINT64_MAX * 1000), "18446744073709551615us"},
        {DURATION((__int128)UINT64_MAX * 1000 + 1), "18446744073709551615001ns"},
        {DURATION((__int128)UINT64_MAX + 1), "18446744073709551616ns"},
        {{.type = OPERAND_TEXT, .bytes = BYTES_LITERAL("x")}, "x"},
        {{.type = OPERAND_BYTES, .bytes = BYTES_LITERAL("x")}, ""},
        {{.type = OPERAND_TIME, .ns = 5}, ""},
        {{.type = OPERAND_MISSING}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char scratch[OPERAND_TEXT_MAX];
        struct bytes text = operand_text(&rows[i].operand, scratch);
        if (!bytes_is(text, rows[i].text)) {
            fail_msg("%.*s, wanted %s", (int)text.len, (const char *)text.data, rows[i].text);
        }
    }
}

static void values_keep_their_type_on_the_way_in_and_out(void **state)
{
    (void)state;
    static const struct value values[] = {
        {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("t")},
        {.type = VALUE_BOOL, .boolean = true},
        {.type = VALUE_INT, .integer = -5},
        {.type = VALUE_DOUBLE, .number = 0.5},
        {.type = VALUE_BYTES, .bytes = BYTES_LITERAL("b")},
        {.type = VALUE_ARRAY, .bytes = BYTES_LITERAL("a")},
        {.type = VALUE_MAP, .bytes = BYTES_LITERAL("m")},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct operand operand = operand_of_value(&values[i]);
        struct seen seen = operand_seen(&operand);
        assert_int_equal(seen.type, SEEN_VALUE);
        assert_int_equal(seen.value.type, values[i].type);
        switch (values[i].type) {
        case VALUE_BOOL:
            assert_int_equal(seen.value.boolean, true);
            break;
        case VALUE_INT:
            assert_int_equal(seen.value.integer, -5);
            break;
        case VALUE_DOUBLE:
            assert_true(seen.value.number == 0.5);
            break;
        default:
            assert_true(bytes_equal(seen.value.bytes, values[i].bytes));
        }
    }
    struct value none = VALUE_NONE;
    assert_int_equal(operand_of_value(&none).type, OPERAND_MISSING);
    struct operand missing = OPERAND_NONE;
    assert_int_equal(operand_seen(&missing).type, SEEN_NOTHING);
    struct operand duration = DURATION(-7);
    assert_int_equal(operand_seen(&duration).type, SEEN_DURATION);
    assert_true(operand_seen(&duration).ns == -7);
    struct operand time = {.type = OPERAND_TIME, .ns = 9};
    assert_int_equal(operand_seen(&time).type, SEEN_TIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_texts_are_those_of_the_semantics),
        cmocka_unit_test(values_keep_their_type_on_the_way_in_and_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
