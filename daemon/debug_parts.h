/* The debug pages that wait for the shards, and how all of them answer. Nobody else includes this.
 */
#ifndef ASSERTD_DAEMON_DEBUG_PARTS_H
#define ASSERTD_DAEMON_DEBUG_PARTS_H

#include "daemon/debug_pages.h"

/* The form that the request asks for. 0; 1: refused, answered. */
int debug_choose_form(struct http_request *request, enum outline_form *ret);

/* Answers with a page, which is deinitialised. */
void debug_answer(struct http_request *request, enum outline_form form, struct buf *body);

/* Routes; `self` is struct debug_pages. */
void debug_show_traces(void *self, struct http_request *request, const struct route_match *match);
void debug_show_ledger(void *self, struct http_request *request, const struct route_match *match);

#endif
