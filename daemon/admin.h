/* The admin API (DESIGN 5.5), probes and /metrics: HTTP on the control loop. Thread rule: control
 * thread. */
#ifndef ASSERTD_DAEMON_ADMIN_H
#define ASSERTD_DAEMON_ADMIN_H

#include "daemon/campaigns.h"
#include "daemon/net/http.h"

struct admin;

/* What probes tell. */
struct admin_health {
    bool started; /* /startupz */
    bool ready;   /* /readyz: false from the beginning of a drain */
};

struct admin_options {
    struct loop *loop;
    struct campaigns *campaigns;
    struct worker_pool *pool;
    const struct admin_health *health; /* borrowed, changes */
    /* Appends the metrics page. */
    void (*write_metrics)(void *self, struct buf *out);
    void *self;
};

enum admin_pages { ADMIN_ALL, ADMIN_HEALTH, ADMIN_METRICS };

/* 0; -ENOMEM. Free closes every connection. */
int admin_new(struct admin **ret, const struct admin_options *options);
/* Takes an accepted descriptor for a listener with these pages. */
void admin_accept(struct admin *admin, enum admin_pages pages, int take_fd);
void admin_free(struct admin *admin);

#endif
