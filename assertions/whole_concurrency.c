/* The greatest number of spans of a set that run at one moment: those with start <= t < end, and
 * those with start = end = t. Times are whole nanoseconds, so that what takes no time is counted as
 * what takes one.
 *
 * By clocks that may be apart there are two numbers. By one clock, taken as exact, a span of
 * another runs for certain from its latest start to its earliest end: so many run together at
 * least. And it may run from its earliest start to its latest end: of those that run together the
 * one that starts last, by its own clock, sees no more than may run then. */
#include <stdlib.h>

#include "assertions/whole_clocks.h"

/* Spans as stretches of time by one clock. */
struct stretches {
    __int128 *starts, *ends; /* sorted */
    uint32_t count;
};

/* What all spans that do not end before they start come to. */
struct most {
    uint32_t number;
    uint32_t span; /* where it is reached */
};

static int compare_times(const void *a, const void *b)
{
    __int128 left = *(const __int128 *)a;
    __int128 right = *(const __int128 *)b;
    return left < right ? -1 : left > right;
}

static void sort_stretches(struct stretches *stretches)
{
    qsort(stretches->starts, stretches->count, sizeof *stretches->starts, compare_times);
    qsort(stretches->ends, stretches->count, sizeof *stretches->ends, compare_times);
}

static void add_stretch(struct stretches *stretches, __int128 start, __int128 end)
{
    if (start < end) {
        stretches->starts[stretches->count] = start;
        stretches->ends[stretches->count++] = end;
    }
}

/* How many sorted times, from *at, are not after the time. */
static uint32_t pass_times(const __int128 *times, uint32_t count, uint32_t *at, __int128 ns)
{
    while (*at < count && times[*at] <= ns) {
        (*at)++;
    }
    return *at;
}

/* By the clock `frame`: when each span runs for certain, or (`may`) when it may run. */
static void make_stretches(const struct whole_scene *scene, const struct clock_set *clocks,
                           uint32_t frame, bool may, struct stretches *ret)
{
    const struct view_set *set = &scene->sets[0];
    ret->count = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        const struct trace_span *span = &scene->trace->spans[set->spans[i]];
        struct skew_bounds shift = whole_clocks_shift(clocks, clocks->of[0][i], frame);
        __int128 end = (__int128)span->end_ns + (span->end_ns == span->start_ns);
        if (!view_is_backwards(scene->trace, set->spans[i])) {
            add_stretch(ret, span->start_ns + (may ? shift.least : shift.most),
                        end + (may ? shift.most : shift.least));
        }
    }
    sort_stretches(ret);
}

/* The greatest number, looked for where a stretch begins. */
static uint32_t most_at_once(const struct stretches *stretches)
{
    uint32_t most = 0;
    uint32_t ended = 0;
    for (uint32_t i = 0; i < stretches->count; i++) {
        uint32_t running =
            i + 1 - pass_times(stretches->ends, stretches->count, &ended, stretches->starts[i]);
        most = running > most ? running : most;
    }
    return most;
}

/* The greatest number where a span of the clock `frame` starts, and the last of those that start
 * when it is first reached. */
static void look_at_starts(const struct whole_scene *scene, const struct clock_set *clocks,
                           uint32_t frame, const struct stretches *stretches, struct most *most)
{
    const struct view_set *set = &scene->sets[0];
    uint32_t started = 0;
    uint32_t ended = 0;
    __int128 reached = -1; /* the time at which the number was found here */
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t span = set->spans[i];
        uint64_t time = scene->trace->spans[span].start_ns;
        if (clocks->of[0][i] != frame || view_is_backwards(scene->trace, span)) {
            continue;
        }
        uint32_t running = pass_times(stretches->starts, stretches->count, &started, time) -
                           pass_times(stretches->ends, stretches->count, &ended, time);
        if (running > most->number) {
            most->number = running;
            reached = time;
        }
        most->span = reached == (__int128)time ? span : most->span;
    }
}

static uint32_t find_backwards(const struct whole_scene *scene)
{
    for (uint32_t i = 0; i < scene->sets[0].count; i++) {
        if (view_is_backwards(scene->trace, scene->sets[0].spans[i])) {
            return scene->sets[0].spans[i];
        }
    }
    return RULING_NO_SPAN;
}

static struct operand integer_of(uint32_t number)
{
    return (struct operand){.type = OPERAND_INT, .integer = number};
}

/* As it was measured: all clocks as one. */
static struct most measure(const struct whole_scene *scene, struct stretches *stretches,
                           uint8_t *nobody)
{
    struct clock_set one = {.count = 1, .of = {nobody}};
    struct most most = {0, RULING_NO_SPAN};
    make_stretches(scene, &one, 0, false, stretches);
    look_at_starts(scene, &one, 0, stretches, &most);
    return most;
}

void whole_judge_concurrency(struct whole_scene *scene)
{
    uint32_t count = scene->sets[0].count;
    struct clock_set clocks;
    struct stretches stretches = {.starts = whole_take(scene, count, sizeof(__int128)),
                                  .ends = whole_take(scene, count, sizeof(__int128))};
    uint8_t *nobody = whole_take(scene, count, 1);
    if (stretches.starts == NULL || stretches.ends == NULL || nobody == NULL ||
        !whole_clocks_make(scene, 1, &clocks) ||
        (clocks.count > 1 && !whole_spend(scene, (uint64_t)count * clocks.count * 3))) {
        return;
    }
    struct most measured = measure(scene, &stretches, nobody);
    uint32_t least = clocks.count > 1 ? 0 : measured.number;
    struct most most = clocks.count > 1 ? (struct most){0, RULING_NO_SPAN} : measured;
    for (uint32_t frame = 0; clocks.count > 1 && frame < clocks.count; frame++) {
        make_stretches(scene, &clocks, frame, false, &stretches);
        uint32_t here = most_at_once(&stretches);
        least = here > least ? here : least;
        make_stretches(scene, &clocks, frame, true, &stretches);
        look_at_starts(scene, &clocks, frame, &stretches, &most);
    }
    const struct between value = {.measured = integer_of(measured.number),
                                  .least = integer_of(least),
                                  .most = integer_of(most.number),
                                  .span = measured.span,
                                  .backwards = find_backwards(scene),
                                  .direction = 1};
    whole_rule_between(scene, &value);
}
