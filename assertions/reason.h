/* The sentences of failures. Pure: made in an arena from what the ruling says. */
#ifndef ASSERTD_ASSERTIONS_REASON_H
#define ASSERTD_ASSERTIONS_REASON_H

#include "assertions/ruling.h"

/* One sentence for a cause. `selector`: what selected nothing (for the nearest miss), or NULL.
 * `condition` NULL: a selector in `when`. */
struct bytes reason_make(const struct ruling_scene *scene, const struct condition *condition,
                         const struct selector *selector, const struct ruling *ruling,
                         unsigned short_reasons, struct arena *out);

/* Of a selector that selects nothing: which span comes nearest, and what removed it ("nearest is
 * 'x' of 'y', removed by z = 1"); empty where none fits in anything. */
struct bytes reason_nearest(struct look *look, const struct selector *selector, struct arena *out);

#endif
