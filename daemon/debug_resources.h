/* /debug/rings, /debug/memory and /debug/stages: what went through the queues between threads, who holds
 * memory, where each thread's time went.
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

/* Seconds by stage, and processor time, of each worker; of the export thread. */
void debug_stages_write(struct outline *outline, struct worker_pool *pool,
                        const struct export_thread *exports);

#endif
