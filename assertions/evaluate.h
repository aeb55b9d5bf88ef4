/* What an expression comes to on spans (docs/language.md, "Expressions"). Pure; takes memory from
 * the scratch arena only, at most EXPRESSION_TEXT_MAX for each value that is made, and does at most
 * EXPRESSION_WORK_MAX steps: beyond them a value can't be computed. */
#ifndef ASSERTD_ASSERTIONS_EVALUATE_H
#define ASSERTD_ASSERTIONS_EVALUATE_H

#include "assertions/arithmetic.h"
#include "daemon/core/arena.h"
#include "daemon/model/injection.h"
#include "daemon/model/span.h"

#define EXPRESSION_TEXT_MAX (1024u * 1024u)
#define EXPRESSION_WORK_MAX 10000000u /* a node each, and a byte that a function reads each */

struct across;

/* What an expression may read. */
struct evaluation {
    const struct span *span;         /* the span at hand; NULL: none */
    const struct span *const *names; /* by index; NULL: $x.KEY reads the span at hand */
    const uint32_t *counts;          /* by index: of count($x) */
    uint32_t selected;               /* count */
    const struct injection *injection;
    const struct across *across;  /* its conditions across spans; NULL: they are not known */
    uint32_t index;               /* of the span at hand, where across is not NULL */
    const uint32_t *name_indexes; /* of the spans of names, likewise */
    struct arena *scratch;
    uint32_t work; /* done so far */
};

/* A value. Of a missing one the operand's type is OPERAND_MISSING; of one that can't be computed
 * trouble is not TROUBLE_NONE. */
struct evaluated {
    struct operand operand;
    enum trouble trouble;
    unsigned flags;             /* enum lookup_flag */
    const struct expr *culprit; /* what is missing or can't be computed */
};
struct evaluated evaluate_value(struct evaluation *evaluation, const struct expr *expr);

/* A truth, with the flags that could still change it: in (..) and (..), (..) or (..) what is
 * decided by one part for certain does without the flags of the others. TRUTH_ABSENT only of a
 * comparison that stands alone. */
struct judged {
    enum truth truth;
    unsigned flags; /* enum lookup_flag */
    enum trouble trouble;
    const struct expr *culprit;
};
struct judged evaluate_truth(struct evaluation *evaluation, const struct expr *expr);

/* Counts work; false: the limit is reached. */
bool evaluation_work(struct evaluation *evaluation, size_t steps);

#endif
