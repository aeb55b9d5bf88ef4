/* Reading expressions: values with arithmetic and functions, and truths made of them. Internal to
 * the parsers; confined to the loading thread. */
#ifndef ASSERTD_ASSERTIONS_PARSE_EXPR_H
#define ASSERTD_ASSERTIONS_PARSE_EXPR_H

#include "assertions/expr.h"
#include "assertions/parse.h"

/* A value: sums, products, calls, pipes. parser->words: a bare word is a text and no key. */
bool parse_value(struct parser *parser, const struct expr **ret);

/* A comparison of values, or (C) and (C), (C) or (C), not (C). */
bool parse_truth(struct parser *parser, const struct expr **ret);

/* A value that stands alone. NULL after a problem. */
const struct expr *parse_alone(const struct parse_context *context, struct bytes text,
                               enum parse_place place);

/* Whether what comes next can only go on with the expression before it: an arithmetic sign, a pipe,
 * or `and`, `or` before a parenthesis. */
bool parse_sees_more(const struct parser *parser);

/* The rest of a value that begins with this one, at byte `from`. */
bool parse_value_from(struct parser *parser, size_t from, const struct expr **value);

/* A value without signs and parentheses: a literal, a key, a name's key, a count. */
bool parse_leaf(struct parser *parser, const struct expr **ret);

/* Whether `word(` comes next, which is a call; reads it. */
bool parse_sees_call(const struct parser *parser, struct bytes *ret_word);
bool parse_function(struct parser *parser, struct bytes word, const struct expr **ret);
/* Tells at parser->at that there is no function of that name. Returns false. */
bool fail_unknown_function(struct parser *parser, struct bytes word);

/* `| function args`, after the sign; *value began at byte `from` and becomes the call's. */
bool parse_piped(struct parser *parser, size_t from, const struct expr **value);

/* Whether `output:` comes next; reads it. */
bool parse_sees_output(const struct parser *parser);
bool parse_output(struct parser *parser, const struct expr **ret);

/* One level deeper; the caller takes it back from parser->depth. False: too deep. */
bool parse_enter(struct parser *parser);

/* Refuses event: and link: keys, which have many values. */
bool parse_single(struct parser *parser, const struct expr *value);

/* A term across spans or the trace, or span:self_time ($x.span:self_time), as a value; a condition
 * across spans as a truth. Conditions have them. *ret_taken: false, with nothing passed, where none
 * comes next. */
bool parse_across_value(struct parser *parser, const struct expr **ret, bool *ret_taken);
bool parse_across_truth(struct parser *parser, const struct expr **ret, bool *ret_taken);

/* What a value of this class may be. */
unsigned types_of_class(enum value_class class);

/* f'...' */
bool parse_join(struct parser *parser, const struct expr **ret);

/* Compiles the pattern or path of a call. */
bool parse_second(struct parser *parser, struct expr *call);

/* The pieces: a node over arguments (copied), whose text begins at byte `from`; NULL after a
 * problem. */
struct expr *parse_node(struct parser *parser, enum expr_type type, size_t from,
                        const struct expr *const *args, uint32_t count);

/* A call of the function whose arguments are read; refuses wrong numbers and types. */
bool parse_call(struct parser *parser, const struct function *function, size_t from,
                const struct expr *const *args, uint32_t count, const struct expr **ret);

/* "a number or a text", for messages. */
#define TYPES_WORDS_MAX 96
const char *types_words(unsigned types, char out[TYPES_WORDS_MAX]);

/* Whether values of these types can be compared at all. */
bool types_compare(enum compare_op op, unsigned left, unsigned right);

#endif
