#include "daemon/core/memory.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/arena.h"

static void *(*allocate)(size_t bytes) = malloc;

void arena_set_malloc_for_tests(void *(*replacement)(size_t bytes))
{
    allocate = replacement != NULL ? replacement : malloc;
}

void *memory_alloc(size_t bytes)
{
    return allocate(bytes);
}

void *memory_alloc_zeroed(size_t count, size_t bytes)
{
    size_t total;
    if (allocate == malloc) {
        return calloc(count, bytes);
    }
    void *memory = __builtin_mul_overflow(count, bytes, &total) ? NULL : allocate(total);
    return memory != NULL ? memset(memory, 0, total) : NULL;
}

void *memory_resize(void *old, size_t old_bytes, size_t bytes)
{
    if (allocate == malloc) {
        return realloc(old, bytes);
    }
    void *memory = allocate(bytes);
    if (memory != NULL && old != NULL) {
        memcpy(memory, old, old_bytes < bytes ? old_bytes : bytes);
        free(old);
    }
    return memory;
}
