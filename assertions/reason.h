/* The sentences of failures. Pure: made in an arena from what the ruling says. */
#ifndef ASSERTD_ASSERTIONS_REASON_H
#define ASSERTD_ASSERTIONS_REASON_H

#include "assertions/ruling.h"

/* One sentence for a cause. `selector`: what selected nothing (for the nearest miss), or NULL.
 * `condition` NULL: a selector in `when`. */
struct bytes reason_make(const struct ruling_scene *scene, const struct condition *condition,
                         const struct selector *selector, const struct ruling *ruling,
                         unsigned short_reasons, struct arena *out);

#endif
