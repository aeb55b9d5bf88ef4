/* Of the spans with one clock only the last of the first set and the first of the second can
 * decide, so that pairs of clocks are looked at, not pairs of spans. */
#include "assertions/whole_clocks.h"

/* The deciding time of the spans with one clock. */
struct clocked {
    const struct resource *clock;
    uint64_t time_ns;
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

/* The latest times of the first set, or the earliest of the second, by clock. UINT32_MAX: too many
 * clocks, of which nothing is said. */
static uint32_t gather(const struct whole_scene *scene, uint32_t set, bool by_end,
                       struct clocked clocked[SKEW_CLOCKS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < scene->sets[set].count; i++) {
        uint32_t span = scene->sets[set].spans[i];
        const struct trace_span *kept = &scene->trace->spans[span];
        struct clocked here = {clock_of(scene, span), by_end ? kept->end_ns : kept->start_ns};
        uint32_t at = 0;
        while (at < count && clocked[at].clock != here.clock) {
            at++;
        }
        if (at == SKEW_CLOCKS_MAX) {
            return UINT32_MAX;
        }
        bool decides = at == count || (set == 0 ? here.time_ns > clocked[at].time_ns
                                                : here.time_ns < clocked[at].time_ns);
        clocked[at] = decides ? here : clocked[at];
        count += at == count;
    }
    return count;
}

static const struct skew *skew_of(struct whole_scene *scene)
{
    const struct skew *skew = look_skew(scene->look, scene->at->suite, scene->at->injection);
    if (skew == NULL) {
        whole_no_memory(scene);
    }
    return skew;
}

bool whole_gap_bounds(struct whole_scene *scene, bool by_end, struct skew_bounds *ret)
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
            struct skew_bounds pair =
                skew_correct(skew, (__int128)first[b].time_ns - (__int128)last[a].time_ns,
                             first[b].clock, last[a].clock);
            ret->least = pair.least < ret->least ? pair.least : ret->least;
            ret->most = pair.most < ret->most ? pair.most : ret->most;
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
