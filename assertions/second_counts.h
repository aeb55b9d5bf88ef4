/* What was produced and consumed in each second of a campaign: the slope of the backlog, and the
 * greatest.
 *
 * A backlog is what was produced until the end of a second, less what was consumed until then. Its
 * slope is that of the straight line through the backlogs of some seconds (least squares): by how
 * many it grows in a second. All sums are whole, so
 * the order of adding and merging changes nothing. Limit: SECOND_COUNTS_MAX; what comes later is
 * counted in `beyond`. Thread rule: confined to its owner. */
#ifndef ASSERTD_ASSERTIONS_SECOND_COUNTS_H
#define ASSERTD_ASSERTIONS_SECOND_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECOND_COUNTS_MAX 86400u
/* Through fewer there is no line worth the name. */
#define SECOND_COUNTS_LEAST 3u

struct second_count {
    uint32_t produced, consumed; /* stay at their greatest */
};

struct second_counts {
    struct second_count *seconds;
    uint32_t room;
    uint64_t samples, beyond;
};

/* Empty is all zero; deinit leaves it empty again. */
void second_counts_deinit(struct second_counts *counts);

/* Bytes held beside the struct itself. */
size_t second_counts_held(const struct second_counts *counts);

/* Adds one in a second (from 0). 0, or -ENOMEM (it is then not counted). */
int second_counts_add(struct second_counts *counts, uint64_t second, bool produced);

/* Adds another's. 0, or -ENOMEM (then nothing was added). */
int second_counts_merge(struct second_counts *into, const struct second_counts *from);

/* From the first to behind the last second. */
struct second_range {
    uint32_t first, end;
};

/* The seconds from the first to the last in which anything came. */
struct second_range second_counts_range(const struct second_counts *counts);

/* Those of them that lie in a window of so many seconds. */
struct second_range second_range_window(struct second_range range, uint64_t window, uint64_t width);

/* How many came in these seconds. */
uint64_t second_counts_within(const struct second_counts *counts, struct second_range range);

/* The slope by second through these, which lie within second_counts_range. 0; 1: fewer than
 * SECOND_COUNTS_LEAST. */
int second_counts_slope(const struct second_counts *counts, struct second_range range, double *ret);

/* A walk through the seconds, from the first of all; all zero where it begins. */
struct second_walk {
    uint32_t at;
    int64_t backlog; /* before it */
};

/* The greatest backlog at the end of one of these, which lie behind those that the walk has passed;
 * passes them. 0; 1: there is none. */
int second_counts_greatest(const struct second_counts *counts, struct second_walk *walk,
                           struct second_range range, int64_t *ret);

#endif
