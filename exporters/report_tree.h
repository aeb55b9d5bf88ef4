/* The small trees of failing traces, as the reports write them. Raw text, as report_words.h. Pure
 * functions. */
#ifndef ASSERTD_EXPORTERS_REPORT_TREE_H
#define ASSERTD_EXPORTERS_REPORT_TREE_H

#include "daemon/core/json.h"
#include "daemon/model/report.h"

/* "trace 4bf9…, 4 of 120 spans, > decided": the line above a tree. */
void tree_title(struct buf *out, const struct report_tree *tree);

/* ">   INSERT orders  [orders] client, 4.5ms, error": one line of it, indented by its depth; `…`
 * before a span whose parent is left out. */
void tree_line(struct buf *out, const struct report_tree_span *span);

/* The member `trees` of a suite; nothing where there is none. */
void tree_members(struct json *json, const struct report_suite *suite);

#endif
