#include "exporters/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/cache_line.h"
#include "daemon/core/counter.h"
#include "daemon/core/list.h"

/* How soon a busy exporter is asked again, should it have nothing under way to tell us. */
#define BUSY_NS (50 * NS_PER_MS)

struct item {
    struct list link;
    struct submission submission; /* its batch is referenced */
    uint64_t since_ns;            /* queued at */
    uint64_t left;                /* records not settled */
    size_t bytes;                 /* charged to the queue */
    bool under_way;
};

struct sink {
    struct exporter_env env; /* lent to the exporter */
    const struct exporter_type *type;
    const struct exporter_settings *settings;
    struct exporter *exporter;
    struct stages *stages;
    struct loop_timer *pump;
    struct list items; /* in order of arrival, those under way too */
    uint64_t bytes;
    uint64_t granted_bytes; /* of the budget, for the queue */
    uint64_t pause_ns;      /* of the next failure; 0: none yet */
    uint64_t resume_ns;     /* nothing is submitted before */
    uint64_t random;
    bool failing, full, giving_up, rejecting, abandoned;
    struct counter produced, acknowledged, rejected, dropped, enqueue_failed, queue_bytes;
};

/* As configured, within what the budget grants. */
static uint64_t queue_limit(const struct sink *sink)
{
    uint64_t wanted = sink->settings->queue.size_bytes;
    return wanted < sink->granted_bytes ? wanted : sink->granted_bytes;
}

static uint64_t now(const struct sink *sink)
{
    return sink->env.clock->monotonic_ns(sink->env.clock);
}

/* The fence pairs with that of sink_account: who sees this sees what was produced before. */
static void settle(struct counter *counter, uint64_t records)
{
    atomic_thread_fence(memory_order_release);
    counter_add(counter, records);
}

static void log_state(struct sink *sink, enum log_level level, const char *event,
                      const char *reason)
{
    if (reason != NULL) {
        log_line(sink->env.log, level, event, LOG_STRING("name", sink->env.name),
                 LOG_STRING("reason", reason));
    } else {
        log_line(sink->env.log, level, event, LOG_STRING("name", sink->env.name));
    }
}

static void set_bytes(struct sink *sink, uint64_t bytes)
{
    sink->bytes = bytes;
    counter_set(&sink->queue_bytes, bytes);
}

static void free_item(struct sink *sink, struct item *item)
{
    list_remove(&item->link);
    set_bytes(sink, sink->bytes - item->bytes);
    export_batch_unref((struct export_batch *)item->submission.batch);
    free(item->submission.settled);
    free(item);
}

/* What has not settled never will. */
static void drop_item(struct sink *sink, struct item *item)
{
    settle(&sink->dropped, item->left);
    free_item(sink, item);
}

/* Full-period jitter between a half and three halves keeps many daemons from knocking at once. */
static uint64_t next_pause(struct sink *sink)
{
    uint64_t pause =
        sink->pause_ns == 0 ? sink->settings->retry.initial_interval_ns : sink->pause_ns * 2;
    if (pause > sink->settings->retry.max_interval_ns) {
        pause = sink->settings->retry.max_interval_ns;
    }
    sink->pause_ns = pause;
    sink->random ^= sink->random << 13;
    sink->random ^= sink->random >> 7;
    sink->random ^= sink->random << 17;
    return pause / 2 + (pause != 0 ? sink->random % pause : 0);
}

static void give_up_old(struct sink *sink)
{
    uint64_t most = sink->settings->retry.max_elapsed_time_ns;
    uint64_t time = now(sink);
    struct list *next;
    for (struct list *at = sink->items.next; most != 0 && at != &sink->items; at = next) {
        struct item *item = container_of(at, struct item, link);
        next = at->next;
        if (item->under_way || time - item->since_ns < most) {
            continue;
        }
        if (!sink->giving_up) {
            sink->giving_up = true;
            log_state(sink, LOG_ERROR, "sink-giving-up", "older than max_elapsed_time");
        }
        drop_item(sink, item);
    }
}

static void note_failure(struct sink *sink, const struct delivery *delivery)
{
    uint64_t time = now(sink);
    if (delivery->retry_after_ns != 0) {
        sink->resume_ns = time + delivery->retry_after_ns;
    } else if (time >= sink->resume_ns) { /* several that fail together are one failure */
        sink->resume_ns = time + next_pause(sink);
    }
    if (!sink->failing) {
        sink->failing = true;
        log_state(sink, LOG_WARN, "sink-failing",
                  delivery->reason != NULL ? delivery->reason : "no answer");
    }
}

static void note_success(struct sink *sink)
{
    sink->pause_ns = 0;
    sink->resume_ns = 0;
    if (sink->failing) {
        sink->failing = sink->giving_up = false;
        log_state(sink, LOG_INFO, "sink-recovered", NULL);
    }
}

static void note_rejected(struct sink *sink, const struct delivery *delivery)
{
    if (delivery->rejected != 0 && !sink->rejecting) {
        log_line(sink->env.log, LOG_WARN, "sink-rejected", LOG_STRING("name", sink->env.name),
                 LOG_NUMBER("records", delivery->rejected),
                 LOG_STRING("reason", delivery->reason != NULL ? delivery->reason : "refused"));
    }
    sink->rejecting = delivery->rejected != 0;
}

/* Lets the queue go on when the pause, if any, is over. */
static void wake(struct sink *sink)
{
    uint64_t time = now(sink);
    (void)loop_timer_set(sink->pump, sink->resume_ns > time ? sink->resume_ns - time : 0);
}

static void done(struct exporter_env *env, struct submission *submission,
                 const struct delivery *delivery)
{
    struct sink *sink = container_of(env, struct sink, env);
    struct item *item = container_of(submission, struct item, submission);
    settle(&sink->acknowledged, delivery->acknowledged);
    settle(&sink->rejected, delivery->rejected);
    item->left -= delivery->acknowledged + delivery->rejected;
    item->under_way = false;
    if (sink->abandoned) {
        drop_item(sink, item);
        return;
    }
    note_rejected(sink, delivery);
    if (delivery->outcome == DELIVERY_DONE || item->left == 0) {
        drop_item(sink, item);
        note_success(sink);
    } else {
        note_failure(sink, delivery);
        give_up_old(sink);
    }
    wake(sink);
}

/* Hands over from the first that waits, until the exporter is busy or the sink fails. */
static void pump(void *self)
{
    struct sink *sink = self;
    if (now(sink) < sink->resume_ns) {
        wake(sink);
        return;
    }
    for (struct list *at = sink->items.next; at != &sink->items; at = at->next) {
        struct item *item = container_of(at, struct item, link);
        if (item->under_way) {
            continue;
        }
        enum stage before = stages_enter(sink->stages, STAGE_ENCODING);
        int outcome = sink->type->submit(sink->exporter, &item->submission);
        (void)stages_enter(sink->stages, before);
        if (outcome > 0) {
            (void)loop_timer_set(sink->pump, BUSY_NS);
            return;
        }
        if (outcome < 0) {
            note_failure(sink, &(struct delivery){.reason = strerror(-outcome)});
            give_up_old(sink);
            wake(sink);
            return;
        }
        item->under_way = true;
    }
}

static struct item *make_item(struct sink *sink, struct export_batch *batch, uint64_t records)
{
    struct item *item = calloc(1, sizeof *item);
    uint64_t *settled = calloc((records + 63) / 64, sizeof *settled);
    if (item == NULL || settled == NULL) {
        free(item);
        free(settled);
        return NULL;
    }
    export_batch_ref(batch);
    item->submission = (struct submission){.batch = batch, .records = records, .settled = settled};
    item->left = records;
    item->since_ns = now(sink);
    item->bytes = export_batch_held(batch);
    return item;
}

static void drop_batch(struct sink *sink, uint64_t records)
{
    settle(&sink->dropped, records);
    counter_add(&sink->enqueue_failed, records);
    if (!sink->full && !sink->abandoned) {
        sink->full = true;
        log_state(sink, LOG_ERROR, "sink-queue-full", "batches are dropped until there is room");
    }
}

void sink_submit(struct sink *sink, struct export_batch *batch)
{
    uint64_t records = sink->type->records(sink->exporter, batch);
    if (records == 0) {
        return;
    }
    counter_add(&sink->produced, records);
    bool fits = sink->bytes + export_batch_held(batch) <= queue_limit(sink);
    struct item *item = fits && !sink->abandoned ? make_item(sink, batch, records) : NULL;
    if (item == NULL) {
        drop_batch(sink, records);
        return;
    }
    if (sink->full && sink->bytes < queue_limit(sink) / 2) {
        sink->full = false;
        log_state(sink, LOG_INFO, "sink-queue-has-room", NULL);
    }
    set_bytes(sink, sink->bytes + item->bytes);
    list_append(&sink->items, &item->link);
    wake(sink);
}

bool sink_idle(const struct sink *sink)
{
    return list_empty(&sink->items);
}

void sink_abandon(struct sink *sink)
{
    if (sink->abandoned) {
        return;
    }
    sink->abandoned = true;
    if (sink->exporter != NULL) {
        sink->type->abandon(sink->exporter);
    }
    if (!list_empty(&sink->items)) {
        log_state(sink, LOG_WARN, "sink-abandoned", "what had not arrived is dropped");
    }
    while (!list_empty(&sink->items)) {
        drop_item(sink, container_of(sink->items.next, struct item, link));
    }
    loop_timer_stop(sink->pump);
}

/* Losses are read before what was produced: each grows only after the latter did, so nothing in
 * flight is negative. */
void sink_account(const struct sink *sink, struct ledger_sink *ret)
{
    *ret = (struct ledger_sink){.name = bytes_of(sink->env.name),
                                .required = sink->settings->required};
    ret->acknowledged = counter_get(&sink->acknowledged);
    ret->rejected = counter_get(&sink->rejected);
    ret->dropped = counter_get(&sink->dropped);
    atomic_thread_fence(memory_order_acquire);
    ret->produced = counter_get(&sink->produced);
    ret->in_flight = ret->produced - ret->acknowledged - ret->rejected - ret->dropped;
}

void sink_status(const struct sink *sink, struct sink_status *ret)
{
    ret->enqueue_failed = counter_get(&sink->enqueue_failed);
    ret->queue_bytes = counter_get(&sink->queue_bytes);
    ret->queue_limit_bytes = queue_limit(sink);
    sink_account(sink, &ret->account);
}

/* A dead sink's queue fills to its end: it must not take the room of the traces. */
static uint64_t grant(const struct hub_options *options)
{
    return options->budget != NULL ? options->budget->hard_bytes / 4 / options->sink_count
                                   : UINT64_MAX;
}

int sink_new(struct sink **ret, const struct hub_options *options, const struct hub_sink *what)
{
    struct sink *sink = cache_line_alloc_zeroed(sizeof *sink);
    if (sink == NULL) {
        return -ENOMEM;
    }
    list_init(&sink->items);
    sink->type = what->type;
    sink->settings = what->settings;
    sink->stages = options->stages;
    sink->granted_bytes = grant(options);
    sink->env = (struct exporter_env){.loop = options->loop,
                                      .log = options->log,
                                      .clock = options->clock,
                                      .name = what->type->name,
                                      .queue_bytes = queue_limit(sink),
                                      .budget = options->budget,
                                      .done = done};
    sink->random = (options->random_seed ^ (uintptr_t)what->type->name) | 1;
    int bad = loop_timer_new(&sink->pump, options->loop, pump, sink);
    if (!bad) {
        bad = what->type->create(&sink->exporter, what->settings, &sink->env);
    }
    if (bad) {
        log_state(sink, LOG_ERROR, "sink-failed", strerror(-bad));
        sink_free(sink);
        return bad;
    }
    *ret = sink;
    return 0;
}

void sink_free(struct sink *sink)
{
    if (sink == NULL) {
        return;
    }
    if (sink->exporter != NULL) {
        sink_abandon(sink);
        sink->type->destroy(sink->exporter);
    }
    if (sink->pump != NULL) {
        loop_timer_free(sink->pump);
    }
    free(sink);
}
