/* GET /debug/: what the daemon does at the moment, for people and programs; read-only.
 *
 * Plain text, or JSON with ?format=json or "Accept: application/json". What belongs to shards is
 * copied by them between two batches. Every page is bounded. Thread rule: control thread. */
#ifndef ASSERTD_DAEMON_DEBUG_PAGES_H
#define ASSERTD_DAEMON_DEBUG_PAGES_H

#include "daemon/campaigns.h"
#include "daemon/debug_resources.h"
#include "daemon/http_router.h"

/* Borrowed, set once. */
struct debug_pages {
    struct campaigns *campaigns;
    const struct loaded *loaded;
    struct worker_pool *pool;
    const struct export_thread *exports;
    struct list *waiting; /* struct waiter: requests whose answer comes from the workers */
};

/* The routes of these pages. */
struct route_set debug_pages_routes(struct debug_pages *pages);

#endif
