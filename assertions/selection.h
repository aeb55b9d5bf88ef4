/* The spans that a selector selects in a trace, in three degrees: no, maybe (a dropped attribute
 * could decide), yes.
 *
 * Made for one look at a trace, in scratch memory. What "unknown" means depends on the look: while
 * the trace is open, also what hinges on a missing key is unknown, for a later copy may say that
 * attributes were dropped. Thread rule: as the judge. */
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

/* One look at a trace: shares what several selections need. Scratch memory may be rewound between
 * assertions, so the relations have an arena of their own. */
struct look {
    const struct judge *judge;
    enum look_mode mode;
    struct arena *scratch;
    struct arena relations;
    struct family family;
    bool has_family;
    bool failed; /* scratch memory was exhausted: answers are not to be used */
};

struct selection {
    uint8_t *members; /* enum member of each stored span */
    uint32_t yes;     /* how many are selected for certain */
    uint32_t maybe;
    uint32_t first; /* index of one selected span, if any */
    bool pseudo;    /* the selector has a pseudo-class */
};

/* Begins and ends a look. */
void look_init(struct look *ret, const struct judge *judge, enum look_mode mode,
               struct arena *scratch);
void look_deinit(struct look *look);

/* Selects. On exhausted scratch memory look->failed is set and the selection is empty. */
void selection_make(struct selection *ret, const struct selector *selector, struct look *look);

/* The selected spans in the order of SEMANTICS 1, in scratch; NULL: no memory. */
uint32_t *selection_in_order(const struct selection *selection, struct look *look);

#endif
