/* run: the daemon around a COMMAND, for CI. Reports and exits by the campaign's status. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/app.h"
#include "daemon/balance.h"
#include "daemon/child.h"
#include "daemon/ending.h"
#include "daemon/exit_code.h"
#include "daemon/report_output.h"

#define PROGRESS_EVERY 10
/* How long COMMAND may take to end once asked to. */
#define COMMAND_PATIENCE_NS (10 * NS_PER_S)

struct run {
    const struct command_line *line;
    struct loaded loaded;
    struct app *app;
    struct ending *ending;
    struct child child;
    struct campaign_entry *entry;
    struct fail_on fail_on;
    struct loop_timer *patience; /* set when COMMAND is asked to end */
    unsigned progress;
    bool interrupted, hurried;
    int code;
};

static void told_progress(void *self, uint64_t open_traces, uint64_t open_injections)
{
    struct run *run = self;
    bool terminal = isatty(STDERR_FILENO);
    if (terminal) {
        fprintf(stderr, "\rassertd: waiting for %" PRIu64 " open traces, %" PRIu64 " injections   ",
                open_traces, open_injections);
    } else if (run->progress++ % PROGRESS_EVERY == 0) {
        fprintf(stderr, "assertd: waiting for %" PRIu64 " open traces, %" PRIu64 " injections\n",
                open_traces, open_injections);
    }
}

static int code_of(const struct run *run, const struct report *report)
{
    int code = exit_code_of(report, &run->fail_on);
    if (run->interrupted && code == EXIT_CODE_OK && run->fail_on.aborted) {
        return EXIT_CODE_ABORTED;
    }
    return code == EXIT_CODE_OK ? run->child.exit_code : code;
}

static void told_report(void *self, const struct report *report)
{
    struct run *run = self;
    if (!bytes_is(report->key, campaign_entry_campaign(run->entry)->key)) {
        balance_log(app_log(run->app), report);
        return;
    }
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%60s\r", "");
    }
    report_print(report);
    int bad = report_outputs_write(command_values(run->line, "report"), report);
    run->code = bad ? EXIT_CODE_USAGE : code_of(run, report);
}

static void told_done(void *self)
{
    struct run *run = self;
    loop_stop(app_loop(run->app));
}

static uint64_t longest_wait_ns(const struct suite_set *set,
                                const struct completion_settings *completion)
{
    uint64_t longest = completion->deadline_ns + completion->grace_ns;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        uint64_t wait = set->suites[i].completion.deadline_ns + set->suites[i].completion.grace_ns;
        longest = wait > longest ? wait : longest;
    }
    return longest;
}

static void begin_ending(struct run *run)
{
    const struct settings *settings = run->loaded.settings;
    struct ending_options options = {
        .app = run->app,
        .settle_ns = run->interrupted ? 0 : settings->completion.quiet_ns,
        .traces_timeout_ns = longest_wait_ns(run->loaded.set, &settings->completion) +
                             settings->completion.quiet_ns + NS_PER_S,
        .sinks_timeout_ns = settings->service.drain_timeout_ns,
        .progress = told_progress,
        .report = told_report,
        .done = told_done,
        .self = run,
    };
    if (run->ending == NULL && ending_new(&run->ending, &options) != 0) {
        run->code = EXIT_CODE_USAGE;
        loop_stop(app_loop(run->app));
    }
    if (run->ending != NULL && run->hurried) {
        ending_hurry(run->ending);
    }
}

static void lost_patience(void *self)
{
    struct run *run = self;
    child_signal(&run->child, SIGKILL);
}

static void ask_command_to_end(struct run *run)
{
    child_signal(&run->child, SIGTERM);
    (void)loop_timer_set(run->patience, COMMAND_PATIENCE_NS);
}

static void command_ended(void *self)
{
    struct run *run = self;
    if (!child_reap(&run->child)) {
        return;
    }
    if (run->child.exit_code != 0) {
        fprintf(stderr, "assertd: %s ended with %d\n", run->line->operands[0],
                run->child.exit_code);
    }
    begin_ending(run);
}

static void interrupted(void *self)
{
    struct run *run = self;
    if (run->interrupted) {
        run->hurried = true;
        child_signal(&run->child, SIGKILL);
        if (run->ending != NULL) {
            ending_hurry(run->ending);
        }
        return;
    }
    run->interrupted = true;
    ask_command_to_end(run);
    campaigns_abort(app_campaigns(run->app), run->entry);
    if (!run->child.running) {
        begin_ending(run);
    }
}

/* A threshold with abort_on_fail has ended the campaign: the load need not go on. */
static void campaign_ended(void *self, struct campaign_entry *entry)
{
    struct run *run = self;
    if (entry == run->entry && campaign_entry_aborted(entry) && run->child.running &&
        !run->interrupted) {
        fprintf(stderr, "assertd: the campaign was aborted, stopping %s\n", run->line->operands[0]);
        ask_command_to_end(run);
    }
}

static int start_command(struct run *run)
{
    const char *http = app_http_address(run->app);
    const char *admin = app_admin_address(run->app);
    child_setenv_url("OTEL_EXPORTER_OTLP_ENDPOINT", http);
    setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", 1);
    child_setenv_url("ASSERTD_API", admin);
    setenv("ASSERTD_CAMPAIGN", campaign_entry_campaign(run->entry)->key, 1);
    int bad = child_start(&run->child, run->line->operands);
    if (bad) {
        fprintf(stderr, "assertd run: %s: %s\n", run->line->operands[0], strerror(-bad));
        return EXIT_CODE_USAGE;
    }
    return 0;
}

/* Every shard knows the campaign: what COMMAND sends from now on is its. */
static void campaign_started(void *self, struct campaign_entry *entry)
{
    struct run *run = self;
    (void)entry;
    if (!run->interrupted && start_command(run) != 0) {
        loop_stop(app_loop(run->app));
    }
}

static int start_campaign(struct run *run)
{
    char key[CAMPAIGN_KEY_MAX + 1];
    const char *given = command_value(run->line, "campaign");
    if (given == NULL) {
        given = run->loaded.settings->campaign.key.text;
    }
    if (given == NULL) {
        time_t now = time(NULL);
        struct tm utc;
        strftime(key, sizeof key, "run-%Y-%m-%dT%H-%M-%SZ", gmtime_r(&now, &utc));
        given = key;
    }
    int bad = campaigns_start(app_campaigns(run->app), bytes_of(given), NULL, 0, &run->entry);
    bad = bad ? bad : campaigns_settle(app_campaigns(run->app), run->entry, campaign_started, run);
    if (bad) {
        fprintf(stderr, "assertd run: campaign key '%s': %s\n", given,
                bad == CAMPAIGNS_BAD_KEY ? "write 1 to 128 of A-Z a-z 0-9 . _ -" : "no memory");
        return EXIT_CODE_USAGE;
    }
    return 0;
}

static int run_loop(struct run *run)
{
    struct loop *loop = app_loop(run->app);
    if (loop_on_signal(loop, SIGCHLD, command_ended, run) != 0 ||
        loop_on_signal(loop, SIGTERM, interrupted, run) != 0 ||
        loop_on_signal(loop, SIGINT, interrupted, run) != 0 ||
        loop_timer_new(&run->patience, loop, lost_patience, run) != 0) {
        return EXIT_CODE_USAGE;
    }
    int code = start_campaign(run);
    if (code == 0) {
        loop_run(loop);
        code = run->code;
    }
    return code;
}

static int check_arguments(struct run *run)
{
    const char *fail_on = command_value(run->line, "fail-on");
    if (run->line->operand_count == 0) {
        fprintf(stderr, "assertd run: name a COMMAND after --\n");
        return 1;
    }
    if (fail_on != NULL && fail_on_parse(bytes_of(fail_on), &run->fail_on) != 0) {
        fprintf(stderr,
                "assertd run: --fail-on %s: write a list of failed, aborted, no-data, "
                "inconclusive, undelivered, "
                "warning, or none\n",
                fail_on);
        return 1;
    }
    return report_outputs_check(command_values(run->line, "report"));
}

static int run_run(const struct command_line *line)
{
    struct run run = {
        .line = line, .loaded = LOADED_NULL, .fail_on = FAIL_ON_DEFAULT, .code = EXIT_CODE_USAGE};
    signal(SIGPIPE, SIG_IGN);
    if (check_arguments(&run) != 0) {
        return EXIT_CODE_USAGE;
    }
    int code = load_or_complain(&run.loaded, line);
    if (code == 0) {
        code = app_new(&run.app, &(struct app_options){.loaded = &run.loaded,
                                                       .listen_host = command_value(line, "listen"),
                                                       .campaign_ended = campaign_ended,
                                                       .self = &run});
    }
    if (code == 0) {
        code = run_loop(&run);
    }
    child_signal(&run.child, SIGKILL);
    ending_free(run.ending);
    loop_timer_free(run.patience);
    app_free(run.app);
    loaded_deinit(&run.loaded);
    return code;
}

static const struct command_option run_options[] = {
    LOAD_OPTIONS,
    {"campaign", "KEY", false, "key of the campaign (default: campaign.key, else run-<UTC time>)"},
    {"listen", "HOST", false,
     "listens on this host instead, e.g. 0.0.0.0 for systems in containers"},
    {"report", "FORMAT=PATH", true, "writes a report: text, json or junit"},
    {"fail-on", "LIST", false, "which statuses end non-zero"},
};

const struct command command_run = {
    .name = "run",
    .operands = "-- COMMAND [ARG]...",
    .summary = "Serves while COMMAND runs, waits for open traces, reports, and exits by the "
               "campaign's status.",
    .details = "COMMAND finds OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL, "
               "ASSERTD_API and ASSERTD_CAMPAIGN in its "
               "environment.\nExit codes: 0 success (or COMMAND's own), 1 usage, 2 configuration, "
               "99 failed, 105 aborted, "
               "120 inconclusive,\n121 no data, 122 results not delivered.",
    .options = run_options,
    .option_count = sizeof run_options / sizeof *run_options,
    .run = run_run,
};
