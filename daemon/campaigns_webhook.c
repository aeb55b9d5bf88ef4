/*
 * What a webhook is told of a breach.
 */
#include "daemon/campaigns_state.h"
#include "daemon/core/json.h"
#include "daemon/model/id_json.h"

static void write_news(struct json *json, const struct campaign_entry *entry,
                       const struct breach_news *news)
{
    const struct report_threshold *threshold = news->threshold;
    const struct report_breach *breach = news->breach;
    json_object(json);
    json_member_string(json, "event", news->aborts ? "abort" : "breach");
    json_member_string(json, "campaign", entry->campaign->key);
    json_member_text(json, "suite", news->suite);
    json_member_text(json, "threshold", threshold->name);
    json_member_string(json, "severity", severity_name(threshold->severity));
    json_member_text(json, "rule", threshold->rule);
    json_key(json, "value");
    seen_write_json(json, &breach->value);
    json_member_u64(json, "samples", threshold->samples);
    json_member_time(json, "from", breach->from_unix_ns);
    json_member_time(json, "to", breach->to_unix_ns);
    json_object_end(json);
}

void campaign_entry_tell_breach(void *self, const struct breach_news *news)
{
    struct campaign_entry *entry = self;
    const char *url = news->rule->webhook;
    if (url == NULL || (!news->begins && !news->aborts)) {
        return;
    }
    struct buf document = BUF_NULL;
    struct json json = JSON_INIT(&document);
    write_news(&json, entry, news);
    if (!document.failed) {
        webhooks_post(entry->campaigns->webhooks, url, entry->campaign->key, buf_bytes(&document));
    }
    buf_deinit(&document);
}
