/* Whether a share has become worse than in an earlier campaign, and how likely chance alone would
 * make it look so. Pure.
 *
 * The test is exact for rare events (both numbers Poisson, the conditional one of them binomial),
 * and careful for others: of x + k events in both campaigns, with n and m samples, x fall into the
 * new one by chance with a share of n r / (n r + m), where r is 1 + `by`. The significance is the
 * chance of x or more. */
#ifndef ASSERTD_ASSERTIONS_NO_WORSE_H
#define ASSERTD_ASSERTIONS_NO_WORSE_H

#include <stdbool.h>
#include <stdint.h>

/* Below it a share beyond the allowed one is no chance. */
#define NO_WORSE_SIGNIFICANCE 0.01

struct no_worse {
    uint64_t above, samples;           /* of the new campaign */
    uint64_t base_above, base_samples; /* of the earlier one, samples not 0 */
    double share, base_share, allowed;
    double significance;
    double base_value; /* of the earlier one: its p(N), or its ratio */
};

/* Fills what follows from the four numbers (samples not 0). `by`: 0.1 for 10%. */
void no_worse_test(struct no_worse *it, double by);

#endif
