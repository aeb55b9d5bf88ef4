/* How long what was produced waited: of each consumer the time from the end of its one producer to
 * its own start. The producer is found by a key, by parentage or by a span link. Compared with a
 * plain value each of them counts, inside an expression the greatest. */
#include <stdlib.h>

#include "assertions/difference.h"
#include "assertions/whole_clocks.h"
#include "assertions/whole_keys.h"

struct lag {
    struct whole_keys producers, consumers;
    struct keyed_producer *sorted; /* LAG_KEY */
    uint32_t sorted_count;
    uint32_t *place; /* of each span of the trace: its place among the producers, plus 1 */
};

struct keyed_producer {
    struct bytes key;
    uint32_t place;
};

static int compare_producers(const void *a, const void *b)
{
    const struct keyed_producer *left = a;
    const struct keyed_producer *right = b;
    int order = bytes_compare(left->key, right->key);
    return order != 0 ? order : left->place < right->place ? -1 : left->place > right->place;
}

static bool make_lag(struct whole_scene *scene, struct lag *lag)
{
    const struct view_set *producers = &scene->sets[0];
    if (!whole_keys_make(scene, 0, &lag->producers) ||
        !whole_keys_make(scene, 1, &lag->consumers)) {
        return false;
    }
    lag->sorted = whole_take(scene, producers->count, sizeof *lag->sorted);
    lag->place = whole_take(scene, scene->trace->count, sizeof *lag->place);
    if (lag->sorted == NULL || lag->place == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < producers->count; i++) {
        lag->place[producers->spans[i]] = i + 1;
        if (lag->producers.known[i]) {
            lag->sorted[lag->sorted_count++] = (struct keyed_producer){lag->producers.texts[i], i};
        }
    }
    qsort(lag->sorted, lag->sorted_count, sizeof *lag->sorted, compare_producers);
    return true;
}

/* The producers of one consumer: different spans, not itself. */
struct found {
    uint32_t consumer; /* index in the trace */
    uint32_t first;    /* place among the producers */
    uint32_t count;
    bool dropped; /* links that could have led to one were dropped */
};

static void note(const struct whole_scene *scene, struct found *found, uint32_t place)
{
    bool itself = scene->sets[0].spans[place] == found->consumer;
    if (itself || (found->count != 0 && place == found->first)) {
        return;
    }
    if (found->count == 0 || place < found->first) {
        found->first = place;
    }
    found->count++;
}

/* All spans of an ID. */
static void note_id(const struct whole_scene *scene, const struct lag *lag,
                    const struct family *family, uint32_t group, struct found *found)
{
    for (uint32_t i = family->member_start[group]; i < family->member_start[group + 1]; i++) {
        uint32_t place = lag->place[family->members[i]];
        if (place != 0) {
            note(scene, found, place - 1);
        }
    }
}

static bool is_of_trace(const struct whole_scene *scene, const struct link *link)
{
    const struct trace_id *id = &scene->trace->id;
    return link->trace_id.len == sizeof id->bytes &&
           memcmp(link->trace_id.data, id->bytes, sizeof id->bytes) == 0 && link->span_id.len == 8;
}

static span_id linked_id(const struct link *link)
{
    span_id id = 0;
    for (size_t i = 0; i < 8; i++) {
        id = id << 8 | link->span_id.data[i];
    }
    return id;
}

static bool note_links(struct whole_scene *scene, const struct lag *lag,
                       const struct family *family, struct found *found)
{
    const struct span *span = look_span(scene->look, found->consumer);
    if (span == NULL) {
        return whole_no_memory(scene);
    }
    struct arena_mark mark = arena_mark(scene->look->scratch);
    struct wire_reader reader = wire_reader_of(span->raw);
    struct link link;
    int r;
    while ((r = span_next_link(&reader, scene->look->scratch, &link)) == 0) {
        uint32_t at = UINT32_MAX;
        span_id id = is_of_trace(scene, &link) ? linked_id(&link) : 0;
        if (id != 0) {
            at = trace_find(scene->trace, id, 0);
        }
        if (at != UINT32_MAX) {
            note_id(scene, lag, family, family->group[at], found);
        }
    }
    found->dropped = span->dropped_links > 0;
    arena_rewind(scene->look->scratch, mark);
    return r == WIRE_END || whole_no_memory(scene);
}

static void note_keyed(struct whole_scene *scene, const struct lag *lag, uint32_t consumer,
                       struct found *found)
{
    struct keyed_producer wanted = {lag->consumers.texts[consumer], 0};
    uint32_t low = 0;
    uint32_t high = lag->sorted_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_producers(&lag->sorted[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < lag->sorted_count && found->count < 3 &&
           bytes_equal(lag->sorted[low].key, wanted.key);
         low++) {
        note(scene, found, lag->sorted[low].place);
    }
}

static bool find_producers(struct whole_scene *scene, const struct lag *lag, uint32_t consumer,
                           struct found *ret)
{
    enum whole_lag by = scene->whole->lag;
    const struct family *family = look_family(scene->look);
    *ret = (struct found){.consumer = scene->sets[1].spans[consumer]};
    if (family == NULL) {
        return whole_no_memory(scene);
    }
    if (by == LAG_KEY) {
        note_keyed(scene, lag, consumer, ret);
        return true;
    }
    uint32_t group = family->parent_group[ret->consumer];
    if (by != LAG_LINK && group != FAMILY_NO_GROUP) {
        note_id(scene, lag, family, group, ret);
    }
    return by == LAG_PARENT || note_links(scene, lag, family, ret);
}

static struct operand lag_of(const struct whole_scene *scene, const struct found *found)
{
    const struct trace_span *spans = scene->trace->spans;
    uint32_t producer = scene->sets[0].spans[found->first];
    return (struct operand){.type = OPERAND_DURATION,
                            .ns = (__int128)spans[found->consumer].start_ns -
                                  (__int128)spans[producer].end_ns};
}

/* What is worst over all consumers. */
struct verdicts {
    uint32_t several, late, none, clock, dropped; /* places of consumers; UINT32_MAX: none is so */
    uint32_t skewed;                              /* by clocks that may be apart */
    struct skew_bounds skewed_bounds;
    struct operand skewed_by;
    bool skews; /* the suite asks for the clocks */
    struct operand late_by, greatest;
    uint32_t greatest_place;
    struct skew_bounds real; /* of an operand: between which the greatest really is */
};

/* Whether it is a value of an expression: the greatest lag, compared with nothing here. */
static bool is_operand(const struct whole_scene *scene)
{
    return scene->condition->op == OP_EXISTS;
}

static void first_of(uint32_t *place, uint32_t here)
{
    *place = *place == UINT32_MAX ? here : *place;
}

/* Whether the lag is as it must be. By clocks that may be apart it is noted where they leave it
 * open. */
static bool is_in_time(struct whole_scene *scene, const struct found *found,
                       const struct operand *lag, uint32_t place, struct verdicts *ret)
{
    struct skew_bounds bounds;
    uint32_t producer = scene->sets[0].spans[found->first];
    if (!ret->skews || !whole_pair_bounds(scene, found->consumer, producer, &bounds)) {
        return whole_compare(scene, lag) == TRUTH_TRUE;
    }
    if (difference_is_same(scene->condition, &bounds)) {
        struct operand real = {.type = OPERAND_DURATION, .ns = bounds.least};
        return whole_compare(scene, &real) == TRUTH_TRUE;
    }
    if (ret->skewed == UINT32_MAX) {
        ret->skewed = place;
        ret->skewed_bounds = bounds;
        ret->skewed_by = *lag;
    }
    return true;
}

/* What the greatest really may be, if this one counts. */
static void bound_greatest(struct whole_scene *scene, const struct found *found,
                           const struct operand *lag, struct verdicts *ret)
{
    struct skew_bounds bounds = {lag->ns, lag->ns};
    bool first = ret->greatest_place == UINT32_MAX;
    if (ret->skews &&
        !whole_pair_bounds(scene, found->consumer, scene->sets[0].spans[found->first], &bounds)) {
        return;
    }
    ret->real.least = first || bounds.least > ret->real.least ? bounds.least : ret->real.least;
    ret->real.most = first || bounds.most > ret->real.most ? bounds.most : ret->real.most;
}

static void judge_consumer(struct whole_scene *scene, const struct found *found, uint32_t place,
                           struct verdicts *ret)
{
    if (found->count == 0) {
        first_of(found->dropped ? &ret->dropped : &ret->none, place);
        return;
    }
    if (found->count > 1) {
        first_of(&ret->several, place);
        return;
    }
    if (view_is_backwards(scene->trace, found->consumer) ||
        view_is_backwards(scene->trace, scene->sets[0].spans[found->first])) {
        first_of(&ret->clock, place);
        return;
    }
    struct operand lag = lag_of(scene, found);
    if (is_operand(scene)) {
        bound_greatest(scene, found, &lag, ret);
    } else if (ret->late == UINT32_MAX && !is_in_time(scene, found, &lag, place, ret)) {
        ret->late = place;
        ret->late_by = lag;
    }
    if (ret->greatest_place == UINT32_MAX || lag.ns > ret->greatest.ns) {
        ret->greatest = lag;
        ret->greatest_place = place;
    }
}

static void rule_late(struct whole_scene *scene, const struct verdicts *verdicts)
{
    whole_fail(scene, whole_stays(scene), scene->sets[1].spans[verdicts->late], "does not hold");
    scene->ruling.absence = false;
    scene->ruling.actual = verdicts->late_by;
}

static void rule_several(struct whole_scene *scene, uint32_t place)
{
    whole_fail(scene, true, scene->sets[1].spans[place], "a %s has several %s it could come from",
               whole_set_name(scene, 1), whole_set_name(scene, 0));
    whole_see_span(scene, 1, place);
}

static void rule_greatest(struct whole_scene *scene, const struct verdicts *verdicts)
{
    uint32_t span = scene->sets[1].spans[verdicts->greatest_place];
    if (verdicts->real.least != verdicts->real.most) {
        whole_rule_skew(scene, verdicts->greatest.ns, &verdicts->real, span);
        return;
    }
    struct operand real = {.type = OPERAND_DURATION, .ns = verdicts->real.least};
    whole_rule_value(scene, &real, 0, span);
    scene->ruling.actual = verdicts->greatest;
}

/* What stays comes before a lag that does not. */
static bool comes_late(const struct whole_scene *scene, const struct lag *lag,
                       const struct verdicts *verdicts)
{
    return !whole_stays(scene) &&
           (verdicts->several != UINT32_MAX || whole_keys_miss(scene, 0, &lag->producers) ||
            whole_keys_miss(scene, 1, &lag->consumers));
}

static void rule_lag(struct whole_scene *scene, const struct lag *lag,
                     const struct verdicts *verdicts)
{
    const uint32_t *spans = scene->sets[1].spans;
    if (verdicts->late != UINT32_MAX && !comes_late(scene, lag, verdicts)) {
        rule_late(scene, verdicts);
    } else if (verdicts->several != UINT32_MAX) {
        rule_several(scene, verdicts->several);
    } else if (whole_keys_rule_both(scene, 0, &lag->producers, 1, &lag->consumers)) {
        return;
    } else if (verdicts->dropped != UINT32_MAX) {
        whole_unknown(scene, CAUSE_DROPPED, spans[verdicts->dropped]);
    } else if (verdicts->clock != UINT32_MAX) {
        whole_unknown(scene, CAUSE_CLOCK, spans[verdicts->clock]);
    } else if (verdicts->none != UINT32_MAX) {
        whole_fail(scene, false, spans[verdicts->none], "a %s comes from no %s",
                   whole_set_name(scene, 1), whole_set_name(scene, 0));
        whole_see_span(scene, 1, verdicts->none);
    } else if (verdicts->skewed != UINT32_MAX) {
        whole_rule_skew(scene, verdicts->skewed_by.ns, &verdicts->skewed_bounds,
                        spans[verdicts->skewed]);
    } else if (is_operand(scene)) {
        rule_greatest(scene, verdicts);
    } else {
        whole_pass(scene);
        scene->ruling.actual = verdicts->greatest;
    }
}

void whole_judge_lag(struct whole_scene *scene)
{
    struct lag lag = {.sorted_count = 0};
    struct verdicts verdicts = {.several = UINT32_MAX,
                                .late = UINT32_MAX,
                                .none = UINT32_MAX,
                                .clock = UINT32_MAX,
                                .dropped = UINT32_MAX,
                                .skewed = UINT32_MAX,
                                .skews = whole_is_skewed(scene),
                                .greatest_place = UINT32_MAX};
    if (!make_lag(scene, &lag)) {
        return;
    }
    for (uint32_t i = 0; i < scene->sets[1].count; i++) {
        struct found found;
        if (!lag.consumers.known[i]) {
            continue;
        }
        if (!find_producers(scene, &lag, i, &found)) {
            return;
        }
        judge_consumer(scene, &found, i, &verdicts);
    }
    rule_lag(scene, &lag, &verdicts);
}
