#include "daemon/ending.h"

#include <errno.h>
#include <stdlib.h>

#define STEP_NS        (50 * NS_PER_MS)
#define PROGRESS_STEPS 10

struct ending {
    struct ending_options options;
    struct loop_timer *timer;
    enum { SETTLING, WAITING_FOR_TRACES, FINISHING, WAITING_FOR_SINKS, REPORTING, ENDED } state;
    uint64_t deadline_ns;
    uint64_t quiet_since_ns;
    uint64_t spans_seen;
    struct campaign_entry *reporting;
    unsigned steps;
    bool hurry;
};

static uint64_t now(const struct ending *ending)
{
    const struct clock *clock = app_clock(ending->options.app);
    return clock->monotonic_ns(clock);
}

static bool is_over(const struct ending *ending)
{
    return ending->hurry || now(ending) >= ending->deadline_ns;
}

static void complete_campaigns(struct ending *ending)
{
    struct campaigns *campaigns = app_campaigns(ending->options.app);
    campaigns_close(campaigns);
    for (struct campaign_entry *entry = campaigns_next(campaigns, NULL); entry != NULL;
         entry = campaigns_next(campaigns, entry)) {
        campaigns_complete(campaigns, entry);
    }
}

static void tell_progress(struct ending *ending)
{
    struct campaigns *campaigns = app_campaigns(ending->options.app);
    uint64_t traces = 0;
    uint64_t injections = 0;
    if (ending->options.progress == NULL || ending->steps++ % PROGRESS_STEPS != 0) {
        return;
    }
    for (struct campaign_entry *entry = campaigns_next(campaigns, NULL); entry != NULL;
         entry = campaigns_next(campaigns, entry)) {
        struct shard_open open = campaign_entry_open(entry);
        traces += open.traces;
        injections += open.injections;
    }
    ending->options.progress(ending->options.self, traces, injections);
}

static void next_report(struct ending *ending);

static void reported(void *self, struct report *report)
{
    struct ending *ending = self;
    if (report != NULL) {
        ending->options.report(ending->options.self, report);
        arena_deinit(&report->arena);
    }
    next_report(ending);
}

static void next_report(struct ending *ending)
{
    struct campaigns *campaigns = app_campaigns(ending->options.app);
    ending->reporting = campaigns_next(campaigns, ending->reporting);
    if (ending->reporting != NULL) {
        campaigns_report(campaigns, ending->reporting, reported, ending);
        return;
    }
    ending->state = ENDED;
    ending->options.done(ending->options.self);
}

/* Spans that still arrive put the end off: SDKs send batches some seconds late. */
static bool has_settled(struct ending *ending)
{
    uint64_t spans = app_spans_accepted(ending->options.app);
    if (spans != ending->spans_seen) {
        ending->spans_seen = spans;
        ending->quiet_since_ns = now(ending);
    }
    return now(ending) - ending->quiet_since_ns >= ending->options.settle_ns;
}

static void step(void *self)
{
    struct ending *ending = self;
    struct app *app = ending->options.app;
    unsigned before = ending->state;
    if (ending->state == FINISHING) {
        app_end_waits(app);
    }
    switch (ending->state) {
    case SETTLING:
        if (ending->hurry || has_settled(ending) || is_over(ending)) {
            complete_campaigns(ending);
            ending->state = WAITING_FOR_TRACES;
        }
        break;
    case WAITING_FOR_TRACES:
        if (is_over(ending)) {
            campaigns_finish(app_campaigns(app));
            ending->state = FINISHING;
        } else if (campaigns_all_done(app_campaigns(app))) {
            ending->state = FINISHING;
        }
        break;
    case FINISHING:
        if (campaigns_all_done(app_campaigns(app)) && app_waits_ended(app)) {
            ending->deadline_ns = now(ending) + ending->options.sinks_timeout_ns;
            ending->state = WAITING_FOR_SINKS;
        }
        break;
    case WAITING_FOR_SINKS:
        if ((app_exports_idle(app) && campaigns_told(app_campaigns(app))) || is_over(ending)) {
            campaigns_give_up_telling(app_campaigns(app));
            app_stop_exports(app);
            ending->state = REPORTING;
            next_report(ending);
            return;
        }
        break;
    default:
        return;
    }
    tell_progress(ending);
    loop_timer_set(ending->timer, ending->state == before ? STEP_NS : 0);
}

int ending_new(struct ending **ret, const struct ending_options *options)
{
    struct ending *ending = calloc(1, sizeof *ending);
    if (ending == NULL) {
        return -ENOMEM;
    }
    ending->options = *options;
    int bad = loop_timer_new(&ending->timer, app_loop(options->app), step, ending);
    if (bad) {
        free(ending);
        return bad;
    }
    ending->quiet_since_ns = now(ending);
    ending->deadline_ns = ending->quiet_since_ns + options->traces_timeout_ns;
    ending->spans_seen = app_spans_accepted(options->app);
    if (options->stop_intake) {
        app_stop_intake(options->app);
        app_end_waits(options->app);
    }
    loop_timer_set(ending->timer, 0);
    *ret = ending;
    return 0;
}

void ending_hurry(struct ending *ending)
{
    ending->hurry = true;
    loop_timer_set(ending->timer, 0);
}

void ending_free(struct ending *ending)
{
    if (ending != NULL) {
        loop_timer_free(ending->timer);
        free(ending);
    }
}
