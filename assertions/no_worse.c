#include "assertions/no_worse.h"

#include <math.h>

/* The chance of exactly x of n. */
static double chance_of(uint64_t n, uint64_t x, double share)
{
    int sign;
    double ways = lgamma_r((double)n + 1, &sign) - lgamma_r((double)x + 1, &sign) -
                  lgamma_r((double)(n - x) + 1, &sign);
    return exp(ways + (double)x * log(share) + (double)(n - x) * log1p(-share));
}

/* Terms fall from x on, away from the mean: the sum ends where they no longer count. */
static double sum_up(uint64_t n, uint64_t x, double share)
{
    double term = chance_of(n, x, share);
    double sum = 0;
    for (uint64_t i = x; term > sum * 1e-17; i++) {
        sum += term;
        term *= i < n ? (double)(n - i) / (double)(i + 1) * (share / (1 - share)) : 0;
    }
    return sum;
}

static double sum_down(uint64_t n, uint64_t x, double share)
{
    double term = chance_of(n, x, share);
    double sum = 0;
    for (uint64_t i = x; term > sum * 1e-17; i--) {
        sum += term;
        term *= i > 0 ? (double)i / (double)(n - i + 1) * ((1 - share) / share) : 0;
    }
    return sum;
}

/* The chance of x or more of n. */
static double chance_from(uint64_t n, uint64_t x, double share)
{
    if (x == 0) {
        return 1;
    }
    bool above = (double)x > (double)n * share;
    double chance = above ? sum_up(n, x, share) : 1 - sum_down(n, x - 1, share);
    return fmin(fmax(chance, 0), 1);
}

void no_worse_test(struct no_worse *it, double by)
{
    double weight = (double)it->samples * (1 + by);
    it->share = (double)it->above / (double)it->samples;
    it->base_share = (double)it->base_above / (double)it->base_samples;
    it->allowed = it->base_share * (1 + by);
    it->significance = chance_from(it->above + it->base_above, it->above,
                                   weight / (weight + (double)it->base_samples));
}
