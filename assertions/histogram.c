/* An octave, from one power of two to the next, is cut into PARTS buckets of equal width, so that a
 * magnitude's bucket can be read from its bits. A bucket's answer is the point that is as far,
 * relatively, from its lower as from its upper end: at most 1 / (2 PARTS + 1) away. Each bucket
 * also keeps its least and its greatest magnitude, so that the first and the last of it are exact:
 * small samples and equal values have no error at all. The buckets are a window that grows towards
 * what was seen. A double's whole range needs 210,000 of them, so the window is bounded by the
 * numbers themselves. */
#include "assertions/histogram.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

#define SIDE_STEP     64
#define PARTS         100
#define FRACTION_BITS 52
#define FRACTION_MASK ((UINT64_C(1) << FRACTION_BITS) - 1)
#define BIAS          1023

/* IEEE 754 binary64. Numbers below the least normal one are scaled until they are normal. */
static int32_t bucket_of(double magnitude)
{
    uint64_t bits;
    int32_t octave = 0;
    if (magnitude < DBL_MIN) {
        magnitude *= 0x1p52;
        octave = -FRACTION_BITS;
    }
    memcpy(&bits, &magnitude, sizeof bits);
    octave += (int32_t)(bits >> FRACTION_BITS);
    return octave * PARTS + (int32_t)((bits & FRACTION_MASK) * PARTS >> FRACTION_BITS);
}

static double value_of(int32_t bucket)
{
    int32_t octave = bucket / PARTS - (bucket % PARTS < 0);
    double lower = 1.0 + (double)(bucket - octave * PARTS) / PARTS;
    double upper = lower + 1.0 / PARTS;
    return ldexp(2 * lower * upper / (lower + upper), octave - BIAS);
}

void histogram_init(struct histogram *histogram)
{
    *histogram = (struct histogram){.count = 0};
}

void histogram_deinit(struct histogram *histogram)
{
    free(histogram->positive.buckets);
    free(histogram->negative.buckets);
    histogram_init(histogram);
}

size_t histogram_held(const struct histogram *histogram)
{
    return (size_t)(histogram->positive.room + histogram->negative.room) *
           sizeof *histogram->positive.buckets;
}

/* Widens the window to hold buckets first .. last. */
static int side_widen(struct histogram_side *side, int32_t first, int32_t last)
{
    int32_t from = side->room == 0 || first < side->first ? first - SIDE_STEP : side->first;
    int32_t to = side->room == 0 || last >= side->first + side->room ? last + SIDE_STEP
                                                                     : side->first + side->room;
    if (side->room != 0 && from == side->first && to == side->first + side->room) {
        return 0;
    }
    struct histogram_bucket *buckets = memory_alloc((size_t)(to - from) * sizeof *buckets);
    if (buckets == NULL) {
        return -ENOMEM;
    }
    memset(buckets, 0, (size_t)(to - from) * sizeof *buckets);
    if (side->room != 0) {
        memcpy(buckets + (side->first - from), side->buckets, (size_t)side->room * sizeof *buckets);
    }
    free(side->buckets);
    *side = (struct histogram_side){buckets, from, to - from};
    return 0;
}

static void bucket_merge(struct histogram_bucket *into, const struct histogram_bucket *from)
{
    if (from->count == 0) {
        return;
    }
    into->least = into->count == 0 || from->least < into->least ? from->least : into->least;
    into->greatest =
        into->count == 0 || from->greatest > into->greatest ? from->greatest : into->greatest;
    into->count += from->count;
}

int histogram_add(struct histogram *histogram, double value)
{
    if (value == 0) {
        histogram->zeros++;
    } else {
        struct histogram_side *side = value > 0 ? &histogram->positive : &histogram->negative;
        struct histogram_bucket one = {1, fabs(value), fabs(value)};
        int32_t bucket = bucket_of(fabs(value));
        bool inside = bucket >= side->first && bucket - side->first < side->room;
        if (!inside && side_widen(side, bucket, bucket) != 0) {
            return -ENOMEM;
        }
        bucket_merge(&side->buckets[bucket - side->first], &one);
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
        bucket_merge(&into->buckets[from->first - into->first + i], &from->buckets[i]);
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

/* The magnitude of the rank-th least of a bucket. */
static double bucket_value(const struct histogram_side *side, int32_t place, uint64_t rank)
{
    const struct histogram_bucket *bucket = &side->buckets[place];
    if (rank == 1 || rank == bucket->count) {
        return rank == 1 ? bucket->least : bucket->greatest;
    }
    return fmin(fmax(value_of(side->first + place), bucket->least), bucket->greatest);
}

double histogram_rank(const struct histogram *histogram, uint64_t rank)
{
    const struct histogram_side *negative = &histogram->negative;
    const struct histogram_side *positive = &histogram->positive;
    for (int32_t i = negative->room - 1; i >= 0; i--) {
        uint64_t count = negative->buckets[i].count;
        if (rank <= count) {
            return -bucket_value(negative, i, count - rank + 1);
        }
        rank -= count;
    }
    if (rank <= histogram->zeros) {
        return 0;
    }
    rank -= histogram->zeros;
    for (int32_t i = 0; i < positive->room; i++) {
        uint64_t count = positive->buckets[i].count;
        if (rank <= count) {
            return bucket_value(positive, i, rank);
        }
        rank -= count;
    }
    return 0;
}

/* Those whose magnitude's bucket is beyond `bucket` (`beyond`), or before it. */
static uint64_t count_side(const struct histogram_side *side, int32_t bucket, bool beyond)
{
    uint64_t count = 0;
    for (int32_t i = 0; i < side->room; i++) {
        int32_t at = side->first + i;
        count += (beyond ? at > bucket : at < bucket) ? side->buckets[i].count : 0;
    }
    return count;
}

uint64_t histogram_above(const struct histogram *histogram, double value)
{
    if (value > 0) {
        return count_side(&histogram->positive, bucket_of(value), true);
    }
    uint64_t positive = count_side(&histogram->positive, INT32_MIN, true);
    if (value == 0) {
        return positive;
    }
    return positive + histogram->zeros + count_side(&histogram->negative, bucket_of(-value), false);
}
