/* The order of SEMANTICS 1 between the spans of a trace, by their records as far as these tell. */
#include "daemon/model/trace.h"

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Spans that agree in all that the records hold: their content decides. Without memory, their
 * place. */
static int compare_content(const struct trace *trace, uint32_t a, uint32_t b)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    struct span left;
    struct span right;
    int order = 0;
    if (trace_span_decode(trace, a, &scratch, &left) == 0 &&
        trace_span_decode(trace, b, &scratch, &right) == 0) {
        order = span_compare(&left, &right);
    }
    arena_deinit(&scratch);
    return order != 0 ? order : compare_u64(a, b);
}

int trace_span_compare(const struct trace *trace, uint32_t a, uint32_t b)
{
    const struct trace_span *left = &trace->spans[a];
    const struct trace_span *right = &trace->spans[b];
    if (a == b) {
        return 0;
    }
    int order = compare_u64(left->start_ns, right->start_ns);
    order = order != 0 ? order : compare_u64(left->id, right->id);
    order = order != 0 ? order : compare_u64(left->end_ns, right->end_ns);
    order = order != 0 ? order
                       : bytes_compare(trace_span_name(left), trace_span_name(right));
    order = order != 0 ? order : compare_u64(trace_span_kind(left), trace_span_kind(right));
    return order != 0 ? order : compare_content(trace, a, b);
}
