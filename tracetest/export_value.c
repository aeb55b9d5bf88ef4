/* Expressions as Tracetest writes them: arithmetic from left to right without parentheses, filters
 * behind all of it. A tree that this order can't give is not carried over. */
#include <inttypes.h>

#include "assertions/expr.h"
#include "assertions/functions.h"
#include "daemon/core/units.h"
#include "tracetest/export_text.h"

#define NO_FUNCTION "it has no such function"

enum shape { SHAPE_TERM, SHAPE_STEPS, SHAPE_FILTERED };

static const char *append_value(struct export_writing *writing, const struct expr *expr,
                                enum shape *ret);

static bool is_called(const struct expr *expr, const char *name)
{
    return expr->type == EXPR_CALL && strcmp(expr->function->name, name) == 0;
}

/* Functions that only say how a text is read, which Tracetest does by itself. */
static bool is_reading(const struct expr *expr)
{
    return (is_called(expr, "number") || is_called(expr, "duration") || is_called(expr, "text") ||
            is_called(expr, "int")) &&
           expr->arg_count == 1;
}

static const char *append_literal(struct export_writing *writing, const struct operand *literal)
{
    char scratch[OPERAND_TEXT_MAX];
    switch (literal->type) {
    case OPERAND_TEXT:
        return export_quoted(writing->out, literal->bytes);
    case OPERAND_BOOL:
        buf_append_text(writing->out, literal->boolean ? "\"true\"" : "\"false\"");
        return NULL;
    case OPERAND_INT:
    case OPERAND_DOUBLE: {
        struct bytes text = operand_text(literal, scratch);
        buf_append_bytes(writing->out, text);
        if (literal->type == OPERAND_DOUBLE && memchr(text.data, '.', text.len) == NULL) {
            buf_append_text(writing->out, ".0"); /* there a point makes it no whole number */
        }
        return text.data[0] == '-' || memchr(text.data, 'e', text.len) != NULL
                   ? "its numbers have no sign and no exponent"
                   : NULL;
    }
    case OPERAND_DURATION:
        units_print_duration(writing->out, literal->ns);
        return literal->ns < 0 ? "it has no negative durations" : NULL;
    default:
        return "it can't write that value";
    }
}

/* Arithmetic. */

static const char *append_steps(struct export_writing *writing, const struct expr *expr, char op)
{
    enum shape left;
    enum shape right;
    const struct expr *first = expr->args[0];
    const struct expr *second = expr->args[1];
    struct buf ahead = BUF_NULL;
    struct export_writing trial = *writing;
    trial.out = &ahead;
    const char *why = append_value(&trial, second, &right);
    writing->out->failed |= ahead.failed;
    buf_deinit(&ahead);
    if (why == NULL && right != SHAPE_TERM && (op == '+' || op == '*')) {
        first = expr->args[1];
        second = expr->args[0];
    }
    why = why != NULL ? why : append_value(writing, first, &left);
    buf_printf(writing->out, " %c ", op);
    why = why != NULL ? why : append_value(writing, second, &right);
    return why != NULL                                     ? why
           : left == SHAPE_FILTERED || right != SHAPE_TERM ? "it computes from left to right, and "
                                                             "filters last"
                                                           : NULL;
}

/* Filters. */

static const char *append_argument(struct export_writing *writing, const struct expr *argument)
{
    if (argument->type != EXPR_LITERAL) {
        return "the arguments of its filters are plain";
    }
    if (argument->literal.type != OPERAND_TEXT) {
        return append_literal(writing, &argument->literal);
    }
    if (memchr(argument->literal.bytes.data, '\'', argument->literal.bytes.len) != NULL) {
        return export_quoted(writing->out, argument->literal.bytes);
    }
    buf_append_char(writing->out, '\'');
    buf_append_bytes(writing->out, argument->literal.bytes);
    buf_append_char(writing->out, '\'');
    return NULL;
}

static const char *append_group(struct export_writing *writing, const struct expr *expr)
{
    const struct operand *group = expr->arg_count > 2 ? &expr->args[2]->literal : NULL;
    if (group == NULL) {
        return NULL;
    }
    if (expr->args[2]->type != EXPR_LITERAL || group->type != OPERAND_INT || group->integer < 1) {
        return "its groups count from 1";
    }
    buf_printf(writing->out, " | get_index %" PRId64, group->integer - 1);
    return NULL;
}

static const char *append_filter(struct export_writing *writing, const struct expr *expr)
{
    static const char *const known[] = {"json_path", "regex",  "regex_group",
                                        "get_index", "length", "type"};
    enum shape shape;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!is_called(expr, known[i])) {
            continue;
        }
        const char *why = append_value(writing, expr->args[0], &shape);
        buf_printf(writing->out, " | %s", known[i]);
        if (why == NULL && expr->arg_count > 1) {
            buf_append_char(writing->out, ' ');
            why = append_argument(writing, expr->args[1]);
        }
        return why != NULL ? why : append_group(writing, expr);
    }
    return NO_FUNCTION;
}

/* Texts. */

static const char *append_joined(struct export_writing *writing, const struct expr *expr)
{
    const char *why = NULL;
    enum shape shape;
    for (uint32_t i = 0; i < expr->arg_count && why == NULL; i++) {
        const struct expr *piece = expr->args[i];
        if (piece->type == EXPR_LITERAL && piece->literal.type == OPERAND_TEXT) {
            buf_append_bytes(writing->out, piece->literal.bytes);
            why = bytes_contain(piece->literal.bytes, BYTES_LITERAL("\\")) ||
                          bytes_contain(piece->literal.bytes, BYTES_LITERAL("${"))
                      ? "a text with backslashes or ${ can't hold values"
                      : NULL;
            continue;
        }
        buf_append_text(writing->out, "${");
        why = append_value(writing, piece, &shape);
        buf_append_char(writing->out, '}');
    }
    return why;
}

/* In double quotes, or in single ones where it holds double ones. */
static const char *append_quoted_pieces(struct export_writing *writing, const struct expr *expr)
{
    struct buf *out = writing->out;
    size_t from = out->len;
    buf_append_char(out, '"');
    const char *why = append_joined(writing, expr);
    if (why != NULL || out->failed) {
        return why;
    }
    struct bytes made = bytes_from(out->data + from + 1, out->len - from - 1);
    bool has_double = memchr(made.data, '"', made.len) != NULL;
    if (has_double && memchr(made.data, '\'', made.len) != NULL) {
        return "quotes of both kinds within a text of values can't be written";
    }
    out->data[from] = has_double ? '\'' : '"';
    buf_append_char(out, has_double ? '\'' : '"');
    return NULL;
}

static const char *append_value(struct export_writing *writing, const struct expr *expr,
                                enum shape *ret)
{
    *ret = SHAPE_TERM;
    switch (expr->type) {
    case EXPR_LITERAL:
        return append_literal(writing, &expr->literal);
    case EXPR_KEY:
        return export_key(writing, &expr->key);
    case EXPR_NAME_KEY:
        return writing->of_name == expr->name + 1 ? export_key(writing, &expr->key)
                                                  : "it can't compare spans that are named";
    case EXPR_OUTPUT:
        return export_variable(writing, expr->text);
    case EXPR_INJECTION:
        return export_injection(writing, &expr->injection);
    case EXPR_JOIN:
        return append_quoted_pieces(writing, expr);
    case EXPR_ADD:
    case EXPR_SUBTRACT:
    case EXPR_MULTIPLY:
    case EXPR_DIVIDE:
        *ret = SHAPE_STEPS;
        return append_steps(writing, expr,
                            expr->type == EXPR_ADD        ? '+'
                            : expr->type == EXPR_SUBTRACT ? '-'
                            : expr->type == EXPR_MULTIPLY ? '*'
                                                          : '/');
    case EXPR_CALL:
        if (is_reading(expr)) {
            return append_value(writing, expr->args[0], ret);
        }
        *ret = SHAPE_FILTERED;
        return append_filter(writing, expr);
    default:
        return "it has no such expression";
    }
}

/* Comparisons. */

static bool is_literal(const struct expr *expr, const char *text)
{
    return expr->type == EXPR_LITERAL && expr->literal.type == OPERAND_TEXT &&
           bytes_is(expr->literal.bytes, text);
}

/* Its names of types. */
static const char *append_type(struct export_writing *writing, const struct expr *test)
{
    enum shape shape;
    bool in = test->type == EXPR_IN;
    bool number = in && test->arg_count == 3 && is_literal(test->args[1], "int") &&
                  is_literal(test->args[2], "double");
    bool equal = in ? !test->negated : test->op == OP_EQUAL;
    if (in ? !number : test->op != OP_EQUAL && test->op != OP_NOT_EQUAL) {
        return "it has other types";
    }
    const char *name = number                                  ? "number"
                       : is_literal(test->args[1], "text")     ? "string"
                       : is_literal(test->args[1], "array")    ? "array"
                       : is_literal(test->args[1], "duration") ? "duration"
                                                               : NULL;
    const char *why = append_value(writing, test->args[0], &shape);
    buf_printf(writing->out, " %s \"%s\"", equal ? "=" : "!=", name != NULL ? name : "");
    return why != NULL ? why : name != NULL ? NULL : "it has other types";
}

static const char *append_member(struct export_writing *writing, const struct expr *test)
{
    const char *why = NULL;
    enum shape shape;
    buf_append_char(writing->out, '[');
    for (uint32_t i = 1; i < test->arg_count && why == NULL; i++) {
        buf_append_text(writing->out, i > 1 ? ", " : "");
        why = test->args[i]->type == EXPR_LITERAL ? append_literal(writing, &test->args[i]->literal)
                                                  : "its lists hold plain values";
    }
    buf_append_text(writing->out, test->negated ? "] not-contains " : "] contains ");
    return why != NULL ? why : append_value(writing, test->args[0], &shape);
}

static const char *append_compared(struct export_writing *writing, const struct expr *test)
{
    enum shape shape;
    const char *word = test->op == OP_JSON_CONTAINS ? (test->negated ? "not-contains" : "contains")
                                                    : export_operator(test->op);
    if (word == NULL) {
        return "it has no such comparison";
    }
    const char *why = append_value(writing, test->args[0], &shape);
    buf_printf(writing->out, " %s ", word);
    return why != NULL ? why : append_value(writing, test->args[1], &shape);
}

const char *export_test(struct export_writing *writing, const struct expr *test)
{
    if ((test->type == EXPR_COMPARE || test->type == EXPR_IN) && is_called(test->args[0], "type")) {
        return append_type(writing, test);
    }
    if (test->type == EXPR_IN) {
        return append_member(writing, test);
    }
    return test->type == EXPR_COMPARE && test->op != OP_EXISTS && test->op != OP_MISSING
               ? append_compared(writing, test)
               : "it joins no comparisons";
}

const char *export_output(struct buf *out, const struct output *output, uint32_t *ret_name)
{
    enum shape shape;
    struct export_writing writing = {
        .out = out, .of_name = output->reads.name_count > 0 ? output->reads.names[0] + 1 : 0};
    if (output->reads.name_count + output->reads.injection != 1) {
        return "an output there is a value of one span, or of the response";
    }
    *ret_name = writing.of_name;
    return append_value(&writing, output->value, &shape);
}
