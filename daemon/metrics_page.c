#include "daemon/metrics_parts.h"

uint64_t metrics_counter_at(const void *base, size_t offset)
{
    return counter_get((const struct counter *)(const void *)((const char *)base + offset));
}

void metrics_one(struct buf *out, struct prometheus_family family, uint64_t value)
{
    prometheus_begin(out, &family);
    prometheus_number(out, &family, PROMETHEUS_NO_LABELS, value);
}

void metrics_page_write(struct buf *out, const struct metrics_source *source)
{
    metrics_write_process(out, source);
    metrics_write_shards(out, source);
    metrics_write_rings(out, source);
    metrics_write_receivers(out, source);
    metrics_write_sinks(out, source);
}
