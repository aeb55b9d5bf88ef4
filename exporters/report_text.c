#include "exporters/report_text.h"

#include <inttypes.h>

#include "daemon/core/clock.h"
#include "daemon/core/units.h"
#include "exporters/report_accounts.h"
#include "exporters/report_headline.h"
#include "exporters/report_page.h"
#include "exporters/report_tree.h"
#include "exporters/report_words.h"

#define GROUPS_SHOWN   10
#define FAILURES_SHOWN 10
#define LABELS_SHOWN   10
#define TAG_WIDTH      13
#define NESTED         (2 + TAG_WIDTH)

/* Longest piece of a peer's text in a line. */
#define TEXT_MAX_BYTES 200

static enum page_colour colour_of(enum result result, enum severity severity)
{
    switch (result) {
    case RESULT_PASS:
        return PAGE_GREEN;
    case RESULT_INCONCLUSIVE:
        return PAGE_YELLOW;
    case RESULT_FAIL:
    case RESULT_ERROR:
        return severity == SEVERITY_WARNING ? PAGE_YELLOW : PAGE_RED;
    default:
        return PAGE_DIM;
    }
}

static void tag_result(struct page *page, enum result result, enum severity severity)
{
    page_tag(page, result_name(result), colour_of(result, severity), TAG_WIDTH);
}

static const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

/* Head */

static enum page_colour colour_of_status(enum campaign_status status)
{
    switch (status) {
    case CAMPAIGN_SUCCESSFUL:
        return PAGE_GREEN;
    case CAMPAIGN_FAILED:
    case CAMPAIGN_ABORTED:
        return PAGE_RED;
    case CAMPAIGN_IN_PROGRESS:
        return PAGE_PLAIN;
    default:
        return PAGE_YELLOW;
    }
}

/* Milliseconds are enough for people. */
static void append_time(struct page *page, uint64_t unix_ns)
{
    units_print_time(&page->line, unix_ns - unix_ns % NS_PER_MS);
}

static void write_times(struct page *page, const struct report *report)
{
    bool ended = report->end_unix_ns != 0;
    buf_append_text(&page->line, ended ? ", " : ", since ");
    append_time(page, report->start_unix_ns);
    if (ended && report->end_unix_ns != report->start_unix_ns) {
        buf_append_text(&page->line, " to ");
        append_time(page, report->end_unix_ns);
        buf_append_text(&page->line, " (");
        units_print_duration_short(&page->line,
                                   (__int128)report->end_unix_ns - report->start_unix_ns);
        buf_append_char(&page->line, ')');
    }
}

static void write_labels(struct page *page, const struct report *report)
{
    if (report->label_count == 0) {
        return;
    }
    buf_append_text(&page->line, "labels: ");
    for (uint32_t i = 0; i < report->label_count; i++) {
        const struct seen value = {.type = SEEN_VALUE, .value = report->labels[i].value};
        buf_append_text(&page->line, i == 0 ? "" : ", ");
        buf_append_bytes(&page->line, report->labels[i].key);
        buf_append_char(&page->line, '=');
        seen_print(&page->line, &value);
    }
    page_end_wrapped(page, 0);
}

/* The finding that the headline tells is not told again. */
static void write_findings(struct page *page, const struct report *report, struct bytes headline)
{
    for (uint32_t i = 0; i < report->finding_count; i++) {
        if (!bytes_start_with(headline, report->findings[i])) {
            buf_append_text(&page->line, "! ");
            buf_append_bytes(&page->line, report->findings[i]);
            page_end_wrapped(page, 0);
        }
    }
}

static void write_head(struct page *page, const struct report *report)
{
    struct buf headline = BUF_NULL;
    headline_write(&headline, report);
    page_tag(page, campaign_status_name(report->status), colour_of_status(report->status), 0);
    buf_append_text(&page->line, ": ");
    buf_append_bytes(&page->line, buf_bytes(&headline));
    page_end(page, 0);
    buf_append_text(&page->line, "campaign ");
    words_name(&page->line, report->key);
    write_times(page, report);
    page_end(page, 0);
    write_labels(page, report);
    write_findings(page, report, buf_bytes(&headline));
    page->out->failed |= headline.failed;
    buf_deinit(&headline);
}

/* One assertion that needs words */

static void write_link(struct page *page, const struct report *report, const struct trace_id *trace)
{
    if (report->trace_url != NULL && *report->trace_url != '\0') {
        words_link(&page->line, report, trace);
        page_end(page, NESTED + 4);
    }
}

static void write_group(struct page *page, const struct report *report,
                        const struct report_group *group, uint32_t alike)
{
    buf_printf(&page->line, "%" PRIu64 " x ", group->count);
    words_conditions(&page->line, group, alike, TEXT_MAX_BYTES);
    if (group->service.len != 0 || group->span.len != 0) {
        buf_append_text(&page->line, ", span ");
        words_name(&page->line, group->span);
        buf_append_text(&page->line, " of ");
        words_name(&page->line, group->service);
    }
    buf_append_text(&page->line, ": ");
    words_clipped(&page->line, group->reason, TEXT_MAX_BYTES);
    page_end(page, NESTED);
    buf_append_text(&page->line, "e.g. ");
    words_place(&page->line, &group->trace_id, 0);
    page_end(page, NESTED + 4);
    write_link(page, report, &group->trace_id);
}

/* The condition is repeated only where the groups leave open which one it is; the group has told
 * the reason. */
static void write_failure(struct page *page, const struct report_failure *entry,
                          bool with_condition)
{
    words_place(&page->line, &entry->trace_id, entry->failure.span_id);
    buf_append_text(&page->line, ": ");
    if (with_condition) {
        words_clipped(&page->line, entry->failure.condition, TEXT_MAX_BYTES);
        buf_append_text(&page->line, ": ");
    }
    words_seen(&page->line, &entry->failure, TEXT_MAX_BYTES);
    page_end(page, NESTED);
}

static void write_omitted(struct page *page, uint64_t number, const char *noun)
{
    if (number != 0) {
        buf_printf(&page->line, "and %" PRIu64 " more %s%s: see the JSON report", number, noun,
                   plural(number));
        page_end(page, NESTED);
    }
}

static void write_proof(struct page *page, const struct report *report,
                        const struct report_assertion *assertion)
{
    const struct report_group *groups = assertion->groups;
    const struct report_failure *failures = assertion->failures;
    uint32_t group = 0;
    uint32_t failure = 0;
    for (uint32_t lines = 0; group < assertion->group_count && lines < GROUPS_SHOWN; lines++) {
        uint32_t alike = words_alike(&groups[group], assertion->group_count - group);
        write_group(page, report, &groups[group], alike);
        group += alike;
    }
    write_omitted(page, assertion->group_count - group, "group");
    for (uint32_t lines = 0; failure < assertion->failure_count && lines < FAILURES_SHOWN;
         failure++) {
        if (failure == 0 || !words_repeats(&failures[failure - 1], &failures[failure])) {
            write_failure(page, &failures[failure], assertion->group_count > 1);
            lines++;
        }
    }
    write_omitted(page, assertion->failure_count - failure + assertion->failures_omitted,
                  "failure");
}

static bool is_clean(const struct result_counts *counts)
{
    return counts->fail + counts->error + counts->inconclusive == 0;
}

static void append_result(struct page *page, uint64_t number, const char *word)
{
    if (number != 0) {
        buf_printf(&page->line, ", %" PRIu64 " %s", number, word);
    }
}

static void write_assertion(struct page *page, const struct report *report,
                            const struct report_assertion *assertion)
{
    const struct result_counts *counts = &assertion->counts;
    tag_result(page, assertion->outcome, assertion->severity);
    words_name(&page->line, assertion->name);
    buf_append_char(&page->line, ':');
    if (counts->fail != 0) {
        buf_append_char(&page->line, ' ');
        words_share(&page->line, counts->fail, words_applied(counts));
        buf_printf(&page->line, " (%" PRIu64 " of %" PRIu64 ") fail", counts->fail,
                   words_applied(counts));
    } else {
        buf_printf(&page->line, " %" PRIu64 " judged", words_applied(counts));
    }
    append_result(page, counts->error, "in error");
    append_result(page, counts->inconclusive, "inconclusive");
    append_result(page, counts->skipped, "skipped");
    if (assertion->outcome == RESULT_PASS) {
        buf_append_text(&page->line, ": within tolerance");
    } else if (assertion->severity == SEVERITY_WARNING) {
        buf_append_text(&page->line, " (a warning)");
    }
    page_end(page, 2);
    write_proof(page, report, assertion);
}

/* Assertions that need none: one line for all of an outcome */

static void write_compact(struct page *page, const struct report_suite *suite, enum result outcome)
{
    uint32_t number = 0;
    struct buf names = BUF_NULL;
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        const struct report_assertion *assertion = &suite->assertions[i];
        if (assertion->outcome == outcome && is_clean(&assertion->counts)) {
            buf_append_text(&names, number++ == 0 ? "" : ", ");
            words_name(&names, assertion->name);
        }
    }
    if (number != 0) {
        if (suite->traces.judged != 0) {
            tag_result(page, outcome, SEVERITY_ERROR);
        } else {
            page_tag(page, "not judged", PAGE_YELLOW, TAG_WIDTH);
        }
        buf_printf(&page->line, "%" PRIu32 " assertion%s: ", number, plural(number));
        words_clipped(&page->line, buf_bytes(&names), TEXT_MAX_BYTES);
        page_end(page, 2);
    }
    page->out->failed |= names.failed;
    buf_deinit(&names);
}

/* Only labels for which something went wrong. */
static void write_classes(struct page *page, const struct report_threshold *threshold)
{
    uint32_t bad = 0;
    for (uint32_t i = 0; i < threshold->class_count; i++) {
        const struct report_threshold *class = &threshold->classes[i].it;
        if (class->result <= RESULT_PASS) {
            continue;
        }
        if (bad++ < LABELS_SHOWN) {
            buf_printf(&page->line, "%s: ", result_name(class->result));
            words_threshold(&page->line, class);
            page_end(page, NESTED);
        }
    }
    write_omitted(page, bad > LABELS_SHOWN ? bad - LABELS_SHOWN : 0, "label");
}

static void write_threshold(struct page *page, const struct report_threshold *threshold)
{
    tag_result(page, threshold->result, threshold->severity);
    words_threshold(&page->line, threshold);
    if (threshold->severity == SEVERITY_WARNING && threshold->result > RESULT_PASS) {
        buf_append_text(&page->line, " (a warning)");
    }
    page_end(page, 2);
    write_classes(page, threshold);
}

/* Labels: only rows in which something went wrong */

static void append_label(struct page *page, struct bytes label)
{
    if (label.len != 0) {
        words_clipped(&page->line, label, TEXT_MAX_BYTES);
    } else {
        buf_append_char(&page->line, '-');
    }
}

static void write_label(struct page *page, const struct report_label *label)
{
    const struct result_counts *counts = &label->counts;
    append_label(page, label->scenario);
    buf_append_text(&page->line, " / ");
    append_label(page, label->step);
    buf_append_text(&page->line, " / ");
    append_label(page, label->zone);
    buf_printf(&page->line, ": %" PRIu64 " judged", counts->judged);
    append_result(page, counts->fail, "fail");
    append_result(page, counts->error, "in error");
    append_result(page, counts->inconclusive, "inconclusive");
    page_end(page, NESTED);
}

static void write_by_label(struct page *page, const struct report_suite *suite)
{
    uint32_t bad = 0;
    for (uint32_t i = 0; i < suite->label_count && suite->label_count > 1; i++) {
        if (is_clean(&suite->labels[i].counts)) {
            continue;
        }
        if (bad == 0) {
            buf_append_text(&page->line, "by scenario / step / zone:");
            page_end(page, 2);
        }
        if (bad++ < LABELS_SHOWN) {
            write_label(page, &suite->labels[i]);
        }
    }
    write_omitted(page, bad > LABELS_SHOWN ? bad - LABELS_SHOWN : 0, "row");
}

/* One trace is enough for people: the others stand in the JSON report. */
static void write_tree(struct page *page, const struct report_suite *suite)
{
    if (suite->tree_count == 0) {
        return;
    }
    const struct report_tree *tree = &suite->trees[0];
    page_tag(page, "tree", PAGE_DIM, TAG_WIDTH);
    tree_title(&page->line, tree);
    page_end(page, 2);
    for (uint32_t i = 0; i < tree->span_count; i++) {
        tree_line(&page->line, &tree->spans[i]);
        page_end(page, NESTED);
    }
    write_omitted(page, suite->tree_count - 1, "tree");
}

static void write_suite(struct page *page, const struct report *report,
                        const struct report_suite *suite)
{
    const struct result_counts *traces = &suite->traces;
    page_gap(page);
    buf_append_text(&page->line, "suite ");
    words_name(&page->line, suite->name);
    buf_printf(&page->line, ": %" PRIu64 " trace%s judged", traces->judged, plural(traces->judged));
    append_result(page, traces->pass, "pass");
    append_result(page, traces->fail, "fail");
    append_result(page, traces->error, "in error");
    append_result(page, traces->inconclusive, "inconclusive");
    buf_append_text(&page->line, suite->optional && traces->judged == 0 ? " (optional)" : "");
    page_end(page, 0);
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        if (!is_clean(&suite->assertions[i].counts)) {
            write_assertion(page, report, &suite->assertions[i]);
        }
    }
    write_tree(page, suite);
    write_compact(page, suite, RESULT_PASS);
    write_compact(page, suite, RESULT_SKIPPED);
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        write_threshold(page, &suite->thresholds[i]);
    }
    write_by_label(page, suite);
}

void report_write_text(struct buf *out, const struct report *report,
                       const struct report_text_options *options)
{
    struct page page = PAGE_INIT(out, options->colour);
    write_head(&page, report);
    for (uint32_t i = 0; i < report->suite_count; i++) {
        write_suite(&page, report, &report->suites[i]);
    }
    page_gap(&page);
    accounts_write(&page, report);
    page_deinit(&page);
}
