#include "daemon/campaigns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/breaches.h"
#include "daemon/campaign_make.h"
#include "daemon/core/json.h"
#include "daemon/core/list.h"
#include "daemon/core/units.h"
#include "daemon/shard_orders.h"
#include "daemon/survey.h"

#define LOOK_EVERY_NS (200 * NS_PER_MS)
#define TICK_EVERY_NS (10 * NS_PER_S)
/* Campaigns that have ended and can still be asked for; older ones are forgotten, so that a long
 * run stays bounded. */
#define ENDED_CAMPAIGNS_MAX 100

struct campaign_entry {
    struct list link;
    struct campaigns *campaigns;
    struct campaign *campaign;
    enum campaign_phase phase;
    bool aborted;
    unsigned surveys;              /* under way: the entry must stay */
    bool looking;                  /* a look at its open traces is under way */
    enum campaign_phase looked_in; /* the phase in which that look was begun */
    uint64_t end_unix_ns;
    struct shard_open open;
    struct breaches breaches;
};

struct campaigns {
    struct campaigns_options options;
    struct list entries;
    struct loop_timer *look;
    struct loop_timer *tick;
    uint64_t last_number;
};

static uint64_t wall(const struct campaigns *campaigns)
{
    return campaigns->options.clock->wall_ns(campaigns->options.clock);
}

/* A survey of one campaign; its entry stays until the answer has come. */
struct campaign_survey {
    struct campaign_entry *entry;
    survey_fn done;
    void *self;
};

static void answered(void *self, struct survey_answer *answer)
{
    struct campaign_survey survey = *(struct campaign_survey *)self;
    free(self);
    survey.entry->surveys--;
    survey.done(survey.self, answer);
}

static int ask(struct campaign_entry *entry, unsigned wants, survey_fn done, void *self)
{
    struct campaign_survey *survey = malloc(sizeof *survey);
    if (survey == NULL) {
        return -ENOMEM;
    }
    *survey = (struct campaign_survey){entry, done, self};
    int bad =
        survey_begin(entry->campaigns->options.pool, entry->campaign, wants, answered, survey);
    if (bad) {
        free(survey);
        return bad;
    }
    entry->surveys++;
    return 0;
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

static void push(struct campaigns *campaigns, struct export_batch *take_batch)
{
    export_thread_push(campaigns->options.exports, campaigns->options.producer, take_batch);
}

/* A campaign's state for the compacted topic. */
static void write_event(struct campaign_entry *entry, const char *status, struct buf *out)
{
    struct buf time = BUF_NULL;
    struct json json = JSON_INIT(out);
    units_print_time(&time, wall(entry->campaigns));
    json_object(&json);
    json_key(&json, "schema_version");
    json_i64(&json, 1);
    json_member_string(&json, "key", entry->campaign->key);
    json_member_string(&json, "status", status);
    json_member_text(&json, "time", buf_bytes(&time));
    json_object_end(&json);
    buf_deinit(&time);
}

static void export_event(struct campaign_entry *entry, const char *status)
{
    struct export_batch *batch = export_batch_new();
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

static void export_meters(struct campaign_entry *entry, const struct meters *meters, bool whole)
{
    struct export_batch *batch = meters != NULL ? export_batch_new() : NULL;
    if (batch == NULL) {
        return;
    }
    if (meters_write(meters, wall(entry->campaigns), whole, batch) != 0 ||
        batch->meter_count + batch->verdict_count == 0) {
        export_batch_unref(batch);
        return;
    }
    push(entry->campaigns, batch);
}

static void describe_no_data(const struct campaigns *campaigns, const struct shard_open *open,
                             struct buf *out)
{
    buf_append_text(out, "no trace was judged");
    if (campaigns->options.describe_input != NULL) {
        campaigns->options.describe_input(campaigns->options.self, out);
    }
    buf_printf(out, "; open: %llu traces, %llu injections", (unsigned long long)open->traces,
               (unsigned long long)open->injections);
    buf_append_char(out, '\0');
}

/* The report of what a survey brought. 0, or -ENOMEM. */
static int build_report(struct campaign_entry *entry, struct survey_answer *answer,
                        enum campaign_status forced, struct report *ret)
{
    struct campaigns *campaigns = entry->campaigns;
    struct ledger_sink sinks[HUB_SINKS_MAX];
    struct buf hint = BUF_NULL;
    describe_no_data(campaigns, &answer->open, &hint);
    struct report_facts facts = {
        .forced = forced,
        .end_unix_ns = entry->end_unix_ns,
        .open_injections = answer->open.injections,
        .open_spans = answer->open.spans,
        .sinks = sinks,
        .sink_count = export_thread_account(campaigns->options.exports, sinks, HUB_SINKS_MAX),
        .trace_url = campaigns->options.loaded->settings->report.trace_url.text,
        .no_data_hint = hint.failed ? NULL : (const char *)hint.data,
        .breaches = entry->breaches.items,
        .breach_count = entry->breaches.count,
    };
    bool good =
        !answer->failed && answer->tally != NULL && tally_report(answer->tally, &facts, ret) == 0;
    buf_deinit(&hint);
    return good ? 0 : -ENOMEM;
}

static enum campaign_status final_status(const struct campaign_entry *entry)
{
    return entry->aborted ? CAMPAIGN_ABORTED : CAMPAIGN_SUCCESSFUL;
}

/* Everything is final: the last meters, the closing event. */
static void ended(void *self, struct survey_answer *answer)
{
    struct campaign_entry *entry = self;
    struct campaigns *campaigns = entry->campaigns;
    struct report report;
    entry->end_unix_ns = wall(campaigns);
    entry->phase = CAMPAIGN_DONE;
    export_meters(entry, answer->period, false);
    export_meters(entry, answer->whole, true);
    if (build_report(entry, answer, final_status(entry), &report) == 0) {
        export_event(entry, campaign_status_name(report.status));
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
        ask(entry, SURVEY_TALLY | SURVEY_PERIOD_METERS | SURVEY_WHOLE_METERS, ended, entry) == 0) {
        return; /* no further look: `looking` stays set */
    }
    entry->looking = false;
}

static void look(void *self)
{
    struct campaigns *campaigns = self;
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        if (entry->phase != CAMPAIGN_DONE && !entry->looking) {
            entry->looked_in = entry->phase;
            entry->looking = ask(entry, 0, looked, entry) == 0;
        }
    }
    loop_timer_set(campaigns->look, LOOK_EVERY_NS);
}

/* A tick of a running campaign: meters leave, thresholds are judged on what is there. */
static void ticked(void *self, struct survey_answer *answer)
{
    struct campaign_entry *entry = self;
    struct report report;
    export_meters(entry, answer->period, false);
    if (build_report(entry, answer, CAMPAIGN_IN_PROGRESS, &report) != 0) {
        return;
    }
    bool abort =
        breaches_note(&entry->breaches, entry->campaign->set, &report, wall(entry->campaigns));
    arena_deinit(&report.arena);
    if (abort && entry->phase == CAMPAIGN_RUNNING) {
        log_campaign(entry, "campaign-aborted-by-threshold");
        campaigns_abort(entry->campaigns, entry);
    }
}

static void tick(void *self)
{
    struct campaigns *campaigns = self;
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        if (entry->phase == CAMPAIGN_RUNNING) {
            (void)ask(entry, SURVEY_TALLY | SURVEY_PERIOD_METERS, ticked, entry);
        }
    }
    loop_timer_set(campaigns->tick, TICK_EVERY_NS);
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
        bad = loop_timer_new(&campaigns->tick, options->loop, tick, campaigns);
    }
    if (bad) {
        campaigns_free(campaigns);
        return bad;
    }
    loop_timer_set(campaigns->look, LOOK_EVERY_NS);
    loop_timer_set(campaigns->tick, TICK_EVERY_NS);
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
    loop_timer_free(campaigns->look);
    loop_timer_free(campaigns->tick);
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
    struct campaign_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return -ENOMEM;
    }
    entry->campaigns = campaigns;
    entry->campaign = campaign_make(campaigns->options.loaded, key, labels, label_count, false,
                                    wall(campaigns), ++campaigns->last_number);
    if (entry->campaign == NULL) {
        free(entry);
        return -ENOMEM;
    }
    forget_oldest(campaigns);
    list_append(&campaigns->entries, &entry->link);
    order(entry, ORDER_START);
    log_campaign(entry, "campaign-started");
    export_event(entry, campaign_status_name(CAMPAIGN_IN_PROGRESS));
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

/* Somebody who waits for the shards. */
struct settle_wish {
    struct campaign_entry *entry;
    campaign_fn done;
    void *self;
};

static void settled(void *self, struct survey_answer *answer)
{
    struct settle_wish wish = *(struct settle_wish *)self;
    (void)answer;
    free(self);
    wish.done(wish.self, wish.entry);
}

int campaigns_settle(struct campaigns *campaigns, struct campaign_entry *entry, campaign_fn done,
                     void *self)
{
    struct settle_wish *wish = malloc(sizeof *wish);
    (void)campaigns;
    if (wish == NULL) {
        return -ENOMEM;
    }
    *wish = (struct settle_wish){entry, done, self};
    int bad = ask(entry, 0, settled, wish);
    if (bad) {
        free(wish);
    }
    return bad;
}

/* A report that somebody waits for. */
struct report_wish {
    struct campaign_entry *entry;
    campaign_report_fn done;
    void *self;
};

static void told_tallies(void *self, struct survey_answer *answer)
{
    struct report_wish *wish = self;
    struct report report;
    enum campaign_status forced =
        wish->entry->phase == CAMPAIGN_DONE ? final_status(wish->entry) : CAMPAIGN_IN_PROGRESS;
    bool good = build_report(wish->entry, answer, forced, &report) == 0;
    wish->done(wish->self, good ? &report : NULL);
    free(wish);
}

void campaigns_report(struct campaigns *campaigns, struct campaign_entry *entry,
                      campaign_report_fn done, void *self)
{
    struct report_wish *wish = malloc(sizeof *wish);
    (void)campaigns;
    if (wish != NULL) {
        *wish = (struct report_wish){entry, done, self};
    }
    if (wish == NULL || ask(entry, SURVEY_TALLY, told_tallies, wish) != 0) {
        free(wish);
        done(self, NULL);
    }
}
