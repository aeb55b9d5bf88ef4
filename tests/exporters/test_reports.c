/* Reports when memory runs out: at every allocation, the writers stop or finish, and say which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters/report_headline.h"
#include "exporters/report_json.h"
#include "exporters/report_junit.h"
#include "exporters/report_text.h"
#include "tests/exporters/sample_reports.h"
#include "tests/support/failing_malloc.h"

static void write_json(struct buf *out, const struct report *report)
{
    struct json json = JSON_INIT(out);
    report_write_json(&json, report);
    assert_int_equal(json.depth, 0);
}

static void write_text(struct buf *out, const struct report *report)
{
    report_write_text(out, report, &(struct report_text_options){.colour = true});
}

static void fail_at_every_allocation(void (*writer)(struct buf *, const struct report *),
                                     const struct report *report)
{
    struct buf whole = BUF_NULL;
    bool finished = false;
    size_t good = 0;
    writer(&whole, report);
    for (; !finished; good++) {
        struct buf out = BUF_NULL;
        failing_malloc_begin(good);
        writer(&out, report);
        finished = failing_malloc_end() <= good;
        assert_true(finished || out.failed);
        if (finished) {
            assert_false(out.failed);
            assert_true(bytes_equal(buf_bytes(&out), buf_bytes(&whole)));
        }
        buf_deinit(&out);
    }
    assert_true(good > 1);
    buf_deinit(&whole);
}

static void lack_of_memory_shows_at_every_allocation(void **state)
{
    static const char *const names[] = {"hostile", "running", "failed", "parted"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        fail_at_every_allocation(write_json, sample_report(names[i]));
        fail_at_every_allocation(report_write_junit, sample_report(names[i]));
        fail_at_every_allocation(write_text, sample_report(names[i]));
    }
}

static void assert_headline(const struct report *report, const char *expected)
{
    struct buf out = BUF_NULL;
    headline_write(&out, report);
    buf_append_char(&out, '\0');
    assert_false(out.failed);
    assert_string_equal((const char *)out.data, expected);
    buf_deinit(&out);
}

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

static void the_headline_tells_the_worst_assertion(void **state)
{
    const struct report_assertion assertions[] = {
        {.name = TEXT("error"), .counts = {10, 1, 0, 9, 0, 0}, .outcome = RESULT_ERROR},
        {.name = TEXT("few"), .counts = {10, 9, 1, 0, 0, 0}, .outcome = RESULT_FAIL},
        {.name = TEXT("many"), .counts = {10, 2, 2, 0, 0, 6}, .outcome = RESULT_FAIL},
        {.name = TEXT("warning"),
         .severity = SEVERITY_WARNING,
         .counts = {10, 0, 10, 0, 0, 0},
         .outcome = RESULT_FAIL},
    };
    const struct report_suite suite = {
        .traces = {.judged = 10}, .assertions = assertions, .assertion_count = 4};
    struct report report = {.status = CAMPAIGN_FAILED, .suites = &suite, .suite_count = 1};
    (void)state;
    assert_headline(&report,
                    "50.0 % of the judged traces (2 of 4) break 'many'; and 2 more assertions");
    report.status = CAMPAIGN_WARNING;
    assert_headline(&report, "100 % of the judged traces (10 of 10) break 'warning'");
}

static void the_headline_tells_thresholds_and_findings_where_no_assertion_is_bad(void **state)
{
    const struct report_threshold thresholds[] = {
        {.name = TEXT("t"),
         .rule = TEXT("count(fail) = 0"),
         .result = RESULT_FAIL,
         .has_value = true,
         .value_is_integer = true,
         .value_integer = 3,
         .samples = 1,
         .reason = TEXT("beyond the limit")},
        {.name = TEXT("u"),
         .rule = TEXT("max($x.n) = 0"),
         .result = RESULT_INCONCLUSIVE,
         .reason = TEXT("no samples")},
    };
    const struct bytes finding = BYTES_LITERAL("3 injections missing");
    const struct report_suite suite = {.traces = {.judged = 2, .pass = 1, .fail = 1},
                                       .thresholds = thresholds,
                                       .threshold_count = 2};
    struct report report = {.status = CAMPAIGN_FAILED,
                            .suites = &suite,
                            .suite_count = 1,
                            .findings = &finding,
                            .finding_count = 1};
    (void)state;
    assert_headline(&report, "'t' is 3: count(fail) = 0, 1 sample; beyond the limit");
    report.status = CAMPAIGN_INCONCLUSIVE;
    assert_headline(&report, "3 injections missing");
    report.finding_count = 0;
    assert_headline(&report, "'u' has no value: max($x.n) = 0, 0 samples; no samples");
    report.status = CAMPAIGN_ABORTED;
    assert_headline(
        &report,
        "the campaign did not come to its end; until then 2 judged traces: 1 pass, 1 fail");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lack_of_memory_shows_at_every_allocation),
        cmocka_unit_test(the_headline_tells_the_worst_assertion),
        cmocka_unit_test(the_headline_tells_thresholds_and_findings_where_no_assertion_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
