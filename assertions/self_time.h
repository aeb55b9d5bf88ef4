/* How much of a span's time was its own: its duration without the time in which a child of it runs.
 *
 * Where clocks may be apart (skew.h) the time in which children of another clock run within the
 * span is known within bounds: for each such clock, all its children being moved together, the
 * least and the greatest time that they can cover. Children of several clocks cover at least what
 * those of one do, and at most the sum. Iterative; n log n. Pure. */
#ifndef ASSERTD_ASSERTIONS_SELF_TIME_H
#define ASSERTD_ASSERTIONS_SELF_TIME_H

#include "assertions/trace_view.h"

/* By index in the trace. Lives as long as the look. */
struct self_times {
    uint64_t *least, *most; /* ns; equal where it is certain */
    bool *clock;            /* it or a child of it ends before it starts: both are 0 */
};

/* Of all spans of the look's trace, as a suite takes its clocks; made once for all suites that take
 * them as they are. NULL: no memory (look->failed is set). */
const struct self_times *look_self_times(struct look *look, const struct suite *suite,
                                         const struct injection *injection);

#endif
