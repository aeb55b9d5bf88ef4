/*
 * Comparing two values. Every order of two numbers is exact: int64 against double by value, a text
 * by the number that the same digits would be as a literal (without a point an integer, however
 * long; with one the nearest double).
 */
#include "assertions/compare.h"

#include <math.h>
#include <stdio.h>

#include "assertions/regex.h"
#include "daemon/core/number.h"
#include "daemon/core/wire.h"

static const char *const op_texts[] = {
    [OP_EQUAL] = "=",
    [OP_NOT_EQUAL] = "!=",
    [OP_LESS] = "<",
    [OP_LESS_EQUAL] = "<=",
    [OP_GREATER] = ">",
    [OP_GREATER_EQUAL] = ">=",
    [OP_CONTAINS] = "contains",
    [OP_NOT_CONTAINS] = "not contains",
    [OP_MATCHES] = "=~",
    [OP_NOT_MATCHES] = "!~",
    [OP_IN] = "in",
    [OP_NOT_IN] = "not in",
    [OP_STARTS_WITH] = "starts-with",
    [OP_ENDS_WITH] = "ends-with",
    [OP_JSON_CONTAINS] = "json-contains",
    [OP_EXISTS] = "exists",
    [OP_MISSING] = "missing",
};

const char *compare_op_text(enum compare_op op)
{
    return op_texts[op];
}

static enum truth truth_of(bool value)
{
    return value ? TRUTH_TRUE : TRUTH_FALSE;
}

enum truth truth_negate(enum truth truth, uint32_t negations)
{
    if (negations == 0 || truth == TRUTH_INCOMPARABLE) {
        return truth;
    }
    return truth_of((truth == TRUTH_TRUE) != (negations % 2 == 1));
}

/* A number of any of the three kinds that can be ordered. */
struct number {
    enum { NUMBER_INT, NUMBER_DOUBLE, NUMBER_LONG } kind;
    int64_t integer;
    double real;
    struct bytes digits; /* NUMBER_LONG: an integer beyond int64, canonical */
};

/* The number of an int, a double, or a text that is a canonical number. False: it has none. */
static bool number_of(const struct operand *operand, struct number *ret)
{
    switch (operand->type) {
    case OPERAND_INT:
        *ret = (struct number){.kind = NUMBER_INT, .integer = operand->integer};
        return true;
    case OPERAND_DOUBLE:
        *ret = (struct number){.kind = NUMBER_DOUBLE, .real = operand->number};
        return true;
    case OPERAND_TEXT:
        break;
    default:
        return false;
    }
    if (!number_is_canonical(operand->bytes)) {
        return false;
    }
    if (bytes_contain(operand->bytes, BYTES_LITERAL("."))) {
        *ret = (struct number){.kind = NUMBER_DOUBLE};
        if (number_parse_double(operand->bytes, &ret->real) != 0) {
            ret->real = operand->bytes.data[0] == '-' ? -INFINITY : INFINITY;
        }
        return true;
    }
    *ret = (struct number){.kind = NUMBER_INT, .digits = operand->bytes};
    if (number_parse_i64(operand->bytes, &ret->integer) != 0) {
        ret->kind = NUMBER_LONG;
    }
    return true;
}

static int sign_of_long(const struct number *number)
{
    return number->digits.data[0] == '-' ? -1 : 1;
}

/* A double against an integer beyond int64: only doubles of that size can be near it, and these are
 * integers, so their exact digits are compared. */
static int order_long_double(const struct number *a, double b)
{
    if (isinf(b) || fabs(b) < 9e18) {
        return isinf(b) ? (b > 0 ? -1 : 1) : sign_of_long(a);
    }
    char text[400];
    int len = snprintf(text, sizeof text, "%.0f", b);
    return number_compare_canonical(a->digits, bytes_from(text, (size_t)len));
}

/* < 0, 0, > 0. Neither is NaN. */
static int order_numbers(const struct number *a, const struct number *b)
{
    if (a->kind == NUMBER_DOUBLE && b->kind == NUMBER_DOUBLE) {
        return (a->real > b->real) - (a->real < b->real);
    }
    if (a->kind == NUMBER_INT && b->kind == NUMBER_INT) {
        return (a->integer > b->integer) - (a->integer < b->integer);
    }
    if (a->kind == NUMBER_INT && b->kind == NUMBER_DOUBLE) {
        return number_compare_i64_double(a->integer, b->real);
    }
    if (a->kind == NUMBER_LONG && b->kind == NUMBER_DOUBLE) {
        return order_long_double(a, b->real);
    }
    if (a->kind == NUMBER_LONG && b->kind == NUMBER_INT) {
        return sign_of_long(a);
    }
    if (a->kind == NUMBER_LONG && b->kind == NUMBER_LONG) {
        return number_compare_canonical(a->digits, b->digits);
    }
    return -order_numbers(b, a);
}

static bool is_number(const struct operand *operand)
{
    return operand->type == OPERAND_INT || operand->type == OPERAND_DOUBLE;
}

static bool is_ns(const struct operand *operand)
{
    return operand->type == OPERAND_DURATION || operand->type == OPERAND_TIME;
}

static bool is_opaque(const struct operand *operand)
{
    return operand->type == OPERAND_BYTES || operand->type == OPERAND_ARRAY ||
           operand->type == OPERAND_MAP;
}

static bool equal_texts(const struct operand *left, const struct operand *right)
{
    char left_scratch[OPERAND_TEXT_MAX];
    char right_scratch[OPERAND_TEXT_MAX];
    return bytes_equal(operand_text(left, left_scratch), operand_text(right, right_scratch));
}

/* Whether both are equal, by the rule of `=`. */
static enum truth compare_equal(const struct operand *left, const struct operand *right)
{
    if (left->type == OPERAND_TEXT && right->type == OPERAND_TEXT) {
        return truth_of(bytes_equal(left->bytes, right->bytes));
    }
    if (is_opaque(left) || is_opaque(right)) {
        return TRUTH_INCOMPARABLE;
    }
    if (left->type == OPERAND_TEXT || right->type == OPERAND_TEXT) {
        bool time = left->type == OPERAND_TIME || right->type == OPERAND_TIME;
        return time ? TRUTH_INCOMPARABLE : truth_of(equal_texts(left, right));
    }
    if (left->type == OPERAND_INT && right->type == OPERAND_INT) {
        return truth_of(left->integer == right->integer);
    }
    if (is_number(left) && is_number(right)) {
        struct number a;
        struct number b;
        return truth_of(number_of(left, &a) && number_of(right, &b) && order_numbers(&a, &b) == 0);
    }
    if (is_ns(left) && is_ns(right)) {
        return truth_of(left->ns == right->ns);
    }
    if (left->type == OPERAND_BOOL && right->type == OPERAND_BOOL) {
        return truth_of(left->boolean == right->boolean);
    }
    return TRUTH_INCOMPARABLE;
}

static enum truth truth_of_order(enum compare_op op, int order)
{
    switch (op) {
    case OP_LESS:
        return truth_of(order < 0);
    case OP_LESS_EQUAL:
        return truth_of(order <= 0);
    case OP_GREATER:
        return truth_of(order > 0);
    default:
        return truth_of(order >= 0);
    }
}

static enum truth compare_order(enum compare_op op, const struct operand *left,
                                const struct operand *right)
{
    if (is_ns(left) && is_ns(right)) {
        return compare_ns(op, left->ns, right->ns);
    }
    if (left->type == OPERAND_INT && right->type == OPERAND_INT) {
        return truth_of_order(op,
                              (left->integer > right->integer) - (left->integer < right->integer));
    }
    struct number a;
    struct number b;
    if (!number_of(left, &a) || !number_of(right, &b)) {
        return TRUTH_INCOMPARABLE;
    }
    return truth_of_order(op, order_numbers(&a, &b));
}

static enum truth array_contains(struct bytes array, const struct operand *literal)
{
    struct wire_reader items = wire_reader_of(array);
    struct value value;
    while (value_next_item(&items, &value)) {
        struct operand item = operand_of_value(&value);
        if (compare(OP_EQUAL, &item, literal, NULL) == TRUTH_TRUE) {
            return TRUTH_TRUE;
        }
    }
    return TRUTH_FALSE;
}

static enum truth compare_contains(const struct operand *left, const struct operand *right)
{
    char scratch[OPERAND_TEXT_MAX];
    if (left->type == OPERAND_ARRAY) {
        return array_contains(left->bytes, right);
    }
    if (left->type != OPERAND_TEXT) {
        return TRUTH_INCOMPARABLE;
    }
    return truth_of(bytes_contain(left->bytes, operand_text(right, scratch)));
}

/* Whether the text begins, or ends, with the literal's canonical text. */
static enum truth compare_end(enum compare_op op, const struct operand *left,
                              const struct operand *right)
{
    char scratch[OPERAND_TEXT_MAX];
    struct bytes part = operand_text(right, scratch);
    if (left->type != OPERAND_TEXT) {
        return TRUTH_INCOMPARABLE;
    }
    if (part.len > left->bytes.len) {
        return TRUTH_FALSE;
    }
    size_t from = op == OP_ENDS_WITH ? left->bytes.len - part.len : 0;
    return truth_of(bytes_equal(bytes_from(left->bytes.data + from, part.len), part));
}

/* Any `=`: one that holds decides, else one that can't be compared. */
static enum truth compare_in(const struct operand *left, const struct operand_list *list)
{
    bool incomparable = false;
    for (uint32_t i = 0; i < list->count; i++) {
        enum truth truth = compare(OP_EQUAL, left, &list->items[i], NULL);
        if (truth == TRUTH_TRUE) {
            return TRUTH_TRUE;
        }
        incomparable |= truth == TRUTH_INCOMPARABLE;
    }
    return incomparable ? TRUTH_INCOMPARABLE : TRUTH_FALSE;
}

static enum truth compare_regex(const struct operand *left, const struct regex *regex)
{
    if (left->type != OPERAND_TEXT || regex == NULL) {
        return TRUTH_INCOMPARABLE;
    }
    int r = regex_match(regex, left->bytes);
    return r == REGEX_UNKNOWN ? TRUTH_INCOMPARABLE : truth_of(r == 0);
}

enum truth compare(enum compare_op op, const struct operand *left, const struct operand *right,
                   const struct regex *regex)
{
    if (op == OP_EXISTS || op == OP_MISSING) {
        return truth_of((left->type != OPERAND_MISSING) == (op == OP_EXISTS));
    }
    if (left->type == OPERAND_MISSING) {
        return TRUTH_ABSENT;
    }
    switch (op) {
    case OP_CONTAINS:
        return compare_contains(left, right);
    case OP_NOT_CONTAINS:
        return truth_opposite(compare_contains(left, right));
    case OP_MATCHES:
        return compare_regex(left, regex);
    case OP_NOT_MATCHES:
        return truth_opposite(compare_regex(left, regex));
    case OP_STARTS_WITH:
    case OP_ENDS_WITH:
        return compare_end(op, left, right);
    case OP_IN:
        return compare_in(left, right->list);
    case OP_NOT_IN:
        return operand_is_nan(left) ? TRUTH_FALSE : truth_opposite(compare_in(left, right->list));
    default:
        break;
    }
    if (operand_is_nan(left) || operand_is_nan(right)) {
        return TRUTH_FALSE;
    }
    if (op == OP_EQUAL || op == OP_NOT_EQUAL) {
        enum truth equal = compare_equal(left, right);
        return op == OP_EQUAL ? equal : truth_opposite(equal);
    }
    return compare_order(op, left, right);
}
