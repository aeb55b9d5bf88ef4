/* Slips of the pen that compile: what stands in an expression as a text or a key, and looks as if
 * another language's meaning were meant. For advice, never for a refusal. Pure. */
#ifndef ASSERTD_ASSERTIONS_SLIPS_H
#define ASSERTD_ASSERTIONS_SLIPS_H

#include <stdbool.h>

#include "daemon/core/bytes.h"

struct slip {
    struct bytes what;   /* of the expression */
    const char *instead; /* what it is, and what to write */
};

/* The first slip of an expression that compiles: selector, condition or rule. False: none. */
bool slip_find(struct bytes expression, struct slip *ret);

#endif
