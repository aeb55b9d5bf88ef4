#include "exporters/report_headline.h"

#include <inttypes.h>

#include "exporters/report_cases.h"
#include "exporters/report_words.h"

/* What a search over all rules found: the worst one, and how many more are as bad as the status. */
struct telling {
    const struct report_assertion *assertion;
    const struct report_threshold *threshold;
    uint32_t assertions, thresholds;
};

/* Whether a rule's result alone gives the campaign this status (SEMANTICS 6, "status"). */
static bool gives(enum result result, enum severity severity, enum campaign_status status)
{
    switch (status) {
    case CAMPAIGN_INCONCLUSIVE:
        return severity == SEVERITY_ERROR && result == RESULT_INCONCLUSIVE;
    case CAMPAIGN_WARNING:
        return severity == SEVERITY_WARNING && result >= RESULT_INCONCLUSIVE;
    default:
        return severity == SEVERITY_ERROR && result >= RESULT_ERROR;
    }
}

static uint64_t broken(const struct report_assertion *assertion)
{
    return assertion->counts.fail + assertion->counts.error + assertion->counts.inconclusive;
}

/* A rule that is broken says more than one that could not be read, and many traces more than few.
 */
static bool says_more(const struct report_assertion *a, const struct report_assertion *b)
{
    if (b == NULL || a->outcome != b->outcome) {
        return b == NULL || a->outcome > b->outcome;
    }
    unsigned __int128 left = (unsigned __int128)broken(a) * words_applied(&b->counts);
    unsigned __int128 right = (unsigned __int128)broken(b) * words_applied(&a->counts);
    return left > right;
}

static void look_at_suite(struct telling *telling, const struct report_suite *suite,
                          enum campaign_status status)
{
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        const struct report_assertion *assertion = &suite->assertions[i];
        if (gives(assertion->outcome, assertion->severity, status)) {
            telling->assertions++;
            telling->assertion =
                says_more(assertion, telling->assertion) ? assertion : telling->assertion;
        }
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        const struct report_threshold *threshold = &suite->thresholds[i];
        if (gives(threshold->result, threshold->severity, status)) {
            telling->thresholds++;
            telling->threshold = telling->threshold == NULL ? threshold : telling->threshold;
        }
    }
}

static struct telling look(const struct report *report)
{
    struct telling telling = {.assertion = NULL};
    for (uint32_t i = 0; i < report->suite_count; i++) {
        look_at_suite(&telling, &report->suites[i], report->status);
    }
    return telling;
}

static const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

/* "; and 1 more assertion, 2 thresholds". */
static void append_more(struct buf *out, uint32_t assertions, uint32_t thresholds)
{
    if (assertions + thresholds != 0) {
        buf_append_text(out, "; and ");
    }
    if (assertions != 0) {
        buf_printf(out, "%" PRIu32 " more assertion%s", assertions, plural(assertions));
    }
    if (thresholds != 0) {
        buf_printf(out, "%s%" PRIu32 " threshold%s", assertions != 0 ? ", " : "", thresholds,
                   plural(thresholds));
    }
}

static void tell_assertion(struct buf *out, const struct telling *telling)
{
    const struct trace_id *example = words_example(telling->assertion);
    words_assertion(out, telling->assertion);
    if (example != NULL) {
        buf_append_text(out, ", e.g. ");
        words_place(out, example, 0);
    }
    append_more(out, telling->assertions - 1, telling->thresholds);
}

static void tell_threshold(struct buf *out, const struct telling *telling)
{
    words_threshold(out, telling->threshold);
    append_more(out, 0, telling->thresholds - 1);
}

static struct result_counts all_traces(const struct report *report)
{
    struct result_counts sum = {.judged = 0};
    for (uint32_t i = 0; i < report->suite_count; i++) {
        const struct result_counts *traces = &report->suites[i].traces;
        sum.judged += traces->judged;
        sum.pass += traces->pass;
        sum.fail += traces->fail;
        sum.error += traces->error;
        sum.inconclusive += traces->inconclusive;
    }
    return sum;
}

/* Several suites may judge one trace: then only their verdicts can be added up. */
static void append_judged(struct buf *out, const struct report *report, uint64_t judged)
{
    if (report->suite_count > 1) {
        buf_printf(out, "%" PRIu64 " verdict%s of %" PRIu32 " suites", judged, plural(judged),
                   report->suite_count);
    } else {
        buf_printf(out, "%" PRIu64 " judged trace%s", judged, plural(judged));
    }
}

static void append_results(struct buf *out, const struct result_counts *sum)
{
    buf_printf(out, ": %" PRIu64 " pass, %" PRIu64 " fail", sum->pass, sum->fail);
    if (sum->error != 0) {
        buf_printf(out, ", %" PRIu64 " in error", sum->error);
    }
    if (sum->inconclusive != 0) {
        buf_printf(out, ", %" PRIu64 " inconclusive", sum->inconclusive);
    }
}

static void tell_counts(struct buf *out, const struct report *report)
{
    struct result_counts sum = all_traces(report);
    if (sum.judged == 0) {
        buf_append_text(out, "nothing was judged");
    } else if (sum.pass == sum.judged) {
        buf_append_text(out, sum.judged == 1 ? "" : "all ");
        append_judged(out, report, sum.judged);
        buf_append_text(out, sum.judged == 1 ? " passes" : " pass");
    } else {
        append_judged(out, report, sum.judged);
        append_results(out, &sum);
    }
}

static bool tell_finding(struct buf *out, const struct report *report)
{
    if (report->finding_count == 0) {
        return false;
    }
    buf_append_bytes(out, report->findings[0]);
    return true;
}

static void tell_rule_or_finding(struct buf *out, const struct report *report)
{
    struct telling telling = look(report);
    bool finding_first = report->status != CAMPAIGN_FAILED && telling.assertion == NULL;
    if (telling.assertion != NULL) {
        tell_assertion(out, &telling);
    } else if (finding_first && tell_finding(out, report)) {
        return;
    } else if (telling.threshold != NULL) {
        tell_threshold(out, &telling);
    } else if (!tell_finding(out, report)) {
        tell_counts(out, report);
    }
}

static void tell_status(struct buf *out, const struct report *report)
{
    switch (report->status) {
    case CAMPAIGN_SUCCESSFUL:
        tell_counts(out, report);
        break;
    case CAMPAIGN_IN_PROGRESS:
        buf_append_text(out, "so far ");
        tell_counts(out, report);
        break;
    case CAMPAIGN_ABORTED:
        buf_append_text(out, "the campaign did not come to its end; until then ");
        tell_counts(out, report);
        break;
    case CAMPAIGN_NO_DATA:
        if (!tell_finding(out, report)) {
            buf_append_text(out, "no trace was judged");
        }
        break;
    default:
        tell_rule_or_finding(out, report);
        break;
    }
}

/* Without it a run would end red under a green line. */
static void tell_undelivered(struct buf *out, const struct report *report)
{
    for (uint32_t i = 0; i < report->sink_count; i++) {
        if (report->status != CAMPAIGN_IN_PROGRESS && cases_undelivered(&report->sinks[i])) {
            buf_append_text(out, "; ");
            words_undelivered(out, &report->sinks[i]);
        }
    }
}

void headline_write(struct buf *out, const struct report *report)
{
    tell_status(out, report);
    tell_undelivered(out, report);
}
