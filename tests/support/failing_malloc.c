#include "tests/support/failing_malloc.h"

#include <stdlib.h>

#include "daemon/core/arena.h"

static size_t allowed;
static size_t asked;

static void *failing_malloc(size_t bytes)
{
    return asked++ < allowed ? malloc(bytes) : NULL;
}

void failing_malloc_begin(size_t good)
{
    allowed = good;
    asked = 0;
    arena_set_malloc_for_tests(failing_malloc);
}

size_t failing_malloc_end(void)
{
    arena_set_malloc_for_tests(NULL);
    return asked;
}
