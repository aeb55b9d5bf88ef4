/* Probes (/livez, /readyz, /startupz) and /metrics. Thread rule: control thread. */
#ifndef ASSERTD_DAEMON_HEALTH_PAGES_H
#define ASSERTD_DAEMON_HEALTH_PAGES_H

#include "daemon/core/buf.h"
#include "daemon/http_router.h"

/* What probes tell. */
struct health {
    bool started; /* /startupz */
    bool ready;   /* /readyz: false from the beginning of a drain */
};

/* Borrowed, set once. */
struct health_pages {
    const struct health *health; /* changes */
    /* Appends the metrics page. */
    void (*write_metrics)(void *self, struct buf *out);
    void *self;
};

/* The routes of the probes, and of /metrics. */
struct route_set health_pages_routes(struct health_pages *pages);
struct route_set metrics_page_routes(struct health_pages *pages);

#endif
