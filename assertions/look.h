/* One look at a trace: the reading of its evidence, and what several assertions share while it
 * lasts. Thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_LOOK_H
#define ASSERTD_ASSERTIONS_LOOK_H

#include "assertions/family.h"
#include "assertions/judge.h"
#include "assertions/skew.h"
#include "assertions/totals.h"

enum look_mode {
    LOOK_OPEN,     /* what no further span or copy can change counts as known */
    LOOK_CLOSED,   /* the trace is complete: only dropped attributes are unknown */
    LOOK_RECEIVED, /* spans as received: nothing is unknown */
};

struct selection;
struct trace_view;
struct across;
struct self_times;

/* Scratch memory may be rewound between assertions, so what is shared has an arena of its own. */
struct look {
    const struct judge *judge;
    enum look_mode mode;
    struct arena *scratch;
    struct arena shared;
    struct family family;
    bool has_family;
    const struct skew *skew; /* as `skew_suite` has it; NULL: none yet */
    const struct suite *skew_suite;
    struct selection **walked; /* by selector_plan.walking; NULL: none yet */
    const struct span **spans; /* of a small trace, decoded again; NULL: none yet */
    struct arena one_span;     /* of a large one: the latest */
    struct span latest;
    struct attr latest_attr;       /* its only one, where it was searched for */
    uint64_t searches;             /* of spans that were not decoded, for an attribute */
    const struct trace_view *view; /* see look_view; NULL: none yet */
    struct totals totals;          /* see look_totals */
    bool has_totals;
    const struct across *across;     /* of the latest condition; see across.h */
    const struct self_times *times;  /* see self_time.h; NULL: none yet */
    const struct suite *times_suite; /* whose clocks they are; NULL: as they were measured */
    uint64_t steps;                  /* taken by conditions across spans (VIEW_STEPS_MAX) */
    bool failed;                     /* memory was exhausted: answers are not to be used */
};

/* Begins and ends a look. */
void look_init(struct look *ret, const struct judge *judge, enum look_mode mode,
               struct arena *scratch);
void look_deinit(struct look *look);

/* A stored span in its wide form, to explain a result; valid until the next call. NULL: no memory
 * (look->failed is set). */
const struct span *look_span(struct look *look, uint32_t index);

/* The same where these filters, or this key, are all that is read: decoded only if they read
 * attributes, events or links. For an attribute a span is searched some times before it is decoded,
 * and then told with that one alone. */
const struct span *look_span_for(struct look *look, uint32_t index, const struct filter *filters,
                                 uint32_t count);
const struct span *look_span_for_key(struct look *look, uint32_t index, const struct key *key);

/* What the trace tells of the clocks, as a suite wants it; NULL: no memory (look->failed is set).
 */
const struct skew *look_skew(struct look *look, const struct suite *suite,
                             const struct injection *injection);

/* What the trace comes to. */
const struct totals *look_totals(struct look *look);

/* Who is whose parent; NULL: no memory (look->failed is set). */
const struct family *look_family(struct look *look);

#endif
