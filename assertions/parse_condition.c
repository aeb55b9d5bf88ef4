/*
 * Conditions, and `when`, which is one of them or a selector.
 */
#include <string.h>

#include "assertions/evaluate.h"
#include "assertions/habits.h"
#include "assertions/parse_expr.h"
#include "assertions/parse_whole.h"

#define IF_EMPTY "write KEY OP VALUE, such as duration < 50ms"
#define WITHOUT_SELECT                                                                             \
    "without `select` a condition is about names ($x.KEY, count($x)) or the injection "            \
    "($injection.KEY)"
#define ONCE "%s goes over the keys of the selected spans; this is judged once"

/* `all:`, `any:`, `none:`. */
static void parse_quantifier(struct parser *parser, struct condition *condition)
{
    static const struct {
        const char *word;
        enum quantifier quantifier;
    } quantifiers[] = {{"all", QUANTIFIER_ALL}, {"any", QUANTIFIER_ANY}, {"none", QUANTIFIER_NONE}};
    struct parser ahead = *parser;
    struct bytes word = parser_word(&ahead);
    parser_skip_blanks(&ahead);
    if (!parser_take(&ahead, ":")) {
        return;
    }
    for (size_t i = 0; i < sizeof quantifiers / sizeof quantifiers[0]; i++) {
        if (bytes_is(word, quantifiers[i].word)) {
            condition->quantifier = quantifiers[i].quantifier;
            parser_skip_blanks(&ahead);
            *parser = ahead;
            return;
        }
    }
}

/* Whether it reads the spans that the assertion selects. */
static bool reads_selected(const struct term *term)
{
    return term->type == TERM_KEY || term->type == TERM_COUNT ||
           (term->type == TERM_WHOLE && whole_reads_selected(term->whole));
}

/* Whether it is judged on each of them. */
static bool is_of_each(const struct term *term)
{
    return term->type == TERM_KEY ||
           (term->type == TERM_WHOLE && term->whole->type == WHOLE_SELF_TIME);
}

static bool is_name(const struct parser *parser, struct bytes name)
{
    const struct parse_context *context = parser->context;
    for (uint32_t i = 0; i < context->name_count; i++) {
        if (bytes_equal(context->names[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* The word there may be the name of spans. */
static bool fail_unselected(struct parser *parser, size_t at)
{
    struct parser ahead = *parser;
    ahead.at = at;
    struct bytes key = parser_word(&ahead);
    bool call = parser_peek(&ahead, 0) == '(' && habit_of_function(key) != NULL;
    const char *meant = habit_of_unselected(key);
    const uint8_t *point = key.len != 0 ? memchr(key.data, '.', key.len) : NULL;
    struct bytes name = bytes_from(key.data, point != NULL ? (size_t)(point - key.data) : 0);
    if (point != NULL && is_name(parser, name)) {
        return parser_fail(parser, at, WITHOUT_SELECT "; did you mean $%.*s?", (int)key.len,
                           (const char *)key.data);
    }
    return parser_fail(parser, at, WITHOUT_SELECT "%s%s", call ? "; " : "",
                       call            ? habit_of_function(key)
                       : meant != NULL ? meant
                                       : "");
}

static bool check_reads(struct parser *parser, size_t at, const struct condition *condition,
                        bool has_select)
{
    if (!has_select && reads_selected(&condition->left)) {
        return fail_unselected(parser, at);
    }
    if (condition->quantifier != QUANTIFIER_ALL && !is_of_each(&condition->left)) {
        return parser_fail(parser, at, ONCE,
                           condition->quantifier == QUANTIFIER_ANY ? "any:" : "none:");
    }
    return true;
}

/* Term, operator and value. */
static bool parse_comparing(struct parser *parser, struct condition *condition, bool has_select)
{
    size_t at = parser->at;
    struct comparison comparison;
    if (!parse_term(parser, &condition->left) || !check_reads(parser, at, condition, has_select)) {
        return false;
    }
    size_t end = parser->at;
    struct bytes left = bytes_from(parser->text.data + at, end - at);
    if (!parse_comparison(parser, class_of_term(&condition->left), left, &comparison)) {
        return false;
    }
    bool presence = comparison.op == OP_EXISTS || comparison.op == OP_MISSING;
    if (presence &&
        (condition->left.type == TERM_DIFFERENCE || condition->left.type == TERM_WHOLE)) {
        return parser_fail(parser, comparison.op_at, "'%s' is about one key; %s can't be missing",
                           compare_op_text(comparison.op),
                           condition->left.type == TERM_WHOLE ? "what is computed"
                                                              : "a difference");
    }
    condition->op = comparison.op;
    condition->right = (struct term){.type = TERM_LITERAL, .literal = comparison.literal.value};
    condition->regex = comparison.regex;
    condition->reads_span = condition->left.type == TERM_KEY;
    return true;
}

static bool parse_negated(struct parser *parser, struct condition *condition, bool has_select)
{
    bool negated = true;
    for (;;) {
        if (!parse_not(parser, &negated)) {
            return false;
        }
        if (!negated) {
            break;
        }
        condition->negations++;
    }
    if (!parse_comparing(parser, condition, has_select)) {
        return false;
    }
    for (uint32_t i = 0; i < condition->negations; i++) {
        if (!parse_not_end(parser)) {
            return false;
        }
    }
    return true;
}

static bool across_selected(const struct expr_reads *reads)
{
    bool selected = false;
    for (uint32_t i = 0; i < reads->across_count; i++) {
        selected |= whole_reads_selected(reads->across[i]->left.whole);
    }
    return selected;
}

static bool check_expression(struct parser *parser, size_t at, const struct condition *condition,
                             bool has_select)
{
    const struct expr_reads *reads = condition->reads;
    parser->understood = true;
    if (!has_select && (reads->span || reads->selected || across_selected(reads))) {
        return fail_unselected(parser, at);
    }
    return condition->quantifier == QUANTIFIER_ALL || reads->span ||
           parser_fail(parser, at, ONCE,
                       condition->quantifier == QUANTIFIER_ANY ? "any:" : "none:");
}

/* Where it reads one span only it is judged when that span arrives, as a plain condition is. */
static enum term_type type_of_reads(const struct expr_reads *reads)
{
    bool apart = reads->injection || reads->selected || expr_reads_across(reads);
    if (reads->span && reads->name_count == 0 && !apart) {
        return TERM_KEY;
    }
    bool one_name = reads->name_count == 1 && !reads->numbers && !reads->span && !apart;
    return one_name ? TERM_NAME_KEY : TERM_EXPRESSION;
}

/* A time of a name or of the record. */
static bool is_time(const struct expr *expr)
{
    return expr->types == TYPES_TIME &&
           (expr->type == EXPR_NAME_KEY || expr->type == EXPR_INJECTION);
}

/* Two such times that are compared: `$a.start < $b.start`, or `$a.start - $b.start < LIMIT` with a
 * limit that reads nothing. */
static bool is_difference(const struct expr *test, const struct expr **ret_left,
                          const struct expr **ret_right)
{
    if (test->type != EXPR_COMPARE || test->op > OP_GREATER_EQUAL) {
        return false;
    }
    bool limited = test->args[0]->type == EXPR_SUBTRACT && test->args[1]->types == TYPES_DURATION;
    const struct expr *const *times = limited ? test->args[0]->args : test->args;
    *ret_left = times[0];
    *ret_right = times[1];
    return is_time(times[0]) && is_time(times[1]) &&
           (times[0]->type == EXPR_NAME_KEY || times[1]->type == EXPR_NAME_KEY);
}

static struct term term_of_time(const struct expr *time)
{
    return time->type == EXPR_INJECTION
               ? time->injection
               : (struct term){.type = TERM_NAME_KEY, .key = time->key, .name = time->name};
}

/* The limit of a difference: 0s where two times are compared. False: it reads something, or can't
 * be computed. */
static bool find_limit(struct parser *parser, const struct expr *test, struct operand *ret)
{
    struct expr_reads reads;
    struct evaluation evaluation = {.scratch = parser->context->arena};
    *ret = (struct operand){.type = OPERAND_DURATION, .ns = 0};
    if (test->args[0]->type != EXPR_SUBTRACT) {
        return true;
    }
    if (expr_reads(test->args[1], parser->context->arena, &reads) != 0 || reads.injection ||
        reads.name_count != 0 || reads.span || reads.selected || expr_reads_across(&reads)) {
        return false;
    }
    struct evaluated limit = evaluate_value(&evaluation, test->args[1]);
    *ret = limit.operand;
    return limit.trouble == TROUBLE_NONE && limit.operand.type == OPERAND_DURATION;
}

/* Written as a plain difference it is judged as one: within what the clocks of two processes
 * allow. */
static bool take_difference(struct parser *parser, struct condition *condition)
{
    const struct expr *left;
    const struct expr *right;
    struct operand limit;
    if (!is_difference(condition->test, &left, &right) ||
        !find_limit(parser, condition->test, &limit)) {
        return true;
    }
    struct term *terms = arena_calloc(parser->context->arena, 2, sizeof *terms);
    if (terms == NULL) {
        return parser_fail_memory(parser);
    }
    terms[0] = term_of_time(left);
    terms[1] = term_of_time(right);
    condition->left = (struct term){.type = TERM_DIFFERENCE, .left = &terms[0], .right = &terms[1]};
    condition->op = condition->test->op;
    condition->right = (struct term){.type = TERM_LITERAL, .literal = limit};
    condition->test = NULL;
    condition->reads = NULL;
    return true;
}

static bool parse_expression(struct parser *parser, struct condition *condition, bool has_select,
                             bool ends)
{
    size_t at = parser->at;
    struct expr_reads *reads = arena_calloc(parser->context->arena, 1, sizeof *reads);
    if (!parse_truth(parser, &condition->test) || (ends && !parser_expect_end(parser))) {
        return false;
    }
    if (reads == NULL || expr_reads(condition->test, parser->context->arena, reads) != 0) {
        return parser_fail_memory(parser);
    }
    condition->reads = reads;
    condition->reads_span = reads->span;
    condition->left.type = type_of_reads(reads);
    condition->left.name = condition->left.type == TERM_NAME_KEY ? reads->names[0] : 0;
    return check_expression(parser, at, condition, has_select) &&
           take_difference(parser, condition);
}

/* What is no plain comparison may be an expression. `ends`: nothing may follow. */
static bool parse_either(struct parser *parser, struct condition *condition, bool has_select,
                         bool ends)
{
    struct attempt plain;
    struct attempt wide;
    const struct condition bare = *condition;
    attempt_begin(&plain, parser);
    bool good = parse_negated(parser, condition, has_select) &&
                (ends ? parser_expect_end(parser) : !parse_sees_more(parser));
    attempt_end(&plain, parser, !good);
    if (!good) {
        *condition = bare;
        attempt_begin(&wide, parser);
        good = !parser->context->store->no_memory &&
               parse_expression(parser, condition, has_select, ends);
        attempt_end(&wide, parser, !good);
        good = good || attempt_tell(&plain, &wide, parser);
        attempt_deinit(&wide);
    }
    attempt_deinit(&plain);
    return good;
}

static struct condition *new_condition(struct parser *parser, uint32_t index)
{
    struct condition *condition = arena_calloc(parser->context->arena, 1, sizeof *condition);
    if (condition == NULL) {
        parser_fail_memory(parser);
        return NULL;
    }
    condition->index = index;
    condition->number = parser->context->store->condition_count++;
    condition->text = bytes_trim(parser->text);
    return condition;
}

/* What it comes to on one span counts, whatever it is for the others: as `any:`. */
const struct condition *parse_one_condition(struct parser *parser)
{
    size_t at = parser->at;
    struct condition *condition = new_condition(parser, 0);
    parser->inner = true;
    if (condition == NULL || !parse_either(parser, condition, true, false)) {
        return NULL;
    }
    parser->inner = false;
    if (!is_of_each(&condition->left)) {
        parser_fail(parser, at, "this is judged once; a condition on a key stands here");
        return NULL;
    }
    condition->quantifier = QUANTIFIER_ANY;
    return condition;
}

static const struct condition *parse_all(struct parser *parser, bool has_select, uint32_t index)
{
    struct condition *condition = new_condition(parser, index);
    bool statement;
    if (condition == NULL || !parse_whole_statement(parser, condition, has_select, &statement)) {
        return NULL;
    }
    if (statement) {
        return parser_expect_end(parser) ? condition : NULL;
    }
    parse_quantifier(parser, condition);
    if (!parse_either(parser, condition, has_select, true)) {
        return NULL;
    }
    return condition;
}

const struct condition *parse_condition(const struct parse_context *context, struct bytes text,
                                        bool has_select, uint32_t index)
{
    struct parser parser;
    if (!parser_begin(&parser, context, text, IF_EMPTY)) {
        return NULL;
    }
    if (parse_sees_selector(&parser)) {
        parser_fail(&parser, parser.at,
                    "a selector stands in `select`, `when`, `traces` or `spans`; a condition is "
                    "KEY OP VALUE");
        return NULL;
    }
    return parse_all(&parser, has_select, index);
}

const struct when *parse_when(const struct parse_context *context, struct bytes text)
{
    struct parser parser;
    if (!parser_begin(&parser, context, text,
                      "write a selector, or a condition on a name or the injection")) {
        return NULL;
    }
    struct when *when = arena_calloc(context->arena, 1, sizeof *when);
    if (when == NULL) {
        parser_fail_memory(&parser);
        return NULL;
    }
    if (parse_sees_selector(&parser)) {
        when->selector = parse_selector(context, text);
    } else {
        when->condition = parse_all(&parser, false, 0);
    }
    return when->selector != NULL || when->condition != NULL ? when : NULL;
}
