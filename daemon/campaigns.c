#include "daemon/campaigns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/breaches.h"
#include "daemon/campaign_make.h"
#include "daemon/core/json.h"
#include "daemon/core/list.h"
#include "daemon/core/units.h"
#include "daemon/model/injection.h"

#define LOOK_EVERY_NS (200 * NS_PER_MS)
#define TICK_EVERY_NS (10 * NS_PER_S)

struct campaign_entry {
    struct list link;
    struct campaigns *campaigns;
    struct campaign *campaign;
    enum campaign_phase phase;
    bool aborted;
    bool looking;        /* a look at its open traces is under way */
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

/* One question to every worker; the answers are summed on the control thread. */
struct question {
    struct campaigns *campaigns;
    struct campaign_entry *entry;
    struct campaign *campaign;
    uint32_t waiting;
    bool wants_tally;
    bool failed;
    struct tally *merged;
    struct shard_open open;
    void (*answered)(struct question *question); /* frees nothing: the question is freed after it */
    campaign_report_fn done;
    void *self;
};

struct ask {
    struct task task;
    struct question *question;
    struct tally *tally;
    struct shard_open open;
};

static uint64_t wall(const struct campaigns *campaigns)
{
    return campaigns->options.clock->wall_ns(campaigns->options.clock);
}

/* Back on the control thread with one worker's answer. */
static void take_answer(struct task *task, struct worker *worker)
{
    struct ask *ask = (struct ask *)(void *)task;
    struct question *question = ask->question;
    (void)worker;
    question->open.traces += ask->open.traces;
    question->open.injections += ask->open.injections;
    question->open.spans += ask->open.spans;
    if (question->wants_tally && ask->tally == NULL) {
        question->failed = true;
    } else if (question->merged == NULL) {
        question->merged = ask->tally;
        ask->tally = NULL;
    } else if (ask->tally != NULL && tally_merge(question->merged, ask->tally) != 0) {
        question->failed = true;
    }
    tally_free(ask->tally);
    free(ask);
    if (--question->waiting == 0) {
        question->answered(question);
        tally_free(question->merged);
        campaign_unref(question->campaign);
        free(question);
    }
}

/* On the worker: its shard's part of the answer. */
static void answer(struct task *task, struct worker *worker)
{
    struct ask *ask = (struct ask *)(void *)task;
    struct shard *shard = worker_shard(worker);
    ask->open = shard_open(shard, ask->question->campaign);
    if (ask->question->wants_tally) {
        ask->tally = shard_tally(shard, ask->question->campaign);
    }
    ask->task.run = take_answer;
    worker_reply(worker, &ask->task);
}

/* Asks all workers. Without memory nothing is asked and false returned. */
static bool ask_workers(struct campaign_entry *entry, const struct question *about)
{
    struct worker_pool *pool = entry->campaigns->options.pool;
    uint32_t count = worker_pool_count(pool);
    struct question *question = malloc(sizeof *question);
    struct ask *asks[SHARDS_MAX];
    uint32_t made = 0;
    while (question != NULL && made < count && (asks[made] = calloc(1, sizeof **asks)) != NULL) {
        made++;
    }
    if (made < count) {
        while (made > 0) {
            free(asks[--made]);
        }
        free(question);
        return false;
    }
    *question = *about;
    question->campaigns = entry->campaigns;
    question->entry = entry;
    question->campaign = entry->campaign;
    question->waiting = count;
    campaign_ref(entry->campaign);
    for (uint32_t i = 0; i < count; i++) {
        asks[i]->task.run = answer;
        asks[i]->question = question;
        worker_send(worker_pool_get(pool, i), &asks[i]->task);
    }
    return true;
}

/* Something that every worker does with a campaign. */
struct order {
    struct task task;
    struct campaign *campaign;
    const struct clock *clock;
    enum { ORDER_START, ORDER_END, ORDER_FINISH } what;
};

static void obey(struct task *task, struct worker *worker)
{
    struct order *order = (struct order *)(void *)task;
    struct shard *shard = worker_shard(worker);
    switch (order->what) {
    case ORDER_START:
        (void)shard_campaign_start(shard, order->campaign);
        break;
    case ORDER_END:
        shard_campaign_end(shard, order->campaign);
        break;
    case ORDER_FINISH:
        shard_finish(shard, false, order->clock->monotonic_ns(order->clock), order->clock->wall_ns(order->clock));
        break;
    }
    campaign_unref(order->campaign);
    free(order);
}

static void order_workers(struct campaigns *campaigns, struct campaign *campaign, int what)
{
    for (uint32_t i = 0; i < worker_pool_count(campaigns->options.pool); i++) {
        struct order *order = calloc(1, sizeof *order);
        if (order == NULL) {
            continue;
        }
        campaign_ref(campaign);
        *order = (struct order){ { obey }, campaign, campaigns->options.clock, what };
        worker_send(worker_pool_get(campaigns->options.pool, i), &order->task);
    }
}


/* A campaign's state for the compacted topic. */
static void export_event(struct campaign_entry *entry, const char *status)
{
    struct campaigns *campaigns = entry->campaigns;
    struct export_batch *batch = export_batch_new();
    struct campaign_event *event = batch != NULL ? export_batch_event(batch) : NULL;
    if (event == NULL) {
        export_batch_unref(batch);
        return;
    }
    struct buf text = BUF_NULL;
    struct buf time = BUF_NULL;
    struct json json = JSON_INIT(&text);
    units_print_time(&time, wall(campaigns));
    json_object(&json);
    json_key(&json, "schema_version");
    json_i64(&json, 1);
    json_member_string(&json, "key", entry->campaign->key);
    json_member_string(&json, "status", status);
    json_member_text(&json, "time", buf_bytes(&time));
    json_object_end(&json);
    event->campaign = arena_copy(&batch->arena, bytes_of(entry->campaign->key));
    event->json = arena_copy(&batch->arena, buf_bytes(&text));
    buf_deinit(&text);
    buf_deinit(&time);
    export_thread_push(campaigns->options.exports, campaigns->options.producer, batch);
}

static void log_campaign(struct campaign_entry *entry, const char *event)
{
    log_line(entry->campaigns->options.log, LOG_INFO, event, LOG_STRING("key", entry->campaign->key));
}

static void end_entry(struct campaign_entry *entry)
{
    struct campaigns *campaigns = entry->campaigns;
    entry->phase = CAMPAIGN_DONE;
    entry->end_unix_ns = wall(campaigns);
    log_campaign(entry, "campaign-ended");
    export_event(entry, entry->aborted ? campaign_status_name(CAMPAIGN_ABORTED) : "ENDED");
    if (campaigns->options.ended != NULL) {
        campaigns->options.ended(campaigns->options.self, entry);
    }
}

static void looked(struct question *question)
{
    struct campaign_entry *entry = question->entry;
    entry->looking = false;
    entry->open = question->open;
    bool ending = entry->phase == CAMPAIGN_COMPLETING || entry->phase == CAMPAIGN_ABORTING;
    if (ending && question->open.traces == 0 && question->open.injections == 0) {
        end_entry(entry);
    }
}

static void look_at_endings(void *self)
{
    struct campaigns *campaigns = self;
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        if (entry->phase != CAMPAIGN_DONE && !entry->looking) {
            entry->looking = ask_workers(entry, &(struct question){ .answered = looked });
        }
    }
    loop_timer_set(campaigns->look, LOOK_EVERY_NS);
}

/* A tick of a running campaign: thresholds are judged on what is there. */
static void ticked(void *self, struct report *report)
{
    struct campaign_entry *entry = self;
    if (report == NULL) {
        return;
    }
    bool abort = breaches_note(&entry->breaches, entry->campaign->set, report, wall(entry->campaigns));
    arena_deinit(&report->arena);
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
            campaigns_report(campaigns, entry, ticked, entry);
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
    int bad = loop_timer_new(&campaigns->look, options->loop, look_at_endings, campaigns);
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

void campaigns_free(struct campaigns *campaigns)
{
    if (campaigns == NULL) {
        return;
    }
    while (!list_empty(&campaigns->entries)) {
        struct campaign_entry *entry = container_of(campaigns->entries.next, struct campaign_entry, link);
        list_remove(&entry->link);
        breaches_deinit(&entry->breaches);
        campaign_unref(entry->campaign);
        free(entry);
    }
    loop_timer_free(campaigns->look);
    loop_timer_free(campaigns->tick);
    free(campaigns);
}

int campaigns_start(struct campaigns *campaigns, struct bytes key, const struct attr *labels, uint32_t label_count,
                    struct campaign_entry **ret)
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
    entry->campaign = campaign_make(campaigns->options.loaded, key, labels, label_count, false, wall(campaigns),
                                    ++campaigns->last_number);
    if (entry->campaign == NULL) {
        free(entry);
        return -ENOMEM;
    }
    list_append(&campaigns->entries, &entry->link);
    order_workers(campaigns, entry->campaign, ORDER_START);
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

void campaigns_complete(struct campaigns *campaigns, struct campaign_entry *entry)
{
    if (entry->phase == CAMPAIGN_RUNNING) {
        entry->phase = CAMPAIGN_COMPLETING;
        entry->open.traces = 1; /* until the next look tells */
        order_workers(campaigns, entry->campaign, ORDER_END);
        log_campaign(entry, "campaign-completing");
    }
}

void campaigns_abort(struct campaigns *campaigns, struct campaign_entry *entry)
{
    if (entry->phase == CAMPAIGN_RUNNING || entry->phase == CAMPAIGN_COMPLETING) {
        entry->phase = CAMPAIGN_ABORTING;
        entry->aborted = true;
        order_workers(campaigns, entry->campaign, ORDER_END);
        order_workers(campaigns, entry->campaign, ORDER_FINISH);
        log_campaign(entry, "campaign-aborting");
    }
}

void campaigns_finish(struct campaigns *campaigns)
{
    for (struct list *at = campaigns->entries.next; at != &campaigns->entries; at = at->next) {
        struct campaign_entry *entry = container_of(at, struct campaign_entry, link);
        campaigns_complete(campaigns, entry);
        if (entry->phase != CAMPAIGN_DONE) {
            order_workers(campaigns, entry->campaign, ORDER_FINISH);
        }
    }
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

/* Records on their way to one shard; they live in the arena. */
struct delivery_of_records {
    struct task task;
    struct campaign *campaign;
    const struct clock *clock;
    struct arena arena;
    struct injection **records;
    uint32_t count;
};

static void inject_records(struct task *task, struct worker *worker)
{
    struct delivery_of_records *delivery = (struct delivery_of_records *)(void *)task;
    uint64_t now = delivery->clock->monotonic_ns(delivery->clock);
    uint64_t wall_ns = delivery->clock->wall_ns(delivery->clock);
    for (uint32_t i = 0; i < delivery->count; i++) {
        (void)shard_inject(worker_shard(worker), delivery->campaign, delivery->records[i], now, wall_ns);
    }
    arena_deinit(&delivery->arena);
    campaign_unref(delivery->campaign);
    free(delivery);
}

static struct delivery_of_records *delivery_new(struct campaign_entry *entry, uint32_t room)
{
    struct delivery_of_records *delivery = calloc(1, sizeof *delivery);
    if (delivery == NULL) {
        return NULL;
    }
    delivery->task.run = inject_records;
    delivery->clock = entry->campaigns->options.clock;
    delivery->arena = ARENA_INIT(4096, 0);
    delivery->records = arena_calloc(&delivery->arena, room, sizeof(struct injection *));
    if (delivery->records == NULL) {
        free(delivery);
        return NULL;
    }
    delivery->campaign = entry->campaign;
    campaign_ref(entry->campaign);
    return delivery;
}

uint32_t campaigns_inject(struct campaigns *campaigns, struct campaign_entry *entry, const struct injection *records,
                          uint32_t count)
{
    struct delivery_of_records *deliveries[SHARDS_MAX] = { NULL };
    const struct shard_map *shards = worker_pool_shards(campaigns->options.pool);
    uint32_t taken = 0;
    campaign_saw_injection(entry->campaign);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t shard = shard_map_find(shards, &records[i].trace_id);
        if (deliveries[shard] == NULL) {
            deliveries[shard] = delivery_new(entry, count);
        }
        struct delivery_of_records *delivery = deliveries[shard];
        struct injection *copy = delivery != NULL ? injection_copy(&records[i], &delivery->arena) : NULL;
        if (copy != NULL) {
            delivery->records[delivery->count++] = copy;
            taken++;
        }
    }
    for (uint32_t i = 0; i < shards->count; i++) {
        if (deliveries[i] != NULL) {
            worker_send(worker_pool_get(campaigns->options.pool, i), &deliveries[i]->task);
        }
    }
    return taken;
}

static void describe_no_data(const struct campaigns *campaigns, const struct question *question, struct buf *out)
{
    buf_append_text(out, "no trace was judged");
    if (campaigns->options.describe_input != NULL) {
        campaigns->options.describe_input(campaigns->options.self, out);
    }
    buf_printf(out, "; open: %llu traces, %llu injections", (unsigned long long)question->open.traces,
               (unsigned long long)question->open.injections);
    buf_append_char(out, '\0');
}

static void build_report(struct question *question)
{
    struct campaigns *campaigns = question->campaigns;
    struct campaign_entry *entry = question->entry;
    struct report report;
    struct ledger_sink sinks[HUB_SINKS_MAX];
    struct buf hint = BUF_NULL;
    describe_no_data(campaigns, question, &hint);
    struct report_facts facts = {
        .forced = entry->aborted                   ? CAMPAIGN_ABORTED
                  : entry->phase == CAMPAIGN_DONE ? CAMPAIGN_SUCCESSFUL
                                                  : CAMPAIGN_IN_PROGRESS,
        .end_unix_ns = entry->end_unix_ns,
        .open_injections = question->open.injections,
        .open_spans = question->open.spans,
        .sinks = sinks,
        .trace_url = campaigns->options.loaded->settings->report.trace_url.text,
        .no_data_hint = hint.failed ? NULL : (const char *)hint.data,
        .breaches = entry->breaches.items,
        .breach_count = entry->breaches.count,
    };
    facts.sink_count = export_thread_account(campaigns->options.exports, sinks, HUB_SINKS_MAX);
    bool good = !question->failed && question->merged != NULL && tally_report(question->merged, &facts, &report) == 0;
    buf_deinit(&hint);
    question->done(question->self, good ? &report : NULL);
}

void campaigns_report(struct campaigns *campaigns, struct campaign_entry *entry, campaign_report_fn done, void *self)
{
    struct question question = { .answered = build_report, .wants_tally = true, .done = done, .self = self };
    (void)campaigns;
    if (!ask_workers(entry, &question)) {
        done(self, NULL);
    }
}
