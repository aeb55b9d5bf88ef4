/* Arithmetic on values: what docs/language.md, "Arithmetic", says. Pure. */
#ifndef ASSERTD_ASSERTIONS_ARITHMETIC_H
#define ASSERTD_ASSERTIONS_ARITHMETIC_H

#include "assertions/expr.h"

/* Why a value can't be computed. */
enum trouble {
    TROUBLE_NONE = 0,
    TROUBLE_TYPES,    /* the operator or function takes no values of these types */
    TROUBLE_OVERFLOW, /* the result has no room in its type, or is no finite number */
    TROUBLE_ZERO,     /* division by zero */
    TROUBLE_TEXT,     /* a text that is no number, duration, JSON, or no valid UTF-8 */
    TROUBLE_LIMIT,    /* a limit of steps, bytes or of a pattern was hit */
    TROUBLE_MEMORY,   /* the scratch arena is exhausted */
    TROUBLE_ACROSS,   /* a condition across spans is an error */
};

/* "division by zero", ...: as a sentence ends. */
const char *trouble_words(enum trouble trouble);

/* LEFT OP RIGHT of an operator from EXPR_ADD to EXPR_REMAINDER; none of them is missing. */
enum trouble arithmetic_apply(enum expr_type sign, const struct operand *left,
                              const struct operand *right, struct operand *ret);

/* - VALUE */
enum trouble arithmetic_negate(const struct operand *value, struct operand *ret);

/* The types that the result may have, where the sides may have these; 0: there is none. */
unsigned arithmetic_types(enum expr_type sign, unsigned left, unsigned right);

#endif
