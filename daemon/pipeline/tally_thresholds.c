/*
 * Thresholds in the report: judged together, by labels, and window by window.
 */
#include <stdlib.h>

#include "daemon/pipeline/report_builder.h"

static struct seen value_seen(const struct threshold_judgement *judgement)
{
    if (judgement->is_duration && !judgement->infinite) {
        return (struct seen){.type = SEEN_DURATION, .ns = (__int128)judgement->value};
    }
    return (struct seen){.type = SEEN_VALUE,
                         .value = {.type = VALUE_DOUBLE, .number = judgement->value}};
}

static struct report_threshold shown(struct builder *builder, struct bytes name,
                                     const struct threshold *threshold,
                                     const struct threshold_judgement *judgement)
{
    return (struct report_threshold){
        .name = name,
        .severity = threshold->severity,
        .rule = builder_text(builder, threshold->rule->text),
        .result = judgement->result,
        .has_value = judgement->has_value,
        .infinite = judgement->infinite,
        .is_duration = judgement->is_duration,
        .value = judgement->value,
        .value_is_integer = judgement->value_is_integer,
        .value_integer = judgement->value_integer,
        .samples = judgement->samples,
        .absent = judgement->absent,
        .reason = bytes_of(judgement->reason),
        .estimated = judgement->estimated,
        .low = judgement->low,
        .high = judgement->high,
    };
}

/* --- the baseline: of this campaign, and for the next --- */

static void build_quantiles(struct builder *builder, struct report_threshold *to,
                            const struct threshold *threshold, const struct samples *samples)
{
    struct distribution_row rows[DISTRIBUTION_ROWS];
    uint32_t count = threshold_distribution(threshold->rule, samples, rows, &to->quantile_samples);
    struct report_quantile *quantiles = builder_take(builder, count, sizeof *quantiles);
    for (uint32_t i = 0; quantiles != NULL && i < count; i++) {
        quantiles[i] = (struct report_quantile){rows[i].percent, rows[i].value, rows[i].integer,
                                                rows[i].value_integer, rows[i].above};
    }
    to->quantiles = quantiles;
    to->quantile_count = quantiles != NULL ? count : 0;
}

static void build_comparison(struct report_threshold *to,
                             const struct threshold_judgement *judgement)
{
    const struct no_worse *it = &judgement->comparison;
    if (judgement->compared) {
        to->comparison = (struct report_comparison){.base_value = it->base_value,
                                                    .share = it->share,
                                                    .base_share = it->base_share,
                                                    .allowed = it->allowed,
                                                    .significance = it->significance,
                                                    .base_samples = it->base_samples};
    }
}

/* --- windows --- */

/* A broken window lengthens the breach that ends where it begins. There are no more breaches than
 * broken windows. */
static void add_window(struct report_threshold *to, struct report_breach *breaches,
                       uint64_t from_ns, uint64_t width_ns,
                       const struct threshold_judgement *judgement)
{
    struct report_breach *last = to->breach_count != 0 ? &breaches[to->breach_count - 1] : NULL;
    if (last == NULL || last->to_unix_ns != from_ns) {
        last = &breaches[to->breach_count++];
        last->from_unix_ns = from_ns;
    }
    last->to_unix_ns = from_ns + width_ns;
    last->value = value_seen(judgement);
}

static void build_windows(struct builder *builder, struct report_threshold *to,
                          const struct threshold *threshold, struct windowed windowed,
                          uint64_t broken, uint64_t origin_ns)
{
    struct report_breach *breaches = builder_take(builder, broken, sizeof *breaches);
    for (uint32_t i = windowed.first; breaches != NULL && i < windowed.end; i++) {
        struct threshold_judgement judgement;
        if (gathering_judge_window(&windowed, threshold, i, &judgement) &&
            judgement.result == RESULT_FAIL) {
            add_window(to, breaches, origin_ns + i * threshold->over_ns, threshold->over_ns,
                       &judgement);
        }
    }
    to->breaches = breaches;
}

static struct report_windows windows_shown(const struct threshold *threshold,
                                           const struct windows_judgement *windows, uint64_t beyond)
{
    return (struct report_windows){.width_ns = threshold->over_ns,
                                   .judged = windows->judged,
                                   .broken = windows->broken,
                                   .thin = windows->thin,
                                   .beyond = beyond};
}

/* --- labels --- */

/* "scenario=checkout, zone=eu" from a key whose values end in zero bytes. */
static struct bytes class_name(struct builder *builder, const struct threshold *threshold,
                               const struct bytes *values)
{
    struct buf name = BUF_NULL;
    for (uint32_t i = 0; i < threshold->by_count; i++) {
        buf_append_text(&name, i != 0 ? ", " : "");
        buf_append_bytes(&name, threshold->by[i]);
        buf_append_char(&name, '=');
        buf_append_bytes(&name, values[i]);
    }
    struct bytes copy = builder_text(builder, buf_bytes(&name));
    builder->failed |= name.failed;
    buf_deinit(&name);
    return copy;
}

static const struct bytes *class_values(struct builder *builder, const struct threshold *threshold,
                                        struct bytes key)
{
    struct bytes *values = builder_take(builder, threshold->by_count, sizeof *values);
    size_t at = 0;
    for (uint32_t i = 0; values != NULL && i < threshold->by_count; i++) {
        const uint8_t *end = memchr(key.data + at, 0, key.len - at);
        size_t len = end != NULL ? (size_t)(end - key.data) - at : 0;
        values[i] = builder_text(builder, bytes_from(key.data + at, len));
        at += len + 1;
    }
    return values;
}

/* What a combination is judged and shown by. */
struct class_facts {
    const struct gathering *gathering;
    const struct state_counts *counts;
    uint64_t origin_ns;
    uint32_t comparisons;
};

static void build_class(struct builder *builder, struct report_class *to,
                        const struct threshold *threshold, const struct gathered_cell *cell,
                        bool others, const struct class_facts *facts)
{
    struct class_judging judging = {.comparisons = facts->comparisons};
    struct threshold_judgement judgement =
        gathering_judge_class(facts->gathering, cell, threshold, facts->counts, &judging);
    const struct bytes *values = others ? NULL : class_values(builder, threshold, cell->key);
    struct bytes name = BYTES_LITERAL("(others)");
    if (values != NULL) {
        name = class_name(builder, threshold, values);
    }
    to->values = values;
    to->it = shown(builder, name, threshold, &judgement);
    build_comparison(&to->it, &judgement);
    if (threshold->rule->aggregate == AGGREGATE_PERCENTILE) {
        build_quantiles(builder, &to->it, threshold, &cell->in.samples);
    }
    if (threshold->over_ns != 0) {
        struct windowed windowed =
            gathering_windows(facts->gathering, cell, threshold, facts->comparisons);
        build_windows(builder, &to->it, threshold, windowed, judging.windows.broken,
                      facts->origin_ns);
        to->it.windows = windows_shown(threshold, &judging.windows, windowed.beyond);
    }
}

static void build_classes(struct builder *builder, struct report_threshold *to,
                          const struct threshold *threshold, const struct class_facts *facts)
{
    const struct gathering *gathering = facts->gathering;
    uint32_t count = gathering->cells.count;
    struct report_class *classes = builder_take(builder, count + 1, sizeof *classes);
    for (uint32_t i = 0; classes != NULL && i < count; i++) {
        build_class(builder, &classes[i], threshold, gathering->cells.items[i], false, facts);
    }
    if (classes != NULL && gathering->others != NULL) {
        build_class(builder, &classes[count], threshold, gathering->others, true, facts);
    }
    struct bytes *labels = builder_take(builder, threshold->by_count, sizeof *labels);
    for (uint32_t i = 0; labels != NULL && i < threshold->by_count; i++) {
        labels[i] = builder_text(builder, threshold->by[i]);
    }
    to->labels = labels;
    to->label_count = threshold->by_count;
    to->classes = classes;
    to->class_count = count + (gathering->others != NULL ? 1 : 0);
}

/* --- breaches of a run --- */

/* A breach that was over before the threshold would have ended the campaign decides nothing, but
 * for a sticky one. */
static bool breach_decides(const struct threshold *threshold, uint32_t suite, uint64_t start_ns,
                           const struct report_facts *facts)
{
    bool decides = false;
    for (uint32_t i = 0; i < facts->breach_count; i++) {
        const struct breach_record *record = &facts->breaches[i];
        bool own = record->suite == suite && record->threshold == threshold->index;
        bool late = record->breach.to_unix_ns >= start_ns + threshold->delay_ns;
        decides |= own && (threshold->sticky || (threshold->abort_on_fail && late));
    }
    return decides;
}

static void build_breaches(struct builder *builder, struct report_threshold *to, uint32_t suite,
                           uint32_t threshold, const struct report_facts *facts)
{
    struct report_breach *breaches = builder_take(builder, facts->breach_count, sizeof *breaches);
    for (uint32_t i = 0; breaches != NULL && i < facts->breach_count; i++) {
        if (facts->breaches[i].suite == suite && facts->breaches[i].threshold == threshold) {
            breaches[to->breach_count++] = facts->breaches[i].breach;
        }
    }
    to->breaches = breaches;
}

void build_threshold(struct builder *builder, struct report_threshold *to, uint32_t suite,
                     const struct threshold *threshold, const struct gathering *gathering,
                     const struct state_counts *counts, const struct report_facts *facts,
                     uint64_t origin_ns)
{
    struct windows_judgement windows;
    struct threshold_judgement judgement = gathering_judge(gathering, threshold, counts, &windows);
    *to = shown(builder, builder_text(builder, threshold->name), threshold, &judgement);
    bool apart = threshold->by_count != 0;
    uint32_t comparisons = gathering_comparisons(gathering, threshold);
    struct windowed windowed = gathering_windows(gathering, NULL, threshold, comparisons);
    if (threshold->over_ns != 0) {
        to->windows = windows_shown(threshold, &windows, windowed.beyond);
    }
    if (judgement.result == RESULT_SKIPPED) { /* its samples mean nothing, nor do its windows */
        return;
    }
    if (threshold->over_ns != 0 && !apart) {
        build_windows(builder, to, threshold, windowed, windows.broken, origin_ns);
    } else {
        build_breaches(builder, to, suite, threshold->index, facts);
    }
    if (threshold->rule->aggregate == AGGREGATE_PERCENTILE) {
        build_quantiles(builder, to, threshold, &gathering->all.samples);
    }
    build_comparison(to, &judgement);
    if (apart) {
        const struct class_facts class_facts = {gathering, counts, origin_ns, comparisons};
        build_classes(builder, to, threshold, &class_facts);
    }
    if (breach_decides(threshold, suite, origin_ns, facts)) {
        to->holds_again = to->result != RESULT_FAIL;
        to->result = RESULT_FAIL;
        to->reason = BYTES_LITERAL("breached during the run");
    }
}
