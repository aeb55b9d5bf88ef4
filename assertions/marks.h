/* What each distinct filter and span condition said of each stored span: four bits each, made once
 * when the span arrives.
 *
 * A judge's later looks at its trace read marks, not spans. Marks keep apart what no further copy
 * of the span can change from what hinges on a missing key (a copy may yet say that attributes were
 * dropped). Thread rule: as the judge. */
#ifndef ASSERTD_ASSERTIONS_MARKS_H
#define ASSERTD_ASSERTIONS_MARKS_H

#include "assertions/judge.h"

enum mark {
    MARK_NONE = 0, /* not looked at: memory was short, or (conditions) the span can't be selected */
    MARK_FALSE,
    MARK_TRUE,
    MARK_ABSENT,       /* a condition's attribute is missing (hinges on it) */
    MARK_ERROR,        /* can't be compared */
    MARK_CLOCK,        /* reads times of a span that ends before it starts */
    MARK_MISSED_FALSE, /* hinges on a missing key */
    MARK_MISSED_TRUE,
    MARK_LOST_FALSE, /* the same, and the span dropped attributes: unknown; FALSE, TRUE as received
                      */
    MARK_LOST_TRUE,
    MARK_LOST, /* a condition that can't be known for dropped attributes, events or links */
};

/* The mark of span `index` for filter number `filter`. */
enum mark marks_filter(const struct judge *judge, uint32_t index, uint32_t filter);

/* The mark of span `index` for condition number `condition` (condition_base + index in its
 * assertion). */
enum mark marks_condition(const struct judge *judge, uint32_t index, uint32_t condition);

/* Makes the marks of a span that was just stored. 0; JUDGE_NO_MEMORY. */
int marks_make(struct judge *judge, const struct span *span, uint32_t index, struct arena *scratch);

/* Makes the marks again of those spans whose evidence has changed by a duplicate, and of those that
 * have none yet. 0; JUDGE_NO_MEMORY. */
int marks_remake(struct judge *judge, struct arena *scratch);

/* The mark of one condition on a wide span: also for a span that is bound to a name. Pure. */
enum mark marks_of_condition(const struct condition *condition, const struct span *span,
                             struct arena *scratch);

#endif
