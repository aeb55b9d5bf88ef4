/*
 * Integers stay integers and are checked, a double must stay finite, times and durations are whole
 * nanoseconds of 128 bits.
 */
#include "assertions/arithmetic.h"

#include <math.h>

const char *trouble_words(enum trouble trouble)
{
    static const char *const words[] = {
        [TROUBLE_NONE] = "the values have other types",
        [TROUBLE_TYPES] = "it takes values of other types",
        [TROUBLE_OVERFLOW] = "the result is too large for its type",
        [TROUBLE_ZERO] = "division by zero",
        [TROUBLE_TEXT] = "the text is not of the form that it needs",
        [TROUBLE_LIMIT] = "a limit was reached",
        [TROUBLE_MEMORY] = "memory ran out",
        [TROUBLE_ACROSS] = "it can't be computed by itself",
    };
    return words[trouble];
}

static enum trouble give_int(bool overflows, int64_t number, struct operand *ret)
{
    if (overflows) {
        return TROUBLE_OVERFLOW;
    }
    *ret = (struct operand){.type = OPERAND_INT, .integer = number};
    return TROUBLE_NONE;
}

static enum trouble give_double(double number, struct operand *ret)
{
    if (!isfinite(number)) {
        return TROUBLE_OVERFLOW;
    }
    *ret = (struct operand){.type = OPERAND_DOUBLE, .number = number};
    return TROUBLE_NONE;
}

static enum trouble give_ns(enum operand_type type, bool overflows, __int128 ns,
                            struct operand *ret)
{
    if (overflows) {
        return TROUBLE_OVERFLOW;
    }
    *ret = (struct operand){.type = type, .ns = ns};
    return TROUBLE_NONE;
}

/* Towards zero. */
static enum trouble give_rounded_ns(double ns, struct operand *ret)
{
    bool fits = ns > -0x1p127 && ns < 0x1p127;
    return give_ns(OPERAND_DURATION, !fits, fits ? (__int128)ns : 0, ret);
}

static enum trouble apply_ints(enum expr_type sign, int64_t left, int64_t right,
                               struct operand *ret)
{
    int64_t number = 0;
    bool overflows;
    switch (sign) {
    case EXPR_ADD:
        overflows = __builtin_add_overflow(left, right, &number);
        return give_int(overflows, number, ret);
    case EXPR_SUBTRACT:
        overflows = __builtin_sub_overflow(left, right, &number);
        return give_int(overflows, number, ret);
    case EXPR_MULTIPLY:
        overflows = __builtin_mul_overflow(left, right, &number);
        return give_int(overflows, number, ret);
    default:
        break;
    }
    if (right == 0) {
        return TROUBLE_ZERO;
    }
    if (sign == EXPR_DIVIDE) {
        return give_double((double)left / (double)right, ret);
    }
    return give_int(false, right == -1 ? 0 : left % right, ret);
}

static enum trouble apply_doubles(enum expr_type sign, double left, double right,
                                  struct operand *ret)
{
    switch (sign) {
    case EXPR_ADD:
        return give_double(left + right, ret);
    case EXPR_SUBTRACT:
        return give_double(left - right, ret);
    case EXPR_MULTIPLY:
        return give_double(left * right, ret);
    case EXPR_DIVIDE:
        return right == 0 ? TROUBLE_ZERO : give_double(left / right, ret);
    default:
        return TROUBLE_TYPES;
    }
}

/* Times and durations, plus or minus. */
static enum trouble apply_ns(enum expr_type sign, const struct operand *left,
                             const struct operand *right, struct operand *ret)
{
    __int128 ns = 0;
    bool left_time = left->type == OPERAND_TIME;
    bool right_time = right->type == OPERAND_TIME;
    bool overflows;
    if (sign == EXPR_ADD && !(left_time && right_time)) {
        overflows = __builtin_add_overflow(left->ns, right->ns, &ns);
        return give_ns(left_time || right_time ? OPERAND_TIME : OPERAND_DURATION, overflows, ns,
                       ret);
    }
    if (sign == EXPR_SUBTRACT && (left_time || !right_time)) {
        overflows = __builtin_sub_overflow(left->ns, right->ns, &ns);
        return give_ns(left_time && !right_time ? OPERAND_TIME : OPERAND_DURATION, overflows, ns,
                       ret);
    }
    if (sign == EXPR_DIVIDE && !left_time && !right_time) {
        return right->ns == 0 ? TROUBLE_ZERO
                              : give_double((double)left->ns / (double)right->ns, ret);
    }
    return TROUBLE_TYPES;
}

/* A duration times or by a number. */
static enum trouble scale(enum expr_type sign, __int128 ns, const struct operand *number,
                          struct operand *ret)
{
    bool whole = number->type == OPERAND_INT;
    if (sign == EXPR_MULTIPLY) {
        __int128 product = 0;
        bool overflows = whole && __builtin_mul_overflow(ns, (__int128)number->integer, &product);
        return whole ? give_ns(OPERAND_DURATION, overflows, product, ret)
                     : give_rounded_ns((double)ns * number->number, ret);
    }
    if (whole ? number->integer == 0 : number->number == 0) {
        return TROUBLE_ZERO;
    }
    if (whole && number->integer == -1) {
        return arithmetic_negate(&(struct operand){.type = OPERAND_DURATION, .ns = ns}, ret);
    }
    return whole ? give_ns(OPERAND_DURATION, false, ns / number->integer, ret)
                 : give_rounded_ns((double)ns / number->number, ret);
}

static bool is_number(const struct operand *value)
{
    return (type_bit(value->type) & TYPES_NUMBER) != 0;
}

static bool is_ns(const struct operand *value)
{
    return (type_bit(value->type) & TYPES_NS) != 0;
}

static double double_of(const struct operand *value)
{
    return value->type == OPERAND_INT ? (double)value->integer : value->number;
}

enum trouble arithmetic_apply(enum expr_type sign, const struct operand *left,
                              const struct operand *right, struct operand *ret)
{
    if (left->type == OPERAND_INT && right->type == OPERAND_INT) {
        return apply_ints(sign, left->integer, right->integer, ret);
    }
    if (is_number(left) && is_number(right)) {
        return apply_doubles(sign, double_of(left), double_of(right), ret);
    }
    if (is_ns(left) && is_ns(right)) {
        return apply_ns(sign, left, right, ret);
    }
    bool multiplies = sign == EXPR_MULTIPLY;
    if (left->type == OPERAND_DURATION && is_number(right) && (multiplies || sign == EXPR_DIVIDE)) {
        return scale(sign, left->ns, right, ret);
    }
    if (multiplies && is_number(left) && right->type == OPERAND_DURATION) {
        return scale(sign, right->ns, left, ret);
    }
    return TROUBLE_TYPES;
}

enum trouble arithmetic_negate(const struct operand *value, struct operand *ret)
{
    int64_t number = 0;
    __int128 ns = 0;
    bool overflows;
    switch (value->type) {
    case OPERAND_INT:
        overflows = __builtin_sub_overflow((int64_t)0, value->integer, &number);
        return give_int(overflows, number, ret);
    case OPERAND_DOUBLE:
        return give_double(-value->number, ret);
    case OPERAND_DURATION:
        overflows = __builtin_sub_overflow((__int128)0, value->ns, &ns);
        return give_ns(OPERAND_DURATION, overflows, ns, ret);
    default:
        return TROUBLE_TYPES;
    }
}

/* --- what is known at load --- */

unsigned arithmetic_types(enum expr_type sign, unsigned left, unsigned right)
{
    static const struct {
        enum expr_type sign;
        unsigned left, right, result;
    } rules[] = {
        {EXPR_ADD, TYPES_INT, TYPES_INT, TYPES_INT},
        {EXPR_ADD, TYPES_NUMBER, 1u << OPERAND_DOUBLE, 1u << OPERAND_DOUBLE},
        {EXPR_ADD, 1u << OPERAND_DOUBLE, TYPES_NUMBER, 1u << OPERAND_DOUBLE},
        {EXPR_ADD, TYPES_DURATION, TYPES_DURATION, TYPES_DURATION},
        {EXPR_ADD, TYPES_TIME, TYPES_DURATION, TYPES_TIME},
        {EXPR_ADD, TYPES_DURATION, TYPES_TIME, TYPES_TIME},
        {EXPR_SUBTRACT, TYPES_INT, TYPES_INT, TYPES_INT},
        {EXPR_SUBTRACT, TYPES_NUMBER, 1u << OPERAND_DOUBLE, 1u << OPERAND_DOUBLE},
        {EXPR_SUBTRACT, 1u << OPERAND_DOUBLE, TYPES_NUMBER, 1u << OPERAND_DOUBLE},
        {EXPR_SUBTRACT, TYPES_DURATION, TYPES_DURATION, TYPES_DURATION},
        {EXPR_SUBTRACT, TYPES_TIME, TYPES_TIME, TYPES_DURATION},
        {EXPR_SUBTRACT, TYPES_TIME, TYPES_DURATION, TYPES_TIME},
        {EXPR_MULTIPLY, TYPES_INT, TYPES_INT, TYPES_INT},
        {EXPR_MULTIPLY, TYPES_NUMBER, 1u << OPERAND_DOUBLE, 1u << OPERAND_DOUBLE},
        {EXPR_MULTIPLY, 1u << OPERAND_DOUBLE, TYPES_NUMBER, 1u << OPERAND_DOUBLE},
        {EXPR_MULTIPLY, TYPES_DURATION, TYPES_NUMBER, TYPES_DURATION},
        {EXPR_MULTIPLY, TYPES_NUMBER, TYPES_DURATION, TYPES_DURATION},
        {EXPR_DIVIDE, TYPES_NUMBER, TYPES_NUMBER, 1u << OPERAND_DOUBLE},
        {EXPR_DIVIDE, TYPES_DURATION, TYPES_NUMBER, TYPES_DURATION},
        {EXPR_DIVIDE, TYPES_DURATION, TYPES_DURATION, 1u << OPERAND_DOUBLE},
        {EXPR_REMAINDER, TYPES_INT, TYPES_INT, TYPES_INT},
    };
    unsigned result = 0;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].sign == sign && (rules[i].left & left) != 0 && (rules[i].right & right) != 0) {
            result |= rules[i].result;
        }
    }
    return result;
}
