/* The functions of expressions: one table from which the parser takes names and arities, the
 * compiler types, the evaluator what they do, and a test the reference of docs/language.md.
 * Immutable. */
#ifndef ASSERTD_ASSERTIONS_FUNCTIONS_H
#define ASSERTD_ASSERTIONS_FUNCTIONS_H

#include "assertions/evaluate.h"

/* One call at work: values of the right number and types, none of them missing. */
struct call {
    struct evaluation *evaluation;
    const struct expr *expr; /* its pattern, its path */
    const struct operand *args;
    uint32_t count;
};

/* What the second argument has to be, beyond its type. */
enum function_second {
    SECOND_ANY,
    SECOND_PATTERN, /* a regular expression, written as a text */
    SECOND_PATH,    /* a JSON path, written as a text */
};

#define FUNCTION_ANY_NUMBER UINT32_MAX

struct function {
    const char *name;
    uint32_t least, most; /* arguments; FUNCTION_ANY_NUMBER: without an end */
    enum function_second second;
    unsigned args[3]; /* types of the first, the second, all further arguments */
    unsigned result;  /* types of the result; 0: those of its arguments */
    enum trouble (*apply)(const struct call *call, struct operand *ret); /* may give MISSING; NULL:
                                            the first argument that is not missing */
    const char *written;                                                 /* with its arguments */
    const char *description;                                             /* a sentence */
    const char *example, *value;
};

/* All of them, by name. */
extern const struct function *const functions;
extern const uint32_t function_count;

/* NULL: there is none. */
const struct function *function_find(struct bytes name);

/* Whether all arguments must be numbers, all durations, or all times (max, min). */
bool function_wants_one_kind(const struct function *function);

/* Whether a missing argument does not make the result missing. */
bool function_takes_missing(const struct function *function);

/* What argument `index` may be. */
unsigned function_arg_types(const struct function *function, uint32_t index);

/* Applies an EXPR_CALL or EXPR_JOIN to its values, none of which is missing or in trouble. */
enum trouble function_apply(struct evaluation *evaluation, const struct expr *expr,
                            const struct evaluated *values, struct operand *ret);

#endif
