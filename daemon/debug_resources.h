/* /debug/rings and /debug/memory: how full the queues between threads are, and who holds memory.
 * Reads atomics of other threads; numbers of one page may be some moments apart. */
#ifndef ASSERTD_DAEMON_DEBUG_RESOURCES_H
#define ASSERTD_DAEMON_DEBUG_RESOURCES_H

#include "daemon/export_thread.h"
#include "daemon/outline.h"
#include "daemon/pipeline/worker.h"

/* Rings between workers (none with a single worker), from workers to the export thread, the sinks'
 * queues; what was refused. */
void debug_rings_write(struct outline *outline, struct worker_pool *pool,
                       const struct export_thread *exports);

/* limits.memory: bytes by owner, refusals by cause; and what each shard holds. */
void debug_memory_write(struct outline *outline, struct worker_pool *pool);

#endif
