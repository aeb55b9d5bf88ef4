/* The sentences that the text and the JUnit report share: shares, values, what an assertion or a
 * threshold came to.
 *
 * All append raw text: names and reasons as they came, so the caller escapes for its medium. Pure
 * functions. */
#ifndef ASSERTD_EXPORTERS_REPORT_WORDS_H
#define ASSERTD_EXPORTERS_REPORT_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/buf.h"
#include "daemon/model/report.h"

/* "3.0 %": one decimal, more where it would round to nothing or to everything. `whole` is not 0;
 * `part` may be greater. */
void words_share(struct buf *out, uint64_t part, uint64_t whole);

/* At most `max` bytes of `text`, cut between characters, with "…" where it was cut. */
void words_clipped(struct buf *out, struct bytes text, size_t max);

/* The name in quotes, clipped. */
void words_name(struct buf *out, struct bytes name);

/* Traces to which an assertion applied: its results without the skipped ones. */
uint64_t words_applied(const struct result_counts *counts);

/* "3.0 % of the judged traces (30 of 1000) break 'order is processed'": what the outcome (or, where
 * that is pass, the strongest result) means. */
void words_assertion(struct buf *out, const struct report_assertion *assertion);

/* "1.53s", "2.5 %", "12", "infinite", "no value"; with the exact duration where the short one reads
 * like the limit. */
void words_value(struct buf *out, const struct report_threshold *threshold);

/* "'quick' is 1.53s: p(95)($m.duration) < 1s, 1000 samples; beyond the limit". */
void words_threshold(struct buf *out, const struct report_threshold *threshold);

/* "actual 0, expected 1", and the same with ": no span matched"; each part clipped to `max` bytes.
 * Durations are short where that tells them apart, else exact; what was expected is left out where
 * it reads like what was seen. */
void words_seen(struct buf *out, const struct failure *failure, size_t max);
void words_failure(struct buf *out, const struct failure *failure, size_t max);

/* How many of `groups`, from the first on, differ in their condition alone: told in one line. At
 * least 1; `count` is not 0. */
uint32_t words_alike(const struct report_group *groups, uint32_t count);

/* "count = 1" or "count = 1 and 5 more conditions" of so many alike groups, clipped. */
void words_conditions(struct buf *out, const struct report_group *groups, uint32_t alike,
                      size_t max);

/* Whether a failure tells no more than the one before it: no span, nothing seen, the same trace and
 * reason. */
bool words_repeats(const struct report_failure *before, const struct report_failure *failure);

/* "trace 0af7…, span 00f0…" with the span only where one decided. */
void words_place(struct buf *out, const struct trace_id *trace, span_id span);

/* One trace that shows the outcome of a failing assertion: the first one listed, else a group's;
 * NULL: none is kept. */
const struct trace_id *words_example(const struct report_assertion *assertion);

/* "the required sink 'kafka' took 480 of 500 records". */
void words_undelivered(struct buf *out, const struct ledger_sink *sink);

/* The report's link to a trace; nothing where the report has no template. */
void words_link(struct buf *out, const struct report *report, const struct trace_id *trace);

#endif
