/* /debug/traces: how many traces wait, and which are the oldest. Pure. */
#ifndef ASSERTD_DAEMON_DEBUG_TRACES_H
#define ASSERTD_DAEMON_DEBUG_TRACES_H

#include "daemon/outline.h"
#include "daemon/pipeline/shard_glimpse.h"

/* Writes the shards' gauges summed, and the traces. */
void debug_traces_write(struct outline *outline, const struct shard_gauges *const *shards,
                        uint32_t shard_count, const struct trace_glimpse *traces, uint32_t count);

#endif
