/* What the tests of the language share: a parse context with a few names, and the last problem.
 * Confined to its test. */
#ifndef ASSERTD_TESTS_ASSERTIONS_LANGUAGE_FIXTURE_H
#define ASSERTD_TESTS_ASSERTIONS_LANGUAGE_FIXTURE_H

#include "assertions/expression.h"
#include "config/problems.h"
#include "daemon/core/arena.h"
#include "daemon/model/span.h"
#include "tests/assertions/language_spans.h"

struct language {
    struct arena arena;
    struct expression_store store;
    struct problems problems;
    struct span_name names[3]; /* request, mail, mail-2 */
    struct parse_context context;
};

/* Ready to parse; the names' selectors are span[]. */
void language_init(struct language *language);
void language_deinit(struct language *language);

/* The last problem; fails the test if there is none. */
const struct problem *language_problem(const struct language *language);

/* What kind of expression a parser reads. */
enum expression {
    EXPRESSION_SELECTOR,
    EXPRESSION_CONDITION,
    EXPRESSION_NAMES_CONDITION,
    EXPRESSION_WHEN,
    EXPRESSION_RULE
};

/* Parses; whether it was accepted. A refusal must have added exactly one problem, an acceptance
 * none. */
bool language_accepts(struct language *language, enum expression kind, struct bytes text);

/* A row of good input. */
struct acceptance {
    enum expression kind;
    const char *text;
};

/* Fails the test, naming the row, unless each row is accepted. Each prefix of it is read as well,
 * at the end of a block of its own, so that the address sanitizer sees a read beyond it. */
void language_accepts_each(const struct acceptance *rows, size_t count);

/* A row of bad input: the byte (from 1) and a part of the message. */
struct refusal {
    enum expression kind;
    const char *text;
    int byte;
    const char *message;
};

/* Fails the test, naming the row, unless each row is refused as it says. */
void language_refuses_each(const struct refusal *rows, size_t count);

/* Whether the filter holds on the span, as `span[FILTER]` reads it; its flags. Fails the test if it
 * can't be parsed. */
bool language_filter(struct language *language, const char *filter, const struct span *span,
                     unsigned *ret_flags);

/* The truth of a condition on a key of the span, with its negations; its flags. */
enum truth language_condition(struct language *language, const char *condition,
                              const struct span *span, unsigned *ret_flags);

/* A condition, and its truth on language_span_whole. */
struct truth_row {
    const char *condition;
    enum truth truth;
};

/* Fails the test, naming the rows, unless each is so as a condition, and as a filter selects the
 * span where it is true. */
void language_check_each(const struct truth_row *rows, size_t count);

#endif
