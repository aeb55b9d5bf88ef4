/* A value of which only bounds are known: whether a condition says the same of all that it may be.
 * Pure. */
#ifndef ASSERTD_ASSERTIONS_INTERVAL_H
#define ASSERTD_ASSERTIONS_INTERVAL_H

#include "assertions/ast.h"

/* Whether the condition's comparison with its literal comes to the same for all values from `least`
 * to `most`, both of one type. Exact for durations and integers; of several doubles `=`, `!=`, `in`
 * and `not in` are the same where no value of the literal lies within the bounds. What asks for the
 * value itself (`exists`) takes one value only. */
bool interval_is_same(const struct condition *condition, const struct operand *least,
                      const struct operand *most);

#endif
