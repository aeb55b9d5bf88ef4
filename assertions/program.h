/* A suite set made ready for the spans that arrive: its probes, how spans find them, and what hangs
 * on them. Made once when the set is compiled; immutable; lives in the set's arena. */
#ifndef ASSERTD_ASSERTIONS_PROGRAM_H
#define ASSERTD_ASSERTIONS_PROGRAM_H

#include "assertions/dispatch.h"
#include "assertions/expression.h"
#include "assertions/totals.h"

struct suite;

struct program {
    struct probe *probes; /* by number */
    uint32_t probe_count;
    uint32_t several_count;      /* probes of several clauses */
    struct selector_plan *plans; /* by selector.number */
    uint32_t plan_count;
    uint32_t walking_count;
    uint32_t *condition_places; /* of each condition, by number: its place in its probe */
    struct dispatch dispatch;
    struct totals_alarms totals; /* what of a whole trace may make some assertion fail */
    bool has_totals;             /* some of these */
    bool injection_alarms;       /* a record alone may make some assertion fail for certain */
    bool walking_takes;          /* some suite takes its traces by a selector that walks them */
};

/* Builds it for compiled suites, whose assertions have their numbers. 0; PROGRAM_TOO_MANY: more
 * than PROBE_CONDITIONS_MAX conditions on equal selectors; -ENOMEM. */
enum program_outcome { PROGRAM_TOO_MANY = 1 };
int program_compile(struct program *ret, const struct suite *suites, uint32_t suite_count,
                    const struct expression_store *store, struct arena *arena);

#endif
