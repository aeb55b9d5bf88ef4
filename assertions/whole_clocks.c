/* Of the spans with one clock only the last of the first set and the first of the second can
 * decide, so that pairs of clocks are looked at, not pairs of spans. */
#include "assertions/whole_clocks.h"

#include <string.h>

#include "assertions/interval.h"

/* The deciding times of the spans with one clock: the best one, and the best without it. */
struct clocked {
    uint32_t count; /* of times that are known: none, one or two */
    uint32_t spans[2], places[2];
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

static const struct skew *skew_of(struct whole_scene *scene)
{
    const struct skew *skew = look_skew(scene->look, scene->at->suite, scene->at->injection);
    if (skew == NULL) {
        whole_no_memory(scene);
    }
    return skew;
}

static bool rule_too_many(struct whole_scene *scene)
{
    scene->ruling.told = BYTES_LITERAL("more than 64 processes: nothing is told of their clocks");
    whole_unknown(scene, CAUSE_SKEW, RULING_NO_SPAN);
    return false;
}

/* The number of a clock, perhaps a new one; UINT32_MAX: there is no room. */
static uint32_t number_clock(struct clock_set *clocks, const struct resource *clock, uint32_t guess)
{
    if (guess < clocks->count && clocks->clocks[guess] == clock) {
        return guess;
    }
    for (uint32_t i = 0; i < clocks->count; i++) {
        if (clocks->clocks[i] == clock) {
            return i;
        }
    }
    if (clocks->count == SKEW_CLOCKS_MAX) {
        return UINT32_MAX;
    }
    clocks->clocks[clocks->count] = clock;
    return clocks->count++;
}

static bool number_clocks(struct whole_scene *scene, uint32_t set, struct clock_set *clocks)
{
    const struct view_set *spans = &scene->sets[set];
    uint32_t number = 0;
    for (uint32_t i = 0; i < spans->count; i++) {
        number = number_clock(clocks, clock_of(scene, spans->spans[i]), number);
        if (number == UINT32_MAX) {
            return rule_too_many(scene);
        }
        clocks->of[set][i] = (uint8_t)number;
    }
    return true;
}

/* Those that were numbered are one clock, or the suite's estimate is wanted, at a price. */
static bool end_clocks(struct whole_scene *scene, struct clock_set *ret, uint32_t asked)
{
    if (ret->count > 1) {
        ret->skew = skew_of(scene);
        return ret->skew != NULL && whole_spend(scene, (uint64_t)asked * ret->count);
    }
    ret->count = 1;
    return true;
}

bool whole_clocks_make(struct whole_scene *scene, uint32_t set_count, struct clock_set *ret)
{
    bool estimates = scene->at->suite->estimates_skew;
    *ret = (struct clock_set){.count = estimates ? 0 : 1};
    for (uint32_t s = 0; s < set_count; s++) {
        ret->of[s] = whole_take(scene, scene->sets[s].count, 1);
        if (ret->of[s] == NULL || (estimates && !number_clocks(scene, s, ret))) {
            return false;
        }
    }
    return end_clocks(scene, ret, scene->sets[0].count);
}

bool whole_clocks_of_trace(struct whole_scene *scene, struct clock_set *ret)
{
    const struct trace *trace = scene->trace;
    bool estimates = scene->at->suite->estimates_skew;
    uint32_t number = 0;
    *ret = (struct clock_set){.count = estimates ? 0 : 1};
    ret->of[0] = whole_take(scene, trace->count, 1);
    for (uint32_t i = 0; ret->of[0] != NULL && estimates && i < trace->count; i++) {
        number = number_clock(ret, trace_span_resource(trace, &trace->spans[i]), number);
        if (number == UINT32_MAX) {
            return rule_too_many(scene);
        }
        ret->of[0][i] = (uint8_t)number;
    }
    return ret->of[0] != NULL && end_clocks(scene, ret, trace->count);
}

struct skew_bounds whole_clocks_shift(const struct clock_set *clocks, uint32_t from, uint32_t to)
{
    return clocks->skew == NULL || from == to
               ? (struct skew_bounds){0, 0}
               : skew_shift(clocks->skew, clocks->clocks[from], clocks->clocks[to]);
}

bool whole_stays(const struct whole_scene *scene)
{
    return !scene->at->suite->estimates_skew;
}

void whole_fail_certain(struct whole_scene *scene)
{
    scene->ruling.absence &= whole_stays(scene);
}

static bool is_better(uint32_t set, uint64_t time, uint64_t than)
{
    return set == 0 ? time > than : time < than;
}

static void take_time(struct clocked *clocked, uint32_t set, uint32_t span, uint32_t place,
                      uint64_t time)
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
        clocked->places[1] = clocked->places[0];
    }
    clocked->times[at] = time;
    clocked->spans[at] = span;
    clocked->places[at] = place;
    clocked->count += clocked->count < 2;
}

/* The latest times of the first set, or the earliest of the second, by clock. */
static void gather(const struct whole_scene *scene, const struct clock_set *clocks, uint32_t set,
                   bool by_end, struct clocked clocked[SKEW_CLOCKS_MAX])
{
    memset(clocked, 0, clocks->count * sizeof *clocked);
    for (uint32_t i = 0; i < scene->sets[set].count; i++) {
        uint32_t span = scene->sets[set].spans[i];
        const struct trace_span *kept = &scene->trace->spans[span];
        if (!view_is_backwards(scene->trace, span)) {
            take_time(&clocked[clocks->of[set][i]], set, span, i,
                      set == 0 && by_end ? kept->end_ns : kept->start_ns);
        }
    }
}

/* Of the couples of two clocks. */
static void bound_couples(struct skew_bounds shift, const struct clocked *last,
                          const struct clocked *first, bool others, struct skew_bounds *ret,
                          struct couple *ret_couple)
{
    for (uint32_t a = 0; a < last->count; a++) {
        for (uint32_t b = 0; b < first->count; b++) {
            if (others && last->spans[a] == first->spans[b]) {
                continue;
            }
            __int128 measured = (__int128)first->times[b] - (__int128)last->times[a];
            __int128 least = measured + shift.least;
            __int128 most = measured + shift.most;
            ret->least = least < ret->least ? least : ret->least;
            if (ret_couple->a == UINT32_MAX || most < ret->most) {
                ret->most = most;
                *ret_couple = (struct couple){last->places[a], first->places[b]};
            }
        }
    }
}

bool whole_gap_bounds(struct whole_scene *scene, bool by_end, bool others, struct skew_bounds *ret,
                      struct couple *ret_couple)
{
    struct clocked last[SKEW_CLOCKS_MAX];
    struct clocked first[SKEW_CLOCKS_MAX];
    struct clock_set clocks;
    if (!whole_clocks_make(scene, 2, &clocks)) {
        return false;
    }
    gather(scene, &clocks, 0, by_end, last);
    gather(scene, &clocks, 1, false, first);
    *ret = (struct skew_bounds){INT64_MAX, INT64_MAX};
    *ret_couple = (struct couple){UINT32_MAX, UINT32_MAX};
    for (uint32_t a = 0; a < clocks.count; a++) {
        for (uint32_t b = 0; b < clocks.count; b++) {
            bound_couples(whole_clocks_shift(&clocks, b, a), &last[a], &first[b], others, ret,
                          ret_couple);
        }
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

/* --- the whole trace --- */

/* The first start and the last end by each clock. */
struct stay {
    uint64_t first, last;
};

/* False: too many clocks, which is told. */
static bool gather_stays(struct whole_scene *scene, struct clock_set *clocks, struct stay *stays)
{
    const struct trace *trace = scene->trace;
    uint32_t number = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct trace_span *span = &trace->spans[i];
        if (view_is_backwards(trace, i)) {
            continue;
        }
        uint32_t before = clocks->count;
        number = number_clock(clocks, trace_span_resource(trace, span), number);
        if (number == UINT32_MAX) {
            return rule_too_many(scene);
        }
        struct stay *stay = &stays[number];
        bool is_new = clocks->count != before;
        stay->first = is_new || span->start_ns < stay->first ? span->start_ns : stay->first;
        stay->last = is_new || span->end_ns > stay->last ? span->end_ns : stay->last;
    }
    return true;
}

bool whole_duration_bounds(struct whole_scene *scene, struct skew_bounds *ret)
{
    struct stay stays[SKEW_CLOCKS_MAX];
    struct clock_set clocks = {.skew = skew_of(scene)};
    if (clocks.skew == NULL || !gather_stays(scene, &clocks, stays)) {
        return false;
    }
    *ret = (struct skew_bounds){0, 0};
    for (uint32_t a = 0; a < clocks.count; a++) {
        for (uint32_t b = 0; b < clocks.count; b++) {
            struct skew_bounds shift = whole_clocks_shift(&clocks, b, a);
            __int128 measured = (__int128)stays[b].last - (__int128)stays[a].first;
            __int128 least = measured + shift.least;
            __int128 most = measured + shift.most;
            ret->least = least > ret->least ? least : ret->least;
            ret->most = most > ret->most ? most : ret->most;
        }
    }
    return true;
}

static bool do_agree(const struct clock_set *clocks)
{
    for (uint32_t i = 1; i < clocks->count; i++) {
        struct skew_bounds shift = whole_clocks_shift(clocks, i, 0);
        if (shift.least != 0 || shift.most != 0) {
            return false;
        }
    }
    return true;
}

bool whole_service_time(struct whole_scene *scene, uint32_t service, uint64_t *ret_ns,
                        bool *ret_agree)
{
    const struct trace_view *view = look_view(scene->look);
    struct clock_set clocks = {.skew = skew_of(scene)};
    uint64_t reached[SKEW_CLOCKS_MAX] = {0}; /* by each clock: covered up to here */
    uint32_t number = 0;
    if (view == NULL || clocks.skew == NULL) {
        return whole_no_memory(scene);
    }
    *ret_ns = 0;
    for (uint32_t i = 0; i < view->count; i++) {
        const struct trace_span *span = &scene->trace->spans[view->order[i]];
        number = number_clock(&clocks, trace_span_resource(scene->trace, span), number);
        if (number == UINT32_MAX) {
            return rule_too_many(scene);
        }
        if (view->service[view->order[i]] == service && span->end_ns > reached[number]) {
            uint64_t from = span->start_ns > reached[number] ? span->start_ns : reached[number];
            *ret_ns += span->end_ns - from;
            reached[number] = span->end_ns;
        }
    }
    *ret_agree = do_agree(&clocks);
    return true;
}

/* --- values --- */

static struct bytes text_of(struct whole_scene *scene, const struct operand *value)
{
    char scratch[OPERAND_TEXT_MAX];
    struct bytes kept = arena_copy(scene->look->scratch, operand_text(value, scratch));
    scene->look->failed |= kept.data == NULL;
    return kept;
}

static void tell_between(struct whole_scene *scene, const struct between *value)
{
    bool none = value->measured.type == OPERAND_MISSING;
    struct bytes measured = none ? BYTES_NULL : text_of(scene, &value->measured);
    struct bytes least = text_of(scene, &value->least);
    struct bytes most = text_of(scene, &value->most);
    bool ends = value->most.type != OPERAND_DURATION || skew_is_bounded(value->most.ns);
    const char *told = arena_printf(
        scene->look->scratch, "%.*s%sreally %s%.*s%s%.*s", (int)measured.len,
        (const char *)measured.data,
        none ? "by clocks that may be apart, " : " by the clocks of several processes, ",
        ends ? "from " : "no less than ", (int)least.len, (const char *)least.data,
        ends ? " to " : "", ends ? (int)most.len : 0, (const char *)most.data);
    scene->look->failed |= told == NULL;
    scene->ruling.told = told != NULL ? bytes_of(told) : BYTES_NULL;
}

void whole_rule_between(struct whole_scene *scene, const struct between *value)
{
    bool settled = whole_is_settled(scene, &value->least, value->direction);
    if (value->backwards != RULING_NO_SPAN && !settled) {
        whole_unknown(scene, CAUSE_CLOCK, value->backwards);
    } else if (!settled && !interval_is_same(scene->condition, &value->least, &value->most)) {
        whole_unknown(scene, CAUSE_SKEW, value->span);
        scene->ruling.actual = value->measured;
        tell_between(scene, value);
    } else {
        whole_rule_value(scene, &value->least, whole_stays(scene) ? value->direction : 0,
                         value->span);
        if (value->measured.type != OPERAND_MISSING) {
            scene->ruling.actual = value->measured;
        }
        scene->ruling.absence &= whole_stays(scene) || !settled;
    }
}
