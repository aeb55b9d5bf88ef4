/* Compiling whole suites: all problems at once, names, numbers, defaults, memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "daemon/core/clock.h"
#include "tests/assertions/good_suite.h"

static void a_suite_keeps_what_its_settings_say(void **state)
{
    (void)state;
    struct suite_settings settings[] = {good_suite(), good_suite()};
    settings[1].name = TEXT("orders too");
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(suite_compile(&set, settings, 2, &problems), 0);
    assert_int_equal(problems.count, 0);
    assert_int_equal(set->suite_count, 2);
    const struct suite *suite = &set->suites[0];
    assert_true(bytes_is(suite->name, "orders"));
    assert_true(suite->lenient && suite->optional);
    assert_non_null(suite->traces);
    assert_int_equal(suite->label_count, 2);
    assert_true(bytes_is(suite->labels[1].name, "iteration") &&
                bytes_is(suite->labels[1].value, "7"));
    assert_int_equal(suite->name_count, 2);
    assert_true(bytes_is(suite->names[1].name, "mail"));
    assert_int_equal(suite->completion.quiet_ns, 10 * NS_PER_S);
    assert_int_equal(suite->completion.deadline_ns, 90 * NS_PER_S);
    assert_int_equal(suite->assertion_count, 2);
    assert_int_equal(suite->assertions[0].condition_count, 2);
    assert_true(suite->assertions[0].tolerance == 0.05);
    assert_null(suite->assertions[1].select);
    assert_non_null(suite->assertions[1].when->selector);
    assert_int_equal(suite->assertions[1].severity, SEVERITY_WARNING);
    assert_int_equal(suite->assertions[1].conditions[0]->left.left->name, 1);
    assert_int_equal(set->suites[1].assertions[0].number, 2);
    assert_int_equal(set->suites[1].index, 1);
    assert_int_equal(set->assertion_count, 4);
    assert_int_equal(set->program.plan_count, 3);
    for (uint32_t i = 0; i < set->program.plan_count; i++) {
        assert_int_equal(set->program.plans[i].selector->number, i);
    }
    suite_set_unref(set);
    problems_deinit(&problems);
}

static void least_samples_follow_the_percentile(void **state)
{
    (void)state;
    struct suite_settings settings = good_suite();
    static const uint64_t wanted[] = {100, 1, 2000, 2, 1, 5};
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(suite_compile(&set, &settings, 1, &problems), 0);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(set->suites[0].thresholds[i].min_samples, wanted[i]);
    }
    assert_true(set->suites[0].thresholds[1].sticky);
    assert_true(set->suites[0].thresholds[5].abort_on_fail);
    suite_set_unref(set);
    problems_deinit(&problems);
}

static void a_set_lives_as_long_as_its_last_user(void **state)
{
    (void)state;
    struct suite_settings settings = good_suite();
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(suite_compile(&set, &settings, 1, &problems), 0);
    suite_set_ref(set);
    suite_set_unref(set);
    assert_true(bytes_is(set->suites[0].name, "orders"));
    suite_set_unref(set);
    suite_set_unref(NULL);
    problems_deinit(&problems);
}

static void no_suites_make_an_empty_set(void **state)
{
    (void)state;
    struct problems problems;
    struct suite_set *set;
    assert_int_equal(suite_compile(&set, NULL, 0, &problems), 0);
    assert_int_equal(set->suite_count, 0);
    assert_int_equal(set->program.probe_count, 0);
    suite_set_unref(set);
    problems_deinit(&problems);
}

static size_t allocations_left;

static void *failing_malloc(size_t bytes)
{
    if (allocations_left == 0) {
        return NULL;
    }
    allocations_left--;
    return malloc(bytes);
}

static void memory_may_end_at_any_allocation(void **state)
{
    (void)state;
    enum { COPIES = 40 };
    struct suite_settings settings[COPIES];
    char names[COPIES][16];
    for (int i = 0; i < COPIES; i++) {
        settings[i] = good_suite();
        snprintf(names[i], sizeof names[i], "suite %d", i);
        settings[i].name.text = names[i];
    }
    int r = -ENOMEM;
    size_t failures = 0;
    for (size_t n = 0; r != 0; n++) {
        struct suite_set *set = NULL;
        struct problems problems;
        allocations_left = n;
        arena_set_malloc_for_tests(failing_malloc);
        r = suite_compile(&set, settings, COPIES, &problems);
        arena_set_malloc_for_tests(NULL);
        assert_true(r == 0 || r == -ENOMEM);
        failures += r != 0;
        suite_set_unref(set);
        problems_deinit(&problems);
    }
    assert_true(failures > 3);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Of processor time; generous, since the test may run with sanitizers. */
static void a_thousand_assertions_compile_quickly(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    static struct assertion_settings assertions[COUNT];
    static struct config_text conditions[COUNT][2];
    static char texts[COUNT][3][64];
    for (int i = 0; i < COUNT; i++) {
        snprintf(texts[i][0], 64, "assertion %d", i);
        snprintf(texts[i][1], 64, "span[kind=server name=~'^GET /%d' a.b=%d]", i, i);
        snprintf(texts[i][2], 64, "duration < %dms", i);
        conditions[i][0] = (struct config_text){.text = texts[i][2]};
        conditions[i][1] = (struct config_text){.text = "count = 1"};
        assertions[i] = (struct assertion_settings){.name = {.text = texts[i][0]},
                                                    .select = {.text = texts[i][1]},
                                                    .conditions = {conditions[i], 2}};
    }
    struct suite_settings settings = {.name = {"s", {0}}, .assertions = ITEMS(assertions)};
    struct problems problems;
    struct suite_set *set;
    double before = seconds();
    assert_int_equal(suite_compile(&set, &settings, 1, &problems), 0);
    double took = seconds() - before;
    print_message("1000 assertions: %.1f ms\n", took * 1e3);
    assert_true(took < 2.0);
    assert_int_equal(set->program.plan_count, COUNT);
    suite_set_unref(set);
    problems_deinit(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_keeps_what_its_settings_say),
        cmocka_unit_test(least_samples_follow_the_percentile),
        cmocka_unit_test(a_set_lives_as_long_as_its_last_user),
        cmocka_unit_test(no_suites_make_an_empty_set),
        cmocka_unit_test(memory_may_end_at_any_allocation),
        cmocka_unit_test(a_thousand_assertions_compile_quickly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
