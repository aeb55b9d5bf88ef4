/* A batch in a ring is the whole set: one reference is taken for each destination before it is
 * pushed. Rings are checked before the budget is asked: only this worker pushes to them, so a place
 * that is seen stays free. */
#include "daemon/core/list.h"
#include "daemon/pipeline/worker_state.h"

/* A peer that is sent elsewhere should not come back before we are gone. */
#define DRAINING_MS 1000u

static uint32_t next_random(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*random >> 33);
}

static uint64_t now_of(const struct worker_pool *pool)
{
    return pool->options.clock->monotonic_ns(pool->options.clock);
}

static uint32_t hint(struct worker_pool *pool, struct drain *drain, uint64_t *random,
                     uint64_t bytes)
{
    const struct refusal refusal = {.now_ns = now_of(pool),
                                    .drained_bytes = budget_drained(pool->budget),
                                    .excess_bytes = budget_excess(pool->budget, bytes),
                                    .bytes = bytes,
                                    .random = next_random(random)};
    return throttle_wait_ms(&pool->promises, drain, &refusal);
}

static enum admission refuse(struct worker *worker, enum budget_cause cause, uint64_t bytes,
                             uint32_t *ret_retry_after_ms)
{
    budget_refuse(worker->pool->budget, cause);
    *ret_retry_after_ms = hint(worker->pool, &worker->drain, &worker->random, bytes);
    return ADMISSION_BUSY;
}

static enum admission refuse_draining(struct worker *worker, uint32_t *ret_retry_after_ms)
{
    budget_refuse(worker->pool->budget, BUDGET_DRAINING);
    *ret_retry_after_ms = DRAINING_MS + next_random(&worker->random) % DRAINING_MS;
    return ADMISSION_DRAINING;
}

static bool is_draining(const struct worker_pool *pool)
{
    return atomic_load_explicit(&pool->draining, memory_order_relaxed);
}

static bool rings_have_room(const struct worker *worker, const struct span_set *set)
{
    const struct worker_pool *pool = worker->pool;
    for (uint32_t i = 0; i < pool->count; i++) {
        if (i != worker->index && worker_has_work(&set->batches[i]) &&
            ring_room(pool->workers[i].in[worker->index]) == 0) {
            return false;
        }
    }
    return true;
}

static uint64_t cost_of(const struct span_set *set)
{
    uint64_t cost = 0;
    for (uint32_t i = 0; i < set->batch_count; i++) {
        cost += shard_batch_cost(&set->batches[i]);
    }
    return cost;
}

/* A place in its ring was seen. */
static void hand_over(struct worker *worker, struct worker *to, struct span_set *set)
{
    struct ring *ring = to->in[worker->index];
    span_set_ref(set);
    ring_push(ring, set);
    if (loop_wake(to->loop)) {
        ring_woke(ring);
    }
}

static void push_all(struct worker *worker, struct span_set *set)
{
    struct worker_pool *pool = worker->pool;
    for (uint32_t i = 0; i < pool->count; i++) {
        if (i != worker->index && worker_has_work(&set->batches[i])) {
            hand_over(worker, &pool->workers[i], set);
        }
    }
    if (worker_has_work(&set->batches[worker->index])) {
        worker_add_own(worker, set);
    }
    if (set->rejected != 0) {
        shard_count_refused(worker->shard, 0, set->rejected);
    }
}

/* Room is promised for all destinations, or nothing is touched. */
static enum admission admit(struct worker *worker, struct span_set *set,
                            uint32_t *ret_retry_after_ms)
{
    struct budget *budget = worker->pool->budget;
    uint64_t cost = cost_of(set);
    /* A worker that has stopped must not push: its peers may be gone. */
    if (worker->stopping || is_draining(worker->pool)) {
        return refuse_draining(worker, ret_retry_after_ms);
    }
    if (cost > budget->hard_bytes / 2) {
        return ADMISSION_TOO_LARGE;
    }
    if (!rings_have_room(worker, set)) {
        shard_count_full(worker->shard);
        return refuse(worker, BUDGET_RING_FULL, cost, ret_retry_after_ms);
    }
    if (!budget_take(budget, BUDGET_COMING, cost)) {
        shard_count_full(worker->shard);
        return refuse(worker, BUDGET_SHARD_FULL, cost, ret_retry_after_ms);
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
    uint32_t retry_after_ms = 0;
    enum admission outcome = admit(worker, take_set, &retry_after_ms);
    span_set_unref(take_set);
    (void)stages_enter(worker->stages, before);
    waiter->done(waiter, outcome, retry_after_ms);
}

static enum admission welcome(struct admission_port *port, size_t bytes,
                              uint32_t *ret_retry_after_ms)
{
    struct worker *worker = worker_of(port);
    *ret_retry_after_ms = 0;
    if (is_draining(worker->pool)) {
        return refuse_draining(worker, ret_retry_after_ms);
    }
    if (!budget_welcome(worker->pool->budget, bytes)) {
        return refuse(worker, BUDGET_THROTTLED, bytes, ret_retry_after_ms);
    }
    return ADMISSION_OK;
}

static enum admission reserve(struct admission_port *port, size_t bytes,
                              uint32_t *ret_retry_after_ms)
{
    struct worker *worker = worker_of(port);
    *ret_retry_after_ms = 0;
    return budget_take(worker->pool->budget, BUDGET_BODIES, bytes)
               ? ADMISSION_OK
               : refuse(worker, BUDGET_BODY_FULL, bytes, ret_retry_after_ms);
}

static void release(struct admission_port *port, size_t bytes)
{
    budget_give(worker_of(port)->pool->budget, BUDGET_BODIES, bytes);
}

static uint32_t retry_after_ms(struct admission_port *port, size_t bytes)
{
    uint32_t retry = 0;
    (void)refuse(worker_of(port), BUDGET_BODY_FULL, bytes, &retry);
    return retry;
}

struct admission_port worker_admission(const struct worker_pool *pool, const struct shard *shard)
{
    return (struct admission_port){&pool->map, pool->budget, shard_listed(shard), submit, welcome,
                                   reserve,    release,      retry_after_ms};
}

/* --- records that come by tasks --- */

int worker_pool_reserve(struct worker_pool *pool, uint64_t bytes)
{
    drain_note(&pool->drain, now_of(pool), budget_drained(pool->budget));
    if (bytes > pool->budget->hard_bytes / 5 * 2) {
        return WORKERS_TOO_LARGE;
    }
    if (budget_welcome(pool->budget, bytes) &&
        budget_take(pool->budget, BUDGET_INJECTIONS, bytes)) {
        return 0;
    }
    budget_refuse(pool->budget, BUDGET_INJECTION);
    return WORKERS_BUSY;
}

void worker_pool_release(struct worker_pool *pool, uint64_t bytes)
{
    budget_give(pool->budget, BUDGET_INJECTIONS, bytes);
}

uint32_t worker_pool_retry_after_ms(struct worker_pool *pool, uint64_t bytes)
{
    return hint(pool, &pool->drain, &pool->random, bytes);
}
