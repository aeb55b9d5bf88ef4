/* What a span says about the campaign that its trace belongs to (DESIGN 4.1): the member
 * `assertd=CAMPAIGN[/SCENARIO[/STEP]]` of its tracestate, percent-encoded (W3C Trace Context 3.3),
 * or attributes of the load generator's own root span. Pure functions. */
#ifndef ASSERTD_PIPELINE_CLAIM_H
#define ASSERTD_PIPELINE_CLAIM_H

#include "daemon/core/arena.h"
#include "daemon/model/span.h"

/* Attribute names by which the load generator's own root span registers an injection; empty: off.
 */
struct injection_attributes {
    struct bytes campaign, scenario, step;
};

struct claim {
    struct bytes campaign;
    struct bytes scenario, step; /* data NULL: not given */
};

/* The claim of a tracestate: its first member called `assertd`. Decoded texts live in `scratch`.
 * False: none, or no memory. */
bool claim_of_trace_state(struct bytes trace_state, struct arena *scratch, struct claim *ret);

/* The claim of a span: its tracestate's, else, of a span without parent, its attributes'. */
bool claim_of_span(const struct span *span, const struct injection_attributes *attributes,
                   struct arena *scratch, struct claim *ret);

#endif
