#include "daemon/span_tree.h"

#include <stdlib.h>

#define NONE UINT32_MAX

/* Lists of children by the trace's index, in order. */
struct family_lists {
    const struct trace *trace;
    uint32_t *order;       /* all spans in the order of SEMANTICS 1 */
    uint32_t *place;       /* by index: its place there */
    uint32_t *parent;      /* by index, NONE: a root */
    uint32_t *first_child; /* by index */
    uint32_t *next_child;
    bool *placed;
};

struct ordered {
    const struct trace *trace;
    uint32_t index;
};

static int by_order(const void *left, const void *right)
{
    const struct ordered *a = left;
    const struct ordered *b = right;
    return trace_span_compare(a->trace, a->index, b->index);
}

static bool sort(struct family_lists *lists, struct arena *arena)
{
    uint32_t count = lists->trace->count;
    struct ordered *ordered = arena_calloc(arena, count + 1, sizeof *ordered);
    if (ordered == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        ordered[i] = (struct ordered){lists->trace, i};
    }
    qsort(ordered, count, sizeof *ordered, by_order);
    for (uint32_t i = 0; i < count; i++) {
        lists->order[i] = ordered[i].index;
        lists->place[ordered[i].index] = i;
    }
    return true;
}

static uint32_t parent_of(const struct family_lists *lists, uint32_t index)
{
    const struct trace *trace = lists->trace;
    span_id id = trace->spans[index].parent;
    uint32_t found = NONE;
    for (uint32_t at = id != 0 ? trace_find(trace, id, 0) : NONE; at != NONE;
         at = trace_find(trace, id, at + 1)) {
        if (at != index && (found == NONE || lists->place[at] < lists->place[found])) {
            found = at;
        }
    }
    return found;
}

/* Children are put in front, so they are taken from the last. */
static void link_children(struct family_lists *lists)
{
    uint32_t count = lists->trace->count;
    memset(lists->first_child, 0xFF, count * sizeof *lists->first_child);
    memset(lists->next_child, 0xFF, count * sizeof *lists->next_child);
    for (uint32_t i = count; i-- > 0;) {
        uint32_t index = lists->order[i];
        uint32_t parent = parent_of(lists, index);
        lists->parent[index] = parent;
        if (parent != NONE) {
            lists->next_child[index] = lists->first_child[parent];
            lists->first_child[parent] = index;
        }
    }
}

static void place(struct family_lists *lists, struct span_tree *tree, uint32_t index,
                  uint32_t depth)
{
    lists->placed[index] = true;
    tree->lines[tree->count] = (struct tree_line){index, depth};
    tree->number[index] = ++tree->count;
}

static uint32_t next_unplaced(const struct family_lists *lists, uint32_t index)
{
    while (index != NONE && lists->placed[index]) {
        index = lists->next_child[index];
    }
    return index;
}

/* Down to the first child, else on to the next one, else up: until we are back at the root. */
static void place_all_below(struct family_lists *lists, struct span_tree *tree, uint32_t root)
{
    uint32_t at = root;
    uint32_t depth = 0;
    place(lists, tree, root, 0);
    for (;;) {
        uint32_t child = next_unplaced(lists, lists->first_child[at]);
        if (child != NONE) {
            place(lists, tree, child, ++depth);
            lists->first_child[at] = child;
            at = child;
        } else if (at == root) {
            return;
        } else {
            at = lists->parent[at];
            depth--;
        }
    }
}

int span_tree_make(struct span_tree *ret, const struct trace *trace, struct arena *arena)
{
    size_t count = (size_t)trace->count + 1;
    struct family_lists lists = {
        .trace = trace,
        .order = arena_calloc(arena, count, sizeof *lists.order),
        .place = arena_calloc(arena, count, sizeof *lists.place),
        .parent = arena_calloc(arena, count, sizeof *lists.parent),
        .first_child = arena_calloc(arena, count, sizeof *lists.first_child),
        .next_child = arena_calloc(arena, count, sizeof *lists.next_child),
        .placed = arena_calloc(arena, count, sizeof *lists.placed),
    };
    *ret = (struct span_tree){.lines = arena_calloc(arena, count, sizeof *ret->lines),
                              .number = arena_calloc(arena, count, sizeof *ret->number)};
    if (lists.order == NULL || lists.place == NULL || lists.parent == NULL ||
        lists.first_child == NULL || lists.next_child == NULL || lists.placed == NULL ||
        ret->lines == NULL || ret->number == NULL || !sort(&lists, arena)) {
        return 1;
    }
    link_children(&lists);
    for (uint32_t pass = 0; pass < 2; pass++) { /* roots, then what hangs on a cycle */
        for (uint32_t i = 0; i < trace->count; i++) {
            uint32_t index = lists.order[i];
            if (!lists.placed[index] && (pass == 1 || lists.parent[index] == NONE)) {
                place_all_below(&lists, ret, index);
            }
        }
    }
    return 0;
}
