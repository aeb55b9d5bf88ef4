/* What marks come to: the two halves of a span's own results, and the readings in which it holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assertions/marks.h"
#include "daemon/core/arena.h"
#include "tests/support/span_builder.h"

enum { P = RESULT_PASS, F = RESULT_FAIL, E = RESULT_ERROR, I = RESULT_INCONCLUSIVE };

static void a_mark_gives_a_result_for_each_reading(void **state)
{
    (void)state;
    static const struct {
        enum mark mark;
        int closed, open, closed_none, open_none;
    } rows[] = {
        {MARK_NONE, I, I, I, I},         {MARK_FALSE, F, F, P, P},       {MARK_TRUE, P, P, F, F},
        {MARK_ABSENT, F, I, P, I},       {MARK_ERROR, E, E, E, E},       {MARK_CLOCK, I, I, I, I},
        {MARK_MISSED_FALSE, F, I, P, I}, {MARK_MISSED_TRUE, P, I, F, I}, {MARK_LOST, I, I, I, I},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum mark mark = rows[i].mark;
        assert_int_equal(mark_result(mark, QUANTIFIER_ALL, false), rows[i].closed);
        assert_int_equal(mark_result(mark, QUANTIFIER_ANY, true), rows[i].open);
        assert_int_equal(mark_result(mark, QUANTIFIER_NONE, false), rows[i].closed_none);
        assert_int_equal(mark_result(mark, QUANTIFIER_NONE, true), rows[i].open_none);
    }
}

/* What holds whatever comes holds in every other reading too. */
static void readings_hold_in_order(void **state)
{
    (void)state;
    for (enum mark mark = MARK_NONE; mark <= MARK_LOST; mark++) {
        unsigned holds = mark_holds(mark);
        assert_true((holds & HOLDS_OPEN) == 0 || holds == HOLDS_ALL);
        assert_true((holds & HOLDS_CLOSED) == 0 || (holds & HOLDS_PERHAPS) != 0);
        assert_true((holds & HOLDS_CLOSED) == 0 || (holds & HOLDS_RECEIVED) != 0);
        assert_int_equal(mark_is_true(mark),
                         mark == MARK_TRUE || mark == MARK_MISSED_TRUE || mark == MARK_LOST_TRUE);
    }
}

/* The short way of the most frequent condition says what the long way says. */
static void durations_are_compared_like_any_value(void **state)
{
    (void)state;
    static const uint64_t ends[] = {0, 99, 100, 101, 105, 110, 111, UINT64_MAX};
    struct arena scratch = ARENA_INIT(1024, 0);
    for (enum compare_op op = OP_EQUAL; op <= OP_GREATER_EQUAL; op++) {
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            struct span span = {.start_ns = 100, .end_ns = ends[i], .resource = &resource_empty};
            struct operand took = {.type = OPERAND_DURATION,
                                   .ns = (__int128)ends[i] - (__int128)100};
            for (uint32_t negations = 0; negations < 3; negations++) {
                struct condition condition = {
                    .left = {.type = TERM_KEY,
                             .key = {.space = KEY_FIELD, .field = FIELD_DURATION}},
                    .op = op,
                    .negations = negations,
                    .right = {.literal = {.type = OPERAND_DURATION, .ns = 10}},
                };
                enum truth truth =
                    truth_negate(compare(op, &took, &condition.right.literal, NULL), negations);
                enum mark wanted = ends[i] < 100         ? MARK_CLOCK
                                   : truth == TRUTH_TRUE ? MARK_TRUE
                                                         : MARK_FALSE;
                assert_int_equal(marks_of_condition(&condition, &span, &scratch), wanted);
            }
        }
    }
    struct span span = {.start_ns = 100, .end_ns = 110, .resource = &resource_empty};
    struct condition as_text = {
        .left = {.type = TERM_KEY, .key = {.space = KEY_FIELD, .field = FIELD_DURATION}},
        .right = {.literal = {.type = OPERAND_TEXT, .bytes = BYTES_LITERAL("10ns")}},
    };
    assert_int_equal(marks_of_condition(&as_text, &span, &scratch), MARK_TRUE);
    arena_deinit(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_gives_a_result_for_each_reading),
        cmocka_unit_test(readings_hold_in_order),
        cmocka_unit_test(durations_are_compared_like_any_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
