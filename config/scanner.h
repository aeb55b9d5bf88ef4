/* The words of one libconfig text, with their lines (libconfig 1.5, scanner.l).
 *
 * Somewhat stricter than libconfig, which stays silent about a comment without an end, numbers
 * that run into letters ("10s"), and integers that do not fit. Thread rule: confined to its owner;
 * tokens are views of the text. */
#ifndef ASSERTD_CONFIG_SCANNER_H
#define ASSERTD_CONFIG_SCANNER_H

#include <stdbool.h>

#include "daemon/core/bytes.h"

enum token_type {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_STRING,
    TOKEN_INT,
    TOKEN_FLOAT,
    TOKEN_BOOL,
    TOKEN_MARK,    /* one of = : ; , { } ( ) [ ] */
    TOKEN_INCLUDE, /* a whole @include line up to its closing quote; `inner` is the file */
    TOKEN_BAD, /* begins nothing that libconfig knows; `text` goes on to the next blank or mark */
    TOKEN_OPEN_STRING,  /* a quote without an end */
    TOKEN_OPEN_COMMENT, /* a comment without an end */
};

struct token {
    enum token_type type;
    struct bytes text;  /* as written */
    struct bytes inner; /* STRING, INCLUDE: between the quotes, escapes untouched */
    size_t start, end;  /* in the scanner's text */
    unsigned line, last_line;
    bool is_wide;      /* INT with L */
    bool does_not_fit; /* INT beyond its 32 (L: 64) bits */
};

struct scanner {
    struct bytes text;
    size_t at;
    unsigned line;
};

/* A scanner at the first line of `text`. */
struct scanner scanner_of(struct bytes text);

/* The next token; TOKEN_END for ever after the last, and after an open string or comment. */
struct token scanner_next(struct scanner *scanner);

/* Whether the token is the mark `c`. */
bool token_is_mark(const struct token *token, char c);

/* The word around a token as a person would see it: on to the next blank, `;`, `,`, bracket or
 * quote. */
struct bytes scanner_word(const struct scanner *scanner, const struct token *token);

#endif
