/* The slope of a backlog, and the greatest: worked numbers, the same in any order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assertions/second_counts.h"
#include "tests/support/failing_malloc.h"

static void fill(struct second_counts *counts, uint64_t second, uint32_t produced,
                 uint32_t consumed)
{
    for (uint32_t i = 0; i < produced; i++) {
        assert_int_equal(second_counts_add(counts, second, true), 0);
    }
    for (uint32_t i = 0; i < consumed; i++) {
        assert_int_equal(second_counts_add(counts, second, false), 0);
    }
}

static int slope_of(const struct second_counts *counts, double *ret)
{
    return second_counts_slope(counts, second_counts_range(counts), ret);
}

static void the_slope_is_that_of_least_squares(void **state)
{
    (void)state;
    static const struct {
        uint32_t produced[5], consumed[5];
        uint64_t from;
        double slope;
    } rows[] = {
        /* backlogs 2 4 6 8 10 */
        {{5, 5, 5, 5, 5}, {3, 3, 3, 3, 3}, 0, 2},
        {{5, 5, 5, 5, 5}, {3, 3, 3, 3, 3}, 1000, 2},
        /* 0 0 0 0 0 */
        {{5, 1, 5, 1, 5}, {5, 1, 5, 1, 5}, 7, 0},
        /* 9 6 3 0 0 (a last second counts though its sum is nothing) */
        {{9, 0, 0, 0, 1}, {0, 3, 3, 3, 1}, 0, -2.4},
        /* 1 1 1 1 2: (5 * 14 - 10 * 6) / (5 * 30 - 100) */
        {{1, 0, 0, 0, 1}, {0, 0, 0, 0, 0}, 3, 0.2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct second_counts parts[2] = {{.seconds = NULL}, {.seconds = NULL}};
        double slope;
        for (uint32_t k = 0; k < 5; k++) {
            uint32_t at = 4 - k;
            fill(&parts[k % 2], rows[i].from + at, rows[i].produced[at], 0);
            fill(&parts[(k + 1) % 2], rows[i].from + at, 0, rows[i].consumed[at]);
        }
        assert_int_equal(second_counts_merge(&parts[i % 2], &parts[(i + 1) % 2]), 0);
        assert_int_equal(slope_of(&parts[i % 2], &slope), 0);
        assert_true(fabs(slope - rows[i].slope) < 1e-12);
        second_counts_deinit(&parts[0]);
        second_counts_deinit(&parts[1]);
    }
}

static void fewer_than_three_seconds_are_no_line(void **state)
{
    (void)state;
    struct second_counts counts = {.seconds = NULL};
    double slope;
    assert_int_equal(slope_of(&counts, &slope), 1);
    fill(&counts, 5, 1, 0);
    fill(&counts, 6, 1, 0);
    assert_int_equal(slope_of(&counts, &slope), 1);
    fill(&counts, 7, 0, 1);
    assert_int_equal(slope_of(&counts, &slope), 0);
    assert_int_equal(counts.samples, 3);
    second_counts_deinit(&counts);
}

static void the_greatest_is_that_of_its_seconds(void **state)
{
    (void)state;
    static const struct {
        uint32_t window, width;
        bool anew; /* windows are walked in rising order */
        int64_t greatest;
        double slope;
    } rows[] = {
        /* from second 4 on: 5 7 6 6 | 2 -1 -1 3 */
        {1, 4, true, 7, 0.2},
        {2, 4, false, 3, 0.3},
        {0, 4, true, INT64_MIN, NAN},
        {0, 100, true, 7, NAN},
    };
    struct second_counts counts = {.seconds = NULL};
    fill(&counts, 4, 6, 1);
    fill(&counts, 5, 4, 2);
    fill(&counts, 6, 0, 1);
    fill(&counts, 8, 0, 4);
    fill(&counts, 9, 0, 3);
    fill(&counts, 11, 4, 0);
    struct second_walk walk = {.at = 0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct second_range range =
            second_range_window(second_counts_range(&counts), rows[i].window, rows[i].width);
        int64_t greatest = INT64_MIN;
        double slope = 0;
        walk = rows[i].anew ? (struct second_walk){.at = 0} : walk;
        int none = second_counts_greatest(&counts, &walk, range, &greatest);
        assert_int_equal(none, rows[i].greatest == INT64_MIN);
        assert_true(greatest == rows[i].greatest);
        if (!isnan(rows[i].slope)) {
            assert_int_equal(second_counts_slope(&counts, range, &slope), 0);
            assert_true(fabs(slope - rows[i].slope) < 1e-12);
        }
    }
    struct second_range all = second_counts_range(&counts);
    assert_int_equal(all.first, 4);
    assert_int_equal(all.end, 12);
    assert_int_equal(second_counts_within(&counts, all), 25);
    assert_int_equal(second_counts_within(&counts, second_range_window(all, 1, 7)), 11);
    assert_int_equal(second_range_window(all, UINT32_MAX, 4).end, 0);
    second_counts_deinit(&counts);
}

static void it_is_bounded_and_says_so(void **state)
{
    (void)state;
    struct second_counts counts = {.seconds = NULL};
    assert_int_equal(second_counts_add(&counts, SECOND_COUNTS_MAX - 1, true), 0);
    assert_int_equal(second_counts_add(&counts, SECOND_COUNTS_MAX, true), 0);
    assert_int_equal(second_counts_add(&counts, UINT64_MAX, false), 0);
    assert_int_equal(counts.samples, 1);
    assert_int_equal(counts.beyond, 2);
    assert_true(second_counts_held(&counts) >= SECOND_COUNTS_MAX * sizeof(struct second_count));
    second_counts_deinit(&counts);
}

static void lack_of_memory_adds_nothing(void **state)
{
    (void)state;
    struct second_counts counts = {.seconds = NULL};
    failing_malloc_begin(0);
    assert_true(second_counts_add(&counts, 1, true) < 0);
    failing_malloc_end();
    assert_int_equal(counts.samples, 0);
    second_counts_deinit(&counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greatest_is_that_of_its_seconds),
        cmocka_unit_test(the_slope_is_that_of_least_squares),
        cmocka_unit_test(fewer_than_three_seconds_are_no_line),
        cmocka_unit_test(it_is_bounded_and_says_so),
        cmocka_unit_test(lack_of_memory_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
