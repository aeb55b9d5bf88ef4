/* Of the spans with one clock only the last of the first set and the first of the second can
 * decide, so that pairs of clocks are looked at, not pairs of spans. */
#include "assertions/whole_clocks.h"

/* The deciding times of the spans with one clock: the best one, and the best without it. */
struct clocked {
    const struct resource *clock;
    uint32_t count; /* of times that are known: 1 or 2 */
    uint32_t spans[2];
    uint64_t times[2];
};

static const struct resource *clock_of(const struct whole_scene *scene, uint32_t span)
{
    return trace_span_resource(scene->trace, &scene->trace->spans[span]);
}

bool whole_is_skewed(const struct whole_scene *scene)
{
    const struct resource *clock = NULL;
    for (uint32_t s = 0; scene->at->suite->estimates_skew && s < 2; s++) {
        for (uint32_t i = 0; i < scene->sets[s].count; i++) {
            const struct resource *here = clock_of(scene, scene->sets[s].spans[i]);
            if (clock != NULL && here != clock) {
                return true;
            }
            clock = here;
        }
    }
    return false;
}

static bool is_better(uint32_t set, uint64_t time, uint64_t than)
{
    return set == 0 ? time > than : time < than;
}

static void take_time(struct clocked *clocked, uint32_t set, uint32_t span, uint64_t time)
{
    uint32_t at = 0;
    while (at < clocked->count && !is_better(set, time, clocked->times[at])) {
        at++;
    }
    if (at > 1) {
        return;
    }
    if (at == 0 && clocked->count != 0) {
        clocked->times[1] = clocked->times[0];
        clocked->spans[1] = clocked->spans[0];
    }
    clocked->times[at] = time;
    clocked->spans[at] = span;
    clocked->count += clocked->count < 2;
}

/* The latest times of the first set, or the earliest of the second, by clock. UINT32_MAX: too many
 * clocks, of which nothing is said. */
static uint32_t gather(const struct whole_scene *scene, uint32_t set, bool by_end,
                       struct clocked clocked[SKEW_CLOCKS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < scene->sets[set].count; i++) {
        uint32_t span = scene->sets[set].spans[i];
        const struct trace_span *kept = &scene->trace->spans[span];
        const struct resource *clock = clock_of(scene, span);
        uint32_t at = 0;
        while (at < count && clocked[at].clock != clock) {
            at++;
        }
        if (at == SKEW_CLOCKS_MAX) {
            return UINT32_MAX;
        }
        if (at == count) {
            clocked[count++] = (struct clocked){.clock = clock};
        }
        take_time(&clocked[at], set, span, set == 0 && by_end ? kept->end_ns : kept->start_ns);
    }
    return count;
}

/* Of the couples of two clocks. */
static void bound_couples(const struct skew *skew, const struct clocked *last,
                          const struct clocked *first, bool others, struct skew_bounds *ret)
{
    for (uint32_t a = 0; a < last->count; a++) {
        for (uint32_t b = 0; b < first->count; b++) {
            if (others && last->spans[a] == first->spans[b]) {
                continue;
            }
            struct skew_bounds pair =
                skew_correct(skew, (__int128)first->times[b] - (__int128)last->times[a],
                             first->clock, last->clock);
            ret->least = pair.least < ret->least ? pair.least : ret->least;
            ret->most = pair.most < ret->most ? pair.most : ret->most;
        }
    }
}

static const struct skew *skew_of(struct whole_scene *scene)
{
    const struct skew *skew = look_skew(scene->look, scene->at->suite, scene->at->injection);
    if (skew == NULL) {
        whole_no_memory(scene);
    }
    return skew;
}

bool whole_gap_bounds(struct whole_scene *scene, bool by_end, bool others, struct skew_bounds *ret)
{
    struct clocked last[SKEW_CLOCKS_MAX];
    struct clocked first[SKEW_CLOCKS_MAX];
    const struct skew *skew = skew_of(scene);
    if (skew == NULL) {
        return false;
    }
    uint32_t lasts = gather(scene, 0, by_end, last);
    uint32_t firsts = gather(scene, 1, false, first);
    bool many = lasts == UINT32_MAX || firsts == UINT32_MAX;
    *ret = (struct skew_bounds){INT64_MAX, INT64_MAX};
    for (uint32_t a = 0; !many && a < lasts; a++) {
        for (uint32_t b = 0; b < firsts; b++) {
            bound_couples(skew, &last[a], &first[b], others, ret);
        }
    }
    if (many) {
        *ret = (struct skew_bounds){INT64_MIN, INT64_MAX};
    }
    return true;
}

bool whole_pair_bounds(struct whole_scene *scene, uint32_t later, uint32_t earlier,
                       struct skew_bounds *ret)
{
    const struct trace_span *spans = scene->trace->spans;
    const struct skew *skew = skew_of(scene);
    if (skew == NULL) {
        return false;
    }
    *ret = skew_correct(skew, (__int128)spans[later].start_ns - (__int128)spans[earlier].end_ns,
                        clock_of(scene, later), clock_of(scene, earlier));
    return true;
}

void whole_rule_skew(struct whole_scene *scene, __int128 measured_ns,
                     const struct skew_bounds *bounds, uint32_t span)
{
    whole_unknown(scene, CAUSE_SKEW, span);
    scene->ruling.bounds = *bounds;
    scene->ruling.actual = (struct operand){.type = OPERAND_DURATION, .ns = measured_ns};
}
