/* GET /api/traces/{trace_id}: verdicts and evidence of one trace, written by the worker that owns
 * it. Thread rule: control thread. */
#ifndef ASSERTD_DAEMON_TRACE_PAGE_H
#define ASSERTD_DAEMON_TRACE_PAGE_H

#include "daemon/core/list.h"
#include "daemon/http_router.h"
#include "daemon/pipeline/worker.h"

/* Borrowed, set once. */
struct trace_page {
    struct worker_pool *pool;
    struct list *waiting; /* struct waiter: requests whose answer comes from the workers */
};

/* The route of this page. */
struct route_set trace_page_routes(struct trace_page *page);

#endif
