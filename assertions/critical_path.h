/* The critical path of a trace: what its duration was spent on, told backwards from its end.
 *
 * A span is under way until the last of what is below it has ended. From the end of a span's
 * subtree the path goes back to the child whose subtree ended last before, then to what was before
 * that child, and so on to the span's start; time in which the span itself ran is its own on the
 * path, other time is nobody's. Iterative; linear but for sorting. Pure. */
#ifndef ASSERTD_ASSERTIONS_CRITICAL_PATH_H
#define ASSERTD_ASSERTIONS_CRITICAL_PATH_H

#include "assertions/trace_view.h"

/* Adds to own[i] the time of span i on the critical path. `own` has trace->count entries of zero.
 * False: no memory (look->failed is set). */
bool critical_path(struct look *look, uint64_t *own);

#endif
