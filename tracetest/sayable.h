/* Whether our language takes what a translator has made: the language's own parsers are asked, so
 * that what is written always validates. Thread rule: confined to its owner. */
#ifndef ASSERTD_TRACETEST_SAYABLE_H
#define ASSERTD_TRACETEST_SAYABLE_H

#include "tracetest/translation.h"

/* Whether the selector, or the condition, is taken; false: the translation is lost, with the
 * parser's own words. */
bool sayable_selector(struct translation *translation, struct bytes text);
bool sayable_condition(struct translation *translation, struct bytes text, bool has_select);

/* Whether an output's value is taken, where `name` names the spans of `selector` (empty: none). */
bool sayable_output(struct translation *translation, struct bytes value, const char *name,
                    struct bytes selector);

/* Whether a suite has that setting. */
bool sayable_setting(const char *name);

#endif
