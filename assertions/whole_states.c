/* A state that spans tell, in their order: which follows which. Spans with the same key are one
 * row of states; equal states in a row are one. */
#include <stdlib.h>
#include <string.h>

#include "assertions/whole_clocks.h"
#include "assertions/whole_keys.h"

#define NO_STATE UINT32_MAX

/* A span of a row. */
struct step {
    struct bytes key;
    struct bytes state;
    uint32_t place;
    bool open; /* clocks leave the order of its row open */
};

static int compare_steps(const void *a, const void *b)
{
    const struct step *left = a;
    const struct step *right = b;
    int order = bytes_compare(left->key, right->key);
    return order != 0 ? order : left->place < right->place ? -1 : left->place > right->place;
}

/* The number of a state; NO_STATE: the condition does not name it. */
static uint32_t find_state(const struct whole *whole, struct bytes text)
{
    for (uint32_t i = 0; i < whole->node_count; i++) {
        if (bytes_equal(whole->nodes[i], text)) {
            return i;
        }
    }
    return NO_STATE;
}

/* Those to which no arrow leads; where there is none, the first one that is written. */
static bool is_start(const struct whole *whole, uint32_t state)
{
    bool led_to[WHOLE_NODES_MAX] = {false};
    bool member[WHOLE_NODES_MAX] = {false};
    bool any = false;
    for (uint32_t i = 0; i < whole->arrow_count; i++) {
        const struct whole_arrow *arrow = &whole->arrows[i];
        if (!arrow->never) {
            member[arrow->from] = member[arrow->to] = true;
            led_to[arrow->to] |= arrow->from != arrow->to;
        }
    }
    for (uint32_t i = 0; i < whole->node_count; i++) {
        any |= member[i] && !led_to[i];
    }
    for (uint32_t i = 0; !any && i < whole->node_count; i++) {
        if (member[i]) {
            return state == i;
        }
    }
    return state != NO_STATE && member[state] && !led_to[state];
}

/* Whether the state may follow; both differ. */
static bool may_follow(const struct whole *whole, uint32_t from, uint32_t to)
{
    bool listed = false;
    for (uint32_t i = 0; i < whole->arrow_count; i++) {
        const struct whole_arrow *arrow = &whole->arrows[i];
        if (arrow->from == from && arrow->to == to) {
            if (arrow->never) {
                return false;
            }
            listed = true;
        }
    }
    return listed || !whole->only;
}

static int clip(struct bytes text)
{
    return text.len < 60 ? (int)text.len : 60;
}

static void fail_start(struct whole_scene *scene, const struct step *step)
{
    whole_fail(scene, false, scene->sets[0].spans[step->place], "%.*s begins with a wrong state",
               (int)scene->whole->value.text.len, (const char *)scene->whole->value.text.data);
    whole_see_span(scene, 0, step->place);
    whole_see(scene, ": %.*s%s%.*s", clip(step->state), (const char *)step->state.data,
              scene->whole->has_by ? " of " : "", clip(step->key), (const char *)step->key.data);
}

static void fail_transition(struct whole_scene *scene, const struct step *from,
                            const struct step *to)
{
    whole_fail(scene, false, scene->sets[0].spans[to->place], "%.*s takes a forbidden step",
               (int)scene->whole->value.text.len, (const char *)scene->whole->value.text.data);
    whole_see(scene, "%.*s -> %.*s%s%.*s: ", clip(from->state), (const char *)from->state.data,
              clip(to->state), (const char *)to->state.data, scene->whole->has_by ? " of " : "",
              clip(to->key), (const char *)to->key.data);
    whole_see_span(scene, 0, from->place);
    whole_see(scene, ", ");
    whole_see_span(scene, 0, to->place);
}

/* Of several broken rows the one whose deciding span comes first. */
struct broken {
    const struct step *from, *to; /* `from` NULL: it begins wrongly */
};

static void note_broken(struct broken *broken, const struct step *from, const struct step *to)
{
    if (broken->to == NULL || to->place < broken->to->place) {
        *broken = (struct broken){from, to};
    }
}

static struct broken find_broken(const struct whole *whole, const struct step *steps,
                                 uint32_t count)
{
    struct broken broken = {NULL, NULL};
    bool checks_start = whole->only && !whole->any_start;
    uint32_t before = NO_STATE;
    for (uint32_t i = 0; i < count; i++) {
        if (steps[i].open) {
            continue;
        }
        uint32_t state = find_state(whole, steps[i].state);
        bool first = i == 0 || !bytes_equal(steps[i].key, steps[i - 1].key);
        if (first && checks_start && !is_start(whole, state)) {
            note_broken(&broken, NULL, &steps[i]);
        } else if (!first && !bytes_equal(steps[i].state, steps[i - 1].state) &&
                   !may_follow(whole, before, state)) {
            note_broken(&broken, &steps[i - 1], &steps[i]);
        }
        before = state;
    }
    return broken;
}

/* --- clocks --- */

/* Of the steps by one clock that came so far: the last one, and the last one of another state;
 * NULL: there is none. */
struct latest {
    const struct step *one, *other;
};

struct order {
    struct clock_set clocks;
    struct latest latest[SKEW_CLOCKS_MAX];
    const struct step *before, *after; /* the first that may be in another order; NULL: none */
    struct skew_bounds shift;          /* of the clock of `after` to that of `before` */
};

static uint64_t start_of(const struct whole_scene *scene, const struct step *step)
{
    return scene->trace->spans[scene->sets[0].spans[step->place]].start_ns;
}

static void note_step(struct latest *latest, const struct step *step)
{
    if (latest->one != NULL && !bytes_equal(latest->one->state, step->state)) {
        latest->other = latest->one;
    }
    latest->one = step;
}

/* A step of another state that was measured before this one, and may have come after it. */
static void find_doubt(const struct whole_scene *scene, struct order *order,
                       const struct step *step, bool *open)
{
    uint32_t own = order->clocks.of[0][step->place];
    for (uint32_t clock = 0; clock < order->clocks.count; clock++) {
        const struct latest *latest = &order->latest[clock];
        struct skew_bounds shift = whole_clocks_shift(&order->clocks, own, clock);
        bool same = latest->one != NULL && bytes_equal(latest->one->state, step->state);
        const struct step *before = same ? latest->other : latest->one;
        if (before == NULL || (shift.least == 0 && shift.most == 0) ||
            (__int128)start_of(scene, before) < (__int128)start_of(scene, step) + shift.least) {
            continue;
        }
        *open = true;
        if (order->after == NULL || step->place < order->after->place) {
            order->before = before;
            order->after = step;
            order->shift = shift;
        }
    }
}

/* Marks the rows whose steps may be in another order than was measured. */
static void mark_rows(const struct whole_scene *scene, struct order *order, struct step *steps,
                      uint32_t count)
{
    for (uint32_t from = 0, to = 0; from < count; from = to) {
        bool open = false;
        memset(order->latest, 0, sizeof order->latest);
        for (; to < count && bytes_equal(steps[to].key, steps[from].key); to++) {
            find_doubt(scene, order, &steps[to], &open);
            note_step(&order->latest[order->clocks.of[0][steps[to].place]], &steps[to]);
        }
        for (uint32_t i = from; i < to; i++) {
            steps[i].open = open;
        }
    }
}

static void rule_order(struct whole_scene *scene, const struct order *order)
{
    __int128 measured =
        (__int128)start_of(scene, order->after) - (__int128)start_of(scene, order->before);
    struct skew_bounds bounds = {measured + order->shift.least, measured + order->shift.most};
    whole_rule_skew(scene, measured, &bounds, scene->sets[0].spans[order->after->place]);
}

void whole_judge_states(struct whole_scene *scene)
{
    const struct whole *whole = scene->whole;
    uint32_t count = scene->sets[0].count;
    struct step *steps = whole_take(scene, count, sizeof *steps);
    struct whole_keys keys;
    struct whole_keys states;
    struct order order = {.after = NULL};
    if (steps == NULL || whole_is_empty(scene, 1) || !whole_spend(scene, 4 * (uint64_t)count) ||
        !whole_keys_make(scene, 0, &keys) || !whole_keys_of(scene, 0, &whole->value, &states) ||
        whole_keys_rule_both(scene, 0, &states, 0, &keys) || whole_rule_clock(scene, 1) ||
        !whole_clocks_make(scene, 1, &order.clocks)) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        steps[i] = (struct step){keys.texts[i], states.texts[i], i, false};
    }
    qsort(steps, count, sizeof *steps, compare_steps);
    if (order.clocks.count > 1) {
        mark_rows(scene, &order, steps, count);
    }
    struct broken broken = find_broken(whole, steps, count);
    if (broken.to == NULL && order.after != NULL) {
        rule_order(scene, &order);
    } else if (broken.to == NULL) {
        whole_pass(scene);
    } else if (broken.from == NULL) {
        fail_start(scene, broken.to);
    } else {
        fail_transition(scene, broken.from, broken.to);
    }
}
