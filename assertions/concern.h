/* The assertions that the spans of a trace concern: those that read a probe which found something.
 * Most of them pass, and hang on one probe alone: that is told from its sighting at once, so that
 * only the others have to be judged. Made for one look, in scratch memory. */
#ifndef ASSERTD_ASSERTIONS_CONCERN_H
#define ASSERTD_ASSERTIONS_CONCERN_H

#include "assertions/sightings.h"
#include "assertions/suite.h"

struct concern {
    uint64_t *judged; /* to be judged; a bit for each assertion, by its number in the set */
    uint64_t *passed; /* that pass if the trace is complete and not short of evidence */
};

/* `closed`: the trace is taken as complete; else none has passed. 0; 1: no memory. */
int concern_make(struct concern *ret, const struct suite_set *set,
                 const struct sightings *sightings, bool closed, struct arena *scratch);

/* The first at or after `from` and before `end`; CONCERN_NONE: there is none. */
#define CONCERN_NONE UINT32_MAX
uint32_t concern_next(const uint64_t *bits, uint32_t from, uint32_t end);

static inline bool concern_has(const uint64_t *bits, uint32_t number)
{
    return (bits[number / 64] >> number % 64 & 1) != 0;
}

#endif
