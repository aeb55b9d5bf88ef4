#include "daemon/pipeline/status.h"

#define FINDINGS_MAX 64

/* Findings of each weight, gathered before the status is known. */
struct findings {
    struct report *report;
    struct bytes *items;
    bool failed, inconclusive, warning;
};

static void add_finding(struct findings *findings, bool *weight, const char *text)
{
    *weight = true;
    if (text != NULL && findings->items != NULL && findings->report->finding_count < FINDINGS_MAX) {
        findings->items[findings->report->finding_count++] = bytes_of(text);
    }
}

/* Where nothing else was found, leaving the inconclusive ones out would leave nothing to say. */
static uint64_t inconclusive_that_count(const struct result_counts *counts, double max_inconclusive)
{
    uint64_t known = counts->pass + counts->fail;
    double share = (double)counts->inconclusive / (double)(known + counts->inconclusive);
    return known != 0 && share <= max_inconclusive ? 0 : counts->inconclusive;
}

enum result status_of_assertion(const struct result_counts *counts, double tolerance,
                                double max_inconclusive)
{
    if (counts->error != 0) {
        return RESULT_ERROR;
    }
    if (counts->pass + counts->fail + counts->inconclusive == 0) {
        return counts->skipped != 0 ? RESULT_SKIPPED : RESULT_PASS;
    }
    uint64_t inconclusive = inconclusive_that_count(counts, max_inconclusive);
    uint64_t of = counts->pass + counts->fail + inconclusive;
    double least = (double)counts->fail / (double)of;
    double most = (double)(counts->fail + inconclusive) / (double)of;
    if (most <= tolerance) {
        return RESULT_PASS;
    }
    return least > tolerance ? RESULT_FAIL : RESULT_INCONCLUSIVE;
}

static void weigh_result(struct findings *findings, enum result result, enum severity severity)
{
    bool *weight = severity == SEVERITY_WARNING    ? &findings->warning
                   : result == RESULT_INCONCLUSIVE ? &findings->inconclusive
                                                   : &findings->failed;
    if (result >= RESULT_INCONCLUSIVE) {
        *weight = true;
    }
}

static void weigh_suite(struct findings *findings, const struct report_suite *suite)
{
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        weigh_result(findings, suite->assertions[i].outcome, suite->assertions[i].severity);
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        weigh_result(findings, suite->thresholds[i].result, suite->thresholds[i].severity);
    }
    if (suite->traces.judged == 0 && !suite->optional) {
        add_finding(findings, &findings->inconclusive,
                    arena_printf(&findings->report->arena,
                                 "suite '%.*s' judged no trace: see its `traces` selector and "
                                 "labels, or set optional = true",
                                 (int)suite->name.len, (const char *)suite->name.data));
    }
}

static void weigh_missing(struct findings *findings, const struct status_facts *facts)
{
    uint64_t missing = findings->report->injections.missing;
    enum missing_setting setting = facts->campaign->settings.missing;
    if (missing == 0 || !facts->injected || setting == MISSING_IGNORE ||
        (setting == MISSING_BY_THRESHOLD && facts->missing_is_read)) {
        return;
    }
    add_finding(findings, setting == MISSING_FAIL ? &findings->failed : &findings->inconclusive,
                arena_printf(&findings->report->arena,
                             "%llu injections missing: no span of them came by the deadline",
                             (unsigned long long)missing));
}

static void weigh_unjudged(struct findings *findings, const struct status_facts *facts)
{
    uint64_t unjudged = findings->report->injections.unjudged;
    enum unjudged_setting setting = facts->campaign->settings.unjudged;
    if (unjudged == 0 || !facts->injected || setting == UNJUDGED_IGNORE) {
        return;
    }
    add_finding(findings, setting == UNJUDGED_FAIL ? &findings->failed : &findings->warning,
                arena_printf(&findings->report->arena,
                             "%llu injected traces were selected by no suite",
                             (unsigned long long)unjudged));
}

static void weigh_refused(struct findings *findings, const struct status_facts *facts)
{
    if (facts->requests_refused != 0) {
        add_finding(findings, &findings->warning,
                    arena_printf(&findings->report->arena,
                                 "%llu requests were refused for good before they could be read "
                                 "(malformed or too large): "
                                 "what they held can't be laid to a trace",
                                 (unsigned long long)facts->requests_refused));
    }
}

static void weigh_ledger(struct findings *findings)
{
    if (!ledger_balances(findings->report)) {
        add_finding(findings, &findings->inconclusive,
                    "the ledger does not balance: please report this as a bug");
    }
}

static enum campaign_status first_that_applies(const struct findings *findings,
                                               const struct status_facts *facts)
{
    if (facts->forced == CAMPAIGN_IN_PROGRESS) {
        return CAMPAIGN_IN_PROGRESS;
    }
    if (findings->failed) {
        return CAMPAIGN_FAILED;
    }
    if (facts->forced == CAMPAIGN_ABORTED) {
        return CAMPAIGN_ABORTED;
    }
    if (facts->judged_traces == 0) {
        return CAMPAIGN_NO_DATA;
    }
    return findings->inconclusive ? CAMPAIGN_INCONCLUSIVE
           : findings->warning    ? CAMPAIGN_WARNING
                                  : CAMPAIGN_SUCCESSFUL;
}

void status_find(struct report *report, const struct status_facts *facts)
{
    struct findings findings = {.report = report};
    bool none = false;
    findings.items = arena_calloc(&report->arena, FINDINGS_MAX, sizeof *findings.items);
    report->findings = findings.items;
    if (facts->judged_traces == 0 && facts->forced != CAMPAIGN_IN_PROGRESS &&
        facts->no_data_hint != NULL) {
        struct bytes hint = arena_copy(&report->arena, bytes_of(facts->no_data_hint));
        add_finding(&findings, &none, arena_string(&report->arena, hint));
    }
    if (report->suite_count == 0) {
        add_finding(&findings, &none,
                    "no suite is configured: add one by suites, suites_dir or --suite FILE");
    }
    for (uint32_t i = 0; i < report->suite_count; i++) {
        weigh_suite(&findings, &report->suites[i]);
    }
    weigh_missing(&findings, facts);
    weigh_unjudged(&findings, facts);
    weigh_refused(&findings, facts);
    weigh_ledger(&findings);
    report->status = first_that_applies(&findings, facts);
}
