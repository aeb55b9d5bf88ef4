/* Breaches of a run: when they begin, go on and come again, who hears of them, what ends the run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/breaches.h"

#define START UINT64_C(1000000000000000000)
#define S     UINT64_C(1000000000)

struct heard {
    uint32_t told, begun, aborted;
    uint64_t from_ns, to_ns;
};

static void hear(void *self, const struct breach_news *news)
{
    struct heard *heard = self;
    heard->told++;
    heard->begun += news->begins;
    heard->aborted += news->aborts;
    heard->from_ns = news->breach->from_unix_ns;
    heard->to_ns = news->breach->to_unix_ns;
    assert_true(bytes_is(news->suite, "shop"));
}

static bool tick_on(struct breaches *breaches, const struct threshold *rule,
                    const struct report_threshold *threshold, uint64_t after_ns,
                    struct heard *heard)
{
    const struct report_suite suite = {
        .name = BYTES_LITERAL("shop"), .thresholds = threshold, .threshold_count = 1};
    const struct report report = {.start_unix_ns = START, .suites = &suite, .suite_count = 1};
    const struct suite compiled = {.thresholds = rule, .threshold_count = 1};
    const struct suite_set set = {.suites = &compiled, .suite_count = 1};
    *heard = (struct heard){.told = 0};
    return breaches_note(breaches, &set, &report, START + after_ns, hear, heard);
}

/* One tick; `samples` of a threshold that wants three. */
static bool tick(struct breaches *breaches, const struct threshold *rule, enum result result,
                 uint64_t samples, uint64_t after_ns, struct heard *heard)
{
    const struct report_threshold threshold = {
        .result = result, .samples = samples, .has_value = true, .value = 5};
    return tick_on(breaches, rule, &threshold, after_ns, heard);
}

static void a_breach_goes_on_or_comes_again(void **state)
{
    (void)state;
    const struct threshold rule = {.min_samples = 3};
    struct breaches breaches = {.interval_ns = 10 * S};
    struct heard heard;
    assert_false(tick(&breaches, &rule, RESULT_PASS, 9, 10 * S, &heard));
    assert_int_equal(heard.told, 0);
    assert_false(tick(&breaches, &rule, RESULT_FAIL, 2, 20 * S, &heard));
    assert_int_equal(heard.told, 0);
    assert_false(tick(&breaches, &rule, RESULT_FAIL, 3, 30 * S, &heard));
    assert_int_equal(heard.begun, 1);
    assert_false(tick(&breaches, &rule, RESULT_FAIL, 4, 40 * S, &heard));
    assert_true(heard.told == 1 && heard.begun == 0 && heard.from_ns == START + 30 * S &&
                heard.to_ns == START + 40 * S);
    assert_false(tick(&breaches, &rule, RESULT_FAIL, 5, 90 * S, &heard));
    assert_int_equal(heard.begun, 1);
    assert_int_equal(breaches.count, 2);
    breaches_deinit(&breaches);
}

static void what_goes_on_is_told_by_the_interval(void **state)
{
    (void)state;
    const struct threshold rule = {.min_samples = 1};
    struct breaches breaches = {.interval_ns = S};
    struct heard heard;
    assert_false(tick(&breaches, &rule, RESULT_FAIL, 3, 30 * S, &heard));
    assert_false(tick(&breaches, &rule, RESULT_FAIL, 3, 32 * S, &heard));
    assert_int_equal(heard.begun, 0);
    assert_false(tick(&breaches, &rule, RESULT_FAIL, 3, 35 * S, &heard));
    assert_int_equal(heard.begun, 1);
    breaches_deinit(&breaches);
}

static void only_a_breach_after_the_delay_ends_the_run(void **state)
{
    (void)state;
    const struct threshold at_once = {.min_samples = 1, .abort_on_fail = true};
    const struct threshold later = {.min_samples = 1, .abort_on_fail = true, .delay_ns = 60 * S};
    struct breaches breaches = {.interval_ns = 10 * S};
    struct heard heard;
    assert_false(tick(&breaches, &later, RESULT_FAIL, 1, 50 * S, &heard));
    assert_true(heard.begun == 1 && heard.aborted == 0);
    assert_true(tick(&breaches, &later, RESULT_FAIL, 1, 60 * S, &heard));
    assert_true(heard.begun == 0 && heard.aborted == 1);
    assert_false(tick(&breaches, &later, RESULT_INCONCLUSIVE, 1, 70 * S, &heard));
    assert_int_equal(heard.told, 0);
    breaches_deinit(&breaches);
    assert_true(tick(&breaches, &at_once, RESULT_FAIL, 1, 0, &heard));
    assert_true(heard.begun == 1 && heard.aborted == 1);
    breaches_deinit(&breaches);
}

static void a_sticky_breach_ends_where_the_rule_holds_again(void **state)
{
    (void)state;
    const struct threshold rule = {.min_samples = 1, .sticky = true, .abort_on_fail = true};
    const struct report_threshold holds = {
        .result = RESULT_FAIL, .holds_again = true, .samples = 9, .has_value = true};
    struct breaches breaches = {.interval_ns = 10 * S};
    struct heard heard;
    assert_true(tick(&breaches, &rule, RESULT_FAIL, 3, 30 * S, &heard));
    assert_false(tick_on(&breaches, &rule, &holds, 40 * S, &heard));
    assert_int_equal(heard.told, 0);
    assert_int_equal(breaches.items[0].breach.to_unix_ns, START + 30 * S);
    breaches_deinit(&breaches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_on_is_told_by_the_interval),
        cmocka_unit_test(a_breach_goes_on_or_comes_again),
        cmocka_unit_test(a_sticky_breach_ends_where_the_rule_holds_again),
        cmocka_unit_test(only_a_breach_after_the_delay_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
