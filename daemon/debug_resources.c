#include "daemon/debug_resources.h"

#include "daemon/process_usage.h"

static void write_ring(struct outline *outline, struct ring_status ring)
{
    uint64_t popped = ring.pushed > ring.used ? ring.pushed - ring.used : 1;
    outline_number(outline, "used", ring.used);
    outline_number(outline, "room", ring.room);
    outline_number(outline, "most", ring.most);
    outline_number(outline, "batches", ring.pushed);
    outline_number(outline, "wakeups", ring.woken);
    outline_number(outline, "found_full", ring.full);
    outline_number(outline, "wait_mean_ns", counter_get(&ring.waits->sum_ns) / popped);
    outline_number(outline, "wait_p99_ns_at_most", delays_within_ns(ring.waits, 99));
}

static void write_worker_rings(struct outline *outline, struct worker_pool *pool)
{
    uint32_t count = worker_pool_count(pool);
    outline_list(outline, "workers");
    for (uint32_t from = 0; from < count; from++) {
        for (uint32_t to = 0; to < count; to++) {
            if (from != to) {
                outline_group(outline, NULL);
                outline_number(outline, "from", from);
                outline_number(outline, "to", to);
                write_ring(outline, worker_pool_ring(pool, from, to));
                outline_group_end(outline);
            }
        }
    }
    outline_list_end(outline);
}

static void write_refusals(struct outline *outline, struct worker_pool *pool)
{
    outline_list(outline, "refused_batches");
    for (uint32_t i = 0; i < worker_pool_count(pool); i++) {
        const struct shard_gauges *gauges = shard_gauges(worker_shard(worker_pool_get(pool, i)));
        outline_group(outline, NULL);
        outline_number(outline, "worker", i);
        outline_number(outline, "batches", counter_get(&gauges->refused_full));
        outline_group_end(outline);
    }
    outline_list_end(outline);
}

static void write_export_rings(struct outline *outline, const struct export_thread *exports)
{
    outline_list(outline, "exports");
    for (uint32_t i = 0; i < export_thread_producers(exports); i++) {
        outline_group(outline, NULL);
        outline_number(outline, "producer", i);
        write_ring(outline, export_thread_ring(exports, i));
        outline_group_end(outline);
    }
    outline_list_end(outline);
}

static void write_sink_queues(struct outline *outline, const struct export_thread *exports)
{
    struct sink_status sinks[HUB_SINKS_MAX];
    uint32_t count = export_thread_status(exports, sinks, HUB_SINKS_MAX);
    outline_list(outline, "sinks");
    for (uint32_t i = 0; i < count; i++) {
        outline_group(outline, NULL);
        outline_text(outline, "name", sinks[i].account.name);
        outline_number(outline, "queue_bytes", sinks[i].queue_bytes);
        outline_number(outline, "queue_limit_bytes", sinks[i].queue_limit_bytes);
        outline_number(outline, "enqueue_failed", sinks[i].enqueue_failed);
        outline_group_end(outline);
    }
    outline_list_end(outline);
}

void debug_rings_write(struct outline *outline, struct worker_pool *pool,
                       const struct export_thread *exports)
{
    write_worker_rings(outline, pool);
    write_refusals(outline, pool);
    write_export_rings(outline, exports);
    write_sink_queues(outline, exports);
}

static void write_owners(struct outline *outline, const struct budget *budget)
{
    outline_group(outline, "owners");
    for (int owner = 0; owner < BUDGET_OWNERS; owner++) {
        outline_number(outline, budget_owner_name((enum budget_owner)owner),
                       budget_held(budget, (enum budget_owner)owner));
    }
    outline_group_end(outline);
}

static void write_causes(struct outline *outline, const struct budget *budget)
{
    outline_group(outline, "refused");
    for (int cause = 0; cause < BUDGET_CAUSES; cause++) {
        outline_number(outline, budget_cause_name((enum budget_cause)cause),
                       budget_refused(budget, (enum budget_cause)cause));
    }
    outline_group_end(outline);
}

static void write_shards(struct outline *outline, struct worker_pool *pool)
{
    outline_list(outline, "shards");
    for (uint32_t i = 0; i < worker_pool_count(pool); i++) {
        const struct shard_gauges *gauges = shard_gauges(worker_shard(worker_pool_get(pool, i)));
        outline_group(outline, NULL);
        outline_number(outline, "worker", i);
        outline_number(outline, "bytes", counter_get(&gauges->memory_bytes));
        outline_group_end(outline);
    }
    outline_list_end(outline);
}

void debug_memory_write(struct outline *outline, struct worker_pool *pool)
{
    const struct budget *budget = worker_pool_budget(pool);
    outline_number(outline, "limit_bytes", budget->hard_bytes);
    outline_number(outline, "throttled_from_bytes", budget->soft_bytes);
    outline_number(outline, "held_bytes", budget_total(budget));
    outline_number(outline, "resident_bytes", process_usage_now().resident_bytes);
    write_owners(outline, budget);
    write_causes(outline, budget);
    write_shards(outline, pool);
}

static void write_worker_stages(struct outline *outline, const struct worker *worker)
{
    outline_group(outline, NULL);
    outline_number(outline, "worker", worker_index(worker));
    outline_seconds(outline, "cpu", worker_cpu_ns(worker));
    for (int stage = STAGE_RECEIVE; stage < STAGE_ENCODING; stage++) {
        outline_seconds(outline, stage_name((enum stage)stage),
                        worker_stage_ns(worker, (enum stage)stage));
    }
    outline_group_end(outline);
}

void debug_stages_write(struct outline *outline, struct worker_pool *pool,
                        const struct export_thread *exports)
{
    outline_list(outline, "workers");
    for (uint32_t i = 0; i < worker_pool_count(pool); i++) {
        write_worker_stages(outline, worker_pool_get(pool, i));
    }
    outline_list_end(outline);
    outline_group(outline, "exports");
    outline_seconds(outline, stage_name(STAGE_ENCODING),
                    export_thread_stage_ns(exports, STAGE_ENCODING));
    outline_group_end(outline);
}
