#include "tests/exporters/sample_reports.h"

#include <math.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
#define START  UINT64_C(1795248000125000000)
#define SECOND UINT64_C(1000000000)
#define TRACE(last)                                                                                \
    {                                                                                              \
        {                                                                                          \
            0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80,    \
                0x31, (last)                                                                       \
        }                                                                                          \
    }
#define SEEN_INT(number)                                                                           \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_INT, .integer = (number) }                     \
    }
#define SEEN_TEXT(literal)                                                                         \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_TEXT, .bytes = TEXT(literal) }                 \
    }
#define SEEN_BOOL(truth)                                                                           \
    {                                                                                              \
        .type = SEEN_VALUE, .value = {.type = VALUE_BOOL, .boolean = (truth) }                     \
    }
#define SEEN_NS(number)                                                                            \
    {                                                                                              \
        .type = SEEN_DURATION, .ns = (number)                                                      \
    }

static const struct attr labels[] = {
    {TEXT("release"), {.type = VALUE_TEXT, .bytes = TEXT("1.4.0-rc2")}},
    {TEXT("branch"), {.type = VALUE_TEXT, .bytes = TEXT("main")}},
    {TEXT("release"), {.type = VALUE_TEXT, .bytes = TEXT("1.4.0")}},
};

/* Rules that are broken in every way */

static const struct report_group processed_groups[] = {
    {TEXT("count = 1"), TEXT(""), TEXT(""),
     TEXT("no span matched; nearest is 'process order' of 'worker', removed by status = ok"), 28,
     TRACE(0x01), RESULT_FAIL},
    {TEXT("count = 1"), TEXT("worker"), TEXT("process order"), TEXT("does not hold"), 2,
     TRACE(0x05), RESULT_FAIL},
};
static const struct report_failure processed_failures[] = {
    {TRACE(0x01),
     {.result = RESULT_FAIL,
      .condition = TEXT("count = 1"),
      .expected = SEEN_INT(1),
      .actual = SEEN_INT(0),
      .reason = TEXT("no span matched")}},
    {TRACE(0x05),
     {.result = RESULT_FAIL,
      .condition = TEXT("count = 1"),
      .span_id = 0x00f067aa0ba902b7,
      .service = TEXT("worker"),
      .span_name = TEXT("process order"),
      .expected = SEEN_INT(1),
      .actual = SEEN_INT(2),
      .reason = TEXT("does not hold")}},
};
static const struct report_group late_groups[] = {
    {TEXT("$m.end - $injection.time < 2s"), TEXT("mailer"), TEXT("send"), TEXT("does not hold"), 12,
     TRACE(0x02), RESULT_FAIL},
};
static const struct report_failure late_failures[] = {
    {TRACE(0x02),
     {.result = RESULT_FAIL,
      .condition = TEXT("$m.end - $injection.time < 2s"),
      .span_id = 7,
      .service = TEXT("mailer"),
      .span_name = TEXT("send"),
      .expected = SEEN_NS(2000000000),
      .actual = SEEN_NS(2041800000),
      .reason = TEXT("does not hold")}},
};
static const struct report_group typed_groups[] = {
    {TEXT("rows < 10"), TEXT("db"), TEXT("INSERT"),
     TEXT("can't be compared: the value has another type"), 3, TRACE(0x03), RESULT_ERROR},
};
static const struct report_failure typed_failures[] = {
    {TRACE(0x03),
     {.result = RESULT_ERROR,
      .condition = TEXT("rows < 10"),
      .span_id = 9,
      .service = TEXT("db"),
      .span_name = TEXT("INSERT"),
      .expected = SEEN_INT(10),
      .actual = SEEN_TEXT("many"),
      .reason = TEXT("can't be compared: the value has another type")}},
};
static const struct report_group short_groups[] = {
    {TEXT("none: status = error"), TEXT(""), TEXT(""),
     TEXT("parents of some spans never came: if a service never exports, set evidence = 'lenient'"),
     10, TRACE(0x04), RESULT_INCONCLUSIVE},
};
static const struct report_failure short_failures[] = {
    {TRACE(0x04),
     {.result = RESULT_INCONCLUSIVE,
      .condition = TEXT("none: status = error"),
      .expected = SEEN_TEXT("error"),
      .reason = TEXT("parents of some spans never came")}},
};

#define PROOF(name)                                                                                \
    .groups = name##_groups, .group_count = COUNT(name##_groups), .failures = name##_failures,     \
    .failure_count = COUNT(name##_failures)

static const struct report_assertion order_assertions[] = {
    {.name = TEXT("order is processed"),
     .counts = {1000, 960, 30, 0, 10, 0},
     .outcome = RESULT_FAIL,
     PROOF(processed),
     .failures_omitted = 28},
    {.name = TEXT("mail goes out"),
     .severity = SEVERITY_WARNING,
     .counts = {1000, 988, 12, 0, 0, 0},
     .outcome = RESULT_FAIL,
     PROOF(late),
     .failures_omitted = 11},
    {.name = TEXT("few rows"),
     .counts = {1000, 500, 0, 3, 0, 497},
     .outcome = RESULT_ERROR,
     PROOF(typed),
     .failures_omitted = 2},
    {.name = TEXT("nothing fails behind"),
     .counts = {1000, 990, 0, 0, 10, 0},
     .outcome = RESULT_INCONCLUSIVE,
     PROOF(short),
     .failures_omitted = 9},
    {.name = TEXT("in time, mostly"),
     .counts = {1000, 988, 12, 0, 0, 0},
     .outcome = RESULT_PASS,
     PROOF(late),
     .failures_omitted = 11},
    {.name = TEXT("the record is written once"),
     .counts = {1000, 1000, 0, 0, 0, 0},
     .outcome = RESULT_PASS},
    {.name = TEXT("the answer names the order"),
     .counts = {1000, 1000, 0, 0, 0, 0},
     .outcome = RESULT_PASS},
    {.name = TEXT("refund is booked"),
     .counts = {1000, 0, 0, 0, 0, 1000},
     .outcome = RESULT_SKIPPED},
};
static const struct report_breach breaches[] = {
    {START + 20 * SECOND, START + 40 * SECOND, SEEN_NS(2300000000)},
    {START + 70 * SECOND,
     START + 70 * SECOND,
     {.type = SEEN_VALUE, .value = {.type = VALUE_DOUBLE, .number = INFINITY}}},
};
static const struct report_threshold order_thresholds[] = {
    {.name = TEXT("quick"),
     .rule = TEXT("p(95)($m.end - $injection.time) < 2s"),
     .result = RESULT_FAIL,
     .has_value = true,
     .is_duration = true,
     .value = 2041830000,
     .value_is_integer = true,
     .value_integer = 2041830000,
     .samples = 990,
     .absent = 10,
     .reason = TEXT("beyond the limit"),
     .breaches = breaches,
     .breach_count = COUNT(breaches)},
    {.name = TEXT("at worst"),
     .rule = TEXT("max($m.duration) < 1m"),
     .result = RESULT_FAIL,
     .has_value = true,
     .infinite = true,
     .is_duration = true,
     .value = INFINITY,
     .samples = 1000,
     .absent = 10,
     .reason = TEXT("what was to happen did not in too many traces (absent): their samples count "
                    "as infinite")},
    {.name = TEXT("on average"),
     .severity = SEVERITY_WARNING,
     .rule = TEXT("avg($m.duration) < 1ms"),
     .result = RESULT_FAIL,
     .has_value = true,
     .is_duration = true,
     .value = 1234567.25,
     .samples = 990,
     .reason = TEXT("beyond the limit")},
    {.name = TEXT("few go wrong"),
     .rule = TEXT("ratio(fail) <= 5%"),
     .result = RESULT_PASS,
     .has_value = true,
     .value = 0.03,
     .samples = 1000},
    {.name = TEXT("none is lost"),
     .rule = TEXT("count(missing) = 0"),
     .result = RESULT_PASS,
     .has_value = true,
     .value_is_integer = true,
     .samples = 1003},
    {.name = TEXT("tail"),
     .rule = TEXT("p(99.9)($m.duration) < 5s"),
     .result = RESULT_INCONCLUSIVE,
     .has_value = true,
     .is_duration = true,
     .value = 3e9,
     .value_is_integer = true,
     .value_integer = 3000000000,
     .samples = 990,
     .reason = TEXT("too few samples: less than min_samples")},
    {.name = TEXT("queue"),
     .rule = TEXT("max($m.queue.length) < 100"),
     .result = RESULT_INCONCLUSIVE,
     .reason = TEXT("no samples")},
    {.name = TEXT("offsets"),
     .rule = TEXT("max($m.offset) > 0"),
     .result = RESULT_PASS,
     .has_value = true,
     .value = 9.3e18,
     .value_is_integer = true,
     .value_integer = (__int128)9300000000000000000u,
     .samples = 990},
};
static const struct report_label order_labels[] = {
    {TEXT("checkout"), TEXT("pay"), TEXT("eu"), {600, 570, 26, 0, 4, 0}},
    {TEXT("checkout"), TEXT("pay"), TEXT("us"), {395, 385, 4, 0, 6, 0}},
    {TEXT("checkout"), TEXT(""), TEXT(""), {5, 5, 0, 0, 0, 0}},
};
static const struct report_assertion refund_assertions[] = {
    {.name = TEXT("refund arrives"), .outcome = RESULT_PASS},
    {.name = TEXT("refund is mailed"), .outcome = RESULT_PASS},
};
static const struct report_suite failed_suites[] = {
    {.name = TEXT("import order"),
     .traces = {1000, 957, 30, 3, 10, 0},
     .labels = order_labels,
     .label_count = COUNT(order_labels),
     .assertions = order_assertions,
     .assertion_count = COUNT(order_assertions),
     .thresholds = order_thresholds,
     .threshold_count = COUNT(order_thresholds)},
    {.name = TEXT("refund"),
     .optional = true,
     .assertions = refund_assertions,
     .assertion_count = COUNT(refund_assertions)},
};
static const struct ledger_sink sinks[] = {
    {TEXT("kafka"), true, 5000, 5000, 0, 0, 0, 0},
    {TEXT("influxdb/nightly"), false, 300, 280, 15, 5, 0, 0},
};
static const struct bytes missing_findings[] = {
    TEXT("3 injections missing: no span of them came by the deadline")};

static const struct report failed = {
    .key = TEXT("nightly-2026-11-21"),
    .status = CAMPAIGN_FAILED,
    .start_unix_ns = START,
    .end_unix_ns = START + 123 * SECOND,
    .labels = labels,
    .label_count = COUNT(labels),
    .correlation = CORRELATION_AUTO_INJECTED,
    .findings = missing_findings,
    .finding_count = COUNT(missing_findings),
    .injections = {1003, 2, 957, 30, 3, 10, 3, 0, 0, 0, 0},
    .spans = {9012, 9000, 0, 5, 6, 1, 0, 0, 0, 4},
    .sinks = sinks,
    .sink_count = COUNT(sinks),
    .correlated = {1000, 3, 1, 1, 4},
    .suites = failed_suites,
    .suite_count = COUNT(failed_suites),
    .trace_url = "https://jaeger.example/trace/{trace_id}?uiFind={trace_id}",
};

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

/* Hostile text in every place */

#define HOSTILE                                                                                    \
    "]]> <b>&amp; \"q\" 'a' \033[31mred\033[0m \001\x7f\xc2\x9b"                                   \
    "2J\r\n\t \xff\xc3( \xef\xbf\xbe \xe2\x80\xae"                                                 \
    "evil \xed\xa0\x80"
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
static const struct report_suite hostile_suites[] = {
    {.name = TEXT(HOSTILE),
     .traces = {1, 0, 1, 0, 0, 0},
     .labels = hostile_label,
     .label_count = 1,
     .assertions = hostile_assertions,
     .assertion_count = 1,
     .thresholds = hostile_thresholds,
     .threshold_count = 1},
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
    {"failed", &failed},   {"successful", &successful},   {"no-data", &no_data},
    {"running", &running}, {"aborted", &aborted},         {"warning", &warning},
    {"missing", &missing}, {"undelivered", &undelivered}, {"unbalanced", &unbalanced},
    {"hostile", &hostile}, {"parted", &parted},
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

/* Random reports */

static size_t random_piece(struct random *random, uint8_t *to)
{
    static const char *const pieces[] = {
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        "&#0;",
        "&lt",
        "</failure>",
        "\"",
        "'",
        "\\",
        "\r\n",
        "\033[2J",
        "{\"",
        "\xef\xbf\xbf",
        "\xef\xbf\xbe",
        "\xed\xa0\x80",
        "\xf4\x90\x80\x80",
        "\xc2\x85",
        "\xe2\x80\xa8",
        "\xe2\x80\xae",
        "\xf0\x9f\x98\x80",
        "\xc0\xaf",
    };
    if (random_one_in(random, 2)) {
        const char *piece = pieces[random_below(random, COUNT(pieces))];
        memcpy(to, piece, strlen(piece));
        return strlen(piece);
    }
    to[0] = (uint8_t)random_below(random, 256);
    return 1;
}

static struct bytes random_text(struct random *random, struct arena *arena)
{
    uint8_t text[400];
    size_t len = 0;
    size_t wanted = random_below(random, random_one_in(random, 10) ? 380 : 24);
    while (len < wanted) {
        len += random_piece(random, text + len);
    }
    return arena_copy(arena, bytes_from(text, len));
}

static struct seen random_seen(struct random *random, struct arena *arena)
{
    switch (random_below(random, 5)) {
    case 0:
        return (struct seen){.type = SEEN_NOTHING};
    case 1:
        return (struct seen){.type = SEEN_DURATION,
                             .ns = (__int128)(int64_t)random_next(random) * 3};
    case 2:
        return (struct seen){.type = SEEN_TIME, .ns = (__int128)(int64_t)random_next(random)};
    case 3:
        return (struct seen){.type = SEEN_VALUE,
                             .value = {.type = VALUE_BYTES, .bytes = random_text(random, arena)}};
    default:
        return (struct seen){.type = SEEN_VALUE,
                             .value = {.type = VALUE_TEXT, .bytes = random_text(random, arena)}};
    }
}

static struct trace_id random_trace(struct random *random)
{
    struct trace_id id;
    uint64_t halves[2] = {random_next(random), random_next(random)};
    memcpy(id.bytes, halves, sizeof halves);
    return id;
}

static void random_assertion(struct report_assertion *ret, struct random *random,
                             struct arena *arena)
{
    uint32_t count = random_below(random, 4);
    struct report_failure *failures = arena_calloc(arena, count + 1, sizeof *failures);
    struct report_group *groups = arena_calloc(arena, count + 1, sizeof *groups);
    for (uint32_t i = 0; i < count; i++) {
        failures[i] = (struct report_failure){
            random_trace(random),
            {.result = RESULT_FAIL,
             .condition = random_text(random, arena),
             .span_id = random_below(random, 2),
             .service = random_text(random, arena),
             .span_name = random_text(random, arena),
             .expected = random_seen(random, arena),
             .actual = random_seen(random, arena),
             .reason = random_text(random, arena)},
        };
        groups[i] = (struct report_group){random_text(random, arena),
                                          random_text(random, arena),
                                          random_text(random, arena),
                                          random_text(random, arena),
                                          1,
                                          random_trace(random),
                                          RESULT_FAIL};
    }
    *ret = (struct report_assertion){
        .name = random_text(random, arena),
        .severity = random_below(random, 2),
        .counts = {.judged = 10, .pass = 10 - count, .fail = count},
        .outcome = RESULT_SKIPPED + random_below(random, RESULT_COUNT - 1),
        .groups = groups,
        .group_count = count,
        .failures = failures,
        .failure_count = count,
    };
}

static void random_threshold(struct report_threshold *ret, struct random *random,
                             struct arena *arena)
{
    uint64_t bits = random_next(random);
    *ret = (struct report_threshold){
        .name = random_text(random, arena),
        .severity = random_below(random, 2),
        .rule = random_text(random, arena),
        .result = RESULT_SKIPPED + random_below(random, RESULT_COUNT - 1),
        .has_value = random_below(random, 4) != 0,
        .is_duration = random_below(random, 2) != 0,
        .value_is_integer = random_below(random, 2) != 0,
        .value_integer = (__int128)(int64_t)random_next(random) * random_below(random, 1000),
        .samples = random_below(random, 1000),
        .reason = random_text(random, arena),
    };
    memcpy(&ret->value, &bits, sizeof bits);
    if (random_one_in(random, 8)) {
        ret->value = random_one_in(random, 2) ? NAN : -INFINITY;
    }
    ret->infinite = !isfinite(ret->value);
}

static void random_suite(struct report_suite *ret, struct random *random, struct arena *arena)
{
    uint32_t count = 1 + random_below(random, 3);
    struct report_assertion *assertions = arena_calloc(arena, count, sizeof *assertions);
    struct report_threshold *thresholds = arena_calloc(arena, count, sizeof *thresholds);
    struct report_label *rows = arena_calloc(arena, count, sizeof *rows);
    for (uint32_t i = 0; i < count; i++) {
        random_assertion(&assertions[i], random, arena);
        random_threshold(&thresholds[i], random, arena);
        rows[i] = (struct report_label){random_text(random, arena),
                                        random_text(random, arena),
                                        random_text(random, arena),
                                        {.judged = 3, .pass = 2, .fail = 1}};
    }
    *ret = (struct report_suite){
        .name = random_text(random, arena),
        .optional = random_below(random, 2) != 0,
        .traces = {.judged = 10 * random_below(random, 2)},
        .labels = rows,
        .label_count = count,
        .assertions = assertions,
        .assertion_count = count,
        .thresholds = thresholds,
        .threshold_count = count,
    };
    ret->traces.fail = ret->traces.judged;
}

void sample_report_random(struct report *ret, struct random *random)
{
    *ret = (struct report){.arena = ARENA_INIT(16384, 0)};
    struct arena *arena = &ret->arena;
    uint32_t count = 1 + random_below(random, 2);
    struct report_suite *suites = arena_calloc(arena, count, sizeof *suites);
    struct bytes *findings = arena_calloc(arena, count, sizeof *findings);
    struct ledger_sink *all_sinks = arena_calloc(arena, count, sizeof *all_sinks);
    struct attr *attrs = arena_calloc(arena, count, sizeof *attrs);
    for (uint32_t i = 0; i < count; i++) {
        random_suite(&suites[i], random, arena);
        findings[i] = random_text(random, arena);
        all_sinks[i] = (struct ledger_sink){
            .name = random_text(random, arena), .required = i == 0, .produced = 3, .rejected = 3};
        attrs[i] = (struct attr){random_text(random, arena),
                                 {.type = VALUE_TEXT, .bytes = random_text(random, arena)}};
    }
    ret->key = random_text(random, arena);
    ret->status = random_below(random, CAMPAIGN_NO_DATA + 1);
    ret->start_unix_ns = START;
    ret->end_unix_ns = random_one_in(random, 2) ? 0 : START + random_below(random, 1000000000);
    ret->labels = attrs;
    ret->label_count = count;
    ret->findings = findings;
    ret->finding_count = count;
    ret->sinks = all_sinks;
    ret->sink_count = count;
    ret->suites = suites;
    ret->suite_count = count;
}
