/* What is said of a trace that memory did not allow to judge: inconclusive, by every assertion of
 * every suite that may take it. Made with the campaign, so that it needs no memory when there is
 * none. Thread rule: confined to its shard. */
#ifndef ASSERTD_PIPELINE_UNKNOWN_H
#define ASSERTD_PIPELINE_UNKNOWN_H

#include "assertions/judge.h"

/* Judgements of all suites in one block, freed with free(3); they apply. NULL: no memory. */
struct judgement *unknown_new(const struct suite_set *set);

#endif
