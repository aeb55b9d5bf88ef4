/* Reading whole conditions (whole.h): their terms, their statements, and the pieces of both.
 *
 * As in parse.h each function begins at parser->at and returns false after adding a problem.
 * Internal to the parsers; confined to the loading thread. */
#ifndef ASSERTD_ASSERTIONS_PARSE_WHOLE_H
#define ASSERTD_ASSERTIONS_PARSE_WHOLE_H

#include "assertions/parse.h"
#include "assertions/whole.h"

/* A term such as trace:spans or gap($a, $b). *ret_taken: false, with nothing passed, where none
 * comes next. */
bool parse_whole_term(struct parser *parser, struct term *ret, bool *ret_taken);

/* A statement such as `$a before $b`, which is a whole condition. *ret_taken as above. */
bool parse_whole_statement(struct parser *parser, struct condition *ret, bool has_select,
                           bool *ret_taken);

/* An empty one in the arena; NULL: no memory, which is told. */
struct whole *parse_whole_new(struct parser *parser, enum whole_type type);

/* Passes a word and the blanks after it, if it comes next. */
bool parse_whole_word(struct parser *parser, const char *word);

/* Passes a symbol, with blanks around it, which must come. */
bool parse_whole_symbol(struct parser *parser, const char *symbol, const char *advice);

/* One more set of spans: $x; several with commas between them. */
bool parse_whole_set(struct parser *parser, struct whole *whole);
bool parse_whole_sets(struct parser *parser, struct whole *whole);

/* A key that has one value, or an expression over such keys, without names and the injection. */
bool parse_whole_value(struct parser *parser, struct whole_value *ret);

/* What sum .. distinct read: such a value, of the selected spans, of `in $x`, or of the one name
 * whose keys it reads ($x.KEY). */
bool parse_whole_quantity(struct parser *parser, struct whole *whole);

/* Passes `span:self_time`; `$x.`, of whatever name; if it comes next. */
bool parse_whole_self_time(struct parser *parser);
bool parse_whole_skip_name(struct parser *parser);

/* What is known of it. */
enum value_class class_of_read(const struct whole_value *value);

/* digits[.digits] as number / parts. */
bool parse_whole_decimal(struct parser *parser, uint64_t *ret_number, uint64_t *ret_parts);

/* Whether two words come next; whether a key, or a service or state, comes after the word, where a
 * comparison has its operator. */
bool parse_whole_sees(const struct parser *parser, const char *first, const char *second);
bool parse_whole_sees_key(const struct parser *parser, const char *first);
bool parse_whole_sees_node(const struct parser *parser, const char *first);

/* `by KEY`, if it comes next. */
bool parse_whole_by(struct parser *parser, struct whole *whole);

/* A word that must come. */
bool parse_whole_due(struct parser *parser, const char *word);

/* What comes after `edge`, `no edge`, `edges only`; after `states`. */
bool parse_whole_edges(struct parser *parser, struct whole *whole, bool never);
bool parse_whole_states(struct parser *parser, struct whole *whole);

/* The duration after `within`. */
bool parse_whole_within(struct parser *parser, struct whole *whole);

#endif
