#include <string.h>

#include "daemon/metrics_parts.h"

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

void metrics_write_sinks(struct buf *out, const struct metrics_source *source)
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
    metrics_one(out,
                (struct prometheus_family){"assertd_export_batches_lost_total",
                                           "Batches lost on the way to the export thread.",
                                           PROMETHEUS_COUNTER},
                export_thread_lost(source->exports));
}
