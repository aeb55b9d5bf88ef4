/* Thresholds over a campaign: a mergeable histogram of samples and the judgement of a rule
 * (SEMANTICS 6). Pure data.
 *
 * One accumulator per threshold and shard; shards' accumulators are merged when a report is made.
 */
#ifndef ASSERTD_ASSERTIONS_THRESHOLD_H
#define ASSERTD_ASSERTIONS_THRESHOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "assertions/exact_sum.h"
#include "assertions/histogram.h"
#include "assertions/no_worse.h"
#include "assertions/suite.h"

/* Samples of one threshold. */
struct samples {
    struct histogram histogram;
    uint64_t count;    /* finite samples */
    uint64_t infinite; /* attributes that are positive infinity */
    uint64_t minus_infinite;
    uint64_t absent; /* what was to happen did not: infinite for p(N) and max */
    uint64_t lost;   /* not counted for lack of memory */
    struct exact_sum sum;
    __int128 exact_sum, exact_min, exact_max; /* durations and integers */
    double min, max;
    bool exact; /* every sample so far was an integer (ns) */
};

/* Empty; holds no memory until the first sample. Deinit leaves it empty again. */
void samples_init(struct samples *samples);
void samples_deinit(struct samples *samples);
/* One sample of a trace: a finite value (`exact_value` counts where `exact`), or an absent one. */
void samples_add(struct samples *samples, double value, bool exact, __int128 exact_value);
void samples_add_absent(struct samples *samples);
/* Adds another's samples. 0, or -ENOMEM. */
int samples_merge(struct samples *into, const struct samples *from);

/* Counts for rules on states: numerator and denominator. */
struct state_counts {
    uint64_t injections, missing, unexpected, late, duplicate; /* the campaign's */
    uint64_t expecting; /* injections that expect a trace: the denominator of missing */
    uint64_t judged, pass, fail, error, inconclusive; /* the suite's */
    bool all_traces; /* the campaign judges all traces: rules on injections are skipped */
};

struct threshold_judgement {
    enum result result; /* pass, fail, inconclusive, skipped */
    bool has_value, is_duration, value_is_integer;
    bool infinite; /* `value` is an infinity of either sign */
    double value;
    __int128 value_integer;
    uint64_t samples, absent;
    bool estimated; /* the value lies from `low` to `high` */
    double low, high;
    bool compared; /* with a baseline */
    struct no_worse comparison;
    const char *reason; /* static, NULL when it passes */
};

/* A point of a distribution: `above` samples lie above the bucket of `value`. */
struct distribution_row {
    double percent;
    double value;
    bool integer;
    __int128 value_integer;
    uint64_t above;
};
/* Those of the usual percentiles and the rule's own. */
#define DISTRIBUTION_ROWS 7

/* The distribution of what a rule of p(N) measured; rows whose value is infinite are left out.
 * Returns how many there are; *ret_samples: samples with infinite ones. */
uint32_t threshold_distribution(const struct rule *rule, const struct samples *samples,
                                struct distribution_row ret[DISTRIBUTION_ROWS],
                                uint64_t *ret_samples);

/* Sets the result of what was measured, and its reason. `lost`: some samples were. */
void threshold_conclude(const struct threshold *threshold, bool lost,
                        struct threshold_judgement *judgement);

/* Judges a rule on what was gathered. */
struct threshold_judgement threshold_judge(const struct threshold *threshold,
                                           const struct samples *samples,
                                           const struct state_counts *counts);

#endif
