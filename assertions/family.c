/* Spans lead to groups, groups to the groups of their members' parents: a graph of groups with as
 * many edges as spans. Its strongly connected components, found once (Tarjan, without recursion),
 * come out parents first; one pass over them then tells for each component which spans of a set are
 * in it or above it. Two of them are enough to know whether one is another than the span that asks,
 * so that cycles need no special case. */
#include "assertions/family.h"

#include <stdlib.h>

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
    size_t bytes = ((size_t)count + 1) * sizeof(uint32_t);
    *family = (struct family){.count = count};
    family->group = arena_alloc(scratch, bytes);
    family->parent_group = arena_alloc(scratch, bytes);
    family->members = arena_alloc(scratch, bytes);
    family->member_start = arena_calloc(scratch, (size_t)count + 2, sizeof(uint32_t));
    family->component = arena_alloc(scratch, bytes);
    family->by_component = arena_alloc(scratch, bytes);
    return family->group == NULL || family->parent_group == NULL || family->members == NULL ||
           family->member_start == NULL || family->component == NULL ||
           family->by_component == NULL;
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

uint32_t family_find(const struct family *family, const struct trace *trace, span_id id)
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
        family->parent_group[i] =
            parent != 0 ? family_find(family, trace, parent) : FAMILY_NO_GROUP;
    }
}

/* Tarjan's search. A group's edges are its members, taken one after another: `next` is the member
 * to follow. */
struct search {
    struct family *family;
    uint32_t *next;
    uint32_t *number; /* in order of discovery, from 1; 0: not yet seen */
    uint32_t *low;
    uint32_t *path;    /* groups from where the search began to where it is */
    uint32_t *pending; /* seen, but not yet in a component */
    uint32_t path_count, pending_count, seen, placed;
};

static int search_alloc(struct search *search, uint32_t groups, struct arena *scratch)
{
    size_t bytes = ((size_t)groups + 1) * sizeof(uint32_t);
    search->next = arena_alloc(scratch, bytes);
    search->number = arena_calloc(scratch, (size_t)groups + 1, sizeof(uint32_t));
    search->low = arena_alloc(scratch, bytes);
    search->path = arena_alloc(scratch, bytes);
    search->pending = arena_alloc(scratch, bytes);
    return search->next == NULL || search->number == NULL || search->low == NULL ||
           search->path == NULL || search->pending == NULL;
}

static void search_enter(struct search *search, uint32_t group)
{
    search->number[group] = search->low[group] = ++search->seen;
    search->next[group] = search->family->member_start[group];
    search->path[search->path_count++] = group;
    search->pending[search->pending_count++] = group;
    search->family->component[group] = FAMILY_NO_GROUP;
}

/* All above the group has been seen: if nothing there leads back below it, what is pending since it
 * is a component. */
static void search_leave(struct search *search, uint32_t group)
{
    struct family *family = search->family;
    search->path_count--;
    if (search->low[group] == search->number[group]) {
        uint32_t member;
        do {
            member = search->pending[--search->pending_count];
            family->component[member] = family->component_count;
            family->by_component[search->placed++] = member;
        } while (member != group);
        family->component_count++;
    }
    if (search->path_count != 0) {
        uint32_t below = search->path[search->path_count - 1];
        search->low[below] =
            search->low[group] < search->low[below] ? search->low[group] : search->low[below];
    }
}

static void search_step(struct search *search, uint32_t group)
{
    const struct family *family = search->family;
    if (search->next[group] == family->member_start[group + 1]) {
        search_leave(search, group);
        return;
    }
    uint32_t parent = family->parent_group[family->members[search->next[group]++]];
    if (parent == FAMILY_NO_GROUP) {
        return;
    }
    if (search->number[parent] == 0) {
        search_enter(search, parent);
    } else if (family->component[parent] == FAMILY_NO_GROUP &&
               search->number[parent] < search->low[group]) {
        search->low[group] = search->number[parent];
    }
}

static int find_components(struct family *family, struct arena *scratch)
{
    struct search search = {.family = family};
    if (search_alloc(&search, family->group_count, scratch)) {
        return 1;
    }
    for (uint32_t group = 0; group < family->group_count; group++) {
        if (search.number[group] != 0) {
            continue;
        }
        search_enter(&search, group);
        while (search.path_count != 0) {
            search_step(&search, search.path[search.path_count - 1]);
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
        places[i] = (struct id_place){trace->spans[i].id, i};
    }
    qsort(places, count, sizeof *places, compare_places);
    number_groups(ret, places);
    link_parents(ret, trace);
    return find_components(ret, scratch);
}

int family_children(const struct family *family, const bool *set, bool *below,
                    struct arena *scratch)
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

/* Up to two different spans of the set; FAMILY_NO_GROUP where there is none. */
struct two {
    uint32_t first, second;
};

static void two_add(struct two *two, uint32_t span)
{
    if (span == FAMILY_NO_GROUP || span == two->first || two->second != FAMILY_NO_GROUP) {
        return;
    }
    *(two->first == FAMILY_NO_GROUP ? &two->first : &two->second) = span;
}

/* What the members of a group, and the components above them, bring to the group's component. */
static void gather_group(const struct family *family, const bool *set, uint32_t group,
                         struct two *components)
{
    uint32_t own = family->component[group];
    for (uint32_t i = family->member_start[group]; i < family->member_start[group + 1]; i++) {
        uint32_t member = family->members[i];
        uint32_t parent = family->parent_group[member];
        if (set[member]) {
            two_add(&components[own], member);
        }
        if (parent != FAMILY_NO_GROUP && family->component[parent] != own) {
            struct two above = components[family->component[parent]];
            two_add(&components[own], above.first);
            two_add(&components[own], above.second);
        }
    }
}

/* Two spans for each component, none yet. NULL: no memory. */
static struct two *components_alloc(const struct family *family, struct arena *scratch)
{
    struct two *components =
        arena_alloc(scratch, ((size_t)family->component_count + 1) * sizeof *components);
    for (uint32_t i = 0; components != NULL && i < family->component_count; i++) {
        components[i] = (struct two){FAMILY_NO_GROUP, FAMILY_NO_GROUP};
    }
    return components;
}

int family_descendants(const struct family *family, const bool *set, bool *below,
                       struct arena *scratch)
{
    struct two *components = components_alloc(family, scratch);
    if (components == NULL) {
        return 1;
    }
    for (uint32_t i = 0; i < family->group_count; i++) {
        gather_group(family, set, family->by_component[i], components);
    }
    for (uint32_t i = 0; i < family->count; i++) {
        uint32_t parent = family->parent_group[i];
        below[i] = false;
        if (parent != FAMILY_NO_GROUP) {
            struct two above = components[family->component[parent]];
            below[i] = (above.first != FAMILY_NO_GROUP && above.first != i) ||
                       above.second != FAMILY_NO_GROUP;
        }
    }
    return 0;
}

int family_parents(const struct family *family, const bool *set, bool *above, struct arena *scratch)
{
    uint32_t *below = arena_calloc(scratch, (size_t)family->group_count + 1, sizeof *below);
    if (below == NULL) {
        return 1;
    }
    for (uint32_t i = 0; i < family->count; i++) {
        if (set[i] && family->parent_group[i] != FAMILY_NO_GROUP) {
            below[family->parent_group[i]]++;
        }
    }
    for (uint32_t i = 0; i < family->count; i++) {
        uint32_t itself = set[i] && family->parent_group[i] == family->group[i];
        above[i] = below[family->group[i]] > itself;
    }
    return 0;
}

/* What is below a component: spans of the set whose parents are in it, and what is below those. The
 * groups from `first` to before `end` are the component; what is below others is complete. */
static void pour_component(const struct family *family, const bool *set, uint32_t first,
                           uint32_t end, struct two *components, bool inside)
{
    uint32_t own = family->component[family->by_component[first]];
    for (uint32_t at = first; at < end; at++) {
        uint32_t group = family->by_component[at];
        for (uint32_t i = family->member_start[group]; i < family->member_start[group + 1]; i++) {
            uint32_t member = family->members[i];
            uint32_t parent = family->parent_group[member];
            uint32_t above = parent != FAMILY_NO_GROUP ? family->component[parent] : own;
            if (parent == FAMILY_NO_GROUP || (above == own) != inside) {
                continue;
            }
            if (set[member]) {
                two_add(&components[above], member);
            }
            if (!inside) {
                two_add(&components[above], components[own].first);
                two_add(&components[above], components[own].second);
            }
        }
    }
}

static void pour_all(const struct family *family, const bool *set, struct two *components)
{
    uint32_t end = family->group_count;
    while (end > 0) {
        uint32_t own = family->component[family->by_component[end - 1]];
        uint32_t first = end - 1;
        while (first > 0 && family->component[family->by_component[first - 1]] == own) {
            first--;
        }
        pour_component(family, set, first, end, components, true);
        pour_component(family, set, first, end, components, false);
        end = first;
    }
}

int family_ancestors(const struct family *family, const bool *set, bool *above,
                     struct arena *scratch)
{
    struct two *components = components_alloc(family, scratch);
    if (components == NULL) {
        return 1;
    }
    pour_all(family, set, components);
    for (uint32_t i = 0; i < family->count; i++) {
        struct two below = components[family->component[family->group[i]]];
        above[i] =
            (below.first != FAMILY_NO_GROUP && below.first != i) || below.second != FAMILY_NO_GROUP;
    }
    return 0;
}

int family_siblings(const struct family *family, const struct trace *trace, const bool *set,
                    bool *beside, struct arena *scratch)
{
    uint32_t count = family->count;
    struct id_place *places = arena_alloc(scratch, ((size_t)count + 1) * sizeof *places);
    if (places == NULL) {
        return 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        places[i] = (struct id_place){trace->spans[i].parent, i};
    }
    qsort(places, count, sizeof *places, compare_places);
    for (uint32_t from = 0, to = 0; from < count; from = to) {
        uint32_t members = 0;
        for (to = from; to < count && places[to].id == places[from].id; to++) {
            members += set[places[to].index];
        }
        for (uint32_t i = from; i < to; i++) {
            uint32_t span = places[i].index;
            beside[span] = places[i].id != 0 && members > (uint32_t)set[span];
        }
    }
    return 0;
}
