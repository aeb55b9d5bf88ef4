/* What belongs to each span of a set: what follows it, what has the same key, what produced it.
 * The second set stands sorted by key, clock and start, so that each span of the first one finds
 * its own by halving: by each clock those that belong to it for certain, and those that may. */
#include <stdlib.h>

#include "assertions/whole_clocks.h"
#include "assertions/whole_keys.h"

/* A span of the second set. */
struct partner {
    struct bytes key;
    uint64_t start_ns;
    uint32_t clock, place;
};

struct pairs {
    struct whole_keys first, second;
    struct clock_set clocks;
    struct partner *partners; /* sorted */
    uint32_t partner_count;
    uint32_t *place_in_second; /* of each span of the trace: its place there, plus 1 */
};

static const struct trace_span *span_at(const struct whole_scene *scene, uint32_t set,
                                        uint32_t place)
{
    return &scene->trace->spans[scene->sets[set].spans[place]];
}

static int compare_partners(const void *a, const void *b)
{
    const struct partner *left = a;
    const struct partner *right = b;
    int order = bytes_compare(left->key, right->key);
    if (order != 0) {
        return order;
    }
    if (left->clock != right->clock) {
        return left->clock < right->clock ? -1 : 1;
    }
    if (left->start_ns != right->start_ns) {
        return left->start_ns < right->start_ns ? -1 : 1;
    }
    return left->place < right->place ? -1 : left->place > right->place;
}

static bool reads_times(const struct whole *whole)
{
    return whole->type != WHOLE_HAS;
}

/* Without times all have one clock. */
static bool make_clocks(struct whole_scene *scene, struct pairs *pairs)
{
    if (reads_times(scene->whole)) {
        return whole_clocks_make(scene, 2, &pairs->clocks);
    }
    pairs->clocks = (struct clock_set){.count = 1};
    for (uint32_t s = 0; s < 2; s++) {
        pairs->clocks.of[s] = whole_take(scene, scene->sets[s].count, 1);
    }
    return pairs->clocks.of[0] != NULL && pairs->clocks.of[1] != NULL;
}

static bool make_pairs(struct whole_scene *scene, struct pairs *pairs)
{
    const struct view_set *second = &scene->sets[1];
    if (!make_clocks(scene, pairs) || !whole_keys_make(scene, 0, &pairs->first) ||
        !whole_keys_make(scene, 1, &pairs->second)) {
        return false;
    }
    pairs->partners = whole_take(scene, second->count, sizeof *pairs->partners);
    pairs->place_in_second = whole_take(scene, scene->trace->count, sizeof *pairs->place_in_second);
    if (pairs->partners == NULL || pairs->place_in_second == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < second->count; i++) {
        uint32_t span = second->spans[i];
        bool backwards = reads_times(scene->whole) && view_is_backwards(scene->trace, span);
        if (!pairs->second.known[i] || backwards) {
            continue;
        }
        pairs->place_in_second[span] = i + 1;
        pairs->partners[pairs->partner_count++] = (struct partner){
            pairs->second.texts[i], scene->trace->spans[span].start_ns, pairs->clocks.of[1][i], i};
    }
    qsort(pairs->partners, pairs->partner_count, sizeof *pairs->partners, compare_partners);
    return true;
}

/* The first partner that is not before another one would be. */
static uint32_t find_partner(const struct pairs *pairs, const struct partner *wanted)
{
    uint32_t low = 0;
    uint32_t high = pairs->partner_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_partners(&pairs->partners[middle], wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* When a partner of a span starts, by that one's clock, from and to inclusive. */
struct window {
    __int128 earliest, latest;
};

/* What bounds no time. */
#define ENDLESS ((__int128)1 << 110)

static struct window window_of(const struct whole *whole, const struct trace_span *span)
{
    struct window window = {span->start_ns, ENDLESS};
    if (whole->type == WHOLE_HAS) {
        window.earliest = -ENDLESS;
    } else if (whole->type == WHOLE_NONE_AFTER) {
        window.earliest = span->end_ns;
    }
    if (whole->has_within) {
        window.latest = (__int128)span->end_ns + whole->within_ns;
    }
    return window;
}

/* The same by another clock, for what starts in it for certain, or may. */
static struct window shift_window(struct window window, struct skew_bounds shift, bool certain)
{
    window.earliest -= certain ? shift.least : shift.most;
    window.latest -= certain ? shift.most : shift.least;
    return window;
}

static bool is_within(const struct window *window, uint64_t ns)
{
    return window->earliest <= (__int128)ns && (__int128)ns <= window->latest;
}

/* Where the partners of one span by one clock begin and end. */
struct run {
    uint32_t from, to;
};

static struct run find_run(const struct pairs *pairs, struct bytes key, uint32_t clock,
                           const struct window *window)
{
    struct run run = {0, 0};
    if (window->earliest > window->latest || window->latest < 0 ||
        window->earliest > (__int128)UINT64_MAX) {
        return run;
    }
    __int128 earliest = window->earliest > 0 ? window->earliest : 0;
    __int128 latest = window->latest < (__int128)UINT64_MAX ? window->latest : (__int128)UINT64_MAX;
    run.from = find_partner(pairs, &(struct partner){key, (uint64_t)earliest, clock, 0});
    run.to = find_partner(pairs, &(struct partner){key, (uint64_t)latest, clock, UINT32_MAX});
    return run;
}

/* How many partners one span has without itself. */
struct found {
    uint32_t certain, possible;
};

static struct run run_of(const struct whole_scene *scene, const struct pairs *pairs, uint32_t place,
                         uint32_t clock, bool certain)
{
    struct skew_bounds shift =
        whole_clocks_shift(&pairs->clocks, clock, pairs->clocks.of[0][place]);
    struct window window =
        shift_window(window_of(scene->whole, span_at(scene, 0, place)), shift, certain);
    return find_run(pairs, pairs->first.texts[place], clock, &window);
}

static struct found find_all(const struct whole_scene *scene, const struct pairs *pairs,
                             uint32_t place)
{
    const struct trace_span *span = span_at(scene, 0, place);
    struct window own = window_of(scene->whole, span);
    bool itself =
        pairs->place_in_second[scene->sets[0].spans[place]] != 0 && is_within(&own, span->start_ns);
    struct found found = {0, 0};
    for (uint32_t clock = 0; clock < pairs->clocks.count; clock++) {
        struct run certain = run_of(scene, pairs, place, clock, true);
        struct run possible = run_of(scene, pairs, place, clock, false);
        found.certain += certain.to - certain.from;
        found.possible += possible.to - possible.from;
    }
    return (struct found){found.certain - itself, found.possible - itself};
}

/* "$a #3 (span ..): 2 $b, $b #1 (span ..), $b #2 (span ..)" */
static void see_found(struct whole_scene *scene, const struct pairs *pairs, uint32_t place,
                      const struct found *found)
{
    uint32_t told = 0;
    whole_see_span(scene, 0, place);
    whole_see(scene, ": %u %s", found->certain, whole_set_name(scene, 1));
    for (uint32_t clock = 0; clock < pairs->clocks.count; clock++) {
        struct run run = run_of(scene, pairs, place, clock, true);
        for (uint32_t i = run.from; i < run.to && told < 2; i++) {
            uint32_t partner = pairs->partners[i].place;
            if (scene->sets[1].spans[partner] != scene->sets[0].spans[place]) {
                whole_see(scene, ", ");
                whole_see_span(scene, 1, partner);
                told++;
            }
        }
    }
}

static const char *times_text(const struct whole *whole)
{
    return whole->times == TIMES_EXACTLY    ? "exactly one"
           : whole->times == TIMES_AT_LEAST ? "a"
                                            : "at most one";
}

static void fail_pair(struct whole_scene *scene, const struct pairs *pairs, uint32_t place,
                      const struct found *found, bool stays)
{
    const struct whole *whole = scene->whole;
    uint32_t span = scene->sets[0].spans[place];
    const char *a = whole_set_name(scene, 0);
    const char *b = whole_set_name(scene, 1);
    const char *window = whole_window_text(scene);
    if (whole->type == WHOLE_NONE_AFTER) {
        whole_fail(scene, stays, span, "a %s comes%s after a %s", b, window, a);
    } else if (whole->type == WHOLE_HAS) {
        whole_fail(scene, stays, span, "a %s has not %s %s%s", a, times_text(whole), b, window);
    } else {
        whole_fail(scene, stays, span, "a %s is not followed by %s %s%s", a, times_text(whole), b,
                   window);
    }
    see_found(scene, pairs, place, found);
}

/* What is asked of each span of the first set. */
enum trouble { TOO_MANY, TOO_FEW, OPEN };

static bool is_so(const struct whole *whole, const struct found *found, enum trouble trouble)
{
    uint32_t most = whole->type == WHOLE_NONE_AFTER  ? 0
                    : whole->times == TIMES_AT_LEAST ? UINT32_MAX
                                                     : 1;
    uint32_t least = whole->type != WHOLE_NONE_AFTER && whole->times != TIMES_AT_MOST;
    switch (trouble) {
    case TOO_MANY:
        return found->certain > most;
    case TOO_FEW:
        return found->possible < least;
    default:
        return found->possible > most || found->certain < least;
    }
}

static bool is_judged(const struct whole_scene *scene, const struct pairs *pairs, uint32_t place)
{
    return pairs->first.known[place] &&
           !(reads_times(scene->whole) &&
             view_is_backwards(scene->trace, scene->sets[0].spans[place]));
}

/* The possible partner that is none for certain, first in order. */
static uint32_t find_open(const struct whole_scene *scene, const struct pairs *pairs,
                          uint32_t place)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t clock = 0; clock < pairs->clocks.count; clock++) {
        struct run certain = run_of(scene, pairs, place, clock, true);
        struct run possible = run_of(scene, pairs, place, clock, false);
        for (uint32_t i = possible.from; i < possible.to; i++) {
            bool is_certain = i >= certain.from && i < certain.to;
            uint32_t partner = pairs->partners[i].place;
            found = !is_certain && partner < found ? partner : found;
        }
    }
    return found;
}

/* What may be too many or too few: the time between the span and the partner that hinges on it,
 * from the start where it is that of which it is not known whether it came before, else from the
 * end. */
static void rule_open(struct whole_scene *scene, const struct pairs *pairs, uint32_t place)
{
    uint32_t other = find_open(scene, pairs, place);
    const struct trace_span *one = span_at(scene, 0, place);
    const struct trace_span *two = span_at(scene, 1, other);
    struct skew_bounds shift =
        whole_clocks_shift(&pairs->clocks, pairs->clocks.of[1][other], pairs->clocks.of[0][place]);
    struct window window = window_of(scene->whole, one);
    bool starts = (__int128)two->start_ns + shift.least < window.earliest;
    __int128 from = starts ? window.earliest : (__int128)one->end_ns;
    __int128 measured = (__int128)two->start_ns - from;
    struct skew_bounds bounds = {measured + shift.least, measured + shift.most};
    whole_rule_skew(scene, measured, &bounds, scene->sets[0].spans[place]);
}

/* The first span of the first set with too many partners, too few, or perhaps so; whether there is
 * one. */
static bool rule_each(struct whole_scene *scene, const struct pairs *pairs, enum trouble trouble)
{
    for (uint32_t i = 0; i < scene->sets[0].count; i++) {
        if (!is_judged(scene, pairs, i)) {
            continue;
        }
        struct found found = find_all(scene, pairs, i);
        if (!is_so(scene->whole, &found, trouble)) {
            continue;
        }
        if (trouble == OPEN) {
            rule_open(scene, pairs, i);
            return true;
        }
        bool times = reads_times(scene->whole);
        fail_pair(scene, pairs, i, &found, trouble == TOO_MANY && (!times || whole_stays(scene)));
        scene->ruling.absence &= trouble == TOO_FEW || !times || whole_stays(scene);
        return true;
    }
    return false;
}

/* What stays comes before what does not. */
static bool keys_come_first(const struct whole_scene *scene, const struct pairs *pairs)
{
    return reads_times(scene->whole) && !whole_stays(scene) &&
           (whole_keys_miss(scene, 0, &pairs->first) || whole_keys_miss(scene, 1, &pairs->second));
}

void whole_judge_pairs(struct whole_scene *scene)
{
    const struct whole *whole = scene->whole;
    struct pairs pairs = {.partner_count = 0};
    bool needs = whole->type != WHOLE_NONE_AFTER && whole->times != TIMES_AT_MOST;
    bool limits = whole->type == WHOLE_NONE_AFTER || whole->times != TIMES_AT_LEAST;
    uint64_t all = (uint64_t)scene->sets[0].count + scene->sets[1].count;
    if (whole_is_empty(scene, needs ? 2 : 1) || !whole_spend(scene, 4 * all) ||
        !make_pairs(scene, &pairs)) {
        return;
    }
    bool first = keys_come_first(scene, &pairs);
    if ((limits && !first && rule_each(scene, &pairs, TOO_MANY)) ||
        whole_keys_rule_both(scene, 0, &pairs.first, 1, &pairs.second) ||
        (reads_times(whole) && whole_rule_clock(scene, 2)) ||
        (needs && rule_each(scene, &pairs, TOO_FEW)) ||
        (pairs.clocks.count > 1 && rule_each(scene, &pairs, OPEN))) {
        return;
    }
    whole_pass(scene);
}
