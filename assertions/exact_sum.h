/* The exact sum of any doubles: whatever the order of adding and merging, the same bits come out.
 * Plain data, finite values only; up to 2^30 additions between carries, done by itself. */
#ifndef ASSERTD_ASSERTIONS_EXACT_SUM_H
#define ASSERTD_ASSERTIONS_EXACT_SUM_H

#include <stdint.h>

/* 2^-1074 .. 2^1024 and 40 bits for carries, in digits of 32 bits. */
#define EXACT_SUM_DIGITS 68

struct exact_sum {
    int64_t digits[EXACT_SUM_DIGITS]; /* least first; each may be out of range until carried */
    uint32_t pending;
};

/* Adds a finite number; all zero is the empty sum. */
void exact_sum_add(struct exact_sum *sum, double number);

/* Adds another sum. */
void exact_sum_merge(struct exact_sum *into, const struct exact_sum *from);

/* The sum as the nearest double, up to one unit in the last place. */
double exact_sum_value(const struct exact_sum *sum);

/* The sum divided by how many there were (not 0); finite also where the sum is beyond a double. */
double exact_sum_mean(const struct exact_sum *sum, uint64_t count);

#endif
