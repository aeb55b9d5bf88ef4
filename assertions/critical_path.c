#include "assertions/critical_path.h"

#include <stdlib.h>

#define NOBODY UINT32_MAX

/* Spans as a tree: one parent each, below a root that stands for the trace. */
struct tree {
    const struct trace *trace;
    const struct trace_view *view;
    uint32_t root;      /* = the number of spans */
    uint32_t *parent;   /* NOBODY: in or below a cycle */
    uint32_t *start;    /* of each, and the root: where its children begin in `children` */
    uint32_t *children; /* by the end of their subtrees */
    uint64_t *ends;     /* of each subtree */
    uint32_t *next;     /* children not yet gone through */
    uint32_t *reached;  /* from the root down */
    uint32_t reached_count;
};

static bool alloc_tree(struct tree *tree, struct arena *scratch)
{
    size_t room = (size_t)tree->root + 2;
    tree->parent = arena_calloc(scratch, room, sizeof(uint32_t));
    tree->start = arena_calloc(scratch, room + 1, sizeof(uint32_t));
    tree->children = arena_calloc(scratch, room, sizeof(uint32_t));
    tree->ends = arena_calloc(scratch, room, sizeof(uint64_t));
    tree->next = arena_calloc(scratch, room, sizeof(uint32_t));
    tree->reached = arena_calloc(scratch, room, sizeof(uint32_t));
    return tree->parent != NULL && tree->start != NULL && tree->children != NULL &&
           tree->ends != NULL && tree->next != NULL && tree->reached != NULL;
}

/* Of several spans with the parent's ID the first in order, but not the span itself; the root where
 * there is none. */
static uint32_t parent_of(const struct tree *tree, const struct family *family, uint32_t span)
{
    uint32_t group = family->parent_group[span];
    uint32_t found = NOBODY;
    if (group == FAMILY_NO_GROUP) {
        return tree->root;
    }
    for (uint32_t i = family->member_start[group]; i < family->member_start[group + 1]; i++) {
        uint32_t member = family->members[i];
        if (member != span &&
            (found == NOBODY || tree->view->rank[member] < tree->view->rank[found])) {
            found = member;
        }
    }
    return found != NOBODY ? found : tree->root;
}

/* Children in the order of spans; sorted anew when the ends are known. */
static void hang_children(struct tree *tree, const struct family *family)
{
    for (uint32_t i = 0; i < tree->root; i++) {
        tree->parent[i] = parent_of(tree, family, i);
        if (tree->parent[i] != NOBODY) {
            tree->start[tree->parent[i] + 1]++;
        }
    }
    for (uint32_t i = 0; i <= tree->root; i++) {
        tree->start[i + 1] += tree->start[i];
        tree->next[i] = tree->start[i];
    }
    for (uint32_t i = 0; i < tree->root; i++) {
        uint32_t span = tree->view->order[i];
        uint32_t parent = tree->parent[span];
        if (parent != NOBODY) {
            tree->children[tree->next[parent]++] = span;
        }
    }
}

/* What hangs on the root, parents first; the ends of subtrees, children first. */
static void find_ends(struct tree *tree)
{
    tree->reached[tree->reached_count++] = tree->root;
    for (uint32_t i = 0; i < tree->reached_count; i++) {
        uint32_t span = tree->reached[i];
        for (uint32_t c = tree->start[span]; c < tree->start[span + 1]; c++) {
            tree->reached[tree->reached_count++] = tree->children[c];
        }
    }
    for (uint32_t i = tree->reached_count; i-- > 1;) {
        uint32_t span = tree->reached[i];
        uint32_t parent = tree->parent[span];
        uint64_t own = tree->trace->spans[span].end_ns;
        tree->ends[span] = tree->ends[span] > own ? tree->ends[span] : own;
        tree->ends[parent] =
            tree->ends[span] > tree->ends[parent] ? tree->ends[span] : tree->ends[parent];
    }
}

static int compare_ends(const void *a, const void *b, void *data)
{
    const struct tree *tree = data;
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    if (tree->ends[left] != tree->ends[right]) {
        return tree->ends[left] < tree->ends[right] ? -1 : 1;
    }
    return tree->view->rank[left] < tree->view->rank[right] ? -1 : 1;
}

static void sort_children(struct tree *tree)
{
    for (uint32_t i = 0; i <= tree->root; i++) {
        uint32_t count = tree->start[i + 1] - tree->start[i];
        qsort_r(tree->children + tree->start[i], count, sizeof(uint32_t), compare_ends, tree);
        tree->next[i] = tree->start[i + 1];
    }
}

/* The part of [from, to] in which the span ran. */
static void account(const struct tree *tree, uint32_t span, uint64_t from, uint64_t to,
                    uint64_t *own)
{
    if (span == tree->root) {
        return;
    }
    const struct trace_span *kept = &tree->trace->spans[span];
    from = from > kept->start_ns ? from : kept->start_ns;
    to = to < kept->end_ns ? to : kept->end_ns;
    own[span] += to > from ? to - from : 0;
}

/* The next child to go back to: the last one whose subtree had ended by then. */
static uint32_t next_child(struct tree *tree, uint32_t span, uint64_t time)
{
    while (tree->next[span] > tree->start[span]) {
        uint32_t child = tree->children[--tree->next[span]];
        if (tree->ends[child] <= time) {
            return child;
        }
    }
    return NOBODY;
}

static void walk(struct tree *tree, uint64_t *own)
{
    uint32_t at = tree->root;
    uint64_t time = tree->ends[tree->root];
    for (;;) {
        uint32_t child = next_child(tree, at, time);
        if (child != NOBODY) {
            account(tree, at, tree->ends[child], time, own);
            time = tree->ends[child];
            at = child;
        } else if (at == tree->root) {
            return;
        } else {
            uint64_t start = tree->trace->spans[at].start_ns;
            account(tree, at, start, time, own);
            time = start < time ? start : time;
            at = tree->parent[at];
        }
    }
}

bool critical_path(struct look *look, uint64_t *own)
{
    struct arena_mark mark = arena_mark(look->scratch);
    const struct family *family = look_family(look);
    struct tree tree = {
        .trace = look->judge->trace, .view = look_view(look), .root = look->judge->trace->count};
    if (family == NULL || tree.view == NULL || !alloc_tree(&tree, look->scratch)) {
        look->failed = true;
        return false;
    }
    hang_children(&tree, family);
    find_ends(&tree);
    sort_children(&tree);
    walk(&tree, own);
    arena_rewind(look->scratch, mark);
    return true;
}
