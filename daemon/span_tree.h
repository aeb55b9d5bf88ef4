/* The spans of a trace as a forest to print: who stands below whom, each span once.
 *
 * A span stands below the first (in order) of those that carry its parent ID; members of a cycle
 * stand where the first of them does. Iterative: hostile traces are deep. Everything lives in the
 * arena. Pure. */
#ifndef ASSERTD_DAEMON_SPAN_TREE_H
#define ASSERTD_DAEMON_SPAN_TREE_H

#include "daemon/model/trace.h"

struct tree_line {
    uint32_t span;  /* the trace's index */
    uint32_t depth; /* 0: a root */
};

struct span_tree {
    struct tree_line *lines; /* from top to bottom, one for each span */
    uint32_t count;
    uint32_t *number; /* by the trace's index: its line, from 1; what people call it */
};

/* 0; 1: no memory. */
int span_tree_make(struct span_tree *ret, const struct trace *trace, struct arena *arena);

#endif
