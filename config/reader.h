/* From libconfig's tree into the struct of a table.
 *
 * Thread rule: confined to its owner. Everything it makes lives in the arena. */
#ifndef ASSERTD_CONFIG_READER_H
#define ASSERTD_CONFIG_READER_H

#include "config/expand.h"
#include "config/options.h"

struct config_setting_t;

struct reader {
    struct arena *arena;
    struct problems *problems;
    expand_lookup lookup;  /* of environment variables */
    struct buf path;       /* of the setting that is being read */
    struct buf text, flaw; /* scratch */
    bool out_of_memory;
    bool has_holes; /* something that others rely on could not be read */
};

/* A reader that makes its results in `arena`. */
void reader_init(struct reader *reader, struct arena *arena, struct problems *problems,
                 expand_lookup lookup);
void reader_deinit(struct reader *reader);

/* Fills the zeroed struct of `table` from a group, or from the defaults alone where `group` is
 * NULL. Adds problems; `out_of_memory` tells where it had to give up. */
void reader_fill(struct reader *reader, const struct option_table *table,
                 const struct config_setting_t *group, void *ret);

/* The text of a TEXT option in a group, expanded, or its default; NULL: none (or not readable,
 * problem added later by reader_fill). */
const char *reader_peek_text(struct reader *reader, const struct option *option,
                             const struct config_setting_t *group);

#endif
