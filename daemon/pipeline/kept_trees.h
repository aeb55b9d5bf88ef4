/* The small trees of a suite's failing traces that a report shows: those of the smallest trace IDs,
 * so that they do not depend on the order of arrival. Confined to the tally's shard. */
#ifndef ASSERTD_PIPELINE_KEPT_TREES_H
#define ASSERTD_PIPELINE_KEPT_TREES_H

#include <stddef.h>

#include "daemon/model/report.h"

/* Trees of one suite. */
#define KEPT_TREES_MAX 3u

/* In rising order of trace IDs; each tree one block of memory, texts included. All zero: none. */
struct kept_trees {
    struct report_tree *items[KEPT_TREES_MAX];
    size_t bytes[KEPT_TREES_MAX]; /* of each block */
    uint32_t count;
};

/* Whether a tree of this trace would be kept: ask before it is made. */
bool kept_trees_wants(const struct kept_trees *kept, const struct trace_id *trace);

/* Keeps a copy, and drops the one of the greatest ID where there are too many. 0, or -ENOMEM. */
int kept_trees_add(struct kept_trees *kept, const struct report_tree *tree);

/* Adds those of another shard. 0, or -ENOMEM. */
int kept_trees_merge(struct kept_trees *into, const struct kept_trees *from);

/* Bytes of all blocks. */
size_t kept_trees_held(const struct kept_trees *kept);
/* Frees all; there is none then. */
void kept_trees_deinit(struct kept_trees *kept);

#endif
