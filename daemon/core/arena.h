/* A bump allocator: many small allocations that die together.
 *
 * Ask of each arena "when does it die?" and write the answer where it is embedded. Memory comes
 * in chunks that double up to ARENA_CHUNK_MAX_BYTES; nothing is freed one by one. `limit_bytes`
 * bounds what a peer can make it grow (0: no limit); of a `budget` each chunk is taken before it is
 * allocated. A NULL return means: limit, budget or memory exhausted, the caller turns that into its
 * own outcome. With a `pool` (instead of a budget) chunks come from there, and an arena that never
 * needed a second one ends without a look at its memory. Thread rule: confined to its owner; may be
 * handed over whole. */
#ifndef ASSERTD_CORE_ARENA_H
#define ASSERTD_CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/budget.h"
#include "daemon/core/bytes.h"

#define ARENA_CHUNK_MAX_BYTES (256u * 1024u)

struct arena_chunk;
struct chunk_pool;

struct arena {
    struct arena_chunk *chunks;
    char *next;
    char *end;
    size_t held_bytes;
    size_t limit_bytes;
    union {
        struct budget *budget;   /* NULL: not counted here */
        struct chunk_pool *pool; /* `pooled`: borrowed, chunks come from there, counted there */
    };
    uint32_t chunk_bytes; /* of the next chunk, at least */
    uint8_t owner;        /* enum budget_owner */
    bool pooled;
    bool several; /* there is more than one chunk, or was since the last reset */
};

#define ARENA_INIT(first_bytes, limit)                                                             \
    ((struct arena){.chunk_bytes = (uint32_t)(first_bytes), .limit_bytes = (limit)})

/* Frees every chunk; the arena is then as it began, but for the size of its next chunk. */
void arena_deinit(struct arena *arena);

/* Forgets all allocations but keeps the largest chunk for the next use. */
void arena_reset(struct arena *arena);

/* A point in time of an arena. */
struct arena_mark {
    struct arena_chunk *chunk;
    char *next;
    char *end;
};

/* Now. */
static inline struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->chunks, arena->next, arena->end};
}

/* Forgets all allocations made since the mark; arena_reset or arena_deinit in between make the mark
 * void. In line where there are none: it is done for each span. */
void arena_rewind_far(struct arena *arena, const struct arena_mark *mark);
static inline void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    if (arena->next != mark.next || arena->chunks != mark.chunk) {
        arena_rewind_far(arena, &mark);
    }
}

/* `bytes` of memory aligned to 16, not zeroed; NULL beyond the limit. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* The same, not aligned: close behind what was allocated before. */
void *arena_alloc_packed(struct arena *arena, size_t bytes);

/* `bytes` zeroed, aligned to 16; NULL also when count * bytes overflows. */
void *arena_calloc(struct arena *arena, size_t count, size_t bytes);

/* Gives back the end of the latest allocation: `used` of its bytes stay. Harmless on any other
 * allocation. */
void arena_trim(struct arena *arena, void *memory, size_t bytes, size_t used);

/* A copy of `text` that lives as long as the arena; `.data` NULL (and len 0) when exhausted and
 * `text` was not empty. `packed` stands close behind what was allocated before, not aligned. */
struct bytes arena_copy(struct arena *arena, struct bytes text);
struct bytes arena_copy_packed(struct arena *arena, struct bytes text);

/* A NUL-terminated copy; NULL when exhausted. */
char *arena_string(struct arena *arena, struct bytes text);

/* printf into the arena; NULL when exhausted. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes held from the system, for the memory account. */
size_t arena_held(const struct arena *arena);

/* Bytes of it that are in use, ends of chunks that are full included. */
size_t arena_used(const struct arena *arena);

/* Replaces the allocator below all arenas, bufs and tables of this process, for tests that make the
 * n-th allocation fail; NULL restores malloc. Not while other threads run. */
void arena_set_malloc_for_tests(void *(*allocate)(size_t bytes));

#endif
