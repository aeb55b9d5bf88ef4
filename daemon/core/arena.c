#include "daemon/core/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/memory.h"

#define ARENA_ALIGN           16u
#define ARENA_CHUNK_MIN_BYTES 256u

struct arena_chunk {
    struct arena_chunk *next; /* older */
    size_t bytes;             /* of data */
    _Alignas(ARENA_ALIGN) char data[];
};

/* Frees a chunk that is no longer in the list. */
static void chunk_free(struct arena *arena, struct arena_chunk *chunk)
{
    size_t bytes = sizeof *chunk + chunk->bytes;
    arena->held_bytes -= bytes;
    free(chunk);
    budget_give(arena->budget, arena->owner, bytes);
}

/* One transaction with the budget, however many chunks. */
void arena_deinit(struct arena *arena)
{
    size_t held = arena->held_bytes;
    while (arena->chunks != NULL) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
    arena->next = arena->end = NULL;
    arena->held_bytes = 0;
    budget_give(arena->budget, arena->owner, held);
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

void arena_reset(struct arena *arena)
{
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
        arena->next = keep->data;
        arena->end = keep->data + keep->bytes;
    }
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->chunks, arena->next, arena->end};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    if (mark.chunk == NULL) {
        arena_reset(arena);
        return;
    }
    while (arena->chunks != mark.chunk) {
        struct arena_chunk *next = arena->chunks->next;
        chunk_free(arena, arena->chunks);
        arena->chunks = next;
    }
    arena->next = mark.next;
    arena->end = mark.end;
}

static struct arena_chunk *chunk_new(const struct arena *arena, size_t size)
{
    size_t bytes = sizeof(struct arena_chunk) + size;
    if (!budget_take(arena->budget, arena->owner, bytes)) {
        return NULL;
    }
    struct arena_chunk *chunk = memory_alloc(bytes);
    if (chunk == NULL) {
        budget_give(arena->budget, arena->owner, bytes);
    }
    return chunk;
}

/* A new chunk with room for `bytes`; chunks double so that their number stays small. */
static bool arena_grow(struct arena *arena, size_t bytes)
{
    size_t size =
        arena->chunk_bytes > ARENA_CHUNK_MIN_BYTES ? arena->chunk_bytes : ARENA_CHUNK_MIN_BYTES;
    if (size < bytes) {
        size = bytes;
    }
    size_t held = arena->held_bytes + sizeof(struct arena_chunk) + size;
    if (arena->limit_bytes != 0 && held > arena->limit_bytes) {
        size = bytes;
        held = arena->held_bytes + sizeof(struct arena_chunk) + size;
    }
    if (arena->limit_bytes != 0 && held > arena->limit_bytes) {
        return false;
    }
    struct arena_chunk *chunk = chunk_new(arena, size);
    if (chunk == NULL) {
        return false;
    }
    *chunk = (struct arena_chunk){.next = arena->chunks, .bytes = size};
    arena->chunks = chunk;
    arena->next = chunk->data;
    arena->end = chunk->data + size;
    arena->held_bytes = held;
    arena->chunk_bytes = size < ARENA_CHUNK_MAX_BYTES / 2 ? size * 2 : ARENA_CHUNK_MAX_BYTES;
    return true;
}

static size_t round_up(size_t bytes)
{
    return bytes == 0 ? ARENA_ALIGN : (bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
}

void arena_trim(struct arena *arena, void *memory, size_t bytes, size_t used)
{
    char *start = memory;
    if (start != NULL && start + round_up(bytes) == arena->next && used <= bytes) {
        arena->next = used == 0 ? start : start + round_up(used);
    }
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 4) {
        return NULL;
    }
    size_t rounded = round_up(bytes);
    if ((size_t)(arena->end - arena->next) < rounded && !arena_grow(arena, rounded)) {
        return NULL;
    }
    void *memory = arena->next;
    arena->next += rounded;
    return memory;
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

struct bytes arena_copy(struct arena *arena, struct bytes text)
{
    if (text.len == 0) {
        return (struct bytes){(const uint8_t *)"", 0};
    }
    uint8_t *copy = arena_alloc(arena, text.len);
    if (copy == NULL) {
        return BYTES_NULL;
    }
    memcpy(copy, text.data, text.len);
    return bytes_from(copy, text.len);
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
