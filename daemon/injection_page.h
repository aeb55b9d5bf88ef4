/* POST /api/campaigns/{key}/injections: records as NDJSON; good lines count even where others are
 * bad. Thread rule: control thread. */
#ifndef ASSERTD_DAEMON_INJECTION_PAGE_H
#define ASSERTD_DAEMON_INJECTION_PAGE_H

#include "daemon/campaigns.h"
#include "daemon/http_router.h"

/* Borrowed, set once. */
struct injection_page {
    struct campaigns *campaigns;
    struct worker_pool *pool;
};

/* The route of this page. */
struct route_set injection_page_routes(struct injection_page *page);

#endif
