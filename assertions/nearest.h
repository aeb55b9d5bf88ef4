/* The nearest miss of a selector that selects nothing: the span that comes closest to it, and what
 * removed it. Made for failures only: decodes each span of the trace once for each chain. Pure. */
#ifndef ASSERTD_ASSERTIONS_NEAREST_H
#define ASSERTD_ASSERTIONS_NEAREST_H

#include "assertions/ast.h"
#include "assertions/look.h"

struct nearest {
    uint32_t span;
    uint32_t held;               /* filters of the chain's last part that hold on it */
    uint32_t alike;              /* of none: 0, else the more the closer its value comes */
    const struct filter *broken; /* the first that does not hold; NULL: all do, its place in the
                                    trace does not fit */
    struct bytes other;          /* it has the key of the broken one under this name only */
};

/* The span on which most filters of a chain's last part hold; of equals one that has a key under
 * its other name, then one whose value of the broken filter's key is closest to what is asked for,
 * then the first in order. False: no filter holds on any span, and none comes close: has the
 * attribute with another value, or a text that agrees at its ends with half of the one that is
 * asked for. */
bool nearest_find(struct look *look, const struct selector *selector, struct nearest *ret);

#endif
