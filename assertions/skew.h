/* How far the clocks of a trace's processes may be apart: bounds that follow from what must have
 * come before what, whatever the clocks say.
 *
 * A child starts after its parent, and a call that was waited for ends after what it called; each
 * such fact bounds the difference of two clocks from one side. Together they are a system of
 * difference constraints, whose tightest bounds are shortest paths. Spans of equal resources have
 * one clock. The generator of the load has its own, where its record tells a time. Bounds are
 * certain as far as these facts hold; where they contradict each other nothing is said. Pure; lives
 * in the arena that it was made in. */
#ifndef ASSERTD_ASSERTIONS_SKEW_H
#define ASSERTD_ASSERTIONS_SKEW_H

#include "assertions/family.h"
#include "daemon/model/injection.h"

/* More processes in one trace: nothing is said of any. */
#define SKEW_CLOCKS_MAX 64

struct skew {
    uint32_t clock_count;
    const struct resource *clocks[SKEW_CLOCKS_MAX]; /* NULL: the generator's */
    int64_t *most; /* [a * clock_count + b]: what b's clock is ahead of a's at most, ns */
    bool silent;   /* contradictory facts, or too many clocks */
};

/* From a trace's spans and its record (NULL: none). `limit_ns`: no two clocks are further apart; 0:
 * not known. NULL: no memory. */
const struct skew *skew_make(const struct trace *trace, const struct family *family,
                             const struct injection *injection, uint64_t limit_ns,
                             struct arena *arena);

/* Bounds of a time span: what is not bounded is beyond all times that can be measured. */
struct skew_bounds {
    __int128 least, most;
};

/* What the time from `right` to `left`, measured with the clocks of these two processes (NULL: the
 * generator), really was. */
struct skew_bounds skew_correct(const struct skew *skew, __int128 measured_ns,
                                const struct resource *left, const struct resource *right);

/* By how much the time from `right` to `left` really is more than what was measured. */
struct skew_bounds skew_shift(const struct skew *skew, const struct resource *left,
                              const struct resource *right);

/* Whether a bound is one. */
bool skew_is_bounded(__int128 bound);

#endif
