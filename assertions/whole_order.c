/* Order in time between two sets of spans. */
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
struct order {
    struct couple couple;
    __int128 too_late_ns; /* from the start of b to the time of a */
};

static struct order order_of(const struct whole_scene *scene, bool by_end, uint32_t a, uint32_t b)
{
    struct order order = {{a, b}, 0};
    if (a == UINT32_MAX || b == UINT32_MAX) {
        return (struct order){{UINT32_MAX, UINT32_MAX}, INT64_MIN};
    }
    const struct trace_span *last = span_at(scene, 0, a);
    __int128 reached = by_end ? last->end_ns : last->start_ns;
    order.too_late_ns = reached - (__int128)span_at(scene, 1, b)->start_ns;
    return order;
}

/* The couple that is most out of order. */
static struct order find_order(const struct whole_scene *scene, bool by_end)
{
    uint32_t a = find_last(scene, 0, by_end, UINT32_MAX);
    uint32_t b = find_first(scene, 1, UINT32_MAX);
    bool same =
        a != UINT32_MAX && b != UINT32_MAX && scene->sets[0].spans[a] == scene->sets[1].spans[b];
    if (!same) {
        return order_of(scene, by_end, a, b);
    }
    uint32_t shared = scene->sets[0].spans[a];
    struct order one = order_of(scene, by_end, a, find_first(scene, 1, shared));
    struct order two = order_of(scene, by_end, find_last(scene, 0, by_end, shared), b);
    return two.too_late_ns > one.too_late_ns ? two : one;
}

static void fail_before(struct whole_scene *scene, struct couple couple, bool by_end,
                        __int128 too_late_ns)
{
    whole_fail(scene, whole_stays(scene), scene->sets[0].spans[couple.a],
               by_end ? "%s ends after %s has started" : "%s starts after %s has started",
               whole_set_name(scene, 0), whole_set_name(scene, 1));
    see_two(scene, couple.a, by_end ? " ends " : " starts ", couple.b, 1);
    whole_see(scene, " by ");
    see_distance(scene, too_late_ns);
    whole_see(scene, " too late");
    whole_fail_certain(scene);
}

/* By clocks that may be apart; what comes later can still move the bounds. */
static void judge_before_skewed(struct whole_scene *scene, bool by_end)
{
    struct skew_bounds bounds;
    struct couple couple;
    if (!whole_gap_bounds(scene, by_end, true, &bounds, &couple)) {
        return;
    }
    if (couple.a != UINT32_MAX && bounds.most < 0) {
        fail_before(scene, couple, by_end, -bounds.most);
    } else if (whole_rule_clock(scene, 2)) {
        return;
    } else if (bounds.least >= 0) {
        whole_pass(scene);
    } else {
        whole_rule_skew(scene, -find_order(scene, by_end).too_late_ns, &bounds, RULING_NO_SPAN);
    }
}

static void judge_before(struct whole_scene *scene)
{
    bool by_end = scene->whole->type == WHOLE_BEFORE;
    if (whole_is_skewed(scene)) {
        judge_before_skewed(scene, by_end);
        return;
    }
    struct order order = find_order(scene, by_end);
    if (order.couple.a != UINT32_MAX && order.too_late_ns > 0) {
        fail_before(scene, order.couple, by_end, order.too_late_ns);
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
    struct couple couple;
    if (!whole_is_skewed(scene)) {
        whole_rule_value(scene, &gap, 0, scene->sets[1].spans[b]);
    } else if (!whole_gap_bounds(scene, true, false, &bounds, &couple)) {
        return;
    } else if (!difference_is_same(scene->condition, &bounds)) {
        whole_rule_skew(scene, gap.ns, &bounds, scene->sets[1].spans[b]);
    } else {
        struct operand real = {.type = OPERAND_DURATION, .ns = bounds.least};
        whole_rule_value(scene, &real, 0, scene->sets[1].spans[b]);
        scene->ruling.actual = gap;
    }
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
        whole_judge_concurrency(scene);
        break;
    case WHOLE_LAG:
        whole_judge_lag(scene);
        break;
    default:
        whole_judge_overlap(scene);
        break;
    }
}
