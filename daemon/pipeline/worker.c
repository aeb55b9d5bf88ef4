#include "daemon/pipeline/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/pipeline/worker_state.h"

#define RING_ROOM        256u
#define BATCHES_PER_TURN 64u
#define SEND_FOR_BYTES   (256u * 1024u)
#define TRACES_PER_TICK  256u
#define TICK_LEAST_NS    (2 * NS_PER_MS)
#define TICK_MOST_NS     (50 * NS_PER_MS)

/* --- tasks --- */

void worker_send(struct worker *worker, struct task *take_task)
{
    task_list_push(&worker->tasks, take_task);
    loop_wake(worker->loop);
}

void worker_reply(struct worker *worker, struct task *take_task)
{
    task_list_push(&worker->replies, take_task);
    if (worker->pool->options.control != NULL) {
        loop_wake(worker->pool->options.control);
    }
}

void worker_pool_collect(struct worker_pool *pool)
{
    for (uint32_t i = 0; i < pool->count; i++) {
        task_list_run(&pool->workers[i].replies, NULL);
    }
}

static void control_woken(void *self)
{
    worker_pool_collect(self);
}

/* --- a worker's turn --- */

static uint64_t now_of(const struct worker *worker)
{
    return worker->pool->options.clock->monotonic_ns(worker->pool->options.clock);
}

static uint64_t wall_of(const struct worker *worker)
{
    return worker->pool->options.clock->wall_ns(worker->pool->options.clock);
}

/* The timer is left alone where it fires early enough. */
static void arm(struct worker *worker, uint64_t now_ns)
{
    uint64_t next = shard_next_ns(worker->shard);
    if (next >= worker->armed_ns) {
        return;
    }
    worker->armed_ns = next;
    loop_timer_set(worker->timer, next > now_ns ? next - now_ns : 0);
}

void worker_touch(struct worker *worker)
{
    arm(worker, now_of(worker));
}

/* Closing gets as much time as there went by since it last ended, so that it keeps up with any
 * intake. */
static uint64_t share_of(const struct worker *worker, uint64_t now_ns)
{
    uint64_t since_ns = now_ns - worker->ticked_ns;
    return since_ns < TICK_LEAST_NS  ? TICK_LEAST_NS
           : since_ns > TICK_MOST_NS ? TICK_MOST_NS
                                     : since_ns;
}

static void ticked(void *self)
{
    struct worker *worker = self;
    uint64_t now = now_of(worker);
    uint64_t end = now + share_of(worker, now);
    enum stage before = stages_enter_at(worker->stages, STAGE_CLOSING, now);
    bool more = true;
    while (more && now < end) {
        more = shard_tick(worker->shard, now, wall_of(worker), TRACES_PER_TICK);
        now = now_of(worker);
    }
    worker->ticked_ns = now;
    drain_note(&worker->drain, now, budget_drained(worker->pool->budget));
    (void)stages_enter_at(worker->stages, before, now);
    worker->armed_ns = UINT64_MAX;
    if (more) {
        worker->armed_ns = now;
        loop_timer_set(worker->timer, 0);
    }
    arm(worker, now);
}

bool worker_has_work(const struct span_batch *batch)
{
    return batch->count != 0 || batch->rejected != NULL;
}

void worker_add_own(struct worker *worker, const struct span_set *set)
{
    const struct span_batch *batch = &set->batches[worker->index];
    uint64_t now = now_of(worker);
    shard_add(worker->shard, batch, shard_batch_cost(batch), now, wall_of(worker));
    arm(worker, now);
}

/* What another worker decoded is not in this one's cache, or not any more: the bytes of all its
 * spans are sent for at once, so that one does not wait for the other. Of a large batch only the
 * first: the others would be gone again when they are needed. */
static void send_for(const struct span_batch *batch)
{
    size_t before = 0;
    for (const struct span *span = batch->first; span != NULL && before < SEND_FOR_BYTES;
         span = span->next) {
        before += span->raw.len;
        __builtin_prefetch(span->attrs);
        for (size_t i = 0; i < span->raw.len && i < SEND_FOR_BYTES; i += CACHE_LINE) {
            __builtin_prefetch(span->raw.data + i);
        }
    }
}

/* Takes up to `max` batches from each ring. True: there may be more. */
static bool take_batches(struct worker *worker, uint32_t max)
{
    bool more = false;
    for (uint32_t i = 0; i < worker->pool->count; i++) {
        struct span_set *set = NULL;
        uint32_t taken = 0;
        while (worker->in[i] != NULL && taken < max && (set = ring_pop(worker->in[i])) != NULL) {
            send_for(&set->batches[worker->index]);
            worker_add_own(worker, set);
            span_set_unref(set);
            taken++;
        }
        more |= taken == max;
    }
    return more;
}

/* When no worker submits any more, what is in the rings is all there will be. */
static void end_if_all_stopped(struct worker *worker)
{
    /* Acquire: pairs with the release of each worker that stopped, after its last push. */
    uint32_t stopped = atomic_load_explicit(&worker->pool->stopped, memory_order_acquire);
    if (worker->stopping &&
        stopped == atomic_load_explicit(&worker->pool->running, memory_order_relaxed)) {
        while (take_batches(worker, UINT32_MAX)) {
        }
        task_list_run(&worker->tasks, worker);
        loop_stop(worker->loop);
    }
}

static void woken(void *self)
{
    struct worker *worker = self;
    enum stage before = stages_enter(worker->stages, STAGE_ORDERS);
    /* What was acknowledged before a task was sent comes before it: all that was in the rings then
     * is taken first, so that an order to end a campaign overtakes no span. */
    struct task *tasks = task_list_take(&worker->tasks);
    if (take_batches(worker, tasks != NULL ? RING_ROOM : BATCHES_PER_TURN)) {
        loop_wake(worker->loop);
    }
    task_chain_run(tasks, worker);
    uint64_t now = now_of(worker);
    arm(worker, now);
    (void)stages_enter_at(worker->stages, before, now);
    end_if_all_stopped(worker);
}

/* --- life cycle --- */

static void export(void *self, struct export_batch *take_batch)
{
    struct worker *worker = self;
    worker->pool->options.export(worker->pool->options.self, worker, take_batch);
}

static int worker_init(struct worker *worker, struct worker_pool *pool, uint32_t index)
{
    struct shard_options options = pool->options.shard;
    worker->pool = pool;
    worker->index = index;
    worker->armed_ns = UINT64_MAX;
    options.budget = pool->budget;
    options.remember_bytes /= pool->count;
    options.keep_failed_bytes /= pool->count;
    options.export = pool->options.export != NULL ? export : NULL;
    options.self = worker;
    int bad = hash_key_random(&options.key);
    worker->random = options.key.k0 ^ options.key.k1;
    worker->stages = options.stages = stages_new(pool->options.clock);
    bad = bad == 0 && worker->stages == NULL ? -ENOMEM : bad;
    bad = bad != 0 ? bad : loop_new_with_clock(&worker->loop, pool->options.clock);
    bad = bad != 0 ? bad : loop_timer_new(&worker->timer, worker->loop, ticked, worker);
    bad = bad != 0 ? bad : shard_new(&worker->shard, &options);
    if (bad == 0) {
        worker->port = worker_admission(pool, worker->shard);
    }
    for (uint32_t i = 0; bad == 0 && i < pool->count; i++) {
        worker->in[i] = i != index ? ring_new(RING_ROOM, pool->options.clock) : NULL;
        bad = i != index && worker->in[i] == NULL ? -ENOMEM : 0;
    }
    if (bad == 0) {
        loop_on_wake(worker->loop, woken, worker);
        loop_set_stages(worker->loop, worker->stages);
    }
    return bad;
}

static void worker_deinit(struct worker *worker)
{
    for (uint32_t i = 0; i < worker->pool->count; i++) {
        struct span_set *set;
        while (worker->in[i] != NULL && (set = ring_pop(worker->in[i])) != NULL) {
            span_set_unref(set);
        }
        ring_free(worker->in[i]);
    }
    shard_free(worker->shard);
    loop_timer_free(worker->timer);
    loop_free(worker->loop);
    stages_free(worker->stages);
}

static void *run(void *self)
{
    struct worker *worker = self;
    struct worker_pool *pool = worker->pool;
    worker->start_error =
        pool->options.start != NULL ? pool->options.start(pool->options.self, worker) : 0;
    sem_post(&pool->started);
    loop_run(worker->loop);
    return NULL;
}

/* On the worker's thread: no more submissions from here. */
static void stop_submitting(struct task *task, struct worker *worker)
{
    struct worker_pool *pool = worker->pool;
    (void)task;
    if (pool->options.stop != NULL && worker->start_error == 0) {
        pool->options.stop(pool->options.self, worker);
    }
    worker->stopping = true;
    /* Release: pairs with end_if_all_stopped, which then finds in the rings all that was pushed. */
    atomic_fetch_add_explicit(&pool->stopped, 1, memory_order_release);
    for (uint32_t i = 0; i < pool->count; i++) {
        loop_wake(pool->workers[i].loop);
    }
}

static void stop_threads(struct worker_pool *pool)
{
    for (uint32_t i = 0; i < pool->count && pool->workers[i].has_thread; i++) {
        pool->workers[i].stop.run = stop_submitting;
        worker_send(&pool->workers[i], &pool->workers[i].stop);
    }
    for (uint32_t i = 0; i < pool->count && pool->workers[i].has_thread; i++) {
        pthread_join(pool->workers[i].thread, NULL);
    }
}

/* Signals are the control thread's. */
static int create_threads(struct worker_pool *pool)
{
    sigset_t all;
    sigset_t before;
    int error = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (uint32_t i = 0; i < pool->count && error == 0; i++) {
        error = pthread_create(&pool->workers[i].thread, NULL, run, &pool->workers[i]);
        pool->workers[i].has_thread = error == 0;
        atomic_fetch_add_explicit(&pool->running, error == 0, memory_order_relaxed);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

static int start_threads(struct worker_pool *pool)
{
    int bad = create_threads(pool);
    for (uint32_t i = 0; i < pool->count && pool->workers[i].has_thread; i++) {
        while (sem_wait(&pool->started) != 0) {
        }
    }
    for (uint32_t i = 0; i < pool->count; i++) {
        bad = bad != 0 ? bad : pool->workers[i].start_error;
    }
    return bad;
}

int worker_pool_new(struct worker_pool **ret, const struct worker_pool_options *options)
{
    if (options->count == 0 || options->count > SHARDS_MAX) {
        return -EINVAL;
    }
    struct worker_pool *pool = cache_line_alloc_zeroed(sizeof *pool);
    if (pool == NULL) {
        return -ENOMEM;
    }
    pool->options = *options;
    pool->count = pool->map.count = options->count;
    budget_init(&pool->own_budget, options->memory_bytes);
    pool->budget = options->budget != NULL ? options->budget : &pool->own_budget;
    sem_init(&pool->started, 0, 0);
    int bad = hash_key_random(&pool->map.key);
    pool->random = ~pool->map.key.k0;
    for (uint32_t i = 0; i < pool->count; i++) {
        pool->workers[i].pool = pool;
        bad = bad != 0 ? bad : worker_init(&pool->workers[i], pool, i);
    }
    if (bad == 0 && options->control != NULL) {
        loop_on_wake(options->control, control_woken, pool);
    }
    bad = bad != 0 ? bad : start_threads(pool);
    if (bad != 0) {
        worker_pool_free(pool);
        return bad;
    }
    *ret = pool;
    return 0;
}

/* Replies may send further tasks to workers whose threads have ended: they run here, and their
 * replies too, until there are none. */
static void run_what_is_left(struct worker_pool *pool)
{
    bool more;
    do {
        worker_pool_collect(pool);
        more = false;
        for (uint32_t i = 0; i < pool->count; i++) {
            struct task *tasks = task_list_take(&pool->workers[i].tasks);
            more |= tasks != NULL;
            task_chain_run(tasks, &pool->workers[i]);
        }
    } while (more);
}

void worker_pool_free(struct worker_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    stop_threads(pool);
    run_what_is_left(pool);
    if (pool->options.control != NULL) {
        loop_on_wake(pool->options.control, NULL, NULL);
    }
    for (uint32_t i = 0; i < pool->count; i++) {
        worker_deinit(&pool->workers[i]);
    }
    sem_destroy(&pool->started);
    free(pool);
}

void worker_pool_drain(struct worker_pool *pool)
{
    atomic_store_explicit(&pool->draining, true, memory_order_relaxed);
}

/* --- what a pool and a worker are made of --- */

uint32_t worker_pool_count(const struct worker_pool *pool)
{
    return pool->count;
}

struct worker *worker_pool_get(struct worker_pool *pool, uint32_t index)
{
    return &pool->workers[index];
}

struct budget *worker_pool_budget(const struct worker_pool *pool)
{
    return pool->budget;
}

const struct shard_map *worker_pool_shards(const struct worker_pool *pool)
{
    return &pool->map;
}

struct loop *worker_loop(struct worker *worker)
{
    return worker->loop;
}

struct shard *worker_shard(struct worker *worker)
{
    return worker->shard;
}

struct admission_port *worker_port(struct worker *worker)
{
    return &worker->port;
}

uint32_t worker_index(const struct worker *worker)
{
    return worker->index;
}

const struct clock *worker_clock(const struct worker *worker)
{
    return worker->pool->options.clock;
}

struct stages *worker_stages(struct worker *worker)
{
    return worker->stages;
}

uint64_t worker_stage_ns(const struct worker *worker, enum stage stage)
{
    return stages_ns(worker->stages, stage);
}

uint64_t worker_cpu_ns(const struct worker *worker)
{
    clockid_t id;
    struct timespec spent = {0, 0};
    if (worker->has_thread && pthread_getcpuclockid(worker->thread, &id) == 0) {
        (void)clock_gettime(id, &spent);
    }
    return (uint64_t)spent.tv_sec * NS_PER_S + (uint64_t)spent.tv_nsec;
}

struct ring_status worker_pool_ring(const struct worker_pool *pool, uint32_t from, uint32_t to)
{
    const struct ring *ring = pool->workers[to].in[from];
    return ring != NULL ? ring_status(ring) : (struct ring_status){.waits = NULL};
}
