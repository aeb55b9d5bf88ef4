/* The spans of a trace that stand in a relation to those of a set, in the three degrees of a
 * selection. Made for one look; walks lists, never the tree: no recursion, some passes over the
 * spans for each answer. Thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_RELATIVE_H
#define ASSERTD_ASSERTIONS_RELATIVE_H

#include "assertions/selection.h"

/* One question. `upper RELATION lower` is how a selector is written; forward asks for the lower
 * ones of a set of upper ones, backward for the upper ones of a set of lower ones. */
struct relative {
    enum relation relation;
    bool backward;
    const uint8_t *set; /* enum member of each span */
};

/* Weakens members[i] to the degree in which span i is related to another span of the set. On
 * exhausted memory look->failed is set. Uses scratch memory. */
void relative_weaken(struct look *look, const struct relative *relative, uint8_t *members);

/* Leaves the members without a parent in the trace; those without a child. The same. */
void relative_leave_roots(struct look *look, uint8_t *members);
void relative_leave_leaves(struct look *look, uint8_t *members);

#endif
