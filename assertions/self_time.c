#include "assertions/self_time.h"

#include <stdlib.h>

#include "assertions/suite.h"

/* A child's time in the group of its parents. */
struct stretch {
    uint32_t group, span;
    uint64_t start, end;
};

static int compare_stretches(const void *a, const void *b)
{
    const struct stretch *left = a;
    const struct stretch *right = b;
    if (left->group != right->group) {
        return left->group < right->group ? -1 : 1;
    }
    if (left->start != right->start) {
        return left->start < right->start ? -1 : 1;
    }
    return left->end < right->end ? -1 : left->end > right->end;
}

/* The children of one group, by start. */
struct children {
    const struct stretch *stretches;
    uint32_t count;
};

/* Stretches of time by one clock that do not touch, with the time before each of them. */
struct cover {
    __int128 *starts, *ends, *before;
    uint32_t count;
};

/* A child's time by the clock of its parent. */
struct moved {
    __int128 start, end;
};

struct work {
    const struct trace *trace;
    const struct skew *skew; /* NULL: exact */
    struct cover cover;
    struct moved *moved;
    bool *taken; /* children of the span at hand that are counted */
};

/* Children come by start. */
static void add_cover(struct cover *cover, __int128 start, __int128 end)
{
    uint32_t last = cover->count - 1;
    if (cover->count != 0 && start <= cover->ends[last]) {
        cover->ends[last] = end > cover->ends[last] ? end : cover->ends[last];
        return;
    }
    cover->before[cover->count] =
        cover->count != 0 ? cover->before[last] + cover->ends[last] - cover->starts[last] : 0;
    cover->starts[cover->count] = start;
    cover->ends[cover->count++] = end;
}

/* How much is covered before a time. */
static __int128 covered_before(const struct cover *cover, __int128 ns)
{
    uint32_t low = 0;
    uint32_t high = cover->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cover->starts[middle] < ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return 0;
    }
    __int128 end = ns < cover->ends[low - 1] ? ns : cover->ends[low - 1];
    return cover->before[low - 1] + end - cover->starts[low - 1];
}

/* What all of the cover, moved by so much, covers of a span. */
static __int128 covered_of(const struct cover *cover, const struct trace_span *span, __int128 shift)
{
    return covered_before(cover, (__int128)span->end_ns - shift) -
           covered_before(cover, (__int128)span->start_ns - shift);
}

static void try_shift(const struct cover *cover, const struct trace_span *span,
                      const struct skew_bounds *shift, __int128 tried, struct skew_bounds *ret)
{
    if (tried >= shift->least && tried <= shift->most) {
        __int128 ns = covered_of(cover, span, tried);
        ret->least = ns < ret->least ? ns : ret->least;
        ret->most = ns > ret->most ? ns : ret->most;
    }
}

/* The least and the greatest time that the cover, moved as its clock allows, covers: it bends where
 * an end of it comes to an end of the span. */
static struct skew_bounds covered_within(const struct cover *cover, const struct trace_span *span,
                                         const struct skew_bounds *shift)
{
    __int128 first = covered_of(cover, span, shift->least);
    struct skew_bounds bounds = {first, first};
    try_shift(cover, span, shift, shift->most, &bounds);
    for (uint32_t i = 0; shift->least != shift->most && i < cover->count; i++) {
        try_shift(cover, span, shift, (__int128)span->start_ns - cover->starts[i], &bounds);
        try_shift(cover, span, shift, (__int128)span->start_ns - cover->ends[i], &bounds);
        try_shift(cover, span, shift, (__int128)span->end_ns - cover->starts[i], &bounds);
        try_shift(cover, span, shift, (__int128)span->end_ns - cover->ends[i], &bounds);
    }
    return bounds;
}

static const struct resource *clock_of(const struct work *work, uint32_t span)
{
    return trace_span_resource(work->trace, &work->trace->spans[span]);
}

static struct skew_bounds shift_of(const struct work *work, uint32_t child, uint32_t span)
{
    return work->skew == NULL ? (struct skew_bounds){0, 0}
                              : skew_shift(work->skew, clock_of(work, child), clock_of(work, span));
}

static int compare_moved(const void *a, const void *b)
{
    const struct moved *left = a;
    const struct moved *right = b;
    return left->start < right->start ? -1 : left->start > right->start;
}

/* Children whose times are certain by the clock of the span; moved, they may be in another order.
 */
static void cover_certain(struct work *work, const struct children *children, uint32_t span)
{
    bool sorted = true;
    uint32_t count = 0;
    for (uint32_t i = 0; i < children->count; i++) {
        const struct stretch *child = &children->stretches[i];
        struct skew_bounds shift = shift_of(work, child->span, span);
        bool certain = shift.least == shift.most;
        work->taken[i] = child->span == span || certain;
        if (certain && child->span != span) {
            work->moved[count++] =
                (struct moved){child->start + shift.least, child->end + shift.least};
            sorted &= shift.least == 0;
        }
    }
    if (!sorted) {
        qsort(work->moved, count, sizeof *work->moved, compare_moved);
    }
    work->cover.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        add_cover(&work->cover, work->moved[i].start, work->moved[i].end);
    }
}

/* Those that are left of the clock of one of them. */
static void cover_clock(struct work *work, const struct children *children, uint32_t from)
{
    const struct resource *clock = clock_of(work, children->stretches[from].span);
    work->cover.count = 0;
    for (uint32_t i = from; i < children->count; i++) {
        const struct stretch *child = &children->stretches[i];
        if (!work->taken[i] && clock_of(work, child->span) == clock) {
            add_cover(&work->cover, child->start, child->end);
            work->taken[i] = true;
        }
    }
}

static bool has_backwards(const struct trace *trace, uint32_t span, const struct children *children)
{
    bool backwards = view_is_backwards(trace, span);
    for (uint32_t i = 0; i < children->count && !backwards; i++) {
        const struct stretch *child = &children->stretches[i];
        backwards = child->span != span && child->end < child->start;
    }
    return backwards;
}

/* One span of the children's group. */
static void measure(struct work *work, const struct children *children, uint32_t index,
                    struct self_times *ret)
{
    const struct trace_span *span = &work->trace->spans[index];
    static const struct skew_bounds still = {0, 0};
    ret->clock[index] = has_backwards(work->trace, index, children);
    if (ret->clock[index]) {
        return;
    }
    __int128 duration = (__int128)(span->end_ns - span->start_ns);
    cover_certain(work, children, index);
    struct skew_bounds all = covered_within(&work->cover, span, &still);
    for (uint32_t i = 0; i < children->count; i++) {
        if (work->taken[i]) {
            continue;
        }
        struct skew_bounds shift = shift_of(work, children->stretches[i].span, index);
        cover_clock(work, children, i);
        struct skew_bounds one = covered_within(&work->cover, span, &shift);
        all.least = one.least > all.least ? one.least : all.least;
        all.most += one.most;
    }
    all.most = all.most < duration ? all.most : duration;
    ret->least[index] = (uint64_t)(duration - all.most);
    ret->most[index] = (uint64_t)(duration - all.least);
}

static uint32_t gather_stretches(const struct trace *trace, const struct family *family,
                                 struct stretch *stretches)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < family->count; i++) {
        if (family->parent_group[i] != FAMILY_NO_GROUP) {
            stretches[count++] = (struct stretch){family->parent_group[i], i,
                                                  trace->spans[i].start_ns, trace->spans[i].end_ns};
        }
    }
    qsort(stretches, count, sizeof *stretches, compare_stretches);
    return count;
}

static bool alloc_times(struct self_times *ret, uint32_t count, struct arena *memory)
{
    ret->least = arena_calloc(memory, (size_t)count + 1, sizeof *ret->least);
    ret->most = arena_calloc(memory, (size_t)count + 1, sizeof *ret->most);
    ret->clock = arena_calloc(memory, (size_t)count + 1, sizeof *ret->clock);
    return ret->least != NULL && ret->most != NULL && ret->clock != NULL;
}

static bool alloc_work(struct work *work, uint32_t count, struct arena *scratch)
{
    size_t room = (size_t)count + 1;
    work->cover.starts = arena_calloc(scratch, room, sizeof *work->cover.starts);
    work->cover.ends = arena_calloc(scratch, room, sizeof *work->cover.ends);
    work->cover.before = arena_calloc(scratch, room, sizeof *work->cover.before);
    work->moved = arena_calloc(scratch, room, sizeof *work->moved);
    work->taken = arena_calloc(scratch, room, sizeof *work->taken);
    return work->moved != NULL && work->cover.starts != NULL && work->cover.ends != NULL &&
           work->cover.before != NULL && work->taken != NULL;
}

static void measure_all(struct work *work, const struct family *family,
                        const struct stretch *stretches, uint32_t count, struct self_times *ret)
{
    uint32_t from = 0;
    for (uint32_t group = 0; group < family->group_count; group++) {
        struct children children = {stretches + from, 0};
        while (from < count && stretches[from].group == group) {
            children.count++;
            from++;
        }
        for (uint32_t m = family->member_start[group]; m < family->member_start[group + 1]; m++) {
            measure(work, &children, family->members[m], ret);
        }
    }
}

static bool make_times(struct look *look, const struct skew *skew, struct self_times *ret)
{
    const struct trace *trace = look->judge->trace;
    const struct family *family = look_family(look);
    struct work work = {.trace = trace, .skew = skew};
    struct arena_mark mark = arena_mark(look->scratch);
    struct stretch *stretches =
        arena_alloc(look->scratch, ((size_t)trace->count + 1) * sizeof *stretches);
    if (family == NULL || !alloc_times(ret, trace->count, &look->shared) || stretches == NULL ||
        !alloc_work(&work, trace->count, look->scratch)) {
        return false;
    }
    uint32_t count = gather_stretches(trace, family, stretches);
    measure_all(&work, family, stretches, count, ret);
    arena_rewind(look->scratch, mark);
    return true;
}

const struct self_times *look_self_times(struct look *look, const struct suite *suite,
                                         const struct injection *injection)
{
    const struct suite *whose = suite->estimates_skew ? suite : NULL;
    if (look->times != NULL && look->times_suite == whose) {
        return look->times;
    }
    const struct skew *skew = whose != NULL ? look_skew(look, suite, injection) : NULL;
    struct self_times *times = arena_alloc(&look->shared, sizeof *times);
    if (times == NULL || (whose != NULL && skew == NULL) || !make_times(look, skew, times)) {
        look->failed = true;
        return NULL;
    }
    look->times = times;
    look->times_suite = whose;
    return times;
}
