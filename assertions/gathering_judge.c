/*
 * Judging what was gathered: together, apart by labels, or window by window.
 */
#include "assertions/baseline_class.h"
#include "assertions/gathering.h"
#include "assertions/rule.h"
#include "daemon/core/clock.h"

#define LOST                "some samples were lost for lack of memory"
#define LONGER_THAN_SECONDS "longer than the 86400 seconds of which a backlog is kept"

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

/* Through these seconds of it. */
static struct threshold_judgement measure_backlog(const struct rule *rule,
                                                  const struct second_counts *seconds,
                                                  struct second_walk *walk,
                                                  struct second_range range)
{
    struct threshold_judgement judgement = {.samples = second_counts_within(seconds, range)};
    int64_t greatest;
    if (rule->aggregate == AGGREGATE_SLOPE) {
        judgement.has_value = second_counts_slope(seconds, range, &judgement.value) == 0;
    } else if (second_counts_greatest(seconds, walk, range, &greatest) == 0) {
        judgement.has_value = judgement.value_is_integer = true;
        judgement.value = (double)greatest;
        judgement.value_integer = greatest;
    }
    return judgement;
}

static struct threshold_judgement measure(const struct rule *rule, const struct gathered *gathered)
{
    if (rule_tells_values(rule)) {
        return measure_values(rule, &gathered->values);
    }
    if (rule->aggregate == AGGREGATE_RATE) {
        return measure_rate(&gathered->ends);
    }
    struct second_walk walk = {.at = 0};
    return measure_backlog(rule, &gathered->seconds, &walk,
                           second_counts_range(&gathered->seconds));
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
        judgement.reason = LONGER_THAN_SECONDS;
    }
    return judgement;
}

/* --- beside a baseline --- */

/* That of a combination of labels, or of all. */
static struct baseline baseline_for(const struct threshold *threshold,
                                    const struct gathered_cell *class, uint32_t comparisons)
{
    struct baseline baseline = *threshold->baseline;
    baseline.comparisons = comparisons;
    return class != NULL ? baseline_of_class(threshold->baseline, class->key, comparisons)
                         : baseline;
}

/* Without a baseline `beside` is not read. */
static struct threshold_judgement judge_beside(const struct threshold *threshold,
                                               const struct baseline *beside,
                                               const struct gathered *gathered,
                                               const struct state_counts *counts)
{
    struct threshold own = *threshold;
    own.baseline = threshold->baseline != NULL ? beside : NULL;
    return gathered_judge(&own, gathered, counts);
}

/* Windows with enough samples to be compared. */
static uint32_t comparable_windows(const struct cell_list *windows,
                                   const struct threshold *threshold)
{
    static const struct state_counts none;
    uint32_t count = 0;
    for (uint32_t i = 0; i < windows->count; i++) {
        count += gathered_judge(threshold, &windows->items[i]->in, &none).samples >=
                 threshold->min_samples;
    }
    return count;
}

uint32_t gathering_comparisons(const struct gathering *gathering, const struct threshold *threshold)
{
    uint32_t comparisons = 0;
    if (threshold->baseline == NULL) {
        return 0;
    }
    if (threshold->by_count == 0) {
        return 1 + comparable_windows(&gathering->cells, threshold);
    }
    for (uint32_t i = 0; i < gathering->cells.count; i++) {
        const struct gathered_cell *cell = gathering->cells.items[i];
        if (baseline_has_class(threshold->baseline, cell->key)) {
            comparisons += 1 + comparable_windows(&cell->windows, threshold);
        }
    }
    return comparisons;
}

/* --- windows --- */

static uint64_t window_seconds(const struct threshold *threshold)
{
    return threshold->over_ns / NS_PER_S;
}

/* Of a backlog: no more windows than there are cells for other rules. */
static void cut_backlog(const struct threshold *threshold, struct windowed *windowed)
{
    const struct second_counts *counts = &windowed->in->seconds;
    uint64_t width = window_seconds(threshold);
    uint64_t kept = threshold->by_count != 0 ? GATHERING_CLASS_WINDOWS_MAX : GATHERING_WINDOWS_MAX;
    struct second_range all = second_counts_range(counts);
    windowed->beyond = counts->beyond;
    if (all.end > kept * width) {
        struct second_range late = {(uint32_t)(kept * width), all.end};
        late.first = late.first > all.first ? late.first : all.first;
        windowed->beyond += second_counts_within(counts, late);
        all.end = (uint32_t)(kept * width);
    }
    if (all.first < all.end) {
        windowed->seconds = all;
        windowed->first = (uint32_t)(all.first / width);
        windowed->end = (uint32_t)((all.end - 1) / width) + 1;
    }
}

struct windowed gathering_windows(const struct gathering *gathering,
                                  const struct gathered_cell *class,
                                  const struct threshold *threshold, uint32_t comparisons)
{
    const struct cell_list *windows = class != NULL ? &class->windows : &gathering->cells;
    struct windowed windowed = {
        .in = class != NULL ? &class->in : &gathering->all,
        .windows = windows,
        .beyond = class != NULL ? class->beyond : gathering->beyond,
    };
    windowed.lost = gathering->lost + windowed.in->samples.lost != 0;
    if (threshold->baseline != NULL) {
        windowed.beside = baseline_for(threshold, class, comparisons);
    }
    if (threshold->over_ns == 0) {
        return windowed;
    }
    if (rule_counts_backlog(threshold->rule)) {
        cut_backlog(threshold, &windowed);
    } else if (windows->count != 0) {
        windowed.first = windows->items[0]->window;
        windowed.end = windows->items[windows->count - 1]->window + 1;
    }
    return windowed;
}

/* Enough of it or not is said by the whole. */
static void conclude_part(const struct threshold *threshold, struct threshold_judgement *ret)
{
    struct threshold own = *threshold;
    own.min_samples = 0;
    threshold_conclude(&own, false, ret);
}

/* A window's rate is its number by its width, also where nothing came; the first and the last one
 * may be cut. */
static bool judge_rate(const struct windowed *windowed, const struct threshold *threshold,
                       uint32_t window, struct threshold_judgement *ret)
{
    const struct gathered_cell *cell = cell_list_find_window(windowed->windows, window);
    if (window == windowed->first || window + 1 >= windowed->end) {
        return false;
    }
    uint64_t count = cell != NULL ? cell->in.ends.count : 0;
    *ret = (struct threshold_judgement){
        .has_value = true,
        .value = (double)count / ((double)threshold->over_ns / (double)NS_PER_S),
        .samples = count,
    };
    conclude_part(threshold, ret);
    return true;
}

/* The backlog is that of the whole campaign, also where nothing came. */
static bool judge_backlog(struct windowed *windowed, const struct threshold *threshold,
                          uint32_t window, struct threshold_judgement *ret)
{
    struct second_range range =
        second_range_window(windowed->seconds, window, window_seconds(threshold));
    struct threshold_judgement judgement =
        measure_backlog(threshold->rule, &windowed->in->seconds, &windowed->walk, range);
    if (judgement.has_value) {
        conclude_part(threshold, &judgement);
        *ret = judgement;
    }
    return judgement.has_value;
}

bool gathering_judge_window(struct windowed *windowed, const struct threshold *threshold,
                            uint32_t window, struct threshold_judgement *ret)
{
    static const struct state_counts none;
    if (threshold->rule->aggregate == AGGREGATE_RATE) {
        return judge_rate(windowed, threshold, window, ret);
    }
    if (rule_counts_backlog(threshold->rule)) {
        return judge_backlog(windowed, threshold, window, ret);
    }
    const struct gathered_cell *cell = cell_list_find_window(windowed->windows, window);
    if (cell != NULL) {
        *ret = judge_beside(threshold, &windowed->beside, &cell->in, &none);
    }
    return cell != NULL;
}

static void count_windows(struct windowed *windowed, const struct threshold *threshold,
                          struct windows_judgement *ret)
{
    for (uint32_t window = windowed->first; window < windowed->end; window++) {
        struct threshold_judgement judgement;
        if (gathering_judge_window(windowed, threshold, window, &judgement)) {
            bool known = judgement.result == RESULT_PASS || judgement.result == RESULT_FAIL;
            const struct gathered_cell *cell = cell_list_find_window(windowed->windows, window);
            bool lost = cell != NULL && cell->in.samples.lost != 0;
            ret->judged += known;
            ret->broken += judgement.result == RESULT_FAIL;
            ret->thin += !known && !lost;
            ret->lost += !known && lost;
        }
    }
}

/* What a window of which nothing was lost says, is certain. */
static void judge_windows(struct windowed windowed, const struct threshold *threshold,
                          struct threshold_judgement *whole, struct windows_judgement *ret)
{
    count_windows(&windowed, threshold, ret);
    bool few = rule_counts_spans(threshold->rule) && whole->samples < threshold->min_samples;
    bool compares = threshold->baseline != NULL;
    if (compares && (windowed.beside.why != NULL || whole->result == RESULT_FAIL)) {
        return; /* nothing to compare with; or worse as a whole, whatever the windows are */
    }
    whole->result = RESULT_INCONCLUSIVE;
    if (windowed.lost) {
        whole->reason = LOST;
    } else if (ret->broken != 0 && !few) {
        whole->result = RESULT_FAIL;
        whole->reason = compares ? "worse than the baseline in some windows, see their breaches"
                                 : "beyond the limit in some windows, see their breaches";
    } else if (ret->lost != 0) {
        whole->reason = LOST;
    } else if (windowed.beyond != 0) {
        whole->reason = windowed.in->seconds.beyond != 0
                            ? LONGER_THAN_SECONDS
                            : "the campaign has more windows than are kept; make them wider";
    } else if (ret->judged == 0 || few) {
        whole->reason = "too few samples: no window has min_samples";
    } else {
        whole->result = RESULT_PASS;
        whole->reason = NULL;
    }
}

/* --- labels --- */

struct threshold_judgement gathering_judge_class(const struct gathering *gathering,
                                                 const struct gathered_cell *cell,
                                                 const struct threshold *threshold,
                                                 const struct state_counts *counts,
                                                 struct class_judging *judging)
{
    struct windowed windowed = gathering_windows(gathering, cell, threshold, judging->comparisons);
    struct threshold_judgement judgement =
        judge_beside(threshold, &windowed.beside, &cell->in, counts);
    judging->windows = (struct windows_judgement){.judged = 0};
    if (judgement.result == RESULT_SKIPPED) {
        return judgement;
    }
    if (threshold->over_ns != 0) {
        judge_windows(windowed, threshold, &judgement, &judging->windows);
    }
    if (windowed.lost) {
        judgement.result = RESULT_INCONCLUSIVE;
        judgement.reason = LOST;
    }
    return judgement;
}

static void judge_classes(const struct gathering *gathering, const struct threshold *threshold,
                          const struct state_counts *counts, struct threshold_judgement *whole,
                          struct windows_judgement *ret)
{
    enum result strongest = RESULT_OPEN;
    struct class_judging judging = {.comparisons = gathering_comparisons(gathering, threshold)};
    for (uint32_t i = 0; i <= gathering->cells.count; i++) {
        const struct gathered_cell *cell =
            i < gathering->cells.count ? gathering->cells.items[i] : gathering->others;
        if (cell == NULL) {
            continue;
        }
        enum result result =
            gathering_judge_class(gathering, cell, threshold, counts, &judging).result;
        strongest = result > strongest ? result : strongest;
        ret->judged += judging.windows.judged;
        ret->broken += judging.windows.broken;
        ret->thin += judging.windows.thin;
        ret->lost += judging.windows.lost;
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
    uint32_t comparisons =
        threshold->by_count == 0 ? gathering_comparisons(gathering, threshold) : 0;
    struct windowed windowed = gathering_windows(gathering, NULL, threshold, comparisons);
    struct threshold_judgement whole =
        judge_beside(threshold, &windowed.beside, &gathering->all, counts);
    *ret_windows = (struct windows_judgement){.judged = 0};
    if (whole.result == RESULT_SKIPPED) {
        return whole;
    }
    if (threshold->by_count != 0) {
        judge_classes(gathering, threshold, counts, &whole, ret_windows);
    } else if (threshold->over_ns != 0) {
        judge_windows(windowed, threshold, &whole, ret_windows);
    }
    if (windowed.lost) {
        whole.result = RESULT_INCONCLUSIVE;
        whole.reason = LOST;
    }
    return whole;
}
