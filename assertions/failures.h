/* Why a result is what it is: one entry for each condition and deciding span (SEMANTICS 6,
 * `failures`), with what was expected, what was seen, and a reason that a tester understands.
 * Reasons hold no measured values, so that equal failures of many traces form one group; the values
 * stand beside. Confined to one look. */
#ifndef ASSERTD_ASSERTIONS_FAILURES_H
#define ASSERTD_ASSERTIONS_FAILURES_H

#include "assertions/ruling.h"
#include "daemon/model/verdict.h"

struct failure_list {
    struct failure *items; /* in `out` */
    uint32_t count;
    uint32_t most; /* greatest count */
    uint32_t room;
    uint32_t omitted;
    struct failure_group *groups; /* of the omitted ones; in `out` */
    uint32_t group_count;
    struct arena *out;
};

/* Kinds of omitted failures of one assertion in one trace beyond which further ones are one kind,
 * with this reason. */
#define FAILURE_GROUPS_MAX  64u
#define FAILURE_GROUP_OTHER "(other)"

/* Entries of one condition whose result (after short evidence) is `result`; nothing for pass,
 * skipped, open. */
void failures_of_condition(struct failure_list *list, const struct ruling_scene *scene,
                           const struct assertion *assertion, uint32_t condition,
                           struct selection *selected, const struct ruling *ruling,
                           enum result result, unsigned short_reasons);

/* The entry of a `when` that is an error or inconclusive. */
void failures_of_when(struct failure_list *list, const struct ruling_scene *scene,
                      const struct assertion *assertion, const struct ruling *ruling,
                      enum result result, unsigned short_reasons);

#endif
