/* Workers: a thread each, with an event loop and one shard; rings between every pair.
 *
 * A request decoded on worker i becomes one batch for each destination shard; admission checks
 * every destination (ring place, memory), then pushes all, else refuses. The control thread talks
 * to workers by tasks. Thread rule: a pool belongs to the control thread; a worker's loop, shard
 * and port to its own thread. */
#ifndef ASSERTD_PIPELINE_WORKER_H
#define ASSERTD_PIPELINE_WORKER_H

#include "daemon/core/clock.h"
#include "daemon/model/admission.h"
#include "daemon/net/loop.h"
#include "daemon/net/ring.h"
#include "daemon/pipeline/shard.h"

struct worker;
struct worker_pool;

/* Work sent to a worker or back to the control thread: run exactly once on the target's thread,
 * which then owns it. */
struct task {
    void (*run)(struct task *task, struct worker *worker); /* worker NULL on the control thread */
    struct task *next; /* the pool's, while the task is on its way */
};

struct worker_pool_options {
    uint32_t count; /* 1 .. SHARDS_MAX */
    const struct clock *clock;
    struct budget *budget; /* of everything; outlives the pool. NULL: its own of memory_bytes */
    uint64_t memory_bytes;
    struct shard_options
        shard; /* `budget`, `key`, `export`, `self` are set by the pool; remember_bytes and
                * keep_failed_bytes are of all shards together */
    struct loop *control; /* where tasks come back to; its loop_on_wake is the pool's. NULL:
                             worker_pool_collect */
    /* Called once on each worker's thread before it runs, and once when it ends: receivers start
     * and stop here. */
    int (*start)(void *self, struct worker *worker);
    void (*stop)(void *self, struct worker *worker);
    /* Takes a sealed batch on a worker's thread (e.g. pushes it to the export thread). NULL:
     * nothing is exported. */
    void (*export)(void *self, struct worker *worker, struct export_batch *take_batch);
    void *self;
};

/* Starts the threads. 0, or a negative errno (also `start`'s; those that had started are stopped
 * again). */
int worker_pool_new(struct worker_pool **ret, const struct worker_pool_options *options);
/* Stops and joins the threads, frees everything: each worker's `stop` is called, then what is in
 * the rings goes to the shards, tasks are run, replies too. What the shards still hold then is
 * gone: finish them by tasks before. NULL is fine. */
void worker_pool_free(struct worker_pool *pool);
uint32_t worker_pool_count(const struct worker_pool *pool);
struct worker *worker_pool_get(struct worker_pool *pool, uint32_t index);
const struct shard_map *worker_pool_shards(const struct worker_pool *pool);
struct budget *worker_pool_budget(const struct worker_pool *pool);

/* Any thread -> worker. Never fails; tasks of one sender run in order. */
void worker_send(struct worker *worker, struct task *take_task);
/* Worker -> control thread. */
void worker_reply(struct worker *worker, struct task *take_task);
/* Control thread: runs the replies that have come. Done by itself where `control` is given. */
void worker_pool_collect(struct worker_pool *pool);

/* Control thread: makes room in the budget for `bytes` that are on their way to the shards by tasks.
 * They count until worker_pool_release. A request must not be larger than what an empty budget has
 * room for (WORKERS_TOO_LARGE: it never will fit). */
enum workers_outcome { WORKERS_BUSY = 1, WORKERS_TOO_LARGE = 2 };
int worker_pool_reserve(struct worker_pool *pool, uint64_t bytes);
void worker_pool_release(struct worker_pool *pool, uint64_t bytes);
/* Control thread: when room for `bytes` is to be expected, as those are told who are refused. */
uint32_t worker_pool_retry_after_ms(struct worker_pool *pool, uint64_t bytes);

/* On the worker's own thread. The port counts a set's rejected spans with shard_count_refused when
 * it lets the set in. */
struct loop *worker_loop(struct worker *worker);
struct shard *worker_shard(struct worker *worker);
struct admission_port *worker_port(struct worker *worker);
uint32_t worker_index(const struct worker *worker);
/* The shard was used from outside (shard_inject, shard_campaign_end): sets the timer for what is
 * due next. Tasks need not. */
void worker_touch(struct worker *worker);
const struct clock *worker_clock(const struct worker *worker);
struct stages *worker_stages(struct worker *worker);

/* Any thread, until the pool is freed: where the worker's time went, and its processor time. */
uint64_t worker_stage_ns(const struct worker *worker, enum stage stage);
uint64_t worker_cpu_ns(const struct worker *worker);

/* Any thread: what went through the ring from one worker to another; nothing from a worker to
 * itself. */
struct ring_status worker_pool_ring(const struct worker_pool *pool, uint32_t from, uint32_t to);

/* Any thread: from now on admission answers ADMISSION_DRAINING. */
void worker_pool_drain(struct worker_pool *pool);

#endif
