/* Selectors that can never select a span, told from their filters and relations alone. Pure. */
#ifndef ASSERTD_ASSERTIONS_NEVER_H
#define ASSERTD_ASSERTIONS_NEVER_H

#include "assertions/ast.h"

/* Two things that never hold of the same span, as they are written, or one: `other` is empty. */
struct never {
    struct bytes one;
    struct bytes other;
};

/* Whether some part of the selector can hold for no span; false: perhaps each can. What is not
 * understood can hold. */
bool never_selects(const struct selector *selector, struct never *ret);

#endif
