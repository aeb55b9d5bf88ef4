#include "assertions/selection.h"

#include <stdlib.h>
#include <string.h>

#include "assertions/relative.h"

/* --- selectors that walk the trace --- */

static enum member member_of(unsigned holds, enum look_mode mode)
{
    switch (mode) {
    case LOOK_OPEN:
        return holds & HOLDS_OPEN ? MEMBER_YES : holds != 0 ? MEMBER_MAYBE : MEMBER_NO;
    case LOOK_CLOSED:
        return holds & HOLDS_CLOSED ? MEMBER_YES : holds & HOLDS_PERHAPS ? MEMBER_MAYBE : MEMBER_NO;
    default:
        return holds & HOLDS_RECEIVED ? MEMBER_YES : MEMBER_NO;
    }
}

static int compare_in_order(const void *a, const void *b, void *trace)
{
    return trace_span_compare(trace, *(const uint32_t *)a, *(const uint32_t *)b);
}

/* The spans that are members of at least `degree`, in order. */
static uint32_t *candidates_in_order(struct look *look, const uint8_t *members, enum member degree,
                                     uint32_t *ret_count)
{
    struct trace *trace = look->judge->trace;
    uint32_t *order = arena_alloc(look->scratch, ((size_t)trace->count + 1) * sizeof *order);
    *ret_count = 0;
    if (order == NULL) {
        look->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        if (members[i] >= degree) {
            order[(*ret_count)++] = i;
        }
    }
    qsort_r(order, *ret_count, sizeof *order, compare_in_order, trace);
    return order;
}

/* Leaves the nth candidate. Where uncertain ones could change the pick, each that could be the nth
 * is a maybe: `sure` and `all` count the candidates before it. */
static void pick_nth(uint8_t *members, const uint32_t *order, uint32_t count, uint32_t nth,
                     bool from_end)
{
    uint32_t sure = 0;
    uint32_t all = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t span = order[from_end ? count - 1 - i : i];
        bool certain = members[span] == MEMBER_YES;
        bool possible = sure <= nth - 1 && nth - 1 <= all;
        if (!possible) {
            members[span] = MEMBER_NO;
        } else if (sure != all || !certain) {
            members[span] = MEMBER_MAYBE;
        }
        sure += certain;
        all++;
    }
}

static void apply_pseudo(struct look *look, const struct selector_part *part, uint8_t *members)
{
    uint32_t count;
    uint32_t *order = candidates_in_order(look, members, MEMBER_MAYBE, &count);
    if (order != NULL) {
        uint32_t nth = part->pseudo == PSEUDO_NTH ? part->nth : 1;
        pick_nth(members, order, count, nth, part->pseudo == PSEUDO_LAST);
    }
}

/* A walk over the parts of a selector. */
struct walker {
    struct look *look;
    struct probe *const *probes; /* by place */
};

/* An entry for each span, all MEMBER_NO. NULL: no memory. */
static uint8_t *nobody(struct look *look)
{
    uint8_t *members = arena_calloc(look->scratch, (size_t)look->judge->trace->count + 1, 1);
    look->failed |= members == NULL;
    return members;
}

/* The members of a part by its own filters. */
static void find_members(const struct walker *walker, const struct selector_part *part,
                         uint8_t *members)
{
    struct look *look = walker->look;
    const struct probe *probe = walker->probes[part->place];
    const struct sighting *sighting = sightings_of(&look->judge->sightings, probe);
    uint32_t count = sighting_list_count(sighting);
    memset(members, MEMBER_NO, look->judge->trace->count);
    for (uint32_t i = 0; i < count; i++) {
        struct listed_span entry = sighting_list_entry(sighting, probe, i);
        members[entry.span] = (uint8_t)member_of(entry.holds, look->mode);
    }
}

/* Whether each part of a chain has found a span. */
static bool are_found(const struct walker *walker, const struct selector_chain *chain)
{
    bool found = true;
    for (uint32_t p = 0; found && p < chain->part_count; p++) {
        const struct probe *probe = walker->probes[chain->parts[p].place];
        found = sightings_of(&walker->look->judge->sightings, probe) != NULL;
    }
    return found;
}

static void apply_tests(const struct walker *walker, const struct selector_part *part,
                        uint8_t *members);

/* Raises `ret` to the degree in which a span has what the chain selects, from its last part back to
 * the span. Relations that some span fulfils can be taken from behind: each step asks who has a
 * partner that has one in turn. */
static void find_having(const struct walker *walker, const struct selector_chain *chain,
                        uint8_t *ret)
{
    struct look *look = walker->look;
    uint32_t count = look->judge->trace->count;
    uint8_t *behind = nobody(look);
    uint8_t *members = nobody(look);
    if (look->failed || !are_found(walker, chain)) {
        return;
    }
    for (uint32_t p = chain->part_count; p > 0 && !look->failed; p--) {
        struct arena_mark mark = arena_mark(look->scratch);
        const struct selector_part *part = &chain->parts[p - 1];
        uint8_t *before = behind;
        find_members(walker, part, members);
        if (p < chain->part_count) {
            struct relative relative = {part[1].relation, true, before};
            relative_weaken(look, &relative, members);
        }
        apply_tests(walker, part, members);
        behind = members;
        members = before;
        arena_rewind(look->scratch, mark);
    }
    memset(members, MEMBER_YES, count);
    struct relative relative = {chain->parts[0].relation, true, behind};
    relative_weaken(look, &relative, members);
    for (uint32_t i = 0; i < count; i++) {
        ret[i] = members[i] > ret[i] ? members[i] : ret[i];
    }
}

static void apply_has(const struct walker *walker, const struct place_test *test, uint8_t *members)
{
    struct look *look = walker->look;
    uint8_t *having = nobody(look);
    for (uint32_t c = 0; c < test->chain_count && !look->failed; c++) {
        struct arena_mark mark = arena_mark(look->scratch);
        find_having(walker, &test->chains[c], having);
        arena_rewind(look->scratch, mark);
    }
    for (uint32_t i = 0; !look->failed && i < look->judge->trace->count; i++) {
        members[i] = having[i] < members[i] ? having[i] : members[i];
    }
}

/* As deep as :has(...) is nested. */
static void apply_tests(const struct walker *walker, const struct selector_part *part,
                        uint8_t *members)
{
    for (uint32_t i = 0; i < part->test_count && !walker->look->failed; i++) {
        const struct place_test *test = &part->tests[i];
        if (test->type == PLACE_HAS) {
            apply_has(walker, test, members);
        } else if (test->type == PLACE_ROOT) {
            relative_leave_roots(walker->look, members);
        } else {
            relative_leave_leaves(walker->look, members);
        }
    }
}

/* NULL: it selects nothing, or no memory. */
static uint8_t *select_chain(const struct walker *walker, const struct selector_chain *chain)
{
    struct look *look = walker->look;
    uint8_t *members = nobody(look);
    uint8_t *upper = nobody(look);
    if (!are_found(walker, chain)) {
        return NULL;
    }
    for (uint32_t p = 0; p < chain->part_count && !look->failed; p++) {
        struct arena_mark mark = arena_mark(look->scratch);
        const struct selector_part *part = &chain->parts[p];
        uint8_t *last = members;
        members = upper;
        upper = last;
        find_members(walker, part, members);
        if (p > 0) {
            struct relative relative = {part->relation, false, upper};
            relative_weaken(look, &relative, members);
        }
        apply_tests(walker, part, members);
        if (part->pseudo != PSEUDO_NONE && !look->failed) {
            apply_pseudo(look, part, members);
        }
        arena_rewind(look->scratch, mark);
    }
    return look->failed ? NULL : members;
}

static void count_members(struct selection *selection, const uint8_t *members, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (members[i] == MEMBER_YES && selection->yes++ == 0) {
            selection->first = i;
        }
        selection->maybe += members[i] == MEMBER_MAYBE;
    }
}

static void walk(struct selection *ret, const struct selector_plan *plan, struct look *look)
{
    const struct selector *selector = plan->selector;
    uint32_t count = look->judge->trace->count;
    uint8_t *all = arena_calloc(&look->shared, count + 1, 1);
    const struct walker walker = {look, plan->parts};
    if (all == NULL) {
        look->failed = true;
        return;
    }
    for (uint32_t c = 0; c < selector->chain_count; c++) {
        struct arena_mark mark = arena_mark(look->scratch);
        const uint8_t *members = select_chain(&walker, &selector->chains[c]);
        for (uint32_t i = 0; members != NULL && i < count; i++) {
            all[i] = members[i] > all[i] ? members[i] : all[i];
        }
        arena_rewind(look->scratch, mark);
    }
    ret->members = all;
    count_members(ret, all, count);
}

/* Equal selectors share one walk in each look (in one mode: a suite's `traces` is read in two). */
static void walk_once(struct selection *ret, const struct selector_plan *plan, struct look *look)
{
    uint32_t count = look->judge->set->program.walking_count;
    bool shares = look->mode != LOOK_RECEIVED;
    if (look->walked == NULL) {
        look->walked = arena_calloc(&look->shared, count, sizeof(struct selection *));
    }
    if (shares && look->walked != NULL && look->walked[plan->walking] != NULL) {
        *ret = *look->walked[plan->walking];
        return;
    }
    walk(ret, plan, look);
    struct selection *kept = shares ? arena_alloc(&look->shared, sizeof *kept) : NULL;
    if (kept != NULL && look->walked != NULL) {
        *kept = *ret;
        look->walked[plan->walking] = kept;
    }
}

/* --- all selectors --- */

static void take_numbers(struct selection *ret, const struct probe *probe, enum look_mode mode)
{
    struct sighting_numbers numbers = sighting_numbers(ret->sighting, probe);
    switch (mode) {
    case LOOK_OPEN:
        ret->yes = numbers.open_count;
        ret->first = numbers.open_first;
        break;
    case LOOK_CLOSED:
        ret->yes = numbers.count;
        ret->first = numbers.first;
        ret->maybe = (ret->sighting->holds & SIGHTINGS_UNCERTAIN) != 0;
        break;
    default:
        ret->yes = (ret->sighting->holds & HOLDS_RECEIVED) != 0;
    }
}

void selection_make(struct selection *ret, const struct selector *selector, struct look *look)
{
    const struct selector_plan *plan = &look->judge->set->program.plans[selector->number];
    *ret = (struct selection){.selector = selector, .pseudo = selector->has_pseudo};
    ret->sighting = sightings_of(&look->judge->sightings, plan->probe);
    if (ret->sighting == NULL) {
        return;
    }
    if (plan->parts != NULL) {
        walk_once(ret, plan, look);
    } else {
        take_numbers(ret, plan->probe, look->mode);
    }
}

static unsigned results_of_listed(const struct selection *selection, const struct probe *probe,
                                  const struct condition *condition, uint32_t place, bool open)
{
    uint32_t count = sighting_list_count(selection->sighting);
    unsigned results = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct listed_span entry = sighting_list_entry(selection->sighting, probe, i);
        if (selection->members[entry.span] == MEMBER_YES) {
            enum mark mark = (enum mark)entry.marks[place];
            results |= result_bit(mark_result(mark, condition->quantifier, open));
        }
    }
    return results;
}

unsigned selection_results(const struct selection *selection, const struct condition *condition,
                           const struct look *look)
{
    const struct program *program = &look->judge->set->program;
    const struct selector_plan *plan = &program->plans[selection->selector->number];
    uint32_t place = program->condition_places[condition->number];
    bool open = look->mode == LOOK_OPEN;
    if (selection->yes == 0) {
        return 0;
    }
    if (plan->parts != NULL) {
        return results_of_listed(selection, plan->probe, condition, place, open);
    }
    unsigned results = sighting_results(selection->sighting, place);
    return open ? results >> RESULTS_OPEN_SHIFT : results & RESULTS_CLOSED;
}

const uint8_t *selection_marks(const struct selection *selection,
                               const struct condition *condition, struct look *look)
{
    const struct program *program = &look->judge->set->program;
    const struct selector_plan *plan = &program->plans[selection->selector->number];
    uint8_t *marks = arena_calloc(look->scratch, look->judge->trace->count + 1, 1);
    if (marks == NULL || selection->members == NULL) {
        look->failed |= marks == NULL;
        return marks;
    }
    uint32_t place = program->condition_places[condition->number];
    uint32_t count = sighting_list_count(selection->sighting);
    for (uint32_t i = 0; i < count; i++) {
        struct listed_span entry = sighting_list_entry(selection->sighting, plan->probe, i);
        if (selection->members[entry.span] == MEMBER_YES) {
            marks[entry.span] = entry.marks[place];
        }
    }
    return marks;
}

/* --- to explain --- */

/* Whether the span is selected, by its filters alone. */
static enum member member_again(struct look *look, const struct selector *selector, uint32_t index)
{
    unsigned holds = 0;
    for (uint32_t c = 0; !look->failed && c < selector->chain_count; c++) {
        const struct selector_part *part = &selector->chains[c].parts[0];
        const struct span *span = look_span_for(look, index, part->filters, part->filter_count);
        if (span == NULL) {
            break;
        }
        struct arena_mark mark = arena_mark(look->scratch);
        holds |= filters_hold(part->filters, part->filter_count, span, look->scratch);
        arena_rewind(look->scratch, mark);
    }
    return member_of(holds, look->mode);
}

static const uint8_t *members_again(struct look *look, const struct selector *selector)
{
    uint32_t count = look->judge->trace->count;
    uint8_t *members = arena_alloc(look->scratch, count + 1);
    if (members == NULL) {
        look->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        members[i] = (uint8_t)member_again(look, selector, i);
    }
    return look->failed ? NULL : members;
}

uint32_t *selection_in_order(struct selection *selection, struct look *look)
{
    if (selection->members == NULL) {
        selection->members = members_again(look, selection->selector);
    }
    return selection->members != NULL
               ? candidates_in_order(look, selection->members, MEMBER_YES, &selection->yes)
               : NULL;
}
