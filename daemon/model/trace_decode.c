/* Stored spans in their wide form again. */
#include "daemon/model/kept_span.h"
#include "daemon/model/trace.h"

static const struct span_limits no_limits = {UINT32_MAX, UINT32_MAX, UINT32_MAX, NULL};

/* How long the name is that stands in the bytes. */
static uint32_t name_in_bytes(const struct trace_span *span)
{
    return trace_span_named(span) ? 0 : (uint32_t)trace_span_name(span).len;
}

/* From the record and what was kept beside it. */
static int decode_kept(const struct trace *trace, const struct trace_span *kept,
                       struct arena *arena, struct span *ret)
{
    *ret = (struct span){
        .trace_id = trace->id,
        .id = kept->id,
        .parent = kept->parent,
        .start_ns = kept->start_ns,
        .end_ns = kept->end_ns,
        .kind = trace_span_kind(kept),
        .status = trace_span_status(kept),
        .kind_sent = (uint32_t)trace_span_kind(kept) + 1,
        .status_sent = (uint32_t)trace_span_status(kept),
        .name = trace_span_name(kept),
        .resource = trace_span_resource(trace, kept),
        .scope = trace_span_scope(trace, kept),
    };
    return kept_span_read(trace_span_raw(kept), name_in_bytes(kept), trace->keep, arena, ret);
}

int trace_span_decode(const struct trace *trace, uint32_t index, struct arena *arena,
                      struct span *ret)
{
    const struct trace_span *kept = &trace->spans[index];
    if (!trace_list_source(trace, kept)) {
        return SPAN_NO_MEMORY;
    }
    int outcome = trace->keep != NULL
                      ? decode_kept(trace, kept, arena, ret)
                      : span_decode(trace_span_raw(kept), trace_span_resource(trace, kept),
                                    trace_span_scope(trace, kept), &no_limits, arena, ret);
    if (outcome == 0 && trace_rare(trace) != NULL) {
        ret->dropped_attrs = trace_rare(trace)[index].dropped_attrs;
        ret->dropped_events = trace_rare(trace)[index].dropped_events;
        ret->dropped_links = trace_rare(trace)[index].dropped_links;
    }
    return outcome;
}

void trace_change_keep(struct trace *trace, const struct keep *keep)
{
    static const struct keep nothing = {.event_names = false};
    if (trace->keep == keep || (trace->keep == NULL && trace->count != 0)) {
        return;
    }
    trace->keep = keep;
    if (trace->count == 0) {
        return;
    }
    for (uint32_t i = 0; i < trace->count; i++) {
        struct trace_span *span = &trace->spans[i];
        trace_span_cut(span, KEPT_SPAN_NAME_OFFSET + name_in_bytes(span));
    }
    trace->keep = &nothing;
    trace->rejected++;
}
