/* serve: the daemon. The first SIGTERM or SIGINT drains it, the second hurries. */
#include <signal.h>
#include <stdlib.h>

#include "daemon/app.h"
#include "daemon/balance.h"
#include "daemon/command.h"
#include "daemon/ending.h"
#include "daemon/exit_code.h"
#include "daemon/notify.h"

#define SINKS_TIMEOUT_NS (5 * NS_PER_S)

struct serve {
    struct loaded loaded;
    struct app *app;
    struct ending *ending;
    int code;
};

static void told_report(void *self, const struct report *report)
{
    struct serve *serve = self;
    balance_log(app_log(serve->app), report);
}

static void told_done(void *self)
{
    struct serve *serve = self;
    loop_stop(app_loop(serve->app));
}

static void told_progress(void *self, uint64_t open_traces, uint64_t open_injections)
{
    struct serve *serve = self;
    log_line(app_log(serve->app), LOG_INFO, "draining", LOG_NUMBER("open_traces", open_traces),
             LOG_NUMBER("open_injections", open_injections));
}

static void asked_to_stop(void *self)
{
    struct serve *serve = self;
    if (serve->ending != NULL) {
        log_line(app_log(serve->app), LOG_WARN, "hurrying",
                 LOG_STRING("why", "asked to stop twice"));
        ending_hurry(serve->ending);
        return;
    }
    notify_service_manager("STOPPING=1");
    struct ending_options options = {
        .app = serve->app,
        .traces_timeout_ns = serve->loaded.settings->service.drain_timeout_ns,
        .sinks_timeout_ns = SINKS_TIMEOUT_NS,
        .stop_intake = true,
        .progress = told_progress,
        .report = told_report,
        .done = told_done,
        .self = serve,
    };
    if (ending_new(&serve->ending, &options) != 0) {
        serve->code = EXIT_CODE_USAGE;
        loop_stop(app_loop(serve->app));
    }
}

/* Untouched, it would end the daemon, which nobody means who sends it. */
static void asked_to_reload(void *self)
{
    struct serve *serve = self;
    log_line(app_log(serve->app), LOG_WARN, "not-reloaded",
             LOG_STRING("why", "a changed configuration needs a restart"));
}

static void tell_ready(void *self, struct campaign_entry *entry)
{
    struct serve *serve = self;
    (void)entry;
    log_line(app_log(serve->app), LOG_INFO, "ready",
             LOG_NUMBER("suites", serve->loaded.set->suite_count));
    notify_service_manager("READY=1");
}

/* Where the configuration names a campaign, it runs from the beginning: spans that come after
 * "ready" are its. */
static int start_campaign(struct serve *serve)
{
    const char *key = serve->loaded.settings->campaign.key.text;
    struct campaign_entry *entry;
    if (key == NULL || key[0] == '\0') {
        tell_ready(serve, NULL);
        return 0;
    }
    int bad = campaigns_start(app_campaigns(serve->app), bytes_of(key), NULL, 0, &entry);
    bad = bad ? bad : campaigns_settle(app_campaigns(serve->app), entry, tell_ready, serve);
    if (bad) {
        log_line(app_log(serve->app), LOG_ERROR, "campaign-not-started", LOG_STRING("key", key),
                 LOG_STRING("why", bad == CAMPAIGNS_BAD_KEY
                                       ? "key: write 1 to 128 of A-Z a-z 0-9 . _ -"
                                       : "no memory"));
    }
    return bad == 0 ? 0 : bad == CAMPAIGNS_BAD_KEY ? EXIT_CODE_CONFIG : EXIT_CODE_USAGE;
}

static int serve_loop(struct serve *serve)
{
    struct loop *loop = app_loop(serve->app);
    if (loop_on_signal(loop, SIGTERM, asked_to_stop, serve) != 0 ||
        loop_on_signal(loop, SIGINT, asked_to_stop, serve) != 0 ||
        loop_on_signal(loop, SIGHUP, asked_to_reload, serve) != 0) {
        return EXIT_CODE_USAGE;
    }
    int code = start_campaign(serve);
    if (code != 0) {
        return code;
    }
    loop_run(loop);
    return serve->code;
}

static int serve_run(const struct command_line *line)
{
    struct serve serve = {.loaded = LOADED_NULL};
    signal(SIGPIPE, SIG_IGN);
    int code = load_or_complain(&serve.loaded, line);
    if (code == 0) {
        code = app_new(&serve.app, &(struct app_options){.loaded = &serve.loaded});
    }
    if (code == 0) {
        code = serve_loop(&serve);
    }
    ending_free(serve.ending);
    app_free(serve.app);
    loaded_deinit(&serve.loaded);
    return code;
}

static const struct command_option serve_options[] = {LOAD_OPTIONS};

const struct command command_serve = {
    .name = "serve",
    .summary = "Runs the daemon: receives spans, judges campaigns, exports verdicts.",
    .details =
        "SIGTERM drains it: no new spans, open traces are waited for (service.drain_timeout), "
        "sinks emptied, the balance "
        "logged; a second one hurries.\nExit codes: 0 drained, 1 could not start, 2 configuration.",
    .options = serve_options,
    .option_count = sizeof serve_options / sizeof *serve_options,
    .run = serve_run,
};
