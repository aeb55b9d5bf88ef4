/* The /metrics page in Prometheus' text format: assertd's own names, and the Collector's where they
 * mean the same (docs/operations.md lists them all). Pure: reads counters. */
#ifndef ASSERTD_DAEMON_METRICS_PAGE_H
#define ASSERTD_DAEMON_METRICS_PAGE_H

#include "daemon/campaigns.h"
#include "daemon/export_thread.h"
#include "daemon/health_pages.h"
#include "daemon/pipeline/worker.h"
#include "daemon/process_usage.h"
#include "receivers/otlp_receiver.h"

struct metrics_source {
    struct worker_pool *pool;
    struct campaigns *campaigns;
    const struct export_thread *exports;
    const struct health *health;
    const struct otlp_counters *receivers[SHARDS_MAX];
    uint32_t receiver_count;
    const struct budget *budget;
    uint64_t uptime_ns;
    struct process_usage usage;
};

/* Appends the page. */
void metrics_page_write(struct buf *out, const struct metrics_source *source);

#endif
