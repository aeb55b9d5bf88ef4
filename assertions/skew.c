#include "assertions/skew.h"

/* Far beyond any real difference, and small enough that two of them can be added. */
#define NOT_BOUNDED (INT64_MAX / 4)

/* What stands for a bound that is none: far beyond any difference of two times. */
#define ENDLESS ((__int128)1 << 100)

#define NO_CLOCK UINT32_MAX

static int64_t clamp(__int128 ns)
{
    return ns > NOT_BOUNDED ? NOT_BOUNDED : ns < -NOT_BOUNDED ? -NOT_BOUNDED : (int64_t)ns;
}

bool skew_is_bounded(__int128 bound)
{
    return bound > -ENDLESS / 2 && bound < ENDLESS / 2;
}

static uint32_t find_clock(const struct skew *skew, const struct resource *resource)
{
    for (uint32_t i = 0; i < skew->clock_count; i++) {
        if (skew->clocks[i] == resource) {
            return i;
        }
    }
    return NO_CLOCK;
}

static void add_clock(struct skew *skew, const struct resource *resource)
{
    if (find_clock(skew, resource) != NO_CLOCK) {
        return;
    }
    if (skew->clock_count == SKEW_CLOCKS_MAX) {
        skew->silent = true;
        return;
    }
    skew->clocks[skew->clock_count++] = resource;
}

/* b's clock is ahead of a's by no more than this. */
static void bound(struct skew *skew, const struct resource *a, const struct resource *b,
                  __int128 most_ns)
{
    uint32_t from = find_clock(skew, a);
    uint32_t to = find_clock(skew, b);
    int64_t *most = &skew->most[from * skew->clock_count + to];
    int64_t now = clamp(most_ns);
    *most = now < *most ? now : *most;
}

static bool is_measured(const struct trace_span *span)
{
    return span->end_ns >= span->start_ns;
}

/* A caller that gave up may end before what it called. */
static bool waited_for(const struct trace_span *caller, const struct trace_span *callee)
{
    return trace_span_kind(caller) == KIND_CLIENT && trace_span_kind(callee) == KIND_SERVER &&
           trace_span_status(caller) != STATUS_ERROR &&
           callee->end_ns - callee->start_ns <= caller->end_ns - caller->start_ns;
}

static void learn_from_call(struct skew *skew, const struct trace *trace,
                            const struct trace_span *parent, const struct trace_span *child)
{
    const struct resource *caller = trace_span_resource(trace, parent);
    const struct resource *callee = trace_span_resource(trace, child);
    if (caller == callee || !is_measured(parent) || !is_measured(child)) {
        return;
    }
    bound(skew, caller, callee, (__int128)child->start_ns - parent->start_ns);
    if (waited_for(parent, child)) {
        bound(skew, callee, caller, (__int128)parent->end_ns - child->end_ns);
    }
}

/* Whatever a request causes starts after it was sent; what serves it ends before its answer came.
 */
static bool answers(const struct trace_span *top, const struct injection *injection)
{
    return injection->span_id != 0 && top->parent == injection->span_id &&
           trace_span_kind(top) == KIND_SERVER && injection->outcome == INJECTION_OK &&
           injection->has_duration && injection->duration_ns >= 0 &&
           top->end_ns - top->start_ns <= (uint64_t)injection->duration_ns;
}

static void learn_from_injection(struct skew *skew, const struct trace *trace,
                                 const struct trace_span *span, const struct injection *injection)
{
    const struct resource *server = trace_span_resource(trace, span);
    if (!is_measured(span)) {
        return;
    }
    bound(skew, NULL, server, (__int128)span->start_ns - injection->time_ns);
    if (answers(span, injection)) {
        bound(skew, server, NULL,
              (__int128)injection->time_ns + injection->duration_ns - span->end_ns);
    }
}

/* The one span of a group; NULL: spans share its ID. */
static const struct trace_span *only_member(const struct trace *trace, const struct family *family,
                                            uint32_t group)
{
    uint32_t first = family->member_start[group];
    return family->member_start[group + 1] - first == 1 ? &trace->spans[family->members[first]]
                                                        : NULL;
}

static void learn(struct skew *skew, const struct trace *trace, const struct family *family,
                  const struct injection *injection)
{
    for (uint32_t i = 0; i < trace->count; i++) {
        uint32_t above = family->parent_group[i];
        if (injection != NULL) {
            learn_from_injection(skew, trace, &trace->spans[i], injection);
        }
        const struct trace_span *parent =
            above != FAMILY_NO_GROUP ? only_member(trace, family, above) : NULL;
        if (parent != NULL) {
            learn_from_call(skew, trace, parent, &trace->spans[i]);
        }
    }
}

static void shorten(int64_t *most, int64_t first, int64_t second)
{
    if (first != NOT_BOUNDED && second != NOT_BOUNDED) {
        int64_t around = clamp((__int128)first + second);
        *most = around < *most ? around : *most;
    }
}

/* Shortest paths over all clocks (Floyd and Warshall). */
static void close_bounds(struct skew *skew)
{
    uint32_t n = skew->clock_count;
    for (uint32_t via = 0; via < n; via++) {
        for (uint32_t a = 0; a < n; a++) {
            for (uint32_t b = 0; b < n; b++) {
                shorten(&skew->most[a * n + b], skew->most[a * n + via], skew->most[via * n + b]);
            }
        }
    }
    for (uint32_t a = 0; a < n; a++) {
        skew->silent |= skew->most[a * n + a] < 0;
    }
}

static bool begin(struct skew *skew, uint64_t limit_ns, struct arena *arena)
{
    uint32_t n = skew->clock_count;
    skew->most = arena_calloc(arena, (size_t)n * n + 1, sizeof *skew->most);
    if (skew->most == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < n * n; i++) {
        skew->most[i] = i % (n + 1) == 0 ? 0 : limit_ns != 0 ? clamp(limit_ns) : NOT_BOUNDED;
    }
    return true;
}

const struct skew *skew_make(const struct trace *trace, const struct family *family,
                             const struct injection *injection, uint64_t limit_ns,
                             struct arena *arena)
{
    struct skew *skew = arena_calloc(arena, 1, sizeof *skew);
    if (skew == NULL) {
        return NULL;
    }
    const struct injection *record = injection != NULL && injection->has_time ? injection : NULL;
    if (record != NULL) {
        add_clock(skew, NULL);
    }
    for (uint32_t i = 0; i < trace->count && !skew->silent; i++) {
        add_clock(skew, trace_span_resource(trace, &trace->spans[i]));
    }
    if (skew->silent) {
        return skew;
    }
    if (!begin(skew, limit_ns, arena)) {
        return NULL;
    }
    learn(skew, trace, family, record);
    close_bounds(skew);
    return skew;
}

struct skew_bounds skew_shift(const struct skew *skew, const struct resource *left,
                              const struct resource *right)
{
    uint32_t l = find_clock(skew, left);
    uint32_t r = find_clock(skew, right);
    if (left == right) {
        return (struct skew_bounds){0, 0};
    }
    if (skew->silent || l == NO_CLOCK || r == NO_CLOCK) {
        return (struct skew_bounds){-ENDLESS, ENDLESS};
    }
    int64_t ahead = skew->most[r * skew->clock_count + l];
    int64_t behind = skew->most[l * skew->clock_count + r];
    return (struct skew_bounds){
        ahead == NOT_BOUNDED ? -ENDLESS : -(__int128)ahead,
        behind == NOT_BOUNDED ? ENDLESS : behind,
    };
}

struct skew_bounds skew_correct(const struct skew *skew, __int128 measured_ns,
                                const struct resource *left, const struct resource *right)
{
    struct skew_bounds shift = skew_shift(skew, left, right);
    return (struct skew_bounds){measured_ns + shift.least, measured_ns + shift.most};
}
