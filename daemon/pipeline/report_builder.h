/* Building a report from a tally: everything goes to one arena; a copy that failed is remembered,
 * so that none has to be looked at. Internal to the files that build reports. */
#ifndef ASSERTD_PIPELINE_REPORT_BUILDER_H
#define ASSERTD_PIPELINE_REPORT_BUILDER_H

#include "daemon/pipeline/tally_state.h"

struct builder {
    struct arena *arena;
    bool failed;
};

static inline struct bytes builder_text(struct builder *builder, struct bytes text)
{
    struct bytes copy = arena_copy(builder->arena, text);
    builder->failed |= copy.data == NULL;
    return copy;
}

/* Zeroed, with room for one more than `count`. */
static inline void *builder_take(struct builder *builder, size_t count, size_t bytes)
{
    void *memory = arena_calloc(builder->arena, count + 1, bytes);
    builder->failed |= memory == NULL;
    return memory;
}

/* A threshold's part of the report. `counts` are its suite's. */
void build_threshold(struct builder *builder, struct report_threshold *to, uint32_t suite,
                     const struct threshold *threshold, const struct gathering *gathering,
                     const struct state_counts *counts, const struct report_facts *facts,
                     uint64_t origin_ns);

#endif
