/* A report as JUnit XML, for what shows test results: suite = suite, test case = assertion or
 * threshold (DESIGN 5.4).
 *
 * Outcomes are those of the campaign, so after tolerance: `failure` for fail, `error` for error and
 * inconclusive and for the rules of a suite that judged nothing, `skipped` for skipped. What no
 * rule shows (missing injections, no data, an undelivered required sink) is the test case
 * `campaign`. A run that ends red never shows green. Well-formed XML 1.0 in UTF-8 whatever the
 * names hold: what XML forbids is replaced by U+FFFD. Pure function. */
#ifndef ASSERTD_EXPORTERS_REPORT_JUNIT_H
#define ASSERTD_EXPORTERS_REPORT_JUNIT_H

#include "daemon/core/buf.h"
#include "daemon/model/report.h"

/* Appends the whole document. Lack of memory shows in out->failed. */
void report_write_junit(struct buf *out, const struct report *report);

#endif
