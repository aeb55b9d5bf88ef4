/* The admin listeners (DESIGN 5.5): HTTP on the control loop, one server for each set of pages. The
 * pages themselves are modules of routes. Thread rule: control thread. */
#ifndef ASSERTD_DAEMON_ADMIN_H
#define ASSERTD_DAEMON_ADMIN_H

#include "daemon/campaigns.h"
#include "daemon/health_pages.h"

struct admin;

struct admin_options {
    struct loop *loop;
    struct campaigns *campaigns;
    struct worker_pool *pool;
    const struct export_thread *exports;
    const struct loaded *loaded;
    struct budget *budget;      /* of what requests and answers hold */
    struct health_pages health; /* copied */
};

enum admin_pages { ADMIN_ALL, ADMIN_HEALTH, ADMIN_METRICS };

/* 0; -ENOMEM. Free closes every connection. */
int admin_new(struct admin **ret, const struct admin_options *options);
/* Takes an accepted descriptor for a listener with these pages. */
void admin_accept(struct admin *admin, enum admin_pages pages, int take_fd);
/* No further span comes: who waits for spans is answered with what there is, now and from now on.
 * Idle: nobody waits for spans any more. */
void admin_drain(struct admin *admin);
bool admin_is_idle(const struct admin *admin);
void admin_free(struct admin *admin);

#endif
