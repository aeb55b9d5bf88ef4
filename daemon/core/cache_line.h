/* What different threads write stands on different cache lines: else each waits for the other's
 * writes although they share nothing (false sharing).
 *
 * A struct of which several threads write keeps the fields of each on lines of their own, which
 * assertions beside it hold; a struct that one thread writes is allocated here, so that no
 * neighbour on the heap shares its first or last line. Thread rule: any thread. */
#ifndef ASSERTD_CORE_CACHE_LINE_H
#define ASSERTD_CORE_CACHE_LINE_H

#include <stddef.h>

#define CACHE_LINE 64u

/* Memory in whole cache lines of its own, not zeroed; freed with free(3). NULL: no memory. */
void *cache_line_alloc(size_t bytes);

/* The same, zeroed. */
void *cache_line_alloc_zeroed(size_t bytes);

#endif
