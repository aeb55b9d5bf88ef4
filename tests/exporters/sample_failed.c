/* Rules that are broken in every way. */
#include <math.h>

#include "tests/exporters/sample_parts.h"

static const struct attr labels[] = {
    {TEXT("release"), {.type = VALUE_TEXT, .bytes = TEXT("1.4.0-rc2")}},
    {TEXT("branch"), {.type = VALUE_TEXT, .bytes = TEXT("main")}},
    {TEXT("release"), {.type = VALUE_TEXT, .bytes = TEXT("1.4.0")}},
};

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
static const struct report_tree_span order_spans[] = {
    {0, false, false, 0x11, TEXT("gateway"), TEXT("POST /orders"), KIND_SERVER, STATUS_UNSET,
     182000000},
    {1, false, false, 0x12, TEXT("orders"), TEXT("orders send"), KIND_PRODUCER, STATUS_OK, 1530000},
    {2, true, false, 0x13, TEXT("worker"), TEXT("process order"), KIND_CONSUMER, STATUS_ERROR,
     41800000},
    {0, true, true, 0x14, TEXT("mailer"), TEXT("send"), KIND_CLIENT, STATUS_UNSET, -1},
};
static const struct report_tree_span alone[] = {
    {0, false, false, 0x21, TEXT(""), TEXT("alone"), KIND_INTERNAL, STATUS_UNSET, 0},
};
static const struct report_tree order_trees[] = {
    {TRACE(0x01), order_spans, COUNT(order_spans), 1200},
    {TRACE(0x02), alone, COUNT(alone), 0},
};
static const struct report_suite failed_suites[] = {
    {.name = TEXT("import order"),
     .traces = {1000, 957, 30, 3, 10, 0},
     .labels = order_labels,
     .label_count = COUNT(order_labels),
     .assertions = order_assertions,
     .assertion_count = COUNT(order_assertions),
     .thresholds = order_thresholds,
     .threshold_count = COUNT(order_thresholds),
     .trees = order_trees,
     .tree_count = COUNT(order_trees)},
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

const struct report sample_failed = {
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
