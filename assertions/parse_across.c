/*
 * Conditions across spans inside expressions: their terms are values, and they themselves are
 * truths. What is compared with a plain value is read as where it stands by itself, for that tells
 * more: what no further span can change, and each lag for itself.
 */
#include "assertions/parse_expr.h"
#include "assertions/parse_whole.h"

#define ONE_SPAN "the value of one span stands here: its keys, nothing else"

static bool fail_selected(struct parser *parser, size_t at)
{
    parser->understood = true;
    return parser_fail(
        parser, at,
        "nothing is selected in an output or a rule; say whose spans: sum(KEY in $x), "
        "$x.span:self_time");
}

/* --- span:self_time --- */

/* At `span:self_time` or `$x.span:self_time`; *ret_key: where the key begins. */
static bool sees_self_time(const struct parser *parser, bool *ret_named, size_t *ret_key)
{
    struct parser ahead = *parser;
    *ret_named = parse_whole_skip_name(&ahead);
    *ret_key = ahead.at;
    return (*ret_named || parser_peek(parser, 0) != '$') && parse_whole_self_time(&ahead);
}

static bool give_self_time(struct parser *parser, bool named, size_t key_at,
                           const struct expr **ret)
{
    size_t from = parser->at;
    uint32_t name = 0;
    if (!named && parser->place != PARSE_CONDITION) {
        return fail_selected(parser, from);
    }
    if (named && !parse_set_name(parser, &name)) {
        return false;
    }
    parser->at = key_at;
    parse_whole_self_time(parser);
    struct expr *node = parse_node(parser, named ? EXPR_NAME_KEY : EXPR_KEY, from, NULL, 0);
    if (node == NULL) {
        return false;
    }
    node->key = (struct key){
        .space = KEY_FIELD, .field = FIELD_SELF_TIME, .name = BYTES_LITERAL("self_time")};
    node->name = name;
    node->types = TYPES_DURATION;
    *ret = node;
    return true;
}

/* --- terms, conditions --- */

static struct expr *new_across(struct parser *parser, enum expr_type type, size_t from,
                               const struct condition *condition)
{
    struct expr *node = parse_node(parser, type, from, NULL, 0);
    if (node != NULL) {
        node->across = condition;
        node->place = parser->across++;
    }
    return node;
}

static struct condition *new_condition(struct parser *parser)
{
    struct condition *condition = arena_calloc(parser->context->arena, 1, sizeof *condition);
    if (condition == NULL) {
        parser_fail_memory(parser);
        return NULL;
    }
    condition->op = OP_EXISTS;
    condition->right = (struct term){.type = TERM_LITERAL, .literal = OPERAND_NONE};
    return condition;
}

/* Blanks behind a term are the sign's that may follow. */
static void give_back_blanks(struct parser *parser)
{
    while (parser->at > 0 && strchr(" \t\r\n", parser->text.data[parser->at - 1]) != NULL) {
        parser->at--;
    }
}

static bool give_term(struct parser *parser, size_t from, struct condition *condition,
                      const struct expr **ret)
{
    const struct whole *whole = condition->left.whole;
    give_back_blanks(parser);
    if (parser->place != PARSE_CONDITION && whole_reads_selected(whole)) {
        return fail_selected(parser, from);
    }
    struct expr *node = new_across(parser, EXPR_ACROSS, from, condition);
    if (node == NULL) {
        return false;
    }
    node->types = whole->type == WHOLE_CRITICAL ||
                          (class_of_whole(whole) != CLASS_DURATION && whole->value.text.len != 0 &&
                           whole->type != WHOLE_DISTINCT)
                      ? TYPES_NUMBER
                      : types_of_class(class_of_whole(whole));
    *ret = node;
    return true;
}

bool parse_across_value(struct parser *parser, const struct expr **ret, bool *ret_taken)
{
    size_t from = parser->at;
    bool named;
    size_t key_at;
    *ret_taken = false;
    if (parser->place == PARSE_FILTER) {
        return true;
    }
    if (sees_self_time(parser, &named, &key_at)) {
        *ret_taken = !parser->inner;
        return parser->inner ? parser_fail(parser, from, ONE_SPAN)
                             : give_self_time(parser, named, key_at, ret);
    }
    struct condition *condition = new_condition(parser);
    bool words = parser->words;
    parser->words = false;
    if (condition == NULL || !parse_whole_term(parser, &condition->left, ret_taken)) {
        *ret_taken = false;
        return false;
    }
    parser->words = words;
    if (!*ret_taken) {
        return true;
    }
    *ret_taken = !parser->inner;
    return parser->inner ? parser_fail(parser, from, ONE_SPAN)
                         : give_term(parser, from, condition, ret);
}

/* Whether the parenthesis closes, or the text ends. */
static bool sees_end(const struct parser *parser)
{
    struct parser ahead = *parser;
    parser_skip_blanks(&ahead);
    return parser_peek(&ahead, 0) < 0 || parser_peek(&ahead, 0) == ')';
}

/* TERM OP VALUE and nothing behind it. */
static bool parse_plain(struct parser *parser, struct condition *condition, bool *ret_taken)
{
    struct comparison comparison;
    size_t from = parser->at;
    if (!parse_whole_term(parser, &condition->left, ret_taken)) {
        return false;
    }
    if (!*ret_taken || condition->left.whole->type == WHOLE_SELF_TIME) {
        return false;
    }
    struct bytes left = parser_slice(parser, from);
    if (!parse_comparison(parser, class_of_whole(condition->left.whole), left, &comparison) ||
        comparison.op == OP_EXISTS || comparison.op == OP_MISSING) {
        return false;
    }
    condition->op = comparison.op;
    condition->right = (struct term){.type = TERM_LITERAL, .literal = comparison.literal.value};
    condition->regex = comparison.regex;
    return sees_end(parser);
}

/* The same; what it is not may be the beginning of another comparison. */
static bool try_plain(struct parser *parser, struct condition *condition)
{
    struct attempt attempt;
    bool taken = false;
    attempt_begin(&attempt, parser);
    bool good = parse_plain(parser, condition, &taken) && taken;
    attempt_end(&attempt, parser, !good);
    attempt_deinit(&attempt);
    return good;
}

bool parse_across_truth(struct parser *parser, const struct expr **ret, bool *ret_taken)
{
    size_t from = parser->at;
    *ret_taken = false;
    if (parser->place != PARSE_CONDITION || parser->inner) {
        return true;
    }
    struct condition *condition = new_condition(parser);
    if (condition == NULL || !parse_whole_statement(parser, condition, true, ret_taken)) {
        *ret_taken = false;
        return false;
    }
    if (!*ret_taken && !try_plain(parser, condition)) {
        return !parser->context->store->no_memory;
    }
    give_back_blanks(parser);
    *ret = new_across(parser, EXPR_ACROSS_TRUTH, from, condition);
    *ret_taken = *ret != NULL;
    return *ret_taken;
}
