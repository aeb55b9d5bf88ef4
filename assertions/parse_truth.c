/*
 * Truths: comparisons of values, and groups of them in parentheses. A parenthesis may hold either,
 * so what it held is told when it closes.
 */
#include <errno.h>

#include "assertions/functions.h"
#include "assertions/json_path.h"
#include "assertions/json_value.h"
#include "assertions/parse_expr.h"
#include "assertions/regex.h"

static bool is_truth(const struct expr *expr)
{
    return expr->types == 0;
}

/* --- comparisons --- */

static size_t byte_in_text(const struct parser *parser, const struct expr *expr)
{
    return (size_t)(expr->text.data - parser->text.data);
}

static bool is_many(const struct expr *value)
{
    return (value->type == EXPR_KEY || value->type == EXPR_NAME_KEY) &&
           (value->key.space == KEY_EVENT || value->key.space == KEY_LINK);
}

static enum value_class class_of_leaf(const struct expr *value)
{
    switch (value->type) {
    case EXPR_COUNT:
    case EXPR_NAME_COUNT:
        return CLASS_COUNT;
    case EXPR_INJECTION:
        return class_of_term(&value->injection);
    case EXPR_ACROSS:
        return class_of_whole(value->across->left.whole);
    default:
        return class_of_key(&value->key);
    }
}

static bool is_plain(const struct expr *value)
{
    return (value->type >= EXPR_KEY && value->type <= EXPR_INJECTION) ||
           value->type == EXPR_ACROSS;
}

/* What is known of a left side that a literal is compared with. CLASS_ANY: nothing. */
static enum value_class class_of_left(const struct expr *left)
{
    if (is_plain(left)) {
        return class_of_leaf(left);
    }
    if (left->type == EXPR_LITERAL) {
        return CLASS_ANY;
    }
    if (left->types == TYPES_DURATION) {
        return CLASS_DURATION;
    }
    bool number = left->types != 0 && (left->types & ~(unsigned)TYPES_NUMBER) == 0;
    return number ? CLASS_INT : CLASS_ANY;
}

static bool is_bare_word(const struct expr *right)
{
    return right->type == EXPR_LITERAL && right->literal.type == OPERAND_TEXT &&
           right->text.len != 0 && right->text.data[0] != '\'' && right->text.data[0] != '"';
}

/* What can never be compared; with a literal on the right as everywhere. */
static bool check_sides(struct parser *parser, const struct expr *left, const struct expr *right,
                        struct comparison *comparison)
{
    char words[2][TYPES_WORDS_MAX];
    enum value_class class = class_of_left(left);
    if (right == NULL) {
        return !is_plain(left) || check_comparable(parser, class, left->text, comparison);
    }
    if (right->type == EXPR_LITERAL && comparison->op != OP_JSON_CONTAINS &&
        (is_plain(left) || class != CLASS_ANY)) {
        comparison->literal =
            (struct literal){.value = right->literal, .at = byte_in_text(parser, right)};
        return check_comparable(parser, class, left->text, comparison);
    }
    return types_compare(comparison->op, left->types, right->types) ||
           parser_fail(parser, comparison->op_at, "'%s' can't compare %s with %s%s",
                       compare_op_text(comparison->op), types_words(left->types, words[0]),
                       types_words(right->types, words[1]),
                       is_bare_word(right) ? "; a bare word on the right is a text, a key has its "
                                             "prefix there: span:duration"
                                           : "");
}

static bool parse_right(struct parser *parser, const struct expr **ret)
{
    bool words = parser->words;
    parser->words = true;
    parser_skip_blanks(parser);
    bool good = parse_value(parser, ret);
    parser->words = words;
    return good;
}

/* A pattern is a text written there, so that it is compiled once. */
static bool take_pattern(struct parser *parser, const struct expr *right,
                         struct comparison *comparison)
{
    size_t at = byte_in_text(parser, right);
    int quote = parser->text.data[at];
    if (right->type != EXPR_LITERAL) {
        return parser_fail(parser, at,
                           "a regular expression is written there, in quotes, such as "
                           "'^GET /'");
    }
    comparison->literal = (struct literal){
        .value = right->literal, .at = at, .quoted = quote == '\'' || quote == '"'};
    return parse_pattern(parser, comparison);
}

static bool take_json(struct parser *parser, const struct expr *right)
{
    struct value value;
    if (right->type != EXPR_LITERAL || right->literal.type != OPERAND_TEXT) {
        return true;
    }
    enum trouble trouble = json_value_read(right->literal.bytes, parser->context->arena, &value);
    if (trouble == TROUBLE_MEMORY) {
        return parser_fail_memory(parser);
    }
    return trouble == TROUBLE_NONE ||
           parser_fail(parser, byte_in_text(parser, right),
                       "the text is no JSON; write such as '{\"id\": 5}'");
}

/* The right side, as the operator needs it. */
static bool parse_against(struct parser *parser, const struct expr *left,
                          struct comparison *comparison, const struct expr **ret)
{
    enum compare_op op = comparison->op;
    *ret = NULL;
    if (op == OP_EXISTS || op == OP_MISSING) {
        if (left->type == EXPR_ACROSS) {
            return parser_fail(parser, comparison->op_at,
                               "'%s' is about one key; what is computed can't be missing",
                               compare_op_text(op));
        }
        return check_sides(parser, left, NULL, comparison);
    }
    if (!parse_right(parser, ret) || !check_sides(parser, left, *ret, comparison)) {
        return false;
    }
    if (is_many(*ret)) {
        return parser_fail(parser, byte_in_text(parser, *ret),
                           "event: and link: keys have several values: they stand alone on the "
                           "left of an operator, with a plain value on its right");
    }
    if (op == OP_MATCHES || op == OP_NOT_MATCHES) {
        return take_pattern(parser, *ret, comparison);
    }
    return op != OP_JSON_CONTAINS || take_json(parser, *ret);
}

/* Whether the words come next, apart by blanks; passes them. */
static bool take_words(struct parser *parser, const char *first, const char *second)
{
    struct parser ahead = *parser;
    if (!parser_sees_word(&ahead, first)) {
        return false;
    }
    parser_word(&ahead);
    if (second != NULL) {
        parser_skip_blanks(&ahead);
        if (!parser_sees_word(&ahead, second)) {
            return false;
        }
        parser_word(&ahead);
    }
    *parser = ahead;
    return true;
}

static bool parse_json_contains(struct parser *parser, struct comparison *comparison,
                                bool *ret_negated)
{
    comparison->op_at = parser->at;
    *ret_negated = take_words(parser, "not", "json-contains");
    if (!*ret_negated && !take_words(parser, "json-contains", NULL)) {
        return false;
    }
    comparison->op = OP_JSON_CONTAINS;
    return true;
}

static bool is_list(enum compare_op op)
{
    return op == OP_IN || op == OP_NOT_IN;
}

/* `(a, b)` behind `in`. */
static bool parse_list_values(struct parser *parser, const struct expr *left,
                              const struct comparison *comparison, const struct expr ***args,
                              uint32_t *count)
{
    struct comparison equal = {.op = OP_EQUAL, .op_at = comparison->op_at};
    char found[PARSER_FOUND_MAX];
    uint32_t room = *count;
    bool more = true;
    parser_skip_blanks(parser);
    if (!parser_take(parser, "(")) {
        return parser_fail(parser, parser->at, "'(' is missing before %s; write in (a, b)",
                           parser_found(parser, found));
    }
    while (more) {
        if (!parser_grow(parser, (void **)args, *count, &room, sizeof **args) ||
            !parse_against(parser, left, &equal, &(*args)[(*count)++])) {
            return false;
        }
        parser_skip_blanks(parser);
        more = parser_take(parser, ",");
        if (*count > LIST_VALUES_MAX + 1) {
            return parser_fail(parser, parser->at, "a list has at most %u values", LIST_VALUES_MAX);
        }
    }
    return parser_take(parser, ")") ||
           parser_fail(parser, parser->at, "',' or ')' is missing before %s",
                       parser_found(parser, found));
}

/* An event: or link: key: a plain comparison. */
static bool parse_test(struct parser *parser, size_t from, const struct expr **value)
{
    struct comparison comparison;
    if (!parse_comparison(parser, CLASS_ANY, (*value)->text, &comparison)) {
        return false;
    }
    struct expr *node = parse_node(parser, EXPR_TEST, from, value, 1);
    if (node == NULL) {
        return false;
    }
    node->op = comparison.op;
    node->regex = comparison.regex;
    node->literal = comparison.literal.value;
    *value = node;
    return true;
}

/* A word in quotes on the left is more likely meant as a key; what the configuration gives is
 * another matter. */
static bool check_reads(struct parser *parser, const struct expr *const *args, uint32_t count)
{
    bool reads = false;
    for (uint32_t i = 0; i < count; i++) {
        reads |= args[i]->type != EXPR_LITERAL ||
                 bytes_start_with(args[i]->text, BYTES_LITERAL("var:")) ||
                 bytes_start_with(args[i]->text, BYTES_LITERAL("env:"));
    }
    return reads || parser_fail(parser, byte_in_text(parser, args[0]),
                                "both sides are plain values; a key stands without quotes, or in "
                                "back quotes: `a b`");
}

/* Operator and right side after a value. */
static bool parse_compared(struct parser *parser, size_t from, const struct expr **value)
{
    struct comparison comparison = {.op = OP_EXISTS};
    const struct expr **args = NULL;
    uint32_t count = 1;
    uint32_t room = 0;
    bool negated;
    if (is_many(*value)) {
        return parse_test(parser, from, value);
    }
    if (!parser_grow(parser, (void **)&args, 0, &room, sizeof *args)) {
        return false;
    }
    args[0] = *value;
    parser_skip_blanks(parser);
    if (!parse_json_contains(parser, &comparison, &negated) &&
        !parse_operator(parser, args[0]->text, &comparison)) {
        return false;
    }
    bool list = is_list(comparison.op);
    bool good = list ? parse_list_values(parser, args[0], &comparison, &args, &count)
                     : parse_against(parser, args[0], &comparison, &args[1]);
    if (!good) {
        return false;
    }
    count = !list && args[1] != NULL ? 2 : count;
    if (!check_reads(parser, args, count)) {
        return false;
    }
    struct expr *node = parse_node(parser, list ? EXPR_IN : EXPR_COMPARE, from, args, count);
    if (node == NULL) {
        return false;
    }
    node->op = comparison.op;
    node->regex = comparison.regex;
    node->negated = negated || comparison.op == OP_NOT_IN;
    *value = node;
    return true;
}

/* --- groups --- */

/* A truth or a value; *ret_grouped: it is a truth in parentheses, which may stand beside `and`,
 * `or`. */
static bool parse_any(struct parser *parser, const struct expr **ret, bool *ret_grouped);

static bool close_group(struct parser *parser)
{
    char found[PARSER_FOUND_MAX];
    parser->depth--;
    parser_skip_blanks(parser);
    return parser_take(parser, ")") ||
           parser_fail(parser, parser->at, "')' is missing before %s", parser_found(parser, found));
}

static bool fail_value(struct parser *parser, const struct expr *value)
{
    char found[PARSER_FOUND_MAX];
    parser_skip_blanks(parser);
    return parser_fail(parser, parser->at,
                       "an operator is missing after '%.*s', before %s; the operators are = != < "
                       "<= > >= contains =~ !~ in json-contains exists missing",
                       (int)(value->text.len < 80 ? value->text.len : 80),
                       (const char *)value->text.data, parser_found(parser, found));
}

/* After `not (`. */
static bool parse_negated_group(struct parser *parser, size_t from, const struct expr **ret)
{
    const struct expr *inner;
    if (!parse_truth(parser, &inner) || !close_group(parser)) {
        return false;
    }
    struct expr *node = parse_node(parser, EXPR_NOT, from, &inner, 1);
    *ret = node;
    return node != NULL;
}

/* After `(`: a truth, or a value with which a comparison begins. */
static bool parse_group(struct parser *parser, size_t from, const struct expr **ret,
                        bool *ret_grouped)
{
    bool inner_grouped;
    if (!parse_any(parser, ret, &inner_grouped) || !close_group(parser)) {
        return false;
    }
    *ret_grouped = is_truth(*ret);
    return *ret_grouped || parse_value_from(parser, from, ret);
}

/* A comparison, where an operator follows the value. */
static bool parse_comparing_value(struct parser *parser, size_t from, const struct expr **value)
{
    struct parser ahead = *parser;
    parser_skip_blanks(&ahead);
    int c = parser_peek(&ahead, 0);
    if (c == ')' && parser->depth > 0) {
        return true;
    }
    return parse_compared(parser, from, value);
}

static bool parse_one(struct parser *parser, const struct expr **ret, bool *ret_grouped)
{
    size_t from = parser->at;
    bool negated;
    bool taken;
    *ret_grouped = false;
    if (!parse_across_truth(parser, ret, &taken)) {
        return false;
    }
    if (taken) {
        return true;
    }
    if (!parse_not(parser, &negated)) {
        return false;
    }
    if (negated) {
        *ret_grouped = true;
        return parse_negated_group(parser, from, ret);
    }
    if (parser_peek(parser, 0) == '(') {
        parser->at++;
        parser_skip_blanks(parser);
        if (parser->depth++ >= EXPRESSION_DEPTH_MAX) {
            return parser_fail(parser, from, "the expression is nested more than %d deep",
                               EXPRESSION_DEPTH_MAX);
        }
        if (!parse_group(parser, from, ret, ret_grouped)) {
            return false;
        }
        return *ret_grouped || parse_comparing_value(parser, from, ret);
    }
    return parse_value(parser, ret) && parse_comparing_value(parser, from, ret);
}

/* `and` or `or` behind blanks; EXPR_LITERAL: neither. */
static enum expr_type next_join(const struct parser *parser)
{
    struct parser ahead = *parser;
    parser_skip_blanks(&ahead);
    return parser_sees_word(&ahead, "and")  ? EXPR_AND
           : parser_sees_word(&ahead, "or") ? EXPR_OR
                                            : EXPR_LITERAL;
}

static bool fail_join(struct parser *parser, size_t at)
{
    return parser_fail(parser, at,
                       "each side of `and`, `or` stands in parentheses: (C) and (C); where both "
                       "are mixed, so does each group: ((C) and (C)) or (C)");
}

/* What follows a group: further groups of the same join. */
static bool parse_joined(struct parser *parser, size_t from, const struct expr **ret)
{
    enum expr_type join = next_join(parser);
    const struct expr **parts = NULL;
    uint32_t room = 0;
    uint32_t count = 0;
    if (!parser_grow(parser, (void **)&parts, count, &room, sizeof *parts)) {
        return false;
    }
    parts[count++] = *ret;
    while (next_join(parser) == join) {
        bool grouped;
        parser_skip_blanks(parser);
        parser_word(parser);
        parser_skip_blanks(parser);
        size_t at = parser->at;
        if (!parser_grow(parser, (void **)&parts, count, &room, sizeof *parts) ||
            !parse_one(parser, &parts[count++], &grouped)) {
            return false;
        }
        if (!grouped) {
            return fail_join(parser, at);
        }
    }
    if (next_join(parser) != EXPR_LITERAL) {
        parser_skip_blanks(parser);
        return fail_join(parser, parser->at);
    }
    struct expr *node = parse_node(parser, join, from, parts, count);
    *ret = node;
    return node != NULL;
}

static bool parse_any(struct parser *parser, const struct expr **ret, bool *ret_grouped)
{
    size_t from = parser->at;
    if (!parse_one(parser, ret, ret_grouped)) {
        return false;
    }
    if (!is_truth(*ret) || next_join(parser) == EXPR_LITERAL) {
        return true;
    }
    if (!*ret_grouped) {
        /* In a selector `and` may be the key of the next filter. */
        return parser->place == PARSE_FILTER || fail_join(parser, from);
    }
    if (parser->place == PARSE_FILTER && !parse_sees_more(parser)) {
        return true;
    }
    *ret_grouped = false;
    return parse_joined(parser, from, ret);
}

bool parse_truth(struct parser *parser, const struct expr **ret)
{
    bool grouped;
    if (!parse_any(parser, ret, &grouped)) {
        return false;
    }
    return is_truth(*ret) || fail_value(parser, *ret);
}
