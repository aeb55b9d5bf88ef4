/* The export thread: a loop, the hub, and a ring from each thread that produces batches.
 *
 * Thread rule: created and freed by the control thread; export_thread_push by the producer that
 * owns the slot. */
#ifndef ASSERTD_DAEMON_EXPORT_THREAD_H
#define ASSERTD_DAEMON_EXPORT_THREAD_H

#include "daemon/net/ring.h"
#include "exporters/hub.h"

struct export_thread;

struct export_thread_options {
    struct log *log;
    const struct clock *clock;
    const struct exporters_settings *settings;
    uint32_t producers; /* slots 0 .. producers - 1 */
    uint64_t random_seed;
    struct budget *budget; /* of queues and what sinks hold; NULL: nothing is counted */
};

/* Starts the thread. 0; a negative errno. */
int export_thread_new(struct export_thread **ret, const struct export_thread_options *options);

/* Hands over a sealed batch (one reference). The sinks' queues are bounded and never wait, so a
 * full ring empties soon: until then this blocks. After stop the batch is dropped, counted in
 * export_thread_lost. */
void export_thread_push(struct export_thread *thread, uint32_t producer,
                        struct export_batch *take_batch);

/* Whether everything pushed so far is delivered or given up. Any thread. */
bool export_thread_idle(const struct export_thread *thread);

/* The balance of each sink. Any thread. */
uint32_t export_thread_account(const struct export_thread *thread, struct ledger_sink *ret,
                               uint32_t room);

/* The same with the sinks' queues. Any thread. */
uint32_t export_thread_status(const struct export_thread *thread, struct sink_status *ret,
                              uint32_t room);

/* What went through the ring of a producer. Any thread. */
uint32_t export_thread_producers(const struct export_thread *thread);
struct ring_status export_thread_ring(const struct export_thread *thread, uint32_t producer);

/* Where the thread's time went. Any thread. */
uint64_t export_thread_stage_ns(const struct export_thread *thread, enum stage stage);

/* Batches that came after stop. Any thread. */
uint64_t export_thread_lost(const struct export_thread *thread);

/* Gives up what is still under way, stops and joins the thread; the balance stays readable until
 * free. */
void export_thread_stop(struct export_thread *thread);
void export_thread_free(struct export_thread *thread);

#endif
