/* A request of the admin API whose answer comes later, from the workers.
 *
 * The peer may go away meanwhile, and so may the listener: whoever brings the answer then finds no
 * request. Embedded in what its owner keeps for the answer. Thread rule: control thread. */
#ifndef ASSERTD_DAEMON_WAITER_H
#define ASSERTD_DAEMON_WAITER_H

#include "daemon/core/list.h"
#include "daemon/net/http.h"

struct waiter {
    struct list link;
    struct http_request *request; /* NULL: the peer is gone */
    /* The peer is gone, or has ended its side: the answer should come soon. NULL: it does anyway.
     */
    void (*hurry)(struct waiter *waiter);
};

/* Begins the wait: in `waiting` from now on, known to the request by its state. */
void waiter_begin(struct waiter *waiter, struct list *waiting, struct http_request *request);

/* Ends the wait: the request to answer; NULL: its peer is gone. Comes before the answer, which may
 * free the request, or begin the next one in its place. */
struct http_request *waiter_end(struct waiter *waiter);

/* The request's peer has gone; nothing where nobody waits for it. */
void waiter_closed(struct http_request *request);
/* The request's peer has ended its side, and may be gone; the same. */
void waiter_ended(struct http_request *request);

/* The list goes before its waiters, whose answers still come. */
void waiters_orphan(struct list *waiting);

#endif
