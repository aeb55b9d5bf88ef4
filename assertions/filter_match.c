#include "assertions/filter_match.h"

#include "assertions/evaluate.h"

static enum truth all_truth(const struct filter *filters, uint32_t count, const struct span *span,
                            struct arena *scratch, unsigned *ret_flags);

static enum truth test_truth(const struct expr *test, const struct span *span,
                             struct arena *scratch, unsigned *ret_flags)
{
    struct evaluation evaluation = {.span = span, .scratch = scratch};
    struct arena_mark before = arena_mark(scratch);
    struct judged judged = evaluate_truth(&evaluation, test);
    arena_rewind(scratch, before);
    *ret_flags = judged.flags;
    return (judged.flags & LOOKUP_CLOCK) != 0 ? TRUTH_INCOMPARABLE : judged.truth;
}

/* Four-valued, so that not() leaves alone what can't be known: a broken clock counts as not
 * comparable. */
static enum truth filter_truth(const struct filter *filter, const struct span *span,
                               struct arena *scratch, unsigned *ret_flags)
{
    if (filter->type == FILTER_EXPR) {
        return test_truth(filter->test, span, scratch, ret_flags);
    }
    if (filter->type == FILTER_COMPARE) {
        enum truth truth = lookup_compare(&filter->key, filter->op, &filter->literal, filter->regex,
                                          span, scratch, ret_flags);
        return (*ret_flags & LOOKUP_CLOCK) != 0 ? TRUTH_INCOMPARABLE : truth;
    }
    return truth_negate(all_truth(filter->inner, filter->inner_count, span, scratch, ret_flags), 1);
}

/* Of a conjunction: one that is false decides, whatever the others are. */
static enum truth all_truth(const struct filter *filters, uint32_t count, const struct span *span,
                            struct arena *scratch, unsigned *ret_flags)
{
    unsigned all = 0;
    unsigned settled = 0; /* the flags that some false filter does without */
    bool broken = false;
    bool incomparable = false;
    for (uint32_t i = 0; i < count; i++) {
        unsigned flags;
        enum truth truth = filter_truth(&filters[i], span, scratch, &flags);
        all |= flags;
        if (truth == TRUTH_INCOMPARABLE) {
            incomparable = true;
        } else if (truth != TRUTH_TRUE) {
            broken = true;
            settled |= ~flags & (LOOKUP_DROPPED | LOOKUP_MISSED);
        }
    }
    *ret_flags = all & ~settled;
    return broken ? TRUTH_FALSE : incomparable ? TRUTH_INCOMPARABLE : TRUTH_TRUE;
}

enum truth filter_match(const struct filter *filter, const struct span *span, struct arena *scratch,
                        unsigned *ret_flags)
{
    return filter_truth(filter, span, scratch, ret_flags) == TRUTH_TRUE ? TRUTH_TRUE : TRUTH_FALSE;
}

bool filters_match(const struct filter *filters, uint32_t count, const struct span *span,
                   struct arena *scratch, unsigned *ret_flags)
{
    unsigned all = 0;
    unsigned settled = 0; /* the flags that some false filter does without */
    bool matches = true;
    for (uint32_t i = 0; i < count; i++) {
        unsigned flags;
        bool match = filter_match(&filters[i], span, scratch, &flags) == TRUTH_TRUE;
        all |= flags;
        if (!match) {
            matches = false;
            settled |= ~flags & (LOOKUP_DROPPED | LOOKUP_MISSED);
        }
    }
    *ret_flags = all & ~settled;
    return matches;
}
