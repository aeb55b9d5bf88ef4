/*
 * Judging what was gathered: together, apart by labels, or window by window.
 */
#include "assertions/baseline_class.h"
#include "assertions/gathering.h"
#include "assertions/rule.h"
#include "daemon/core/clock.h"

static struct threshold_judgement estimated(struct estimate estimate, uint64_t samples)
{
    return (struct threshold_judgement){
        .has_value = samples != 0,
        .value = (double)estimate.number,
        .value_is_integer = true,
        .value_integer = estimate.number,
        .samples = samples,
        .estimated = estimate.low != estimate.high,
        .low = estimate.low,
        .high = estimate.high,
    };
}

static struct threshold_judgement measure_values(const struct rule *rule,
                                                 const struct value_set *values)
{
    switch (rule->aggregate) {
    case AGGREGATE_DUPLICATES:
        return estimated(value_set_duplicates(values), values->samples);
    case AGGREGATE_MOST:
        return estimated(value_set_most(values), values->samples);
    default:
        return estimated(value_set_distinct(values), values->samples);
    }
}

/* By the seconds from the first end to the last; without any that passed, none. */
static struct threshold_judgement measure_rate(const struct span_ends *ends)
{
    uint64_t passed = ends->last_ns - ends->first_ns;
    struct threshold_judgement judgement = {.samples = ends->count};
    if (passed != 0) {
        judgement.has_value = true;
        judgement.value = (double)ends->count / ((double)passed / (double)NS_PER_S);
    }
    return judgement;
}

static struct threshold_judgement measure_slope(const struct second_counts *seconds)
{
    struct threshold_judgement judgement = {.samples = seconds->samples};
    judgement.has_value = second_counts_slope(seconds, &judgement.value) == 0;
    return judgement;
}

static struct threshold_judgement measure(const struct rule *rule, const struct gathered *gathered)
{
    if (rule_tells_values(rule)) {
        return measure_values(rule, &gathered->values);
    }
    return rule->aggregate == AGGREGATE_RATE ? measure_rate(&gathered->ends)
                                             : measure_slope(&gathered->seconds);
}

struct threshold_judgement gathered_judge(const struct threshold *threshold,
                                          const struct gathered *gathered,
                                          const struct state_counts *counts)
{
    const struct rule *rule = threshold->rule;
    if (!rule_tells_values(rule) && !rule_counts_spans(rule)) {
        struct state_counts own = gathered->counts;
        own.all_traces = counts->all_traces;
        return threshold_judge(threshold, &gathered->samples,
                               threshold_narrows(threshold) ? &own : counts);
    }
    struct threshold_judgement judgement = measure(rule, gathered);
    threshold_conclude(threshold, gathered->samples.lost != 0, &judgement);
    if (gathered->seconds.beyond != 0 && judgement.result != RESULT_FAIL) {
        judgement.result = RESULT_INCONCLUSIVE;
        judgement.reason = "longer than the 86400 seconds of which a backlog is kept";
    }
    return judgement;
}

/* --- windows --- */

struct window_range gathering_windows(const struct cell_list *windows)
{
    if (windows->count == 0) {
        return (struct window_range){0, 0};
    }
    return (struct window_range){windows->items[0]->window,
                                 windows->items[windows->count - 1]->window + 1};
}

/* A window's rate is its number by its width, also where nothing came; the first and the last one
 * may be cut. */
static bool judge_rate(const struct cell_list *windows, const struct threshold *threshold,
                       uint32_t window, struct threshold_judgement *ret)
{
    struct window_range range = gathering_windows(windows);
    const struct gathered_cell *cell = cell_list_find_window(windows, window);
    if (window == range.first || window + 1 >= range.end) {
        return false;
    }
    uint64_t count = cell != NULL ? cell->in.ends.count : 0;
    *ret = (struct threshold_judgement){
        .has_value = true,
        .value = (double)count / ((double)threshold->over_ns / (double)NS_PER_S),
        .samples = count,
    };
    struct threshold own = *threshold;
    own.min_samples = 0;
    threshold_conclude(&own, false, ret);
    return true;
}

bool gathering_judge_window(const struct cell_list *windows, const struct threshold *threshold,
                            uint32_t window, struct threshold_judgement *ret)
{
    static const struct state_counts none;
    if (threshold->rule->aggregate == AGGREGATE_RATE) {
        return judge_rate(windows, threshold, window, ret);
    }
    const struct gathered_cell *cell = cell_list_find_window(windows, window);
    if (cell != NULL) {
        *ret = gathered_judge(threshold, &cell->in, &none);
    }
    return cell != NULL;
}

static void judge_windows(const struct cell_list *windows, uint64_t beyond,
                          const struct threshold *threshold, struct threshold_judgement *whole,
                          struct windows_judgement *ret)
{
    struct window_range range = gathering_windows(windows);
    for (uint32_t window = range.first; window < range.end; window++) {
        struct threshold_judgement judgement;
        if (gathering_judge_window(windows, threshold, window, &judgement)) {
            ret->judged += judgement.result == RESULT_PASS || judgement.result == RESULT_FAIL;
            ret->broken += judgement.result == RESULT_FAIL;
            ret->thin += judgement.result == RESULT_INCONCLUSIVE;
        }
    }
    bool rate = threshold->rule->aggregate == AGGREGATE_RATE;
    bool few = rate && whole->samples < threshold->min_samples;
    whole->result = RESULT_INCONCLUSIVE;
    if (ret->broken != 0 && !few) {
        whole->result = RESULT_FAIL;
        whole->reason = "beyond the limit in some windows, see their breaches";
    } else if (beyond != 0) {
        whole->reason = "the campaign has more windows than are kept; make them wider";
    } else if (ret->judged == 0 || few) {
        whole->reason = "too few samples: no window has min_samples";
    } else {
        whole->result = RESULT_PASS;
        whole->reason = NULL;
    }
}

/* --- labels --- */

/* Of many combinations some look worse by chance alone: each is held to so much less. */
static struct threshold_judgement judge_beside(const struct gathering *gathering,
                                               const struct gathered_cell *cell,
                                               const struct threshold *threshold,
                                               const struct state_counts *counts)
{
    uint32_t comparisons = 0;
    for (uint32_t i = 0; i < gathering->cells.count; i++) {
        comparisons += baseline_has_class(threshold->baseline, gathering->cells.items[i]->key);
    }
    struct baseline baseline = baseline_of_class(threshold->baseline, cell->key, comparisons);
    struct threshold own = *threshold;
    own.baseline = &baseline;
    return gathered_judge(&own, &cell->in, counts);
}

struct threshold_judgement gathering_judge_class(const struct gathering *gathering,
                                                 const struct gathered_cell *cell,
                                                 const struct threshold *threshold,
                                                 const struct state_counts *counts,
                                                 struct windows_judgement *ret_windows)
{
    struct threshold_judgement judgement = threshold->baseline != NULL
                                               ? judge_beside(gathering, cell, threshold, counts)
                                               : gathered_judge(threshold, &cell->in, counts);
    *ret_windows = (struct windows_judgement){.judged = 0};
    if (threshold->over_ns != 0 && judgement.result != RESULT_SKIPPED) {
        judge_windows(&cell->windows, cell->beyond, threshold, &judgement, ret_windows);
    }
    return judgement;
}

static void judge_classes(const struct gathering *gathering, const struct threshold *threshold,
                          const struct state_counts *counts, struct threshold_judgement *whole,
                          struct windows_judgement *ret)
{
    enum result strongest = RESULT_OPEN;
    for (uint32_t i = 0; i <= gathering->cells.count; i++) {
        const struct gathered_cell *cell =
            i < gathering->cells.count ? gathering->cells.items[i] : gathering->others;
        struct windows_judgement windows;
        if (cell == NULL) {
            continue;
        }
        enum result result =
            gathering_judge_class(gathering, cell, threshold, counts, &windows).result;
        strongest = result > strongest ? result : strongest;
        ret->judged += windows.judged;
        ret->broken += windows.broken;
        ret->thin += windows.thin;
    }
    if (strongest != RESULT_OPEN) {
        whole->result = strongest;
        whole->reason = strongest == RESULT_FAIL  ? threshold->baseline != NULL
                                                        ? "worse than the baseline for some labels"
                                                        : "beyond the limit for some labels"
                        : strongest > RESULT_PASS ? "not certain for some labels"
                                                  : NULL;
    }
}

struct threshold_judgement gathering_judge(const struct gathering *gathering,
                                           const struct threshold *threshold,
                                           const struct state_counts *counts,
                                           struct windows_judgement *ret_windows)
{
    struct threshold_judgement whole = gathered_judge(threshold, &gathering->all, counts);
    *ret_windows = (struct windows_judgement){.judged = 0};
    if (whole.result == RESULT_SKIPPED) {
        return whole;
    }
    if (gathering->all.samples.lost + gathering->lost != 0) {
        whole.result = RESULT_INCONCLUSIVE;
        whole.reason = "some samples were lost for lack of memory";
    } else if (threshold->by_count != 0) {
        judge_classes(gathering, threshold, counts, &whole, ret_windows);
    } else if (threshold->over_ns != 0) {
        judge_windows(&gathering->cells, gathering->beyond, threshold, &whole, ret_windows);
    }
    return whole;
}
