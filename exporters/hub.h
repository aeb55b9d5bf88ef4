/* The hub: fans sealed batches out to every configured exporter, each with its own bounded queue,
 * back-off and balance.
 *
 * A batch that does not fit a full queue is dropped for that sink alone, counted, never waited for.
 * Retries keep the order within a sink. Thread rule: confined to the export thread; hub_account
 * and hub_status may be called by any thread (atomics). */
#ifndef ASSERTD_EXPORTERS_HUB_H
#define ASSERTD_EXPORTERS_HUB_H

#include "daemon/model/report.h"
#include "exporters/exporter.h"

#define HUB_SINKS_MAX 16

struct hub;

struct hub_sink {
    const struct exporter_type *type;
    const void *settings; /* borrowed; begins with struct exporter_settings */
};

struct hub_options {
    struct loop *loop;
    struct log *log;
    const struct clock *clock;
    const struct hub_sink *sinks;
    uint32_t sink_count;
    uint64_t random_seed;  /* for jitter */
    struct budget *budget; /* a quarter is for all queues together; NULL: as configured */
    struct stages *stages; /* where the thread's time goes; NULL: nobody asks */
};

/* 0; a negative errno: some sink could not be created (logged). */
int hub_new(struct hub **ret, const struct hub_options *options);
void hub_free(struct hub *hub);

/* Takes one reference of a sealed batch. */
void hub_submit(struct hub *hub, struct export_batch *take_batch);

/* How a sink fares. */
struct sink_status {
    struct ledger_sink account;
    uint64_t enqueue_failed; /* of those dropped: the queue was full */
    uint64_t queue_bytes, queue_limit_bytes;
};

/* Whether every queue is empty and nothing is under way. */
bool hub_idle(const struct hub *hub);

/* Gives up: what is still queued or under way is counted as dropped. */
void hub_abandon(struct hub *hub);

/* The balance of each sink: produced = acknowledged + rejected + dropped + spooled + in_flight. Any
 * thread. Returns the number of sinks written to `ret` (at most `room`). */
uint32_t hub_account(const struct hub *hub, struct ledger_sink *ret, uint32_t room);
/* The same with the queues. */
uint32_t hub_status(const struct hub *hub, struct sink_status *ret, uint32_t room);

#endif
