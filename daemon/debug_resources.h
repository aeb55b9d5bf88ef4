/* /debug/rings and /debug/memory: how full the queues between threads are, and who holds memory.
 * Reads atomics of other threads; numbers of one page may be some moments apart. */
#ifndef ASSERTD_DAEMON_DEBUG_RESOURCES_H
#define ASSERTD_DAEMON_DEBUG_RESOURCES_H

#include "daemon/export_thread.h"
#include "daemon/outline.h"
#include "daemon/pipeline/worker.h"

struct debug_resources {
    struct worker_pool *pool;
    const struct export_thread *exports;
    uint64_t memory_limit_bytes;
};

/* Rings between workers (none with a single worker), from workers to the export thread, the sinks'
 * queues; what was refused. */
void debug_rings_write(struct outline *outline, const struct debug_resources *resources);

/* Bytes by owner. */
void debug_memory_write(struct outline *outline, const struct debug_resources *resources);

#endif
