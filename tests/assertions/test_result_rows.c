/* Rows are told apart by what passes, suite by suite, up to a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assertions/result_rows.h"
#include "tests/assertions/engine_fixture.h"
#include "tests/support/failing_malloc.h"

#define ASSERTIONS 7u

#define OPTIONAL(letter)                                                                           \
    {                                                                                              \
        .name = (letter), .select = "span[name='" letter "']", .conditions = {"span:kind exists"}, \
        .optional = true                                                                           \
    }
#define SEVEN                                                                                      \
    {                                                                                              \
        OPTIONAL("a"), OPTIONAL("b"), OPTIONAL("c"), OPTIONAL("d"), OPTIONAL("e"), OPTIONAL("f"),  \
            OPTIONAL("g"),                                                                         \
    }

static struct suite_set *two_suites(void)
{
    static const struct test_suite suites[] = {{.name = "one", .assertions = SEVEN},
                                               {.name = "two", .assertions = SEVEN}};
    return test_suites_compile(suites, 2);
}

static void assert_says(const struct result_row *row, uint64_t passed)
{
    assert_int_equal(row->verdict, RESULT_PASS);
    for (uint32_t i = 0; i < ASSERTIONS; i++) {
        assert_int_equal(row->results[i].result,
                         (passed >> i & 1) != 0 ? RESULT_PASS : RESULT_SKIPPED);
        assert_int_equal(row->results[i].index, i);
    }
}

static void each_suite_has_rows_of_its_own(void **state)
{
    struct suite_set *set = two_suites();
    struct result_rows rows;
    (void)state;
    result_rows_init(&rows, set);
    assert_int_equal(result_rows_count(&rows, 1), 0);
    const uint64_t passed[] = {UINT64_C(5) | UINT64_C(66) << ASSERTIONS, 0};
    const struct result_row *one = result_rows_find(&rows, &set->suites[0], passed);
    const struct result_row *two = result_rows_find(&rows, &set->suites[1], passed);
    assert_says(one, 5);
    assert_says(two, 66);
    const uint64_t other[] = {UINT64_C(5) | UINT64_C(3) << ASSERTIONS, 0};
    assert_ptr_equal(result_rows_find(&rows, &set->suites[0], other), one);
    assert_says(result_rows_find(&rows, &set->suites[1], other), 3);
    assert_ptr_equal(result_rows_find(&rows, &set->suites[1], passed), two);
    assert_int_equal(result_rows_count(&rows, 0), 1);
    assert_int_equal(result_rows_count(&rows, 1), 2);
    assert_true(result_rows_held(&rows) > 0);
    result_rows_deinit(&rows);
    suite_set_unref(set);
}

static void what_finds_no_room_has_no_row(void **state)
{
    struct suite_set *set = two_suites();
    const struct result_row *found[RESULT_ROWS_MAX];
    struct result_rows rows;
    (void)state;
    result_rows_init(&rows, set);
    for (uint64_t passed = 0; passed < UINT64_C(1) << ASSERTIONS; passed++) {
        const struct result_row *row = result_rows_find(&rows, &set->suites[0], &passed);
        if (passed < RESULT_ROWS_MAX) {
            assert_says(row, passed);
            assert_int_equal(row->number, passed);
            found[passed] = row;
        } else {
            assert_null(row);
        }
    }
    for (uint64_t passed = 0; passed < RESULT_ROWS_MAX; passed++) {
        assert_ptr_equal(result_rows_find(&rows, &set->suites[0], &passed), found[passed]);
    }
    assert_int_equal(result_rows_count(&rows, 0), RESULT_ROWS_MAX);
    result_rows_deinit(&rows);
    suite_set_unref(set);
}

static void without_memory_there_is_no_row(void **state)
{
    struct suite_set *set = two_suites();
    const uint64_t passed = 3;
    bool made = false;
    (void)state;
    for (size_t good = 0; !made; good++) {
        struct result_rows rows;
        result_rows_init(&rows, set);
        failing_malloc_begin(good);
        made = result_rows_find(&rows, &set->suites[0], &passed) != NULL;
        failing_malloc_end();
        assert_int_equal(result_rows_count(&rows, 0), made);
        result_rows_deinit(&rows);
    }
    suite_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_suite_has_rows_of_its_own),
        cmocka_unit_test(what_finds_no_room_has_no_row),
        cmocka_unit_test(without_memory_there_is_no_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
