/* Option tables: every setting stands in one row, from which validation, defaults, print-config and
 * the reference page are made.
 *
 * A module declares a struct for its settings and a table of rows; the reader fills the struct.
 * Defaults are text, parsed by the same parser as the user's text. Tables are const and immutable;
 * filled structs are immutable after loading and live as long as the configuration they came from.
 */
#ifndef ASSERTD_CONFIG_OPTIONS_H
#define ASSERTD_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/problems.h"
#include "daemon/core/bytes.h"

enum option_type {
    OPTION_BOOL,     /* bool */
    OPTION_INT,      /* int64_t, min..max */
    OPTION_NUMBER,   /* double, min..max */
    OPTION_TEXT,     /* struct config_text */
    OPTION_TEXTS,    /* struct config_texts: a string, or a list of strings */
    OPTION_DURATION, /* uint64_t nanoseconds; text with a unit */
    OPTION_SIZE,     /* uint64_t bytes; text with a unit */
    OPTION_CHOICE,   /* int: index into `choices`; text */
    OPTION_SHARE,    /* double 0..1; text "0.1%" or a number */
    OPTION_ENDPOINT, /* struct config_text "HOST:PORT"; port 0 takes a free one; empty: off */
    OPTION_GROUP,    /* the struct of `group`, embedded */
    OPTION_GROUPS,   /* struct config_list of the struct of `group`: a list of groups */
    OPTION_PAIRS, /* struct config_pairs: a group with names of the user's choice, scalar values as
                     text */
};

enum option_flags {
    OPTION_REQUIRED = 1, /* must be given */
    OPTION_SECRET = 2,   /* masked wherever it is printed; TEXTS: "name=value", masked where the
                          * name tells of a secret (secret_name.h), or there is none */
    OPTION_NULLABLE =
        4, /* GROUP: `set` stays false unless written (sinks are off unless configured) */
    OPTION_EXPRESSION = 8, /* TEXT(S): an expression of the assertion language, for the docs */
    OPTION_NO_ENV = 16,    /* ${env:...} is not expanded (expressions where $ has a meaning) */
    OPTION_ONE_LINE =
        32, /* TEXT(S), PAIRS: no line breaks and control characters (goes into headers, records) */
};

struct option_table;

struct option {
    const char *name;
    enum option_type type;
    size_t offset;              /* of the field in the table's struct */
    const char *default_text;   /* NULL: zero / empty / absent */
    int64_t min, max;           /* INT, NUMBER; DURATION in ns, SIZE in bytes; both 0: unbounded */
    const char *const *choices; /* CHOICE: NULL-terminated words */
    unsigned flags;
    const struct option_table *group; /* GROUP, GROUPS */
    const char *description;          /* one sentence, for the reference */
};

struct option_table {
    const char *title; /* for the reference page */
    const struct option *options;
    size_t count;
    size_t struct_bytes;
    size_t origin_offset; /* of a struct config_origin that is set to where the group was written;
                             SIZE_MAX: none */
    size_t set_offset;    /* of a bool that tells whether the group was written; SIZE_MAX: none */
};

struct config_text {
    const char *text; /* NUL-terminated; NULL: not given and no default */
    struct config_origin origin;
};
struct config_texts {
    const struct config_text *items;
    size_t count;
};
struct config_pair {
    const char *name;
    struct config_text value; /* numbers and bools by their canonical text */
    enum { CONFIG_PAIR_TEXT, CONFIG_PAIR_INT, CONFIG_PAIR_NUMBER, CONFIG_PAIR_BOOL } type;
};
struct config_pairs {
    const struct config_pair *items;
    size_t count;
};
struct config_list {
    void *items; /* array of the group's struct */
    size_t count;
};

/* The i-th element of a config_list as `type *`. */
#define CONFIG_ITEM(list, type, i) (&((type *)(list).items)[i])

#endif
