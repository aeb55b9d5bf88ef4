/* What is asked of every span that arrives, worked out when a set is compiled: one probe for each
 * distinct selector and, where a selector walks the trace (chains, pseudo-classes), one more for
 * each of its parts. What a probe finds in a trace is kept as a sighting (sightings.h).
 *
 * Immutable; lives in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_PROBE_H
#define ASSERTD_ASSERTIONS_PROBE_H

#include "assertions/shortcut.h"

/* Filters that all must hold; without those that the dispatch has tested already. */
struct clause {
    const struct filter *const *filters;
    uint32_t filter_count;
};

/* A condition on the keys of a span that the probe finds. */
struct probe_condition {
    const struct condition *condition;
    struct shortcut shortcut;
    uint8_t results[SHORTCUT_MARKS]; /* sets of own results: by the truth of what is compared, by
                                        kind, by status (own_results.h) */
    bool alarms;   /* a span that breaks it makes its assertion fail for certain */
    bool same_key; /* it reads the attribute that the condition before reads */
};

/* Of what is compared, the place in `results` for a span that lacks it, or whose times are broken.
 */
#define RESULTS_WITHOUT 4

/* Those of a probe that compare an attribute come first, by the hints of their keys. */
struct conditions_by_attr {
    uint64_t hints[4];       /* of all keys */
    uint64_t of_resource[4]; /* of those that a span without them has of its resource */
    uint8_t *ranks;          /* by hint: how many hints come before */
    uint32_t hint_count;
    uint32_t *begins; /* where the conditions of each hint begin, and where all end */
    uint8_t *without; /* the own results of a span that lacks what each compares */
    uint32_t count;   /* of conditions */
};

struct assertion;

struct probe_reader {
    const struct assertion *assertion;
    bool plain; /* its result hangs on nothing but this probe */
};

/* Greatest number of conditions on the spans of equal selectors in a set. */
#define PROBE_CONDITIONS_MAX 65536u

struct probe {
    uint32_t number;
    uint32_t several;             /* from 1 among those that may be led to twice; 0: only once */
    const struct clause *clauses; /* any of them */
    uint32_t clause_count;
    bool listed; /* its sighting names each span; else spans are counted */
    bool exact;  /* someone reads how many and which; else it is enough that there are any */
    struct probe_condition *conditions;
    uint32_t condition_count;
    struct conditions_by_attr by_attr;
    struct probe_reader *readers; /* assertions whose result hangs on it */
    uint32_t reader_count;
    uint32_t alarms_from; /* so many spans found make some assertion fail for certain */
    bool alarms_always;   /* with a span found, any further one may do that */
    bool takes;           /* some suite takes its traces by it */
};

/* How a distinct selector selects. */
struct selector_plan {
    const struct selector *selector;
    struct probe *probe;        /* finds the spans that the last parts of its chains may select */
    struct probe *const *parts; /* by selector_part.place; NULL: it does not walk the trace and
                                   nobody asks for its spans one by one, the probe is the whole
                                   answer */
    uint32_t walking;           /* number among those that walk the trace */
};

#endif
