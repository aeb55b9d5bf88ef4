#include "daemon/app_state.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/admin.h"
#include "daemon/core/cache_line.h"
#include "daemon/exit_code.h"
#include "daemon/memory_limit.h"
#include "daemon/metrics_page.h"

#define BYTES_PER_ARENA (UINT64_C(256) << 20)

static int fail(struct app *app, const char *what, int error)
{
    log_line(&app->log, LOG_ERROR, "start-failed", LOG_STRING("what", what),
             LOG_STRING("error", strerror(-error)));
    return EXIT_CODE_USAGE;
}

/* On a worker: requests refused for good count against the campaign; rejected spans are counted at
 * admission. */
static void count_refused(void *self, uint64_t requests, uint64_t rejected_spans)
{
    struct worker *worker = self;
    (void)rejected_spans;
    shard_count_refused(worker_shard(worker), requests, 0);
    worker_touch(worker);
}

/* What HTTP/1.1 shares of it is the time-out of idle connections. */
static void set_grpc(struct http_limits *limits, const struct grpc_settings *grpc)
{
    const struct keepalive_settings *keepalive = &grpc->keepalive;
    limits->concurrent_streams = (uint32_t)grpc->max_concurrent_streams;
    limits->idle_timeout_ns = keepalive->max_connection_idle_ns;
    limits->keepalive = (struct http2_keepalive_limits){
        .ask_after_ns = keepalive->time_ns,
        .answer_timeout_ns = keepalive->timeout_ns,
        .least_between_ns = keepalive->min_time_ns,
        .age_ns = keepalive->max_connection_age_ns,
        .age_grace_ns = keepalive->max_connection_age_grace_ns,
    };
}

static int start_worker(void *self, struct worker *worker)
{
    struct app *app = self;
    const struct limits_settings *limits = &app->settings->limits;
    struct otlp_receiver_options options = {
        .loop = worker_loop(worker),
        .stages = worker_stages(worker),
        .port = worker_port(worker),
        .http = HTTP_LIMITS_DEFAULT,
        .limits = OTLP_LIMITS_DEFAULT,
        .other_signals = (enum other_signals)app->settings->receivers.otlp.other_signals,
        .traces_path = app->settings->receivers.otlp.http.traces_path.text,
        .cors = app->settings->receivers.otlp.http.cors,
        .refused = count_refused,
        .self = worker,
    };
    uint64_t request_max = budget_request_max(&app->budget);
    options.http.body_bytes =
        (size_t)(limits->request_bytes < request_max ? limits->request_bytes : request_max);
    options.limits.decoded_bytes = (size_t)(app->budget.hard_bytes / 2);
    options.http.connections = (uint32_t)limits->max_connections;
    set_grpc(&options.http, &app->settings->receivers.otlp.grpc);
    options.limits.spans = (uint32_t)limits->max_spans_per_request;
    options.limits.span.attrs = (uint32_t)limits->max_attributes;
    return otlp_receiver_new(&app->receivers[worker_index(worker)], &options);
}

static void stop_worker(void *self, struct worker *worker)
{
    struct app *app = self;
    otlp_receiver_free(app->receivers[worker_index(worker)]);
    app->receivers[worker_index(worker)] = NULL;
}

static void export_from_worker(void *self, struct worker *worker, struct export_batch *take_batch)
{
    struct app *app = self;
    export_thread_push(app->exports, worker_index(worker), take_batch);
}

static uint32_t count_workers(const struct settings *settings)
{
    int64_t workers = settings->service.workers;
    if (workers == 0) {
        workers = sysconf(_SC_NPROCESSORS_ONLN);
    }
    return workers < 1 ? 1 : workers > SHARDS_MAX ? SHARDS_MAX : (uint32_t)workers;
}

static struct bytes attribute_name(const struct config_text *text)
{
    return bytes_of(text->text);
}

static bool has_sinks(const struct app *app)
{
    struct ledger_sink sinks[HUB_SINKS_MAX];
    return export_thread_account(app->exports, sinks, HUB_SINKS_MAX) != 0;
}

static int start_pool(struct app *app)
{
    const struct span_attributes_settings *attributes =
        &app->settings->receivers.injections.span_attributes;
    const struct evidence_settings *evidence = &app->settings->evidence;
    struct worker_pool_options options = {
        .count = app->workers,
        .clock = &clock_system,
        .budget = &app->budget,
        .shard = {.attributes = {attribute_name(&attributes->campaign),
                                 attribute_name(&attributes->scenario),
                                 attribute_name(&attributes->step)},
                  .remember_ns = 600 * NS_PER_S,
                  .remember_bytes = app->budget.hard_bytes / 16,
                  .keep_failed_bytes = app->budget.hard_bytes / 16,
                  .keep_passed_bytes = evidence->passed_bytes / app->workers,
                  .keep_passed_ns = (uint64_t)evidence->passed_ns},
        .control = app->loop,
        .start = start_worker,
        .stop = stop_worker,
        .export = has_sinks(app) ? export_from_worker : NULL,
        .self = app,
    };
    return worker_pool_new(&app->pool, &options);
}

static int start_exports(struct app *app)
{
    struct hash_key seed;
    struct export_thread_options options = {.log = &app->log,
                                            .clock = &clock_system,
                                            .settings = &app->settings->exporters,
                                            .producers = app->workers + 1,
                                            .budget = &app->budget};
    int bad = hash_key_random(&seed);
    options.random_seed = seed.k0;
    return bad ? bad : export_thread_new(&app->exports, &options);
}

static void sum_counters(const struct app *app, struct metrics_source *ret)
{
    *ret = (struct metrics_source){
        .pool = app->pool,
        .campaigns = app->campaigns,
        .exports = app->exports,
        .health = &app->health,
        .budget = &app->budget,
        .uptime_ns = clock_system.monotonic_ns(&clock_system) - app->started_ns,
        .usage = process_usage_now(),
    };
    for (uint32_t i = 0; i < app->workers; i++) {
        if (app->receivers[i] != NULL) {
            ret->receivers[ret->receiver_count++] = otlp_receiver_counters(app->receivers[i]);
        }
    }
}

static void write_metrics(void *self, struct buf *out)
{
    struct metrics_source source;
    sum_counters(self, &source);
    metrics_page_write(out, &source);
}

static uint64_t accepted_spans(const struct otlp_counters *counters)
{
    return counter_get(&counters->by[OTLP_GRPC].accepted_spans) +
           counter_get(&counters->by[OTLP_HTTP].accepted_spans);
}

/* For NO_DATA: what was listening and what came. */
static void describe_input(void *self, struct buf *out)
{
    struct app *app = self;
    uint64_t connections = 0;
    uint64_t requests = 0;
    uint64_t spans = 0;
    for (uint32_t i = 0; i < app->workers; i++) {
        const struct otlp_counters *counters =
            app->receivers[i] != NULL ? otlp_receiver_counters(app->receivers[i]) : NULL;
        if (counters != NULL) {
            connections += counter_get(&counters->grpc.connections_opened) +
                           counter_get(&counters->http.connections_opened);
            requests += counter_get(&counters->by[OTLP_GRPC].requests) +
                        counter_get(&counters->by[OTLP_HTTP].requests);
            spans += accepted_spans(counters);
        }
    }
    buf_append_text(out, ": listening on");
    for (int i = PORT_GRPC; i <= PORT_HTTP; i++) {
        if (app->ports[i].listener != NULL) {
            buf_printf(out, " %s (%s)", listener_address(app->ports[i].listener),
                       app_port_names[i]);
        }
    }
    buf_printf(out, "; %" PRIu64 " connections, %" PRIu64 " requests, %" PRIu64 " spans came; ",
               connections, requests, spans);
    buf_append_text(
        out, connections == 0 ? "nobody connected: is the exporter's endpoint right?"
             : spans == 0     ? "connections but no spans: is tracing switched on and sampled?"
                          : "spans came, but no suite took their traces, or none was injected: see "
                            "campaign.correlation, the suites' `traces` and `labels`");
}

static void campaign_ended(void *self, struct campaign_entry *entry)
{
    struct app *app = self;
    if (app->options.campaign_ended != NULL) {
        app->options.campaign_ended(app->options.self, entry);
    }
}

static int start_campaigns(struct app *app)
{
    struct campaigns_options options = {
        .loaded = app->options.loaded,
        .pool = app->pool,
        .exports = app->exports,
        .producer = app->workers,
        .loop = app->loop,
        .clock = &clock_system,
        .max_running = (uint64_t)app->settings->limits.max_campaigns,
        .log = &app->log,
        .describe_input = describe_input,
        .ended = campaign_ended,
        .self = app,
    };
    int bad = campaigns_new(&app->campaigns, &options);
    if (bad) {
        return bad;
    }
    struct admin_options admin = {.loop = app->loop,
                                  .campaigns = app->campaigns,
                                  .budget = &app->budget,
                                  .pool = app->pool,
                                  .exports = app->exports,
                                  .loaded = app->options.loaded,
                                  .health = {&app->health, write_metrics, app}};
    return admin_new(&app->admin, &admin);
}

static int start_parts(struct app *app)
{
    int bad = loop_new(&app->loop);
    if (bad) {
        return fail(app, "event loop", bad);
    }
    bad = start_exports(app);
    if (bad) {
        return fail(app, "exporters", bad);
    }
    bad = start_pool(app);
    if (bad) {
        return fail(app, "workers", bad);
    }
    bad = start_campaigns(app);
    if (bad) {
        return fail(app, "campaigns", bad);
    }
    return app_listen(app);
}

static void tell_memory(struct app *app, const struct memory_limit *memory)
{
    log_line(&app->log, memory->beyond_cgroup ? LOG_WARN : LOG_INFO,
             memory->beyond_cgroup ? "memory-beyond-cgroup" : "memory",
             LOG_NUMBER("limit_bytes", (int64_t)memory->bytes),
             LOG_STRING("origin", memory_origin_name(memory->origin)),
             LOG_NUMBER("cgroup_bytes", (int64_t)memory->cgroup_bytes),
             LOG_NUMBER("machine_bytes", (int64_t)memory->machine_bytes));
}

/* Bodies and chunks are recycled, not returned to the kernel each time. Each of malloc's arenas
 * keeps what it once had: measured at ten times overload and 64 MiB, four of them held a quarter
 * more than was in use, one held nothing more. So there are only as many as the limit has room for.
 */
static void tune_malloc(const struct app *app)
{
    uint64_t arenas = app->budget.hard_bytes / BYTES_PER_ARENA;
    arenas = arenas < 1 ? 1 : arenas;
    mallopt(M_ARENA_MAX, arenas < app->workers + 2 ? (int)arenas : (int)app->workers + 2);
    mallopt(M_MMAP_THRESHOLD, 64 << 20);
    mallopt(M_TRIM_THRESHOLD, 128 << 20);
}

int app_new(struct app **ret, const struct app_options *options)
{
    struct app *app = cache_line_alloc_zeroed(sizeof *app);
    if (app == NULL) {
        return EXIT_CODE_USAGE;
    }
    app->options = *options;
    app->settings = options->loaded->settings;
    app->workers = count_workers(app->settings);
    struct memory_limit memory = memory_limit_find("", app->settings->limits.memory_bytes);
    budget_init(&app->budget, memory.bytes);
    app->started_ns = clock_system.monotonic_ns(&clock_system);
    log_init(&app->log, &clock_system, STDERR_FILENO,
             (enum log_level)app->settings->service.log.level,
             (enum log_format)app->settings->service.log.format);
    tell_memory(app, &memory);
    tune_malloc(app);
    int bad = start_parts(app);
    if (bad) {
        app_free(app);
        return bad;
    }
    app->health = (struct health){.started = true, .ready = true};
    *ret = app;
    return 0;
}

struct loop *app_loop(struct app *app)
{
    return app->loop;
}

struct campaigns *app_campaigns(struct app *app)
{
    return app->campaigns;
}

struct log *app_log(struct app *app)
{
    return &app->log;
}

const struct clock *app_clock(struct app *app)
{
    (void)app;
    return &clock_system;
}

uint64_t app_spans_accepted(const struct app *app)
{
    uint64_t spans = 0;
    for (uint32_t i = 0; i < app->workers; i++) {
        spans += accepted_spans(otlp_receiver_counters(app->receivers[i]));
    }
    return spans;
}

bool app_exports_idle(const struct app *app)
{
    return export_thread_idle(app->exports);
}

void app_end_waits(struct app *app)
{
    admin_drain(app->admin);
}

bool app_waits_ended(const struct app *app)
{
    return admin_is_idle(app->admin);
}

void app_stop_exports(struct app *app)
{
    export_thread_stop(app->exports);
}

void app_free(struct app *app)
{
    if (app == NULL) {
        return;
    }
    for (int i = 0; i < PORT_COUNT; i++) {
        listener_free(app->ports[i].listener);
        app->ports[i].listener = NULL; /* a report that is still answered names those that listen */
    }
    admin_free(app->admin);
    worker_pool_free(app->pool);
    campaigns_free(app->campaigns);
    export_thread_free(app->exports);
    loop_free(app->loop);
    free(app);
}
