#include <stdio.h>

#include "daemon/core/version.h"
#include "daemon/metrics_parts.h"

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
    metrics_one(out,
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
    metrics_one(out,
                (struct prometheus_family){"otelcol_process_memory_rss",
                                           "Resident memory of the process.", PROMETHEUS_GAUGE},
                source->usage.resident_bytes);
    metrics_one(out,
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

/* --- campaigns --- */

static void write_campaigns(struct buf *out, const struct metrics_source *source)
{
    static const struct prometheus_family family = {
        "assertd_campaigns", "Campaigns that can be asked for, by phase.", PROMETHEUS_GAUGE};
    static const char *const phases[] = {[CAMPAIGN_RUNNING] = "running",
                                         [CAMPAIGN_COMPLETING] = "completing",
                                         [CAMPAIGN_ABORTING] = "aborting",
                                         [CAMPAIGN_DONE] = "ended"};
    uint64_t counts[LENGTH(phases)] = {0};
    struct campaign_entry *entry = NULL;
    while ((entry = campaigns_next(source->campaigns, entry)) != NULL) {
        counts[campaign_entry_phase(entry)]++;
    }
    prometheus_begin(out, &family);
    for (size_t i = 0; i < LENGTH(phases); i++) {
        const struct prometheus_label labels[] = {{"phase", bytes_of(phases[i])}};
        prometheus_number(out, &family, LABELS(labels), counts[i]);
    }
}

void metrics_write_process(struct buf *out, const struct metrics_source *source)
{
    write_process(out, source);
    write_time(out, source);
    write_memory(out, source);
    write_campaigns(out, source);
}
