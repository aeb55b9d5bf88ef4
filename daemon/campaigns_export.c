#include "daemon/campaigns_state.h"
#include "daemon/core/json.h"
#include "daemon/model/id_json.h"

static void push(struct campaigns *campaigns, struct export_batch *take_batch)
{
    export_thread_push(campaigns->options.exports, campaigns->options.producer, take_batch);
}

/* A campaign's state for the compacted topic. */
static void write_event(struct campaign_entry *entry, const char *status, struct buf *out)
{
    struct json json = JSON_INIT(out);
    json_object(&json);
    json_key(&json, "schema_version");
    json_i64(&json, 1);
    json_member_string(&json, "key", entry->campaign->key);
    json_member_string(&json, "status", status);
    json_member_time(&json, "time", campaigns_wall_ns(entry->campaigns));
    json_object_end(&json);
}

void campaign_entry_export_event(struct campaign_entry *entry, const char *status)
{
    struct export_batch *batch =
        export_batch_new_counted(worker_pool_budget(entry->campaigns->options.pool));
    struct campaign_event *event = batch != NULL ? export_batch_event(batch) : NULL;
    struct buf text = BUF_NULL;
    if (event == NULL) {
        export_batch_unref(batch);
        return;
    }
    write_event(entry, status, &text);
    event->campaign = arena_copy(&batch->arena, bytes_of(entry->campaign->key));
    event->json = arena_copy(&batch->arena, buf_bytes(&text));
    buf_deinit(&text);
    push(entry->campaigns, batch);
}

void campaign_entry_export_meters(struct campaign_entry *entry, const struct meters *meters,
                                  bool whole)
{
    struct export_batch *batch =
        meters != NULL
            ? export_batch_new_counted(worker_pool_budget(entry->campaigns->options.pool))
            : NULL;
    if (batch == NULL) {
        return;
    }
    if (meters_write(meters, campaigns_wall_ns(entry->campaigns), whole, batch) != 0 ||
        batch->meter_count + batch->verdict_count == 0) {
        export_batch_unref(batch);
        return;
    }
    push(entry->campaigns, batch);
}
