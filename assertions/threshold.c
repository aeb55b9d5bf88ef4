#include "assertions/threshold.h"

#include <math.h>

#include "assertions/baseline.h"
#include "assertions/rule.h"

void samples_init(struct samples *samples)
{
    *samples = (struct samples){.exact = true};
    histogram_init(&samples->histogram);
}

void samples_deinit(struct samples *samples)
{
    histogram_deinit(&samples->histogram);
    samples_init(samples);
}

static void widen(struct samples *samples, const struct samples *by)
{
    bool first = samples->count == 0;
    samples->min = first || by->min < samples->min ? by->min : samples->min;
    samples->max = first || by->max > samples->max ? by->max : samples->max;
    samples->exact_min =
        first || by->exact_min < samples->exact_min ? by->exact_min : samples->exact_min;
    samples->exact_max =
        first || by->exact_max > samples->exact_max ? by->exact_max : samples->exact_max;
    samples->exact_sum += by->exact_sum;
    samples->exact &= by->exact;
}

void samples_add(struct samples *samples, double value, bool exact, __int128 exact_value)
{
    if (isinf(value)) {
        samples->infinite += value > 0;
        samples->minus_infinite += value < 0;
        return;
    }
    if (histogram_add(&samples->histogram, value) != 0) {
        samples->lost++;
        return;
    }
    struct samples one = {.min = value,
                          .max = value,
                          .exact = exact,
                          .exact_sum = exact_value,
                          .exact_min = exact_value,
                          .exact_max = exact_value};
    widen(samples, &one);
    exact_sum_add(&samples->sum, value);
    samples->count++;
}

void samples_add_absent(struct samples *samples)
{
    samples->absent++;
}

int samples_merge(struct samples *into, const struct samples *from)
{
    int bad = histogram_merge(&into->histogram, &from->histogram);
    if (bad) {
        return bad;
    }
    if (from->count != 0) {
        widen(into, from);
    }
    exact_sum_merge(&into->sum, &from->sum);
    into->count += from->count;
    into->absent += from->absent;
    into->infinite += from->infinite;
    into->minus_infinite += from->minus_infinite;
    into->lost += from->lost;
    return 0;
}

static struct threshold_judgement valued(double value, bool integer, __int128 exact)
{
    return (struct threshold_judgement){
        .has_value = true, .value = value, .value_is_integer = integer, .value_integer = exact};
}

static struct threshold_judgement infinite_value(double value)
{
    return (struct threshold_judgement){
        .has_value = true, .infinite = isinf(value), .value = value};
}

/* ceil(N % of n), exactly. */
static uint64_t rank_of(const struct rule *rule, uint64_t n)
{
    unsigned __int128 top = (unsigned __int128)rule->percent_num * n;
    unsigned __int128 bottom = (unsigned __int128)rule->percent_den * 100;
    uint64_t rank = (uint64_t)((top + bottom - 1) / bottom);
    return rank != 0 ? rank : 1;
}

/* The histogram answers within its error; whole samples are whole, and none lies outside of what
 * was seen. */
static struct threshold_judgement percentile(const struct rule *rule, const struct samples *samples)
{
    uint64_t below = samples->minus_infinite;
    uint64_t rank = rank_of(rule, below + samples->count + samples->infinite + samples->absent);
    if (rank <= below || rank - below > samples->count) {
        return infinite_value(rank <= below ? -INFINITY : INFINITY);
    }
    rank -= below;
    double value = histogram_rank(&samples->histogram, rank);
    value = value < samples->min ? samples->min : value > samples->max ? samples->max : value;
    if (!samples->exact) {
        return valued(value, false, 0);
    }
    __int128 whole = value <= samples->min   ? samples->exact_min
                     : value >= samples->max ? samples->exact_max
                                             : (__int128)rint(value);
    return valued((double)whole, true, whole);
}

/* What is infinite lies above everything. */
static uint64_t count_above(const struct samples *samples, double value)
{
    return histogram_above(&samples->histogram, value) + samples->infinite + samples->absent;
}

uint32_t threshold_distribution(const struct rule *rule, const struct samples *samples,
                                struct distribution_row ret[DISTRIBUTION_ROWS],
                                uint64_t *ret_samples)
{
    static const struct {
        uint64_t num, den;
    } usual[] = {{50, 1}, {75, 1}, {90, 1}, {95, 1}, {99, 1}, {999, 10}};
    uint32_t count = 0;
    bool own = false;
    *ret_samples = samples->count + samples->infinite + samples->minus_infinite + samples->absent;
    for (size_t i = 0; i <= sizeof usual / sizeof *usual && *ret_samples != 0; i++) {
        struct rule at = *rule;
        if (i < sizeof usual / sizeof *usual) {
            at.percent_num = usual[i].num;
            at.percent_den = usual[i].den;
            at.percent = (double)usual[i].num / (double)usual[i].den;
            own |= at.percent == rule->percent;
        } else if (own) {
            break;
        }
        struct threshold_judgement judgement = percentile(&at, samples);
        if (!judgement.infinite) {
            ret[count++] = (struct distribution_row){
                at.percent, judgement.value, judgement.value_is_integer, judgement.value_integer,
                count_above(samples, judgement.value)};
        }
    }
    return count;
}

static struct threshold_judgement average(const struct samples *samples)
{
    if (samples->infinite + samples->minus_infinite != 0) {
        double up = samples->infinite != 0 ? INFINITY : 0;
        return infinite_value(samples->minus_infinite != 0 ? up - INFINITY : up);
    }
    if (!samples->exact) {
        return valued(exact_sum_mean(&samples->sum, samples->count), false, 0);
    }
    __int128 count = (__int128)samples->count;
    if (samples->exact_sum % count == 0) {
        return valued((double)(samples->exact_sum / count), true, samples->exact_sum / count);
    }
    return valued((double)samples->exact_sum / (double)count, false, 0);
}

static struct threshold_judgement greatest(const struct samples *samples)
{
    if (samples->infinite + samples->absent != 0) {
        return infinite_value(INFINITY);
    }
    return samples->count == 0 ? infinite_value(-INFINITY)
                               : valued(samples->max, samples->exact, samples->exact_max);
}

static struct threshold_judgement least(const struct samples *samples)
{
    if (samples->minus_infinite != 0) {
        return infinite_value(-INFINITY);
    }
    return samples->count == 0 ? infinite_value(INFINITY)
                               : valued(samples->min, samples->exact, samples->exact_min);
}

static struct threshold_judgement aggregated(const struct rule *rule, const struct samples *samples)
{
    switch (rule->aggregate) {
    case AGGREGATE_PERCENTILE:
        return percentile(rule, samples);
    case AGGREGATE_AVG:
        return average(samples);
    case AGGREGATE_MAX:
        return greatest(samples);
    default:
        return least(samples);
    }
}

static struct threshold_judgement measure(const struct rule *rule, const struct samples *samples)
{
    bool counts_absent =
        rule->aggregate == AGGREGATE_PERCENTILE || rule->aggregate == AGGREGATE_MAX;
    uint64_t n = samples->count + samples->infinite + samples->minus_infinite +
                 (counts_absent ? samples->absent : 0);
    struct threshold_judgement judgement = {.has_value = false};
    if (n != 0) {
        judgement = aggregated(rule, samples);
    }
    judgement.samples = n;
    judgement.absent = samples->absent;
    judgement.is_duration = rule->sample_is_duration;
    return judgement;
}

static uint64_t state_number(enum rule_state state, const struct state_counts *counts,
                             uint64_t *ret_of)
{
    const uint64_t numbers[] = {
        [STATE_MISSING] = counts->missing, [STATE_UNEXPECTED] = counts->unexpected,
        [STATE_LATE] = counts->late,       [STATE_DUPLICATE] = counts->duplicate,
        [STATE_PASS] = counts->pass,       [STATE_FAIL] = counts->fail,
        [STATE_ERROR] = counts->error,     [STATE_INCONCLUSIVE] = counts->inconclusive,
    };
    *ret_of = state == STATE_MISSING     ? counts->expecting
              : state <= STATE_DUPLICATE ? counts->injections
                                         : counts->judged;
    return numbers[state];
}

static struct threshold_judgement measure_state(const struct rule *rule,
                                                const struct state_counts *counts)
{
    uint64_t of;
    uint64_t number = state_number(rule->state, counts, &of);
    struct threshold_judgement judgement = {.has_value = false};
    if (of != 0) {
        judgement = rule->aggregate == AGGREGATE_COUNT
                        ? valued((double)number, true, number)
                        : valued((double)number / (double)of, false, 0);
    }
    judgement.samples = of;
    return judgement;
}

static struct operand operand_of_limit(const struct operand *limit)
{
    return limit->type == OPERAND_DURATION
               ? (struct operand){.type = OPERAND_INT, .integer = (int64_t)limit->ns}
               : *limit;
}

static bool operand_holds(const struct rule *rule, const struct operand *value)
{
    struct operand limit = operand_of_limit(&rule->literal);
    struct operand upper = operand_of_limit(&rule->upper);
    switch (rule->test) {
    case RULE_BETWEEN:
        return compare(OP_GREATER_EQUAL, value, &limit, NULL) == TRUTH_TRUE &&
               compare(OP_LESS_EQUAL, value, &upper, NULL) == TRUTH_TRUE;
    case RULE_NOT_BETWEEN:
        return compare(OP_LESS, value, &limit, NULL) == TRUTH_TRUE ||
               compare(OP_GREATER, value, &upper, NULL) == TRUTH_TRUE;
    default:
        return compare(rule->op, value, &limit, NULL) == TRUTH_TRUE;
    }
}

static bool value_holds(const struct rule *rule, const struct threshold_judgement *judgement)
{
    struct operand value = {.type = OPERAND_DOUBLE, .number = judgement->value};
    if (judgement->value_is_integer && judgement->value_integer >= INT64_MIN &&
        judgement->value_integer <= INT64_MAX) {
        value = (struct operand){.type = OPERAND_INT, .integer = (int64_t)judgement->value_integer};
    }
    return operand_holds(rule, &value);
}

static double number_of(const struct operand *limit)
{
    struct operand operand = operand_of_limit(limit);
    return operand.type == OPERAND_INT ? (double)operand.integer : operand.number;
}

/* Whether the rule says the same wherever between `low` and `high` the value lies: its truth
 * changes at its limits only. */
static bool is_certain(const struct rule *rule, const struct threshold_judgement *judgement)
{
    double limits[] = {number_of(&rule->literal), number_of(&rule->upper)};
    bool holds = value_holds(rule, judgement);
    double points[] = {judgement->low, judgement->high, judgement->low, judgement->high};
    for (int i = 0; i < 2; i++) {
        bool inside = limits[i] > judgement->low && limits[i] < judgement->high;
        points[2 + i] = inside ? limits[i] : points[2 + i];
    }
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct operand point = {.type = OPERAND_DOUBLE, .number = points[i]};
        if (operand_holds(rule, &point) != holds) {
            return false;
        }
    }
    return true;
}

/* Why a value breaks its limit; NULL: it does not. */
static const char *breach(const struct rule *rule, const struct threshold_judgement *judgement)
{
    if (value_holds(rule, judgement)) {
        return NULL;
    }
    return judgement->infinite && judgement->absent != 0
               ? "what was to happen did not in too many traces (absent): their samples count as "
                 "infinite"
               : "beyond the limit";
}

static void compare_baseline(const struct threshold *threshold, uint64_t above,
                             struct threshold_judgement *judgement)
{
    const struct baseline *baseline = threshold->baseline;
    if (baseline->why == NULL && judgement->samples != 0) {
        judgement->compared = true;
        judgement->comparison = (struct no_worse){.above = above,
                                                  .samples = judgement->samples,
                                                  .base_above = baseline->above,
                                                  .base_samples = baseline->samples,
                                                  .base_value = baseline->value};
        no_worse_test(&judgement->comparison, threshold->rule->worse_by);
    }
}

static void conclude_comparison(const struct threshold *threshold,
                                struct threshold_judgement *judgement)
{
    const struct no_worse *it = &judgement->comparison;
    uint32_t comparisons = threshold->baseline->comparisons;
    double level = NO_WORSE_SIGNIFICANCE / (comparisons != 0 ? comparisons : 1);
    bool worse = it->share > it->allowed && it->significance < level;
    if (threshold->baseline->why != NULL) {
        judgement->reason = threshold->baseline->why;
        return;
    }
    judgement->result = worse ? RESULT_FAIL : RESULT_PASS;
    judgement->reason = worse ? "worse than the baseline" : NULL;
}

void threshold_conclude(const struct threshold *threshold, bool lost,
                        struct threshold_judgement *judgement)
{
    const struct rule *rule = threshold->rule;
    judgement->result = RESULT_INCONCLUSIVE;
    if (lost) {
        judgement->reason = "some samples were lost for lack of memory";
    } else if (!judgement->has_value) {
        judgement->reason =
            judgement->samples != 0 ? "too little time has passed between samples" : "no samples";
    } else if (judgement->samples < threshold->min_samples) {
        judgement->reason = "too few samples: less than min_samples";
    } else if (rule->test == RULE_NO_WORSE) {
        conclude_comparison(threshold, judgement);
    } else if (judgement->estimated && !is_certain(rule, judgement)) {
        judgement->reason = "an estimate, whose error leaves it open whether the rule holds";
    } else {
        judgement->reason = breach(rule, judgement);
        judgement->result = judgement->reason != NULL ? RESULT_FAIL : RESULT_PASS;
    }
}

struct threshold_judgement threshold_judge(const struct threshold *threshold,
                                           const struct samples *samples,
                                           const struct state_counts *counts)
{
    const struct rule *rule = threshold->rule;
    if (rule_reads_injections(rule) && counts->all_traces) {
        return (struct threshold_judgement){
            .result = RESULT_SKIPPED,
            .reason = "the campaign judges all traces, whatever was injected"};
    }
    bool states = rule_counts_states(rule);
    struct threshold_judgement judgement =
        states ? measure_state(rule, counts) : measure(rule, samples);
    if (rule->test == RULE_NO_WORSE) {
        uint64_t above = states || threshold->baseline->why != NULL
                             ? (uint64_t)llrint(judgement.value * (double)judgement.samples)
                             : count_above(samples, threshold->baseline->value);
        compare_baseline(threshold, above, &judgement);
    }
    threshold_conclude(threshold, !states && samples->lost != 0, &judgement);
    return judgement;
}
