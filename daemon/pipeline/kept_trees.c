#include "daemon/pipeline/kept_trees.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

/* Where the spans stand in a tree's block. */
#define SPANS_AT                                                                                   \
    ((sizeof(struct report_tree) + _Alignof(struct report_tree_span) - 1) /                        \
     _Alignof(struct report_tree_span) * _Alignof(struct report_tree_span))

static int compare(const struct trace_id *a, const struct trace_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool kept_trees_wants(const struct kept_trees *kept, const struct trace_id *trace)
{
    if (kept->count < KEPT_TREES_MAX) {
        return true;
    }
    /* At a constant place: with -flto gcc 12 was seen to read `items[count - 1]` from address 0. */
    return compare(trace, &kept->items[KEPT_TREES_MAX - 1]->trace_id) < 0;
}

static struct bytes copy_text(char **next, struct bytes text)
{
    char *at = *next;
    if (text.len != 0) {
        memcpy(at, text.data, text.len);
    }
    *next += text.len;
    return bytes_from(at, text.len);
}

static size_t block_bytes(const struct report_tree *tree)
{
    size_t bytes = SPANS_AT + tree->span_count * sizeof *tree->spans;
    for (uint32_t i = 0; i < tree->span_count; i++) {
        bytes += tree->spans[i].service.len + tree->spans[i].name.len;
    }
    return bytes;
}

/* A block of its own; NULL: no memory. */
static struct report_tree *copy_tree(const struct report_tree *tree, size_t bytes)
{
    struct report_tree *copy = memory_alloc(bytes);
    if (copy == NULL) {
        return NULL;
    }
    *copy = *tree;
    struct report_tree_span *spans = (void *)((char *)copy + SPANS_AT);
    char *next = (char *)(spans + tree->span_count);
    for (uint32_t i = 0; i < tree->span_count; i++) {
        spans[i] = tree->spans[i];
        spans[i].service = copy_text(&next, spans[i].service);
        spans[i].name = copy_text(&next, spans[i].name);
    }
    copy->spans = spans;
    return copy;
}

int kept_trees_add(struct kept_trees *kept, const struct report_tree *tree)
{
    if (!kept_trees_wants(kept, &tree->trace_id)) {
        return 0;
    }
    size_t bytes = block_bytes(tree);
    struct report_tree *copy = copy_tree(tree, bytes);
    if (copy == NULL) {
        return -ENOMEM;
    }
    if (kept->count == KEPT_TREES_MAX) {
        free(kept->items[--kept->count]);
    }
    uint32_t at = kept->count++;
    for (; at != 0 && compare(&tree->trace_id, &kept->items[at - 1]->trace_id) < 0; at--) {
        kept->items[at] = kept->items[at - 1];
        kept->bytes[at] = kept->bytes[at - 1];
    }
    kept->items[at] = copy;
    kept->bytes[at] = bytes;
    return 0;
}

int kept_trees_merge(struct kept_trees *into, const struct kept_trees *from)
{
    int bad = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        bad |= kept_trees_add(into, from->items[i]);
    }
    return bad;
}

size_t kept_trees_held(const struct kept_trees *kept)
{
    size_t held = 0;
    for (uint32_t i = 0; i < kept->count; i++) {
        held += kept->bytes[i];
    }
    return held;
}

void kept_trees_deinit(struct kept_trees *kept)
{
    for (uint32_t i = 0; i < kept->count; i++) {
        free(kept->items[i]);
    }
    *kept = (struct kept_trees){.count = 0};
}
