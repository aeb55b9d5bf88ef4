#include "daemon/core/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/chunk_pool.h"
#include "daemon/core/memory.h"

#define ARENA_ALIGN           16u
#define ARENA_CHUNK_MIN_BYTES 256u

struct arena_chunk {
    struct arena_chunk *next; /* older */
    size_t bytes;             /* of data */
    _Alignas(ARENA_ALIGN) char data[];
};

static struct budget *budget_of(const struct arena *arena)
{
    return arena->pooled ? NULL : arena->budget;
}

static void chunk_give(const struct arena *arena, struct arena_chunk *chunk, size_t bytes)
{
    if (arena->pooled) {
        chunk_pool_give(arena->pool, chunk, bytes);
    } else {
        free(chunk);
    }
}

/* Frees a chunk that is no longer in the list. */
static void chunk_free(struct arena *arena, struct arena_chunk *chunk)
{
    size_t bytes = sizeof *chunk + chunk->bytes;
    arena->held_bytes -= bytes;
    chunk_give(arena, chunk, bytes);
    budget_give(budget_of(arena), arena->owner, bytes);
}

/* One transaction with the budget, however many chunks. A single chunk is all that is held: its
 * head, which may not have been touched for long, is not read. */
void arena_deinit(struct arena *arena)
{
    size_t held = arena->held_bytes;
    if (!arena->several && arena->chunks != NULL) {
        chunk_give(arena, arena->chunks, held);
        arena->chunks = NULL;
    }
    while (arena->chunks != NULL) {
        struct arena_chunk *next = arena->chunks->next;
        chunk_give(arena, arena->chunks, sizeof *next + arena->chunks->bytes);
        arena->chunks = next;
    }
    arena->next = arena->end = NULL;
    arena->held_bytes = 0;
    arena->several = false;
    budget_give(budget_of(arena), arena->owner, held);
}

static struct arena_chunk *largest_chunk(const struct arena *arena)
{
    struct arena_chunk *largest = arena->chunks;
    for (struct arena_chunk *chunk = arena->chunks; chunk != NULL; chunk = chunk->next) {
        if (chunk->bytes > largest->bytes) {
            largest = chunk;
        }
    }
    return largest;
}

/* Stored only where it changes: an arena that is marked and rewound for each span, and seldom used
 * in between, is then only read. */
static void set_free(struct arena *arena, char *next, char *end)
{
    if (arena->next != next || arena->end != end) {
        arena->next = next;
        arena->end = end;
    }
}

void arena_reset(struct arena *arena)
{
    if (!arena->several && arena->chunks != NULL) {
        set_free(arena, arena->chunks->data, arena->end);
        return;
    }
    struct arena_chunk *keep = largest_chunk(arena);
    while (arena->chunks != NULL) {
        struct arena_chunk *next = arena->chunks->next;
        if (arena->chunks != keep) {
            chunk_free(arena, arena->chunks);
        }
        arena->chunks = next;
    }
    if (keep != NULL) {
        keep->next = NULL;
        arena->chunks = keep;
        arena->several = false;
        arena->next = keep->data;
        arena->end = keep->data + keep->bytes;
    }
}

void arena_rewind_far(struct arena *arena, const struct arena_mark *mark)
{
    if (mark->chunk == NULL) {
        arena_reset(arena);
        return;
    }
    while (arena->chunks != mark->chunk) {
        struct arena_chunk *next = arena->chunks->next;
        chunk_free(arena, arena->chunks);
        arena->chunks = next;
    }
    set_free(arena, mark->next, mark->end);
}

/* Memory of `*bytes`, of which the pool may make more. */
static struct arena_chunk *chunk_take(const struct arena *arena, size_t *bytes)
{
    return arena->pooled ? chunk_pool_take(arena->pool, bytes) : memory_alloc(*bytes);
}

/* A chunk, not in the list yet, with room for `size` or more. */
static struct arena_chunk *chunk_new(const struct arena *arena, size_t size)
{
    size_t wanted = sizeof(struct arena_chunk) + size;
    size_t bytes = wanted;
    if (!budget_take(budget_of(arena), arena->owner, wanted)) {
        return NULL;
    }
    struct arena_chunk *chunk = chunk_take(arena, &bytes);
    if (chunk == NULL) {
        budget_give(budget_of(arena), arena->owner, wanted);
        return NULL;
    }
    budget_add(budget_of(arena), arena->owner, bytes - wanted);
    *chunk = (struct arena_chunk){.next = arena->chunks, .bytes = bytes - sizeof *chunk};
    return chunk;
}

/* What a chunk with room for `size` takes. */
static size_t chunk_bytes(const struct arena *arena, size_t size)
{
    size_t bytes = sizeof(struct arena_chunk) + size;
    return arena->pooled ? chunk_pool_round(bytes) : bytes;
}

/* What may still be held; a limit may have been set below what was held already. */
static size_t left_of(const struct arena *arena)
{
    if (arena->limit_bytes == 0) {
        return SIZE_MAX;
    }
    return arena->limit_bytes > arena->held_bytes ? arena->limit_bytes - arena->held_bytes : 0;
}

/* A new chunk with room for `bytes`; chunks double so that their number stays small. */
static bool arena_grow(struct arena *arena, size_t bytes)
{
    size_t size =
        arena->chunk_bytes > ARENA_CHUNK_MIN_BYTES ? arena->chunk_bytes : ARENA_CHUNK_MIN_BYTES;
    if (size < bytes) {
        size = bytes;
    }
    size_t left = left_of(arena);
    if (chunk_bytes(arena, size) > left) {
        size = bytes;
    }
    if (chunk_bytes(arena, size) > left) {
        return false;
    }
    struct arena_chunk *chunk = chunk_new(arena, size);
    if (chunk == NULL) {
        return false;
    }
    arena->several = arena->chunks != NULL;
    arena->chunks = chunk;
    arena->next = chunk->data;
    arena->end = chunk->data + chunk->bytes;
    arena->held_bytes += sizeof *chunk + chunk->bytes;
    arena->chunk_bytes =
        size < ARENA_CHUNK_MAX_BYTES / 2 ? (uint32_t)size * 2 : ARENA_CHUNK_MAX_BYTES;
    return true;
}

/* What lies between the end of the latest allocation and the next aligned address. */
static size_t padding(const struct arena *arena)
{
    return -(uintptr_t)arena->next & (ARENA_ALIGN - 1);
}

static void *take(struct arena *arena, size_t bytes)
{
    if ((size_t)(arena->end - arena->next) < bytes && !arena_grow(arena, bytes)) {
        return NULL;
    }
    void *memory = arena->next;
    arena->next += bytes;
    return memory;
}

void arena_trim(struct arena *arena, void *memory, size_t bytes, size_t used)
{
    char *start = memory;
    if (start != NULL && start + bytes == arena->next && used <= bytes) {
        arena->next = start + used;
    }
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 4) {
        return NULL;
    }
    bytes = bytes != 0 ? bytes : 1;
    size_t skipped = padding(arena);
    if ((size_t)(arena->end - arena->next) >= skipped + bytes) {
        arena->next += skipped;
    } else if (!arena_grow(arena, bytes)) {
        return NULL;
    }
    return take(arena, bytes);
}

void *arena_alloc_packed(struct arena *arena, size_t bytes)
{
    return bytes <= SIZE_MAX / 4 ? take(arena, bytes) : NULL;
}

void *arena_calloc(struct arena *arena, size_t count, size_t bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) {
        return NULL;
    }
    void *memory = arena_alloc(arena, total);
    return memory != NULL ? memset(memory, 0, total) : NULL;
}

static struct bytes fill(uint8_t *copy, struct bytes text)
{
    if (copy == NULL) {
        return BYTES_NULL;
    }
    memcpy(copy, text.data, text.len);
    return bytes_from(copy, text.len);
}

struct bytes arena_copy(struct arena *arena, struct bytes text)
{
    if (text.len == 0) {
        return (struct bytes){(const uint8_t *)"", 0};
    }
    return fill(arena_alloc(arena, text.len), text);
}

struct bytes arena_copy_packed(struct arena *arena, struct bytes text)
{
    if (text.len == 0) {
        return (struct bytes){(const uint8_t *)"", 0};
    }
    return fill(arena_alloc_packed(arena, text.len), text);
}

char *arena_string(struct arena *arena, struct bytes text)
{
    char *copy = arena_alloc(arena, text.len + 1);
    if (copy != NULL) {
        if (text.len != 0) {
            memcpy(copy, text.data, text.len);
        }
        copy[text.len] = '\0';
    }
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len >= 0 ? arena_alloc(arena, (size_t)len + 1) : NULL;
    if (text != NULL) {
        va_start(args, format);
        vsnprintf(text, (size_t)len + 1, format, args);
        va_end(args);
    }
    return text;
}

size_t arena_held(const struct arena *arena)
{
    return arena->held_bytes;
}

size_t arena_used(const struct arena *arena)
{
    return arena->held_bytes - (size_t)(arena->end - arena->next);
}
