/* What one filter or condition says of one span, and what that comes to in each reading of the
 * evidence. Pure.
 *
 * Marks keep apart what no further copy of the span can change from what hinges on a missing key (a
 * copy may yet say that attributes were dropped). */
#ifndef ASSERTD_ASSERTIONS_MARKS_H
#define ASSERTD_ASSERTIONS_MARKS_H

#include "assertions/ast.h"
#include "daemon/core/arena.h"
#include "daemon/model/span.h"
#include "daemon/model/verdict.h"

enum mark {
    MARK_NONE = 0, /* not looked at: memory was short */
    MARK_FALSE,
    MARK_TRUE,
    MARK_ABSENT,       /* a condition's attribute is missing (hinges on it) */
    MARK_ERROR,        /* can't be compared */
    MARK_CLOCK,        /* reads times of a span that ends before it starts */
    MARK_SKEW,         /* reads what clocks leave open */
    MARK_MISSED_FALSE, /* hinges on a missing key */
    MARK_MISSED_TRUE,
    MARK_LOST_FALSE, /* the same, and the span dropped attributes: unknown; FALSE, TRUE as received
                      */
    MARK_LOST_TRUE,
    MARK_LOST, /* a condition that can't be known for dropped attributes, events or links */
};

/* In which readings of the evidence a filter holds, a set: all of several filters is AND, any is
 * OR. Nothing set: it does not hold in any. */
enum holds {
    HOLDS_PERHAPS = 1,  /* the trace is complete: it holds, or dropped attributes could decide */
    HOLDS_CLOSED = 2,   /* the trace is complete: it holds for certain */
    HOLDS_OPEN = 4,     /* it holds whatever else may come */
    HOLDS_RECEIVED = 8, /* as received, nothing unknown */
    HOLDS_ALL = 15,
};

/* The marks of a filter and of a condition on the keys of a span. `scratch` holds decoded events or
 * links until return. */
enum mark marks_of_filter(const struct filter *filter, const struct span *span,
                          struct arena *scratch);
enum mark marks_of_condition(const struct condition *condition, const struct span *span,
                             struct arena *scratch);

/* The mark of a condition that has this truth and these flags (enum lookup_flag). */
enum mark mark_of_truth(enum truth truth, unsigned flags);

/* The readings in which a filter with this mark holds. */
unsigned mark_holds(enum mark mark);

/* Whether a filter with this mark holds as received. */
bool mark_is_true(enum mark mark);

/* A set of own results in one byte: of a complete trace in the low half, while further copies may
 * come in the high half. */
#define RESULTS_OPEN_SHIFT 4
#define RESULTS_CLOSED     15u
static inline unsigned result_bit(enum result result)
{
    return 1u << (result - RESULT_PASS);
}

/* The own results, one in each half, of a span whose condition has this mark, and one of them. */
unsigned mark_results(enum mark mark, enum quantifier quantifier);
enum result mark_result(enum mark mark, enum quantifier quantifier, bool open);

/* The readings in which `count` filters all hold; stops at the first that holds in none. */
unsigned filters_hold(const struct filter *filters, uint32_t count, const struct span *span,
                      struct arena *scratch);

#endif
