/* Why a trace is short of evidence (SEMANTICS 5). */
#include "daemon/model/injection.h"
#include "daemon/model/trace.h"

/* Cause (a). The load generator's own span usually never comes: where its ID is known it counts as
 * present, else one missing ID above all top spans is taken for it. */
static bool parents_missing(const struct trace *trace, uint32_t *ret_spans)
{
    span_id injected = trace->injection != NULL ? trace->injection->span_id : 0;
    span_id first = 0; /* of those missing */
    span_id found = 0; /* the latest that is there: siblings come together */
    bool several = false;
    bool root = false;
    uint32_t spans = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        span_id parent = trace->spans[i].parent;
        root |= parent == 0;
        if (parent == 0 || parent == injected || parent == first) {
            spans += parent != 0 && parent == first && parent != injected;
            continue;
        }
        if (parent == found || trace_find(trace, parent, 0) != UINT32_MAX) {
            found = parent;
            continue;
        }
        several |= first != 0;
        first = first != 0 ? first : parent;
        spans++;
    }
    *ret_spans = spans;
    return several || (spans > 0 && (root || injected != 0));
}

unsigned trace_short(const struct trace *trace, bool lenient, uint32_t *ret_missing_parents)
{
    unsigned reasons = parents_missing(trace, ret_missing_parents) && !lenient ? SHORT_PARENTS : 0;
    reasons |= trace->rejected != 0 || trace->cut != 0 ? SHORT_LOST : 0;
    for (uint32_t i = 0; i < trace->count && (reasons & SHORT_UNSAMPLED) == 0; i++) {
        reasons |= trace_span_unsampled(&trace->spans[i]) ? SHORT_UNSAMPLED : 0;
    }
    return reasons;
}
