/* Order between sets of spans of several processes, in a suite that asks how far their clocks may
 * be apart (skew.h). Internal to the judges of whole conditions. */
#ifndef ASSERTD_ASSERTIONS_WHOLE_CLOCKS_H
#define ASSERTD_ASSERTIONS_WHOLE_CLOCKS_H

#include "assertions/whole_scene.h"

/* Whether the suite asks for it and the spans of the first two sets have more than one clock. */
bool whole_is_skewed(const struct whole_scene *scene);

/* What the first start of the second set minus the last end (`by_end`; else start) of the first
 * really may have been; `others`: of two different spans. No span of the sets ends before it
 * starts. False: no memory, which is told. */
bool whole_gap_bounds(struct whole_scene *scene, bool by_end, bool others, struct skew_bounds *ret);

/* The same of two spans: the start of `later` minus the end of `earlier`. */
bool whole_pair_bounds(struct whole_scene *scene, uint32_t later, uint32_t earlier,
                       struct skew_bounds *ret);

/* The clocks leave it open; `measured_ns` is what they say. */
void whole_rule_skew(struct whole_scene *scene, __int128 measured_ns,
                     const struct skew_bounds *bounds, uint32_t span);

#endif
