#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/core/delays.h"

static uint64_t in_class(const struct delays *delays, unsigned number)
{
    return counter_get(&delays->classes[number]);
}

static void bounds_rise_by_1_2_5(void **state)
{
    (void)state;
    assert_int_equal(1000, delay_class_most_ns(0));
    assert_int_equal(UINT64_MAX, delay_class_most_ns(DELAY_CLASSES - 1));
    for (unsigned i = 1; i + 1 < DELAY_CLASSES; i++) {
        uint64_t factor = i % 3 == 2 ? 25 : 20;
        assert_int_equal(delay_class_most_ns(i - 1) * factor / 10, delay_class_most_ns(i));
    }
}

static void a_bound_belongs_to_its_class(void **state)
{
    struct delays delays = {.sum_ns = {0}};
    (void)state;
    delays_add(&delays, 0, 1);
    delays_add(&delays, 1000, 2);
    delays_add(&delays, 1001, 4);
    delays_add(&delays, UINT64_C(10000000001), 1);
    assert_int_equal(3, in_class(&delays, 0));
    assert_int_equal(4, in_class(&delays, 1));
    assert_int_equal(1, in_class(&delays, DELAY_CLASSES - 1));
    assert_int_equal(2000 + 4004 + UINT64_C(10000000001), counter_get(&delays.sum_ns));
}

static void a_share_lies_within_the_bound_of_its_class(void **state)
{
    struct delays delays = {.sum_ns = {0}};
    (void)state;
    assert_int_equal(0, delays_within_ns(&delays, 99));
    delays_add(&delays, 900, 99);
    delays_add(&delays, 9000, 1);
    assert_int_equal(1000, delays_within_ns(&delays, 50));
    assert_int_equal(1000, delays_within_ns(&delays, 99));
    assert_int_equal(10000, delays_within_ns(&delays, 100));
    delays_add(&delays, 9000, 1);
    assert_int_equal(10000, delays_within_ns(&delays, 99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_rise_by_1_2_5),
        cmocka_unit_test(a_bound_belongs_to_its_class),
        cmocka_unit_test(a_share_lies_within_the_bound_of_its_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
