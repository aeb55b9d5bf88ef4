/* Conditions on the time between two spans, or a span and the injection: `$x.start - $y.end <= 5s`.
 *
 * What is missing comes first, then several, then a span that ends before it starts; then the
 * comparison, where a suite asks for it within what the clocks allow (skew.h). Pure; confined to
 * one look. */
#ifndef ASSERTD_ASSERTIONS_DIFFERENCE_H
#define ASSERTD_ASSERTIONS_DIFFERENCE_H

#include "assertions/ruling.h"

/* The ruling of a condition whose left side is a TERM_DIFFERENCE. */
struct ruling difference_rule(const struct ruling_scene *scene, const struct condition *condition);

/* Whether the condition says the same of all times within the bounds. */
bool difference_is_same(const struct condition *condition, const struct skew_bounds *bounds);

#endif
