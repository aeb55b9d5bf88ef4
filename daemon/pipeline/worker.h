/* Workers: a thread each, with an event loop and one shard; rings between every pair.
 *
 * A request decoded on worker i becomes one batch for each destination shard; admission checks every destination (ring
 * place, memory), then pushes all, else refuses. The control thread talks to workers by tasks.
 * Thread rule: a pool belongs to the control thread; a worker's loop, shard and port to its own thread. */
#ifndef ASSERTD_PIPELINE_WORKER_H
#define ASSERTD_PIPELINE_WORKER_H

#include "daemon/core/clock.h"
#include "daemon/model/admission.h"
#include "daemon/net/loop.h"
#include "daemon/pipeline/shard.h"

struct worker;
struct worker_pool;

/* Work sent to a worker or back to the control thread: run exactly once on the target's thread, which then owns it. */
struct task {
    void (*run)(struct task *task, struct worker *worker); /* worker NULL on the control thread */
};

struct worker_pool_options {
    uint32_t count;              /* 1 .. SHARDS_MAX */
    const struct clock *clock;
    uint64_t memory_bytes;       /* of all shards together */
    struct shard_options shard;  /* `memory_bytes`, `key`, `export`, `self` are set by the pool */
    struct loop *control;        /* where tasks come back to */
    /* Called once on each worker's thread before it runs, and once when it ends: receivers start and stop here. */
    int (*start)(void *self, struct worker *worker);
    void (*stop)(void *self, struct worker *worker);
    /* Takes a sealed batch on a worker's thread (e.g. pushes it to the export thread). */
    void (*export)(void *self, struct worker *worker, struct export_batch *take_batch);
    void *self;
};

/* Starts the threads. 0, or a negative errno. */
int worker_pool_new(struct worker_pool **ret, const struct worker_pool_options *options);
/* Stops and joins the threads, frees everything. */
void worker_pool_free(struct worker_pool *pool);
uint32_t worker_pool_count(const struct worker_pool *pool);
struct worker *worker_pool_get(struct worker_pool *pool, uint32_t index);
const struct shard_map *worker_pool_shards(const struct worker_pool *pool);

/* Control thread -> worker. Never fails: waits in an overflow list of the control thread when the ring is full. */
void worker_send(struct worker *worker, struct task *take_task);
/* Worker -> control thread. */
void worker_reply(struct worker *worker, struct task *take_task);

/* On the worker's own thread. */
struct loop *worker_loop(struct worker *worker);
struct shard *worker_shard(struct worker *worker);
struct admission_port *worker_port(struct worker *worker);
uint32_t worker_index(const struct worker *worker);
const struct clock *worker_clock(const struct worker *worker);

/* Any thread: from now on admission answers ADMISSION_DRAINING. */
void worker_pool_drain(struct worker_pool *pool);

#endif
