/* A mergeable histogram of doubles with a relative error of at most HISTOGRAM_ERROR, negative
 * values and zero too.
 *
 * Buckets are logarithmic and exist only between the least and the greatest magnitude seen: at most
 * 210,000 for all that a double can hold, some hundreds in practice. Merging is exact: the order of
 * adding and merging does not change any answer. Thread rule: confined to its owner. */
#ifndef ASSERTD_ASSERTIONS_HISTOGRAM_H
#define ASSERTD_ASSERTIONS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_ERROR 0.005

struct histogram_bucket {
    uint64_t count;
    double least, greatest; /* magnitudes seen */
};

struct histogram_side { /* one sign: buckets [first, first + room) */
    struct histogram_bucket *buckets;
    int32_t first;
    int32_t room;
};

struct histogram {
    struct histogram_side positive, negative;
    uint64_t zeros;
    uint64_t count;
};

/* Empty; holds no memory until the first value. Deinit leaves it empty again. */
void histogram_init(struct histogram *histogram);
void histogram_deinit(struct histogram *histogram);

/* Bytes held beside the struct itself, for the memory account. */
size_t histogram_held(const struct histogram *histogram);

/* Adds a finite value. 0, or -ENOMEM (the value is then not counted). */
int histogram_add(struct histogram *histogram, double value);

/* Adds all of another's. 0, or -ENOMEM (then nothing was added). */
int histogram_merge(struct histogram *into, const struct histogram *from);

/* Nearest rank: a value within HISTOGRAM_ERROR of the rank-th smallest, rank from 1 to count; exact
 * for the least and the greatest of a bucket. */
double histogram_rank(const struct histogram *histogram, uint64_t rank);

/* How many values lie above the bucket of a finite `value`: the values of one bucket count alike,
 * here and in any other histogram. */
uint64_t histogram_above(const struct histogram *histogram, double value);

#endif
