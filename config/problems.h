/* Everything that is wrong with a configuration, collected, so that one run tells all of it.
 *
 * A line reads `file:line: path: what, and what to write instead`. Thread rule: confined to the
 * loading thread. */
#ifndef ASSERTD_CONFIG_PROBLEMS_H
#define ASSERTD_CONFIG_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/core/arena.h"
#include "daemon/core/buf.h"

/* Where a value was written. `file` NULL: not written (a default); "--set" and line 0: an override;
 * line 0: the file as a whole. Lives as long as the configuration; in a problem as long as the
 * collection. */
struct config_origin {
    const char *file;
    unsigned line;
};

#define CONFIG_ORIGIN_NONE ((struct config_origin){NULL, 0})

struct problem {
    struct config_origin origin;
    const char *path; /* "suites[0].assertions[1].assert" */
    const char *text;
    int byte;     /* in the expression, from 1; 0: not an expression's problem */
    bool warning; /* advice: does not make the configuration invalid */
};

struct problems {
    struct arena arena;
    struct problem *items;
    size_t count, room;
    size_t errors; /* items that are no warnings */
};

/* An empty collection. */
void problems_init(struct problems *problems);
void problems_deinit(struct problems *problems);

/* Adds one; path, text and file name are copied. Without memory only `errors` is raised. */
void problems_add(struct problems *problems, struct config_origin origin, const char *path,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Adds one about byte `byte` (from 1) of an expression. */
void problems_add_at(struct problems *problems, struct config_origin origin, const char *path,
                     int byte, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Adds advice. */
void problems_advise(struct problems *problems, struct config_origin origin, const char *path,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* All of them as text, a line each, ordered by file and line; or as a JSON array of objects
 * {file, line, path, byte, severity, text}. */
void problems_print(const struct problems *problems, struct buf *out);
void problems_print_json(const struct problems *problems, struct buf *out);

#endif
