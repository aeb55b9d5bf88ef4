/* Bucket i of a side covers magnitudes from GROWTH^i up to GROWTH^(i+1), GROWTH = ((1 + e) / (1 - e)); its answer is the point
 * that is at most e away, relatively, from both ends. The counts are a window that grows towards what was seen. A double's
 * whole range needs 142,000 buckets at e = 0.5 %, so the window is bounded by the numbers themselves. */
#include "assertions/histogram.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

#define SIDE_STEP 64

static double log_growth(void)
{
    return log1p(HISTOGRAM_ERROR) - log1p(-HISTOGRAM_ERROR);
}

static int32_t bucket_of(double magnitude)
{
    return (int32_t)floor(log(magnitude) / log_growth());
}

/* The last bucket ends beyond what a double can hold. */
static double value_of(int32_t bucket)
{
    return fmin(exp(bucket * log_growth() + log1p(HISTOGRAM_ERROR)), DBL_MAX);
}

void histogram_init(struct histogram *histogram)
{
    *histogram = (struct histogram){ .count = 0 };
}

void histogram_deinit(struct histogram *histogram)
{
    free(histogram->positive.counts);
    free(histogram->negative.counts);
    histogram_init(histogram);
}

/* Widens the window to hold buckets first .. last. */
static int side_widen(struct histogram_side *side, int32_t first, int32_t last)
{
    int32_t from = side->room == 0 || first < side->first ? first - SIDE_STEP : side->first;
    int32_t to = side->room == 0 || last >= side->first + side->room ? last + SIDE_STEP : side->first + side->room;
    if (side->room != 0 && from == side->first && to == side->first + side->room) {
        return 0;
    }
    uint64_t *counts = memory_alloc((size_t)(to - from) * sizeof *counts);
    if (counts == NULL) {
        return -ENOMEM;
    }
    memset(counts, 0, (size_t)(to - from) * sizeof *counts);
    if (side->room != 0) {
        memcpy(counts + (side->first - from), side->counts, (size_t)side->room * sizeof *counts);
    }
    free(side->counts);
    *side = (struct histogram_side){ counts, from, to - from };
    return 0;
}

int histogram_add(struct histogram *histogram, double value)
{
    if (value == 0) {
        histogram->zeros++;
    } else {
        struct histogram_side *side = value > 0 ? &histogram->positive : &histogram->negative;
        int32_t bucket = bucket_of(fabs(value));
        int bad = side_widen(side, bucket, bucket);
        if (bad) {
            return bad;
        }
        side->counts[bucket - side->first]++;
    }
    histogram->count++;
    return 0;
}

static int side_room(struct histogram_side *into, const struct histogram_side *from)
{
    return from->room != 0 ? side_widen(into, from->first, from->first + from->room - 1) : 0;
}

static void side_merge(struct histogram_side *into, const struct histogram_side *from)
{
    for (int32_t i = 0; i < from->room; i++) {
        into->counts[from->first - into->first + i] += from->counts[i];
    }
}

int histogram_merge(struct histogram *into, const struct histogram *from)
{
    int bad = side_room(&into->positive, &from->positive);
    bad = bad != 0 ? bad : side_room(&into->negative, &from->negative);
    if (bad) {
        return bad;
    }
    side_merge(&into->positive, &from->positive);
    side_merge(&into->negative, &from->negative);
    into->zeros += from->zeros;
    into->count += from->count;
    return 0;
}

double histogram_rank(const struct histogram *histogram, uint64_t rank)
{
    uint64_t seen = 0;
    for (int32_t i = histogram->negative.room - 1; i >= 0; i--) {
        seen += histogram->negative.counts[i];
        if (seen >= rank) {
            return -value_of(histogram->negative.first + i);
        }
    }
    seen += histogram->zeros;
    if (seen >= rank) {
        return 0;
    }
    for (int32_t i = 0; i < histogram->positive.room; i++) {
        seen += histogram->positive.counts[i];
        if (seen >= rank) {
            return value_of(histogram->positive.first + i);
        }
    }
    return 0;
}
