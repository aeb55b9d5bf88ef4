/* GET /api/traces/{trace_id}/spans: the spans of one trace that a selector selects, answered as
 * soon as there are enough, or when the time is over with what there is.
 *
 * A request that waits is a watch of the shard that owns the trace (pipeline/watches.h), and holds
 * one of FINDS_MAX places. Who leaves, or ends its side of the connection, ends the wait. Thread
 * rule: control thread. */
#ifndef ASSERTD_DAEMON_FIND_PAGE_H
#define ASSERTD_DAEMON_FIND_PAGE_H

#include "daemon/core/list.h"
#include "daemon/http_router.h"
#include "daemon/pipeline/worker.h"

/* Requests that may be under way. */
#define FINDS_MAX 256u
/* Longest wait, and greatest number of spans that can be asked for. */
#define FIND_TIMEOUT_MAX_NS (600 * NS_PER_S)
#define FIND_EXPECT_MAX     1000000u

struct find_page {
    /* Borrowed, set once. */
    struct worker_pool *pool;
    struct loop *loop;
    struct budget *budget;
    struct list *waiting;    /* struct waiter: requests whose answer comes from the workers */
    const struct keep *keep; /* what is kept of spans; NULL: all */
    /* The page's own. */
    struct list asks; /* under way */
    uint32_t count;   /* of them */
    bool drains;      /* no further span comes: nobody waits */
};

/* A page where nobody waits. Deinit gives all up whose requests have been closed already; their
 * answers come when the workers stop. */
void find_page_init(struct find_page *page);
void find_page_deinit(struct find_page *page);

/* No further span comes: all that wait are answered with what there is, and who comes now is
 * answered at once. */
void find_page_drain(struct find_page *page);

/* The route of this page. */
struct route_set find_page_routes(struct find_page *page);

#endif
