#include "daemon/pipeline/campaign.h"

#include <stdlib.h>

bool campaign_key_valid(struct bytes key)
{
    if (key.len == 0 || key.len > CAMPAIGN_KEY_MAX) {
        return false;
    }
    for (size_t i = 0; i < key.len; i++) {
        uint8_t c = key.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    return true;
}

static bool copy_labels(struct campaign *campaign, const struct attr *labels, uint32_t count)
{
    struct attr *copy = arena_calloc(&campaign->arena, (size_t)count + 1, sizeof *copy);
    if (copy == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        copy[i].key = arena_copy(&campaign->arena, labels[i].key);
        copy[i].value = labels[i].value;
        copy[i].value.bytes = arena_copy(&campaign->arena, labels[i].value.bytes);
        if (copy[i].key.data == NULL || copy[i].value.bytes.data == NULL) {
            return false;
        }
    }
    campaign->labels = copy;
    campaign->label_count = count;
    return true;
}

static int initial_mode(enum correlation_setting setting)
{
    switch (setting) {
    case CORRELATION_SETTING_REQUIRED:
        return CORRELATION_REQUIRED + 1;
    case CORRELATION_SETTING_OFF:
        return CORRELATION_OFF + 1;
    default:
        return 0;
    }
}

struct campaign *campaign_new(struct bytes key, const struct attr *labels, uint32_t label_count,
                              const struct campaign_settings *settings, struct suite_set *set,
                              uint64_t start_unix_ns, uint64_t number)
{
    if (key.len > CAMPAIGN_KEY_MAX) {
        return NULL;
    }
    struct campaign *campaign = calloc(1, sizeof *campaign);
    if (campaign == NULL) {
        return NULL;
    }
    campaign->arena = ARENA_INIT(512, 0);
    if (!copy_labels(campaign, labels, label_count)) {
        arena_deinit(&campaign->arena);
        free(campaign);
        return NULL;
    }
    if (key.len != 0) {
        memcpy(campaign->key, key.data, key.len);
    }
    campaign->settings = *settings;
    campaign->set = set;
    suite_set_ref(set);
    campaign->start_unix_ns = start_unix_ns;
    campaign->origin_unix_ns = start_unix_ns;
    campaign->number = number;
    atomic_init(&campaign->refs, 1);
    atomic_init(&campaign->auto_mode, initial_mode(settings->correlation));
    atomic_init(&campaign->complete, false);
    return campaign;
}

void campaign_ref(struct campaign *campaign)
{
    atomic_fetch_add_explicit(&campaign->refs, 1, memory_order_relaxed);
}

void campaign_unref(struct campaign *campaign)
{
    /* Release what this owner wrote; the last one acquires it all before it frees. */
    if (campaign == NULL ||
        atomic_fetch_sub_explicit(&campaign->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    suite_set_unref(campaign->set);
    arena_deinit(&campaign->arena);
    free(campaign);
}

static void decide(struct campaign *campaign, enum correlation_mode mode)
{
    int undecided = 0;
    if (atomic_load_explicit(&campaign->auto_mode, memory_order_relaxed) == 0) {
        atomic_compare_exchange_strong(&campaign->auto_mode, &undecided, (int)mode + 1);
    }
}

void campaign_saw_injection(struct campaign *campaign)
{
    decide(campaign, CORRELATION_AUTO_INJECTED);
}

void campaign_saw_close(struct campaign *campaign)
{
    decide(campaign, CORRELATION_AUTO_ALL);
}

void campaign_lose(struct campaign *campaign)
{
    atomic_store_explicit(&campaign->lost, true, memory_order_relaxed);
}

bool campaign_is_lost(const struct campaign *campaign)
{
    return atomic_load_explicit(&campaign->lost, memory_order_relaxed);
}

int campaign_mode(const struct campaign *campaign)
{
    return atomic_load_explicit(&campaign->auto_mode, memory_order_relaxed) - 1;
}

const struct keep *campaign_keep(const struct campaign *campaign)
{
    return campaign->settings.keep_read ? suite_set_keep(campaign->set) : NULL;
}
