/* An explained trace as people and as machines read it. Pure. */
#ifndef ASSERTD_DAEMON_EXPLANATION_H
#define ASSERTD_DAEMON_EXPLANATION_H

#include "assertions/explain.h"
#include "daemon/span_tree.h"

struct explanation {
    const struct trace *trace;
    const struct span_tree *tree;
    const struct explained_suite *suites;
    uint32_t suite_count;
    const char *note; /* why a campaign would not judge the trace at all; NULL: it would */
};

/* Spans of the tree, and of one selection, that the text shows. */
#define EXPLANATION_TREE_MAX  200u
#define EXPLANATION_SPANS_MAX 20u

/* Appends the text. Strangers' names are mended and clipped. */
void explanation_write_text(struct buf *out, const struct explanation *explanation);

/* Appends one JSON object and a line feed. 0; 1: no memory. */
int explanation_write_json(struct buf *out, const struct explanation *explanation);

#endif
