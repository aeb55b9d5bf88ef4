/* Whether our language takes what a translator has made: the language's own parsers are asked, so
 * that what is written always validates. Thread rule: confined to its owner. */
#ifndef ASSERTD_TRACETEST_SAYABLE_H
#define ASSERTD_TRACETEST_SAYABLE_H

#include "tracetest/translation.h"

/* Whether the selector, or the condition, is taken; false: the translation is lost, with the
 * parser's own words. */
bool sayable_selector(struct translation *translation, struct bytes text);
bool sayable_condition(struct translation *translation, struct bytes text, bool has_select);

/* Whether the outputs of the translation are taken. */
bool sayable_outputs(struct translation *translation);

#endif
