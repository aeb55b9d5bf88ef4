/* The inside of a pool of workers, shared by the files that run and admit. Nobody else includes
 * this. */
#ifndef ASSERTD_PIPELINE_WORKER_STATE_H
#define ASSERTD_PIPELINE_WORKER_STATE_H

#include <pthread.h>
#include <semaphore.h>

#include "daemon/net/ring.h"
#include "daemon/pipeline/task_list.h"
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
    uint32_t refused;              /* varies the jitter */
    struct ring *in[SHARDS_MAX];   /* of struct span_set, from each other worker */
    _Atomic uint64_t coming_bytes; /* pushed to this worker, not yet in its shard */
    struct task_list tasks, replies;
    struct task stop; /* sent once */
    bool stopping;    /* its receivers have stopped */
};

struct worker_pool {
    struct worker_pool_options options;
    struct shard_map map;
    sem_t started;
    _Atomic bool draining;
    _Atomic uint64_t body_bytes;
    _Atomic uint32_t running, stopped;
    uint32_t count;
    struct worker workers[SHARDS_MAX];
};

/* The port of a worker, to be embedded in it. */
struct admission_port worker_admission(const struct worker_pool *pool);

/* What a batch will cost its shard; whether there is anything in it. */
uint64_t worker_cost(const struct span_batch *batch);
bool worker_has_work(const struct span_batch *batch);

/* Gives the worker's own batch of a set to its shard, whose cost was added to coming_bytes before.
 */
void worker_add_own(struct worker *worker, const struct span_set *set);

#endif
