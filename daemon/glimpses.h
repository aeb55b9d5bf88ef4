/* Asking every shard for its oldest traces, and merging the answers on the control thread. Thread
 * rule: begun and done on the control thread. */
#ifndef ASSERTD_DAEMON_GLIMPSES_H
#define ASSERTD_DAEMON_GLIMPSES_H

#include "daemon/pipeline/shard_glimpse.h"
#include "daemon/pipeline/worker.h"

/* `traces` are the oldest of all shards, oldest first, gone after the call; NULL: no memory. */
typedef void (*glimpses_fn)(void *self, const struct trace_glimpse *traces, uint32_t count);

/* Asks for the oldest `max` (at most GLIMPSE_TRACES_MAX). 0: `done` will be called exactly once;
 * -ENOMEM: it will not. */
int glimpses_begin(struct worker_pool *pool, uint32_t max, glimpses_fn done, void *self);

#endif
