#include "tests/bench/histogram.h"

#include <inttypes.h>
#include <stdio.h>

/* Below 128 a slot is a number; above, each power of two is cut into 64. */
static uint32_t slot_of(uint64_t ns)
{
    if (ns < 2 * HISTOGRAM_STEPS) {
        return (uint32_t)ns;
    }
    unsigned power = 63u - (unsigned)__builtin_clzll(ns) - 6;
    return power * HISTOGRAM_STEPS + (uint32_t)(ns >> power);
}

static uint64_t top_of(uint32_t slot)
{
    if (slot < 2 * HISTOGRAM_STEPS) {
        return slot;
    }
    unsigned power = slot / HISTOGRAM_STEPS - 1;
    uint64_t first = (uint64_t)(slot - power * HISTOGRAM_STEPS) << power;
    return first + ((UINT64_C(1) << power) - 1);
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
    uint32_t slot = slot_of(ns);
    histogram->slots[slot < HISTOGRAM_SLOTS ? slot : HISTOGRAM_SLOTS - 1]++;
    histogram->count++;
    if (ns > histogram->greatest_ns) {
        histogram->greatest_ns = ns;
    }
}

uint64_t histogram_at(const struct histogram *histogram, double share)
{
    double wanted = share * (double)histogram->count;
    uint64_t seen = 0;
    for (uint32_t slot = 0; slot < HISTOGRAM_SLOTS && histogram->count != 0; slot++) {
        seen += histogram->slots[slot];
        if ((double)seen >= wanted && seen != 0) {
            uint64_t top = top_of(slot);
            return top < histogram->greatest_ns ? top : histogram->greatest_ns;
        }
    }
    return 0;
}

void histogram_print(const struct histogram *histogram)
{
    printf("{\"count\": %" PRIu64 ", \"p50_ns\": %" PRIu64 ", \"p99_ns\": %" PRIu64
           ", \"p999_ns\": %" PRIu64 ", \"max_ns\": %" PRIu64 "}",
           histogram->count, histogram_at(histogram, 0.5), histogram_at(histogram, 0.99),
           histogram_at(histogram, 0.999), histogram->greatest_ns);
}
