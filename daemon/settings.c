#include "daemon/settings.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR_NS         (3600 * INT64_C(1000000000))
#define TABLE(of, rows, type)                                                                      \
    {                                                                                              \
        .title = of, .options = rows, .count = COUNT_OF(rows), .struct_bytes = sizeof(type),       \
        .origin_offset = SIZE_MAX, .set_offset = SIZE_MAX                                          \
    }

static const char *const log_levels[] = {"debug", "info", "warn", "error", "off", NULL};
static const char *const log_formats[] = {"text", "json", NULL};

static const struct option log_options[] = {
    {.name = "level",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct log_settings, level),
     .default_text = "info",
     .choices = log_levels,
     .description = "Least level of the lines that are written."},
    {.name = "format",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct log_settings, format),
     .default_text = "text",
     .choices = log_formats,
     .description = "Lines of key=value pairs, or of JSON objects."},
};
static const struct option_table log_table = TABLE("log", log_options, struct log_settings);

static const struct option service_options[] = {
    {.name = "workers",
     .type = OPTION_INT,
     .offset = offsetof(struct service_settings, workers),
     .default_text = "0",
     .min = 0,
     .max = 64,
     .description = "Threads that receive and judge; 0: one for each core."},
    {.name = "drain_timeout",
     .type = OPTION_DURATION,
     .offset = offsetof(struct service_settings, drain_timeout_ns),
     .default_text = "25s",
     .min = 0,
     .max = HOUR_NS,
     .description = "How long SIGTERM waits for open traces and full queues."},
    {.name = "log",
     .type = OPTION_GROUP,
     .offset = offsetof(struct service_settings, log),
     .group = &log_table,
     .description = "The log, on standard error."},
};
static const struct option_table service_table =
    TABLE("service", service_options, struct service_settings);

#define ENDPOINT_ROW(default_, text)                                                               \
    {                                                                                              \
        .name = "endpoint", .type = OPTION_ENDPOINT,                                               \
        .offset = offsetof(struct endpoint_settings, endpoint), .default_text = default_,          \
        .description = text                                                                        \
    }

static const struct option admin_options[] = {
    ENDPOINT_ROW("127.0.0.1:4319", "Address of the API, the probes and /metrics; port 0 takes a "
                                   "free one, empty turns it off."),
};
static const struct option_table admin_table =
    TABLE("admin", admin_options, struct endpoint_settings);

static const struct option health_options[] = {
    ENDPOINT_ROW("", "A listener with the probes alone, for kubelets (commonly port 13133)."),
};
static const struct option_table health_table =
    TABLE("health", health_options, struct endpoint_settings);

static const struct option metrics_options[] = {
    ENDPOINT_ROW("", "A listener with /metrics alone, for scrapers (commonly port 8888)."),
};
static const struct option_table metrics_table =
    TABLE("metrics", metrics_options, struct endpoint_settings);

#define KEEPALIVE_ROW(name_, member, default_, min_, text)                                         \
    {                                                                                              \
        .name = name_, .type = OPTION_DURATION,                                                    \
        .offset = offsetof(struct keepalive_settings, member), .default_text = default_,           \
        .min = min_, .max = 24 * HOUR_NS, .description = text                                      \
    }

static const struct option keepalive_options[] = {
    KEEPALIVE_ROW(
        "time", time_ns, "2h", 0,
        "Of silence, after which a peer is asked by a PING whether it is there; 0: never."),
    KEEPALIVE_ROW("timeout", timeout_ns, "20s", 1000000,
                  "How long it may take to answer; then its connection is closed."),
    KEEPALIVE_ROW(
        "min_time", min_time_ns, "0s", 0,
        "Least time between a peer's own PINGs where nothing was answered in between; the "
        "third that comes sooner ends the connection with too_many_pings. 0: any."),
    KEEPALIVE_ROW("max_connection_idle", max_connection_idle_ns, "5m", 1000000000,
                  "A connection without requests for so long is closed, over HTTP/1.1 too."),
    KEEPALIVE_ROW("max_connection_age", max_connection_age_ns, "0s", 0,
                  "A connection of this age is told to go, so that clients spread over replicas; "
                  "up to a tenth more or less. 0: never."),
    KEEPALIVE_ROW("max_connection_age_grace", max_connection_age_grace_ns, "30s", 0,
                  "How long the requests under way may take then."),
};
static const struct option_table keepalive_table =
    TABLE("keepalive", keepalive_options, struct keepalive_settings);

static const struct option grpc_options[] = {
    {.name = "endpoint",
     .type = OPTION_ENDPOINT,
     .offset = offsetof(struct grpc_settings, endpoint),
     .default_text = "127.0.0.1:4317",
     .description = "Address of OTLP/gRPC; port 0 takes a free one, empty turns it off."},
    {.name = "max_concurrent_streams",
     .type = OPTION_INT,
     .offset = offsetof(struct grpc_settings, max_concurrent_streams),
     .default_text = "256",
     .min = 1,
     .max = 100000,
     .description = "Requests of one connection at once, as it is told to clients."},
    {.name = "keepalive",
     .type = OPTION_GROUP,
     .offset = offsetof(struct grpc_settings, keepalive),
     .group = &keepalive_table,
     .description = "Connections that are silent, idle or old."},
};
static const struct option_table grpc_table = TABLE("grpc", grpc_options, struct grpc_settings);

static const struct option cors_options[] = {
    {.name = "allowed_origins",
     .type = OPTION_TEXTS,
     .offset = offsetof(struct http_cors, origins),
     .flags = OPTION_ONE_LINE,
     .description = "Origins of pages whose browsers may send spans, \"https://shop.example\"; one "
                    "* in each stands for any text. None: no browser may."},
    {.name = "allowed_headers",
     .type = OPTION_TEXTS,
     .offset = offsetof(struct http_cors, headers),
     .flags = OPTION_ONE_LINE,
     .description = "Headers that they may send beside Content-Type and Content-Encoding; *: any."},
    {.name = "max_age",
     .type = OPTION_DURATION,
     .offset = offsetof(struct http_cors, max_age_ns),
     .default_text = "2h",
     .min = 0,
     .max = 24 * HOUR_NS,
     .description = "How long a browser may remember that it was allowed."},
};
static const struct option_table cors_table = TABLE("cors", cors_options, struct http_cors);

static const struct option http_options[] = {
    {.name = "endpoint",
     .type = OPTION_ENDPOINT,
     .offset = offsetof(struct http_settings, endpoint),
     .default_text = "127.0.0.1:4318",
     .description = "Address of OTLP/HTTP; port 0 takes a free one, empty turns it off."},
    {.name = "traces_path",
     .type = OPTION_TEXT,
     .offset = offsetof(struct http_settings, traces_path),
     .default_text = "/v1/traces",
     .description = "Where spans are posted to."},
    {.name = "cors",
     .type = OPTION_GROUP,
     .offset = offsetof(struct http_settings, cors),
     .group = &cors_table,
     .description = "Spans from browsers' pages of other origins."},
};
static const struct option_table http_table = TABLE("http", http_options, struct http_settings);

static const char *const other_signals_words[] = {"discard", "refuse", NULL};

static const struct option otlp_options[] = {
    {.name = "grpc",
     .type = OPTION_GROUP,
     .offset = offsetof(struct otlp_settings, grpc),
     .group = &grpc_table,
     .description = "OTLP over gRPC."},
    {.name = "http",
     .type = OPTION_GROUP,
     .offset = offsetof(struct otlp_settings, http),
     .group = &http_table,
     .description = "OTLP over HTTP, protobuf and JSON."},
    {.name = "other_signals",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct otlp_settings, other_signals),
     .default_text = "discard",
     .choices = other_signals_words,
     .description = "Logs and metrics sent to us: answered with success and counted, or refused."},
};
static const struct option_table otlp_table = TABLE("otlp", otlp_options, struct otlp_settings);

static const struct option span_attributes_options[] = {
    {.name = "campaign",
     .type = OPTION_TEXT,
     .offset = offsetof(struct span_attributes_settings, campaign),
     .default_text = "assertd.campaign",
     .description = "Attribute that names the campaign; empty: off."},
    {.name = "scenario",
     .type = OPTION_TEXT,
     .offset = offsetof(struct span_attributes_settings, scenario),
     .default_text = "assertd.scenario",
     .description = "Attribute that names the scenario."},
    {.name = "step",
     .type = OPTION_TEXT,
     .offset = offsetof(struct span_attributes_settings, step),
     .default_text = "assertd.step",
     .description = "Attribute that names the step."},
};
static const struct option_table span_attributes_table =
    TABLE("span_attributes", span_attributes_options, struct span_attributes_settings);

static const struct option injections_options[] = {
    {.name = "span_attributes",
     .type = OPTION_GROUP,
     .offset = offsetof(struct injections_settings, span_attributes),
     .group = &span_attributes_table,
     .description = "How the load generator's own root span registers its injection."},
};
static const struct option_table injections_table =
    TABLE("injections", injections_options, struct injections_settings);

static const struct option receivers_options[] = {
    {.name = "otlp",
     .type = OPTION_GROUP,
     .offset = offsetof(struct receivers_settings, otlp),
     .group = &otlp_table,
     .description = "Spans from OpenTelemetry SDKs and collectors."},
    {.name = "injections",
     .type = OPTION_GROUP,
     .offset = offsetof(struct receivers_settings, injections),
     .group = &injections_table,
     .description = "What tells assertd that a request was sent."},
};
static const struct option_table receivers_table =
    TABLE("receivers", receivers_options, struct receivers_settings);

static const struct option limits_options[] = {
    {.name = "request_bytes",
     .type = OPTION_SIZE,
     .offset = offsetof(struct limits_settings, request_bytes),
     .default_text = "64MiB",
     .min = 1024,
     .max = INT64_C(1) << 31,
     .description = "Greatest request, also after decompression."},
    {.name = "memory",
     .type = OPTION_SIZE,
     .offset = offsetof(struct limits_settings, memory_bytes),
     .default_text = "0",
     .min = 0,
     .max = INT64_C(1) << 44,
     .description = "Budget of everything that senders can make grow, 4 MiB at least; beyond it "
                    "they are asked to come back later. 0: three quarters of the control group's "
                    "limit, or where there is none a quarter of the machine's memory."},
    {.name = "max_spans_per_trace",
     .type = OPTION_INT,
     .offset = offsetof(struct limits_settings, max_spans_per_trace),
     .default_text = "100000",
     .min = 1,
     .max = 10000000,
     .description = "Further spans of a trace are cut, which makes its evidence short."},
    {.name = "max_spans_per_request",
     .type = OPTION_INT,
     .offset = offsetof(struct limits_settings, max_spans_per_request),
     .default_text = "1000000",
     .min = 1,
     .max = 100000000,
     .description = "A request with more is refused for good."},
    {.name = "max_attributes",
     .type = OPTION_INT,
     .offset = offsetof(struct limits_settings, max_attributes),
     .default_text = "1024",
     .min = 1,
     .max = 1000000,
     .description =
         "Greatest number of attributes of a span, event or link; a span with more is rejected."},
    {.name = "max_connections",
     .type = OPTION_INT,
     .offset = offsetof(struct limits_settings, max_connections),
     .default_text = "4096",
     .min = 1,
     .max = 1000000,
     .description = "Connections of each listener and worker."},
    {.name = "max_campaigns",
     .type = OPTION_INT,
     .offset = offsetof(struct limits_settings, max_campaigns),
     .default_text = "64",
     .min = 1,
     .max = 100000,
     .description = "Campaigns that run at a time; the start of a further one is answered 429."},
};
static const struct option_table limits_table = {
    .title = "limits",
    .options = limits_options,
    .count = COUNT_OF(limits_options),
    .struct_bytes = sizeof(struct limits_settings),
    .origin_offset = offsetof(struct limits_settings, origin),
    .set_offset = SIZE_MAX,
};

static const char *const correlation_words[] = {"auto", "required", "off", NULL};
static const char *const missing_words[] = {"by-threshold", "fail", "inconclusive", "ignore", NULL};
static const char *const unjudged_words[] = {"warn", "ignore", "fail", NULL};

static const struct option campaign_rows[] = {
    {.name = "key",
     .type = OPTION_TEXT,
     .offset = offsetof(struct campaign_options, key),
     .description = "Key of the campaign that `serve` starts by itself, and the default of `run` "
                    "and `check`."},
    {.name = "correlation",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct campaign_options, correlation),
     .default_text = "auto",
     .choices = correlation_words,
     .description = "Whose traces are judged: those of injections, all, or (auto) those of "
                    "injections where any was "
                    "registered before the first trace closed."},
    {.name = "missing",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct campaign_options, missing),
     .default_text = "by-threshold",
     .choices = missing_words,
     .description = "What injections without any span mean; by-threshold: inconclusive unless a "
                    "threshold reads "
                    "`missing`."},
    {.name = "unjudged",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct campaign_options, unjudged),
     .default_text = "warn",
     .choices = unjudged_words,
     .description = "What injected traces that no suite selects mean."},
    {.name = "labels",
     .type = OPTION_PAIRS,
     .offset = offsetof(struct campaign_options, labels),
     .description = "Labels of the campaign, such as release; written into reports."},
};
static const struct option_table campaign_table =
    TABLE("campaign", campaign_rows, struct campaign_options);

static const struct option thresholds_options[] = {
    {.name = "interval",
     .type = OPTION_DURATION,
     .offset = offsetof(struct thresholds_settings, interval_ns),
     .default_text = "10s",
     .min = 100 * INT64_C(1000000),
     .max = HOUR_NS,
     .description = "How often the thresholds of a running campaign are judged on what is there, "
                    "for sticky, abort_on_fail and webhooks."},
};
static const struct option_table thresholds_table =
    TABLE("thresholds", thresholds_options, struct thresholds_settings);

static const struct option report_options[] = {
    {.name = "max_failures",
     .type = OPTION_INT,
     .offset = offsetof(struct report_settings, max_failures),
     .default_text = "100",
     .min = 0,
     .max = 1000000,
     .description = "Failures listed for each assertion; the rest is counted as omitted."},
    {.name = "trace_url",
     .type = OPTION_TEXT,
     .offset = offsetof(struct report_settings, trace_url),
     .description = "Link to a trace in another tool; {trace_id} is replaced."},
};
static const struct option_table report_table =
    TABLE("report", report_options, struct report_settings);

static const char *const evidence_keep_words[] = {"raw", "read", NULL};

static const struct option evidence_options[] = {
    {.name = "keep",
     .type = OPTION_CHOICE,
     .offset = offsetof(struct evidence_settings, keep),
     .default_text = "raw",
     .choices = evidence_keep_words,
     .description = "What is kept of a span until its trace is final: raw, all of it; read, what "
                    "the suites read, in a third of the memory. Verdicts are the same; a trace "
                    "that is shown then lacks what no suite reads."},
    {.name = "passed",
     .type = OPTION_DURATION,
     .offset = offsetof(struct evidence_settings, passed_ns),
     .default_text = "0s",
     .min = 0,
     .max = HOUR_NS,
     .description = "How long a trace that passed stays after its final verdict for those who look "
                    "for its spans; 0s: not at all. Failed ones stay while there is room."},
    {.name = "passed_bytes",
     .type = OPTION_SIZE,
     .offset = offsetof(struct evidence_settings, passed_bytes),
     .default_text = "64MiB",
     .min = 0,
     .max = INT64_C(1) << 44,
     .description = "Greatest memory of passed traces that stay, part of limits.memory; beyond it, "
                    "and before anybody is refused, the oldest go first."},
};
static const struct option_table evidence_table =
    TABLE("evidence", evidence_options, struct evidence_settings);

static const struct option settings_options[] = {
    {.name = "semantics",
     .type = OPTION_INT,
     .offset = offsetof(struct settings, semantics),
     .default_text = "1",
     .min = 1,
     .max = 1,
     .description =
         "Version of the meaning of suites; a later one changes no verdict of a suite that "
         "names an earlier one."},
    {.name = "service",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, service),
     .group = &service_table,
     .description = "The process."},
    {.name = "admin",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, admin),
     .group = &admin_table,
     .description = "The API."},
    {.name = "health",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, health),
     .group = &health_table,
     .description = "Probes on an address of their own."},
    {.name = "metrics",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, metrics),
     .group = &metrics_table,
     .description = "Prometheus metrics on an address of their own."},
    {.name = "receivers",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, receivers),
     .group = &receivers_table,
     .description = "Where spans and injections come from."},
    {.name = "limits",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, limits),
     .group = &limits_table,
     .description = "What senders may make grow."},
    {.name = "campaign",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, campaign),
     .group = &campaign_table,
     .description = "The run of load that is judged."},
    {.name = "completion",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, completion),
     .group = &completion_table,
     .description = "When a trace counts as complete."},
    {.name = "report",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, report),
     .group = &report_table,
     .description = "What reports show."},
    {.name = "evidence",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, evidence),
     .group = &evidence_table,
     .description = "The spans of open traces, and of failed ones for a while."},
    {.name = "thresholds",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, thresholds),
     .group = &thresholds_table,
     .description = "The suites' thresholds during a run."},
    {.name = "suites_dir",
     .type = OPTION_TEXT,
     .offset = offsetof(struct settings, suites_dir),
     .description = "Folder whose *.conf files hold further suites, relative to this file."},
    {.name = "suites",
     .type = OPTION_GROUPS,
     .offset = offsetof(struct settings, suites),
     .group = &suite_table,
     .description = "The suites."},
    {.name = "exporters",
     .type = OPTION_GROUP,
     .offset = offsetof(struct settings, exporters),
     .group = &exporters_table,
     .description = "Where verdicts and meters go."},
};

const struct option_table settings_table = TABLE("settings", settings_options, struct settings);
