/* The queues between threads: those between workers together, those to the export thread together;
 * /debug/rings tells them apart. */
#include "daemon/metrics_parts.h"

enum ring_kind { RING_WORKERS, RING_EXPORTS, RING_KINDS };

/* What went through all rings of a kind. */
struct ring_sum {
    uint64_t used, most, pushed, woken, full;
    struct prometheus_class waits[DELAY_CLASSES];
    uint64_t waited_ns;
};

static void add_ring(struct ring_sum *sum, struct ring_status ring)
{
    sum->used += ring.used;
    sum->most = ring.most > sum->most ? ring.most : sum->most;
    sum->pushed += ring.pushed;
    sum->woken += ring.woken;
    sum->full += ring.full;
    for (unsigned i = 0; ring.waits != NULL && i < DELAY_CLASSES; i++) {
        sum->waits[i].count += counter_get(&ring.waits->classes[i]);
    }
    sum->waited_ns += ring.waits != NULL ? counter_get(&ring.waits->sum_ns) : 0;
}

static void sum_rings(const struct metrics_source *source, struct ring_sum sums[RING_KINDS])
{
    uint32_t count = worker_pool_count(source->pool);
    for (unsigned i = 0; i < RING_KINDS * DELAY_CLASSES; i++) {
        sums[i / DELAY_CLASSES].waits[i % DELAY_CLASSES].most_ns =
            delay_class_most_ns(i % DELAY_CLASSES);
    }
    for (uint32_t i = 0; i < count * count; i++) {
        add_ring(&sums[RING_WORKERS], worker_pool_ring(source->pool, i / count, i % count));
    }
    for (uint32_t i = 0; i < export_thread_producers(source->exports); i++) {
        add_ring(&sums[RING_EXPORTS], export_thread_ring(source->exports, i));
    }
}

struct ring_metric {
    struct prometheus_family family;
    size_t offset;
};

#define SUM(field) offsetof(struct ring_sum, field)

static const struct ring_metric ring_metrics[] = {
    {{"assertd_ring_batches", "Batches in the queues between threads.", PROMETHEUS_GAUGE},
     SUM(used)},
    {{"assertd_ring_batches_most", "The most that ever lay in one of these queues.",
      PROMETHEUS_GAUGE},
     SUM(most)},
    {{"assertd_ring_batches_total", "Batches handed from thread to thread.", PROMETHEUS_COUNTER},
     SUM(pushed)},
    {{"assertd_ring_wakeups_total", "Batches for which the other thread was woken.",
      PROMETHEUS_COUNTER},
     SUM(woken)},
    {{"assertd_ring_full_total", "Times that a queue between threads was found full.",
      PROMETHEUS_COUNTER},
     SUM(full)},
};

static const char *const kinds[RING_KINDS] = {
    [RING_WORKERS] = "workers", [RING_EXPORTS] = "exports"};

static void write_metric(struct buf *out, const struct ring_metric *metric,
                         const struct ring_sum sums[RING_KINDS])
{
    prometheus_begin(out, &metric->family);
    for (int kind = 0; kind < RING_KINDS; kind++) {
        const struct prometheus_label labels[] = {{"ring", bytes_of(kinds[kind])}};
        const void *number = (const char *)&sums[kind] + metric->offset;
        prometheus_number(out, &metric->family, LABELS(labels), *(const uint64_t *)number);
    }
}

static void write_waits(struct buf *out, const struct ring_sum sums[RING_KINDS])
{
    static const struct prometheus_family family = {
        "assertd_ring_wait_seconds", "How long batches lay in the queues between threads.",
        PROMETHEUS_HISTOGRAM};
    prometheus_begin(out, &family);
    for (int kind = 0; kind < RING_KINDS; kind++) {
        const struct prometheus_label labels[] = {{"ring", bytes_of(kinds[kind])}};
        const struct prometheus_delays delays = {sums[kind].waits, DELAY_CLASSES,
                                                 sums[kind].waited_ns};
        prometheus_histogram(out, &family, LABELS(labels), &delays);
    }
}

void metrics_write_rings(struct buf *out, const struct metrics_source *source)
{
    struct ring_sum sums[RING_KINDS] = {{.used = 0}};
    sum_rings(source, sums);
    for (size_t i = 0; i < LENGTH(ring_metrics); i++) {
        write_metric(out, &ring_metrics[i], sums);
    }
    write_waits(out, sums);
}
