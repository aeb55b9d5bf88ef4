/* Comparing two values by the rules of SEMANTICS 2. Pure. */
#ifndef ASSERTD_ASSERTIONS_COMPARE_H
#define ASSERTD_ASSERTIONS_COMPARE_H

#include "assertions/operand.h"

enum compare_op {
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_CONTAINS,
    OP_NOT_CONTAINS,
    OP_MATCHES,     /* =~ */
    OP_NOT_MATCHES, /* !~ */
    OP_IN,          /* the right side is a list: any `=` */
    OP_NOT_IN,      /* every `!=` */
    OP_STARTS_WITH,
    OP_ENDS_WITH,
    OP_JSON_CONTAINS, /* of expressions only: json_match.h */
    OP_EXISTS,
    OP_MISSING,
};

/* How the operator is written. */
const char *compare_op_text(enum compare_op op);

/* The truth of a filter or condition on one span. COMPARE_ABSENT: an attribute that the comparison
 * needs is missing (false for a selector, "attribute missing" for an assertion). */
enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_ABSENT, TRUTH_INCOMPARABLE };

struct regex;

/* left OP right; `regex` for OP_MATCHES and OP_NOT_MATCHES (the compiled right side), else NULL.
 * OP_EXISTS and OP_MISSING look at the left only. */
enum truth compare(enum compare_op op, const struct operand *left, const struct operand *right,
                   const struct regex *regex);

/* The same for two durations or times by the operators from OP_EQUAL to OP_GREATER_EQUAL. */
static inline enum truth compare_ns(enum compare_op op, __int128 left, __int128 right)
{
    bool equal = left == right;
    bool less = left < right;
    bool holds = op == OP_EQUAL        ? equal
                 : op == OP_NOT_EQUAL  ? !equal
                 : op == OP_LESS       ? less
                 : op == OP_LESS_EQUAL ? less || equal
                 : op == OP_GREATER    ? !less && !equal
                                       : !less;
    return holds ? TRUTH_TRUE : TRUTH_FALSE;
}

/* The truth of a comparison inside `negations` times `not (...)`: absent is false, so its negation
 * is true; what can't be compared stays so. */
enum truth truth_negate(enum truth truth, uint32_t negations);

/* The opposite of what is true or false; the rest stays. */
static inline enum truth truth_opposite(enum truth truth)
{
    return truth == TRUTH_TRUE ? TRUTH_FALSE : truth == TRUTH_FALSE ? TRUTH_TRUE : truth;
}

#endif
