#include "assertions/selection.h"

#include <stdlib.h>
#include <string.h>

#include "assertions/marks.h"

static enum member member_of(enum mark mark, enum look_mode mode)
{
    switch (mark) {
    case MARK_TRUE:
        return MEMBER_YES;
    case MARK_MISSED_TRUE:
        return mode == LOOK_OPEN ? MEMBER_MAYBE : MEMBER_YES;
    case MARK_MISSED_FALSE:
        return mode == LOOK_OPEN ? MEMBER_MAYBE : MEMBER_NO;
    case MARK_LOST_TRUE:
        return mode == LOOK_RECEIVED ? MEMBER_YES : MEMBER_MAYBE;
    case MARK_LOST_FALSE:
    case MARK_NONE:
        return mode == LOOK_RECEIVED ? MEMBER_NO : MEMBER_MAYBE;
    default:
        return MEMBER_NO;
    }
}

/* All filters of a part hold: the weakest answer counts. */
static enum member part_member(const struct look *look, const struct selector_part *part,
                               uint32_t span)
{
    enum member all = MEMBER_YES;
    for (uint32_t i = 0; i < part->filter_count && all != MEMBER_NO; i++) {
        enum member one =
            member_of(marks_filter(look->judge, span, part->filters[i].index), look->mode);
        all = one < all ? one : all;
    }
    return all;
}

void look_init(struct look *ret, const struct judge *judge, enum look_mode mode,
               struct arena *scratch)
{
    *ret = (struct look){
        .judge = judge, .mode = mode, .scratch = scratch, .relations = ARENA_INIT(1024, 0)};
}

void look_deinit(struct look *look)
{
    arena_deinit(&look->relations);
}

static const struct family *look_family(struct look *look)
{
    if (!look->has_family && !look->failed) {
        look->failed = family_make(&look->family, look->judge->trace, &look->relations) != 0;
        look->has_family = !look->failed;
    }
    return look->has_family ? &look->family : NULL;
}

/* below[i]: some parent (ancestor) of i is a member of at least `degree` in `upper`. */
static bool *below_of(struct look *look, const uint8_t *upper, enum relation relation,
                      enum member degree)
{
    uint32_t count = look->judge->trace->count;
    const struct family *family = look_family(look);
    bool *set = arena_alloc(look->scratch, count + 1);
    bool *below = arena_alloc(look->scratch, count + 1);
    if (family == NULL || set == NULL || below == NULL) {
        look->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        set[i] = upper[i] >= degree;
    }
    int bad = relation == RELATION_CHILD ? family_children(family, set, below, look->scratch)
                                         : family_descendants(family, set, below, look->scratch);
    look->failed |= bad != 0;
    return bad ? NULL : below;
}

/* Weakens the members of a part by its relation to the members of the part before it. */
static void apply_relation(struct look *look, enum relation relation, const uint8_t *upper,
                           uint8_t *members)
{
    const bool *sure = below_of(look, upper, relation, MEMBER_YES);
    const bool *perhaps = below_of(look, upper, relation, MEMBER_MAYBE);
    if (sure == NULL || perhaps == NULL) {
        return;
    }
    for (uint32_t i = 0; i < look->judge->trace->count; i++) {
        enum member relative = sure[i] ? MEMBER_YES : perhaps[i] ? MEMBER_MAYBE : MEMBER_NO;
        members[i] = relative < members[i] ? (uint8_t)relative : members[i];
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

static uint8_t *select_chain(struct look *look, const struct selector_chain *chain)
{
    uint32_t count = look->judge->trace->count;
    const uint8_t *upper = NULL;
    uint8_t *members = NULL;
    for (uint32_t p = 0; p < chain->part_count && !look->failed; p++) {
        const struct selector_part *part = &chain->parts[p];
        members = arena_alloc(look->scratch, count + 1);
        if (members == NULL) {
            look->failed = true;
            return NULL;
        }
        for (uint32_t i = 0; i < count; i++) {
            members[i] = (uint8_t)part_member(look, part, i);
        }
        if (upper != NULL) {
            apply_relation(look, part->relation, upper, members);
        }
        if (part->pseudo != PSEUDO_NONE) {
            apply_pseudo(look, part, members);
        }
        upper = members;
    }
    return look->failed ? NULL : members;
}

static void count_members(struct selection *selection, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (selection->members[i] == MEMBER_YES && selection->yes++ == 0) {
            selection->first = i;
        }
        selection->maybe += selection->members[i] == MEMBER_MAYBE;
    }
}

void selection_make(struct selection *ret, const struct selector *selector, struct look *look)
{
    uint32_t count = look->judge->trace->count;
    *ret = (struct selection){.pseudo = selector->has_pseudo};
    ret->members = arena_calloc(look->scratch, count + 1, 1);
    if (ret->members == NULL) {
        look->failed = true;
        return;
    }
    for (uint32_t c = 0; c < selector->chain_count; c++) {
        const uint8_t *members = select_chain(look, &selector->chains[c]);
        for (uint32_t i = 0; members != NULL && i < count; i++) {
            ret->members[i] = members[i] > ret->members[i] ? members[i] : ret->members[i];
        }
    }
    count_members(ret, count);
}

uint32_t *selection_in_order(const struct selection *selection, struct look *look)
{
    uint32_t count;
    return candidates_in_order(look, selection->members, MEMBER_YES, &count);
}
