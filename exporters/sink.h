/* One configured exporter with its queue, its back-off and its balance: what the hub holds one of
 * for each sink.
 *
 * Batches are submitted in the order of their arrival, as many at once as the exporter takes. A
 * failed one is submitted again after a pause that doubles with each failure, with jitter, unless
 * the sink said how long to wait; nothing overtakes it meanwhile. While the sink fails, what is
 * older than retry.max_elapsed_time is given up. The log gets a line when the state changes, never
 * for a message. Thread rule: confined to the export thread, but for sink_account and
 * sink_status. */
#ifndef ASSERTD_EXPORTERS_SINK_H
#define ASSERTD_EXPORTERS_SINK_H

#include "exporters/hub.h"

struct sink;

/* 0; a negative errno (logged): the exporter could not be created. `options` is read during the
 * call only, but for what its members point to. */
int sink_new(struct sink **ret, const struct hub_options *options, const struct hub_sink *what);
/* Abandons, then frees. */
void sink_free(struct sink *sink);

/* Queues a batch (takes a reference of its own), or drops it, counted: queue full, no memory,
 * abandoned. */
void sink_submit(struct sink *sink, struct export_batch *batch);

/* Whether nothing waits and nothing is under way. */
bool sink_idle(const struct sink *sink);

/* Counts all that is left as dropped, and all that comes later. */
void sink_abandon(struct sink *sink);

/* The balance; any thread. */
void sink_account(const struct sink *sink, struct ledger_sink *ret);

/* The balance and the queue; any thread. */
void sink_status(const struct sink *sink, struct sink_status *ret);

#endif
