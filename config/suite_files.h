/* Suite files: one suite's settings at the top, or a list of suites, appended to the
 * configuration's own list. Thread rule: confined to its owner. */
#ifndef ASSERTD_CONFIG_SUITE_FILES_H
#define ASSERTD_CONFIG_SUITE_FILES_H

#include "config/tree.h"

/* Appends the suites of `file` to the list `name` of the tree's root. 0 good; 1 problems were
 * added; -ENOMEM. */
int suite_files_add(struct tree *tree, const char *name, const char *file, struct arena *arena,
                    struct problems *problems);

/* The same for each *.conf in a folder, by name. `origin`: where the folder was named. */
int suite_files_add_folder(struct tree *tree, const char *name, const char *folder,
                           struct config_origin origin, struct arena *arena,
                           struct problems *problems);

#endif
