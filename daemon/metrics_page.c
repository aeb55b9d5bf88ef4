#include "daemon/metrics_page.h"

#include <stdio.h>

#include "daemon/core/version.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void line(struct buf *out, const char *name, const char *labels, uint64_t value)
{
    buf_append_text(out, name);
    buf_append_text(out, labels);
    buf_append_char(out, ' ');
    buf_append_u64(out, value);
    buf_append_char(out, '\n');
}

/* A gauge or counter of the shards, summed. */
struct shard_metric {
    const char *name, *type, *help;
    size_t offset;
};

#define SHARD_METRIC(name_, type_, field, help_)                                                   \
    {                                                                                              \
        "assertd_" name_, type_, help_, offsetof(struct shard_gauges, field)                       \
    }

static const struct shard_metric shard_metrics[] = {
    SHARD_METRIC("memory_bytes", "gauge", memory_bytes, "Bytes held for traces."),
    SHARD_METRIC("open_traces", "gauge", open_traces, "Traces that are not closed."),
    SHARD_METRIC("closed_traces", "gauge", closed_traces, "Closed traces in their grace time."),
    SHARD_METRIC("remembered_traces", "gauge", remembered, "Trace IDs remembered after their end."),
    SHARD_METRIC("spans_received_total", "counter", spans_received, "Spans that reached a shard."),
    SHARD_METRIC("spans_duplicate_total", "counter", spans_duplicate,
                 "Equal copies that were dropped."),
    SHARD_METRIC("spans_late_total", "counter", spans_late,
                 "Spans that came after the final verdict."),
    SHARD_METRIC("spans_cut_total", "counter", spans_cut, "Spans beyond a cap."),
    SHARD_METRIC("spans_outside_total", "counter", spans_outside, "Spans outside of any campaign."),
    SHARD_METRIC("batches_refused_total", "counter", refused_full,
                 "Batches refused because the shard was full."),
    SHARD_METRIC("revisions_total", "counter", revisions, "Verdicts that late spans revised."),
};

static void write_shards(struct buf *out, const struct metrics_source *source)
{
    for (size_t m = 0; m < sizeof shard_metrics / sizeof *shard_metrics; m++) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < worker_pool_count(source->pool); i++) {
            const struct shard_gauges *gauges =
                shard_gauges(worker_shard(worker_pool_get(source->pool, i)));
            sum += counter_get((const struct counter *)(const void *)((const char *)gauges +
                                                                      shard_metrics[m].offset));
        }
        head(out, shard_metrics[m].name, shard_metrics[m].type, shard_metrics[m].help);
        line(out, shard_metrics[m].name, "", sum);
    }
}

static void write_verdicts(struct buf *out, const struct metrics_source *source)
{
    head(out, "assertd_verdicts_total", "counter", "Final verdicts by result.");
    for (int result = RESULT_PASS; result < RESULT_COUNT; result++) {
        uint64_t sum = 0;
        char labels[64];
        for (uint32_t i = 0; i < worker_pool_count(source->pool); i++) {
            sum += counter_get(
                &shard_gauges(worker_shard(worker_pool_get(source->pool, i)))->verdicts[result]);
        }
        snprintf(labels, sizeof labels, "{result=\"%s\"}", result_name((enum result)result));
        line(out, "assertd_verdicts_total", labels, sum);
    }
}

/* A counter of the receivers, summed, with its labels. */
struct receiver_metric {
    const char *name, *labels, *help; /* help NULL: another line of the metric above */
    size_t offset;
};

#define RECEIVER(field) offsetof(struct otlp_counters, field)

static const struct receiver_metric receiver_metrics[] = {
    {"assertd_requests_total", "{transport=\"grpc\"}", "Requests by transport.",
     RECEIVER(requests_grpc)},
    {"assertd_requests_total", "{transport=\"http\"}", NULL, RECEIVER(requests_http)},
    {"assertd_connections_total", "{transport=\"grpc\"}", "Connections accepted.",
     RECEIVER(grpc.connections_opened)},
    {"assertd_connections_total", "{transport=\"http\"}", NULL, RECEIVER(http.connections_opened)},
    {"assertd_received_bytes_total", "{transport=\"grpc\"}", "Bytes received.",
     RECEIVER(grpc.bytes_received)},
    {"assertd_received_bytes_total", "{transport=\"http\"}", NULL, RECEIVER(http.bytes_received)},
    {"assertd_spans_rejected_total", "", "Spans rejected for good (partial success).",
     RECEIVER(rejected_spans)},
    {"assertd_requests_refused_total", "{reason=\"busy\"}", "Requests refused by reason.",
     RECEIVER(refused_spans_requests)},
    {"assertd_requests_refused_total", "{reason=\"malformed\"}", NULL, RECEIVER(failed_requests)},
    {"assertd_other_signals_total", "", "Requests with logs or metrics.", RECEIVER(other_signals)},
    {"otelcol_receiver_accepted_spans", "{receiver=\"otlp\"}", "Spans accepted.",
     RECEIVER(accepted_spans)},
    {"otelcol_receiver_refused_spans", "{receiver=\"otlp\"}", "Spans rejected.",
     RECEIVER(rejected_spans)},
    {"otelcol_receiver_failed_requests", "{receiver=\"otlp\"}", "Requests refused for good.",
     RECEIVER(failed_requests)},
};

static void write_receivers(struct buf *out, const struct metrics_source *source)
{
    for (size_t m = 0; m < sizeof receiver_metrics / sizeof *receiver_metrics; m++) {
        const struct receiver_metric *metric = &receiver_metrics[m];
        uint64_t sum = 0;
        for (uint32_t i = 0; i < source->receiver_count; i++) {
            const char *counters = (const char *)source->receivers[i];
            sum += counter_get((const struct counter *)(const void *)(counters + metric->offset));
        }
        if (metric->help != NULL) {
            head(out, metric->name, "counter", metric->help);
        }
        line(out, metric->name, metric->labels, sum);
    }
}

/* The balance of the sinks, by outcome: produced is the sum of all others. */
struct sink_metric {
    const char *name, *type, *help;
    size_t offset;
};

#define SINK(field) offsetof(struct ledger_sink, field)

static const struct sink_metric sink_metrics[] = {
    {"assertd_sink_produced_total", "counter", "Records produced for a sink.", SINK(produced)},
    {"assertd_sink_acknowledged_total", "counter", "Records that a sink acknowledged.",
     SINK(acknowledged)},
    {"assertd_sink_rejected_total", "counter", "Records that a sink refused for good.",
     SINK(rejected)},
    {"assertd_sink_dropped_total", "counter", "Records given up.", SINK(dropped)},
    {"assertd_sink_in_flight", "gauge", "Records on their way.", SINK(in_flight)},
    {"otelcol_exporter_sent_spans", "counter", "Records that a sink acknowledged.",
     SINK(acknowledged)},
    {"otelcol_exporter_send_failed_spans", "counter", "Records that a sink refused for good.",
     SINK(rejected)},
    {"otelcol_exporter_enqueue_failed_spans", "counter", "Records given up.", SINK(dropped)},
};

static void write_sinks(struct buf *out, const struct metrics_source *source)
{
    struct ledger_sink sinks[HUB_SINKS_MAX];
    uint32_t count = export_thread_account(source->exports, sinks, HUB_SINKS_MAX);
    for (size_t m = 0; m < sizeof sink_metrics / sizeof *sink_metrics && count != 0; m++) {
        head(out, sink_metrics[m].name, sink_metrics[m].type, sink_metrics[m].help);
        for (uint32_t i = 0; i < count; i++) {
            char labels[96];
            snprintf(labels, sizeof labels, "{exporter=\"%.*s\"}", (int)sinks[i].name.len,
                     (const char *)sinks[i].name.data);
            line(out, sink_metrics[m].name, labels,
                 *(const uint64_t *)(const void *)((const char *)&sinks[i] +
                                                   sink_metrics[m].offset));
        }
    }
}

void metrics_page_write(struct buf *out, const struct metrics_source *source)
{
    char labels[64];
    snprintf(labels, sizeof labels, "{version=\"%s\"}", assertd_version());
    head(out, "assertd_build_info", "gauge", "The program's version.");
    line(out, "assertd_build_info", labels, 1);
    head(out, "assertd_ready", "gauge", "Whether spans are accepted.");
    line(out, "assertd_ready", "", source->health->ready);
    write_shards(out, source);
    write_verdicts(out, source);
    write_receivers(out, source);
    write_sinks(out, source);
    head(out, "assertd_export_batches_lost_total", "counter",
         "Batches lost on the way to the export thread.");
    line(out, "assertd_export_batches_lost_total", "", export_thread_lost(source->exports));
}
