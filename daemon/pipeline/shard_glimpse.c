#include "daemon/pipeline/shard_glimpse.h"

#include <string.h>

#include "daemon/pipeline/shard_state.h"

static uint64_t since(uint64_t now_ns, uint64_t then_ns)
{
    return then_ns != 0 && now_ns > then_ns ? now_ns - then_ns : 0;
}

/* What came first: the record, or a span. */
static uint64_t began_ns(const struct trace_entry *entry)
{
    bool injected_first = entry->received == 0 ||
                          (entry->trace.injection != NULL && entry->injected_ns < entry->first_ns);
    return injected_first ? entry->injected_ns : entry->first_ns;
}

static struct trace_glimpse glimpse_of(const struct trace_entry *entry, uint64_t now_ns)
{
    struct trace_glimpse glimpse = {
        .id = entry->trace.id,
        .state = trace_state_name((enum trace_state)entry->state),
        .injected = entry->trace.injection != NULL,
        .age_ns = since(now_ns, began_ns(entry)),
        .quiet_ns = entry->received != 0 ? since(now_ns, entry->last_ns) : 0,
        .spans = entry->trace.count,
        .bytes = entry->held,
    };
    if (entry->owner != NULL) {
        memcpy(glimpse.campaign, entry->owner->campaign->key, sizeof glimpse.campaign);
    }
    return glimpse;
}

void shard_glimpse(const struct shard *shard, uint64_t now_ns, uint32_t max,
                   struct shard_glimpse *ret)
{
    const struct list *entries = &shard->table.entries;
    max = max < GLIMPSE_TRACES_MAX ? max : GLIMPSE_TRACES_MAX;
    ret->count = 0;
    for (const struct list *at = entries->next; at != entries && ret->count < max; at = at->next) {
        const struct trace_entry *entry = container_of(at, struct trace_entry, link);
        ret->traces[ret->count++] = glimpse_of(entry, now_ns);
    }
}
