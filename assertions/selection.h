/* The spans that a selector selects in a trace, in three degrees: no, maybe (a dropped attribute
 * could decide), yes.
 *
 * Made for one look at a trace from what the probes have found (sightings.h): of a selector without
 * chains and pseudo-classes the numbers are there already; one that walks the trace is worked out
 * once for each look. While the trace is open, what hinges on a missing key is no "yes", for a
 * later copy may say that attributes were dropped. Thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_SELECTION_H
#define ASSERTD_ASSERTIONS_SELECTION_H

#include "assertions/family.h"
#include "assertions/judge.h"

enum member { MEMBER_NO = 0, MEMBER_MAYBE, MEMBER_YES };

enum look_mode {
    LOOK_OPEN,     /* what no further span or copy can change counts as known */
    LOOK_CLOSED,   /* the trace is complete: only dropped attributes are unknown */
    LOOK_RECEIVED, /* spans as received: nothing is unknown */
};

struct selection {
    const struct selector *selector;
    const struct sighting *sighting; /* of its probe; NULL: no span can be selected */
    const uint8_t *members;          /* enum member of each stored span; NULL: not asked for */
    uint32_t yes;                    /* how many are selected for certain */
    uint32_t maybe;                  /* not 0: some are perhaps */
    uint32_t first;                  /* index of one selected span, if any */
    bool pseudo;                     /* the selector has a pseudo-class */
};

/* One look at a trace: shares what several assertions need. Scratch memory may be rewound between
 * assertions, so what is shared has an arena of its own. */
struct look {
    const struct judge *judge;
    enum look_mode mode;
    struct arena *scratch;
    struct arena shared;
    struct family family;
    bool has_family;
    struct selection **walked; /* by selector_plan.walking; NULL: none yet */
    const struct span **spans; /* of a small trace, decoded again; NULL: none yet */
    struct arena one_span;     /* of a large one: the latest */
    struct span latest;
    bool failed; /* memory was exhausted: answers are not to be used */
};

/* Begins and ends a look. */
void look_init(struct look *ret, const struct judge *judge, enum look_mode mode,
               struct arena *scratch);
void look_deinit(struct look *look);

/* A stored span in its wide form, to explain a result; valid until the next call. NULL: no memory
 * (look->failed is set). */
const struct span *look_span(struct look *look, uint32_t index);

/* Selects. On exhausted memory look->failed is set and the selection is empty. */
void selection_make(struct selection *ret, const struct selector *selector, struct look *look);

/* The own results of the selected spans for a condition on their keys, a set of result_bit(). */
unsigned selection_results(const struct selection *selection, const struct condition *condition,
                           const struct look *look);

/* The selected spans in the order of SEMANTICS 1, in scratch; NULL: no memory. To explain a result.
 */
uint32_t *selection_in_order(struct selection *selection, struct look *look);

#endif
