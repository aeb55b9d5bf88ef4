/* The tokens of Tracetest's selectors and expressions.
 *
 * A scanner walks one text; the token that comes next is always at hand. Tokens are views of the
 * text, but for quoted texts with escapes, which live in the arena. The first flaw ends the walk.
 * Thread rule: confined to its owner. */
#ifndef ASSERTD_TRACETEST_FOREIGN_WORDS_H
#define ASSERTD_TRACETEST_FOREIGN_WORDS_H

#include <stdbool.h>

#include "daemon/core/arena.h"
#include "daemon/core/bytes.h"

/* Longest selector or expression, deepest nesting in one. */
#define FOREIGN_BYTES_MAX 16384u
#define FOREIGN_DEPTH_MAX 16u

enum foreign_word {
    WORD_END,
    WORD_NAME,     /* letters, digits, _ . -, not beginning with a digit */
    WORD_ATTR,     /* attr:NAME, without prefix */
    WORD_VARIABLE, /* var:NAME */
    WORD_ENV,      /* env:NAME */
    WORD_NUMBER,
    WORD_DURATION, /* the number directly before its unit */
    WORD_TEXT,     /* without quotes, escapes resolved; or ${VALUE} without any, whole */
    WORD_SYMBOL,   /* one of = != < <= > >= + - * / ( ) [ ] , | : */
};

enum foreign_mode {
    FOREIGN_SELECTOR,  /* no durations and prefixes; escapes of Go */
    FOREIGN_EXPRESSION /* a backslash only before the quote that it is to keep */
};

struct foreign_scanner {
    struct bytes text;
    size_t at; /* behind the token */
    enum foreign_mode mode;
    struct arena *arena;
    enum foreign_word word; /* the token that comes next */
    struct bytes token;
    size_t begin;     /* its first byte */
    unsigned depth;   /* of what is being parsed */
    const char *flaw; /* NULL: none yet; static, or in the arena */
    bool no_memory;
};

/* Begins, with the first token at hand. */
void foreign_scanner_begin(struct foreign_scanner *scanner, enum foreign_mode mode,
                           struct bytes text, struct arena *arena);

/* Passes the token; false: there is a flaw. */
bool foreign_scanner_next(struct foreign_scanner *scanner);

/* The byte behind the `}` that ends what begins at `at`, behind `${`; 0: it does not end. */
size_t foreign_end_of_value(struct bytes text, size_t at);

/* Whether that symbol, or name, comes next. */
bool foreign_sees(const struct foreign_scanner *scanner, const char *symbol);
bool foreign_sees_name(const struct foreign_scanner *scanner, const char *name);

/* Passes that symbol, if it comes next; *ret_taken tells. False: a flaw behind it. */
bool foreign_take(struct foreign_scanner *scanner, const char *symbol, bool *ret_taken);

/* Passes that symbol; false with a flaw if it does not come next. */
bool foreign_expect(struct foreign_scanner *scanner, const char *symbol);

/* Notes the first flaw. Always false. */
bool foreign_fail(struct foreign_scanner *scanner, const char *flaw);

/* Notes that memory is exhausted. Always false. */
bool foreign_fail_memory(struct foreign_scanner *scanner);

#endif
