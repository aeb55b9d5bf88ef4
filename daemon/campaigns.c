#include "daemon/campaigns.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/campaign_make.h"
#include "daemon/campaigns_state.h"
#include "daemon/shard_orders.h"

#define LOOK_EVERY_NS (200 * NS_PER_MS)
#define TICK_EVERY_NS (10 * NS_PER_S)
/* Campaigns that have ended and can still be asked for; older ones are forgotten, so that a long
 * run stays bounded. */
#define ENDED_CAMPAIGNS_MAX 100

uint64_t campaigns_wall_ns(const struct campaigns *campaigns)
{
    return campaigns->options.clock->wall_ns(campaigns->options.clock);
}

static void order(struct campaign_entry *entry, enum shard_order what)
{
    const struct campaigns_options *options = &entry->campaigns->options;
    if (shard_orders_send(options->pool, entry->campaign, what, options->clock) != 0) {
        log_line(options->log, LOG_ERROR, "no-memory",
                 LOG_STRING("campaign", entry->campaign->key));
    }
}

static void log_campaign(struct campaign_entry *entry, const char *event)
{
    log_line(entry->campaigns->options.log, LOG_INFO, event,
             LOG_STRING("key", entry->campaign->key));
}

/* Everything is final: the last meters, the closing event. */
static void ended(void *self, struct survey_answer *answer)
{
    struct campaign_entry *entry = self;
    struct campaigns *campaigns = entry->campaigns;
    struct report report;
    entry->end_unix_ns = campaigns_wall_ns(campaigns);
    entry->phase = CAMPAIGN_DONE;
    campaign_entry_export_meters(entry, answer->period, false);
    campaign_entry_export_meters(entry, answer->whole, true);
    if (campaign_entry_report(entry, answer, campaign_entry_final_status(entry), &report) == 0) {
        campaign_entry_export_event(entry, campaign_status_name(report.status));
        arena_deinit(&report.arena);
    }
    log_campaign(entry, "campaign-ended");
    if (campaigns->options.ended != NULL) {
        campaigns->options.ended(campaigns->options.self, entry);
    }
}

static void looked(void *self, struct survey_answer *answer)
{
    struct campaign_entry *entry = self;
    bool ending = entry->phase == CAMPAIGN_COMPLETING || entry->phase == CAMPAIGN_ABORTING;
    entry->open = answer->open;
    if (ending && entry->looked_in == entry->phase && answer->open.traces == 0 &&
        answer->open.injections == 0 &&
        campaign_entry_ask(entry, SURVEY_TALLY | SURVEY_PERIOD_METERS | SURVEY_WHOLE_METERS, ended,
                           entry) == 0) {
        return; /* no further look: `looking` stays set */
    }
    entry->looking = false;
}

static void look(void *self)
{
    struct campaigns *campaigns = self;
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        if (campaign_is_lost(entry->campaign) && entry->phase == CAMPAIGN_RUNNING) {
            log_line(campaigns->options.log, LOG_ERROR, "no-memory",
                     LOG_STRING("campaign", entry->campaign->key));
            campaigns_abort(campaigns, entry);
        }
        if (entry->phase != CAMPAIGN_DONE && !entry->looking) {
            entry->looked_in = entry->phase;
            entry->looking = campaign_entry_ask(entry, 0, looked, entry) == 0;
        }
    }
    loop_timer_set(campaigns->look, LOOK_EVERY_NS);
}

static void metered(void *self, struct survey_answer *answer)
{
    campaign_entry_export_meters(self, answer->period, false);
}

/* Thresholds of a running campaign on what is there. */
static void judged(void *self, struct survey_answer *answer)
{
    struct campaign_entry *entry = self;
    struct report report;
    if (campaign_entry_report(entry, answer, CAMPAIGN_IN_PROGRESS, &report) != 0) {
        return;
    }
    bool abort =
        breaches_note(&entry->breaches, entry->campaign->set, &report,
                      campaigns_wall_ns(entry->campaigns), campaign_entry_tell_breach, entry);
    arena_deinit(&report.arena);
    if (abort && entry->phase == CAMPAIGN_RUNNING) {
        log_campaign(entry, "campaign-aborted-by-threshold");
        campaigns_abort(entry->campaigns, entry);
    }
}

/* A tally is copied for each look: nobody looks where there is nothing to be judged. */
static bool has_thresholds(const struct campaign_entry *entry)
{
    const struct suite_set *set = entry->campaign->set;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        if (set->suites[i].threshold_count != 0) {
            return true;
        }
    }
    return false;
}

static void ask_running(struct campaigns *campaigns, unsigned wants, survey_fn done)
{
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        bool fits = (wants & SURVEY_TALLY) == 0 || has_thresholds(entry);
        if (entry->phase == CAMPAIGN_RUNNING && fits) {
            (void)campaign_entry_ask(entry, wants, done, entry);
        }
    }
}

static void tick(void *self)
{
    struct campaigns *campaigns = self;
    ask_running(campaigns, SURVEY_PERIOD_METERS, metered);
    loop_timer_set(campaigns->tick, TICK_EVERY_NS);
}

static uint64_t interval_ns(const struct campaigns *campaigns)
{
    return (uint64_t)campaigns->options.loaded->settings->thresholds.interval_ns;
}

static void judge(void *self)
{
    struct campaigns *campaigns = self;
    ask_running(campaigns, SURVEY_TALLY, judged);
    loop_timer_set(campaigns->judge, interval_ns(campaigns));
}

int campaigns_new(struct campaigns **ret, const struct campaigns_options *options)
{
    struct campaigns *campaigns = calloc(1, sizeof *campaigns);
    if (campaigns == NULL) {
        return -ENOMEM;
    }
    campaigns->options = *options;
    list_init(&campaigns->entries);
    int bad = loop_timer_new(&campaigns->look, options->loop, look, campaigns);
    if (!bad) {
        bad = webhooks_new(&campaigns->webhooks, options->loop, options->log);
    }
    if (!bad) {
        bad = loop_timer_new(&campaigns->tick, options->loop, tick, campaigns);
    }
    if (!bad) {
        bad = loop_timer_new(&campaigns->judge, options->loop, judge, campaigns);
    }
    if (bad) {
        campaigns_free(campaigns);
        return bad;
    }
    loop_timer_set(campaigns->look, LOOK_EVERY_NS);
    loop_timer_set(campaigns->tick, TICK_EVERY_NS);
    loop_timer_set(campaigns->judge, interval_ns(campaigns));
    *ret = campaigns;
    return 0;
}

static void entry_free(struct campaign_entry *entry)
{
    list_remove(&entry->link);
    breaches_deinit(&entry->breaches);
    campaign_unref(entry->campaign);
    free(entry);
}

void campaigns_free(struct campaigns *campaigns)
{
    if (campaigns == NULL) {
        return;
    }
    while (!list_empty(&campaigns->entries)) {
        entry_free(container_of(campaigns->entries.next, struct campaign_entry, link));
    }
    webhooks_free(campaigns->webhooks);
    loop_timer_free(campaigns->look);
    loop_timer_free(campaigns->tick);
    loop_timer_free(campaigns->judge);
    free(campaigns);
}

static void forget_oldest(struct campaigns *campaigns)
{
    unsigned ended_ones = 0;
    struct campaign_entry *oldest = NULL;
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        if (entry->phase == CAMPAIGN_DONE) {
            ended_ones++;
            oldest = oldest == NULL && entry->surveys == 0 ? entry : oldest;
        }
    }
    if (ended_ones > ENDED_CAMPAIGNS_MAX && oldest != NULL) {
        order(oldest, ORDER_FORGET);
        entry_free(oldest);
    }
}

static uint64_t count_running(const struct campaigns *campaigns)
{
    uint64_t running = 0;
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        running += container_of(at, struct campaign_entry, link)->phase != CAMPAIGN_DONE;
    }
    return running;
}

int campaigns_start(struct campaigns *campaigns, struct bytes key, const struct attr *labels,
                    uint32_t label_count, struct campaign_entry **ret)
{
    struct campaign_entry *running = campaigns_find(campaigns, key);
    if (!campaign_key_valid(key)) {
        return CAMPAIGNS_BAD_KEY;
    }
    if (running != NULL && running->phase != CAMPAIGN_DONE) {
        return CAMPAIGNS_RUNNING;
    }
    if (campaigns->closed || count_running(campaigns) >= campaigns->options.max_running) {
        return campaigns->closed ? CAMPAIGNS_CLOSED : CAMPAIGNS_FULL;
    }
    struct campaign_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return -ENOMEM;
    }
    entry->campaigns = campaigns;
    list_init(&entry->wishes);
    entry->breaches.interval_ns = interval_ns(campaigns);
    entry->campaign = campaign_make(campaigns->options.loaded, key, labels, label_count, false,
                                    campaigns_wall_ns(campaigns), ++campaigns->last_number);
    if (entry->campaign == NULL) {
        free(entry);
        return -ENOMEM;
    }
    forget_oldest(campaigns);
    list_append(&campaigns->entries, &entry->link);
    order(entry, ORDER_START);
    log_campaign(entry, "campaign-started");
    campaign_entry_export_event(entry, campaign_status_name(CAMPAIGN_IN_PROGRESS));
    *ret = entry;
    return 0;
}

struct campaign_entry *campaigns_find(struct campaigns *campaigns, struct bytes key)
{
    struct campaign_entry *found = NULL;
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        found = bytes_is(key, entry->campaign->key) ? entry : found;
    }
    return found;
}

struct campaign_entry *campaigns_next(struct campaigns *campaigns, struct campaign_entry *after)
{
    struct list *at = after != NULL ? after->link.next : campaigns->entries.next;
    return at != &campaigns->entries ? container_of(at, struct campaign_entry, link) : NULL;
}

const struct campaign *campaign_entry_campaign(const struct campaign_entry *entry)
{
    return entry->campaign;
}

enum campaign_phase campaign_entry_phase(const struct campaign_entry *entry)
{
    return entry->phase;
}

struct shard_open campaign_entry_open(const struct campaign_entry *entry)
{
    return entry->open;
}

bool campaign_entry_aborted(const struct campaign_entry *entry)
{
    return entry->aborted;
}

void campaigns_complete(struct campaigns *campaigns, struct campaign_entry *entry)
{
    if (entry->phase == CAMPAIGN_RUNNING) {
        entry->phase = CAMPAIGN_COMPLETING;
        entry->open.traces = 1; /* until the next look tells */
        order(entry, ORDER_END);
        loop_timer_set(campaigns->look, 0);
        log_campaign(entry, "campaign-completing");
    }
}

void campaigns_abort(struct campaigns *campaigns, struct campaign_entry *entry)
{
    if (entry->phase == CAMPAIGN_RUNNING || entry->phase == CAMPAIGN_COMPLETING) {
        entry->phase = CAMPAIGN_ABORTING;
        entry->aborted = true;
        order(entry, ORDER_END);
        order(entry, ORDER_FINISH);
        loop_timer_set(campaigns->look, 0);
        log_campaign(entry, "campaign-aborting");
    }
}

void campaigns_finish(struct campaigns *campaigns)
{
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        campaigns_complete(campaigns, entry);
        if (entry->phase != CAMPAIGN_DONE) {
            order(entry, ORDER_FINISH);
        }
    }
    loop_timer_set(campaigns->look, 0);
}

void campaigns_close(struct campaigns *campaigns)
{
    campaigns->closed = true;
}

bool campaigns_told(const struct campaigns *campaigns)
{
    return webhooks_idle(campaigns->webhooks);
}

void campaigns_give_up_telling(struct campaigns *campaigns)
{
    webhooks_abandon(campaigns->webhooks);
}

uint32_t campaigns_sinks(const struct campaigns *campaigns,
                         struct ledger_sink ret[CAMPAIGNS_SINKS_MAX])
{
    uint32_t count = export_thread_account(campaigns->options.exports, ret, HUB_SINKS_MAX);
    return count + webhooks_account(campaigns->webhooks, &ret[count]);
}

bool campaigns_all_done(struct campaigns *campaigns)
{
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        if (container_of(at, struct campaign_entry, link)->phase != CAMPAIGN_DONE) {
            return false;
        }
    }
    return true;
}

uint32_t campaigns_inject(struct campaigns *campaigns, struct campaign_entry *entry,
                          const struct injection *records, uint32_t count)
{
    campaign_saw_injection(entry->campaign);
    return shard_orders_inject(campaigns->options.pool, entry->campaign, records, count,
                               campaigns->options.clock);
}
