/* The values that a suite captures from each trace: `outputs = { order = "$request.order.id"; }`.
 * Later conditions read them as output:NAME, and verdicts carry them. Immutable; live in the arena
 * of their suite set. */
#ifndef ASSERTD_ASSERTIONS_OUTPUTS_H
#define ASSERTD_ASSERTIONS_OUTPUTS_H

#include "assertions/expr.h"
#include "assertions/expression.h"

/* A text, bytes, an array or a key-value list that is longer is left out of verdicts. */
#define OUTPUT_BYTES_MAX 65536u

struct output {
    struct bytes name;
    struct bytes text;        /* as written */
    const struct expr *value; /* over names, the injection, earlier outputs */
    struct expr_reads reads;
};

/* Compiles them in their order, each with those before it in sight; `context` is that of the suite
 * but for its path, `group` the path of all. 0; 1: problems were added; -ENOMEM. */
int outputs_compile(const struct config_pairs *pairs, const struct parse_context *context,
                    const char *group, const struct output **ret, uint32_t *ret_count);

/* Whether an expression can say the name: letters, digits, '_' and '-', not first a digit or '-'.
 */
bool name_is_good(const char *name);

/* Refuses names that no expression could say. 0; 1: problems were added. */
int variables_check(const struct config_pairs *pairs, const struct parse_context *context,
                    const char *group);

#endif
