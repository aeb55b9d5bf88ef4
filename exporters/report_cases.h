/* What each test case of a report shows: the decisions below the JUnit report, apart from its XML.
 *
 * A case shows what its rule means for the campaign, so after tolerance. No assertion of a suite
 * that judged nothing has passed. What no rule shows is the campaign's own case. Pure functions. */
#ifndef ASSERTD_EXPORTERS_REPORT_CASES_H
#define ASSERTD_EXPORTERS_REPORT_CASES_H

#include "daemon/model/report.h"

enum shown { SHOWN_PASS, SHOWN_FAILURE, SHOWN_ERROR, SHOWN_SKIPPED };

struct case_totals {
    uint64_t tests, failures, errors, skipped;
};

/* The case of an assertion, of a threshold. */
enum shown cases_assertion(const struct report_suite *suite,
                           const struct report_assertion *assertion);
enum shown cases_threshold(const struct report_threshold *threshold);

/* The campaign's own case: findings, statuses and undelivered records that no other case shows;
 * SHOWN_PASS: there are none, and no case is written. What ends green (a warning) is skipped, never
 * red. */
enum shown cases_campaign(const struct report *report);

/* Whether a required sink lacks records. */
bool cases_undelivered(const struct ledger_sink *sink);

/* Adds one case. */
void cases_count(struct case_totals *totals, enum shown shown);

/* All cases of a suite. */
struct case_totals cases_count_suite(const struct report_suite *suite);

#endif
