/* What a suite says of its thresholds beside their rules: labels, windows, warm-up, stages of the
 * load. Thread rule: the loading thread. */
#ifndef ASSERTD_ASSERTIONS_THRESHOLD_COMPILE_H
#define ASSERTD_ASSERTIONS_THRESHOLD_COMPILE_H

#include "assertions/suite.h"

/* Where it stands. */
struct threshold_scene {
    struct arena *arena; /* of the suite set */
    struct problems *problems;
    const char *path; /* of the threshold, or of the suite */
};

/* Fills `ret` from the settings; its rule is there, and the suite's assertions and stages are.
 * `baseline` is the suite's, read where the rule compares with it. 0; 1: problems were added;
 * -ENOMEM. */
int threshold_compile(struct threshold *ret, const struct threshold_settings *settings,
                      const struct suite *suite, const struct config_text *baseline,
                      const struct threshold_scene *scene);

/* The suite's stages. 0; 1: problems were added; -ENOMEM. */
int stages_compile(struct suite *suite, const struct config_texts *stages,
                   const struct threshold_scene *scene);

#endif
