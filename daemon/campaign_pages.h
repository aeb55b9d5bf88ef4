/* /api/campaigns: started, listed, shown, completed, aborted, reported (DESIGN 5.5). Thread rule:
 * control thread. */
#ifndef ASSERTD_DAEMON_CAMPAIGN_PAGES_H
#define ASSERTD_DAEMON_CAMPAIGN_PAGES_H

#include "daemon/campaigns.h"
#include "daemon/http_router.h"

/* Borrowed, set once. */
struct campaign_pages {
    struct campaigns *campaigns;
    struct list *waiting; /* struct waiter: requests whose answer comes from the workers */
    struct budget *budget;
};

/* The routes of these pages. */
struct route_set campaign_pages_routes(struct campaign_pages *pages);

#endif
