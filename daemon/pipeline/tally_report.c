#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/pipeline/report_builder.h"
#include "daemon/pipeline/status.h"
#include "daemon/pipeline/tally_state.h"

static void copy_seen(struct builder *builder, struct seen *seen)
{
    enum value_type type = seen->value.type;
    if (seen->type == SEEN_VALUE &&
        (type == VALUE_TEXT || type == VALUE_BYTES || type == VALUE_ARRAY || type == VALUE_MAP)) {
        seen->value.bytes = builder_text(builder, seen->value.bytes);
    }
}

static struct report_failure copy_failure(struct builder *builder,
                                          const struct report_failure *from)
{
    struct report_failure copy = *from;
    copy.failure.condition = builder_text(builder, from->failure.condition);
    copy.failure.service = builder_text(builder, from->failure.service);
    copy.failure.span_name = builder_text(builder, from->failure.span_name);
    copy.failure.reason = builder_text(builder, from->failure.reason);
    copy_seen(builder, &copy.failure.expected);
    copy_seen(builder, &copy.failure.actual);
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

static void build_groups(struct builder *builder, struct report_assertion *to,
                         const struct tally_groups *from)
{
    struct report_group *groups = builder_take(builder, from->count, sizeof *groups);
    for (uint32_t i = 0; groups != NULL && i < from->count; i++) {
        groups[i] = from->items[i].entry;
        groups[i].condition = builder_text(builder, groups[i].condition);
        groups[i].service = builder_text(builder, groups[i].service);
        groups[i].span = builder_text(builder, groups[i].span);
        groups[i].reason = builder_text(builder, groups[i].reason);
    }
    to->groups = groups;
    to->group_count = groups != NULL ? from->count : 0;
    if (to->group_count != 0) {
        qsort(groups, from->count, sizeof *groups, compare_groups);
    }
}

static void build_failures(struct builder *builder, struct report_assertion *to,
                           struct kept_failures *from)
{
    kept_failures_settle(from);
    struct report_failure *failures = builder_take(builder, from->count, sizeof *failures);
    for (uint32_t i = 0; failures != NULL && i < from->count; i++) {
        failures[i] = copy_failure(builder, &from->items[i]->entry);
    }
    to->failures = failures;
    to->failure_count = failures != NULL ? from->count : 0;
    to->failures_omitted = from->total - to->failure_count;
}

static void build_assertion(struct builder *builder, struct report_assertion *to,
                            const struct assertion *assertion, double max_inconclusive,
                            struct tally_assertion *from, struct arena *tally_arena)
{
    builder->failed |= tally_groups_settle(&from->groups, tally_arena) != 0;
    build_groups(builder, to, &from->groups);
    build_failures(builder, to, &from->failures);
    to->name = builder_text(builder, assertion->name);
    to->severity = assertion->severity;
    to->counts = from->counts;
    to->outcome = status_of_assertion(&from->counts, assertion->tolerance, max_inconclusive);
}

static struct state_counts count_states(const struct tally *tally, const struct tally_suite *suite,
                                        bool all_traces)
{
    const struct ledger_injections *ledger = &tally->injections;
    return (struct state_counts){
        .injections = ledger->total,
        .missing = ledger->missing,
        .unexpected = tally->correlated.unexpected,
        .late = tally->correlated.late,
        .duplicate = tally->correlated.duplicate,
        .expecting =
            ledger->total - ledger->unsampled - ledger->not_sent - tally->expecting_none_seen,
        .judged = suite->traces.judged,
        .pass = suite->traces.pass,
        .fail = suite->traces.fail,
        .error = suite->traces.error,
        .inconclusive = suite->traces.inconclusive,
        .all_traces = all_traces,
    };
}

static int compare_labels(const void *a, const void *b)
{
    const struct report_label *left = a;
    const struct report_label *right = b;
    int order = bytes_compare(left->scenario, right->scenario);
    order = order != 0 ? order : bytes_compare(left->step, right->step);
    return order != 0 ? order : bytes_compare(left->zone, right->zone);
}

static void build_labels(struct builder *builder, struct report_suite *to,
                         const struct tally_suite *from)
{
    struct report_label *labels = builder_take(builder, from->label_count, sizeof *labels);
    for (uint32_t i = 0; labels != NULL && i < from->label_count; i++) {
        labels[i].scenario = builder_text(builder, from->labels[i].scenario);
        labels[i].step = builder_text(builder, from->labels[i].step);
        labels[i].zone = builder_text(builder, from->labels[i].zone);
        labels[i].counts = from->labels[i].counts;
    }
    to->labels = labels;
    to->label_count = labels != NULL ? from->label_count : 0;
    if (to->label_count != 0) {
        qsort(labels, from->label_count, sizeof *labels, compare_labels);
    }
}

static void build_trees(struct builder *builder, struct report_suite *to,
                        const struct kept_trees *from)
{
    struct report_tree *trees = builder_take(builder, from->count, sizeof *trees);
    for (uint32_t i = 0; trees != NULL && i < from->count; i++) {
        uint32_t count = from->items[i]->span_count;
        struct report_tree_span *spans = builder_take(builder, count, sizeof *spans);
        trees[i] = *from->items[i];
        for (uint32_t k = 0; spans != NULL && k < count; k++) {
            spans[k] = from->items[i]->spans[k];
            spans[k].service = builder_text(builder, spans[k].service);
            spans[k].name = builder_text(builder, spans[k].name);
        }
        trees[i].spans = spans;
    }
    to->trees = trees;
    to->tree_count = trees != NULL ? from->count : 0;
}

static void build_suite(struct builder *builder, struct report_suite *to, const struct suite *suite,
                        struct tally *tally, bool all_traces, const struct report_facts *facts)
{
    struct tally_suite *from = &tally->suites[suite->index];
    struct report_assertion *assertions =
        builder_take(builder, suite->assertion_count, sizeof *assertions);
    struct report_threshold *thresholds =
        builder_take(builder, suite->threshold_count, sizeof *thresholds);
    struct state_counts counts = count_states(tally, from, all_traces);
    for (uint32_t i = 0; assertions != NULL && i < suite->assertion_count; i++) {
        build_assertion(builder, &assertions[i], &suite->assertions[i], suite->max_inconclusive,
                        &from->assertions[i], &tally->arena);
    }
    for (uint32_t i = 0; thresholds != NULL && i < suite->threshold_count; i++) {
        build_threshold(builder, &thresholds[i], suite->index, &suite->thresholds[i],
                        &from->gatherings[i], &counts, facts, tally->campaign->origin_unix_ns);
    }
    build_labels(builder, to, from);
    build_trees(builder, to, &from->trees);
    to->name = builder_text(builder, suite->name);
    to->optional = suite->optional;
    to->traces = from->traces;
    to->assertions = assertions;
    to->assertion_count = suite->assertion_count;
    to->thresholds = thresholds;
    to->threshold_count = suite->threshold_count;
}

static enum correlation_mode mode_of(const struct tally *tally)
{
    int mode = campaign_mode(tally->campaign);
    if (mode >= 0) {
        return (enum correlation_mode)mode;
    }
    return tally->injections.total != 0 ? CORRELATION_AUTO_INJECTED : CORRELATION_AUTO_ALL;
}

static void build_campaign_labels(struct builder *builder, struct report *report,
                                  const struct campaign *campaign)
{
    struct attr *labels = builder_take(builder, campaign->label_count, sizeof *labels);
    for (uint32_t i = 0; labels != NULL && i < campaign->label_count; i++) {
        labels[i].key = builder_text(builder, campaign->labels[i].key);
        labels[i].value = campaign->labels[i].value;
        labels[i].value.bytes = builder_text(builder, campaign->labels[i].value.bytes);
    }
    report->labels = labels;
    report->label_count = labels != NULL ? campaign->label_count : 0;
}

static void build_sinks(struct builder *builder, struct report *report,
                        const struct report_facts *facts)
{
    struct ledger_sink *sinks = builder_take(builder, facts->sink_count, sizeof *sinks);
    for (uint32_t i = 0; sinks != NULL && i < facts->sink_count; i++) {
        sinks[i] = facts->sinks[i];
        sinks[i].name = builder_text(builder, facts->sinks[i].name);
    }
    report->sinks = sinks;
    report->sink_count = sinks != NULL ? facts->sink_count : 0;
}

static void build_campaign(struct builder *builder, struct report *report,
                           const struct tally *tally, const struct report_facts *facts)
{
    const struct campaign *campaign = tally->campaign;
    build_campaign_labels(builder, report, campaign);
    build_sinks(builder, report, facts);
    report->key = builder_text(builder, bytes_of(campaign->key));
    report->start_unix_ns = campaign->start_unix_ns;
    report->end_unix_ns = facts->end_unix_ns;
    report->trace_url = facts->trace_url;
    report->correlation = mode_of(tally);
    report->correlated = tally->correlated;
    report->injections = tally->injections;
    report->injections.open = facts->open_injections;
    report->spans = tally->spans;
    report->spans.open = facts->open_spans;
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
    bool balanced = in->total == in->pass + in->fail + in->error + in->inconclusive + in->missing +
                                     in->unsampled + in->not_sent + in->unjudged + in->open;
    balanced &= spans->received == spans->judged + spans->unjudged + spans->outside +
                                       spans->duplicate + spans->late + spans->cut +
                                       spans->rejected + spans->open;
    for (uint32_t i = 0; i < report->sink_count; i++) {
        const struct ledger_sink *sink = &report->sinks[i];
        balanced &= sink->produced == sink->acknowledged + sink->rejected + sink->dropped +
                                          sink->spooled + sink->in_flight;
    }
    return balanced;
}

int tally_report(struct tally *merged, const struct report_facts *facts, struct report *ret)
{
    const struct suite_set *set = merged->campaign->set;
    *ret = (struct report){.arena = ARENA_INIT(16384, 0)};
    tally_settle(merged);
    struct builder builder = {.arena = &ret->arena};
    struct report_suite *suites = builder_take(&builder, set->suite_count, sizeof *suites);
    build_campaign(&builder, ret, merged, facts);
    bool all_traces =
        ret->correlation == CORRELATION_OFF || ret->correlation == CORRELATION_AUTO_ALL;
    for (uint32_t i = 0; suites != NULL && i < set->suite_count; i++) {
        build_suite(&builder, &suites[i], &set->suites[i], merged, all_traces, facts);
    }
    if (builder.failed) {
        arena_deinit(&ret->arena);
        return -ENOMEM;
    }
    ret->suites = suites;
    ret->suite_count = set->suite_count;
    struct status_facts status = {.campaign = merged->campaign,
                                  .forced = facts->forced,
                                  .judged_traces = merged->judged_traces,
                                  .requests_refused = merged->requests_refused,
                                  .injected = !all_traces,
                                  .missing_is_read = reads_missing(set),
                                  .no_data_hint = facts->no_data_hint};
    status_find(ret, &status);
    return 0;
}
