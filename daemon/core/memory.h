/* The one door to malloc, so that a test can make the n-th allocation fail. Memory is freed with
 * free(3). Thread rule: any thread; the test hook only while no other thread runs. */
#ifndef ASSERTD_CORE_MEMORY_H
#define ASSERTD_CORE_MEMORY_H

#include <stddef.h>

/* As malloc(3). NULL: no memory. */
void *memory_alloc(size_t bytes);

/* As calloc(3): large blocks become resident as they are touched. NULL: no memory. */
void *memory_alloc_zeroed(size_t count, size_t bytes);

/* As realloc(3) of a block of `old_bytes`. NULL: no memory, and the old block is as it was. */
void *memory_resize(void *old, size_t old_bytes, size_t bytes);

#endif
