#include "daemon/campaign_make.h"

struct campaign_settings campaign_settings_of(const struct settings *settings, bool offline)
{
    return (struct campaign_settings){
        .correlation = (enum correlation_setting)settings->campaign.correlation,
        .missing = (enum missing_setting)settings->campaign.missing,
        .unjudged = (enum unjudged_setting)settings->campaign.unjudged,
        .max_failures = (uint32_t)settings->report.max_failures,
        .max_spans_per_trace = (uint32_t)settings->limits.max_spans_per_trace,
        .keep_read = settings->evidence.keep == EVIDENCE_KEEP_READ,
        .offline = offline,
    };
}

static bool is_given(const struct attr *labels, uint32_t count, struct bytes key)
{
    return attrs_find(labels, count, key).type != VALUE_MISSING;
}

struct campaign *campaign_make(const struct loaded *loaded, struct bytes key,
                               const struct attr *labels, uint32_t label_count, bool offline,
                               uint64_t start_unix_ns, uint64_t number)
{
    const struct config_pairs *own = &loaded->settings->campaign.labels;
    struct campaign_settings settings = campaign_settings_of(loaded->settings, offline);
    struct arena scratch = ARENA_INIT(1024, 0);
    uint32_t count = 0;
    struct attr *all = arena_calloc(&scratch, own->count + label_count + 1, sizeof *all);
    struct campaign *campaign = NULL;
    for (size_t i = 0; all != NULL && i < own->count; i++) {
        struct bytes name = bytes_of(own->items[i].name);
        if (!is_given(labels, label_count, name)) {
            all[count++] = (struct attr){
                name, {.type = VALUE_TEXT, .bytes = bytes_of(own->items[i].value.text)}};
        }
    }
    for (uint32_t i = 0; all != NULL && i < label_count; i++) {
        all[count++] = labels[i];
    }
    if (all != NULL) {
        campaign = campaign_new(key, all, count, &settings, loaded->set, start_unix_ns, number);
    }
    arena_deinit(&scratch);
    return campaign;
}
