/* A configuration text with its includes, checked word by word before libconfig sees it.
 *
 * libconfig says only "syntax error"; this reader knows the same grammar (libconfig 1.5,
 * grammar.y) and says in words what is wrong, refuses what libconfig takes silently in a way
 * nobody means (integers that do not fit, comments without an end), puts included files in place,
 * and notes where each value stands. What it accepts libconfig accepts. Thread rule: confined to
 * its owner. */
#ifndef ASSERTD_CONFIG_SOURCE_H
#define ASSERTD_CONFIG_SOURCE_H

#include "config/problems.h"

#define SOURCE_INCLUDE_DEPTH_MAX 10
#define SOURCE_NESTING_MAX       64

struct source {
    struct arena *arena; /* borrowed: file names live there, as long as the configuration */
    struct problems *problems;
    struct buf text;    /* includes in place, NUL-terminated once read */
    struct buf origins; /* of each value: struct config_origin, outer before inner, first before
                         * later */
    bool is_bad;        /* problems were added */
};

/* An empty source. */
void source_init(struct source *source, struct arena *arena, struct problems *problems);
void source_deinit(struct source *source);

/* Reads `path` and what it includes (relative to the including file's folder). 0 good; 1 problems
 * were added; -ENOMEM. */
int source_read_file(struct source *source, const char *path);

/* Reads a text that stands for the file `name`. The same outcomes. */
int source_read_text(struct source *source, const char *name, struct bytes text);

/* `path` as seen from the folder of `file`: absolute ones stay. NULL without memory. */
const char *source_relative(struct arena *arena, const char *file, struct bytes path);

#endif
