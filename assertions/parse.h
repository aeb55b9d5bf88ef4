/* The pieces that the parsers of selectors, conditions and rules are made of: keys, values,
 * comparisons, terms.
 *
 * Each parse_ function begins at parser->at, passes what it has read, and returns false after
 * adding a problem. Internal to the parsers; confined to the loading thread. */
#ifndef ASSERTD_ASSERTIONS_PARSE_H
#define ASSERTD_ASSERTIONS_PARSE_H

#include "assertions/expression.h"
#include "assertions/lexer.h"

/* A key with its prefix, if any: `name`, `attr:x`, `resource:`a b``. */
bool parse_key(struct parser *parser, struct key *ret);

/* A key in back quotes or bare, without looking for a prefix. */
bool parse_plain_key(struct parser *parser, struct bytes *ret, bool *ret_quoted);

/* A value: text, number, percentage, duration, true, false. */
struct literal {
    struct operand value;
    size_t at; /* its first byte */
    bool quoted;
};
bool parse_literal(struct parser *parser, struct literal *ret);

/* Whether `var:` or `env:` comes next, which are read by parse_literal as the values that they
 * stand for; reads one. */
bool parse_sees_variable(const struct parser *parser);
bool parse_variable(struct parser *parser, struct literal *ret);

/* Passes one byte of a quoted text, or an escape; what it stands for. */
uint8_t literal_next_byte(struct parser *parser);

/* Where byte `decoded` of a quoted text stands in the expression. */
size_t literal_byte(const struct parser *parser, const struct literal *literal, size_t decoded);

/* What is known of the left side of a comparison before any span is seen. */
enum value_class {
    CLASS_ANY,  /* an attribute: any type */
    CLASS_TEXT, /* name, service, a label */
    CLASS_KIND,
    CLASS_STATUS,
    CLASS_TYPE,
    CLASS_INT, /* $injection.status, $injection.iteration */
    CLASS_COUNT,
    CLASS_DURATION,
    CLASS_TIME,
    CLASS_LIMIT, /* of a rule, which checks its number itself */
};
enum value_class class_of_key(const struct key *key);
enum value_class class_of_term(const struct term *term);
enum value_class class_of_whole(const struct whole *whole);

/* The right part of a comparison. */
struct comparison {
    enum compare_op op;
    size_t op_at;
    struct literal literal; /* none for exists, missing */
    const struct regex *regex;
};

/* Most values of a list. */
#define LIST_VALUES_MAX 256u

/* Operator and value, or list of values, after a left side of `class`, written as `left`; refuses
 * what can never be compared. */
bool parse_comparison(struct parser *parser, enum value_class class, struct bytes left,
                      struct comparison *ret);

/* Refuses what is known at load to be incomparable (SEMANTICS 2). */
bool check_comparable(struct parser *parser, enum value_class class, struct bytes left,
                      const struct comparison *comparison);

/* The operator alone, and the pattern of =~ after its text is read. */
bool parse_operator(struct parser *parser, struct bytes left, struct comparison *ret);
bool parse_pattern(struct parser *parser, struct comparison *ret);

/* KEY OP LITERAL, not (FILTER FILTER ...), or an expression. */
bool parse_filter(struct parser *parser, struct filter *ret);

/* Passes `not (` if it comes next; *ret_negated tells. False: nested too deeply. The caller passes
 * the `)`. */
bool parse_not(struct parser *parser, bool *ret_negated);
bool parse_not_end(struct parser *parser);

/* `$x`: a name of the suite, alone. */
bool parse_span_name(struct parser *parser, uint32_t *ret);

/* KEY, $x.KEY, count, count($x), $injection.KEY, or the difference of two times. */
bool parse_term(struct parser *parser, struct term *ret);

/* $x: a name of the suite's `spans`, without a key. */
bool parse_set_name(struct parser *parser, uint32_t *ret);

/* A condition on the keys of one span, inside another condition; NULL: a problem was added. */
const struct condition *parse_one_condition(struct parser *parser);
/* The same but for the difference. */
bool parse_simple_term(struct parser *parser, struct term *ret);

/* Refuses `$a.start-$b.end`, where the minus belongs to the key. */
bool check_no_glued_minus(struct parser *parser, const struct term *term);

/* Whether a selector comes next: `span` and `[`. */
bool parse_sees_selector(const struct parser *parser);

/* Numbers a filter: equal ones get the same number. The filter must stay where it is. */
bool number_filter(struct parser *parser, struct filter *filter);

/* Numbers a selector whose filters are numbered: the same. */
bool number_selector(struct parser *parser, struct selector *selector);

#endif
