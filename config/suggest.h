/* "Did you mean": the nearest of some known words. Pure. */
#ifndef ASSERTD_CONFIG_SUGGEST_H
#define ASSERTD_CONFIG_SUGGEST_H

#include <stddef.h>

#include "daemon/core/bytes.h"

/* The known word that differs from `word` by the fewest edits, if these are few for its length;
 * NULL: none is near. */
const char *suggest(struct bytes word, const char *const *known, size_t count);

/* The edits (insert, delete, replace) between two words, `beyond` when they are at least that many
 * or a word is very long. */
size_t suggest_distance(struct bytes a, struct bytes b, size_t beyond);

#endif
