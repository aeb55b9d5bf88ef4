/* --set path=value: written into the tree before it is read, so that an override is checked like
 * the file's own text. Thread rule: confined to its owner. */
#ifndef ASSERTD_CONFIG_OVERRIDE_H
#define ASSERTD_CONFIG_OVERRIDE_H

#include "config/config.h"
#include "config/tree.h"

/* Whether the path lies at or below the option `name` of the root. */
bool override_is_below(const char *path, const char *name);

/* Writes one override; what is wrong with its path becomes a problem. The value is taken as text
 * for the option's type; for lists, groups of names and lists of texts it may be libconfig text
 * ("[ \"a\", \"b\" ]"). 0 good; 1 problems were added; -ENOMEM. */
int override_apply(struct tree *tree, const struct option_table *table,
                   const struct config_override *override, struct arena *arena,
                   struct problems *problems);

#endif
