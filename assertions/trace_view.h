/* A trace as conditions across spans see it: its spans in the order of SEMANTICS 1, their services
 * by number, and sets of them with the values of a key. Nothing here depends on the order of
 * arrival.
 *
 * Made in memory of one look, and only where some condition needs it. Nothing recurses. Thread
 * rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_TRACE_VIEW_H
#define ASSERTD_ASSERTIONS_TRACE_VIEW_H

#include "assertions/selection.h"
#include "assertions/whole.h"

/* Steps that the whole conditions of all suites may take in one look at a trace; a step is about
 * one span touched once. A condition that would need more is an `error`. */
#define VIEW_STEPS_MAX UINT64_C(100000000)

struct trace_view {
    uint32_t count;
    uint32_t *order;        /* the trace's indexes in the order of SEMANTICS 1 */
    uint32_t *rank;         /* of each index: its place in that order */
    uint32_t *service;      /* of each index: the number of its service */
    struct bytes *services; /* by number, in the order of their bytes; may hold the empty text */
    uint32_t service_count;
};

/* The view of the look; NULL: no memory (look->failed is set). */
const struct trace_view *look_view(struct look *look);

/* Takes the steps of walking n spans, or of sorting them. False: the budget is spent. */
bool view_walk(struct look *look, uint64_t n);
bool view_spend(struct look *look, uint64_t n);

/* The number of a service; UINT32_MAX: no span of the trace has it. */
uint32_t view_service(const struct trace_view *view, struct bytes name);

/* Spans that a selection selects for certain, in order. */
struct view_set {
    const uint32_t *spans; /* the trace's indexes */
    uint32_t count;
    bool maybe;  /* dropped attributes could make it another */
    bool pseudo; /* further spans could take some away */
};

/* False: no memory (look->failed is set). */
bool view_set_make(struct view_set *ret, struct selection *selection, struct look *look);

/* What is read of a span. */
struct view_value {
    struct operand value; /* its text lives in scratch */
    enum { VALUE_KNOWN, VALUE_ABSENT, VALUE_CLOCK, VALUE_SKEW, VALUE_DROPPED } state;
};

/* What is read of the spans of a set, in scratch; what can't be computed is OPERAND_BYTES. NULL: no
 * memory (look->failed is set). */
struct view_value *view_values(const struct view_set *set, const struct whole_value *read,
                               struct look *look);

/* Whether a span ends before it starts. */
static inline bool view_is_backwards(const struct trace *trace, uint32_t index)
{
    return trace->spans[index].end_ns < trace->spans[index].start_ns;
}

#endif
