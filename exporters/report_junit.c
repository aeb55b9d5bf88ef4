#include "exporters/report_junit.h"

#include <inttypes.h>

#include "daemon/core/units.h"
#include "exporters/report_cases.h"
#include "exporters/report_headline.h"
#include "exporters/report_tree.h"
#include "exporters/report_words.h"
#include "exporters/report_xml.h"

#define SEEN_MAX_BYTES 2000
#define CAMPAIGN_CASE  "campaign"

/* One sentence a line: what is wrong with the campaign itself. */
static void append_campaign_body(struct buf *body, const struct report *report)
{
    for (uint32_t i = 0; i < report->finding_count; i++) {
        buf_append_bytes(body, report->findings[i]);
        buf_append_char(body, '\n');
    }
    for (uint32_t i = 0; i < report->sink_count; i++) {
        if (cases_undelivered(&report->sinks[i])) {
            words_undelivered(body, &report->sinks[i]);
            buf_append_char(body, '\n');
        }
    }
}

/* Elements */

static void append_totals(struct buf *out, const struct case_totals *totals, bool skipped_too)
{
    buf_printf(out, " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\"",
               totals->tests, totals->failures, totals->errors);
    if (skipped_too) {
        buf_printf(out, " skipped=\"%" PRIu64 "\"", totals->skipped);
    }
}

/* Seconds with milliseconds, without the detour over doubles. */
static void append_seconds(struct buf *out, const struct report *report)
{
    uint64_t end = report->end_unix_ns;
    uint64_t ms =
        end > report->start_unix_ns ? (end - report->start_unix_ns + 500000) / 1000000 : 0;
    buf_printf(out, " time=\"%" PRIu64 ".%03" PRIu64 "\"", ms / 1000, ms % 1000);
}

/* JUnit's times have neither fraction nor zone. */
static void append_timestamp(struct buf *out, uint64_t unix_ns)
{
    struct buf time = BUF_NULL;
    units_print_time(&time, unix_ns - unix_ns % UINT64_C(1000000000));
    struct bytes text = buf_bytes(&time);
    text.len -= text.len != 0;
    xml_append_attribute(out, "timestamp", text);
    out->failed |= time.failed;
    buf_deinit(&time);
}

static void append_property(struct buf *out, struct bytes name, struct bytes value)
{
    buf_append_text(out, "      <property");
    xml_append_attribute(out, "name", name);
    xml_append_attribute(out, "value", value);
    buf_append_text(out, "/>\n");
}

static void append_label(struct buf *out, const struct attr *label)
{
    struct buf name = BUF_NULL;
    struct buf value = BUF_NULL;
    const struct seen seen = {.type = SEEN_VALUE, .value = label->value};
    buf_append_text(&name, "label.");
    buf_append_bytes(&name, label->key);
    seen_print(&value, &seen);
    append_property(out, buf_bytes(&name), buf_bytes(&value));
    out->failed |= name.failed || value.failed;
    buf_deinit(&name);
    buf_deinit(&value);
}

static void append_properties(struct buf *out, const struct report *report)
{
    buf_append_text(out, "    <properties>\n");
    append_property(out, BYTES_LITERAL("campaign"), report->key);
    append_property(out, BYTES_LITERAL("status"), bytes_of(campaign_status_name(report->status)));
    append_property(out, BYTES_LITERAL("correlation"),
                    bytes_of(correlation_mode_name(report->correlation)));
    for (uint32_t i = 0; i < report->label_count; i++) {
        append_label(out, &report->labels[i]);
    }
    buf_append_text(out, "    </properties>\n");
}

static void open_suite(struct buf *out, const struct report *report, struct bytes name,
                       const struct case_totals *totals)
{
    buf_append_text(out, "  <testsuite");
    xml_append_attribute(out, "name", name);
    append_totals(out, totals, true);
    append_seconds(out, report);
    append_timestamp(out, report->start_unix_ns);
    buf_append_text(out, ">\n");
    append_properties(out, report);
}

static void close_suite(struct buf *out)
{
    buf_append_text(out, "  </testsuite>\n");
}

/* A test case; `message` in one line, `body` with the proof. */
struct junit_case {
    struct bytes suite, name;
    enum shown shown;
    const char *type;
    struct buf message, body;
};

static void write_outcome(struct buf *out, const struct junit_case *junit)
{
    static const char *const elements[] = {
        [SHOWN_FAILURE] = "failure", [SHOWN_ERROR] = "error", [SHOWN_SKIPPED] = "skipped"};
    const char *element = elements[junit->shown];
    buf_printf(out, "      <%s", element);
    xml_append_attribute(out, "message", buf_bytes(&junit->message));
    if (junit->shown != SHOWN_SKIPPED) {
        xml_append_attribute(out, "type", bytes_of(junit->type));
    }
    buf_append_char(out, '>');
    xml_append_text(out, buf_bytes(&junit->body));
    buf_printf(out, "</%s>\n", element);
}

/* Writes it and frees its texts. */
static void write_case(struct buf *out, struct junit_case *junit)
{
    buf_append_text(out, "    <testcase");
    xml_append_attribute(out, "classname", junit->suite);
    xml_append_attribute(out, "name", junit->name);
    buf_append_text(out, " time=\"0.000\"");
    if (junit->shown == SHOWN_PASS) {
        buf_append_text(out, "/>\n");
    } else {
        buf_append_text(out, ">\n");
        write_outcome(out, junit);
        buf_append_text(out, "    </testcase>\n");
    }
    out->failed |= junit->message.failed || junit->body.failed;
    buf_deinit(&junit->message);
    buf_deinit(&junit->body);
}

/* Bodies */

static void append_trace_line(struct buf *body, const struct report *report,
                              const struct trace_id *trace, span_id span)
{
    words_place(body, trace, span);
    if (report->trace_url != NULL && *report->trace_url != '\0') {
        buf_append_char(body, ' ');
        words_link(body, report, trace);
    }
    buf_append_char(body, '\n');
}

static void append_group(struct buf *body, const struct report *report,
                         const struct report_group *group, uint32_t alike)
{
    buf_printf(body, "%" PRIu64 " x %s: ", group->count, result_name(group->result));
    words_conditions(body, group, alike, SEEN_MAX_BYTES);
    if (group->service.len != 0 || group->span.len != 0) {
        buf_append_text(body, " (");
        words_name(body, group->span);
        buf_append_text(body, " of ");
        words_name(body, group->service);
        buf_append_char(body, ')');
    }
    buf_append_text(body, ": ");
    words_clipped(body, group->reason, SEEN_MAX_BYTES);
    buf_append_text(body, "\n    e.g. ");
    append_trace_line(body, report, &group->trace_id, 0);
}

static void append_failure(struct buf *body, const struct report *report,
                           const struct report_failure *entry)
{
    append_trace_line(body, report, &entry->trace_id, entry->failure.span_id);
    buf_printf(body, "    %s: ", result_name(entry->failure.result));
    words_clipped(body, entry->failure.condition, SEEN_MAX_BYTES);
    buf_append_text(body, ": ");
    words_failure(body, &entry->failure, SEEN_MAX_BYTES);
    buf_append_char(body, '\n');
}

static void append_proof(struct buf *body, const struct report *report,
                         const struct report_assertion *assertion)
{
    const struct result_counts *counts = &assertion->counts;
    buf_printf(body,
               "%" PRIu64 " pass, %" PRIu64 " fail, %" PRIu64 " error, %" PRIu64
               " inconclusive, %" PRIu64 " skipped\n",
               counts->pass, counts->fail, counts->error, counts->inconclusive, counts->skipped);
    for (uint32_t i = 0, alike = 0; i < assertion->group_count; i += alike) {
        alike = words_alike(&assertion->groups[i], assertion->group_count - i);
        append_group(body, report, &assertion->groups[i], alike);
    }
    for (uint32_t i = 0; i < assertion->failure_count; i++) {
        const struct report_failure *failure = &assertion->failures[i];
        if (i == 0 || !words_repeats(failure - 1, failure)) {
            append_failure(body, report, failure);
        }
    }
    if (assertion->failures_omitted != 0) {
        buf_printf(body, "and %" PRIu64 " more\n", assertion->failures_omitted);
    }
}

static const char *type_of(enum result result, enum severity severity)
{
    return severity == SEVERITY_WARNING ? "warning" : result_name(result);
}

static void write_assertion(struct buf *out, const struct report *report,
                            const struct report_suite *suite,
                            const struct report_assertion *assertion)
{
    struct junit_case junit = {.suite = suite->name,
                               .name = assertion->name,
                               .shown = cases_assertion(suite, assertion),
                               .type = type_of(assertion->outcome, assertion->severity)};
    if (suite->traces.judged == 0) {
        junit.type = "not judged";
        buf_append_text(&junit.message, "the suite judged no trace");
    } else if (junit.shown != SHOWN_PASS) {
        words_assertion(&junit.message, assertion);
        append_proof(&junit.body, report, assertion);
    }
    write_case(out, &junit);
}

static void append_breaches(struct buf *body, const struct report_threshold *threshold)
{
    for (uint32_t i = 0; i < threshold->breach_count; i++) {
        const struct report_breach *breach = &threshold->breaches[i];
        buf_append_text(body, "breached from ");
        units_print_time(body, breach->from_unix_ns);
        buf_append_text(body, " to ");
        units_print_time(body, breach->to_unix_ns);
        buf_append_text(body, ", last with ");
        seen_print(body, &breach->value);
        buf_append_char(body, '\n');
    }
}

/* Only labels for which something went wrong. */
static void append_classes(struct buf *body, const struct report_threshold *threshold)
{
    for (uint32_t i = 0; i < threshold->class_count; i++) {
        const struct report_threshold *class = &threshold->classes[i].it;
        if (class->result > RESULT_PASS) {
            buf_printf(body, "%s: ", result_name(class->result));
            words_threshold(body, class);
            buf_append_char(body, '\n');
        }
    }
}

static void write_threshold(struct buf *out, const struct report_suite *suite,
                            const struct report_threshold *threshold)
{
    struct junit_case junit = {.suite = suite->name,
                               .name = threshold->name,
                               .shown = cases_threshold(threshold),
                               .type = type_of(threshold->result, threshold->severity)};
    if (junit.shown != SHOWN_PASS) {
        words_threshold(&junit.message, threshold);
        words_threshold(&junit.body, threshold);
        buf_append_char(&junit.body, '\n');
        append_classes(&junit.body, threshold);
        append_breaches(&junit.body, threshold);
    }
    write_case(out, &junit);
}

/* Behind the test cases, as the schema of JUnit's reports has it. */
static void write_trees(struct buf *out, const struct report_suite *suite)
{
    struct buf text = BUF_NULL;
    for (uint32_t i = 0; i < suite->tree_count; i++) {
        const struct report_tree *tree = &suite->trees[i];
        tree_title(&text, tree);
        buf_append_char(&text, '\n');
        for (uint32_t k = 0; k < tree->span_count; k++) {
            tree_line(&text, &tree->spans[k]);
            buf_append_char(&text, '\n');
        }
    }
    if (text.len != 0) {
        buf_append_text(out, "    <system-out>");
        xml_append_text(out, buf_bytes(&text));
        buf_append_text(out, "</system-out>\n");
    }
    out->failed |= text.failed;
    buf_deinit(&text);
}

static void write_suite(struct buf *out, const struct report *report,
                        const struct report_suite *suite)
{
    struct case_totals totals = cases_count_suite(suite);
    open_suite(out, report, suite->name, &totals);
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        write_assertion(out, report, suite, &suite->assertions[i]);
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        write_threshold(out, suite, &suite->thresholds[i]);
    }
    write_trees(out, suite);
    close_suite(out);
}

static void write_campaign(struct buf *out, const struct report *report, enum shown shown)
{
    struct case_totals totals = {.tests = 0};
    struct junit_case junit = {.suite = BYTES_LITERAL(CAMPAIGN_CASE),
                               .name = BYTES_LITERAL(CAMPAIGN_CASE),
                               .shown = shown,
                               .type = campaign_status_name(report->status)};
    cases_count(&totals, shown);
    buf_printf(&junit.message, "%s: ", campaign_status_name(report->status));
    headline_write(&junit.message, report);
    append_campaign_body(&junit.body, report);
    open_suite(out, report, BYTES_LITERAL(CAMPAIGN_CASE), &totals);
    write_case(out, &junit);
    close_suite(out);
}

void report_write_junit(struct buf *out, const struct report *report)
{
    enum shown campaign = cases_campaign(report);
    struct case_totals totals = {.tests = 0};
    if (campaign != SHOWN_PASS) {
        cases_count(&totals, campaign);
    }
    for (uint32_t i = 0; i < report->suite_count; i++) {
        struct case_totals of_suite = cases_count_suite(&report->suites[i]);
        totals.tests += of_suite.tests;
        totals.failures += of_suite.failures;
        totals.errors += of_suite.errors;
    }
    buf_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    xml_append_attribute(out, "name", report->key);
    append_totals(out, &totals, false);
    append_seconds(out, report);
    buf_append_text(out, ">\n");
    if (campaign != SHOWN_PASS) {
        write_campaign(out, report, campaign);
    }
    for (uint32_t i = 0; i < report->suite_count; i++) {
        write_suite(out, report, &report->suites[i]);
    }
    buf_append_text(out, "</testsuites>\n");
}
