/* The state of reading one configuration text, and what to say where it goes wrong.
 *
 * Internal to config: source.c drives it, mistake.c explains. Thread rule: confined to its owner.
 */
#ifndef ASSERTD_CONFIG_SYNTAX_H
#define ASSERTD_CONFIG_SYNTAX_H

#include "config/scanner.h"
#include "config/source.h"

/* What the grammar allows at a place. */
enum syntax_place {
    SYNTAX_NAME,   /* a setting's name, or the end of the group */
    SYNTAX_EQUALS, /* = or : */
    SYNTAX_VALUE,  /* a setting's value */
    SYNTAX_FIRST,  /* the first item, or the end of the list */
    SYNTAX_ITEM,   /* an item after a comma */
    SYNTAX_COMMA,  /* a comma, or the end of the list */
};

/* A file that is being read; the including one is `outer`. */
struct syntax_file {
    const char *name;
    struct scanner scanner;
    size_t copied; /* up to here the text stands in source->text */
    struct syntax_file *outer;
    struct buf text;
};

/* A bracket that is open; the root has none around it. */
struct syntax_frame {
    char open; /* { ( [ or 0 for the file itself */
    struct config_origin origin;
    const struct syntax_frame *outer;
};

struct syntax {
    struct source *source;
    struct syntax_file *file;
    struct syntax_file *closed; /* read to their end; tokens may still look at them */
    struct token token, last;   /* the one to look at, and the one before it */
    struct config_origin origin, last_origin;
    struct config_origin long_string; /* where the first text began that runs over several lines;
                                       * file NULL: none */
    const char *long_string_path;
    const struct syntax_frame *frame;
    struct buf path;
    unsigned depth;
};

/* The path of the setting that is being read, NUL-terminated. */
const char *syntax_path(struct syntax *syntax);

/* Whether the token touches the text before it, as in "a"b"": the text holds quotes of its own. */
bool mistake_is_quote_inside(const struct syntax *syntax);

/* Adds the problem that best explains why the token cannot stand at `place`. */
void mistake_explain(struct syntax *syntax, enum syntax_place place);

#endif
