/* A batch in a ring is the whole set: one reference is taken for each destination before it is
 * pushed. */
#include "daemon/core/list.h"
#include "daemon/pipeline/worker_state.h"

#define RETRY_MS  1000u
#define JITTER_MS 500u

static uint32_t retry_after(struct worker *worker)
{
    worker->refused++;
    return RETRY_MS + (worker->index * 89 + worker->refused * 37) % JITTER_MS;
}

static bool takes(struct worker *to, const struct worker *from, const struct span_batch *batch)
{
    uint64_t cost = worker_cost(batch);
    uint64_t coming =
        atomic_fetch_add_explicit(&to->coming_bytes, cost, memory_order_relaxed) + cost;
    bool fits =
        shard_has_room(to->shard, coming) && (to == from || ring_room(to->in[from->index]) != 0);
    if (!fits) {
        atomic_fetch_sub_explicit(&to->coming_bytes, cost, memory_order_relaxed);
    }
    return fits;
}

/* All destinations have room, which is then taken, or none is touched. */
static bool all_take(struct worker *worker, const struct span_set *set)
{
    struct worker_pool *pool = worker->pool;
    uint32_t i = 0;
    while (i < pool->count && (!worker_has_work(&set->batches[i]) ||
                               takes(&pool->workers[i], worker, &set->batches[i]))) {
        i++;
    }
    if (i == pool->count) {
        return true;
    }
    while (i-- > 0) {
        if (worker_has_work(&set->batches[i])) {
            atomic_fetch_sub_explicit(&pool->workers[i].coming_bytes, worker_cost(&set->batches[i]),
                                      memory_order_relaxed);
        }
    }
    return false;
}

/* Each shard's part of what is spread over all. */
static uint64_t part_of(const struct worker_pool *pool, uint64_t bytes)
{
    return bytes / pool->count + 1;
}

static void take_back(struct worker_pool *pool, uint32_t count, uint64_t part)
{
    for (uint32_t i = 0; i < count; i++) {
        atomic_fetch_sub_explicit(&pool->workers[i].coming_bytes, part, memory_order_relaxed);
    }
}

int worker_pool_reserve(struct worker_pool *pool, uint64_t bytes)
{
    uint64_t part = part_of(pool, bytes);
    if (bytes > pool->options.memory_bytes / 5 * 2) {
        return WORKERS_TOO_LARGE;
    }
    for (uint32_t i = 0; i < pool->count; i++) {
        struct worker *to = &pool->workers[i];
        uint64_t coming =
            atomic_fetch_add_explicit(&to->coming_bytes, part, memory_order_relaxed) + part;
        if (!shard_has_room(to->shard, coming)) {
            take_back(pool, i + 1, part);
            return WORKERS_BUSY;
        }
    }
    return 0;
}

void worker_pool_release(struct worker_pool *pool, uint64_t bytes)
{
    take_back(pool, pool->count, part_of(pool, bytes));
}

static void push_all(struct worker *worker, struct span_set *set)
{
    struct worker_pool *pool = worker->pool;
    for (uint32_t i = 0; i < pool->count; i++) {
        if (i != worker->index && worker_has_work(&set->batches[i])) {
            span_set_ref(set);
            ring_push(pool->workers[i].in[worker->index], set);
            loop_wake(pool->workers[i].loop);
        }
    }
    if (worker_has_work(&set->batches[worker->index])) {
        worker_add_own(worker, set);
    }
    if (set->rejected != 0) {
        shard_count_refused(worker->shard, 0, set->rejected);
    }
}

static enum admission admit(struct worker *worker, struct span_set *set)
{
    /* A worker that has stopped must not push: its peers may be gone. */
    if (worker->stopping || atomic_load_explicit(&worker->pool->draining, memory_order_relaxed)) {
        return ADMISSION_DRAINING;
    }
    if (!all_take(worker, set)) {
        shard_count_full(worker->shard);
        return ADMISSION_BUSY;
    }
    push_all(worker, set);
    return ADMISSION_OK;
}

static struct worker *worker_of(struct admission_port *port)
{
    return container_of(port, struct worker, port);
}

static void submit(struct admission_port *port, struct span_set *take_set,
                   struct admission_waiter *waiter)
{
    struct worker *worker = worker_of(port);
    enum stage before = stages_enter(worker->stages, STAGE_ADMISSION);
    enum admission outcome = admit(worker, take_set);
    span_set_unref(take_set);
    (void)stages_enter(worker->stages, before);
    waiter->done(waiter, outcome, outcome == ADMISSION_OK ? 0 : retry_after(worker));
}

/* A body larger than the budget is let in alone: else it could never be read. */
static enum admission reserve(struct admission_port *port, size_t bytes,
                              uint32_t *ret_retry_after_ms)
{
    struct worker *worker = worker_of(port);
    struct worker_pool *pool = worker->pool;
    *ret_retry_after_ms = 0;
    if (atomic_load_explicit(&pool->draining, memory_order_relaxed)) {
        *ret_retry_after_ms = retry_after(worker);
        return ADMISSION_DRAINING;
    }
    uint64_t before = atomic_fetch_add_explicit(&pool->body_bytes, bytes, memory_order_relaxed);
    if (before == 0 || before + bytes <= pool->options.memory_bytes / 4) {
        return ADMISSION_OK;
    }
    atomic_fetch_sub_explicit(&pool->body_bytes, bytes, memory_order_relaxed);
    *ret_retry_after_ms = retry_after(worker);
    return ADMISSION_BUSY;
}

static void release(struct admission_port *port, size_t bytes)
{
    atomic_fetch_sub_explicit(&worker_of(port)->pool->body_bytes, bytes, memory_order_relaxed);
}

struct admission_port worker_admission(const struct worker_pool *pool)
{
    return (struct admission_port){&pool->map, submit, reserve, release};
}
