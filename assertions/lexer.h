/* Walking through one expression, byte by byte, and saying where it goes wrong.
 *
 * The language has no tokens apart from their place: `a-b/c` is one word as a key, `-5ms` one as a
 * value. So parsers read what they expect next. Every function that can fail returns false after
 * adding exactly one problem; the first problem of an expression ends it. Confined to the loading
 * thread; internal to the parsers. */
#ifndef ASSERTD_ASSERTIONS_LEXER_H
#define ASSERTD_ASSERTIONS_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assertions/expression.h"

/* What an expression is part of: that says what it may read. */
enum parse_place {
    PARSE_CONDITION,
    PARSE_FILTER, /* one span and nothing else */
    PARSE_OUTPUT, /* names and the injection, no selected span */
};

struct parser {
    const struct parse_context *context;
    struct bytes text; /* the arena's copy: views of it live as long as the result */
    size_t at;
    unsigned depth; /* nested not(), :has(), parentheses, calls */
    uint32_t parts; /* of the selector so far */
    enum parse_place place;
    bool words;      /* a bare word is a text and no key: the right side of an operator */
    bool understood; /* what was refused was read; its types do not fit */
    bool inner;      /* in a condition across spans, which holds no other */
    uint32_t across; /* so many of these are in the expression so far */
};

/* A try whose problem may turn out not to count: begins where the parser is. */
struct attempt {
    struct parser before;
    struct parse_context context;
    struct problems problems;
    bool understood; /* as the parser's, in the end */
};

/* Begins: problems go to the attempt. Ends: the parser's context is its own again, and where the
 * attempt was `bad` it stands where it stood. */
void attempt_begin(struct attempt *ret, struct parser *parser);
void attempt_end(struct attempt *attempt, struct parser *parser, bool bad);

/* Of two bad ones the problem of the one that came further is told; of equals the first's, unless
 * the second was understood. Always false. */
bool attempt_tell(const struct attempt *first, const struct attempt *second, struct parser *parser);

/* Forgets its problems. */
void attempt_deinit(struct attempt *attempt);

/* Begins with the first byte that is no blank. False: too long, or nothing but blanks (`if_empty`
 * says what to write). */
bool parser_begin(struct parser *parser, const struct parse_context *context, struct bytes text,
                  const char *if_empty);

/* Adds a problem about byte `at` (from 0). Always false. */
bool parser_fail(struct parser *parser, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes that memory is exhausted. Always false. */
bool parser_fail_memory(struct parser *parser);

/* The next byte, or the one `ahead` bytes further; -1 beyond the end. */
int parser_peek(const struct parser *parser, size_t ahead);

/* Passes space, tab, CR and LF; whether there were any. */
bool parser_skip_blanks(struct parser *parser);

/* Passes `symbol` if it comes next. */
bool parser_take(struct parser *parser, const char *symbol);

/* Passes letters, digits and `_ . - /`, perhaps none. */
struct bytes parser_word(struct parser *parser);

/* Whether the whole word that comes next is `word`; passes nothing. */
bool parser_sees_word(const struct parser *parser, const char *word);

/* What comes next, for a message: "'x'" or "the end". */
#define PARSER_FOUND_MAX 16
const char *parser_found(const struct parser *parser, char out[PARSER_FOUND_MAX]);

/* From `from` to here, without blanks at its end. */
struct bytes parser_slice(const struct parser *parser, size_t from);

/* False with a problem unless only blanks are left; says what people usually mean there. */
bool parser_expect_end(struct parser *parser);

/* Room for one more of `size` bytes in the array *items of `count`; doubles in the arena. False: no
 * memory. */
bool parser_grow(struct parser *parser, void **items, uint32_t count, uint32_t *room, size_t size);

#endif
