#include "daemon/net/http2_keepalive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S UINT64_C(1000000000)

static void silence_is_asked_and_answered(void **state)
{
    const struct http2_keepalive_limits limits = {100 * S, 20 * S, 0, 0, 0};
    struct http2_keepalive k;
    (void)state;
    http2_keepalive_init(&k, &limits, 1000 * S, 7);
    assert_int_equal(1100 * S, http2_keepalive_deadline(&k, &limits));
    http2_keepalive_heard(&k, 1050 * S);
    assert_int_equal(KEEPALIVE_NOTHING, http2_keepalive_due(&k, &limits, 1100 * S));
    assert_int_equal(KEEPALIVE_ASK, http2_keepalive_due(&k, &limits, 1150 * S));
    assert_int_equal(KEEPALIVE_NOTHING, http2_keepalive_due(&k, &limits, 1160 * S));
    assert_int_equal(1170 * S, http2_keepalive_deadline(&k, &limits));
    http2_keepalive_heard(&k, 1165 * S);
    assert_int_equal(1265 * S, http2_keepalive_deadline(&k, &limits));
    assert_int_equal(KEEPALIVE_ASK, http2_keepalive_due(&k, &limits, 1265 * S));
    assert_int_equal(KEEPALIVE_DEAD, http2_keepalive_due(&k, &limits, 1285 * S));
}

static void nothing_is_due_where_all_is_off(void **state)
{
    const struct http2_keepalive_limits limits = {0, 20 * S, 0, 0, 0};
    struct http2_keepalive k;
    (void)state;
    http2_keepalive_init(&k, &limits, 1000 * S, 7);
    assert_true(http2_keepalive_deadline(&k, &limits) == UINT64_MAX);
    assert_int_equal(KEEPALIVE_NOTHING, http2_keepalive_due(&k, &limits, UINT64_MAX - 1));
}

static void an_old_connection_is_told_to_go_and_closed_after_its_grace(void **state)
{
    const struct http2_keepalive_limits limits = {0, 20 * S, 0, 100 * S, 10 * S};
    (void)state;
    for (uint64_t random = 0; random < 1000; random += 33) {
        struct http2_keepalive k;
        http2_keepalive_init(&k, &limits, 1000 * S, random);
        uint64_t due = http2_keepalive_deadline(&k, &limits);
        assert_true(due >= 1090 * S && due <= 1110 * S);
        assert_int_equal(KEEPALIVE_NOTHING, http2_keepalive_due(&k, &limits, due - 1));
        assert_int_equal(KEEPALIVE_LEAVE, http2_keepalive_due(&k, &limits, due));
        assert_int_equal(KEEPALIVE_NOTHING, http2_keepalive_due(&k, &limits, due + 1));
        assert_int_equal(due + 10 * S, http2_keepalive_deadline(&k, &limits));
        assert_int_equal(KEEPALIVE_LEFT, http2_keepalive_due(&k, &limits, due + 10 * S));
    }
}

static void the_third_early_ping_is_too_many(void **state)
{
    const struct http2_keepalive_limits limits = {0, 20 * S, 10 * S, 0, 0};
    struct http2_keepalive k;
    (void)state;
    http2_keepalive_init(&k, &limits, 1000 * S, 7);
    assert_true(http2_keepalive_pinged(&k, &limits, 1000 * S));
    assert_true(http2_keepalive_pinged(&k, &limits, 1010 * S));
    assert_true(http2_keepalive_pinged(&k, &limits, 1011 * S));
    assert_true(http2_keepalive_pinged(&k, &limits, 1012 * S));
    http2_keepalive_answered(&k);
    assert_true(http2_keepalive_pinged(&k, &limits, 1013 * S));
    assert_true(http2_keepalive_pinged(&k, &limits, 1014 * S));
    assert_true(http2_keepalive_pinged(&k, &limits, 1015 * S));
    assert_false(http2_keepalive_pinged(&k, &limits, 1016 * S));
}

static void pings_are_free_where_no_least_time_is_set(void **state)
{
    const struct http2_keepalive_limits limits = {0, 20 * S, 0, 0, 0};
    struct http2_keepalive k;
    (void)state;
    http2_keepalive_init(&k, &limits, 1000 * S, 7);
    for (unsigned i = 0; i < 100; i++) {
        assert_true(http2_keepalive_pinged(&k, &limits, 1000 * S));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_asked_and_answered),
        cmocka_unit_test(nothing_is_due_where_all_is_off),
        cmocka_unit_test(an_old_connection_is_told_to_go_and_closed_after_its_grace),
        cmocka_unit_test(the_third_early_ping_is_too_many),
        cmocka_unit_test(pings_are_free_where_no_least_time_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
