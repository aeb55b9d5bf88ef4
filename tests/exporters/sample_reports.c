#include "tests/exporters/sample_reports.h"

#include <string.h>

#include "tests/exporters/sample_parts.h"

static const struct bytes missing_findings[] = {
    TEXT("3 injections missing: no span of them came by the deadline")};

/* All is well */

static const struct report_assertion good_assertions[] = {
    {.name = TEXT("stored once"), .counts = {2, 2, 0, 0, 0, 0}, .outcome = RESULT_PASS},
    {.name = TEXT("mailed"), .counts = {2, 1, 0, 0, 0, 1}, .outcome = RESULT_PASS},
};
static const struct report_threshold good_thresholds[] = {
    {.name = TEXT("quick"),
     .rule = TEXT("p(50)($s.duration) < 6ms"),
     .result = RESULT_PASS,
     .has_value = true,
     .is_duration = true,
     .value = 5000000,
     .value_is_integer = true,
     .value_integer = 5000000,
     .samples = 2},
    {.name = TEXT("lost"),
     .rule = TEXT("ratio(missing) = 0"),
     .result = RESULT_SKIPPED,
     .reason = TEXT("the campaign judges all traces, whatever was injected")},
};
static const struct report_suite good_suites[] = {
    {.name = TEXT("shop"),
     .traces = {2, 2, 0, 0, 0, 0},
     .assertions = good_assertions,
     .assertion_count = COUNT(good_assertions),
     .thresholds = good_thresholds,
     .threshold_count = COUNT(good_thresholds)},
};
static const struct report successful = {
    .key = TEXT("check"),
    .status = CAMPAIGN_SUCCESSFUL,
    .start_unix_ns = START,
    .end_unix_ns = START + 1500000,
    .correlation = CORRELATION_AUTO_ALL,
    .spans = {6, 6, 0, 0, 0, 0, 0, 0, 0, 0},
    .suites = good_suites,
    .suite_count = COUNT(good_suites),
};

/* Nothing, not yet, or too little */

static const struct report_assertion empty_assertions[] = {
    {.name = TEXT("stored once"), .outcome = RESULT_PASS}};
static const struct report_suite empty_suites[] = {
    {.name = TEXT("shop"),
     .assertions = empty_assertions,
     .assertion_count = COUNT(empty_assertions)},
};
static const struct bytes no_data_findings[] = {
    TEXT("no span came: the receivers listened at 127.0.0.1:4317 and 127.0.0.1:4318, nobody "
         "connected; the likeliest cause is "
         "that the system exports to another address: see OTEL_EXPORTER_OTLP_ENDPOINT"),
    TEXT("suite 'shop' judged no trace: see its `traces` selector and labels, or set optional = "
         "true"),
};
static const struct report no_data = {
    .key = TEXT("run-20261121T080000"),
    .status = CAMPAIGN_NO_DATA,
    .start_unix_ns = START,
    .end_unix_ns = START + 30 * SECOND,
    .correlation = CORRELATION_AUTO_ALL,
    .findings = no_data_findings,
    .finding_count = COUNT(no_data_findings),
    .suites = empty_suites,
    .suite_count = COUNT(empty_suites),
};
static const struct report running = {
    .key = TEXT("soak"),
    .status = CAMPAIGN_IN_PROGRESS,
    .start_unix_ns = START,
    .correlation = CORRELATION_REQUIRED,
    .injections = {.total = 7, .open = 7},
    .spans = {.received = 20, .open = 20},
    .suites = empty_suites,
    .suite_count = COUNT(empty_suites),
    .correlated = {.matched = 7},
};
static const struct report_suite aborted_suites[] = {
    {.name = TEXT("shop"), .traces = {10, 9, 1, 0, 0, 0}},
};
static const struct report aborted = {
    .key = TEXT("nightly"),
    .status = CAMPAIGN_ABORTED,
    .start_unix_ns = START,
    .end_unix_ns = START + SECOND,
    .correlation = CORRELATION_OFF,
    .spans = {.received = 30, .judged = 30},
    .suites = aborted_suites,
    .suite_count = COUNT(aborted_suites),
};
static const struct bytes unjudged_findings[] = {
    TEXT("4 injected traces were selected by no suite")};
static const struct report warning = {
    .key = TEXT("nightly"),
    .status = CAMPAIGN_WARNING,
    .start_unix_ns = START,
    .end_unix_ns = START + SECOND,
    .correlation = CORRELATION_AUTO_INJECTED,
    .findings = unjudged_findings,
    .finding_count = COUNT(unjudged_findings),
    .injections = {.total = 6, .pass = 2, .unjudged = 4},
    .spans = {.received = 10, .judged = 6, .unjudged = 4},
    .correlated = {.matched = 6},
    .suites = good_suites,
    .suite_count = COUNT(good_suites),
};
static const struct report missing = {
    .key = TEXT("nightly"),
    .status = CAMPAIGN_INCONCLUSIVE,
    .start_unix_ns = START,
    .end_unix_ns = START + SECOND,
    .correlation = CORRELATION_REQUIRED,
    .findings = missing_findings,
    .finding_count = COUNT(missing_findings),
    .injections = {.total = 5, .pass = 2, .missing = 3},
    .spans = {.received = 6, .judged = 6},
    .correlated = {.matched = 2, .missing = 3},
    .suites = good_suites,
    .suite_count = COUNT(good_suites),
};
static const struct ledger_sink lacking_sinks[] = {{TEXT("kafka"), true, 500, 480, 0, 20, 0, 0}};
static const struct report undelivered = {
    .key = TEXT("nightly"),
    .status = CAMPAIGN_SUCCESSFUL,
    .start_unix_ns = START,
    .end_unix_ns = START + SECOND,
    .correlation = CORRELATION_AUTO_ALL,
    .spans = {6, 6, 0, 0, 0, 0, 0, 0, 0, 0},
    .sinks = lacking_sinks,
    .sink_count = COUNT(lacking_sinks),
    .suites = good_suites,
    .suite_count = COUNT(good_suites),
};
static const struct bytes unbalanced_findings[] = {
    TEXT("the ledger does not balance: please report this as a bug")};
static const struct report unbalanced = {
    .key = TEXT("nightly"),
    .status = CAMPAIGN_INCONCLUSIVE,
    .start_unix_ns = START,
    .end_unix_ns = START + SECOND,
    .correlation = CORRELATION_AUTO_ALL,
    .findings = unbalanced_findings,
    .finding_count = COUNT(unbalanced_findings),
    .spans = {.received = 7, .judged = 6},
    .suites = good_suites,
    .suite_count = COUNT(good_suites),
};

static const struct report_group hostile_groups[] = {
    {TEXT(HOSTILE), TEXT(HOSTILE), TEXT(HOSTILE), TEXT(HOSTILE), 1, TRACE(0x01), RESULT_FAIL},
};
static const struct report_failure hostile_failures[] = {
    {TRACE(0x01),
     {.result = RESULT_FAIL,
      .condition = TEXT(HOSTILE),
      .service = TEXT(HOSTILE),
      .span_name = TEXT(HOSTILE),
      .expected = SEEN_TEXT(HOSTILE),
      .actual = SEEN_TEXT(HOSTILE),
      .reason = TEXT(HOSTILE)}},
};
static const struct report_assertion hostile_assertions[] = {
    {.name = TEXT(HOSTILE), .counts = {1, 0, 1, 0, 0, 0}, .outcome = RESULT_FAIL, PROOF(hostile)},
};
static const struct report_threshold hostile_thresholds[] = {
    {.name = TEXT(HOSTILE), .rule = TEXT(HOSTILE), .result = RESULT_FAIL, .reason = TEXT(HOSTILE)},
};
static const struct report_label hostile_label[] = {
    {TEXT(HOSTILE), TEXT(HOSTILE), TEXT(HOSTILE), {1, 0, 1, 0, 0, 0}}};
static const struct report_tree_span hostile_spans[] = {
    {0, true, true, 1, TEXT(HOSTILE), TEXT(HOSTILE), KIND_CLIENT, STATUS_ERROR, 1}};
static const struct report_tree hostile_trees[] = {{TRACE(0x01), hostile_spans, 1, 0}};
static const struct report_suite hostile_suites[] = {
    {.name = TEXT(HOSTILE),
     .traces = {1, 0, 1, 0, 0, 0},
     .labels = hostile_label,
     .label_count = 1,
     .assertions = hostile_assertions,
     .assertion_count = 1,
     .thresholds = hostile_thresholds,
     .threshold_count = 1,
     .trees = hostile_trees,
     .tree_count = 1},
};
static const struct attr hostile_attr[] = {
    {TEXT(HOSTILE), {.type = VALUE_TEXT, .bytes = TEXT(HOSTILE)}}};
static const struct ledger_sink hostile_sink[] = {{TEXT(HOSTILE), true, 1, 0, 1, 0, 0, 0}};
static const struct bytes hostile_finding[] = {TEXT(HOSTILE)};
static const struct report hostile = {
    .key = TEXT(HOSTILE),
    .status = CAMPAIGN_FAILED,
    .start_unix_ns = START,
    .end_unix_ns = START + SECOND,
    .labels = hostile_attr,
    .label_count = 1,
    .findings = hostile_finding,
    .finding_count = 1,
    .sinks = hostile_sink,
    .sink_count = 1,
    .suites = hostile_suites,
    .suite_count = 1,
    .trace_url = "javascript:\"<&\001{trace_id}",
};

/* Parts that only some thresholds have */

static const struct bytes parted_labels[] = {TEXT("scenario"), TEXT("stage")};
static const struct bytes parted_values[][2] = {{TEXT(""), TEXT("ramp")},
                                                {TEXT("checkout"), TEXT(HOSTILE)}};
static const struct report_class parted_classes[] = {
    {parted_values[0],
     {.name = TEXT("scenario=, stage=ramp"),
      .rule = TEXT("med($s.duration) < 6ms"),
      .result = RESULT_PASS,
      .has_value = true,
      .is_duration = true,
      .value = 5000000,
      .value_is_integer = true,
      .value_integer = 5000000,
      .samples = 20}},
    {parted_values[1],
     {.name = TEXT("scenario=checkout, stage=" HOSTILE),
      .rule = TEXT("med($s.duration) < 6ms"),
      .result = RESULT_FAIL,
      .has_value = true,
      .is_duration = true,
      .value = 8000000,
      .value_is_integer = true,
      .value_integer = 8000000,
      .samples = 10,
      .absent = 1,
      .reason = TEXT("beyond the limit")}},
    {NULL,
     {.name = TEXT("(others)"),
      .rule = TEXT("med($s.duration) < 6ms"),
      .result = RESULT_INCONCLUSIVE,
      .reason = TEXT("no samples")}},
};
static const struct report_quantile parted_quantiles[] = {
    {50, 5000000, true, 5000000, 15},
    {99.9, 8500000.5, false, 0, 0},
};
static const struct report_breach parted_breaches[] = {
    {START + SECOND, START + 3 * SECOND, {.type = SEEN_DURATION, .ns = 9000000}},
};
static const struct report_threshold parted_thresholds[] = {
    {.name = TEXT("by labels"),
     .rule = TEXT("med($s.duration) < 6ms"),
     .result = RESULT_FAIL,
     .has_value = true,
     .is_duration = true,
     .value = 5000000,
     .value_is_integer = true,
     .value_integer = 5000000,
     .samples = 30,
     .absent = 1,
     .reason = TEXT("beyond the limit for some labels"),
     .labels = parted_labels,
     .label_count = COUNT(parted_labels),
     .classes = parted_classes,
     .class_count = COUNT(parted_classes)},
    {.name = TEXT("window by window"),
     .rule = TEXT("avg($s.duration) < 6ms"),
     .result = RESULT_FAIL,
     .has_value = true,
     .is_duration = true,
     .value = 5500000.5,
     .samples = 30,
     .reason = TEXT("beyond the limit in some windows, see their breaches"),
     .breaches = parted_breaches,
     .breach_count = COUNT(parted_breaches),
     .windows = {SECOND, 10, 2, 1, 0}},
    {.name = TEXT("no tail has grown"),
     .rule = TEXT("p(99)($s.duration) no worse than baseline by 10%"),
     .result = RESULT_FAIL,
     .has_value = true,
     .is_duration = true,
     .value = 8500000.5,
     .samples = 30000,
     .reason = TEXT("worse than the baseline"),
     .comparison = {7000000, 0.0215, 0.01, 0.011, 3.25e-9, 25000},
     .quantiles = parted_quantiles,
     .quantile_count = COUNT(parted_quantiles),
     .quantile_samples = 30001},
    {.name = TEXT("no more fail"),
     .severity = SEVERITY_WARNING,
     .rule = TEXT("ratio(fail) no worse than baseline by 0"),
     .result = RESULT_PASS,
     .has_value = true,
     .value = 0.1,
     .samples = 30,
     .comparison = {0.125, 0.1, 0.125, 0.125, 0.75, 40}},
    {.name = TEXT("each order once"),
     .rule = TEXT("unique($s.order.id)"),
     .result = RESULT_INCONCLUSIVE,
     .has_value = true,
     .value = 1500,
     .value_is_integer = true,
     .value_integer = 1500,
     .samples = 3000000,
     .estimated = true,
     .low = 0,
     .high = 9000,
     .reason = TEXT("an estimate, whose error leaves it open whether the rule holds")},
};
static const struct report_suite parted_suites[] = {
    {.name = TEXT("shop"),
     .traces = {30, 27, 3, 0, 0, 0},
     .assertions = good_assertions,
     .assertion_count = COUNT(good_assertions),
     .thresholds = parted_thresholds,
     .threshold_count = COUNT(parted_thresholds)},
};
static const struct report parted = {
    .key = TEXT("parted"),
    .status = CAMPAIGN_FAILED,
    .start_unix_ns = START,
    .end_unix_ns = START + 60 * SECOND,
    .correlation = CORRELATION_AUTO_ALL,
    .spans = {60, 60, 0, 0, 0, 0, 0, 0, 0, 0},
    .suites = parted_suites,
    .suite_count = COUNT(parted_suites),
};

struct sample {
    const char *name;
    const struct report *report;
};
static const struct sample samples[] = {
    {"failed", &sample_failed}, {"successful", &successful},   {"no-data", &no_data},
    {"running", &running},      {"aborted", &aborted},         {"warning", &warning},
    {"missing", &missing},      {"undelivered", &undelivered}, {"unbalanced", &unbalanced},
    {"hostile", &hostile},      {"parted", &parted},
};

const struct report *sample_report(const char *name)
{
    for (size_t i = 0; i < COUNT(samples); i++) {
        if (strcmp(samples[i].name, name) == 0) {
            return samples[i].report;
        }
    }
    return NULL;
}

const char *sample_report_name(size_t index)
{
    return index < COUNT(samples) ? samples[index].name : NULL;
}
