#include "daemon/core/cache_line.h"

#include <stdlib.h>
#include <string.h>

static size_t whole_lines(size_t bytes)
{
    return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

void *cache_line_alloc(size_t bytes)
{
    return aligned_alloc(CACHE_LINE, whole_lines(bytes));
}

void *cache_line_alloc_zeroed(size_t bytes)
{
    void *memory = cache_line_alloc(bytes);
    return memory != NULL ? memset(memory, 0, whole_lines(bytes)) : NULL;
}
