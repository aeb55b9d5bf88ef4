#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/pipeline/status.h"
#include "daemon/pipeline/tally_state.h"

static void copy_seen(struct seen *seen, struct arena *arena)
{
    enum value_type type = seen->value.type;
    if (seen->type == SEEN_VALUE &&
        (type == VALUE_TEXT || type == VALUE_BYTES || type == VALUE_ARRAY || type == VALUE_MAP)) {
        seen->value.bytes = arena_copy(arena, seen->value.bytes);
    }
}

static struct report_failure copy_failure(const struct report_failure *from, struct arena *arena)
{
    struct report_failure copy = *from;
    copy.failure.condition = arena_copy(arena, from->failure.condition);
    copy.failure.service = arena_copy(arena, from->failure.service);
    copy.failure.span_name = arena_copy(arena, from->failure.span_name);
    copy.failure.reason = arena_copy(arena, from->failure.reason);
    copy_seen(&copy.failure.expected, arena);
    copy_seen(&copy.failure.actual, arena);
    return copy;
}

static int compare_groups(const void *a, const void *b)
{
    const struct report_group *left = a;
    const struct report_group *right = b;
    if (left->count != right->count) {
        return left->count > right->count ? -1 : 1;
    }
    int order = bytes_compare(left->condition, right->condition);
    order = order != 0 ? order : bytes_compare(left->service, right->service);
    order = order != 0 ? order : bytes_compare(left->span, right->span);
    order = order != 0 ? order : bytes_compare(left->reason, right->reason);
    return order != 0 ? order : (int)left->result - (int)right->result;
}

static int build_groups(struct report_assertion *to, const struct tally_groups *from, struct arena *arena)
{
    struct report_group *groups = arena_calloc(arena, from->count + 1, sizeof *groups);
    if (groups == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < from->count; i++) {
        groups[i] = from->items[i].entry;
        groups[i].condition = arena_copy(arena, groups[i].condition);
        groups[i].service = arena_copy(arena, groups[i].service);
        groups[i].span = arena_copy(arena, groups[i].span);
        groups[i].reason = arena_copy(arena, groups[i].reason);
    }
    qsort(groups, from->count, sizeof *groups, compare_groups);
    to->groups = groups;
    to->group_count = from->count;
    return 0;
}

static int build_assertion(struct report_assertion *to, const struct assertion *assertion, struct tally_assertion *from,
                           struct arena *arena)
{
    kept_failures_settle(&from->failures);
    struct report_failure *failures = arena_calloc(arena, from->failures.count + 1, sizeof *failures);
    if (failures == NULL || build_groups(to, &from->groups, arena) != 0) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < from->failures.count; i++) {
        failures[i] = copy_failure(&from->failures.items[i]->entry, arena);
    }
    to->name = arena_copy(arena, assertion->name);
    to->severity = assertion->severity;
    to->counts = from->counts;
    to->outcome = status_of_assertion(&from->counts, assertion->tolerance);
    to->failures = failures;
    to->failure_count = from->failures.count;
    to->failures_omitted = from->failures.total - from->failures.count;
    return 0;
}

static struct state_counts count_states(const struct tally *tally, const struct tally_suite *suite, bool all_traces)
{
    const struct ledger_injections *ledger = &tally->injections;
    return (struct state_counts){
        .injections = ledger->total,
        .missing = ledger->missing,
        .unexpected = tally->correlated.unexpected,
        .late = tally->correlated.late,
        .duplicate = tally->correlated.duplicate,
        .expecting = ledger->total - ledger->unsampled - ledger->not_sent - tally->expecting_none_seen,
        .judged = suite->traces.judged,
        .pass = suite->traces.pass,
        .fail = suite->traces.fail,
        .error = suite->traces.error,
        .inconclusive = suite->traces.inconclusive,
        .all_traces = all_traces,
    };
}

static uint32_t build_breaches(struct report_threshold *to, uint32_t suite, uint32_t threshold,
                               const struct report_facts *facts, struct arena *arena)
{
    uint32_t count = 0;
    struct report_breach *breaches = arena_calloc(arena, facts->breach_count + 1, sizeof *breaches);
    for (uint32_t i = 0; breaches != NULL && i < facts->breach_count; i++) {
        if (facts->breaches[i].suite == suite && facts->breaches[i].threshold == threshold) {
            breaches[count++] = facts->breaches[i].breach;
        }
    }
    to->breaches = breaches;
    to->breach_count = count;
    return count;
}

static void build_threshold(struct report_threshold *to, const struct suite *suite, const struct threshold *threshold,
                            const struct samples *samples, const struct state_counts *counts,
                            const struct report_facts *facts, struct arena *arena)
{
    struct threshold_judgement judgement = threshold_judge(threshold, samples, counts);
    *to = (struct report_threshold){
        .name = arena_copy(arena, threshold->name),
        .severity = threshold->severity,
        .rule = arena_copy(arena, threshold->rule->text),
        .result = judgement.result,
        .has_value = judgement.has_value,
        .infinite = judgement.infinite,
        .is_duration = judgement.is_duration,
        .value = judgement.value,
        .value_is_integer = judgement.value_is_integer,
        .value_integer = judgement.value_integer,
        .samples = judgement.samples,
        .absent = judgement.absent,
        .reason = bytes_of(judgement.reason),
    };
    bool breached = build_breaches(to, suite->index, threshold->index, facts, arena) != 0;
    if (breached && (threshold->sticky || threshold->abort_on_fail)) {
        to->result = RESULT_FAIL;
        to->reason = BYTES_LITERAL("breached during the run");
    }
}

static int compare_labels(const void *a, const void *b)
{
    const struct report_label *left = a;
    const struct report_label *right = b;
    int order = bytes_compare(left->scenario, right->scenario);
    order = order != 0 ? order : bytes_compare(left->step, right->step);
    return order != 0 ? order : bytes_compare(left->zone, right->zone);
}

static int build_labels(struct report_suite *to, const struct tally_suite *from, struct arena *arena)
{
    struct report_label *labels = arena_calloc(arena, from->label_count + 1, sizeof *labels);
    if (labels == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < from->label_count; i++) {
        labels[i].scenario = arena_copy(arena, from->labels[i].scenario);
        labels[i].step = arena_copy(arena, from->labels[i].step);
        labels[i].zone = arena_copy(arena, from->labels[i].zone);
        labels[i].counts = from->labels[i].counts;
    }
    qsort(labels, from->label_count, sizeof *labels, compare_labels);
    to->labels = labels;
    to->label_count = from->label_count;
    return 0;
}

static int build_suite(struct report_suite *to, const struct suite *suite, struct tally *tally, bool all_traces,
                       const struct report_facts *facts, struct arena *arena)
{
    struct tally_suite *from = &tally->suites[suite->index];
    struct report_assertion *assertions = arena_calloc(arena, suite->assertion_count + 1, sizeof *assertions);
    struct report_threshold *thresholds = arena_calloc(arena, suite->threshold_count + 1, sizeof *thresholds);
    struct state_counts counts = count_states(tally, from, all_traces);
    if (assertions == NULL || thresholds == NULL || build_labels(to, from, arena) != 0) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        if (build_assertion(&assertions[i], &suite->assertions[i], &from->assertions[i], arena) != 0) {
            return -ENOMEM;
        }
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        build_threshold(&thresholds[i], suite, &suite->thresholds[i], &from->samples[i], &counts, facts, arena);
    }
    to->name = arena_copy(arena, suite->name);
    to->optional = suite->optional;
    to->traces = from->traces;
    to->assertions = assertions;
    to->assertion_count = suite->assertion_count;
    to->thresholds = thresholds;
    to->threshold_count = suite->threshold_count;
    return 0;
}

static enum correlation_mode mode_of(const struct tally *tally)
{
    int mode = campaign_mode(tally->campaign);
    if (mode >= 0) {
        return (enum correlation_mode)mode;
    }
    return tally->injections.total != 0 ? CORRELATION_AUTO_INJECTED : CORRELATION_AUTO_ALL;
}

static int build_campaign(struct report *report, const struct tally *tally, const struct report_facts *facts)
{
    const struct campaign *campaign = tally->campaign;
    struct arena *arena = &report->arena;
    struct attr *labels = arena_calloc(arena, campaign->label_count + 1, sizeof *labels);
    struct ledger_sink *sinks = arena_calloc(arena, facts->sink_count + 1, sizeof *sinks);
    if (labels == NULL || sinks == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < campaign->label_count; i++) {
        labels[i].key = arena_copy(arena, campaign->labels[i].key);
        labels[i].value = campaign->labels[i].value;
        labels[i].value.bytes = arena_copy(arena, campaign->labels[i].value.bytes);
    }
    for (uint32_t i = 0; i < facts->sink_count; i++) {
        sinks[i] = facts->sinks[i];
        sinks[i].name = arena_copy(arena, facts->sinks[i].name);
    }
    report->key = arena_copy(arena, bytes_of(campaign->key));
    report->start_unix_ns = campaign->start_unix_ns;
    report->end_unix_ns = facts->end_unix_ns;
    report->labels = labels;
    report->label_count = campaign->label_count;
    report->sinks = sinks;
    report->sink_count = facts->sink_count;
    report->trace_url = facts->trace_url;
    report->correlation = mode_of(tally);
    report->correlated = tally->correlated;
    report->injections = tally->injections;
    report->injections.open = facts->open_injections;
    report->spans = tally->spans;
    report->spans.open = facts->open_spans;
    return 0;
}

static bool reads_missing(const struct suite_set *set)
{
    for (uint32_t i = 0; i < set->suite_count; i++) {
        for (uint32_t k = 0; k < set->suites[i].threshold_count; k++) {
            const struct rule *rule = set->suites[i].thresholds[k].rule;
            bool states = rule->aggregate == AGGREGATE_COUNT || rule->aggregate == AGGREGATE_RATIO;
            if (states && rule->state == STATE_MISSING) {
                return true;
            }
        }
    }
    return false;
}

bool ledger_balances(const struct report *report)
{
    const struct ledger_injections *in = &report->injections;
    const struct ledger_spans *spans = &report->spans;
    bool balanced = in->total == in->pass + in->fail + in->error + in->inconclusive + in->missing + in->unsampled +
                                     in->not_sent + in->unjudged + in->open;
    balanced &= spans->received == spans->judged + spans->unjudged + spans->outside + spans->duplicate + spans->late +
                                       spans->cut + spans->rejected + spans->open;
    for (uint32_t i = 0; i < report->sink_count; i++) {
        const struct ledger_sink *sink = &report->sinks[i];
        balanced &= sink->produced ==
                    sink->acknowledged + sink->rejected + sink->dropped + sink->spooled + sink->in_flight;
    }
    return balanced;
}

int tally_report(struct tally *merged, const struct report_facts *facts, struct report *ret)
{
    const struct suite_set *set = merged->campaign->set;
    *ret = (struct report){ .arena = ARENA_INIT(16384, 0) };
    struct report_suite *suites = arena_calloc(&ret->arena, set->suite_count + 1, sizeof *suites);
    if (suites == NULL || build_campaign(ret, merged, facts) != 0) {
        arena_deinit(&ret->arena);
        return -ENOMEM;
    }
    bool all_traces = ret->correlation == CORRELATION_OFF || ret->correlation == CORRELATION_AUTO_ALL;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        if (build_suite(&suites[i], &set->suites[i], merged, all_traces, facts, &ret->arena) != 0) {
            arena_deinit(&ret->arena);
            return -ENOMEM;
        }
    }
    ret->suites = suites;
    ret->suite_count = set->suite_count;
    struct status_facts status = { .campaign = merged->campaign, .forced = facts->forced,
                                   .judged_traces = merged->judged_traces, .requests_refused = merged->requests_refused,
                                   .injected = !all_traces, .missing_is_read = reads_missing(set),
                                   .no_data_hint = facts->no_data_hint };
    status_find(ret, &status);
    return 0;
}
