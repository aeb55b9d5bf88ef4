/* Pieces of Tracetest's language, written. Each appends and returns NULL, or says why Tracetest
 * can't express it (static storage); what was appended then is worth nothing. Pure. */
#ifndef ASSERTD_TRACETEST_EXPORT_TEXT_H
#define ASSERTD_TRACETEST_EXPORT_TEXT_H

#include "assertions/ast.h"
#include "assertions/outputs.h"
#include "daemon/core/buf.h"

/* A selector. */
const char *export_selector(struct buf *out, const struct selector *selector);

/* A condition of the selected spans, or on the injection (`on_injection`: then it belongs to the
 * trigger's span). `all_spans`: the selector is span[]. */
const char *export_condition(struct buf *out, const struct condition *condition, bool all_spans,
                             bool *ret_on_injection);

/* A condition on its way. */
struct export_writing {
    struct buf *out;
    const struct condition *condition;
    enum compare_op op; /* negations resolved */
    bool all_spans;
    bool on_injection, on_span; /* what was read */
    uint32_t of_name;           /* the span name whose keys are read, from 1; 0: none */
};

/* Its parts: a key of the selected span, one of the injection, and the operator (NULL: there is
 * none). */
const char *export_key(struct export_writing *writing, const struct key *key);
const char *export_injection(struct export_writing *writing, const struct term *term);
const char *export_operator(enum compare_op op);

/* A variable, by the name of an output or an attribute of the injection. */
const char *export_variable(struct export_writing *writing, struct bytes name);

/* An expression's comparison (expr.h). */
struct expr;
const char *export_test(struct export_writing *writing, const struct expr *test);

/* The value of an output; *ret_name: the span name that it reads, from 1, 0: the injection. */
const char *export_output(struct buf *out, const struct output *output, uint32_t *ret_name);

/* A text in quotes, as expressions write it. */
const char *export_quoted(struct buf *out, struct bytes text);

/* A text as a scalar of YAML in double quotes. */
void export_scalar(struct buf *out, struct bytes text);

#endif
