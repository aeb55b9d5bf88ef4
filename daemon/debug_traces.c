#include "daemon/debug_traces.h"

static void write_counts(struct outline *outline, const struct shard_gauges *const *shards,
                         uint32_t count)
{
    uint64_t open = 0;
    uint64_t closed = 0;
    uint64_t remembered = 0;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        open += counter_get(&shards[i]->open_traces);
        closed += counter_get(&shards[i]->closed_traces);
        remembered += counter_get(&shards[i]->remembered);
        bytes += counter_get(&shards[i]->memory_bytes);
    }
    outline_number(outline, "open", open);
    outline_number(outline, "closed", closed);
    outline_number(outline, "remembered", remembered);
    outline_number(outline, "bytes", bytes);
}

static void write_trace(struct outline *outline, const struct trace_glimpse *trace)
{
    char id[TRACE_ID_TEXT_LEN];
    trace_id_print(id, &trace->id);
    outline_group(outline, NULL);
    outline_text(outline, "trace_id", bytes_from(id, sizeof id));
    outline_string(outline, "state", trace->state);
    outline_string(outline, "campaign", trace->campaign);
    outline_bool(outline, "injected", trace->injected);
    outline_seconds(outline, "age", trace->age_ns);
    outline_seconds(outline, "quiet", trace->quiet_ns);
    outline_number(outline, "spans", trace->spans);
    outline_number(outline, "bytes", trace->bytes);
    outline_group_end(outline);
}

void debug_traces_write(struct outline *outline, const struct shard_gauges *const *shards,
                        uint32_t shard_count, const struct trace_glimpse *traces, uint32_t count)
{
    write_counts(outline, shards, shard_count);
    outline_list(outline, "oldest");
    for (uint32_t i = 0; i < count; i++) {
        write_trace(outline, &traces[i]);
    }
    outline_list_end(outline);
}
