/* What each JUnit case shows, the campaign's own among them: a table of campaigns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters/report_cases.h"

struct row {
    const char *name;
    enum campaign_status status;
    uint64_t judged;
    bool optional, has_assertion;
    enum result outcome;
    enum severity severity;
    uint32_t findings;
    uint64_t required_lost;
    enum shown assertion, campaign;
};

static const struct row rows[] = {
    {"all is well", CAMPAIGN_SUCCESSFUL, 5, false, true, RESULT_PASS, 0, 0, 0, SHOWN_PASS,
     SHOWN_PASS},
    {"a rule fails", CAMPAIGN_FAILED, 5, false, true, RESULT_FAIL, 0, 0, 0, SHOWN_FAILURE,
     SHOWN_PASS},
    {"a rule can't be evaluated", CAMPAIGN_FAILED, 5, false, true, RESULT_ERROR, 0, 0, 0,
     SHOWN_ERROR, SHOWN_PASS},
    {"a rule is open", CAMPAIGN_INCONCLUSIVE, 5, false, true, RESULT_INCONCLUSIVE, 0, 0, 0,
     SHOWN_ERROR, SHOWN_PASS},
    {"a rule warns", CAMPAIGN_WARNING, 5, false, true, RESULT_FAIL, 1, 0, 0, SHOWN_FAILURE,
     SHOWN_PASS},
    {"a rule is skipped", CAMPAIGN_SUCCESSFUL, 5, false, true, RESULT_SKIPPED, 0, 0, 0,
     SHOWN_SKIPPED, SHOWN_PASS},
    {"missing ones fail it", CAMPAIGN_FAILED, 5, false, true, RESULT_PASS, 0, 1, 0, SHOWN_PASS,
     SHOWN_FAILURE},
    {"a rule fails, some are missing", CAMPAIGN_FAILED, 5, false, true, RESULT_FAIL, 0, 1, 0,
     SHOWN_FAILURE, SHOWN_ERROR},
    {"a warning fails, missing ones fail it", CAMPAIGN_FAILED, 5, false, true, RESULT_FAIL, 1, 1, 0,
     SHOWN_FAILURE, SHOWN_FAILURE},
    {"some are missing", CAMPAIGN_INCONCLUSIVE, 5, false, true, RESULT_PASS, 0, 1, 0, SHOWN_PASS,
     SHOWN_ERROR},
    {"some are unjudged", CAMPAIGN_WARNING, 5, false, true, RESULT_PASS, 0, 1, 0, SHOWN_PASS,
     SHOWN_SKIPPED},
    {"a suite judged nothing", CAMPAIGN_INCONCLUSIVE, 0, false, true, RESULT_PASS, 0, 1, 0,
     SHOWN_ERROR, SHOWN_PASS},
    {"a suite without rules judged nothing", CAMPAIGN_INCONCLUSIVE, 0, false, false, RESULT_PASS, 0,
     1, 0, SHOWN_PASS, SHOWN_ERROR},
    {"an optional suite judged nothing", CAMPAIGN_SUCCESSFUL, 0, true, true, RESULT_PASS, 0, 0, 0,
     SHOWN_SKIPPED, SHOWN_PASS},
    {"no data", CAMPAIGN_NO_DATA, 0, true, true, RESULT_PASS, 0, 0, 0, SHOWN_SKIPPED, SHOWN_ERROR},
    {"aborted", CAMPAIGN_ABORTED, 5, false, true, RESULT_PASS, 0, 0, 0, SHOWN_PASS, SHOWN_ERROR},
    {"running", CAMPAIGN_IN_PROGRESS, 5, false, true, RESULT_PASS, 0, 0, 0, SHOWN_PASS,
     SHOWN_ERROR},
    {"undelivered", CAMPAIGN_SUCCESSFUL, 5, false, true, RESULT_PASS, 0, 0, 1, SHOWN_PASS,
     SHOWN_ERROR},
};

static void assert_row(const struct row *row)
{
    const struct bytes findings[] = {BYTES_LITERAL("finding")};
    const struct ledger_sink sink = {
        .required = true, .produced = 5, .acknowledged = 5 - row->required_lost};
    const struct report_assertion assertion = {.outcome = row->outcome, .severity = row->severity};
    const struct report_suite suite = {.traces.judged = row->judged,
                                       .optional = row->optional,
                                       .assertions = &assertion,
                                       .assertion_count = row->has_assertion};
    const struct report report = {.status = row->status,
                                  .suites = &suite,
                                  .suite_count = 1,
                                  .findings = findings,
                                  .finding_count = row->findings,
                                  .sinks = &sink,
                                  .sink_count = 1};
    if (row->has_assertion && cases_assertion(&suite, &assertion) != row->assertion) {
        fail_msg("%s: assertion shows %d", row->name, cases_assertion(&suite, &assertion));
    }
    if (cases_campaign(&report) != row->campaign) {
        fail_msg("%s: campaign shows %d", row->name, cases_campaign(&report));
    }
}

static void each_campaign_shows_what_it_came_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_row(&rows[i]);
    }
}

static void thresholds_show_their_result_and_can_explain_the_status(void **state)
{
    const struct report_threshold threshold = {.result = RESULT_FAIL};
    const struct report_suite suite = {
        .traces.judged = 5, .thresholds = &threshold, .threshold_count = 1};
    const struct report report = {.status = CAMPAIGN_FAILED, .suites = &suite, .suite_count = 1};
    struct case_totals totals = cases_count_suite(&suite);
    (void)state;
    assert_int_equal(cases_threshold(&threshold), SHOWN_FAILURE);
    assert_int_equal(cases_campaign(&report), SHOWN_PASS);
    assert_int_equal(totals.tests, 1);
    assert_int_equal(totals.failures, 1);
    assert_int_equal(totals.errors + totals.skipped, 0);
}

static void an_optional_sink_may_lack_records(void **state)
{
    struct ledger_sink sink = {.produced = 5, .acknowledged = 4};
    (void)state;
    assert_false(cases_undelivered(&sink));
    sink.required = true;
    assert_true(cases_undelivered(&sink));
    sink.acknowledged = 5;
    assert_false(cases_undelivered(&sink));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_campaign_shows_what_it_came_to),
        cmocka_unit_test(thresholds_show_their_result_and_can_explain_the_status),
        cmocka_unit_test(an_optional_sink_may_lack_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
