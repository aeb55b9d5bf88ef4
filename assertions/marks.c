/* Marks live in one array of rows, a row for each stored span, doubled as the trace grows: an abandoned smaller array
 * stays in the trace's arena, which costs at most as much again. */
#include "assertions/marks.h"

#include <string.h>

#include "assertions/lookup.h"

#define MARKS_PER_WORD 16u

static uint32_t row_words(const struct suite_set *set)
{
    uint32_t marks = set->filter_count + set->condition_count;
    return (marks + MARKS_PER_WORD - 1) / MARKS_PER_WORD;
}

static enum mark row_get(const uint64_t *row, uint32_t place)
{
    return (enum mark)(row[place / MARKS_PER_WORD] >> (place % MARKS_PER_WORD * 4) & 15);
}

static void row_set(uint64_t *row, uint32_t place, enum mark mark)
{
    uint64_t *word = &row[place / MARKS_PER_WORD];
    unsigned shift = place % MARKS_PER_WORD * 4;
    *word = (*word & ~(UINT64_C(15) << shift)) | (uint64_t)mark << shift;
}

static const uint64_t *row_of(const struct judge *judge, uint32_t index)
{
    return judge->outcomes + (size_t)index * row_words(judge->set);
}

enum mark marks_filter(const struct judge *judge, uint32_t index, uint32_t filter)
{
    return index < judge->outcome_room ? row_get(row_of(judge, index), filter) : MARK_NONE;
}

enum mark marks_condition(const struct judge *judge, uint32_t index, uint32_t condition)
{
    if (index >= judge->outcome_room) {
        return MARK_NONE;
    }
    return row_get(row_of(judge, index), judge->set->filter_count + condition);
}

static enum mark filter_mark(const struct filter *filter, const struct span *span, struct arena *scratch)
{
    unsigned flags = 0;
    bool holds = filter_match(filter, span, scratch, &flags) == TRUTH_TRUE;
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

enum mark marks_of_condition(const struct condition *condition, const struct span *span, struct arena *scratch)
{
    unsigned flags = 0;
    enum truth truth = lookup_compare(&condition->left.key, condition->op, &condition->right.literal,
                                      condition->regex, span, scratch, &flags);
    if (flags & LOOKUP_CLOCK) {
        return MARK_CLOCK;
    }
    if (flags & (LOOKUP_DROPPED | LOOKUP_NO_MEMORY)) {
        return MARK_LOST;
    }
    return truth_mark(truth_negate(truth, condition->negations), (flags & LOOKUP_MISSED) != 0);
}

/* Whether the filters of a chain's last part leave the span selectable: only then its conditions are looked at. */
static bool part_possible(const struct selector_part *part, const uint64_t *row)
{
    for (uint32_t i = 0; i < part->filter_count; i++) {
        enum mark mark = row_get(row, part->filters[i].index);
        if (mark == MARK_FALSE || mark == MARK_NONE) {
            return false;
        }
    }
    return true;
}

static bool selector_possible(const struct selector *selector, const uint64_t *row)
{
    for (uint32_t i = 0; i < selector->chain_count; i++) {
        const struct selector_chain *chain = &selector->chains[i];
        if (part_possible(&chain->parts[chain->part_count - 1], row)) {
            return true;
        }
    }
    return false;
}

static void mark_conditions(const struct judge *judge, const struct assertion *assertion, const struct span *span,
                            uint64_t *row, struct arena *scratch)
{
    if (assertion->select == NULL || !selector_possible(assertion->select, row)) {
        return;
    }
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        const struct condition *condition = assertion->conditions[i];
        if (condition->reads_span && condition->left.type == TERM_KEY) {
            row_set(row, judge->set->filter_count + assertion->condition_base + i,
                    marks_of_condition(condition, span, scratch));
        }
    }
}

static void mark_row(struct judge *judge, const struct span *span, uint64_t *row, struct arena *scratch)
{
    const struct suite_set *set = judge->set;
    memset(row, 0, row_words(set) * sizeof *row);
    for (uint32_t i = 0; i < set->filter_count; i++) {
        row_set(row, i, filter_mark(set->filters[i], span, scratch));
    }
    for (uint32_t i = 0; i < set->suite_count; i++) {
        const struct suite *suite = &set->suites[i];
        for (uint32_t k = 0; k < suite->assertion_count; k++) {
            mark_conditions(judge, &suite->assertions[k], span, row, scratch);
        }
    }
}

static int make_room(struct judge *judge, uint32_t index)
{
    if (index < judge->outcome_room) {
        return 0;
    }
    uint32_t words = row_words(judge->set);
    uint32_t room = judge->outcome_room != 0 ? judge->outcome_room : 8;
    while (room <= index) {
        room *= 2;
    }
    uint64_t *outcomes = arena_calloc(&judge->trace->arena, (size_t)room * words, sizeof *outcomes);
    if (outcomes == NULL) {
        return JUDGE_NO_MEMORY;
    }
    if (judge->outcome_room != 0) {
        memcpy(outcomes, judge->outcomes, (size_t)judge->outcome_room * words * sizeof *outcomes);
    }
    judge->outcomes = outcomes;
    judge->outcome_room = room;
    return 0;
}

int marks_make(struct judge *judge, const struct span *span, uint32_t index, struct arena *scratch)
{
    if (row_words(judge->set) == 0) {
        return 0;
    }
    int bad = make_room(judge, index);
    if (bad) {
        return bad;
    }
    mark_row(judge, span, judge->outcomes + (size_t)index * row_words(judge->set), scratch);
    return 0;
}

int marks_remake(struct judge *judge, struct arena *scratch)
{
    for (uint32_t i = 0; i < judge->trace->count && i < judge->outcome_room; i++) {
        struct span span;
        if (trace_span_decode(judge->trace, i, scratch, &span) != 0) {
            return JUDGE_NO_MEMORY;
        }
        mark_row(judge, &span, judge->outcomes + (size_t)i * row_words(judge->set), scratch);
    }
    return 0;
}
