/* What an earlier campaign's report says of a rule: to compare with (docs/report.md,
 * "distribution"). Immutable; lives in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_BASELINE_H
#define ASSERTD_ASSERTIONS_BASELINE_H

#include "assertions/ast.h"
#include "daemon/core/arena.h"

struct baseline {
    const char *why; /* it can't be compared with, static; NULL: it can */
    double value;    /* its p(N), or its ratio */
    uint64_t above;  /* its samples above that; of a ratio, those of the state */
    uint64_t samples;
};

enum baseline_outcome {
    BASELINE_NO_REPORT = 1, /* not JSON, or no report of a campaign */
};

/* Looks in a JSON report, in the suite of that name, for a threshold that measures the same as the
 * rule (p(N), med, ratio): the same text in parentheses and tags, blanks aside. 0 (ret->why tells
 * whether it was found); BASELINE_NO_REPORT; -ENOMEM. */
int baseline_read(struct bytes report, struct bytes suite, const struct rule *rule,
                  struct baseline *ret);

#endif
