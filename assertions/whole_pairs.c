/* What belongs to each span of a set: what follows it, what has the same key, what produced it.
 * The second set stands sorted by key and start, so that each span of the first one finds its own
 * by halving. */
#include <stdlib.h>

#include "assertions/whole_keys.h"

/* A span of the second set. */
struct partner {
    struct bytes key;
    uint64_t start_ns;
    uint32_t place;
};

struct pairs {
    struct whole_keys first, second;
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
    if (left->start_ns != right->start_ns) {
        return left->start_ns < right->start_ns ? -1 : 1;
    }
    return left->place < right->place ? -1 : left->place > right->place;
}

static bool reads_times(const struct whole *whole)
{
    return whole->type != WHOLE_HAS;
}

static bool make_pairs(struct whole_scene *scene, struct pairs *pairs)
{
    const struct view_set *second = &scene->sets[1];
    if (!whole_keys_make(scene, 0, &pairs->first) || !whole_keys_make(scene, 1, &pairs->second)) {
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
        pairs->partners[pairs->partner_count++] =
            (struct partner){pairs->second.texts[i], scene->trace->spans[span].start_ns, i};
    }
    qsort(pairs->partners, pairs->partner_count, sizeof *pairs->partners, compare_partners);
    return true;
}

/* The first partner that is not before key, start and place. */
static uint32_t find_partner(const struct pairs *pairs, struct bytes key, uint64_t start_ns,
                             uint32_t place)
{
    struct partner wanted = {key, start_ns, place};
    uint32_t low = 0;
    uint32_t high = pairs->partner_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_partners(&pairs->partners[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Where the partners of one span begin and end, and how many they are without the span itself. */
struct found {
    uint32_t from, to, count;
};

static struct found find_all(const struct whole_scene *scene, const struct pairs *pairs,
                             uint32_t place)
{
    const struct whole *whole = scene->whole;
    const struct trace_span *span = span_at(scene, 0, place);
    struct bytes key = pairs->first.texts[place];
    uint64_t earliest = whole->type == WHOLE_HAS          ? 0
                        : whole->type == WHOLE_NONE_AFTER ? span->end_ns
                                                          : span->start_ns;
    uint64_t latest = UINT64_MAX;
    if (whole->has_within && span->end_ns < UINT64_MAX - (uint64_t)whole->within_ns) {
        latest = span->end_ns + (uint64_t)whole->within_ns;
    }
    struct found found = {.from = find_partner(pairs, key, earliest, 0),
                          .to = find_partner(pairs, key, latest, UINT32_MAX)};
    found.count = found.to - found.from;
    uint32_t own = pairs->place_in_second[scene->sets[0].spans[place]];
    bool itself = own != 0 && span->start_ns >= earliest && span->start_ns <= latest;
    found.count -= itself;
    return found;
}

/* "$a #3 (span ..): 2 $b, $b #1 (span ..), $b #2 (span ..)" */
static void see_found(struct whole_scene *scene, const struct pairs *pairs, uint32_t place,
                      const struct found *found)
{
    uint32_t told = 0;
    whole_see_span(scene, 0, place);
    whole_see(scene, ": %u %s", found->count, whole_set_name(scene, 1));
    for (uint32_t i = found->from; i < found->to && told < 2; i++) {
        uint32_t partner = pairs->partners[i].place;
        if (scene->sets[1].spans[partner] != scene->sets[0].spans[place]) {
            whole_see(scene, ", ");
            whole_see_span(scene, 1, partner);
            told++;
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

/* The first span of the first set with too many partners (or too few); whether there is one. */
static bool rule_each(struct whole_scene *scene, const struct pairs *pairs, bool too_many)
{
    const struct whole *whole = scene->whole;
    uint32_t most = whole->type == WHOLE_NONE_AFTER ? 0 : 1;
    for (uint32_t i = 0; i < scene->sets[0].count; i++) {
        bool backwards =
            reads_times(whole) && view_is_backwards(scene->trace, scene->sets[0].spans[i]);
        if (!pairs->first.known[i] || backwards) {
            continue;
        }
        struct found found = find_all(scene, pairs, i);
        if (too_many ? found.count > most : found.count == 0) {
            fail_pair(scene, pairs, i, &found, too_many);
            return true;
        }
    }
    return false;
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
    if ((limits && rule_each(scene, &pairs, true)) ||
        whole_keys_rule_both(scene, 0, &pairs.first, 1, &pairs.second) ||
        (reads_times(whole) && whole_rule_clock(scene, 2)) ||
        (needs && rule_each(scene, &pairs, false))) {
        return;
    }
    whole_pass(scene);
}
