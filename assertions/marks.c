#include "assertions/marks.h"

#include "assertions/evaluate.h"
#include "assertions/filter_match.h"

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

enum mark mark_of_truth(enum truth truth, unsigned flags)
{
    if (flags & LOOKUP_NO_MEMORY) {
        return MARK_NONE;
    }
    if (flags & LOOKUP_CLOCK) {
        return MARK_CLOCK;
    }
    if (flags & LOOKUP_DROPPED) {
        return MARK_LOST;
    }
    if (flags & LOOKUP_SKEW) {
        return MARK_SKEW;
    }
    return truth_mark(truth, (flags & LOOKUP_MISSED) != 0);
}

static enum mark mark_of_test(const struct expr *test, const struct span *span,
                              struct arena *scratch)
{
    struct evaluation evaluation = {.span = span, .scratch = scratch};
    struct arena_mark before = arena_mark(scratch);
    struct judged judged = evaluate_truth(&evaluation, test);
    arena_rewind(scratch, before);
    return mark_of_truth(judged.truth, judged.flags);
}

/* The most frequent condition: on a time that a span took, against a duration. */
static enum mark mark_of_duration(const struct condition *condition, const struct span *span)
{
    if (span->end_ns < span->start_ns) {
        return MARK_CLOCK;
    }
    enum truth truth =
        compare_ns(condition->op, span->end_ns - span->start_ns, condition->right.literal.ns);
    return truth_mark(truth_negate(truth, condition->negations), false);
}

static bool is_duration(const struct condition *condition)
{
    const struct key *key = &condition->left.key;
    return key->space == KEY_FIELD && key->field == FIELD_DURATION &&
           condition->op <= OP_GREATER_EQUAL && condition->right.literal.type == OPERAND_DURATION;
}

enum mark marks_of_condition(const struct condition *condition, const struct span *span,
                             struct arena *scratch)
{
    unsigned flags = 0;
    if (condition->test != NULL) {
        return mark_of_test(condition->test, span, scratch);
    }
    if (is_duration(condition)) {
        return mark_of_duration(condition, span);
    }
    enum truth truth =
        lookup_compare(&condition->left.key, condition->op, &condition->right.literal,
                       condition->regex, span, scratch, &flags);
    return mark_of_truth(truth_negate(truth, condition->negations), flags);
}

unsigned mark_holds(enum mark mark)
{
    static const uint8_t holds[] = {
        [MARK_NONE] = HOLDS_PERHAPS,
        [MARK_FALSE] = 0,
        [MARK_TRUE] = HOLDS_ALL,
        [MARK_MISSED_FALSE] = 0,
        [MARK_MISSED_TRUE] = HOLDS_PERHAPS | HOLDS_CLOSED | HOLDS_RECEIVED,
        [MARK_LOST_FALSE] = HOLDS_PERHAPS,
        [MARK_LOST_TRUE] = HOLDS_PERHAPS | HOLDS_RECEIVED,
        [MARK_LOST] = 0,
    };
    return holds[mark];
}

bool mark_is_true(enum mark mark)
{
    return (mark_holds(mark) & HOLDS_RECEIVED) != 0;
}

unsigned mark_results(enum mark mark, enum quantifier quantifier)
{
    enum { P = RESULT_PASS, F = RESULT_FAIL, E = RESULT_ERROR, I = RESULT_INCONCLUSIVE };
#define BOTH(closed, open) (1u << ((closed)-P) | 1u << ((open)-P + RESULTS_OPEN_SHIFT))
    static const uint8_t results[][2] = {
        [MARK_NONE] = {BOTH(I, I), BOTH(I, I)},
        [MARK_FALSE] = {BOTH(F, F), BOTH(P, P)},
        [MARK_TRUE] = {BOTH(P, P), BOTH(F, F)},
        [MARK_ABSENT] = {BOTH(F, I), BOTH(P, I)},
        [MARK_ERROR] = {BOTH(E, E), BOTH(E, E)},
        [MARK_CLOCK] = {BOTH(I, I), BOTH(I, I)},
        [MARK_SKEW] = {BOTH(I, I), BOTH(I, I)},
        [MARK_LOST] = {BOTH(I, I), BOTH(I, I)},
        [MARK_MISSED_FALSE] = {BOTH(F, I), BOTH(P, I)},
        [MARK_MISSED_TRUE] = {BOTH(P, I), BOTH(F, I)},
    };
#undef BOTH
    return results[mark][quantifier == QUANTIFIER_NONE];
}

enum result mark_result(enum mark mark, enum quantifier quantifier, bool open)
{
    unsigned results = mark_results(mark, quantifier);
    results = open ? results >> RESULTS_OPEN_SHIFT : results;
    return (enum result)(RESULT_PASS + __builtin_ctz(results));
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
