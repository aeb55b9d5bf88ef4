/* The spans that a selector selects in a trace, in three degrees: no, maybe (a dropped attribute
 * could decide), yes.
 *
 * Made for one look at a trace from what the probes have found (sightings.h): of a selector without
 * chains and pseudo-classes the numbers are there already; one that walks the trace is worked out
 * once for each look. While the trace is open, what hinges on a missing key is no "yes", for a
 * later copy may say that attributes were dropped. Thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_SELECTION_H
#define ASSERTD_ASSERTIONS_SELECTION_H

#include "assertions/look.h"

enum member { MEMBER_NO = 0, MEMBER_MAYBE, MEMBER_YES };

struct selection {
    const struct selector *selector;
    const struct sighting *sighting; /* of its probe; NULL: no span can be selected */
    const uint8_t *members;          /* enum member of each stored span; NULL: not asked for */
    uint32_t yes;                    /* how many are selected for certain */
    uint32_t maybe;                  /* not 0: some are perhaps */
    uint32_t first;                  /* index of one selected span, if any */
    bool pseudo;                     /* the selector has a pseudo-class */
};

/* Selects. On exhausted memory look->failed is set and the selection is empty. */
void selection_make(struct selection *ret, const struct selector *selector, struct look *look);

/* The own results of the selected spans for a condition on their keys, a set of result_bit(). */
unsigned selection_results(const struct selection *selection, const struct condition *condition,
                           const struct look *look);

/* The mark of each stored span for a condition on its keys that the selector's probe knows, in
 * scratch; MARK_NONE where it is not selected for certain. NULL: no memory. */
const uint8_t *selection_marks(const struct selection *selection,
                               const struct condition *condition, struct look *look);

/* The selected spans in the order of SEMANTICS 1, in scratch; NULL: no memory. To explain a result.
 */
uint32_t *selection_in_order(struct selection *selection, struct look *look);

#endif
