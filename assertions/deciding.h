/* Which spans the failures of a suite hang on: those that failures name, the selected ones where
 * their number was judged, those of the names that a condition reads. For the small trees of
 * reports. Thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_DECIDING_H
#define ASSERTD_ASSERTIONS_DECIDING_H

#include "assertions/judge.h"

/* In a trace of more spans only those that failures name are told: finding the others again reads
 * all spans. */
#define DECIDING_TRACE_MAX 10000u

/* The trace's indexes, each once, at most `most` of them: assertion by assertion, the failures in
 * their order, the same for every order of arrival. The judgement is the closed trace's. Looks at
 * the trace again, so it costs a look. How many there are; without memory fewer than there could
 * be. */
uint32_t deciding_spans(struct judge *judge, const struct judgement *judgement, uint32_t *ret,
                        uint32_t most, struct arena *scratch);

#endif
