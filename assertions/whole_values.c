/* Values of a key over a set: aggregated, counted, compared with each other. */
#include <stdlib.h>

#include "assertions/self_time.h"
#include "assertions/whole_clocks.h"
#include "assertions/whole_keys.h"

/* --- the values of a set --- */

/* The values of span:self_time: the greatest that the clocks allow (`most`), or the least. */
static struct view_value *self_values(struct whole_scene *scene, const struct view_set *set,
                                      bool most)
{
    struct view_value *values = whole_take(scene, set->count, sizeof *values);
    const struct self_times *times =
        look_self_times(scene->look, scene->at->suite, scene->at->injection);
    if (values == NULL || times == NULL) {
        whole_no_memory(scene);
        return NULL;
    }
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t span = set->spans[i];
        uint64_t ns = most ? times->most[span] : times->least[span];
        bool open = times->least[span] != times->most[span];
        values[i].value = (struct operand){.type = OPERAND_DURATION, .ns = ns};
        values[i].state = times->clock[span]                             ? VALUE_CLOCK
                          : open && scene->whole->type == WHOLE_DISTINCT ? VALUE_SKEW
                                                                         : VALUE_KNOWN;
    }
    return values;
}

static struct view_value *values_of(struct whole_scene *scene, uint32_t set)
{
    const struct whole *whole = scene->whole;
    if (whole->self_time) {
        return self_values(scene, &scene->sets[set], false);
    }
    struct view_value *values = view_values(&scene->sets[set], &whole->value, scene->look);
    if (values == NULL) {
        whole_no_memory(scene);
    }
    return values;
}

/* What has no number and no duration. */
static bool is_no_quantity(const struct operand *value)
{
    return value->type != OPERAND_INT && value->type != OPERAND_DURATION &&
           (value->type != OPERAND_DOUBLE || operand_is_nan(value));
}

/* --- order of quantities --- */

static int compare_quantities(const void *a, const void *b)
{
    const struct operand *left = a;
    const struct operand *right = b;
    if (compare(OP_LESS, left, right, NULL) == TRUTH_TRUE) {
        return -1;
    }
    return compare(OP_GREATER, left, right, NULL) == TRUTH_TRUE;
}

/* --- sum, avg, min, max, p(N) --- */

/* What the known values come to so far. */
struct sums {
    struct operand sum, least, greatest;
    uint32_t count, least_span, greatest_span;
    bool doubles;
    __int128 whole; /* of ints and durations */
    double number;  /* of all, in order */
};

static double as_double(const struct operand *value)
{
    return value->type == OPERAND_DOUBLE ? value->number : (double)value->integer;
}

static void add_value(struct sums *totals, const struct operand *value, uint32_t span)
{
    if (totals->count == 0 || compare_quantities(value, &totals->least) < 0) {
        totals->least = *value;
        totals->least_span = span;
    }
    if (totals->count == 0 || compare_quantities(value, &totals->greatest) > 0) {
        totals->greatest = *value;
        totals->greatest_span = span;
    }
    totals->count++;
    if (value->type == OPERAND_DURATION) {
        totals->whole += value->ns;
        return;
    }
    totals->doubles |= value->type == OPERAND_DOUBLE;
    totals->whole += value->type == OPERAND_INT ? value->integer : 0;
    totals->number += as_double(value);
}

static struct sums add_values(const struct view_set *set, const struct view_value *values)
{
    struct sums totals = {.count = 0};
    for (uint32_t i = 0; i < set->count; i++) {
        if (values[i].state == VALUE_KNOWN && !is_no_quantity(&values[i].value)) {
            add_value(&totals, &values[i].value, set->spans[i]);
        }
    }
    return totals;
}

static bool rule_sum(struct whole_scene *scene, const struct sums *totals, struct operand *ret)
{
    bool duration = totals->least.type == OPERAND_DURATION;
    if (duration) {
        *ret = (struct operand){.type = OPERAND_DURATION, .ns = totals->whole};
    } else if (totals->doubles) {
        *ret = (struct operand){.type = OPERAND_DOUBLE, .number = totals->number};
    } else {
        *ret = (struct operand){.type = OPERAND_INT, .integer = (int64_t)totals->whole};
    }
    bool overflow =
        ret->type == OPERAND_INT && (totals->whole > INT64_MAX || totals->whole < INT64_MIN);
    if (overflow) {
        whole_error(scene, RULING_NO_SPAN, "can't be computed: the sum is beyond 64-bit integers");
    }
    return !overflow;
}

static struct operand mean_of(const struct sums *totals)
{
    if (totals->least.type == OPERAND_DURATION) {
        return (struct operand){.type = OPERAND_DURATION, .ns = totals->whole / totals->count};
    }
    double sum = totals->doubles ? totals->number : (double)totals->whole;
    return (struct operand){.type = OPERAND_DOUBLE, .number = sum / totals->count};
}

/* Nearest rank: the smallest with at least N % of the values not above it. */
static bool rank_of(struct whole_scene *scene, const struct view_value *values, uint32_t *ret_place)
{
    struct ranked {
        struct operand value;
        uint32_t place;
    } *ranked = whole_take(scene, scene->sets[0].count, sizeof *ranked);
    uint32_t count = scene->sets[0].count;
    if (ranked == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        ranked[i] = (struct ranked){values[i].value, i};
    }
    qsort(ranked, count, sizeof *ranked, compare_quantities);
    __int128 whole = (__int128)100 * scene->whole->percent_den;
    __int128 rank = ((__int128)scene->whole->number * count + whole - 1) / whole;
    *ret_place = ranked[rank > 0 ? (uint32_t)rank - 1 : 0].place;
    return true;
}

/* Which way further spans take the value. Durations are never negative, for spans that end before
 * they start are not added; a span's own time shrinks with each child. */
static int direction_of(const struct whole *whole, const struct sums *totals)
{
    bool duration = totals->least.type == OPERAND_DURATION;
    if (whole->self_time) {
        return 0;
    }
    switch (whole->type) {
    case WHOLE_MAX:
        return 1;
    case WHOLE_MIN:
        return -1;
    case WHOLE_SUM:
        return duration && whole->value.expr == NULL;
    default:
        return 0;
    }
}

/* A bound that is broken already stays so, whatever the others are. False: it is not. */
static bool rule_broken(struct whole_scene *scene, const struct sums *totals)
{
    int direction = direction_of(scene->whole, totals);
    struct operand value = direction < 0 ? totals->least : totals->greatest;
    uint32_t span = direction < 0 ? totals->least_span : totals->greatest_span;
    if (direction == 0 || totals->count == 0) {
        return false;
    }
    if (scene->whole->type == WHOLE_SUM) {
        value = (struct operand){.type = OPERAND_DURATION, .ns = totals->whole};
    }
    bool broken =
        whole_compare(scene, &value) == TRUTH_FALSE && whole_is_settled(scene, &value, direction);
    if (broken) {
        whole_rule_value(scene, &value, direction, span);
    }
    return broken;
}

/* False: it can't be computed, which is told. */
static bool compute(struct whole_scene *scene, const struct sums *totals,
                    const struct view_value *values, struct operand *ret, uint32_t *ret_span)
{
    uint32_t place;
    *ret_span = RULING_NO_SPAN;
    switch (scene->whole->type) {
    case WHOLE_SUM:
        return rule_sum(scene, totals, ret);
    case WHOLE_AVG:
        *ret = mean_of(totals);
        return true;
    case WHOLE_MIN:
        *ret = totals->least;
        *ret_span = totals->least_span;
        return true;
    case WHOLE_MAX:
        *ret = totals->greatest;
        *ret_span = totals->greatest_span;
        return true;
    default:
        if (!rank_of(scene, values, &place)) {
            return false;
        }
        *ret = values[place].value;
        *ret_span = scene->sets[0].spans[place];
        return true;
    }
}

/* Own times by clocks that may be apart: each of these values grows with each of them. */
static void rule_own_times(struct whole_scene *scene, const struct operand *least, uint32_t span)
{
    const struct view_value *values = self_values(scene, &scene->sets[0], true);
    struct between value = {.least = *least, .span = span, .backwards = RULING_NO_SPAN};
    uint32_t other;
    if (values == NULL) {
        return;
    }
    struct sums totals = add_values(&scene->sets[0], values);
    if (compute(scene, &totals, values, &value.most, &other)) {
        whole_rule_between(scene, &value);
    }
}

static void rule_computed(struct whole_scene *scene, const struct sums *totals,
                          const struct view_value *values)
{
    struct operand value;
    uint32_t span;
    if (!compute(scene, totals, values, &value, &span)) {
        return;
    }
    if (scene->whole->self_time && !whole_stays(scene)) {
        rule_own_times(scene, &value, span);
    } else {
        whole_rule_value(scene, &value, 0, span);
    }
}

/* --- distinct --- */

/* A value's canonical text, and whose it is. */
struct keyed {
    struct bytes text;
    uint32_t set, place; /* set UINT32_MAX: its value is not known */
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *left = a;
    const struct keyed *right = b;
    int order = bytes_compare(left->text, right->text);
    if (order != 0) {
        return order;
    }
    if (left->set != right->set) {
        return left->set < right->set ? -1 : 1;
    }
    return left->place < right->place ? -1 : left->place > right->place;
}

/* The known values of a set, appended. False: no memory. */
static bool key_values(struct whole_scene *scene, uint32_t set, const struct view_value *values,
                       struct keyed *keyed, uint32_t *count)
{
    for (uint32_t i = 0; i < scene->sets[set].count; i++) {
        struct bytes text;
        if (values[i].state != VALUE_KNOWN || whole_key_is_wrong(&values[i].value)) {
            continue;
        }
        if (!whole_key_text(scene, &values[i].value, &text)) {
            return false;
        }
        keyed[(*count)++] = (struct keyed){text, set, i};
    }
    return true;
}

static void judge_distinct(struct whole_scene *scene, const struct view_value *values)
{
    struct keyed *keyed = whole_take(scene, scene->sets[0].count, sizeof *keyed);
    uint32_t count = 0;
    int64_t distinct = 0;
    if (keyed == NULL || !key_values(scene, 0, values, keyed, &count)) {
        return;
    }
    qsort(keyed, count, sizeof *keyed, compare_keyed);
    for (uint32_t i = 0; i < count; i++) {
        distinct += i == 0 || !bytes_equal(keyed[i].text, keyed[i - 1].text);
    }
    struct operand value = {.type = OPERAND_INT, .integer = distinct};
    bool broken = count != 0 && whole_compare(scene, &value) == TRUTH_FALSE &&
                  whole_is_settled(scene, &value, 1);
    if (broken || !whole_rule_states(scene, 0, values, whole_key_is_wrong, &scene->whole->value)) {
        whole_rule_value(scene, &value, broken, RULING_NO_SPAN);
    }
}

void whole_judge_aggregate(struct whole_scene *scene)
{
    if (whole_is_empty(scene, 1) || !whole_spend(scene, 2 * (uint64_t)scene->sets[0].count)) {
        return;
    }
    const struct view_value *values = values_of(scene, 0);
    if (values == NULL) {
        return;
    }
    if (scene->whole->type == WHOLE_DISTINCT) {
        judge_distinct(scene, values);
        return;
    }
    struct sums totals = add_values(&scene->sets[0], values);
    if (!rule_broken(scene, &totals) &&
        !whole_rule_states(scene, 0, values, is_no_quantity, &scene->whole->value)) {
        rule_computed(scene, &totals, values);
    }
}

/* --- same, unique --- */

/* The first known value of all sets, in the order of the sets. */
static bool rule_same(struct whole_scene *scene, const struct keyed *keyed, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (bytes_equal(keyed[i].text, keyed[0].text)) {
            continue;
        }
        uint32_t span = scene->sets[keyed[i].set].spans[keyed[i].place];
        whole_fail(scene, true, span, "not the same %.*s everywhere",
                   (int)scene->whole->value.text.len, (const char *)scene->whole->value.text.data);
        for (uint32_t k = 0; k <= i; k += i) {
            const struct keyed *one = &keyed[k];
            whole_see(scene, "%s", k != 0 ? ", " : "");
            whole_see_span(scene, one->set, one->place);
            whole_see(scene, ": %.*s", (int)(one->text.len < 60 ? one->text.len : 60),
                      (const char *)one->text.data);
        }
        return true;
    }
    return false;
}

/* A span in two sets is one span. */
static bool rule_unique(struct whole_scene *scene, struct keyed *keyed, uint32_t count)
{
    qsort(keyed, count, sizeof *keyed, compare_keyed);
    for (uint32_t i = 1; i < count; i++) {
        const struct keyed *one = &keyed[i - 1];
        const struct keyed *two = &keyed[i];
        uint32_t first = scene->sets[one->set].spans[one->place];
        uint32_t second = scene->sets[two->set].spans[two->place];
        if (first == second || !bytes_equal(one->text, two->text)) {
            continue;
        }
        whole_fail(scene, true, second, "the same %.*s twice", (int)scene->whole->value.text.len,
                   (const char *)scene->whole->value.text.data);
        whole_see(scene, "%.*s: ", (int)(one->text.len < 60 ? one->text.len : 60),
                  (const char *)one->text.data);
        whole_see_span(scene, one->set, one->place);
        whole_see(scene, ", ");
        whole_see_span(scene, two->set, two->place);
        return true;
    }
    return false;
}

void whole_judge_values(struct whole_scene *scene)
{
    const struct whole *whole = scene->whole;
    const struct view_value *values[WHOLE_SETS_MAX];
    uint32_t count = 0;
    size_t all = 0;
    for (uint32_t s = 0; s < whole->set_count; s++) {
        all += scene->sets[s].count;
    }
    struct keyed *keyed = whole_take(scene, all, sizeof *keyed);
    if (keyed == NULL || whole_is_empty(scene, whole->set_count) || !whole_spend(scene, 2 * all)) {
        return;
    }
    for (uint32_t s = 0; s < whole->set_count; s++) {
        values[s] = values_of(scene, s);
        if (values[s] == NULL || !key_values(scene, s, values[s], keyed, &count)) {
            return;
        }
    }
    bool broken = whole->type == WHOLE_SAME ? rule_same(scene, keyed, count)
                                            : rule_unique(scene, keyed, count);
    bool unknown = false;
    for (uint32_t s = 0; !broken && s < whole->set_count; s++) {
        unknown |= whole_rule_states(scene, s, values[s], whole_key_is_wrong, &whole->value);
    }
    if (!broken && !unknown) {
        whole_pass(scene);
    }
}
