/* Marks live in one array of rows, a row for each stored span, doubled as the trace grows: an
 * abandoned smaller array stays in the trace's arena, which costs at most as much again. The first
 * place of a row tells with which evidence it was made; filters and conditions follow. */
#include "assertions/marks.h"

#include <string.h>

#include "assertions/lookup.h"

#define MARKS_PER_WORD 16u
#define FIRST_FILTER   1u

static uint32_t row_words(const struct suite_set *set)
{
    uint32_t marks = FIRST_FILTER + set->filter_count + set->condition_count;
    return (marks + MARKS_PER_WORD - 1) / MARKS_PER_WORD;
}

static unsigned row_get(const uint64_t *row, uint32_t place)
{
    return (unsigned)(row[place / MARKS_PER_WORD] >> (place % MARKS_PER_WORD * 4) & 15);
}

static void row_set(uint64_t *row, uint32_t place, unsigned mark)
{
    uint64_t *word = &row[place / MARKS_PER_WORD];
    unsigned shift = place % MARKS_PER_WORD * 4;
    *word = (*word & ~(UINT64_C(15) << shift)) | (uint64_t)mark << shift;
}

static uint64_t *row_of(const struct judge *judge, uint32_t index)
{
    return judge->outcomes + (size_t)index * row_words(judge->set);
}

/* What a row says about the evidence it was made with: never 0, which a row has that was not made.
 */
static unsigned evidence_of(const struct trace_span *span)
{
    return 1u + (span->dropped_attrs != 0) + 2u * (span->dropped_events != 0) +
           4u * (span->dropped_links != 0);
}

static uint32_t condition_place(const struct suite_set *set, uint32_t condition)
{
    return FIRST_FILTER + set->filter_count + condition;
}

enum mark marks_filter(const struct judge *judge, uint32_t index, uint32_t filter)
{
    return index < judge->outcome_room
               ? (enum mark)row_get(row_of(judge, index), FIRST_FILTER + filter)
               : MARK_NONE;
}

enum mark marks_condition(const struct judge *judge, uint32_t index, uint32_t condition)
{
    if (index >= judge->outcome_room) {
        return MARK_NONE;
    }
    return (enum mark)row_get(row_of(judge, index), condition_place(judge->set, condition));
}

static enum mark filter_mark(const struct filter *filter, const struct span *span,
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

/* Whether the filters of a chain's last part leave the span selectable: only then its conditions
 * are looked at. */
static bool part_possible(const struct selector_part *part, const uint64_t *row)
{
    for (uint32_t i = 0; i < part->filter_count; i++) {
        if (row_get(row, FIRST_FILTER + part->filters[i].index) == MARK_FALSE) {
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

/* Whether a span with this mark may have decided its condition for good: worth a look even at a
 * large trace. */
static bool mark_tells(const struct condition *condition, enum mark mark)
{
    return mark == (condition->quantifier == QUANTIFIER_ALL ? MARK_FALSE : MARK_TRUE);
}

static void mark_conditions(struct judge *judge, const struct assertion *assertion,
                            const struct span *span, uint64_t *row, struct arena *scratch)
{
    if (assertion->select == NULL || !selector_possible(assertion->select, row)) {
        return;
    }
    for (uint32_t i = 0; i < assertion->condition_count; i++) {
        const struct condition *condition = assertion->conditions[i];
        if (condition->reads_span && condition->left.type == TERM_KEY) {
            enum mark mark = marks_of_condition(condition, span, scratch);
            row_set(row, condition_place(judge->set, assertion->condition_base + i), mark);
            judge->telling |= mark_tells(condition, mark);
        }
    }
}

static void mark_row(struct judge *judge, const struct span *span, uint32_t index,
                     struct arena *scratch)
{
    const struct suite_set *set = judge->set;
    uint64_t *row = row_of(judge, index);
    memset(row, 0, row_words(set) * sizeof *row);
    row_set(row, 0, evidence_of(&judge->trace->spans[index]));
    for (uint32_t i = 0; i < set->filter_count; i++) {
        row_set(row, FIRST_FILTER + i, filter_mark(set->filters[i], span, scratch));
    }
    for (uint32_t i = 0; i < set->suite_count; i++) {
        const struct suite *suite = &set->suites[i];
        for (uint32_t k = 0; k < suite->assertion_count; k++) {
            mark_conditions(judge, &suite->assertions[k], span, row, scratch);
        }
    }
}

/* New rows are all zero: not made. */
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
    struct arena_mark mark = arena_mark(scratch);
    int bad = make_room(judge, index);
    if (bad) {
        return bad;
    }
    mark_row(judge, span, index, scratch);
    arena_rewind(scratch, mark);
    return 0;
}

int marks_remake(struct judge *judge, struct arena *scratch)
{
    for (uint32_t i = 0; i < judge->trace->count && i < judge->outcome_room; i++) {
        struct arena_mark mark = arena_mark(scratch);
        struct span span;
        if (row_get(row_of(judge, i), 0) == evidence_of(&judge->trace->spans[i])) {
            continue;
        }
        if (trace_span_decode(judge->trace, i, scratch, &span) != 0) {
            return JUDGE_NO_MEMORY;
        }
        mark_row(judge, &span, i, scratch);
        arena_rewind(scratch, mark);
    }
    return 0;
}
