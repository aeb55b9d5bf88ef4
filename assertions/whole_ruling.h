/* How a whole condition (whole.h) stands on a trace, and why. Decided when the trace closes; while
 * it is open nothing is told. Iterative throughout, and within VIEW_STEPS_MAX. Pure; confined to
 * one look. */
#ifndef ASSERTD_ASSERTIONS_WHOLE_RULING_H
#define ASSERTD_ASSERTIONS_WHOLE_RULING_H

#include "assertions/ruling.h"
#include "assertions/whole.h"

/* The ruling of a condition whose left side is a TERM_WHOLE. Its texts live in look->scratch. */
struct ruling whole_rule(const struct ruling_scene *scene, const struct condition *condition,
                         const struct selection *selected);

#endif
