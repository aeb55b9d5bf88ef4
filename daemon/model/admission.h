/* The door through which receivers give spans to the pipeline: one function, asynchronous for its
 * callers.
 *
 * A receiver asks whether a request is welcome when its header is complete, takes what it costs
 * from the budget before it grows, builds a span_set for `shards`, submits it and answers its peer
 * only when `done` is called, which may happen before submit returns or later (a journal, one day),
 * always on the submitting thread. All-or-nothing: either every shard gets its batch or none does,
 * so that a peer's retry brings no duplicates. Thread rule: one port per receiver thread; `shards`
 * is immutable. */
#ifndef ASSERTD_MODEL_ADMISSION_H
#define ASSERTD_MODEL_ADMISSION_H

#include <stdint.h>

#include "daemon/core/budget.h"
#include "daemon/model/span_set.h"

enum admission {
    ADMISSION_OK = 0,
    ADMISSION_BUSY = 1, /* memory or rings are full: refuse retryably, after retry_after_ms */
    ADMISSION_DRAINING =
        2, /* shutting down: refuse retryably, the peer should reconnect elsewhere */
    ADMISSION_TOO_LARGE = 3, /* the budget has no room for it even when empty: refuse for good */
};

struct admission_waiter {
    /* Called exactly once per submission. */
    void (*done)(struct admission_waiter *waiter, enum admission outcome, uint32_t retry_after_ms);
};

struct admission_port {
    const struct shard_map *shards;
    /* What connections, bodies and sets take from; NULL: nothing is counted. */
    struct budget *budget;
    /* Which attributes are read behind the door; may be others after each submission. NULL: all.
     */
    const struct listed_keys *listed;
    /* Takes the set in any case. */
    void (*submit)(struct admission_port *port, struct span_set *take_set,
                   struct admission_waiter *waiter);
    /* Whether a request of about `bytes` may be read at all now: beyond the soft limit it may not,
     * while what has begun may still be finished. Reserves nothing. */
    enum admission (*welcome)(struct admission_port *port, size_t bytes,
                              uint32_t *ret_retry_after_ms);
    /* Takes `bytes` for a body that is about to grow (BUDGET_BODIES); `release` gives them back.
     * ADMISSION_OK or _BUSY. */
    enum admission (*reserve)(struct admission_port *port, size_t bytes,
                              uint32_t *ret_retry_after_ms);
    void (*release)(struct admission_port *port, size_t bytes);
    /* The hint for a request of `bytes` that somebody else has refused for lack of room. */
    uint32_t (*retry_after_ms)(struct admission_port *port, size_t bytes);
};

#endif
