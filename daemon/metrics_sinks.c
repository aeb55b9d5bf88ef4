#include <string.h>

#include "daemon/metrics_parts.h"

/* The balance of the sinks, by outcome: produced is the sum of all others; and their queues. */
struct sink_metric {
    struct prometheus_family family;
    size_t offset;
    bool queues; /* of sinks with a queue in the Collector's sense, not of webhooks */
};

#define SINK(field) offsetof(struct sink_status, field)

static const struct sink_metric sink_metrics[] = {
    {{"assertd_sink_produced_total", "Records produced for a sink.", PROMETHEUS_COUNTER},
     SINK(account.produced),
     false},
    {{"assertd_sink_acknowledged_total", "Records that a sink acknowledged.", PROMETHEUS_COUNTER},
     SINK(account.acknowledged),
     false},
    {{"assertd_sink_rejected_total", "Records that a sink refused for good.", PROMETHEUS_COUNTER},
     SINK(account.rejected),
     false},
    {{"assertd_sink_dropped_total", "Records given up.", PROMETHEUS_COUNTER},
     SINK(account.dropped),
     false},
    {{"assertd_sink_in_flight", "Records on their way.", PROMETHEUS_GAUGE},
     SINK(account.in_flight),
     false},
    {{"otelcol_exporter_sent_log_records", "Records that a sink acknowledged.", PROMETHEUS_COUNTER},
     SINK(account.acknowledged),
     true},
    {{"otelcol_exporter_send_failed_log_records", "Records that a sink refused for good.",
      PROMETHEUS_COUNTER},
     SINK(account.rejected),
     true},
    {{"otelcol_exporter_enqueue_failed_log_records", "Records that found the queue full.",
      PROMETHEUS_COUNTER},
     SINK(enqueue_failed),
     true},
    {{"otelcol_exporter_queue_size", "Bytes in a sink's queue.", PROMETHEUS_GAUGE},
     SINK(queue_bytes),
     true},
    {{"otelcol_exporter_queue_capacity", "Bytes that a sink's queue may hold.", PROMETHEUS_GAUGE},
     SINK(queue_limit_bytes),
     true},
};

/* How many there are: one, or none. */
static uint32_t webhooks_status(const struct metrics_source *source, struct sink_status *ret)
{
    struct ledger_sink sinks[CAMPAIGNS_SINKS_MAX];
    uint32_t queues = export_thread_account(source->exports, sinks, HUB_SINKS_MAX);
    uint32_t count = campaigns_sinks(source->campaigns, sinks);
    *ret = (struct sink_status){.queue_bytes = 0};
    if (count > queues) {
        ret->account = sinks[queues];
    }
    return count - queues;
}

void metrics_write_sinks(struct buf *out, const struct metrics_source *source)
{
    struct sink_status sinks[CAMPAIGNS_SINKS_MAX];
    uint32_t queues = export_thread_status(source->exports, sinks, HUB_SINKS_MAX);
    uint32_t count = queues + webhooks_status(source, &sinks[queues]);
    for (size_t m = 0; m < LENGTH(sink_metrics) && count != 0; m++) {
        uint32_t shown = sink_metrics[m].queues ? queues : count;
        if (shown != 0) {
            prometheus_begin(out, &sink_metrics[m].family);
        }
        for (uint32_t i = 0; i < shown; i++) {
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
