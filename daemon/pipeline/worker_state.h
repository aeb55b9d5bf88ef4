/* The inside of a pool of workers, shared by the files that run and admit. Nobody else includes
 * this. */
#ifndef ASSERTD_PIPELINE_WORKER_STATE_H
#define ASSERTD_PIPELINE_WORKER_STATE_H

#include <pthread.h>
#include <semaphore.h>

#include "daemon/net/ring.h"
#include "daemon/pipeline/task_list.h"
#include "daemon/pipeline/throttle.h"
#include "daemon/pipeline/worker.h"

struct worker {
    struct worker_pool *pool;
    uint32_t index;
    pthread_t thread;
    bool has_thread;
    int start_error;
    struct loop *loop;
    struct stages *stages;
    struct loop_timer *timer;
    uint64_t armed_ns;
    uint64_t ticked_ns; /* when closing traces last ended */
    struct shard *shard;
    struct admission_port port;
    struct drain drain;
    uint64_t random;             /* for jitter */
    struct ring *in[SHARDS_MAX]; /* of struct span_set, from each other worker */
    struct task_list tasks, replies;
    struct task stop; /* sent once */
    bool stopping;    /* its receivers have stopped */
};

struct worker_pool {
    struct worker_pool_options options;
    struct shard_map map;
    sem_t started;
    _Atomic bool draining;
    struct budget *budget;
    struct budget own_budget; /* where the process has none */
    struct promises promises;
    struct drain drain; /* the control thread's */
    uint64_t random;
    _Atomic uint32_t running, stopped;
    uint32_t count;
    struct worker workers[SHARDS_MAX];
};

/* The port of a worker with its shard, to be embedded in it. */
struct admission_port worker_admission(const struct worker_pool *pool, const struct shard *shard);

/* Whether there is anything in a batch. */
bool worker_has_work(const struct span_batch *batch);

/* Gives the worker's own batch of a set to its shard, whose cost was promised before. */
void worker_add_own(struct worker *worker, const struct span_set *set);

#endif
