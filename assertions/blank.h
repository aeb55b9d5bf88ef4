/* What the assertions of a suite come to in a whole trace in which no probe of theirs finds a span:
 * worked out once when the set is compiled, so that a look at a trace judges only what the trace
 * concerns. Immutable; lives in the arena of its set. */
#ifndef ASSERTD_ASSERTIONS_BLANK_H
#define ASSERTD_ASSERTIONS_BLANK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/model/verdict.h"

struct suite;
struct suite_set;

/* Of one mode of looking: while the trace is open, or closed. */
struct blank_results {
    const struct assertion_result *results; /* of all assertions */
    const uint32_t *judged;                 /* those that are judged in every trace, by index */
    uint32_t judged_count;
    const bool *always;    /* the same, of each assertion */
    enum result strongest; /* of severity error, of those that are not judged in every trace */
    uint32_t open_count;   /* of these: how many are open */
};

struct blank_suite {
    struct blank_results open, closed;
};

/* Works them out for all suites of a set whose program is there. 0; -ENOMEM. */
int blank_judge(struct suite_set *set, struct suite *suites);

#endif
