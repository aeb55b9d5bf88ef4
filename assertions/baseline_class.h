/* A combination of labels of an earlier campaign, as the baseline of the same one of this campaign.
 * Pure. */
#ifndef ASSERTD_ASSERTIONS_BASELINE_CLASS_H
#define ASSERTD_ASSERTIONS_BASELINE_CLASS_H

#include "assertions/baseline.h"

/* The baseline of a combination of labels, as if it were the whole: of `key`, or of those that
 * found no place (key empty), which has none. `comparisons`: how many are made. */
struct baseline baseline_of_class(const struct baseline *baseline, struct bytes key,
                                  uint32_t comparisons);

/* Whether it has one. */
bool baseline_has_class(const struct baseline *baseline, struct bytes key);

#endif
