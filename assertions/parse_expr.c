/*
 * Values by precedence: a pipe binds least, then + and -, then * / %, then the sign. What the types
 * of a tree can be is worked out with it, so that what can never be computed is refused.
 */
#include "assertions/parse_expr.h"

#include "assertions/arithmetic.h"

/* --- nodes --- */

static bool check_size(struct parser *parser, const struct expr *node, size_t from)
{
    if (node->depth > EXPRESSION_DEPTH_MAX) {
        return parser_fail(parser, from, "the expression is nested more than %d deep",
                           EXPRESSION_DEPTH_MAX);
    }
    return node->nodes <= EXPRESSION_NODES_MAX ||
           parser_fail(parser, from, "the expression has more than %d parts", EXPRESSION_NODES_MAX);
}

struct expr *parse_node(struct parser *parser, enum expr_type type, size_t from,
                        const struct expr *const *args, uint32_t count)
{
    struct arena *arena = parser->context->arena;
    struct expr *node = arena_calloc(arena, 1, sizeof *node);
    const struct expr **copy = arena_calloc(arena, (size_t)count + 1, sizeof(*copy));
    if (node == NULL || copy == NULL) {
        parser_fail_memory(parser);
        return NULL;
    }
    *node = (struct expr){.type = type,
                          .depth = 1,
                          .nodes = 1,
                          .args = copy,
                          .arg_count = count,
                          .text = parser_slice(parser, from)};
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = args[i];
        node->depth = args[i]->depth >= node->depth ? args[i]->depth + 1 : node->depth;
        node->nodes += args[i]->nodes;
        node->nodes = node->nodes > EXPRESSION_NODES_MAX ? EXPRESSION_NODES_MAX + 1 : node->nodes;
    }
    return check_size(parser, node, from) ? node : NULL;
}

static bool give_leaf(struct parser *parser, const struct expr *leaf, size_t from,
                      const struct expr **ret)
{
    struct expr *node = parse_node(parser, leaf->type, from, NULL, 0);
    if (node == NULL) {
        return false;
    }
    struct expr made = *leaf;
    made.args = node->args;
    made.depth = made.nodes = 1;
    made.text = node->text;
    *node = made;
    *ret = node;
    return true;
}

/* --- leaves --- */

static bool give_literal(struct parser *parser, const struct literal *literal,
                         const struct expr **ret)
{
    struct expr leaf = {
        .type = EXPR_LITERAL, .types = type_bit(literal->value.type), .literal = literal->value};
    return give_leaf(parser, &leaf, literal->at, ret);
}

unsigned types_of_class(enum value_class class)
{
    switch (class) {
    case CLASS_ANY:
        return TYPES_ATTR;
    case CLASS_INT:
    case CLASS_COUNT:
        return TYPES_INT;
    case CLASS_DURATION:
        return TYPES_DURATION;
    case CLASS_TIME:
        return TYPES_TIME;
    default:
        return TYPES_TEXT;
    }
}

static bool give_term(struct parser *parser, const struct term *term, size_t from,
                      const struct expr **ret)
{
    static const enum expr_type types[] = {
        [TERM_KEY] = EXPR_KEY,
        [TERM_NAME_KEY] = EXPR_NAME_KEY,
        [TERM_COUNT] = EXPR_COUNT,
        [TERM_NAME_COUNT] = EXPR_NAME_COUNT,
        [TERM_INJECTION] = EXPR_INJECTION,
    };
    if (term->type > TERM_INJECTION) {
        return parser_fail(parser, from,
                           "what is computed over sets of spans or the whole trace stands in "
                           "conditions only");
    }
    struct expr leaf = {.type = types[term->type],
                        .types = types_of_class(class_of_term(term)),
                        .key = term->key,
                        .name = term->name,
                        .injection = *term};
    if (leaf.type == EXPR_COUNT && parser->place != PARSE_CONDITION) {
        return parser_fail(parser, from,
                           "count is the number of the selected spans: only a "
                           "condition has it; an attribute so called is attr:count");
    }
    if (leaf.type == EXPR_KEY && parser->place == PARSE_OUTPUT && !parser->inner) {
        return parser_fail(parser, from,
                           "an output is about names ($x.KEY) and the injection; there is no "
                           "selected span here");
    }
    return give_leaf(parser, &leaf, from, ret);
}

static bool is_prefix(struct bytes word)
{
    static const char *const prefixes[] = {"attr", "resource", "scope", "event", "link", "span"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (bytes_is(word, prefixes[i])) {
            return true;
        }
    }
    return false;
}

/* `count(`, which is no text. */
static bool sees_count(const struct parser *parser)
{
    struct parser ahead = *parser;
    bool count = bytes_is(parser_word(&ahead), "count");
    parser_skip_blanks(&ahead);
    return count && parser_peek(&ahead, 0) == '(';
}

/* Whether a bare word here is a value: it looks like one, or stands on the right. */
static bool sees_literal(const struct parser *parser)
{
    struct parser ahead = *parser;
    int c = parser_peek(parser, 0);
    if (c == '\'' || c == '"' || (c >= '0' && c <= '9')) {
        return true;
    }
    if (c == '-') {
        return parser_peek(parser, 1) >= '0' && parser_peek(parser, 1) <= '9';
    }
    struct bytes word = parser_word(&ahead);
    if (word.len == 0 || sees_count(parser)) {
        return false;
    }
    bool colon = parser_peek(&ahead, 0) == ':';
    if (colon && (bytes_is(word, "var") || bytes_is(word, "env"))) {
        return true;
    }
    return !colon && (parser->words || bytes_is(word, "true") || bytes_is(word, "false"));
}

bool parse_leaf(struct parser *parser, const struct expr **ret)
{
    size_t from = parser->at;
    struct literal literal;
    struct term term;
    if (parse_sees_output(parser)) {
        return parse_output(parser, ret);
    }
    if (sees_literal(parser)) {
        return parse_literal(parser, &literal) && give_literal(parser, &literal, ret);
    }
    struct parser ahead = *parser;
    struct bytes word = parser_word(&ahead);
    bool key = parser_peek(parser, 0) == '`' || sees_count(parser) ||
               (parser_peek(&ahead, 0) == ':' && is_prefix(word));
    if (parser->words && !key && parser_peek(parser, 0) != '$') {
        return parse_literal(parser, &literal) && give_literal(parser, &literal, ret);
    }
    if (parser_peek(parser, 0) == '$' && parser->place == PARSE_FILTER) {
        return parser_fail(parser, from,
                           "names ($x) stand in conditions, `when` and rules; a "
                           "selector looks at one span");
    }
    return parse_simple_term(parser, &term) && check_no_glued_minus(parser, &term) &&
           give_term(parser, &term, from, ret);
}

/* --- values --- */

bool parse_enter(struct parser *parser)
{
    return parser->depth++ < EXPRESSION_DEPTH_MAX ||
           parser_fail(parser, parser->at, "the expression is nested more than %d deep",
                       EXPRESSION_DEPTH_MAX);
}

static bool parse_unary(struct parser *parser, const struct expr **ret);

/* In parentheses: a value. */
static bool parse_parenthesis(struct parser *parser, const struct expr **ret)
{
    char found[PARSER_FOUND_MAX];
    parser_take(parser, "(");
    parser_skip_blanks(parser);
    if (!parse_enter(parser) || !parse_value(parser, ret) || !parse_single(parser, *ret)) {
        return false;
    }
    parser->depth--;
    parser_skip_blanks(parser);
    return parser_take(parser, ")") ||
           parser_fail(parser, parser->at, "')' is missing before %s", parser_found(parser, found));
}

static bool parse_negative(struct parser *parser, const struct expr **ret)
{
    char words[TYPES_WORDS_MAX];
    size_t from = parser->at;
    const struct expr *value;
    parser_take(parser, "-");
    parser_skip_blanks(parser);
    if (!parse_enter(parser) || !parse_unary(parser, &value) || !parse_single(parser, value)) {
        return false;
    }
    parser->depth--;
    unsigned types = value->types & (TYPES_NUMBER | TYPES_DURATION);
    if (types == 0) {
        return parser_fail(parser, from, "'-' takes a number or a duration; this is %s",
                           types_words(value->types, words));
    }
    struct expr *node = parse_node(parser, EXPR_NEGATE, from, &value, 1);
    if (node != NULL) {
        node->types = types;
        *ret = node;
    }
    return node != NULL;
}

static bool parse_unary(struct parser *parser, const struct expr **ret)
{
    int c = parser_peek(parser, 0);
    int next = parser_peek(parser, 1);
    struct bytes word;
    bool taken;
    if (c == '(') {
        return parse_parenthesis(parser, ret);
    }
    if (c == '-' && (next == '(' || next == '$' || next == '`' || next == ' ' || next == '\t' ||
                     next == '\n' || next == '\r')) {
        return parse_negative(parser, ret);
    }
    if (c == 'f' && (next == '\'' || next == '"')) {
        return parse_join(parser, ret);
    }
    if (!parse_across_value(parser, ret, &taken)) {
        return false;
    }
    if (taken) {
        return true;
    }
    if (parse_sees_call(parser, &word)) {
        return parse_function(parser, word, ret);
    }
    return parse_leaf(parser, ret);
}

/* The arithmetic sign that comes next, behind blanks; 0: none. `-` and `/` need blanks around them,
 * for keys may hold both. */
static int next_sign(const struct parser *parser)
{
    struct parser ahead = *parser;
    bool blank = parser_skip_blanks(&ahead);
    int c = parser_peek(&ahead, 0);
    if (c == '+' || c == '*' || c == '%') {
        return c;
    }
    if ((c != '-' && c != '/') || !blank) {
        return 0;
    }
    ahead.at++;
    return parser_skip_blanks(&ahead) ? c : 0;
}

static enum expr_type type_of_sign(int sign)
{
    switch (sign) {
    case '+':
        return EXPR_ADD;
    case '-':
        return EXPR_SUBTRACT;
    case '*':
        return EXPR_MULTIPLY;
    case '/':
        return EXPR_DIVIDE;
    default:
        return EXPR_REMAINDER;
    }
}

/* A bare word on the right of an operator, where it is a text: what was meant is a key. */
static const char *advice_for_word(const struct expr *left, const struct expr *right)
{
    const struct expr *sides[] = {left, right};
    for (size_t i = 0; i < 2; i++) {
        bool text = sides[i]->type == EXPR_LITERAL && sides[i]->literal.type == OPERAND_TEXT;
        if (text && sides[i]->text.data[0] != '\'' && sides[i]->text.data[0] != '"') {
            return "; a bare word on the right of an operator is a text, a key has its prefix "
                   "there: attr:x";
        }
    }
    return "";
}

/* LEFT sign RIGHT; the sign stands at byte `at`. */
static bool give_arithmetic(struct parser *parser, size_t from, size_t at, int sign,
                            const struct expr **left, const struct expr *right)
{
    char words[2][TYPES_WORDS_MAX];
    const struct expr *args[] = {*left, right};
    enum expr_type type = type_of_sign(sign);
    unsigned types = arithmetic_types(type, (*left)->types, right->types);
    if (!parse_single(parser, *left) || !parse_single(parser, right)) {
        return false;
    }
    if (types == 0) {
        parser->understood = true;
        return parser_fail(parser, at, "'%c' is not between %s and %s%s", sign,
                           types_words((*left)->types, words[0]),
                           types_words(right->types, words[1]), advice_for_word(*left, right));
    }
    struct expr *node = parse_node(parser, type, from, args, 2);
    if (node == NULL) {
        return false;
    }
    node->types = types;
    *left = node;
    return true;
}

/* After a first value of a sum (or, with `products`, of a product). */
static bool parse_rest(struct parser *parser, size_t from, bool products,
                       const struct expr **value);

static bool parse_product(struct parser *parser, const struct expr **ret)
{
    size_t from = parser->at;
    return parse_unary(parser, ret) && parse_rest(parser, from, true, ret);
}

static bool parse_rest(struct parser *parser, size_t from, bool products, const struct expr **value)
{
    for (;;) {
        int sign = next_sign(parser);
        bool is_product = sign == '*' || sign == '/' || sign == '%';
        const struct expr *right;
        if (sign == 0 || is_product != products) {
            return true;
        }
        parser_skip_blanks(parser);
        size_t at = parser->at++;
        parser_skip_blanks(parser);
        bool good = products ? parse_unary(parser, &right) : parse_product(parser, &right);
        if (!good || !give_arithmetic(parser, from, at, sign, value, right)) {
            return false;
        }
    }
}

bool parse_value_from(struct parser *parser, size_t from, const struct expr **value)
{
    if (!parse_rest(parser, from, true, value) || !parse_rest(parser, from, false, value)) {
        return false;
    }
    for (;;) {
        struct parser ahead = *parser;
        parser_skip_blanks(&ahead);
        if (parser_peek(&ahead, 0) != '|') {
            return true;
        }
        parser->at = ahead.at + 1;
        if (!parse_piped(parser, from, value)) {
            return false;
        }
    }
}

bool parse_value(struct parser *parser, const struct expr **ret)
{
    size_t from = parser->at;
    return parse_unary(parser, ret) && parse_value_from(parser, from, ret);
}

bool parse_sees_more(const struct parser *parser)
{
    struct parser ahead = *parser;
    parser_skip_blanks(&ahead);
    if (next_sign(parser) != 0 || parser_peek(&ahead, 0) == '|') {
        return true;
    }
    struct bytes word = parser_word(&ahead);
    bool joins = bytes_is(word, "and") || bytes_is(word, "or");
    parser_skip_blanks(&ahead);
    if (joins && parser_sees_word(&ahead, "not")) {
        parser_word(&ahead);
        parser_skip_blanks(&ahead);
    }
    return joins && parser_peek(&ahead, 0) == '(';
}

const struct expr *parse_alone(const struct parse_context *context, struct bytes text,
                               enum parse_place place)
{
    struct parser parser;
    const struct expr *value;
    if (!parser_begin(&parser, context, text, "write a value, such as $request.order.id")) {
        return NULL;
    }
    parser.place = place;
    bool good =
        parse_value(&parser, &value) && parser_expect_end(&parser) && parse_single(&parser, value);
    return good ? value : NULL;
}
