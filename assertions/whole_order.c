/* Order in time between two sets of spans. Two spans overlap where both run at one moment: each
 * starts before the other ends. No span overlaps itself. */
#include <stdlib.h>

#include "assertions/difference.h"
#include "assertions/whole_clocks.h"
#include "daemon/core/hex.h"

static const struct trace_span *span_at(const struct whole_scene *scene, uint32_t set,
                                        uint32_t place)
{
    return &scene->trace->spans[scene->sets[set].spans[place]];
}

static bool runs_backwards(const struct whole_scene *scene, uint32_t set, uint32_t place)
{
    return view_is_backwards(scene->trace, scene->sets[set].spans[place]);
}

/* Places in a set, beside a span of the trace (UINT32_MAX: beside none); UINT32_MAX: none but spans
 * that end before they start. */
static uint32_t find_last(const struct whole_scene *scene, uint32_t set, bool by_end,
                          uint32_t without)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < scene->sets[set].count; i++) {
        const struct trace_span *span = span_at(scene, set, i);
        if (runs_backwards(scene, set, i) || scene->sets[set].spans[i] == without) {
            continue;
        }
        const struct trace_span *best = found != UINT32_MAX ? span_at(scene, set, found) : NULL;
        if (best == NULL ||
            (by_end ? span->end_ns > best->end_ns : span->start_ns > best->start_ns)) {
            found = i;
        }
    }
    return found;
}

/* Sets are in order of start. */
static uint32_t find_first(const struct whole_scene *scene, uint32_t set, uint32_t without)
{
    for (uint32_t i = 0; i < scene->sets[set].count; i++) {
        if (!runs_backwards(scene, set, i) && scene->sets[set].spans[i] != without) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* "$a #1 (span ..) MIDDLE $b #2 (span ..)" */
static void see_two(struct whole_scene *scene, uint32_t a, const char *middle, uint32_t b,
                    uint32_t b_set)
{
    whole_see_span(scene, 0, a);
    whole_see(scene, "%s", middle);
    whole_see_span(scene, b_set, b);
}

static void see_distance(struct whole_scene *scene, __int128 ns)
{
    char scratch[OPERAND_TEXT_MAX];
    struct operand distance = {.type = OPERAND_DURATION, .ns = ns};
    struct bytes text = operand_text(&distance, scratch);
    whole_see(scene, "%.*s", (int)text.len, (const char *)text.data);
}

/* --- before, starts before, gap --- */

/* A span of the first set and another one of the second. */
struct couple {
    uint32_t a, b;        /* places; UINT32_MAX: there is none */
    __int128 too_late_ns; /* from the start of b to the time of a */
};

static struct couple couple_of(const struct whole_scene *scene, bool by_end, uint32_t a, uint32_t b)
{
    struct couple couple = {a, b, 0};
    if (a == UINT32_MAX || b == UINT32_MAX) {
        return (struct couple){UINT32_MAX, UINT32_MAX, INT64_MIN};
    }
    const struct trace_span *last = span_at(scene, 0, a);
    __int128 reached = by_end ? last->end_ns : last->start_ns;
    couple.too_late_ns = reached - (__int128)span_at(scene, 1, b)->start_ns;
    return couple;
}

/* The couple that is most out of order. */
static struct couple find_couple(const struct whole_scene *scene, bool by_end)
{
    uint32_t a = find_last(scene, 0, by_end, UINT32_MAX);
    uint32_t b = find_first(scene, 1, UINT32_MAX);
    bool same =
        a != UINT32_MAX && b != UINT32_MAX && scene->sets[0].spans[a] == scene->sets[1].spans[b];
    if (!same) {
        return couple_of(scene, by_end, a, b);
    }
    uint32_t shared = scene->sets[0].spans[a];
    struct couple one = couple_of(scene, by_end, a, find_first(scene, 1, shared));
    struct couple two = couple_of(scene, by_end, find_last(scene, 0, by_end, shared), b);
    return two.too_late_ns > one.too_late_ns ? two : one;
}

static void fail_before(struct whole_scene *scene, const struct couple *couple, bool by_end,
                        bool stays)
{
    whole_fail(scene, stays, scene->sets[0].spans[couple->a],
               by_end ? "%s ends after %s has started" : "%s starts after %s has started",
               whole_set_name(scene, 0), whole_set_name(scene, 1));
    see_two(scene, couple->a, by_end ? " ends " : " starts ", couple->b, 1);
    whole_see(scene, " by ");
    see_distance(scene, couple->too_late_ns);
    whole_see(scene, " too late");
}

/* By clocks that may be apart; what comes later can still move the bounds. */
static void judge_before_skewed(struct whole_scene *scene, bool by_end)
{
    struct skew_bounds bounds;
    struct couple couple = find_couple(scene, by_end);
    if (whole_rule_clock(scene, 2) || !whole_gap_bounds(scene, by_end, true, &bounds)) {
        return;
    }
    if (bounds.least >= 0) {
        whole_pass(scene);
    } else if (bounds.most < 0) {
        fail_before(scene, &couple, by_end, false);
        scene->ruling.absence = false;
    } else {
        whole_rule_skew(scene, -couple.too_late_ns, &bounds, RULING_NO_SPAN);
    }
}

static void judge_before(struct whole_scene *scene)
{
    bool by_end = scene->whole->type == WHOLE_BEFORE;
    if (whole_is_skewed(scene)) {
        judge_before_skewed(scene, by_end);
        return;
    }
    struct couple couple = find_couple(scene, by_end);
    if (couple.a != UINT32_MAX && couple.too_late_ns > 0) {
        fail_before(scene, &couple, by_end, true);
    } else if (!whole_rule_clock(scene, 2)) {
        whole_pass(scene);
    }
}

static void judge_gap(struct whole_scene *scene)
{
    if (whole_rule_clock(scene, 2)) {
        return;
    }
    uint32_t a = find_last(scene, 0, true, UINT32_MAX);
    uint32_t b = find_first(scene, 1, UINT32_MAX);
    struct operand gap = {.type = OPERAND_DURATION,
                          .ns = (__int128)span_at(scene, 1, b)->start_ns -
                                (__int128)span_at(scene, 0, a)->end_ns};
    struct skew_bounds bounds;
    if (!whole_is_skewed(scene)) {
        whole_rule_value(scene, &gap, 0, scene->sets[1].spans[b]);
    } else if (!whole_gap_bounds(scene, true, false, &bounds)) {
        return;
    } else if (!difference_is_same(scene->condition, &bounds)) {
        whole_rule_skew(scene, gap.ns, &bounds, scene->sets[1].spans[b]);
    } else {
        struct operand real = {.type = OPERAND_DURATION, .ns = bounds.least};
        whole_rule_value(scene, &real, 0, scene->sets[1].spans[b]);
        scene->ruling.actual = gap;
    }
}

/* --- overlaps, apart from --- */

/* Of the first spans of a set by start, the two that end last. */
struct latest {
    uint32_t one, two; /* places; UINT32_MAX: none */
};

static void take_latest(const struct whole_scene *scene, struct latest *latest, uint32_t place)
{
    uint64_t end = span_at(scene, 1, place)->end_ns;
    if (latest->one == UINT32_MAX || end > span_at(scene, 1, latest->one)->end_ns) {
        latest->two = latest->one;
        latest->one = place;
    } else if (latest->two == UINT32_MAX || end > span_at(scene, 1, latest->two)->end_ns) {
        latest->two = place;
    }
}

struct by_end {
    uint64_t end_ns;
    uint32_t place;
};

static int compare_ends(const void *a, const void *b)
{
    const struct by_end *left = a;
    const struct by_end *right = b;
    if (left->end_ns != right->end_ns) {
        return left->end_ns < right->end_ns ? -1 : 1;
    }
    return left->place < right->place ? -1 : left->place > right->place;
}

/* For each span of the first set, by place, one of the second that it overlaps; UINT32_MAX: none.
 * From the first end to the last, those of the second set that had started by then. */
static bool find_overlaps(struct whole_scene *scene, uint32_t *partner)
{
    uint32_t count = scene->sets[0].count;
    struct by_end *ends = whole_take(scene, count, sizeof *ends);
    struct latest latest = {UINT32_MAX, UINT32_MAX};
    uint32_t next = 0;
    if (ends == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        ends[i] = (struct by_end){span_at(scene, 0, i)->end_ns, i};
        partner[i] = UINT32_MAX;
    }
    qsort(ends, count, sizeof *ends, compare_ends);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t a = ends[i].place;
        for (; next < scene->sets[1].count && span_at(scene, 1, next)->start_ns < ends[i].end_ns;
             next++) {
            if (!runs_backwards(scene, 1, next)) {
                take_latest(scene, &latest, next);
            }
        }
        bool self =
            latest.one != UINT32_MAX && scene->sets[1].spans[latest.one] == scene->sets[0].spans[a];
        uint32_t b = self ? latest.two : latest.one;
        if (!runs_backwards(scene, 0, a) && b != UINT32_MAX &&
            span_at(scene, 1, b)->end_ns > span_at(scene, 0, a)->start_ns) {
            partner[a] = b;
        }
    }
    return true;
}

static void judge_overlaps(struct whole_scene *scene)
{
    bool apart = scene->whole->type == WHOLE_APART;
    uint32_t *partner = whole_take(scene, scene->sets[0].count, sizeof *partner);
    if (partner == NULL || !find_overlaps(scene, partner)) {
        return;
    }
    if (!apart && whole_rule_clock(scene, 2)) {
        return;
    }
    for (uint32_t i = 0; i < scene->sets[0].count; i++) {
        if (apart && partner[i] != UINT32_MAX) {
            whole_fail(scene, true, scene->sets[0].spans[i], "%s and %s run at the same time",
                       whole_set_name(scene, 0), whole_set_name(scene, 1));
            see_two(scene, i, " and ", partner[i], 1);
            return;
        }
        if (!apart && partner[i] == UINT32_MAX) {
            whole_fail(scene, false, scene->sets[0].spans[i], "a %s runs beside no %s",
                       whole_set_name(scene, 0), whole_set_name(scene, 1));
            whole_see_span(scene, 0, i);
            return;
        }
    }
    if (!apart || !whole_rule_clock(scene, 2)) {
        whole_pass(scene);
    }
}

/* --- concurrency --- */

static int compare_times(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* How many of sorted times, from *at, are not after the time. */
static uint32_t pass_times(const uint64_t *times, uint32_t count, uint32_t *at, uint64_t time)
{
    while (*at < count && times[*at] <= time) {
        (*at)++;
    }
    return *at;
}

/* At each start, those that have started and not ended, and those that take no time at all. */
static void judge_concurrency(struct whole_scene *scene)
{
    uint32_t all = scene->sets[0].count;
    uint64_t *ends = whole_take(scene, all, sizeof *ends);
    uint64_t *instants = whole_take(scene, all, sizeof *instants);
    uint32_t count = 0;
    uint32_t instant_count = 0;
    uint32_t backwards = RULING_NO_SPAN;
    if (ends == NULL || instants == NULL) {
        return;
    }
    for (uint32_t i = 0; i < all; i++) {
        const struct trace_span *span = span_at(scene, 0, i);
        if (runs_backwards(scene, 0, i)) {
            backwards = backwards == RULING_NO_SPAN ? scene->sets[0].spans[i] : backwards;
            continue;
        }
        ends[count++] = span->end_ns;
        if (span->end_ns == span->start_ns) {
            instants[instant_count++] = span->start_ns;
        }
    }
    qsort(ends, count, sizeof *ends, compare_times);
    uint32_t most = 0;
    uint32_t where = RULING_NO_SPAN;
    uint32_t started = 0;
    uint32_t ended_at = 0;
    uint32_t instant_at = 0;
    for (uint32_t i = 0; i < all; i++) {
        uint64_t time = span_at(scene, 0, i)->start_ns;
        bool last = i + 1 == all || span_at(scene, 0, i + 1)->start_ns != time;
        started += !runs_backwards(scene, 0, i);
        if (!last) {
            continue;
        }
        uint32_t ended = pass_times(ends, count, &ended_at, time);
        uint32_t before = instant_at;
        uint32_t now = pass_times(instants, instant_count, &instant_at, time) - before;
        if (started - ended + now > most) {
            most = started - ended + now;
            where = scene->sets[0].spans[i];
        }
    }
    struct operand value = {.type = OPERAND_INT, .integer = most};
    if (backwards != RULING_NO_SPAN && !whole_is_settled(scene, &value, 1)) {
        whole_unknown(scene, CAUSE_CLOCK, backwards);
        return;
    }
    whole_rule_value(scene, &value, 1, where);
}

/* --- all --- */

void whole_judge_order(struct whole_scene *scene)
{
    uint64_t all = (uint64_t)scene->sets[0].count + scene->sets[1].count;
    if (whole_is_empty(scene, scene->whole->set_count) || !whole_spend(scene, 2 * all)) {
        return;
    }
    switch (scene->whole->type) {
    case WHOLE_BEFORE:
    case WHOLE_STARTS_BEFORE:
        judge_before(scene);
        break;
    case WHOLE_GAP:
        judge_gap(scene);
        break;
    case WHOLE_CONCURRENCY:
        judge_concurrency(scene);
        break;
    case WHOLE_LAG:
        whole_judge_lag(scene);
        break;
    default:
        judge_overlaps(scene);
        break;
    }
}
