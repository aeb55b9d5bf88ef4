#include "exporters/report_json.h"

#include "daemon/model/id_json.h"
#include "exporters/report_tree.h"

#define SCHEMA_VERSION 1

/* Members of one object have different keys: the last of a label counts. */
static bool label_comes_again(const struct report *report, uint32_t index)
{
    for (uint32_t i = index + 1; i < report->label_count; i++) {
        if (bytes_equal(report->labels[i].key, report->labels[index].key)) {
            return true;
        }
    }
    return false;
}

static void write_labels(struct json *json, const struct report *report)
{
    json_object(json);
    for (uint32_t i = 0; i < report->label_count; i++) {
        if (!label_comes_again(report, i)) {
            json_key_bytes(json, report->labels[i].key);
            value_write_json(json, &report->labels[i].value);
        }
    }
    json_object_end(json);
}

static void write_campaign(struct json *json, const struct report *report)
{
    json_object(json);
    json_member_text(json, "key", report->key);
    json_member_string(json, "status", campaign_status_name(report->status));
    json_member_time(json, "start", report->start_unix_ns);
    if (report->end_unix_ns != 0) {
        json_member_time(json, "end", report->end_unix_ns);
    } else {
        json_key(json, "end");
        json_null(json);
    }
    json_key(json, "labels");
    write_labels(json, report);
    json_member_string(json, "correlation", correlation_mode_name(report->correlation));
    json_key(json, "findings");
    json_array(json);
    for (uint32_t i = 0; i < report->finding_count; i++) {
        json_text(json, report->findings[i]);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_injections(struct json *json, const struct ledger_injections *injections)
{
    json_object(json);
    json_member_u64(json, "total", injections->total);
    json_member_u64(json, "pass", injections->pass);
    json_member_u64(json, "fail", injections->fail);
    json_member_u64(json, "error", injections->error);
    json_member_u64(json, "inconclusive", injections->inconclusive);
    json_member_u64(json, "missing", injections->missing);
    json_member_u64(json, "unsampled", injections->unsampled);
    json_member_u64(json, "not_sent", injections->not_sent);
    json_member_u64(json, "unjudged", injections->unjudged);
    json_member_u64(json, "open", injections->open);
    json_member_u64(json, "repeated", injections->repeated);
    json_object_end(json);
}

static void write_spans(struct json *json, const struct ledger_spans *spans)
{
    json_object(json);
    json_member_u64(json, "received", spans->received);
    json_member_u64(json, "judged", spans->judged);
    json_member_u64(json, "unjudged", spans->unjudged);
    json_member_u64(json, "outside", spans->outside);
    json_member_u64(json, "duplicate", spans->duplicate);
    json_member_u64(json, "late", spans->late);
    json_member_u64(json, "cut", spans->cut);
    json_member_u64(json, "rejected", spans->rejected);
    json_member_u64(json, "open", spans->open);
    json_member_u64(json, "conflicting", spans->conflicting);
    json_object_end(json);
}

static void write_sink(struct json *json, const struct ledger_sink *sink)
{
    json_key_bytes(json, sink->name);
    json_object(json);
    json_member_u64(json, "produced", sink->produced);
    json_member_u64(json, "acknowledged", sink->acknowledged);
    json_member_u64(json, "rejected", sink->rejected);
    json_member_u64(json, "dropped", sink->dropped);
    json_member_u64(json, "spooled", sink->spooled);
    json_member_u64(json, "in_flight", sink->in_flight);
    json_object_end(json);
}

static void write_ledger(struct json *json, const struct report *report)
{
    json_object(json);
    json_key(json, "injections");
    write_injections(json, &report->injections);
    json_key(json, "spans");
    write_spans(json, &report->spans);
    json_key(json, "sinks");
    json_object(json);
    for (uint32_t i = 0; i < report->sink_count; i++) {
        write_sink(json, &report->sinks[i]);
    }
    json_object_end(json);
    json_object_end(json);
}

static void write_correlation(struct json *json, const struct correlation_counts *counts)
{
    json_object(json);
    json_member_u64(json, "matched", counts->matched);
    json_member_u64(json, "missing", counts->missing);
    json_member_u64(json, "unexpected", counts->unexpected);
    json_member_u64(json, "late", counts->late);
    json_member_u64(json, "duplicate", counts->duplicate);
    json_object_end(json);
}

static void members_of_results(struct json *json, const struct result_counts *counts)
{
    json_member_u64(json, "pass", counts->pass);
    json_member_u64(json, "fail", counts->fail);
    json_member_u64(json, "error", counts->error);
    json_member_u64(json, "inconclusive", counts->inconclusive);
}

static void write_labelled(struct json *json, const struct report_label *label)
{
    json_object(json);
    json_member_text(json, "scenario", label->scenario);
    json_member_text(json, "step", label->step);
    json_member_text(json, "zone", label->zone);
    json_member_u64(json, "judged", label->counts.judged);
    members_of_results(json, &label->counts);
    json_object_end(json);
}

static void write_group(struct json *json, const struct report_group *group)
{
    json_object(json);
    json_member_text(json, "condition", group->condition);
    json_member_text(json, "service", group->service);
    json_member_text(json, "span", group->span);
    json_member_text(json, "reason", group->reason);
    json_member_u64(json, "count", group->count);
    json_member_trace_id(json, "trace_id", &group->trace_id);
    json_object_end(json);
}

static void write_failure(struct json *json, const struct report_failure *entry)
{
    json_object(json);
    json_member_trace_id(json, "trace_id", &entry->trace_id);
    if (entry->failure.span_id != 0) {
        json_member_span_id(json, "span_id", entry->failure.span_id);
    }
    json_member_string(json, "result", result_name(entry->failure.result));
    failure_write_json(json, &entry->failure);
    json_object_end(json);
}

static void write_assertion(struct json *json, const struct report_assertion *assertion)
{
    json_object(json);
    json_member_text(json, "name", assertion->name);
    json_member_string(json, "severity", severity_name(assertion->severity));
    members_of_results(json, &assertion->counts);
    json_member_u64(json, "skipped", assertion->counts.skipped);
    json_key(json, "groups");
    json_array(json);
    for (uint32_t i = 0; i < assertion->group_count; i++) {
        write_group(json, &assertion->groups[i]);
    }
    json_array_end(json);
    json_key(json, "failures");
    json_array(json);
    for (uint32_t i = 0; i < assertion->failure_count; i++) {
        write_failure(json, &assertion->failures[i]);
    }
    json_array_end(json);
    json_member_u64(json, "failures_omitted", assertion->failures_omitted);
    json_object_end(json);
}

static void write_value(struct json *json, const struct report_threshold *threshold)
{
    if (!threshold->has_value) {
        json_null(json);
    } else if (threshold->value_is_integer && !threshold->infinite) {
        json_i128(json, threshold->value_integer);
    } else {
        json_double(json, threshold->value);
    }
}

static void write_breach(struct json *json, const struct report_breach *breach)
{
    json_object(json);
    json_member_time(json, "from", breach->from_unix_ns);
    json_member_time(json, "to", breach->to_unix_ns);
    json_key(json, "value");
    seen_write_json(json, &breach->value);
    json_object_end(json);
}

static void members_of_measure(struct json *json, const struct report_threshold *threshold)
{
    json_member_string(json, "result", result_name(threshold->result));
    json_key(json, "value");
    write_value(json, threshold);
    json_member_u64(json, "samples", threshold->samples);
    json_member_u64(json, "absent", threshold->absent);
    if (threshold->estimated) {
        json_key(json, "estimate");
        json_object(json);
        json_key(json, "low");
        json_double(json, threshold->low);
        json_key(json, "high");
        json_double(json, threshold->high);
        json_object_end(json);
    }
}

static void write_windows(struct json *json, const struct report_windows *windows)
{
    json_key(json, "windows");
    json_object(json);
    json_member_u64(json, "width", windows->width_ns);
    json_member_u64(json, "judged", windows->judged);
    json_member_u64(json, "broken", windows->broken);
    json_member_u64(json, "thin", windows->thin);
    json_member_u64(json, "beyond", windows->beyond);
    json_object_end(json);
}

static void write_quantile(struct json *json, const struct report_quantile *quantile)
{
    json_object(json);
    json_key(json, "p");
    json_double(json, quantile->percent);
    json_key(json, "value");
    if (quantile->value_is_integer) {
        json_i128(json, quantile->value_integer);
    } else {
        json_double(json, quantile->value);
    }
    json_member_u64(json, "above", quantile->above);
    json_object_end(json);
}

static void write_distribution(struct json *json, const struct report_threshold *threshold)
{
    json_key(json, "distribution");
    json_object(json);
    json_member_u64(json, "samples", threshold->quantile_samples);
    json_key(json, "quantiles");
    json_array(json);
    for (uint32_t i = 0; i < threshold->quantile_count; i++) {
        write_quantile(json, &threshold->quantiles[i]);
    }
    json_array_end(json);
    json_object_end(json);
}

static void member_double(struct json *json, const char *name, double number)
{
    json_key(json, name);
    json_double(json, number);
}

static void write_comparison(struct json *json, const struct report_comparison *comparison)
{
    json_key(json, "baseline");
    json_object(json);
    member_double(json, "value", comparison->base_value);
    json_member_u64(json, "samples", comparison->base_samples);
    member_double(json, "baseline_share", comparison->base_share);
    member_double(json, "allowed_share", comparison->allowed);
    member_double(json, "share", comparison->share);
    member_double(json, "significance", comparison->significance);
    json_object_end(json);
}

static void write_breaches(struct json *json, const struct report_threshold *threshold)
{
    json_key(json, "breaches");
    json_array(json);
    for (uint32_t i = 0; i < threshold->breach_count; i++) {
        write_breach(json, &threshold->breaches[i]);
    }
    json_array_end(json);
}

/* What only some thresholds have is left out of the others. */
static void write_parts(struct json *json, const struct report_threshold *threshold)
{
    if (threshold->quantile_count != 0) {
        write_distribution(json, threshold);
    }
    if (threshold->comparison.base_samples != 0) {
        write_comparison(json, &threshold->comparison);
    }
    if (threshold->windows.width_ns != 0) {
        write_windows(json, &threshold->windows);
    }
}

static void write_class(struct json *json, const struct report_threshold *threshold,
                        const struct report_class *class)
{
    json_object(json);
    json_key(json, "labels");
    if (class->values == NULL) {
        json_null(json);
    } else {
        json_object(json);
        for (uint32_t i = 0; i < threshold->label_count; i++) {
            json_key_bytes(json, threshold->labels[i]);
            json_text(json, class->values[i]);
        }
        json_object_end(json);
    }
    members_of_measure(json, &class->it);
    if (class->it.windows.width_ns != 0) {
        write_breaches(json, &class->it);
    }
    write_parts(json, &class->it);
    json_object_end(json);
}

static void write_threshold(struct json *json, const struct report_threshold *threshold)
{
    json_object(json);
    json_member_text(json, "name", threshold->name);
    json_member_string(json, "severity", severity_name(threshold->severity));
    json_member_text(json, "rule", threshold->rule);
    members_of_measure(json, threshold);
    write_breaches(json, threshold);
    write_parts(json, threshold);
    if (threshold->label_count != 0) {
        json_key(json, "by");
        json_array(json);
        for (uint32_t i = 0; i < threshold->class_count; i++) {
            write_class(json, threshold, &threshold->classes[i]);
        }
        json_array_end(json);
    }
    json_object_end(json);
}

static void write_suite(struct json *json, const struct report_suite *suite)
{
    json_object(json);
    json_member_text(json, "name", suite->name);
    json_key(json, "traces");
    json_object(json);
    json_member_u64(json, "judged", suite->traces.judged);
    members_of_results(json, &suite->traces);
    json_object_end(json);
    json_key(json, "by_label");
    json_array(json);
    for (uint32_t i = 0; i < suite->label_count; i++) {
        write_labelled(json, &suite->labels[i]);
    }
    json_array_end(json);
    json_key(json, "assertions");
    json_array(json);
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        write_assertion(json, &suite->assertions[i]);
    }
    json_array_end(json);
    json_key(json, "thresholds");
    json_array(json);
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        write_threshold(json, &suite->thresholds[i]);
    }
    json_array_end(json);
    tree_members(json, suite);
    json_object_end(json);
}

void report_write_json(struct json *json, const struct report *report)
{
    json_object(json);
    json_member_u64(json, "schema_version", SCHEMA_VERSION);
    json_key(json, "campaign");
    write_campaign(json, report);
    json_key(json, "ledger");
    write_ledger(json, report);
    json_key(json, "correlation");
    write_correlation(json, &report->correlated);
    json_key(json, "suites");
    json_array(json);
    for (uint32_t i = 0; i < report->suite_count; i++) {
        write_suite(json, &report->suites[i]);
    }
    json_array_end(json);
    json_object_end(json);
}
