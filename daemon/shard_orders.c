#include "daemon/shard_orders.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/model/injection.h"

struct order {
    struct task task;
    struct campaign *campaign;
    const struct clock *clock;
    enum shard_order what;
};

static void obey(struct task *task, struct worker *worker)
{
    struct order *order = (struct order *)(void *)task;
    struct shard *shard = worker_shard(worker);
    switch (order->what) {
    case ORDER_START:
        if (shard_campaign_start(shard, order->campaign) != 0) {
            campaign_lose(order->campaign);
        }
        break;
    case ORDER_END:
        shard_campaign_end(shard, order->campaign);
        break;
    case ORDER_FINISH:
        shard_finish_campaign(shard, order->campaign, false,
                              order->clock->monotonic_ns(order->clock),
                              order->clock->wall_ns(order->clock));
        break;
    case ORDER_FORGET:
        shard_campaign_forget(shard, order->campaign);
        break;
    }
    campaign_unref(order->campaign);
    free(order);
}

int shard_orders_send(struct worker_pool *pool, struct campaign *campaign, enum shard_order what,
                      const struct clock *clock)
{
    int bad = 0;
    for (uint32_t i = 0; i < worker_pool_count(pool); i++) {
        struct order *order = calloc(1, sizeof *order);
        if (order == NULL) {
            bad = -ENOMEM;
            continue;
        }
        campaign_ref(campaign);
        *order = (struct order){{.run = obey}, campaign, clock, what};
        worker_send(worker_pool_get(pool, i), &order->task);
    }
    return bad;
}

/* What a shard keeps for a record beside its texts: the trace's entry, its share of tables, the
 * ends of chunks. */
#define RECORD_BYTES 512u

int shard_orders_reserve(struct worker_pool *pool, struct bytes body, uint64_t *ret_reserved)
{
    uint64_t lines = 1;
    for (size_t i = 0; i < body.len; i++) {
        lines += body.data[i] == '\n';
    }
    *ret_reserved = lines * RECORD_BYTES + body.len;
    return worker_pool_reserve(pool, *ret_reserved);
}

/* Goes from worker to worker, behind the records; the last one gives the room back. */
struct release {
    struct task task;
    struct worker_pool *pool;
    uint64_t reserved;
    uint32_t next;
};

static void pass_release(struct task *task, struct worker *worker)
{
    struct release *release = (struct release *)(void *)task;
    (void)worker;
    if (release->next < worker_pool_count(release->pool)) {
        worker_send(worker_pool_get(release->pool, release->next++), &release->task);
        return;
    }
    worker_pool_release(release->pool, release->reserved);
    free(release);
}

void shard_orders_release(struct worker_pool *pool, uint64_t reserved)
{
    struct release *release = malloc(sizeof *release);
    if (release == NULL) {
        worker_pool_release(pool, reserved);
        return;
    }
    *release = (struct release){{.run = pass_release}, pool, reserved, 0};
    pass_release(&release->task, NULL);
}

/* Records on their way to one shard; they live in the arena. */
struct delivery_of_records {
    struct task task;
    struct campaign *campaign;
    const struct clock *clock;
    struct arena arena;
    struct injection **records;
    uint32_t count;
};

static void inject_records(struct task *task, struct worker *worker)
{
    struct delivery_of_records *delivery = (struct delivery_of_records *)(void *)task;
    uint64_t now = delivery->clock->monotonic_ns(delivery->clock);
    uint64_t wall_ns = delivery->clock->wall_ns(delivery->clock);
    for (uint32_t i = 0; i < delivery->count; i++) {
        (void)shard_inject(worker_shard(worker), delivery->campaign, delivery->records[i], now,
                           wall_ns);
    }
    arena_deinit(&delivery->arena);
    campaign_unref(delivery->campaign);
    free(delivery);
}

static struct delivery_of_records *delivery_new(struct campaign *campaign, uint32_t room,
                                                const struct clock *clock)
{
    struct delivery_of_records *delivery = calloc(1, sizeof *delivery);
    if (delivery == NULL) {
        return NULL;
    }
    delivery->task.run = inject_records;
    delivery->clock = clock;
    delivery->arena = ARENA_INIT(4096, 0);
    delivery->records = arena_calloc(&delivery->arena, room, sizeof(struct injection *));
    if (delivery->records == NULL) {
        free(delivery);
        return NULL;
    }
    delivery->campaign = campaign;
    campaign_ref(campaign);
    return delivery;
}

uint32_t shard_orders_inject(struct worker_pool *pool, struct campaign *campaign,
                             const struct injection *records, uint32_t count,
                             const struct clock *clock)
{
    struct delivery_of_records *deliveries[SHARDS_MAX] = {NULL};
    const struct shard_map *shards = worker_pool_shards(pool);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t shard = shard_map_find(shards, &records[i].trace_id);
        if (deliveries[shard] == NULL) {
            deliveries[shard] = delivery_new(campaign, count, clock);
        }
        struct delivery_of_records *delivery = deliveries[shard];
        struct injection *copy =
            delivery != NULL ? injection_copy(&records[i], &delivery->arena) : NULL;
        if (copy != NULL) {
            delivery->records[delivery->count++] = copy;
            taken++;
        }
    }
    for (uint32_t i = 0; i < shards->count; i++) {
        if (deliveries[i] != NULL) {
            worker_send(worker_pool_get(pool, i), &deliveries[i]->task);
        }
    }
    return taken;
}
