/* What the control thread tells the shards: campaigns that begin and end, injections that were
 * registered. Orders to one worker are carried out in the order given. Thread rule: given on the
 * control thread. */
#ifndef ASSERTD_DAEMON_SHARD_ORDERS_H
#define ASSERTD_DAEMON_SHARD_ORDERS_H

#include "daemon/pipeline/worker.h"

enum shard_order {
    ORDER_START,  /* the campaign takes traces */
    ORDER_END,    /* no new trace joins it */
    ORDER_FINISH, /* its open traces are finished as they are */
    ORDER_FORGET, /* it has ended: what was counted for it goes */
};

/* Tells every worker. 0; -ENOMEM: some worker was not told. */
int shard_orders_send(struct worker_pool *pool, struct campaign *campaign, enum shard_order order,
                      const struct clock *clock);

/* Makes room for the records of a body before they are handed over, and gives it back when the
 * shards have them. 0; enum workers_outcome. */
int shard_orders_reserve(struct worker_pool *pool, struct bytes body, uint64_t *ret_reserved);
void shard_orders_release(struct worker_pool *pool, uint64_t reserved);

/* Hands injection records to their shards, copied. Returns how many were. */
uint32_t shard_orders_inject(struct worker_pool *pool, struct campaign *campaign,
                             const struct injection *records, uint32_t count,
                             const struct clock *clock);

#endif
