#include "tests/receivers/fake_admission.h"

#include <stdlib.h>

#include "daemon/core/list.h"

static void count_attributes(struct fake_admission *fake, const struct span_set *set)
{
    for (uint32_t i = 0; i < set->batch_count; i++) {
        for (const struct span *span = set->batches[i].first; span != NULL; span = span->next) {
            fake->listed += span->attr_count;
            fake->unlisted += span->unlisted;
        }
    }
}

static void submit(struct admission_port *port, struct span_set *take_set,
                   struct admission_waiter *waiter)
{
    struct fake_admission *fake = container_of(port, struct fake_admission, port);
    fake->submissions++;
    if (fake->later || fake->outcome == ADMISSION_OK) {
        fake->spans += take_set->span_count;
        fake->rejected += take_set->rejected;
        fake->duplicate_keys += take_set->duplicate_keys;
        count_attributes(fake, take_set);
    }
    span_set_unref(take_set);
    if (fake->later) {
        if (fake->waiting == FAKE_WAITERS_MAX) {
            abort();
        }
        fake->waiters[fake->waiting++] = waiter;
    } else {
        waiter->done(waiter, fake->outcome, fake->retry_after_ms);
    }
}

static enum admission welcome(struct admission_port *port, size_t bytes,
                              uint32_t *ret_retry_after_ms)
{
    struct fake_admission *fake = container_of(port, struct fake_admission, port);
    *ret_retry_after_ms = fake->retry_after_ms;
    if (fake->reserve != ADMISSION_OK) {
        return fake->reserve;
    }
    return budget_welcome(&fake->account, bytes) ? ADMISSION_OK : ADMISSION_BUSY;
}

static enum admission reserve(struct admission_port *port, size_t bytes,
                              uint32_t *ret_retry_after_ms)
{
    struct fake_admission *fake = container_of(port, struct fake_admission, port);
    *ret_retry_after_ms = fake->retry_after_ms;
    return budget_take(&fake->account, BUDGET_BODIES, bytes) ? ADMISSION_OK : ADMISSION_BUSY;
}

static void release(struct admission_port *port, size_t bytes)
{
    budget_give(&container_of(port, struct fake_admission, port)->account, BUDGET_BODIES, bytes);
}

static uint32_t retry_after_ms(struct admission_port *port, size_t bytes)
{
    (void)bytes;
    return container_of(port, struct fake_admission, port)->retry_after_ms;
}

void fake_admission_init(struct fake_admission *fake)
{
    *fake = (struct fake_admission){.shards = {{1, 2}, 2}, .retry_after_ms = 1500};
    budget_init(&fake->account, 1u << 30);
    fake->port = (struct admission_port){&fake->shards, &fake->account, NULL,    submit,
                                         welcome,       reserve,        release, retry_after_ms};
}

void fake_admission_answer(struct fake_admission *fake, enum admission outcome)
{
    uint32_t waiting = fake->waiting;
    fake->waiting = 0;
    for (uint32_t i = 0; i < waiting; i++) {
        fake->waiters[i]->done(fake->waiters[i], outcome, fake->retry_after_ms);
    }
}
