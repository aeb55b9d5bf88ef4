/* What the conditions across spans in one expression come to (whole_ruling.h), and the own times of
 * spans: worked out once for a condition, before it is evaluated on any span.
 *
 * Known at close; while the trace is open only what no further span can change. Lives in look's
 * shared memory as long as the look does. Confined to one look. */
#ifndef ASSERTD_ASSERTIONS_ACROSS_H
#define ASSERTD_ASSERTIONS_ACROSS_H

#include "assertions/evaluate.h"
#include "assertions/ruling.h"

struct across {
    const struct condition *condition;
    const struct ruling *parts;     /* by expr->place */
    const struct self_times *times; /* NULL: not read, or the trace is open */
};

/* Of a condition whose test reads across spans; `selected`: what its assertion selects, or NULL.
 * NULL: no memory (look->failed is set). */
const struct across *across_make(const struct ruling_scene *scene,
                                 const struct condition *condition,
                                 const struct selection *selected);

/* The same again, where it is the latest that was made; NULL: it is not. */
const struct across *across_again(const struct look *look, const struct condition *condition);

/* The value of an EXPR_ACROSS, the truth of an EXPR_ACROSS_TRUTH, span:self_time of a span; unknown
 * where `across` is NULL. */
struct evaluated across_value(const struct across *across, const struct expr *expr);
struct judged across_truth(const struct across *across, const struct expr *expr);
struct evaluated across_self_time(const struct across *across, const struct expr *expr,
                                  uint32_t index);

/* The ruling of an EXPR_ACROSS_TRUTH; NULL: it is none, or `across` is NULL. */
const struct ruling *across_part(const struct across *across, const struct expr *expr);

/* Whether some part hinges on dropped attributes. */
bool across_hinges(const struct across *across);

/* The first part that is not known; NULL: all are. */
const struct ruling *across_unknown(const struct across *across);

/* Whether some part of what is read hangs on spans that no selector finds. */
bool across_reads_trace(const struct expr_reads *reads);

#endif
