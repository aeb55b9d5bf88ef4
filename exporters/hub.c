#include "exporters/hub.h"

#include <errno.h>
#include <stdlib.h>

#include "exporters/sink.h"

struct hub {
    uint32_t sink_count;
    struct sink *sinks[HUB_SINKS_MAX];
};

int hub_new(struct hub **ret, const struct hub_options *options)
{
    struct hub *hub = calloc(1, sizeof *hub);
    if (hub == NULL || options->sink_count > HUB_SINKS_MAX) {
        free(hub);
        return hub == NULL ? -ENOMEM : -E2BIG;
    }
    for (uint32_t i = 0; i < options->sink_count; i++) {
        int bad = sink_new(&hub->sinks[i], options, &options->sinks[i]);
        if (bad) {
            hub_free(hub);
            return bad;
        }
        hub->sink_count++;
    }
    *ret = hub;
    return 0;
}

void hub_free(struct hub *hub)
{
    if (hub == NULL) {
        return;
    }
    hub_abandon(hub);
    for (uint32_t i = 0; i < hub->sink_count; i++) {
        sink_free(hub->sinks[i]);
    }
    free(hub);
}

void hub_submit(struct hub *hub, struct export_batch *take_batch)
{
    for (uint32_t i = 0; i < hub->sink_count; i++) {
        sink_submit(hub->sinks[i], take_batch);
    }
    export_batch_unref(take_batch);
}

bool hub_idle(const struct hub *hub)
{
    for (uint32_t i = 0; i < hub->sink_count; i++) {
        if (!sink_idle(hub->sinks[i])) {
            return false;
        }
    }
    return true;
}

void hub_abandon(struct hub *hub)
{
    for (uint32_t i = 0; i < hub->sink_count; i++) {
        sink_abandon(hub->sinks[i]);
    }
}

uint32_t hub_account(const struct hub *hub, struct ledger_sink *ret, uint32_t room)
{
    uint32_t count = hub->sink_count < room ? hub->sink_count : room;
    for (uint32_t i = 0; i < count; i++) {
        sink_account(hub->sinks[i], &ret[i]);
    }
    return count;
}

uint32_t hub_status(const struct hub *hub, struct sink_status *ret, uint32_t room)
{
    uint32_t count = hub->sink_count < room ? hub->sink_count : room;
    for (uint32_t i = 0; i < count; i++) {
        sink_status(hub->sinks[i], &ret[i]);
    }
    return count;
}
