/* Durations counted in buckets of rising width (a 64th of their value): percentiles of millions of
 * readings in 15 KiB. Thread rule: none shared. */
#ifndef ASSERTD_TESTS_BENCH_HISTOGRAM_H
#define ASSERTD_TESTS_BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 64 /* buckets for each power of two */
#define HISTOGRAM_SLOTS (HISTOGRAM_STEPS * 59)

/* All zero: no readings. */
struct histogram {
    uint64_t count;
    uint64_t greatest_ns;
    uint32_t slots[HISTOGRAM_SLOTS];
};

void histogram_add(struct histogram *histogram, uint64_t ns);

/* The reading below which `share` (0 to 1) of all lie, at most a 64th too high; 0: no readings. */
uint64_t histogram_at(const struct histogram *histogram, double share);

/* Prints a JSON object: count, p50, p99, p99.9 and the greatest, in ns. */
void histogram_print(const struct histogram *histogram);

#endif
