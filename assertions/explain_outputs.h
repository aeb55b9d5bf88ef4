/* What each output of a suite came to, for people who ask why. Internal to explain.c. */
#ifndef ASSERTD_ASSERTIONS_EXPLAIN_OUTPUTS_H
#define ASSERTD_ASSERTIONS_EXPLAIN_OUTPUTS_H

#include "assertions/explain.h"
#include "assertions/ruling.h"

/* The outputs of scene->suite, whose names bind `names`; the values are the judge's. An array in
 * `out`; NULL: no memory. */
const struct explained_output *explain_outputs(const struct ruling_scene *scene,
                                               const struct judgement *judgement,
                                               const struct explained_selection *names,
                                               struct arena *out);

#endif
