/* What one span says to all conditions of a probe at once: each attribute that the span has and
 * some condition reads is found once, and the conditions on all the others are answered together,
 * as they were when the set was compiled. So a span costs by the attributes that it shares with the
 * conditions, not by their number.
 *
 * Results are added to those of the spans before: a set for each condition, as mark_results. Pure.
 */
#ifndef ASSERTD_ASSERTIONS_OWN_RESULTS_H
#define ASSERTD_ASSERTIONS_OWN_RESULTS_H

#include "assertions/probe.h"
#include "daemon/core/arena.h"

/* Sorts the conditions of a probe and prepares their answers in `arena`; their places are settled
 * from then on. 0; -ENOMEM. */
int own_results_prepare(struct probe *probe, struct arena *arena);

/* What is known of the results that a sighting has collected. */
struct own_results {
    uint8_t *results; /* of each condition of the probe */
    bool lacked;      /* each attribute was lacking on some span: no more of that is to be added */
    bool alarm;       /* some condition was broken for certain that makes its assertion fail */
};

/* Adds those of a span that holds in the readings `holds`, HOLDS_CLOSED among them. */
void own_results_add(struct own_results *to, const struct probe *probe, unsigned holds,
                     const struct span *span, struct arena *scratch);

#endif
