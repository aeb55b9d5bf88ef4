#include "daemon/metrics_parts.h"

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
    {{"assertd_batches_refused_total",
      "Batches of requests, refused because a shard or a ring was full.", PROMETHEUS_COUNTER},
     SHARD(refused_full)},
    {{"assertd_revisions_total", "Verdicts told again with other results.", PROMETHEUS_COUNTER},
     SHARD(revisions)},
    {{"assertd_remembered_evicted_total", "Trace IDs forgotten early for lack of room.",
      PROMETHEUS_COUNTER},
     SHARD(remembered_evicted)},
    {{"assertd_kept_dropped_total",
      "Passed traces whose spans went before evidence.passed was over, for lack of room.",
      PROMETHEUS_COUNTER},
     SHARD(passed_dropped)},
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
        sum += metrics_counter_at(gauges_of(source, i), offset);
    }
    return sum;
}

static void write_shards(struct buf *out, const struct metrics_source *source)
{
    for (size_t i = 0; i < LENGTH(shard_metrics); i++) {
        metrics_one(out, shard_metrics[i].family, sum_shards(source, shard_metrics[i].offset));
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

static void write_decisions(struct buf *out, const struct metrics_source *source)
{
    static const struct prometheus_family family = {
        "assertd_decision_seconds",
        "From the arrival of the span that made a result certain to its verdict, handed over.",
        PROMETHEUS_HISTOGRAM};
    struct prometheus_class classes[DELAY_CLASSES];
    for (unsigned i = 0; i < DELAY_CLASSES; i++) {
        classes[i] = (struct prometheus_class){
            delay_class_most_ns(i),
            sum_shards(source, SHARD(decisions.classes) + i * sizeof(struct counter))};
    }
    prometheus_begin(out, &family);
    const struct prometheus_delays delays = {classes, DELAY_CLASSES,
                                             sum_shards(source, SHARD(decisions.sum_ns))};
    prometheus_histogram(out, &family, PROMETHEUS_NO_LABELS, &delays);
}

void metrics_write_shards(struct buf *out, const struct metrics_source *source)
{
    write_shards(out, source);
    write_verdicts(out, source);
    write_decisions(out, source);
    for (size_t i = 0; i < LENGTH(shard_arrays); i++) {
        write_shard_array(out, source, &shard_arrays[i]);
    }
}
