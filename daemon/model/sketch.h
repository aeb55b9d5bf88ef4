/* A small tree of one trace: the spans that decided a failure with what is above them, so that a
 * report shows where in the trace it went wrong.
 *
 * The same for every order of arrival. Costs a climb for each deciding span, never a walk of the
 * whole trace but for one without any. Iterative: hostile traces are deep, and may be cycles. Pure.
 */
#ifndef ASSERTD_MODEL_SKETCH_H
#define ASSERTD_MODEL_SKETCH_H

#include "daemon/model/report.h"
#include "daemon/model/trace.h"

/* Spans of a sketch; a trace that has no more is shown whole. */
#define SKETCH_SPANS_MAX 24u

/* Longest text of a name or service. */
#define SKETCH_TEXT_MAX 256u

/* Makes the tree in `arena`; its texts are views of the trace. `deciding`: indexes of the spans
 * that decided, the most important first (further ones than SKETCH_SPANS_MAX are left out); with
 * none, a large trace is shown by its first spans. 0; -ENOMEM. */
int sketch_make(struct report_tree *ret, const struct trace *trace, const uint32_t *deciding,
                uint32_t deciding_count, struct arena *arena);

#endif
