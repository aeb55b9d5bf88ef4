/* The value of a key as a failure shows it. Pure. */
#ifndef ASSERTD_ASSERTIONS_SHOWN_H
#define ASSERTD_ASSERTIONS_SHOWN_H

#include "assertions/ast.h"
#include "daemon/core/arena.h"
#include "daemon/model/span.h"

/* The key's value; of `event:` and `link:` keys the one value, or an array of those that have it;
 * OPERAND_NONE where there is none. What must be made lives in `out`. */
struct operand shown_value(const struct key *key, const struct span *span, struct arena *out);

/* Values of a list as an encoded ArrayValue, durations as their texts. NULL data: no memory. */
struct bytes shown_list(const struct operand *items, uint32_t count, struct arena *out);

#endif
