/* Tracetest's expressions, parsed: EXPR COMPARATOR EXPR, or an EXPR alone for an output.
 *
 * As its own parser reads them: arithmetic strictly from left to right, filters after all of it.
 * Beyond it a number may have a sign, and a name without a prefix is an attribute (old files).
 * Everything is a view of the text or lives in the arena; immutable. Thread rule: pure. */
#ifndef ASSERTD_TRACETEST_FOREIGN_EXPRESSION_H
#define ASSERTD_TRACETEST_FOREIGN_EXPRESSION_H

#include "tracetest/foreign_words.h"

struct foreign_expression;

/* A piece of a quoted text: what stands there, or ${EXPR}. */
struct foreign_piece {
    struct bytes text;
    const struct foreign_expression *value; /* NULL: `text` */
    struct foreign_piece *next;
};

enum foreign_term_type {
    FOREIGN_TEXT,     /* pieces; none: the empty text */
    FOREIGN_NUMBER,   /* text, perhaps with a sign */
    FOREIGN_DURATION, /* text, without blanks */
    FOREIGN_BOOL,     /* text */
    FOREIGN_ATTR,     /* text: the name */
    FOREIGN_VARIABLE, /* text: the name */
    FOREIGN_ENV,      /* text: the name */
    FOREIGN_ARRAY,    /* items */
    FOREIGN_CALL      /* text: the function's name; items: its arguments */
};

struct foreign_term {
    enum foreign_term_type type;
    struct bytes text;
    const struct foreign_piece *pieces;
    const struct foreign_term *items; /* a list, by `next` */
    struct foreign_term *next;
};

struct foreign_step { /* OPERATOR TERM */
    char op;          /* + - * / */
    const struct foreign_term *term;
    struct foreign_step *next;
};

struct foreign_filter { /* | NAME ARGUMENT... */
    struct bytes name;
    const struct foreign_term *arguments; /* by `next` */
    uint32_t argument_count;
    struct foreign_filter *next;
};

struct foreign_expression {
    const struct foreign_term *first;
    const struct foreign_step *steps;
    const struct foreign_filter *filters;
};

enum foreign_comparator {
    FOREIGN_EQ,
    FOREIGN_NE,
    FOREIGN_LT,
    FOREIGN_LE,
    FOREIGN_GT,
    FOREIGN_GE,
    FOREIGN_CONTAINS,
    FOREIGN_NOT_CONTAINS,
    FOREIGN_STARTS_WITH,
    FOREIGN_ENDS_WITH,
    FOREIGN_JSON_CONTAINS
};

struct foreign_assertion {
    const struct foreign_expression *left, *right;
    enum foreign_comparator comparator;
};

/* Parses an assertion; 0; 1: it is none, *ret_flaw (static or in the arena) tells why; -ENOMEM. */
int foreign_parse_assertion(struct foreign_assertion *ret, struct bytes text, struct arena *arena,
                            const char **ret_flaw);

/* The same of an expression alone. */
int foreign_parse_value(const struct foreign_expression **ret, struct bytes text,
                        struct arena *arena, const char **ret_flaw);

#endif
