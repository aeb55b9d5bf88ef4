#include "daemon/net/http2_memory.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

/* Before each block; as large as the strictest alignment. */
#define HEAD_BYTES 16u
#define STEP_BYTES 65536u

struct http2_memory {
    nghttp2_mem functions;
    struct budget *budget;
    uint64_t held, told; /* told is never less than held */
};

static bool take(struct http2_memory *memory, size_t bytes)
{
    uint64_t held = memory->held + bytes;
    if (held > memory->told) {
        uint64_t step = held - memory->told + STEP_BYTES;
        if (!budget_take(memory->budget, BUDGET_LIBRARIES, step)) {
            return false;
        }
        memory->told += step;
    }
    memory->held = held;
    return true;
}

static void give(struct http2_memory *memory, size_t bytes)
{
    memory->held -= bytes;
    if (memory->told - memory->held > 3 * STEP_BYTES) {
        budget_tell(memory->budget, BUDGET_LIBRARIES, &memory->told, memory->held + STEP_BYTES);
    }
}

static size_t size_of(const void *block)
{
    size_t bytes;
    memcpy(&bytes, (const char *)block - HEAD_BYTES, sizeof bytes);
    return bytes;
}

static void *with_size(char *head, size_t bytes)
{
    memcpy(head, &bytes, sizeof bytes);
    return head + HEAD_BYTES;
}

static void *allocate(size_t bytes, void *self)
{
    size_t all = bytes + HEAD_BYTES;
    if (all < bytes || !take(self, all)) {
        return NULL;
    }
    char *head = memory_alloc(all);
    if (head == NULL) {
        give(self, all);
        return NULL;
    }
    return with_size(head, all);
}

static void *allocate_zeroed(size_t count, size_t bytes, void *self)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return NULL;
    }
    void *block = allocate(total, self);
    return block != NULL ? memset(block, 0, total) : NULL;
}

static void release(void *block, void *self)
{
    if (block != NULL) {
        give(self, size_of(block));
        free((char *)block - HEAD_BYTES);
    }
}

static void *resize(void *block, size_t bytes, void *self)
{
    if (block == NULL) {
        return allocate(bytes, self);
    }
    size_t old = size_of(block);
    size_t all = bytes + HEAD_BYTES;
    if (all < bytes || !take(self, all)) {
        return NULL;
    }
    char *head = memory_resize((char *)block - HEAD_BYTES, old, all);
    give(self, head != NULL ? old : all);
    return head != NULL ? with_size(head, all) : NULL;
}

struct http2_memory *http2_memory_new(struct budget *budget)
{
    struct http2_memory *memory = malloc(sizeof *memory);
    if (memory != NULL) {
        *memory = (struct http2_memory){
            .functions = {memory, allocate, release, allocate_zeroed, resize}, .budget = budget};
    }
    return memory;
}

void http2_memory_free(struct http2_memory *memory)
{
    if (memory != NULL) {
        budget_tell(memory->budget, BUDGET_LIBRARIES, &memory->told, 0);
        free(memory);
    }
}

void *http2_memory_functions(struct http2_memory *memory)
{
    return &memory->functions;
}

uint64_t http2_memory_held(const struct http2_memory *memory)
{
    return memory->held;
}
