/* What an earlier campaign's report says of a rule: to compare with (docs/report.md,
 * "distribution"). Immutable; lives in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_BASELINE_H
#define ASSERTD_ASSERTIONS_BASELINE_H

#include "assertions/ast.h"
#include "daemon/core/arena.h"

/* A combination of labels of the earlier campaign. */
struct baseline_class {
    struct bytes
        key; /* the labels' values in the order of the request, each ended by a zero byte */
    double value;
    uint64_t above, samples;
};

struct baseline {
    const char *why; /* it can't be compared with, static; NULL: it can */
    double value;    /* its p(N), or its ratio */
    uint64_t above;  /* its samples above that; of a ratio, those of the state */
    uint64_t samples;
    const struct baseline_class *classes; /* with a finite value and samples; in no order */
    uint32_t class_count;
    uint32_t comparisons; /* made for one result: each is significant at so much less; 0: one */
};

/* What is looked for. */
struct baseline_request {
    struct bytes suite;
    const struct rule *rule;
    const struct bytes *by; /* labels by which the rule is judged apart */
    uint32_t by_count;
    struct arena *arena; /* where classes live */
};

/* Classes that are read; a report has no more. */
#define BASELINE_CLASSES_MAX 100u

enum baseline_outcome {
    BASELINE_NO_REPORT = 1, /* not JSON, or no report of a campaign */
};

/* Looks in a JSON report, in the suite of that name, for a threshold that measures the same as the
 * rule (p(N), med, ratio): the same text in parentheses and tags, blanks aside; with labels, for
 * one that is judged apart by the same. 0 (ret->why tells whether it was found);
 * BASELINE_NO_REPORT; -ENOMEM. */
int baseline_read(struct bytes report, const struct baseline_request *request,
                  struct baseline *ret);

#endif
