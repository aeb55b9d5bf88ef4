/* Pieces of Tracetest's language, written. Each appends and returns NULL, or says why Tracetest
 * can't express it (static storage); what was appended then is worth nothing. Pure. */
#ifndef ASSERTD_TRACETEST_EXPORT_TEXT_H
#define ASSERTD_TRACETEST_EXPORT_TEXT_H

#include "assertions/ast.h"
#include "daemon/core/buf.h"

/* A selector. */
const char *export_selector(struct buf *out, const struct selector *selector);

/* A condition of the selected spans, or on the injection (`on_injection`: then it belongs to the
 * trigger's span). `all_spans`: the selector is span[]. */
const char *export_condition(struct buf *out, const struct condition *condition, bool all_spans,
                             bool *ret_on_injection);

/* A text in quotes, as expressions write it. */
const char *export_quoted(struct buf *out, struct bytes text);

/* A text as a scalar of YAML in double quotes. */
void export_scalar(struct buf *out, struct bytes text);

#endif
