/* Values told apart: exact up to the limit, an honest estimate beyond, the same in any order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/value_set.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/random.h"

static int add_number(struct value_set *set, uint32_t number)
{
    char text[16];
    int len = snprintf(text, sizeof text, "order %u", number);
    return value_set_add(set, bytes_from(text, (size_t)len));
}

static void up_to_the_limit_it_is_exact(void **state)
{
    (void)state;
    struct value_set set;
    value_set_init(&set);
    assert_int_equal(value_set_held(&set), 0);
    static const char *const values[] = {"a", "b", "a", "", "c", "a", ""};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(value_set_add(&set, bytes_of(values[i])), 0);
    }
    struct estimate distinct = value_set_distinct(&set);
    struct estimate duplicates = value_set_duplicates(&set);
    struct estimate most = value_set_most(&set);
    assert_int_equal(set.samples, 7);
    assert_true(distinct.number == 4 && distinct.low == 4 && distinct.high == 4);
    assert_true(duplicates.number == 3 && duplicates.low == 3 && duplicates.high == 3);
    assert_true(most.number == 3 && most.low == 3 && most.high == 3);
    value_set_deinit(&set);
    assert_int_equal(value_set_held(&set), 0);
}

/* Sets of a small limit, filled in some order over three parts that are merged in some order. */
static struct value_set filled(struct random *random, uint32_t kinds, uint32_t times)
{
    struct value_set parts[3];
    for (int i = 0; i < 3; i++) {
        value_set_init(&parts[i]);
        parts[i].max = 64;
    }
    uint32_t from = random_below(random, kinds);
    for (uint32_t i = 0; i < kinds * times; i++) {
        assert_int_equal(add_number(&parts[random_below(random, 3)], (from + i) % kinds), 0);
    }
    uint32_t first = random_below(random, 3);
    for (uint32_t i = 1; i < 3; i++) {
        assert_int_equal(value_set_merge(&parts[first], &parts[(first + i) % 3]), 0);
        value_set_deinit(&parts[(first + i) % 3]);
    }
    return parts[first];
}

static bool same(struct estimate a, struct estimate b)
{
    return a.number == b.number && a.low == b.low && a.high == b.high;
}

static void beyond_it_the_estimate_holds_the_truth_in_any_order(void **state)
{
    (void)state;
    struct random random = random_seed(7);
    static const struct {
        uint32_t kinds, times;
    } rows[] = {{64, 1}, {65, 1}, {1000, 1}, {1000, 3}, {5000, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct value_set set = filled(&random, rows[i].kinds, rows[i].times);
        struct estimate distinct = value_set_distinct(&set);
        struct estimate duplicates = value_set_duplicates(&set);
        uint64_t again = (uint64_t)rows[i].kinds * (rows[i].times - 1);
        assert_int_equal(set.samples, rows[i].kinds * rows[i].times);
        assert_true(set.kept <= 64 && (set.level != 0) == (rows[i].kinds > 64));
        assert_true((distinct.low == distinct.high) == (set.level == 0));
        assert_true((duplicates.low == duplicates.high) == (set.level == 0));
        assert_true(distinct.low <= rows[i].kinds && rows[i].kinds <= distinct.high);
        assert_true(duplicates.low <= again && again <= duplicates.high);
        for (int order = 0; order < 20; order++) {
            struct value_set other = filled(&random, rows[i].kinds, rows[i].times);
            assert_true(same(value_set_distinct(&other), distinct));
            assert_true(same(value_set_duplicates(&other), duplicates));
            assert_true(same(value_set_most(&other), value_set_most(&set)));
            value_set_deinit(&other);
        }
        value_set_deinit(&set);
    }
}

static void what_came_again_for_certain_stays_certain(void **state)
{
    (void)state;
    struct value_set set;
    value_set_init(&set);
    set.max = 64;
    for (uint32_t i = 0; i < 400; i++) {
        assert_int_equal(add_number(&set, i), 0);
    }
    for (uint32_t i = 0; i < 400; i++) {
        assert_int_equal(add_number(&set, i), 0);
    }
    assert_true(set.level != 0);
    assert_true(value_set_duplicates(&set).low >= set.kept);
    value_set_deinit(&set);
}

static void lack_of_memory_loses_only_what_is_said(void **state)
{
    (void)state;
    for (size_t good = 0; good < 8; good++) {
        struct value_set set;
        uint64_t added = 0;
        value_set_init(&set);
        failing_malloc_begin(good);
        for (uint32_t i = 0; i < 500; i++) {
            added += add_number(&set, i) == 0;
        }
        failing_malloc_end();
        assert_int_equal(set.samples, added);
        assert_int_equal(value_set_distinct(&set).number, added);
        value_set_deinit(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_the_limit_it_is_exact),
        cmocka_unit_test(beyond_it_the_estimate_holds_the_truth_in_any_order),
        cmocka_unit_test(what_came_again_for_certain_stays_certain),
        cmocka_unit_test(lack_of_memory_loses_only_what_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
