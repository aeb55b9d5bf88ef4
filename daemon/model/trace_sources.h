/* The resources and scopes of a trace's spans, in the pairs in which they came: which of the shared
 * pool's the trace uses. Internal to the trace. Thread rule: as the trace. */
#ifndef ASSERTD_MODEL_TRACE_SOURCES_H
#define ASSERTD_MODEL_TRACE_SOURCES_H

#include "daemon/model/trace.h"

/* The place of a source among the trace's, which holds it with one user. UINT32_MAX: no memory. */
uint32_t trace_sources_keep(struct trace *trace, const struct resource *resource,
                            const struct scope *scope);

/* Gives all back, and frees a pool of its own. */
void trace_sources_give(struct trace *trace);

/* Of the pool, by its place. */
static inline uint32_t trace_sources_at(const struct trace *trace, uint32_t place)
{
    return place < TRACE_OWN_SOURCES ? trace->own_sources[place]
                                     : trace->more->sources[place - TRACE_OWN_SOURCES];
}

#endif
