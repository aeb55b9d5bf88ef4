#include "daemon/net/http2_guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_hundred_glitches_in_ten_seconds_are_borne(void **state)
{
    struct http2_guard guard;
    (void)state;
    http2_guard_init(&guard, 5);
    for (int round = 0; round < 3; round++) {
        uint64_t now = 5 + (uint64_t)round * HTTP2_GUARD_PERIOD_NS;
        for (int i = 0; i < 100; i++) {
            assert_true(http2_guard_spend(&guard, now + (uint64_t)i, HTTP_ODDITY_RESET));
        }
    }
    assert_false(http2_guard_spend(&guard, 5 + 3 * HTTP2_GUARD_PERIOD_NS - 1, HTTP_ODDITY_RESET));
    assert_true(http2_guard_spend(&guard, 5 + 3 * HTTP2_GUARD_PERIOD_NS, HTTP_ODDITY_RESET));
}

static void chatter_is_earned_by_answers(void **state)
{
    struct http2_guard guard;
    (void)state;
    http2_guard_init(&guard, 0);
    for (int i = 0; i < 10000; i++) {
        http2_guard_answered(&guard);
        assert_true(http2_guard_is_earned(&guard));
        assert_true(http2_guard_is_earned(&guard));
        assert_false(http2_guard_is_earned(&guard));
    }
    for (int i = 0; i < 5000; i++) {
        http2_guard_answered(&guard);
    }
    int earned = 0;
    while (http2_guard_is_earned(&guard)) {
        earned++;
    }
    assert_in_range(earned, HTTP2_GUARD_CREDIT_MAX, HTTP2_GUARD_CREDIT_MAX + 1);
}

static void each_oddity_costs_a_glitch_or_a_unit(void **state)
{
    static const int borne[HTTP_ODDITIES] = {
        [HTTP_ODDITY_RESET] = 100,      [HTTP_ODDITY_MADE_RESET] = 100,
        [HTTP_ODDITY_REFUSED] = 1000,   [HTTP_ODDITY_CONTINUATION] = 100,
        [HTTP_ODDITY_EMPTY_DATA] = 100, [HTTP_ODDITY_CHATTER] = 1000};
    (void)state;
    for (int oddity = 0; oddity < HTTP_ODDITIES; oddity++) {
        struct http2_guard guard;
        http2_guard_init(&guard, 0);
        int count = 0;
        while (http2_guard_spend(&guard, 1, (enum http_oddity)oddity)) {
            count++;
        }
        assert_int_equal(count, borne[oddity]);
    }
}

static void a_lower_id_that_was_passed_over_is_told_from_a_used_one(void **state)
{
    struct http2_guard guard;
    (void)state;
    http2_guard_init(&guard, 0);
    assert_true(http2_guard_opens(&guard, 1));
    assert_true(http2_guard_opens(&guard, 3));
    assert_true(http2_guard_opens(&guard, 9));
    assert_true(http2_guard_opens(
        &guard, 3)); /* trailers, or a stream that was used: not the guard's to judge */
    assert_false(http2_guard_opens(&guard, 5));
    assert_false(http2_guard_opens(&guard, 7));
    assert_true(http2_guard_opens(&guard, 9));
    http2_guard_init(&guard, 0);
    assert_true(http2_guard_opens(&guard, 3));
    assert_false(http2_guard_opens(&guard, 1));
    assert_true(http2_guard_opens(&guard, 0x7fffffff));
    assert_false(http2_guard_opens(&guard, 0x7ffffffd));
}

static void old_gaps_are_forgiven(void **state)
{
    struct http2_guard guard;
    (void)state;
    http2_guard_init(&guard, 0);
    for (uint32_t id = 3; id < 3 + 4 * (HTTP2_GUARD_GAPS + 1); id += 4) {
        assert_true(http2_guard_opens(&guard, id));
    }
    assert_true(http2_guard_opens(&guard, 1));
    assert_false(http2_guard_opens(&guard, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_glitches_in_ten_seconds_are_borne),
        cmocka_unit_test(chatter_is_earned_by_answers),
        cmocka_unit_test(each_oddity_costs_a_glitch_or_a_unit),
        cmocka_unit_test(a_lower_id_that_was_passed_over_is_told_from_a_used_one),
        cmocka_unit_test(old_gaps_are_forgiven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
