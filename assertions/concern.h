/* The assertions that the spans of a trace concern: those that read a probe which found something.
 * Made for one look, in scratch memory. */
#ifndef ASSERTD_ASSERTIONS_CONCERN_H
#define ASSERTD_ASSERTIONS_CONCERN_H

#include "assertions/sightings.h"
#include "assertions/suite.h"

struct concern {
    uint64_t *bits; /* by the assertion's number in the set */
};

/* 0; 1: no memory. */
int concern_make(struct concern *ret, const struct suite_set *set,
                 const struct sightings *sightings, struct arena *scratch);

/* Leaves one out. */
void concern_remove(struct concern *concern, uint32_t number);

/* The first at or after `from` and before `end`; CONCERN_NONE: there is none. */
#define CONCERN_NONE UINT32_MAX
uint32_t concern_next(const struct concern *concern, uint32_t from, uint32_t end);

#endif
