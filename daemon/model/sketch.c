#include "daemon/model/sketch.h"

#include <errno.h>

#define NONE UINT32_MAX

/* The spans that are shown, by the trace's index. */
struct picks {
    const struct trace *trace;
    uint32_t spans[SKETCH_SPANS_MAX];
    uint32_t count;
};

static bool is_picked(const struct picks *picks, uint32_t index)
{
    for (uint32_t i = 0; i < picks->count; i++) {
        if (picks->spans[i] == index) {
            return true;
        }
    }
    return false;
}

/* False: there is no room. */
static bool pick(struct picks *picks, uint32_t index)
{
    if (is_picked(picks, index)) {
        return true;
    }
    if (picks->count == SKETCH_SPANS_MAX) {
        return false;
    }
    picks->spans[picks->count++] = index;
    return true;
}

/* The first, in order, of those that carry its parent ID; NONE: it is a top span. */
static uint32_t parent_of(const struct trace *trace, uint32_t index)
{
    span_id id = trace->spans[index].parent;
    uint32_t found = NONE;
    for (uint32_t at = id != 0 ? trace_find(trace, id, 0) : NONE; at != NONE;
         at = trace_find(trace, id, at + 1)) {
        if (at != index && (found == NONE || trace_span_compare(trace, at, found) < 0)) {
            found = at;
        }
    }
    return found;
}

/* A span and what is above it, up to what is there already. */
static void pick_with_ancestors(struct picks *picks, uint32_t index)
{
    for (uint32_t at = index; at != NONE; at = parent_of(picks->trace, at)) {
        if ((at != index && is_picked(picks, at)) || !pick(picks, at)) {
            return;
        }
    }
}

/* The first spans in the order of SEMANTICS 1. */
static void pick_first(struct picks *picks)
{
    const struct trace *trace = picks->trace;
    for (uint32_t i = 0; i < trace->count; i++) {
        uint32_t at = picks->count;
        if (at == SKETCH_SPANS_MAX) {
            if (trace_span_compare(trace, i, picks->spans[at - 1]) > 0) {
                continue;
            }
            at--;
        } else {
            picks->count++;
        }
        for (; at != 0 && trace_span_compare(trace, i, picks->spans[at - 1]) < 0; at--) {
            picks->spans[at] = picks->spans[at - 1];
        }
        picks->spans[at] = i;
    }
}

static void pick_spans(struct picks *picks, const uint32_t *deciding, uint32_t count)
{
    if (count == 0 || picks->trace->count <= SKETCH_SPANS_MAX) {
        pick_first(picks);
        return;
    }
    for (uint32_t i = 0; i < count && i < SKETCH_SPANS_MAX; i++) {
        pick_with_ancestors(picks, deciding[i]);
    }
}

/* --- laying out --- */

struct layout {
    struct picks *picks;
    uint32_t above[SKETCH_SPANS_MAX]; /* by place: the place of its parent, or NONE */
    bool placed[SKETCH_SPANS_MAX];
    const uint32_t *deciding;
    uint32_t deciding_count;
    struct report_tree_span *spans;
    uint32_t count;
};

static void sort_picks(struct picks *picks)
{
    for (uint32_t i = 1; i < picks->count; i++) {
        uint32_t index = picks->spans[i];
        uint32_t at = i;
        for (; at != 0 && trace_span_compare(picks->trace, index, picks->spans[at - 1]) < 0; at--) {
            picks->spans[at] = picks->spans[at - 1];
        }
        picks->spans[at] = index;
    }
}

static void find_parents(struct layout *layout)
{
    const struct picks *picks = layout->picks;
    for (uint32_t i = 0; i < picks->count; i++) {
        uint32_t parent = parent_of(picks->trace, picks->spans[i]);
        layout->above[i] = NONE;
        for (uint32_t k = 0; k < picks->count; k++) {
            layout->above[i] = picks->spans[k] == parent ? k : layout->above[i];
        }
    }
}

static bool decides(const struct layout *layout, uint32_t index)
{
    for (uint32_t i = 0; i < layout->deciding_count; i++) {
        if (layout->deciding[i] == index) {
            return true;
        }
    }
    return false;
}

static struct bytes clipped(struct bytes text)
{
    return bytes_from(text.data, text.len < SKETCH_TEXT_MAX ? text.len : SKETCH_TEXT_MAX);
}

static void place(struct layout *layout, uint32_t at, uint32_t depth)
{
    const struct trace *trace = layout->picks->trace;
    uint32_t index = layout->picks->spans[at];
    const struct trace_span *span = &trace->spans[index];
    layout->placed[at] = true;
    layout->spans[layout->count++] = (struct report_tree_span){
        .depth = depth,
        .decides = decides(layout, index),
        .below_other = depth == 0 && layout->above[at] == NONE && parent_of(trace, index) != NONE,
        .span_id = span->id,
        .service = clipped(trace_span_resource(trace, span)->service),
        .name = clipped(trace_span_name(span)),
        .kind = trace_span_kind(span),
        .status = trace_span_status(span),
        .duration_ns = (__int128)span->end_ns - span->start_ns,
    };
}

/* The first child that has no place yet; NONE: there is none. */
static uint32_t next_child(const struct layout *layout, uint32_t parent)
{
    for (uint32_t i = 0; i < layout->picks->count; i++) {
        if (!layout->placed[i] && layout->above[i] == parent) {
            return i;
        }
    }
    return NONE;
}

/* Down to the first child, else up, until the root has no more. */
static void place_all_below(struct layout *layout, uint32_t root)
{
    uint32_t depth = 0;
    place(layout, root, 0);
    for (uint32_t at = root;;) {
        uint32_t child = next_child(layout, at);
        if (child != NONE) {
            place(layout, child, ++depth);
            at = child;
        } else if (at == root) {
            return;
        } else {
            at = layout->above[at];
            depth--;
        }
    }
}

int sketch_make(struct report_tree *ret, const struct trace *trace, const uint32_t *deciding,
                uint32_t deciding_count, struct arena *arena)
{
    struct picks picks = {.trace = trace};
    pick_spans(&picks, deciding, deciding_count);
    sort_picks(&picks);
    struct layout layout = {.picks = &picks,
                            .deciding = deciding,
                            .deciding_count = deciding_count,
                            .spans = arena_calloc(arena, picks.count + 1, sizeof *layout.spans)};
    if (layout.spans == NULL) {
        return -ENOMEM;
    }
    find_parents(&layout);
    for (uint32_t pass = 0; pass < 2; pass++) { /* top ones, then what hangs on a cycle */
        for (uint32_t i = 0; i < picks.count; i++) {
            if (!layout.placed[i] && (pass == 1 || layout.above[i] == NONE)) {
                place_all_below(&layout, i);
            }
        }
    }
    *ret = (struct report_tree){.trace_id = trace->id,
                                .spans = layout.spans,
                                .span_count = layout.count,
                                .omitted = trace->count - layout.count};
    return 0;
}
