#include "exporters/report_cases.h"

static enum shown shown_of(enum result result)
{
    switch (result) {
    case RESULT_FAIL:
        return SHOWN_FAILURE;
    case RESULT_ERROR:
    case RESULT_INCONCLUSIVE:
        return SHOWN_ERROR;
    case RESULT_PASS:
        return SHOWN_PASS;
    default:
        return SHOWN_SKIPPED;
    }
}

enum shown cases_assertion(const struct report_suite *suite,
                           const struct report_assertion *assertion)
{
    if (suite->traces.judged == 0) {
        return suite->optional ? SHOWN_SKIPPED : SHOWN_ERROR;
    }
    return shown_of(assertion->outcome);
}

enum shown cases_threshold(const struct report_threshold *threshold)
{
    return shown_of(threshold->result);
}

void cases_count(struct case_totals *totals, enum shown shown)
{
    totals->tests++;
    totals->failures += shown == SHOWN_FAILURE;
    totals->errors += shown == SHOWN_ERROR;
    totals->skipped += shown == SHOWN_SKIPPED;
}

struct case_totals cases_count_suite(const struct report_suite *suite)
{
    struct case_totals totals = {.tests = 0};
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        cases_count(&totals, cases_assertion(suite, &suite->assertions[i]));
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        cases_count(&totals, cases_threshold(&suite->thresholds[i]));
    }
    return totals;
}

/* The campaign's own case */

bool cases_undelivered(const struct ledger_sink *sink)
{
    return sink->required && sink->acknowledged != sink->produced;
}

static bool any_undelivered(const struct report *report)
{
    for (uint32_t i = 0; i < report->sink_count; i++) {
        if (cases_undelivered(&report->sinks[i])) {
            return true;
        }
    }
    return false;
}

/* The status that one rule, as it is shown, would give the campaign. */
static enum campaign_status status_of(enum shown shown, enum result result, enum severity severity)
{
    if (shown == SHOWN_PASS || shown == SHOWN_SKIPPED) {
        return CAMPAIGN_SUCCESSFUL;
    }
    if (severity == SEVERITY_WARNING && result >= RESULT_INCONCLUSIVE) {
        return CAMPAIGN_WARNING;
    }
    return result >= RESULT_ERROR ? CAMPAIGN_FAILED : CAMPAIGN_INCONCLUSIVE;
}

/* Whether some test case alone shows the campaign's status. */
static bool is_shown_by_suite(const struct report_suite *suite, enum campaign_status status)
{
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        const struct report_assertion *assertion = &suite->assertions[i];
        enum shown shown = cases_assertion(suite, assertion);
        if (status_of(shown, assertion->outcome, assertion->severity) == status) {
            return true;
        }
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        const struct report_threshold *threshold = &suite->thresholds[i];
        if (status_of(cases_threshold(threshold), threshold->result, threshold->severity) ==
            status) {
            return true;
        }
    }
    return false;
}

static bool is_shown(const struct report *report)
{
    bool shown = report->status == CAMPAIGN_SUCCESSFUL;
    for (uint32_t i = 0; i < report->suite_count; i++) {
        shown |= is_shown_by_suite(&report->suites[i], report->status);
    }
    return shown;
}

/* Findings say too that a suite judged nothing; its own cases show that where it has any. */
static bool has_further_findings(const struct report *report)
{
    uint32_t shown = 0;
    for (uint32_t i = 0; i < report->suite_count; i++) {
        const struct report_suite *suite = &report->suites[i];
        shown += suite->traces.judged == 0 && !suite->optional && suite->assertion_count != 0;
    }
    return report->finding_count > shown;
}

enum shown cases_campaign(const struct report *report)
{
    if (any_undelivered(report)) {
        return SHOWN_ERROR;
    }
    if (is_shown(report) && !has_further_findings(report)) {
        return SHOWN_PASS;
    }
    if (report->status == CAMPAIGN_FAILED) {
        return is_shown(report) ? SHOWN_ERROR : SHOWN_FAILURE;
    }
    bool green = report->status == CAMPAIGN_WARNING || report->status == CAMPAIGN_SUCCESSFUL;
    return green ? SHOWN_SKIPPED : SHOWN_ERROR;
}
