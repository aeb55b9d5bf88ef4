/* The order of SEMANTICS 1. */
#include "daemon/model/fingerprint.h"
#include "daemon/model/span.h"

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* By a number that stays where the content itself is not kept. */
static int compare_content(const struct span *a, const struct span *b)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    uint64_t left;
    uint64_t right;
    int order = 0;
    if (fingerprint_of_span(a, a->resource, a->scope, &scratch, &left) &&
        fingerprint_of_span(b, b->resource, b->scope, &scratch, &right)) {
        order = compare_u64(left, right);
    }
    arena_deinit(&scratch);
    return order;
}

int span_compare(const struct span *a, const struct span *b)
{
    int order = compare_u64(a->start_ns, b->start_ns);
    order = order != 0 ? order : compare_u64(a->id, b->id);
    order = order != 0 ? order : compare_u64(a->end_ns, b->end_ns);
    order = order != 0 ? order : bytes_compare(a->name, b->name);
    order = order != 0 ? order : compare_u64(a->kind, b->kind);
    return order != 0 ? order : compare_content(a, b);
}
