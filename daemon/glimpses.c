#include "daemon/glimpses.h"

#include <errno.h>
#include <stdlib.h>

struct part {
    struct task task;
    struct glimpses *glimpses;
    struct shard_glimpse glimpse;
};

struct glimpses {
    uint64_t now_ns; /* of the question: ages of different shards can be compared */
    uint32_t max, waiting, count;
    glimpses_fn done;
    void *self;
    struct part parts[]; /* one for each shard */
};

static int older_first(const void *a, const void *b)
{
    uint64_t left = ((const struct trace_glimpse *)a)->age_ns;
    uint64_t right = ((const struct trace_glimpse *)b)->age_ns;
    return left < right ? 1 : left > right ? -1 : 0;
}

static void merge(struct glimpses *glimpses)
{
    uint32_t total = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; i < glimpses->count; i++) {
        total += glimpses->parts[i].glimpse.count;
    }
    struct trace_glimpse *all = calloc((size_t)total + 1, sizeof *all);
    for (uint32_t i = 0; all != NULL && i < glimpses->count; i++) {
        const struct shard_glimpse *glimpse = &glimpses->parts[i].glimpse;
        for (uint32_t j = 0; j < glimpse->count; j++) {
            all[at++] = glimpse->traces[j];
        }
    }
    if (all != NULL) {
        qsort(all, total, sizeof *all, older_first);
    }
    glimpses->done(glimpses->self, all, total < glimpses->max ? total : glimpses->max);
    free(all);
}

static void fold(struct task *task, struct worker *worker)
{
    struct glimpses *glimpses = ((struct part *)(void *)task)->glimpses;
    (void)worker;
    if (--glimpses->waiting == 0) {
        merge(glimpses);
        free(glimpses);
    }
}

static void answer(struct task *task, struct worker *worker)
{
    struct part *part = (struct part *)(void *)task;
    shard_glimpse(worker_shard(worker), part->glimpses->now_ns, part->glimpses->max,
                  &part->glimpse);
    part->task.run = fold;
    worker_reply(worker, &part->task);
}

int glimpses_begin(struct worker_pool *pool, uint32_t max, glimpses_fn done, void *self)
{
    uint32_t count = worker_pool_count(pool);
    struct glimpses *glimpses = calloc(1, sizeof *glimpses + count * sizeof glimpses->parts[0]);
    if (glimpses == NULL) {
        return -ENOMEM;
    }
    const struct clock *clock = worker_clock(worker_pool_get(pool, 0));
    glimpses->now_ns = clock->monotonic_ns(clock);
    glimpses->max = max < GLIMPSE_TRACES_MAX ? max : GLIMPSE_TRACES_MAX;
    glimpses->waiting = glimpses->count = count;
    glimpses->done = done;
    glimpses->self = self;
    for (uint32_t i = 0; i < count; i++) {
        glimpses->parts[i].task.run = answer;
        glimpses->parts[i].glimpses = glimpses;
        worker_send(worker_pool_get(pool, i), &glimpses->parts[i].task);
    }
    return 0;
}
