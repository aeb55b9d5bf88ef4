/* The order of SEMANTICS 1. */
#include "daemon/model/content.h"
#include "daemon/model/span.h"

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_content(const struct span *a, const struct span *b)
{
    struct arena scratch = ARENA_INIT(4096, 0);
    struct buf left = BUF_NULL;
    struct buf right = BUF_NULL;
    content_of_span(&left, a, &scratch);
    content_of_span(&right, b, &scratch);
    int order =
        left.failed || right.failed ? 0 : bytes_compare(buf_bytes(&left), buf_bytes(&right));
    buf_deinit(&left);
    buf_deinit(&right);
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
