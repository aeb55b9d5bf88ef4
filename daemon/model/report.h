/* The report model: every number of a report comes from here, whatever the format (DESIGN 5.4).
 *
 * Built by the pipeline from the shards' tallies (one arena), then read-only for text, JSON, JUnit
 * writers. All lists stand in the configuration's order, with zeros where nothing was judged.
 * Thread rule: immutable once built. */
#ifndef ASSERTD_MODEL_REPORT_H
#define ASSERTD_MODEL_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/arena.h"
#include "daemon/core/bytes.h"
#include "daemon/model/span.h"
#include "daemon/model/verdict.h"

enum campaign_status {
    CAMPAIGN_IN_PROGRESS,
    CAMPAIGN_SUCCESSFUL,
    CAMPAIGN_WARNING,
    CAMPAIGN_FAILED,
    CAMPAIGN_ABORTED,
    CAMPAIGN_INCONCLUSIVE,
    CAMPAIGN_NO_DATA,
};
/* "IN_PROGRESS", "SUCCESSFUL", ... */
const char *campaign_status_name(enum campaign_status status);

/* Whose traces a campaign judges, as it turned out. */
enum correlation_mode {
    CORRELATION_REQUIRED,
    CORRELATION_OFF,
    CORRELATION_AUTO_INJECTED,
    CORRELATION_AUTO_ALL
};

struct ledger_injections {
    uint64_t total, repeated, pass, fail, error, inconclusive, missing, unsampled, not_sent,
        unjudged, open;
};
struct ledger_spans {
    uint64_t received, judged, unjudged, outside, duplicate, late, cut, rejected, open, conflicting;
};
struct ledger_sink {
    struct bytes name;
    bool required;
    uint64_t produced, acknowledged, rejected, dropped, spooled, in_flight;
};
struct correlation_counts {
    uint64_t matched, missing, unexpected, late, duplicate;
};

struct result_counts {
    uint64_t judged, pass, fail, error, inconclusive, skipped;
};

struct report_group {
    struct bytes condition, service, span, reason;
    uint64_t count;
    struct trace_id trace_id; /* one exemplar: the smallest */
    enum result result;
};
struct report_failure {
    struct trace_id trace_id;
    struct failure failure;
};
struct report_assertion {
    struct bytes name;
    enum severity severity;
    struct result_counts counts;
    enum result outcome;               /* after tolerance: what it means for the campaign */
    const struct report_group *groups; /* most frequent first */
    uint32_t group_count;
    const struct report_failure *failures; /* by trace ID, condition's place, span's order */
    uint32_t failure_count;
    uint64_t failures_omitted;
};
struct report_label {
    struct bytes scenario, step, zone;
    struct result_counts counts;
};
struct report_breach {
    uint64_t from_unix_ns, to_unix_ns;
    struct seen value;
};
/* What came of the windows of a threshold; `width_ns` 0: it has none. */
struct report_windows {
    uint64_t width_ns;
    uint64_t judged, broken;
    uint64_t thin;   /* too few samples to be judged */
    uint64_t beyond; /* samples later than the last window that is kept */
};
/* A percentile, and how many samples lie above it: what a later campaign compares with. */
struct report_quantile {
    double percent;
    double value;
    bool value_is_integer;
    __int128 value_integer;
    uint64_t above;
};
/* How a threshold compares with its baseline; `base_samples` 0: it does not. */
struct report_comparison {
    double base_value; /* its p(N), nanoseconds; or its ratio */
    double share, base_share, allowed;
    double significance;
    uint64_t base_samples;
};
struct report_class;
struct report_threshold {
    struct bytes name;
    enum severity severity;
    struct bytes rule;
    enum result result;
    bool holds_again; /* it fails for a breach during the run alone */
    bool has_value, infinite;
    bool is_duration; /* value is nanoseconds */
    double value;     /* nanoseconds, or a fraction */
    bool value_is_integer;
    __int128 value_integer;
    uint64_t samples, absent;
    struct bytes reason;
    const struct report_breach *breaches; /* at ticks of the run, or the broken windows */
    uint32_t breach_count;
    bool estimated; /* the value lies from `low` to `high` */
    double low, high;
    struct report_windows windows;
    struct report_comparison comparison;
    const struct report_quantile *quantiles; /* of p(N): its distribution */
    uint32_t quantile_count;
    uint64_t quantile_samples;  /* all samples, those that are infinite too */
    const struct bytes *labels; /* by which it is judged apart */
    uint32_t label_count;
    const struct report_class *classes;
    uint32_t class_count;
};
/* One combination of labels: named by them, judged by the same rule. */
struct report_class {
    const struct bytes *values; /* of the threshold's labels; NULL: all that found no place */
    struct report_threshold it;
};
/* A span of a small tree: those that decided, and what is above them. */
struct report_tree_span {
    uint32_t depth;   /* 0: none above it is shown */
    bool decides;     /* some failure hangs on it */
    bool below_other; /* spans between it and the one above are left out, or its top ones */
    span_id span_id;
    struct bytes service, name;
    enum span_kind kind;
    enum span_status status;
    __int128 duration_ns;
};
/* The small tree of one failing trace, from top to bottom. */
struct report_tree {
    struct trace_id trace_id;
    const struct report_tree_span *spans;
    uint32_t span_count;
    uint64_t omitted; /* spans of the trace that are not in it */
};
struct report_suite {
    struct bytes name;
    bool optional;
    struct result_counts traces;
    const struct report_label *labels;
    uint32_t label_count;
    const struct report_assertion *assertions;
    uint32_t assertion_count;
    const struct report_threshold *thresholds;
    uint32_t threshold_count;
    const struct report_tree *trees; /* of the failing traces with the smallest IDs */
    uint32_t tree_count;
};

struct report {
    struct arena arena; /* everything below lives here */
    struct bytes key;
    enum campaign_status status;
    uint64_t start_unix_ns, end_unix_ns; /* end 0: running */
    const struct attr *labels;
    uint32_t label_count;
    enum correlation_mode correlation;
    const struct bytes *findings; /* sentences */
    uint32_t finding_count;
    struct ledger_injections injections;
    struct ledger_spans spans;
    const struct ledger_sink *sinks;
    uint32_t sink_count;
    struct correlation_counts correlated;
    const struct report_suite *suites;
    uint32_t suite_count;
    const char *trace_url; /* template with {trace_id}, or NULL */
};

/* The words of DESIGN 5.4 for the report ("required", "off", "auto: injected", "auto: all"). */
const char *correlation_mode_name(enum correlation_mode mode);

#endif
