/* How one condition stands on the spans of a trace as they are now, and whether a further span
 * could change that (SEMANTICS 4 and 5). The judge turns a ruling into a result: while the trace is
 * open only what stays is told; in a trace that is short of evidence, what does not stay is
 * inconclusive. Pure; confined to one look. */
#ifndef ASSERTD_ASSERTIONS_RULING_H
#define ASSERTD_ASSERTIONS_RULING_H

#include "assertions/selection.h"

#define RULING_NO_SPAN UINT32_MAX

/* What a result comes from, for its explanation. */
enum cause {
    CAUSE_NONE,
    CAUSE_COMPARED, /* the comparison is false (none: true) */
    CAUSE_ABSENT,   /* an attribute is missing */
    CAUSE_INCOMPARABLE,
    CAUSE_CLOCK,     /* a span ends before it starts */
    CAUSE_SKEW,      /* the clocks of two processes leave it open */
    CAUSE_DROPPED,   /* attributes, events or links were dropped */
    CAUSE_NOTHING,   /* nothing was selected */
    CAUSE_NO_SPAN,   /* a name matched no span */
    CAUSE_SEVERAL,   /* a name matched several */
    CAUSE_NO_RECORD, /* there is no injection record */
    CAUSE_SHORT,     /* the trace is short of evidence */
    CAUSE_UNCERTAIN, /* a selection hinges on dropped attributes */
    CAUSE_NO_MEMORY, /* the span could not be looked at */
    CAUSE_WHOLE,     /* a condition across spans: `told` says it */
    CAUSE_UNKNOWN,   /* it can't be told of some span, and that could change it */
};

struct ruling {
    enum result result;
    enum cause cause;
    bool stays;      /* no further span can change it */
    bool absence;    /* it is what it is because something has not come */
    bool uncertain;  /* it reads a selection that hinges on dropped attributes, and these could
                        change it */
    bool hinges;     /* it reads a selection that hinges on dropped attributes, whether these could
                        change it or not */
    uint32_t name;   /* CAUSE_NO_SPAN, CAUSE_SEVERAL: which */
    uint32_t span;   /* the span that the one name is bound to; RULING_NO_SPAN */
    uint64_t number; /* count conditions; CAUSE_SEVERAL: how many */
    struct operand actual; /* what was compared, where there is one value; of a condition
                              across spans its text lives in look->scratch */
    struct operand value;  /* of a compared term across spans: what the clocks allow it to be, where
                              actual is what was measured */
    struct skew_bounds bounds; /* CAUSE_SKEW: what it may have been */
    struct bytes told;         /* CAUSE_WHOLE: the sentence, in look->scratch */
};

/* What the conditions of a suite read. */
struct ruling_scene {
    struct look *look;
    const struct suite *suite;
    const struct injection *injection; /* NULL: no record */
};

/* A condition of an assertion, or of `when`; `selected` is NULL where there is no selector. */
struct ruling ruling_make(const struct ruling_scene *scene, const struct condition *condition,
                          const struct selection *selected);

/* The ruling that the own results of selected spans (not 0) come to, or that none is selected. */
struct ruling ruling_of_results(unsigned results, enum quantifier quantifier, bool pseudo);
struct ruling ruling_of_nothing(enum quantifier quantifier);

/* The spans that a name of the suite binds. */
struct selection ruling_binding(const struct ruling_scene *scene, uint32_t name);

/* Whether a condition reads spans by names. */
bool ruling_reads_names(const struct condition *condition);

/* Whether a condition on a count holds for this one. */
bool ruling_counts(const struct condition *condition, uint32_t count);

/* The least count, from 1, from which a condition on a count fails whatever else comes; UINT32_MAX:
 * there is none. */
uint32_t ruling_fails_from(const struct condition *condition);

/* The ruling of a comparison made once, without a span: its result and cause. */
struct ruling ruling_of_truth(enum truth truth);

/* The mark of one stored span for a condition on its keys, made again to explain a result, and the
 * cause that it stands for. */
enum mark ruling_mark(struct look *look, const struct condition *condition, uint32_t index);
enum cause ruling_cause(enum mark mark);

#endif
