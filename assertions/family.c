/* Descendants are found by spreading downwards from the set, group by group. That alone would call a span on a cycle its own
 * ancestor: spans of the set that were reached are looked at again, upwards, for an ancestor in the set that is another. */
#include "assertions/family.h"

#include <stdlib.h>
#include <string.h>

struct id_place {
    span_id id;
    uint32_t index;
};

static int compare_places(const void *a, const void *b)
{
    const struct id_place *left = a;
    const struct id_place *right = b;
    if (left->id != right->id) {
        return left->id < right->id ? -1 : 1;
    }
    return left->index < right->index ? -1 : left->index > right->index;
}

static int family_alloc(struct family *family, uint32_t count, struct arena *scratch)
{
    size_t bytes = (size_t)count * sizeof(uint32_t);
    family->count = count;
    family->group = arena_alloc(scratch, bytes);
    family->parent_group = arena_alloc(scratch, bytes);
    family->members = arena_alloc(scratch, bytes);
    family->children = arena_alloc(scratch, bytes);
    family->member_start = arena_calloc(scratch, (size_t)count + 2, sizeof(uint32_t));
    family->child_start = arena_calloc(scratch, (size_t)count + 2, sizeof(uint32_t));
    return family->group == NULL || family->parent_group == NULL || family->members == NULL ||
           family->children == NULL || family->member_start == NULL || family->child_start == NULL;
}

static void number_groups(struct family *family, const struct id_place *places)
{
    uint32_t group = 0;
    for (uint32_t i = 0; i < family->count; i++) {
        if (i > 0 && places[i].id != places[i - 1].id) {
            group++;
        }
        if (i == 0 || places[i].id != places[i - 1].id) {
            family->member_start[group] = i;
        }
        family->group[places[i].index] = group;
        family->members[i] = places[i].index;
    }
    family->group_count = family->count != 0 ? group + 1 : 0;
    family->member_start[family->group_count] = family->count;
}

static uint32_t find_group(const struct family *family, const struct trace *trace, span_id id)
{
    uint32_t low = 0;
    uint32_t high = family->group_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        span_id here = trace->spans[family->members[family->member_start[middle]]].id;
        if (here == id) {
            return middle;
        }
        if (here < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return FAMILY_NO_GROUP;
}

static void link_parents(struct family *family, const struct trace *trace)
{
    for (uint32_t i = 0; i < family->count; i++) {
        span_id parent = trace->spans[i].parent;
        uint32_t group = parent != 0 ? find_group(family, trace, parent) : FAMILY_NO_GROUP;
        family->parent_group[i] = group;
        if (group != FAMILY_NO_GROUP) {
            family->child_start[group + 1]++;
        }
    }
}

static int list_children(struct family *family, struct arena *scratch)
{
    uint32_t *next = arena_alloc(scratch, ((size_t)family->group_count + 1) * sizeof *next);
    if (next == NULL) {
        return 1;
    }
    for (uint32_t group = 0; group < family->group_count; group++) {
        family->child_start[group + 1] += family->child_start[group];
        next[group] = family->child_start[group];
    }
    for (uint32_t i = 0; i < family->count; i++) {
        uint32_t group = family->parent_group[i];
        if (group != FAMILY_NO_GROUP) {
            family->children[next[group]++] = i;
        }
    }
    return 0;
}

int family_make(struct family *ret, const struct trace *trace, struct arena *scratch)
{
    uint32_t count = trace->count;
    struct id_place *places = arena_alloc(scratch, ((size_t)count + 1) * sizeof *places);
    if (places == NULL || family_alloc(ret, count, scratch)) {
        return 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        places[i] = (struct id_place){ trace->spans[i].id, i };
    }
    qsort(places, count, sizeof *places, compare_places);
    number_groups(ret, places);
    link_parents(ret, trace);
    return list_children(ret, scratch);
}

int family_children(const struct family *family, const bool *set, bool *below, struct arena *scratch)
{
    uint32_t *in_group = arena_calloc(scratch, (size_t)family->group_count + 1, sizeof *in_group);
    if (in_group == NULL) {
        return 1;
    }
    for (uint32_t i = 0; i < family->count; i++) {
        in_group[family->group[i]] += set[i];
    }
    for (uint32_t i = 0; i < family->count; i++) {
        uint32_t parent = family->parent_group[i];
        uint32_t itself = parent == family->group[i] && set[i];
        below[i] = parent != FAMILY_NO_GROUP && in_group[parent] > itself;
    }
    return 0;
}

/* How far a group's children have been reached: by nobody, by all members but one (a child of itself), or by all. */
struct spread {
    const struct family *family;
    bool *below;
    uint32_t *queue;
    uint32_t queued;
    bool *in_queue;
    uint32_t *reached_by; /* first member that spread from the group; FAMILY_NO_GROUP: nobody; itself + count: two */
};

static void spread_to(struct spread *spread, uint32_t child)
{
    spread->below[child] = true;
    if (!spread->in_queue[child]) {
        spread->in_queue[child] = true;
        spread->queue[spread->queued++] = child;
    }
}

static void spread_from(struct spread *spread, uint32_t span)
{
    const struct family *family = spread->family;
    uint32_t group = family->group[span];
    uint32_t first = spread->reached_by[group];
    if (first == FAMILY_NO_GROUP) {
        spread->reached_by[group] = span;
        for (uint32_t i = family->child_start[group]; i < family->child_start[group + 1]; i++) {
            if (family->children[i] != span) {
                spread_to(spread, family->children[i]);
            }
        }
    } else if (first < family->count && first != span) {
        spread->reached_by[group] = first + family->count;
        if (family->parent_group[first] == group) {
            spread_to(spread, first);
        }
    }
}

/* Whether a span of the set has another member of the set above it. Walks upwards once, each span visited once. */
static bool other_above(const struct family *family, const bool *set, uint32_t span, uint32_t *stack, uint32_t *seen,
                        uint32_t stamp)
{
    uint32_t depth = 0;
    stack[depth++] = span;
    seen[span] = stamp;
    while (depth > 0) {
        uint32_t here = stack[--depth];
        uint32_t group = family->parent_group[here];
        if (group == FAMILY_NO_GROUP) {
            continue;
        }
        for (uint32_t i = family->member_start[group]; i < family->member_start[group + 1]; i++) {
            uint32_t parent = family->members[i];
            if (seen[parent] == stamp) {
                continue;
            }
            if (set[parent]) {
                return true;
            }
            seen[parent] = stamp;
            stack[depth++] = parent;
        }
    }
    return false;
}

/* Spans from which walking upwards never ends, or ends only after a cycle: everybody else has a proper top above. */
static bool *find_cyclic(const struct family *family, struct arena *scratch)
{
    bool *cyclic = arena_alloc(scratch, family->count + 1);
    uint32_t *queue = arena_alloc(scratch, ((size_t)family->count + 1) * sizeof *queue);
    if (cyclic == NULL || queue == NULL) {
        return NULL;
    }
    uint32_t *waiting = arena_calloc(scratch, (size_t)family->group_count + 1, sizeof *waiting);
    if (waiting == NULL) {
        return NULL;
    }
    uint32_t queued = 0;
    for (uint32_t i = 0; i < family->count; i++) {
        cyclic[i] = family->parent_group[i] != FAMILY_NO_GROUP;
        waiting[family->group[i]] += cyclic[i];
        if (!cyclic[i]) {
            queue[queued++] = i;
        }
    }
    for (uint32_t next = 0; next < queued; next++) {
        uint32_t group = family->group[queue[next]];
        if (waiting[group] != 0) {
            continue;
        }
        for (uint32_t i = family->child_start[group]; i < family->child_start[group + 1]; i++) {
            uint32_t child = family->children[i];
            if (cyclic[child]) {
                cyclic[child] = false;
                waiting[family->group[child]]--;
                queue[queued++] = child;
            }
        }
        waiting[group] = UINT32_MAX;
    }
    return cyclic;
}

/* Takes back what only a cycle through the span itself had reached. */
static int correct_cycles(const struct family *family, const bool *set, bool *below, struct arena *scratch)
{
    bool *cyclic = find_cyclic(family, scratch);
    uint32_t *stack = arena_alloc(scratch, ((size_t)family->count + 1) * sizeof *stack);
    uint32_t *seen = arena_calloc(scratch, (size_t)family->count + 1, sizeof *seen);
    if (cyclic == NULL || stack == NULL || seen == NULL) {
        return 1;
    }
    uint32_t stamp = 0;
    for (uint32_t i = 0; i < family->count; i++) {
        if (cyclic[i] && set[i] && below[i] && !other_above(family, set, i, stack, seen, ++stamp)) {
            below[i] = false;
        }
    }
    return 0;
}

int family_descendants(const struct family *family, const bool *set, bool *below, struct arena *scratch)
{
    struct spread spread = { .family = family, .below = below };
    spread.queue = arena_alloc(scratch, ((size_t)family->count + 1) * sizeof *spread.queue);
    spread.in_queue = arena_calloc(scratch, (size_t)family->count + 1, sizeof *spread.in_queue);
    spread.reached_by = arena_alloc(scratch, ((size_t)family->group_count + 1) * sizeof *spread.reached_by);
    if (spread.queue == NULL || spread.in_queue == NULL || spread.reached_by == NULL) {
        return 1;
    }
    memset(spread.reached_by, 0xff, ((size_t)family->group_count + 1) * sizeof *spread.reached_by);
    memset(below, 0, family->count * sizeof *below);
    for (uint32_t i = 0; i < family->count; i++) {
        if (set[i]) {
            spread.in_queue[i] = true;
            spread.queue[spread.queued++] = i;
        }
    }
    for (uint32_t next = 0; next < spread.queued; next++) {
        spread_from(&spread, spread.queue[next]);
    }
    return correct_cycles(family, set, below, scratch);
}
