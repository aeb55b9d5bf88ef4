#include "assertions/marks.h"

#include "assertions/lookup.h"

enum mark marks_of_filter(const struct filter *filter, const struct span *span,
                          struct arena *scratch)
{
    unsigned flags = 0;
    bool holds = filter_match(filter, span, scratch, &flags) == TRUTH_TRUE;
    if (flags & LOOKUP_NO_MEMORY) {
        return MARK_NONE;
    }
    if (flags & LOOKUP_DROPPED) {
        return holds ? MARK_LOST_TRUE : MARK_LOST_FALSE;
    }
    if (flags & LOOKUP_MISSED) {
        return holds ? MARK_MISSED_TRUE : MARK_MISSED_FALSE;
    }
    return holds ? MARK_TRUE : MARK_FALSE;
}

static enum mark truth_mark(enum truth truth, bool missed)
{
    switch (truth) {
    case TRUTH_INCOMPARABLE:
        return MARK_ERROR;
    case TRUTH_ABSENT:
        return MARK_ABSENT;
    case TRUTH_TRUE:
        return missed ? MARK_MISSED_TRUE : MARK_TRUE;
    default:
        return missed ? MARK_MISSED_FALSE : MARK_FALSE;
    }
}

enum mark marks_of_condition(const struct condition *condition, const struct span *span,
                             struct arena *scratch)
{
    unsigned flags = 0;
    enum truth truth =
        lookup_compare(&condition->left.key, condition->op, &condition->right.literal,
                       condition->regex, span, scratch, &flags);
    if (flags & LOOKUP_NO_MEMORY) {
        return MARK_NONE;
    }
    if (flags & LOOKUP_CLOCK) {
        return MARK_CLOCK;
    }
    if (flags & LOOKUP_DROPPED) {
        return MARK_LOST;
    }
    return truth_mark(truth_negate(truth, condition->negations), (flags & LOOKUP_MISSED) != 0);
}

unsigned mark_holds(enum mark mark)
{
    switch (mark) {
    case MARK_TRUE:
        return HOLDS_ALL;
    case MARK_MISSED_TRUE:
        return HOLDS_PERHAPS | HOLDS_CLOSED | HOLDS_RECEIVED;
    case MARK_LOST_TRUE:
        return HOLDS_PERHAPS | HOLDS_RECEIVED;
    case MARK_LOST_FALSE:
    case MARK_NONE:
        return HOLDS_PERHAPS;
    default:
        return 0;
    }
}

bool mark_is_true(enum mark mark)
{
    return (mark_holds(mark) & HOLDS_RECEIVED) != 0;
}

enum result mark_result(enum mark mark, enum quantifier quantifier, bool open)
{
    bool holds = mark == MARK_TRUE || mark == MARK_MISSED_TRUE;
    switch (mark) {
    case MARK_ERROR:
        return RESULT_ERROR;
    case MARK_NONE:
    case MARK_CLOCK:
    case MARK_LOST:
        return RESULT_INCONCLUSIVE;
    case MARK_ABSENT:
    case MARK_MISSED_FALSE:
    case MARK_MISSED_TRUE:
        if (open) {
            return RESULT_INCONCLUSIVE;
        }
        break;
    default:
        break;
    }
    return holds != (quantifier == QUANTIFIER_NONE) ? RESULT_PASS : RESULT_FAIL;
}

unsigned filters_hold(const struct filter *filters, uint32_t count, const struct span *span,
                      struct arena *scratch)
{
    unsigned holds = HOLDS_ALL;
    for (uint32_t i = 0; i < count && holds != 0; i++) {
        holds &= mark_holds(marks_of_filter(&filters[i], span, scratch));
    }
    return holds;
}
