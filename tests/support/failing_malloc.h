/* An allocator for arenas and bufs that fails from the n-th allocation on, and counts.
 *
 *     for (size_t n = 0;; n++) { failing_malloc_begin(n); ... failing_malloc_end(); if (it
 * succeeded) break; }
 *
 * Thread rule: one thread, one at a time. */
#ifndef ASSERTD_TESTS_SUPPORT_FAILING_MALLOC_H
#define ASSERTD_TESTS_SUPPORT_FAILING_MALLOC_H

#include <stddef.h>
#include <stdint.h>

/* The first `good` allocations succeed, all others fail. SIZE_MAX only counts. */
void failing_malloc_begin(size_t good);

/* Back to malloc; returns how many allocations were asked for. */
size_t failing_malloc_end(void);

#endif
