/* The one door to malloc, so that a test can make the n-th allocation fail. Memory is freed with
 * free(3). Thread rule: any thread; the test hook only while no other thread runs. */
#ifndef ASSERTD_CORE_MEMORY_H
#define ASSERTD_CORE_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* As malloc(3). NULL: no memory. */
void *memory_alloc(size_t bytes);

/* As calloc(3): large blocks become resident as they are touched. NULL: no memory. */
void *memory_alloc_zeroed(size_t count, size_t bytes);

/* As realloc(3) of a block of `old_bytes`. NULL: no memory, and the old block is as it was. */
void *memory_resize(void *old, size_t old_bytes, size_t bytes);

/* Clears some dozens of bytes that are read soon. A C library clears less than a vector by one
 * store with a mask, and processors serve no load from such a store before it has reached the
 * cache. */
static inline void memory_clear_few(void *memory, size_t bytes)
{
    const uint64_t zero = 0;
    char *at = memory;
    for (; bytes >= sizeof zero; bytes -= sizeof zero, at += sizeof zero) {
        memcpy(at, &zero, sizeof zero);
        __asm__ volatile("" : : : "memory"); /* or the compiler calls the library again */
    }
    for (; bytes != 0; bytes--, at++) {
        *at = 0;
        __asm__ volatile("" : : : "memory");
    }
}

#endif
