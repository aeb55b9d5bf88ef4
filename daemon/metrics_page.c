#include "daemon/metrics_page.h"

#include <stdio.h>

#include "daemon/core/version.h"
#include "exporters/prometheus.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* The labels of a sample, from an array. */
#define LABELS(array) ((struct prometheus_labels){array, LENGTH(array)})

static uint64_t counter_at(const void *base, size_t offset)
{
    return counter_get((const struct counter *)(const void *)((const char *)base + offset));
}

/* A family of one sample without labels. */
static void write_one(struct buf *out, struct prometheus_family family, uint64_t value)
{
    prometheus_begin(out, &family);
    prometheus_number(out, &family, PROMETHEUS_NO_LABELS, value);
}

/* --- the process --- */

static void write_seconds(struct buf *out, struct prometheus_family family, uint64_t value_ns)
{
    prometheus_begin(out, &family);
    prometheus_seconds(out, &family, PROMETHEUS_NO_LABELS, value_ns);
}

static void write_process(struct buf *out, const struct metrics_source *source)
{
    static const struct prometheus_family build = {"assertd_build_info", "The program's version.",
                                                   PROMETHEUS_GAUGE};
    const struct prometheus_label version[] = {{"version", bytes_of(assertd_version())}};
    prometheus_begin(out, &build);
    prometheus_number(out, &build, LABELS(version), 1);
    write_one(out,
              (struct prometheus_family){"assertd_ready", "Whether spans are accepted.",
                                         PROMETHEUS_GAUGE},
              source->health->ready);
    write_seconds(out,
                  (struct prometheus_family){"otelcol_process_uptime", "Seconds since the start.",
                                             PROMETHEUS_COUNTER},
                  source->uptime_ns);
    write_seconds(out,
                  (struct prometheus_family){"otelcol_process_cpu_seconds",
                                             "Processor time of the process, user and system.",
                                             PROMETHEUS_COUNTER},
                  source->usage.cpu_ns);
    write_one(out,
              (struct prometheus_family){"otelcol_process_memory_rss",
                                         "Resident memory of the process.", PROMETHEUS_GAUGE},
              source->usage.resident_bytes);
    write_one(out,
              (struct prometheus_family){"assertd_memory_limit_bytes",
                                         "limits.memory, as it is in force.", PROMETHEUS_GAUGE},
              source->budget->hard_bytes);
}

/* --- memory --- */

static void write_memory(struct buf *out, const struct metrics_source *source)
{
    static const struct prometheus_family held = {
        "assertd_memory_held_bytes", "Bytes in the account of limits.memory, by owner.",
        PROMETHEUS_GAUGE};
    static const struct prometheus_family refused = {
        "assertd_refused_total", "Who was sent away for lack of room, by cause.",
        PROMETHEUS_COUNTER};
    prometheus_begin(out, &held);
    for (int i = 0; i < BUDGET_OWNERS; i++) {
        enum budget_owner owner = (enum budget_owner)i;
        const struct prometheus_label labels[] = {{"owner", bytes_of(budget_owner_name(owner))}};
        prometheus_number(out, &held, LABELS(labels), budget_held(source->budget, owner));
    }
    prometheus_begin(out, &refused);
    for (int i = 0; i < BUDGET_CAUSES; i++) {
        enum budget_cause cause = (enum budget_cause)i;
        const struct prometheus_label labels[] = {{"cause", bytes_of(budget_cause_name(cause))}};
        prometheus_number(out, &refused, LABELS(labels), budget_refused(source->budget, cause));
    }
}

/* --- time --- */

static uint64_t sum_stage(const struct metrics_source *source, enum stage stage)
{
    uint64_t sum = export_thread_stage_ns(source->exports, stage);
    for (uint32_t i = 0; i < worker_pool_count(source->pool); i++) {
        sum += worker_stage_ns(worker_pool_get(source->pool, i), stage);
    }
    return sum;
}

static void write_time(struct buf *out, const struct metrics_source *source)
{
    static const struct prometheus_family stages = {"assertd_stage_seconds_total",
                                                    "Where the time of workers and exports went.",
                                                    PROMETHEUS_COUNTER};
    static const struct prometheus_family workers = {
        "assertd_worker_cpu_seconds_total", "Processor time of each worker.", PROMETHEUS_COUNTER};
    prometheus_begin(out, &stages);
    for (int stage = STAGE_RECEIVE; stage < STAGES; stage++) {
        const struct prometheus_label labels[] = {
            {"stage", bytes_of(stage_name((enum stage)stage))}};
        prometheus_seconds(out, &stages, LABELS(labels), sum_stage(source, (enum stage)stage));
    }
    prometheus_begin(out, &workers);
    for (uint32_t i = 0; i < worker_pool_count(source->pool); i++) {
        char number[12];
        snprintf(number, sizeof number, "%u", i);
        const struct prometheus_label labels[] = {{"worker", bytes_of(number)}};
        prometheus_seconds(out, &workers, LABELS(labels),
                           worker_cpu_ns(worker_pool_get(source->pool, i)));
    }
}

/* --- shards --- */

/* A gauge or counter of the shards, summed. */
struct shard_metric {
    struct prometheus_family family;
    size_t offset;
};

#define SHARD(field) offsetof(struct shard_gauges, field)

static const struct shard_metric shard_metrics[] = {
    {{"assertd_memory_bytes", "Bytes held for traces.", PROMETHEUS_GAUGE}, SHARD(memory_bytes)},
    {{"assertd_open_traces", "Traces that are not closed.", PROMETHEUS_GAUGE}, SHARD(open_traces)},
    {{"assertd_closed_traces", "Closed traces in their grace time.", PROMETHEUS_GAUGE},
     SHARD(closed_traces)},
    {{"assertd_remembered_traces", "Trace IDs remembered after their end.", PROMETHEUS_GAUGE},
     SHARD(remembered)},
    {{"assertd_spans_received_total", "Spans that reached a shard.", PROMETHEUS_COUNTER},
     SHARD(spans_received)},
    {{"assertd_spans_duplicate_total", "Equal copies that were dropped.", PROMETHEUS_COUNTER},
     SHARD(spans_duplicate)},
    {{"assertd_spans_late_total", "Spans that came after the final verdict.", PROMETHEUS_COUNTER},
     SHARD(spans_late)},
    {{"assertd_spans_cut_total", "Spans beyond a cap.", PROMETHEUS_COUNTER}, SHARD(spans_cut)},
    {{"assertd_spans_outside_total", "Spans outside of any campaign.", PROMETHEUS_COUNTER},
     SHARD(spans_outside)},
    {{"assertd_spans_unclaimed_total", "Spans that came while no campaign ran.",
      PROMETHEUS_COUNTER},
     SHARD(spans_unclaimed)},
    {{"assertd_batches_refused_total", "Batches refused because a shard was full.",
      PROMETHEUS_COUNTER},
     SHARD(refused_full)},
    {{"assertd_revisions_total", "Verdicts that late spans revised.", PROMETHEUS_COUNTER},
     SHARD(revisions)},
    {{"assertd_remembered_evicted_total", "Trace IDs forgotten early for lack of room.",
      PROMETHEUS_COUNTER},
     SHARD(remembered_evicted)},
    {{"assertd_out_of_memory_total", "Verdicts that could not be made or exported.",
      PROMETHEUS_COUNTER},
     SHARD(no_memory)},
};

static const struct shard_gauges *gauges_of(const struct metrics_source *source, uint32_t worker)
{
    return shard_gauges(worker_shard(worker_pool_get(source->pool, worker)));
}

static uint64_t sum_shards(const struct metrics_source *source, size_t offset)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < worker_pool_count(source->pool); i++) {
        sum += counter_at(gauges_of(source, i), offset);
    }
    return sum;
}

static void write_shards(struct buf *out, const struct metrics_source *source)
{
    for (size_t i = 0; i < LENGTH(shard_metrics); i++) {
        write_one(out, shard_metrics[i].family, sum_shards(source, shard_metrics[i].offset));
    }
}

static void write_verdicts(struct buf *out, const struct metrics_source *source)
{
    static const struct prometheus_family family = {
        "assertd_verdicts_total", "Final verdicts by result.", PROMETHEUS_COUNTER};
    prometheus_begin(out, &family);
    for (int result = RESULT_PASS; result < RESULT_COUNT; result++) {
        const struct prometheus_label labels[] = {
            {"result", bytes_of(result_name((enum result)result))}};
        prometheus_number(
            out, &family, LABELS(labels),
            sum_shards(source, SHARD(verdicts) + (size_t)result * sizeof(struct counter)));
    }
}

/* A family of the shards' counters that a label tells apart: an array of counters. */
struct shard_array {
    struct prometheus_family family;
    const char *label;
    const char *const *words;
    size_t count, offset;
};

static const char *const close_reasons[CLOSE_REASONS] = {
    [CLOSE_SETTLED] = "settled", [CLOSE_DEADLINE] = "deadline", [CLOSE_FINISHED] = "finished"};
static const char *const short_causes[SHORT_CAUSES] = {"parents", "lost", "unsampled"};

static const struct shard_array shard_arrays[] = {
    {{"assertd_traces_closed_total", "Traces closed, by what closed them.", PROMETHEUS_COUNTER},
     "reason",
     close_reasons,
     CLOSE_REASONS,
     SHARD(closed_by)},
    {{"assertd_traces_short_total", "Final traces that were short of evidence, by cause.",
      PROMETHEUS_COUNTER},
     "cause",
     short_causes,
     SHORT_CAUSES,
     SHARD(short_causes)},
};

static void write_shard_array(struct buf *out, const struct metrics_source *source,
                              const struct shard_array *array)
{
    prometheus_begin(out, &array->family);
    for (size_t i = 0; i < array->count; i++) {
        const struct prometheus_label labels[] = {{array->label, bytes_of(array->words[i])}};
        prometheus_number(out, &array->family, LABELS(labels),
                          sum_shards(source, array->offset + i * sizeof(struct counter)));
    }
}

/* --- receivers --- */

/* A counter of each transport, summed over the workers. */
struct transport_metric {
    struct prometheus_family family;
    const char *label, *word; /* a further label; label NULL: none */
    bool goes_on;             /* another sample of the family above */
    bool is_collectors;       /* labelled as the Collector does */
    size_t grpc, http;
};

#define CALLS(field)                                                                               \
    offsetof(struct otlp_counters, by[OTLP_GRPC].field),                                           \
        offsetof(struct otlp_counters, by[OTLP_HTTP].field)
#define WIRE(field)                                                                                \
    offsetof(struct otlp_counters, grpc.field), offsetof(struct otlp_counters, http.field)

#define REFUSED                                                                                    \
    {                                                                                              \
        "assertd_requests_refused_total",                                                          \
            "Requests that were refused: to be sent again (busy), or for good (malformed).",       \
            PROMETHEUS_COUNTER                                                                     \
    }
#define OUTCOMES                                                                                   \
    {                                                                                              \
        "otelcol_receiver_requests", "Export requests answered, by outcome.", PROMETHEUS_COUNTER   \
    }

static const struct transport_metric transport_metrics[] = {
    {{"assertd_requests_total", "Requests whose header was read.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(requests)},
    {REFUSED, "reason", "busy", false, false, CALLS(refused_requests)},
    {REFUSED, "reason", "malformed", true, false, CALLS(failed_requests)},
    {{"assertd_spans_rejected_total", "Spans rejected for good by partial success.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(rejected_spans)},
    {{"assertd_attributes_duplicate_total",
      "Attributes, or members of JSON, whose key was given before.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(duplicate_keys)},
    {{"assertd_texts_invalid_total", "Spans, resources and scopes with text that is not UTF-8.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(bad_texts)},
    {{"assertd_string_references_total",
      "Spans, resources and scopes with strings of a table that traces do not have.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     CALLS(table_references)},
    {{"assertd_connections_total", "Connections accepted.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(connections_opened)},
    {{"assertd_connections_closed_total", "Connections that have ended.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(connections_closed)},
    {{"assertd_connections_refused_total", "Connections closed at once: too many.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(refused_connections)},
    {{"assertd_received_bytes_total", "Bytes received.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(bytes_received)},
    {{"assertd_sent_bytes_total", "Bytes sent.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(bytes_sent)},
    {{"assertd_protocol_errors_total", "Violations of HTTP by peers.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(protocol_errors)},
    {{"assertd_timeouts_total", "Peers that were too slow.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     false,
     WIRE(timeouts)},
    {{"otelcol_receiver_accepted_spans", "Spans handed to the pipeline.", PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     true,
     CALLS(accepted_spans)},
    {{"otelcol_receiver_refused_spans", "Spans of requests that are to be sent again.",
      PROMETHEUS_COUNTER},
     NULL,
     NULL,
     false,
     true,
     CALLS(refused_spans)},
    {OUTCOMES, "outcome", "success", false, true, CALLS(accepted_requests)},
    {OUTCOMES, "outcome", "refused", true, true, CALLS(refused_requests)},
    {OUTCOMES, "outcome", "failure", true, true, CALLS(failed_requests)},
};

static uint64_t sum_receivers(const struct metrics_source *source, size_t offset)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < source->receiver_count; i++) {
        sum += counter_at(source->receivers[i], offset);
    }
    return sum;
}

static void write_transport(struct buf *out, const struct metrics_source *source,
                            const struct transport_metric *metric, enum otlp_transport transport)
{
    struct prometheus_label labels[3];
    size_t count = 0;
    if (metric->is_collectors) {
        labels[count++] = (struct prometheus_label){"receiver", BYTES_LITERAL("otlp")};
    }
    labels[count++] = (struct prometheus_label){
        "transport", transport == OTLP_GRPC ? BYTES_LITERAL("grpc") : BYTES_LITERAL("http")};
    if (metric->label != NULL) {
        labels[count++] = (struct prometheus_label){metric->label, bytes_of(metric->word)};
    }
    prometheus_number(out, &metric->family, (struct prometheus_labels){labels, count},
                      sum_receivers(source, transport == OTLP_GRPC ? metric->grpc : metric->http));
}

/* HTTP/2 is spoken for gRPC alone. */
static void write_http2(struct buf *out, const struct metrics_source *source)
{
    static const char *const kinds[HTTP_ODDITIES] = {
        [HTTP_ODDITY_RESET] = "reset",           [HTTP_ODDITY_MADE_RESET] = "made_reset",
        [HTTP_ODDITY_REFUSED] = "refused",       [HTTP_ODDITY_CONTINUATION] = "continuation",
        [HTTP_ODDITY_EMPTY_DATA] = "empty_data", [HTTP_ODDITY_CHATTER] = "chatter",
    };
    static const struct prometheus_family family = {"assertd_http2_oddities_total",
                                                    "Frames that cost of a connection's budget.",
                                                    PROMETHEUS_COUNTER};
    prometheus_begin(out, &family);
    for (size_t i = 0; i < HTTP_ODDITIES; i++) {
        const struct prometheus_label labels[] = {{"kind", bytes_of(kinds[i])}};
        prometheus_number(out, &family, LABELS(labels),
                          sum_receivers(source, offsetof(struct otlp_counters, grpc.oddities) +
                                                    i * sizeof(struct counter)));
    }
    write_one(out,
              (struct prometheus_family){"assertd_http2_calmed_total",
                                         "Connections ended because their budget was spent.",
                                         PROMETHEUS_COUNTER},
              sum_receivers(source, offsetof(struct otlp_counters, grpc.calmed)));
}

static const struct prometheus_family user_agent_family = {
    "assertd_user_agent_requests_total", "Requests by the sender's program.", PROMETHEUS_COUNTER};

static void write_user_agent(struct buf *out, enum otlp_transport transport, struct bytes name,
                             uint64_t requests)
{
    const struct prometheus_label labels[] = {
        {"transport", transport == OTLP_GRPC ? BYTES_LITERAL("grpc") : BYTES_LITERAL("http")},
        {"user_agent", name}};
    prometheus_number(out, &user_agent_family, LABELS(labels), requests);
}

static const struct user_agents *agents_of(const struct metrics_source *source, uint32_t worker,
                                           enum otlp_transport transport)
{
    return &source->receivers[worker]->by[transport].user_agents;
}

/* A name that an earlier worker knows too was written with that one. */
static bool is_first(const struct metrics_source *source, uint32_t worker,
                     enum otlp_transport transport, struct bytes name)
{
    for (uint32_t i = 0; i < worker; i++) {
        if (user_agents_requests(agents_of(source, i, transport), name) != 0) {
            return false;
        }
    }
    return true;
}

static void write_named_agents(struct buf *out, const struct metrics_source *source,
                               uint32_t worker, enum otlp_transport transport)
{
    const struct user_agents *agents = agents_of(source, worker, transport);
    uint32_t count = user_agents_known(agents);
    for (uint32_t i = 0; i < count; i++) {
        struct bytes name = user_agent_name(agents, i);
        uint64_t sum = 0;
        if (!is_first(source, worker, transport, name)) {
            continue;
        }
        for (uint32_t j = worker; j < source->receiver_count; j++) {
            sum += user_agents_requests(agents_of(source, j, transport), name);
        }
        write_user_agent(out, transport, name, sum);
    }
}

static void write_user_agents(struct buf *out, const struct metrics_source *source,
                              enum otlp_transport transport)
{
    uint64_t others = 0;
    uint64_t unnamed = 0;
    for (uint32_t i = 0; i < source->receiver_count; i++) {
        others += counter_get(&agents_of(source, i, transport)->others);
        unnamed += counter_get(&agents_of(source, i, transport)->unnamed);
        write_named_agents(out, source, i, transport);
    }
    write_user_agent(out, transport, BYTES_LITERAL("(other)"), others);
    write_user_agent(out, transport, BYTES_LITERAL("(none)"), unnamed);
}

static void write_receivers(struct buf *out, const struct metrics_source *source)
{
    for (size_t i = 0; i < LENGTH(transport_metrics); i++) {
        const struct transport_metric *metric = &transport_metrics[i];
        if (!metric->goes_on) {
            prometheus_begin(out, &metric->family);
        }
        write_transport(out, source, metric, OTLP_GRPC);
        write_transport(out, source, metric, OTLP_HTTP);
    }
    write_one(out,
              (struct prometheus_family){"assertd_other_signals_total",
                                         "Requests with logs, metrics or profiles, discarded.",
                                         PROMETHEUS_COUNTER},
              sum_receivers(source, offsetof(struct otlp_counters, other_signals)));
    write_http2(out, source);
    prometheus_begin(out, &user_agent_family);
    write_user_agents(out, source, OTLP_GRPC);
    write_user_agents(out, source, OTLP_HTTP);
}

/* --- sinks --- */

/* The balance of the sinks, by outcome: produced is the sum of all others; and their queues. */
struct sink_metric {
    struct prometheus_family family;
    size_t offset;
};

#define SINK(field) offsetof(struct sink_status, field)

static const struct sink_metric sink_metrics[] = {
    {{"assertd_sink_produced_total", "Records produced for a sink.", PROMETHEUS_COUNTER},
     SINK(account.produced)},
    {{"assertd_sink_acknowledged_total", "Records that a sink acknowledged.", PROMETHEUS_COUNTER},
     SINK(account.acknowledged)},
    {{"assertd_sink_rejected_total", "Records that a sink refused for good.", PROMETHEUS_COUNTER},
     SINK(account.rejected)},
    {{"assertd_sink_dropped_total", "Records given up.", PROMETHEUS_COUNTER},
     SINK(account.dropped)},
    {{"assertd_sink_in_flight", "Records on their way.", PROMETHEUS_GAUGE},
     SINK(account.in_flight)},
    {{"otelcol_exporter_sent_log_records", "Records that a sink acknowledged.", PROMETHEUS_COUNTER},
     SINK(account.acknowledged)},
    {{"otelcol_exporter_send_failed_log_records", "Records that a sink refused for good.",
      PROMETHEUS_COUNTER},
     SINK(account.rejected)},
    {{"otelcol_exporter_enqueue_failed_log_records", "Records that found the queue full.",
      PROMETHEUS_COUNTER},
     SINK(enqueue_failed)},
    {{"otelcol_exporter_queue_size", "Bytes in a sink's queue.", PROMETHEUS_GAUGE},
     SINK(queue_bytes)},
    {{"otelcol_exporter_queue_capacity", "Bytes that a sink's queue may hold.", PROMETHEUS_GAUGE},
     SINK(queue_limit_bytes)},
};

static void write_sinks(struct buf *out, const struct metrics_source *source)
{
    struct sink_status sinks[HUB_SINKS_MAX];
    uint32_t count = export_thread_status(source->exports, sinks, HUB_SINKS_MAX);
    for (size_t m = 0; m < LENGTH(sink_metrics) && count != 0; m++) {
        prometheus_begin(out, &sink_metrics[m].family);
        for (uint32_t i = 0; i < count; i++) {
            const struct prometheus_label labels[] = {{"exporter", sinks[i].account.name}};
            uint64_t value;
            memcpy(&value, (const char *)&sinks[i] + sink_metrics[m].offset, sizeof value);
            prometheus_number(out, &sink_metrics[m].family, LABELS(labels), value);
        }
    }
    write_one(out,
              (struct prometheus_family){"assertd_export_batches_lost_total",
                                         "Batches lost on the way to the export thread.",
                                         PROMETHEUS_COUNTER},
              export_thread_lost(source->exports));
}

void metrics_page_write(struct buf *out, const struct metrics_source *source)
{
    write_process(out, source);
    write_time(out, source);
    write_memory(out, source);
    write_shards(out, source);
    write_verdicts(out, source);
    for (size_t i = 0; i < LENGTH(shard_arrays); i++) {
        write_shard_array(out, source, &shard_arrays[i]);
    }
    write_receivers(out, source);
    write_sinks(out, source);
}
