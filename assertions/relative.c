/* Relations by parents are told once for what is certain and once for what is possible. Links are
 * read from the bytes of the spans that could matter, and never beyond them; of a span that dropped
 * links every other span may have been linked. */
#include "assertions/relative.h"

#include <string.h>

static enum member at_most(enum member a, enum member b)
{
    return a < b ? a : b;
}

/* --- parents --- */

/* Which of the family's questions answers this one. */
static int ask_family(struct look *look, const struct relative *relative, const bool *set,
                      bool *ret)
{
    const struct family *family = look_family(look);
    struct arena *scratch = look->scratch;
    bool back = relative->backward;
    if (family == NULL) {
        return 1;
    }
    switch (relative->relation) {
    case RELATION_CHILD:
        return back ? family_parents(family, set, ret, scratch)
                    : family_children(family, set, ret, scratch);
    case RELATION_PARENT:
        return back ? family_children(family, set, ret, scratch)
                    : family_parents(family, set, ret, scratch);
    case RELATION_ANCESTOR:
        return back ? family_descendants(family, set, ret, scratch)
                    : family_ancestors(family, set, ret, scratch);
    case RELATION_SIBLING:
        return family_siblings(family, look->judge->trace, set, ret, scratch);
    default:
        return back ? family_ancestors(family, set, ret, scratch)
                    : family_descendants(family, set, ret, scratch);
    }
}

/* related[i]: i is related to a span that is in the set at least in this degree. NULL: no memory.
 */
static const bool *related_to(struct look *look, const struct relative *relative,
                              enum member degree)
{
    uint32_t count = look->judge->trace->count;
    bool *set = arena_alloc(look->scratch, (size_t)count + 1);
    bool *related = arena_alloc(look->scratch, (size_t)count + 1);
    if (set == NULL || related == NULL) {
        look->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        set[i] = relative->set[i] >= degree;
    }
    bool bad = ask_family(look, relative, set, related) != 0;
    look->failed |= bad;
    return bad ? NULL : related;
}

static void weaken_by_family(struct look *look, const struct relative *relative, uint8_t *members)
{
    const bool *sure = related_to(look, relative, MEMBER_YES);
    const bool *perhaps = sure != NULL ? related_to(look, relative, MEMBER_MAYBE) : NULL;
    for (uint32_t i = 0; perhaps != NULL && i < look->judge->trace->count; i++) {
        enum member degree = sure[i] ? MEMBER_YES : perhaps[i] ? MEMBER_MAYBE : MEMBER_NO;
        members[i] = (uint8_t)at_most(degree, (enum member)members[i]);
    }
}

/* --- links --- */

/* Numbers of spans of one kind, each with what is certain and what is possible. */
struct tally {
    uint32_t sure, perhaps;
};

static void tally_add(struct tally *tally, enum member degree)
{
    tally->sure += degree == MEMBER_YES;
    tally->perhaps += degree != MEMBER_NO;
}

/* The degree in which some span is counted, but for one that was counted in this degree. */
static enum member tally_without(const struct tally *tally, enum member own)
{
    if (tally->sure > (uint32_t)(own == MEMBER_YES)) {
        return MEMBER_YES;
    }
    return tally->perhaps > (uint32_t)(own != MEMBER_NO) ? MEMBER_MAYBE : MEMBER_NO;
}

/* The links of one span that lead to this trace, by group. */
struct link_walk {
    struct look *look;
    const struct family *family;
    struct wire_reader reader;
};

static struct link_walk links_of(struct look *look, const struct family *family,
                                 const struct span *span)
{
    return (struct link_walk){look, family, wire_reader_of(span->raw)};
}

/* An ID as it was sent; false: it is none. */
static bool read_id(struct bytes sent, span_id *ret)
{
    *ret = 0;
    for (size_t i = 0; i < sent.len; i++) {
        *ret = *ret << 8 | sent.data[i];
    }
    return sent.len == sizeof *ret && *ret != 0;
}

/* The group that the next link names; FAMILY_NO_GROUP: there is none any more. */
static uint32_t next_group(struct link_walk *walk)
{
    const struct trace *trace = walk->look->judge->trace;
    uint32_t group = FAMILY_NO_GROUP;
    int r = 0;
    while (r == 0 && group == FAMILY_NO_GROUP) {
        struct arena_mark mark = arena_mark(walk->look->scratch);
        struct link link;
        span_id id;
        r = span_next_link(&walk->reader, walk->look->scratch, &link);
        if (r == 0 && bytes_equal(link.trace_id, bytes_from(trace->id.bytes, sizeof trace->id)) &&
            read_id(link.span_id, &id)) {
            group = family_find(walk->family, trace, id);
        }
        arena_rewind(walk->look->scratch, mark);
    }
    walk->look->failed |= r == SPAN_NO_MEMORY;
    return group;
}

static bool dropped_links(const struct look *look, const struct span *span)
{
    return look->mode != LOOK_RECEIVED && span->dropped_links != 0;
}

/* Of spans that ask: whether they link to the set. */
static void weaken_linking(struct look *look, const struct family *family,
                           const struct relative *relative, uint8_t *members)
{
    uint32_t count = look->judge->trace->count;
    struct tally all = {0, 0};
    struct tally *groups =
        arena_calloc(look->scratch, (size_t)family->group_count + 1, sizeof *groups);
    if (groups == NULL) {
        look->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        tally_add(&groups[family->group[i]], (enum member)relative->set[i]);
        tally_add(&all, (enum member)relative->set[i]);
    }
    for (uint32_t i = 0; i < count && !look->failed; i++) {
        enum member own = (enum member)relative->set[i];
        enum member best = MEMBER_NO;
        uint32_t group;
        const struct span *span = members[i] != MEMBER_NO ? look_span(look, i) : NULL;
        if (span == NULL) {
            continue;
        }
        if (dropped_links(look, span) && tally_without(&all, own) != MEMBER_NO) {
            best = MEMBER_MAYBE;
        }
        struct link_walk walk = links_of(look, family, span);
        while (best != MEMBER_YES && (group = next_group(&walk)) != FAMILY_NO_GROUP) {
            enum member there =
                tally_without(&groups[group], group == family->group[i] ? own : MEMBER_NO);
            best = there > best ? there : best;
        }
        members[i] = (uint8_t)at_most(best, (enum member)members[i]);
    }
}

/* Of spans that ask: whether the set links to them. A span counts once for each group that it links
 * to. */
struct linked {
    struct tally *groups; /* by how many spans of the set each is linked */
    struct tally lost;    /* spans of the set that dropped links */
    uint32_t *latest;     /* of each group: the latest span that was counted, + 1 */
    uint8_t *itself;      /* of each span: the degree in which it was counted for its own group */
    bool *loses;          /* of each span: it was counted in `lost` */
};

static void count_links(struct look *look, const struct family *family,
                        const struct relative *relative, struct linked *linked)
{
    for (uint32_t i = 0; i < look->judge->trace->count && !look->failed; i++) {
        enum member degree = (enum member)relative->set[i];
        uint32_t group;
        const struct span *span = degree != MEMBER_NO ? look_span(look, i) : NULL;
        if (span == NULL) {
            continue;
        }
        linked->loses[i] = dropped_links(look, span);
        tally_add(&linked->lost, linked->loses[i] ? MEMBER_MAYBE : MEMBER_NO);
        struct link_walk walk = links_of(look, family, span);
        while ((group = next_group(&walk)) != FAMILY_NO_GROUP) {
            if (linked->latest[group] != i + 1) {
                linked->latest[group] = i + 1;
                tally_add(&linked->groups[group], degree);
                linked->itself[i] = group == family->group[i] ? (uint8_t)degree : linked->itself[i];
            }
        }
    }
}

static void weaken_linked(struct look *look, const struct family *family,
                          const struct relative *relative, uint8_t *members)
{
    uint32_t count = look->judge->trace->count;
    struct arena *scratch = look->scratch;
    struct linked linked = {
        .groups = arena_calloc(scratch, (size_t)family->group_count + 1, sizeof *linked.groups),
        .latest = arena_calloc(scratch, (size_t)family->group_count + 1, sizeof *linked.latest),
        .itself = arena_calloc(scratch, (size_t)count + 1, 1),
        .loses = arena_calloc(scratch, (size_t)count + 1, sizeof *linked.loses)};
    if (linked.groups == NULL || linked.latest == NULL || linked.itself == NULL ||
        linked.loses == NULL) {
        look->failed = true;
        return;
    }
    count_links(look, family, relative, &linked);
    for (uint32_t i = 0; i < count; i++) {
        enum member degree =
            tally_without(&linked.groups[family->group[i]], (enum member)linked.itself[i]);
        enum member perhaps =
            tally_without(&linked.lost, linked.loses[i] ? MEMBER_MAYBE : MEMBER_NO);
        degree = perhaps > degree ? perhaps : degree;
        members[i] = (uint8_t)at_most(degree, (enum member)members[i]);
    }
}

/* --- all --- */

void relative_weaken(struct look *look, const struct relative *relative, uint8_t *members)
{
    const struct family *family = look_family(look);
    if (family == NULL) {
        return;
    }
    if (relative->relation != RELATION_LINK) {
        weaken_by_family(look, relative, members);
    } else if (relative->backward) {
        weaken_linked(look, family, relative, members);
    } else {
        weaken_linking(look, family, relative, members);
    }
}

void relative_leave_roots(struct look *look, uint8_t *members)
{
    const struct family *family = look_family(look);
    for (uint32_t i = 0; family != NULL && i < family->count; i++) {
        if (family->parent_group[i] != FAMILY_NO_GROUP) {
            members[i] = MEMBER_NO;
        }
    }
}

void relative_leave_leaves(struct look *look, uint8_t *members)
{
    const struct family *family = look_family(look);
    uint32_t count = look->judge->trace->count;
    bool *all = arena_alloc(look->scratch, (size_t)count + 1);
    bool *parent = arena_alloc(look->scratch, (size_t)count + 1);
    if (family == NULL || all == NULL || parent == NULL) {
        look->failed = true;
        return;
    }
    memset(all, true, count);
    if (family_parents(family, all, parent, look->scratch) != 0) {
        look->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        members[i] = parent[i] ? (uint8_t)MEMBER_NO : members[i];
    }
}
