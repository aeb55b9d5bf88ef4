/* Advice on suites that compile but can hardly be meant as they are written: warnings, never
 * problems. Confined to the loading thread. */
#ifndef ASSERTD_ASSERTIONS_ADVICE_H
#define ASSERTD_ASSERTIONS_ADVICE_H

#include "assertions/suite.h"
#include "config/problems.h"

/* Looks at one compiled suite, the `settings` that it was made of and its place among the suites.
 */
void advice_give(const struct suite *suite, const struct suite_settings *settings, size_t index,
                 struct problems *problems);

#endif
