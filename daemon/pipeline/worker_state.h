/* The inside of a pool of workers, shared by the files that run and admit. Nobody else includes
 * this. */
#ifndef ASSERTD_PIPELINE_WORKER_STATE_H
#define ASSERTD_PIPELINE_WORKER_STATE_H

#include <pthread.h>
#include <semaphore.h>

#include "daemon/core/cache_line.h"
#include "daemon/net/ring.h"
#include "daemon/pipeline/task_list.h"
#include "daemon/pipeline/throttle.h"
#include "daemon/pipeline/worker.h"

/* Each part on cache lines of its own: what another worker reads to hand a batch over, or writes to
 * send a task, must not wait for what this one writes with every batch. */
struct worker {
    /* Read by other workers too; not written any more once all have started. */
    _Alignas(CACHE_LINE) struct worker_pool *pool;
    uint32_t index;
    pthread_t thread;
    bool has_thread;
    int start_error;
    struct loop *loop;
    struct stages *stages;
    struct loop_timer *timer;
    struct shard *shard;
    struct admission_port port;
    struct ring *in[SHARDS_MAX]; /* of struct span_set, from each other worker */
    /* Its own. */
    _Alignas(CACHE_LINE) uint64_t armed_ns;
    uint64_t ticked_ns; /* when closing traces last ended */
    struct drain drain;
    uint64_t random; /* for jitter */
    bool stopping;   /* its receivers have stopped */
    /* Written by whoever sends. */
    _Alignas(CACHE_LINE) struct task_list tasks;
    struct task stop; /* sent once */
    /* Written by itself, taken by the control thread. */
    _Alignas(CACHE_LINE) struct task_list replies;
};

_Static_assert(offsetof(struct worker, armed_ns) % CACHE_LINE == 0, "its own begin a line");
_Static_assert(offsetof(struct worker, tasks) % CACHE_LINE == 0, "what comes in begins a line");
_Static_assert(offsetof(struct worker, replies) % CACHE_LINE == 0, "what goes out begins a line");
_Static_assert(sizeof(struct worker) % CACHE_LINE == 0, "the next worker begins a line");

struct worker_pool {
    /* Read by all; written at the beginning and at the end. */
    struct worker_pool_options options;
    struct shard_map map;
    sem_t started;
    _Atomic bool draining;
    struct budget *budget;
    _Atomic uint32_t running, stopped;
    uint32_t count;
    /* Written by whoever refuses. */
    _Alignas(CACHE_LINE) struct promises promises;
    /* The control thread's. */
    _Alignas(CACHE_LINE) struct drain drain;
    uint64_t random;
    struct budget own_budget; /* where the process has none */
    struct worker workers[SHARDS_MAX];
};

_Static_assert(offsetof(struct worker_pool, drain) - offsetof(struct worker_pool, promises) ==
                   CACHE_LINE,
               "promises have a line");
_Static_assert(offsetof(struct worker_pool, own_budget) % CACHE_LINE == 0,
               "the account has its own");

/* The port of a worker with its shard, to be embedded in it. */
struct admission_port worker_admission(const struct worker_pool *pool, const struct shard *shard);

/* Whether there is anything in a batch. */
bool worker_has_work(const struct span_batch *batch);

/* Gives the worker's own batch of a set to its shard, whose cost was promised before. */
void worker_add_own(struct worker *worker, const struct span_set *set);

#endif
