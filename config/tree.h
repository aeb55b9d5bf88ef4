/* The settings of a configuration as libconfig's tree, each with the place where it was written.
 *
 * Trees of several files are joined by copying. libconfig's own memory is not counted and its
 * failure ends the program. Thread rule: confined to its owner. */
#ifndef ASSERTD_CONFIG_TREE_H
#define ASSERTD_CONFIG_TREE_H

#include "config/source.h"

struct config_setting_t;
struct tree;

/* An empty tree in `arena`, which also holds its origins. NULL without memory. */
struct tree *tree_new(struct arena *arena);
void tree_free(struct tree *tree);

/* Fills an empty tree from a source that was read well. 0; 1 libconfig refuses it all the same
 * (problem added); -ENOMEM. */
int tree_fill(struct tree *tree, const struct source *source, const char *file,
              struct problems *problems);

/* The group of everything. */
struct config_setting_t *tree_root(struct tree *tree);

/* Where a setting was written. */
struct config_origin tree_origin(const struct config_setting_t *setting);

/* Where a setting of the top was written; none where it was not. */
struct config_origin tree_member_origin(struct tree *tree, const char *name);

/* Notes where a setting that was added was written; `origin` lives as long as the tree. */
void tree_set_origin(struct config_setting_t *setting, const struct config_origin *origin);

/* Adds a copy of `from` with everything below it; `name` NULL: to a list. NULL: libconfig refuses
 * the name. */
struct config_setting_t *tree_copy(struct config_setting_t *parent, const char *name,
                                   const struct config_setting_t *from);

#endif
