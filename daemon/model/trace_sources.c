#include "daemon/model/trace_sources.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

#define SOURCES_FIRST_ROOM 8u
/* How many sources a trace may list, and how many of these are looked through before one is
 * listed again: bounds for hostile input. */
#define SOURCES_MAX        (UINT16_MAX - TRACE_OWN_SOURCES)
#define SOURCES_LOOKED_MAX 64u

/* A trace of no shard keeps its resources in a pool of its own. */
static bool make_pool(struct trace *trace)
{
    static const struct hash_key key = {UINT64_C(0x736f7572636573), 0};
    struct shared_pool *pool = memory_alloc(sizeof *pool);
    if (pool == NULL) {
        return false;
    }
    shared_pool_init(pool, &key);
    trace->pool = pool;
    trace->owns_pool = true;
    return true;
}

static uint32_t *source_at(struct trace *trace, uint32_t place)
{
    return place < TRACE_OWN_SOURCES ? &trace->own_sources[place]
                                     : &trace->more->sources[place - TRACE_OWN_SOURCES];
}

static bool make_source_room(struct trace *trace)
{
    uint32_t before = trace->more != NULL ? trace->more->source_room : 0;
    if (trace->source_count < TRACE_OWN_SOURCES + before) {
        return true;
    }
    struct trace_more *more = trace_more(trace);
    uint32_t room = before != 0 ? before * 2u : SOURCES_FIRST_ROOM;
    room = room < SOURCES_MAX ? room : SOURCES_MAX;
    uint32_t *sources =
        more != NULL && room > before ? arena_alloc(&trace->arena, room * sizeof *sources) : NULL;
    if (sources == NULL) {
        return false;
    }
    if (before != 0) {
        memcpy(sources, more->sources, before * sizeof *sources);
    }
    more->sources = sources;
    more->source_room = room;
    return true;
}

uint32_t trace_sources_keep(struct trace *trace, const struct resource *resource,
                            const struct scope *scope)
{
    if ((trace->pool == NULL && !make_pool(trace)) || !make_source_room(trace)) {
        return UINT32_MAX;
    }
    uint32_t source = shared_pool_take(trace->pool, resource, scope);
    if (source == SHARED_SOURCE_NONE) {
        return UINT32_MAX;
    }
    uint32_t count = trace->source_count;
    uint32_t end = count > SOURCES_LOOKED_MAX ? count - SOURCES_LOOKED_MAX : 0;
    for (uint32_t i = count; i-- > end;) {
        if (*source_at(trace, i) == source) {
            shared_pool_give(trace->pool, source);
            return i;
        }
    }
    *source_at(trace, count) = source;
    trace->source_count++;
    return count;
}

void trace_sources_give(struct trace *trace)
{
    for (uint32_t i = 0; i < trace->source_count; i++) {
        shared_pool_give(trace->pool, *source_at(trace, i));
    }
    trace->source_count = 0;
    if (trace->owns_pool) {
        shared_pool_deinit(trace->pool);
        free(trace->pool);
        trace->pool = NULL;
        trace->owns_pool = false;
    }
}
