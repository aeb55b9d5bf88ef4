/* The words that reports share: shares that never lie, cut texts, values beside their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "exporters/report_words.h"
#include "tests/support/failing_malloc.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static void assert_text(struct buf *out, const char *expected)
{
    buf_append_char(out, '\0');
    assert_false(out->failed);
    assert_string_equal((const char *)out->data, expected);
    buf_deinit(out);
}

static void assert_share(uint64_t part, uint64_t whole, const char *expected)
{
    struct buf out = BUF_NULL;
    words_share(&out, part, whole);
    assert_text(&out, expected);
}

static void a_share_has_one_decimal(void **state)
{
    (void)state;
    assert_share(30, 1000, "3.0 %");
    assert_share(1, 3, "33.3 %");
    assert_share(0, 5, "0 %");
    assert_share(5, 5, "100 %");
    assert_share(7, 5, "140.0 %");
}

static void a_share_never_rounds_to_nothing_or_to_everything(void **state)
{
    (void)state;
    assert_share(1, 10000, "0.01 %");
    assert_share(9999, 10000, "99.99 %");
    assert_share(9996, 10000, "99.96 %");
    assert_share(1, 1000000, "0.0001 %");
    assert_share(1, UINT64_MAX, "0.000000001 %");
    assert_share(UINT64_MAX - 1, UINT64_MAX, "99.999999999 %");
    for (uint64_t whole = 2; whole < 3000; whole += 7) {
        for (uint64_t part = 1; part < whole; part += 1 + whole / 50) {
            struct buf out = BUF_NULL;
            words_share(&out, part, whole);
            buf_append_char(&out, '\0');
            double shown = strtod((const char *)out.data, NULL);
            assert_true(shown > 0 && shown < 100);
            assert_true(fabs(shown - 100.0 * (double)part / (double)whole) <= 0.0501);
            buf_deinit(&out);
        }
    }
}

static void clipping_cuts_between_characters(void **state)
{
    static const char *const expected[] = {"…",   "a…",   "a…",   "aé…", "aé…",
                                           "aé…", "aé€…", "aé€z", "aé€z"};
    (void)state;
    for (size_t max = 0; max < sizeof expected / sizeof *expected; max++) {
        struct buf out = BUF_NULL;
        words_clipped(&out, BYTES_LITERAL("aé€z"), max);
        assert_text(&out, expected[max]);
    }
    struct buf out = BUF_NULL;
    words_clipped(&out, BYTES_LITERAL("\x80\x80\x80\x80"), 2);
    assert_text(&out, "…");
}

static void assert_value(struct report_threshold threshold, const char *expected)
{
    struct buf out = BUF_NULL;
    words_value(&out, &threshold);
    assert_text(&out, expected);
}

static void values_read_by_their_kind(void **state)
{
    (void)state;
    assert_value((struct report_threshold){.rule = TEXT("max($a.x) < 1")}, "no value");
    assert_value((struct report_threshold){.has_value = true, .infinite = true, .value = INFINITY},
                 "infinite");
    assert_value((struct report_threshold){.has_value = true, .infinite = true, .value = -INFINITY},
                 "-infinite");
    assert_value((struct report_threshold){.has_value = true, .infinite = true, .value = NAN},
                 "not a number");
    assert_value(
        (struct report_threshold){
            .has_value = true, .rule = TEXT("ratio(fail) < 1%"), .value = 0.025, .samples = 40},
        "2.5 %");
    assert_value(
        (struct report_threshold){
            .has_value = true, .rule = TEXT("avg($a.x) < 1"), .value = 0.025, .samples = 40},
        "0.025");
    assert_value(
        (struct report_threshold){.has_value = true, .value_is_integer = true, .value_integer = 12},
        "12");
    assert_value(
        (struct report_threshold){.has_value = true, .is_duration = true, .value = -1500000.4},
        "-1.5ms");
    assert_value((struct report_threshold){.has_value = true, .is_duration = true, .value = 1e300},
                 "1e+300ns");
}

static void a_duration_that_rounds_to_its_limit_is_told_exactly(void **state)
{
    struct report_threshold threshold = {.rule = TEXT("max($m.duration) < 2s"),
                                         .has_value = true,
                                         .is_duration = true,
                                         .value = 2000400000,
                                         .value_is_integer = true,
                                         .value_integer = 2000400000};
    (void)state;
    assert_value(threshold, "2s (2000400us)");
    threshold.value_integer = 2041800000;
    assert_value(threshold, "2.04s");
}

static void assert_seen(__int128 actual, __int128 expected, const char *text)
{
    const struct failure failure = {.actual = {.type = SEEN_DURATION, .ns = actual},
                                    .expected = {.type = SEEN_DURATION, .ns = expected}};
    struct buf out = BUF_NULL;
    words_seen(&out, &failure, 100);
    assert_text(&out, text);
}

static void durations_are_short_where_that_tells_them_apart(void **state)
{
    (void)state;
    assert_seen(2041800000, 2000000000, "actual 2.04s, expected 2s");
    assert_seen(2000400000, 2000000000, "actual 2000400us, expected 2s");
}

/* Room in the report alone is not enough: what is composed beside it must not get lost silently. */
static void lack_of_memory_for_a_value_shows(void **state)
{
    const struct report_threshold threshold = {.rule = TEXT("max($m.duration) < 2s"),
                                               .has_value = true,
                                               .is_duration = true,
                                               .value_is_integer = true,
                                               .value_integer = 5};
    const struct failure failures[] = {
        {.actual = {.type = SEEN_DURATION, .ns = 5}, .expected = {.type = SEEN_DURATION, .ns = 6}},
        {.actual = {.type = SEEN_VALUE, .value = {.type = VALUE_INT, .integer = 5}}},
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf out = BUF_NULL;
        assert_non_null(buf_reserve(&out, 1000));
        failing_malloc_begin(0);
        if (i == 2) {
            words_value(&out, &threshold);
        } else {
            words_seen(&out, &failures[i], 100);
        }
        failing_malloc_end();
        assert_true(out.failed);
        buf_deinit(&out);
    }
}

static void what_reads_alike_is_told_once(void **state)
{
    struct failure failure = {
        .actual = {.type = SEEN_VALUE, .value = {.type = VALUE_TEXT, .bytes = TEXT("error")}},
        .reason = TEXT("does not hold")};
    struct buf out = BUF_NULL;
    (void)state;
    failure.expected = failure.actual;
    words_failure(&out, &failure, 100);
    assert_text(&out, "actual error: does not hold");
    failure.expected.value.bytes = BYTES_LITERAL("ok");
    out = BUF_NULL;
    words_failure(&out, &failure, 100);
    assert_text(&out, "actual error, expected ok: does not hold");
}

static void groups_of_one_cause_are_told_together(void **state)
{
    struct report_group groups[] = {
        {TEXT("count = 1"), TEXT(""), TEXT(""), TEXT("no span matched"), 2, {{1}}, RESULT_FAIL},
        {TEXT("x = 1"), TEXT(""), TEXT(""), TEXT("no span matched"), 2, {{1}}, RESULT_FAIL},
        {TEXT("y = 1"), TEXT(""), TEXT(""), TEXT("no span matched"), 2, {{1}}, RESULT_FAIL},
        {TEXT("z = 1"), TEXT("s"), TEXT("a"), TEXT("does not hold"), 2, {{1}}, RESULT_FAIL},
    };
    static const char *const told[] = {"count = 1", "count = 1 and 1 more condition",
                                       "count = 1 and 2 more conditions"};
    (void)state;
    assert_int_equal(words_alike(groups, 4), 3);
    assert_int_equal(words_alike(groups, 2), 2);
    assert_int_equal(words_alike(groups + 3, 1), 1);
    for (uint32_t i = 0; i < 3; i++) {
        struct buf out = BUF_NULL;
        words_conditions(&out, groups, i + 1, 100);
        assert_text(&out, told[i]);
    }
    groups[1].count = 1;
    assert_int_equal(words_alike(groups, 4), 1);
    groups[1] = groups[2];
    groups[1].trace_id.bytes[0] = 9;
    assert_int_equal(words_alike(groups, 4), 1);
}

static void a_failure_that_saw_nothing_either_is_not_told_again(void **state)
{
    const struct report_failure first = {
        {{1}}, {.result = RESULT_FAIL, .reason = TEXT("no span matched")}};
    struct report_failure next = first;
    (void)state;
    assert_true(words_repeats(&first, &next));
    next.failure.span_id = 5;
    assert_false(words_repeats(&first, &next));
    next = first;
    next.failure.actual = (struct seen){.type = SEEN_DURATION, .ns = 1};
    assert_false(words_repeats(&first, &next));
    assert_true(words_repeats(&next, &first)); /* the first one of them may have seen a number */
    next = first;
    next.trace_id.bytes[15] = 2;
    assert_false(words_repeats(&first, &next));
    next = first;
    next.failure.reason = BYTES_LITERAL("another");
    assert_false(words_repeats(&first, &next));
}

static void assert_sentence(struct result_counts counts, enum result outcome, const char *expected)
{
    const struct report_assertion assertion = {
        .name = TEXT("a"), .counts = counts, .outcome = outcome};
    struct buf out = BUF_NULL;
    words_assertion(&out, &assertion);
    assert_text(&out, expected);
}

static void an_assertion_is_told_by_its_outcome(void **state)
{
    (void)state;
    assert_sentence((struct result_counts){10, 7, 3, 0, 0, 0}, RESULT_FAIL,
                    "30.0 % of the judged traces (3 of 10) break 'a'");
    assert_sentence((struct result_counts){10, 7, 1, 2, 0, 0}, RESULT_ERROR,
                    "20.0 % of the judged traces (2 of 10) could not be evaluated by 'a'");
    assert_sentence((struct result_counts){10, 5, 0, 0, 1, 4}, RESULT_INCONCLUSIVE,
                    "16.7 % of the judged traces (1 of 6) have too little evidence for 'a'");
    assert_sentence((struct result_counts){10, 9, 1, 0, 0, 0}, RESULT_PASS,
                    "10.0 % of the judged traces (1 of 10) break 'a'");
    assert_sentence((struct result_counts){10, 0, 0, 0, 0, 10}, RESULT_SKIPPED,
                    "'a' applied to no trace");
    assert_sentence((struct result_counts){0, 0, 0, 0, 0, 0}, RESULT_PASS,
                    "'a' applied to no trace");
}

static void the_example_is_a_trace_with_that_outcome(void **state)
{
    const struct report_failure failures[] = {
        {{{1}}, {.result = RESULT_INCONCLUSIVE}},
        {{{2}}, {.result = RESULT_FAIL}},
    };
    const struct report_group groups[] = {{.trace_id = {{3}}, .result = RESULT_FAIL}};
    struct report_assertion assertion = {.outcome = RESULT_FAIL,
                                         .failures = failures,
                                         .failure_count = 2,
                                         .groups = groups,
                                         .group_count = 1};
    (void)state;
    assert_int_equal(words_example(&assertion)->bytes[0], 2);
    assertion.failure_count = 1;
    assert_int_equal(words_example(&assertion)->bytes[0], 3);
    assertion.outcome = RESULT_ERROR;
    assert_null(words_example(&assertion));
}

static void assert_link(const char *url, const char *expected)
{
    const struct report report = {.trace_url = url};
    const struct trace_id trace = {{0xab}};
    struct buf out = BUF_NULL;
    words_link(&out, &report, &trace);
    assert_text(&out, expected);
}

static void links_have_the_trace_in_each_hole(void **state)
{
    (void)state;
    assert_link(NULL, "");
    assert_link("http://t/", "http://t/");
    assert_link("http://t/{trace_id}", "http://t/ab000000000000000000000000000000");
    assert_link("{trace_id}/{trace_id", "ab000000000000000000000000000000/{trace_id");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_has_one_decimal),
        cmocka_unit_test(a_share_never_rounds_to_nothing_or_to_everything),
        cmocka_unit_test(clipping_cuts_between_characters),
        cmocka_unit_test(values_read_by_their_kind),
        cmocka_unit_test(a_duration_that_rounds_to_its_limit_is_told_exactly),
        cmocka_unit_test(durations_are_short_where_that_tells_them_apart),
        cmocka_unit_test(what_reads_alike_is_told_once),
        cmocka_unit_test(groups_of_one_cause_are_told_together),
        cmocka_unit_test(a_failure_that_saw_nothing_either_is_not_told_again),
        cmocka_unit_test(lack_of_memory_for_a_value_shows),
        cmocka_unit_test(an_assertion_is_told_by_its_outcome),
        cmocka_unit_test(the_example_is_a_trace_with_that_outcome),
        cmocka_unit_test(links_have_the_trace_in_each_hole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
