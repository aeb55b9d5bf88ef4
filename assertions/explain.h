/* Everything that was looked at when one complete trace was judged: for people who ask why.
 *
 * The results are the judge's own; beside them stand what each selector matched, what each name
 * bound to and what each condition compared, also where all is well. Not for the hot path: costs a
 * walk of the trace for each condition. Everything lives in `out`, and views the trace and the set.
 * Thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_EXPLAIN_H
#define ASSERTD_ASSERTIONS_EXPLAIN_H

#include "assertions/judge.h"
#include "daemon/model/verdict.h"

/* No span. */
#define EXPLAIN_NO_SPAN UINT32_MAX

/* Spans of one condition that are told one by one. */
#define EXPLAIN_SPANS_MAX 100u

/* What a selector selects. */
struct explained_selection {
    const struct selector *selector; /* NULL: there is none */
    const uint32_t *spans;           /* the trace's indexes, in the order of SEMANTICS 1 */
    uint32_t count;
    uint32_t maybe;       /* not 0: dropped attributes could add spans */
    struct bytes nearest; /* nothing selected: which span comes nearest and what removed it; empty
                             where none does */
};

/* One span under one condition. */
struct explained_span {
    uint32_t span;
    enum result result; /* its own */
    struct seen actual;
};

struct explained_condition {
    struct bytes text;
    enum result result; /* SKIPPED: not looked at */
    struct seen expected;
    struct seen actual;                 /* where it compares one value; of `exists`, `missing` and
                                           not() the value that is there */
    uint32_t span;                      /* of a name that binds to one; EXPLAIN_NO_SPAN */
    const struct explained_span *spans; /* of a condition on the selected spans */
    uint32_t span_count;
    uint32_t spans_omitted;
    struct bytes reason; /* empty where it passes */
};

struct explained_assertion {
    const struct assertion *assertion;
    enum result result;
    struct explained_condition when; /* text empty: there is none */
    struct explained_selection selected;
    const struct explained_condition *conditions;
};

/* One output. */
struct explained_output {
    const struct output *output;
    struct seen value;     /* what the verdict carries */
    const uint32_t *spans; /* those that its names bind, each once, in the order of the names */
    uint32_t span_count;
    struct bytes reason; /* why there is no value; empty where there is one */
};

struct explained_suite {
    const struct suite *suite;
    bool applies;
    const struct suite_label *unfit; /* the first label that the injection lacks; NULL: none */
    struct explained_selection traces;
    unsigned short_reasons; /* enum short_reason, as the suite's evidence mode sees them */
    enum result verdict;
    const struct explained_selection *names; /* of each name of the suite */
    const struct explained_output *outputs;  /* of each output */
    uint32_t output_count;
    const struct explained_assertion *assertions;
};

/* Explains the trace to which the judge was told of every span: an array of set->suite_count. NULL:
 * no memory. */
const struct explained_suite *explain_trace(struct judge *judge, struct arena *out);

#endif
