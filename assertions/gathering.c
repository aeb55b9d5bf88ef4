#include "assertions/gathering.h"

#include <errno.h>

#include "assertions/gathering_place.h"
#include "assertions/rule.h"
#include "assertions/sample.h"
#include "daemon/core/clock.h"
#include "daemon/model/injection.h"

void gathering_init(struct gathering *gathering)
{
    *gathering = (struct gathering){.others = NULL};
    gathered_init(&gathering->all);
}

void gathering_deinit(struct gathering *gathering)
{
    cell_list_deinit(&gathering->cells);
    cell_free(gathering->others);
    gathered_deinit(&gathering->all);
    gathering_init(gathering);
}

size_t gathering_held(const struct gathering *gathering)
{
    return gathered_held(&gathering->all) + cell_list_held(&gathering->cells) +
           cell_held(gathering->others);
}

/* --- combinations of labels --- */

static struct gathered_cell *others_of(struct gathering *gathering)
{
    if (gathering->others == NULL) {
        gathering->others = cell_new(BYTES_NULL, 0);
    }
    return gathering->others;
}

/* The last one gives its place up for one that comes before it. 0, or -ENOMEM. */
static int evict_last(struct gathering *gathering)
{
    struct gathered_cell *others = others_of(gathering);
    struct gathered_cell *last = gathering->cells.items[gathering->cells.count - 1];
    int bad = others != NULL ? cell_merge(others, last) : -ENOMEM;
    cell_free(last);
    gathering->cells.count--;
    return bad;
}

/* The cell of a combination, made if need be: at most GATHERING_CLASSES_MAX of them. NULL: no
 * memory, which is noted. */
static struct gathered_cell *class_of(struct gathering *gathering, struct bytes key)
{
    uint32_t at;
    if (cell_list_find(&gathering->cells, key, &at)) {
        return gathering->cells.items[at];
    }
    bool full = gathering->cells.count == GATHERING_CLASSES_MAX;
    struct gathered_cell *cell;
    if (full && at == gathering->cells.count) {
        cell = others_of(gathering);
    } else {
        gathering->lost += full && evict_last(gathering) != 0;
        cell = cell_list_insert(&gathering->cells, at, key, 0);
    }
    gathering->lost += cell == NULL;
    return cell;
}

int gathering_merge(struct gathering *into, const struct threshold *threshold,
                    const struct gathering *from)
{
    int bad = gathered_merge(&into->all, &from->all);
    for (uint32_t i = 0; i < from->cells.count; i++) {
        const struct gathered_cell *cell = from->cells.items[i];
        struct gathered_cell *own = threshold->by_count != 0
                                        ? class_of(into, cell->key)
                                        : cell_list_window(&into->cells, cell->window);
        bad |= own != NULL ? cell_merge(own, cell) : -ENOMEM;
    }
    if (from->others != NULL) {
        struct gathered_cell *others = others_of(into);
        bad |= others != NULL ? cell_merge(others, from->others) : -ENOMEM;
    }
    into->beyond += from->beyond;
    into->lost += from->lost;
    return bad ? -ENOMEM : 0;
}

/* --- adding --- */

/* Where something of a time goes: to all, to its combination of labels, to its window. */
struct places {
    struct gathered *in[3];
    uint32_t count; /* 0: it is left out */
};

static void add_place(struct places *places, struct gathered_cell *cell)
{
    if (cell != NULL) {
        places->in[places->count++] = &cell->in;
    }
}

/* The window of an offset, of all or of a combination; NULL: there is none so late, or no memory.
 */
static struct gathered_cell *window_at(struct gathering *gathering, struct gathered_cell *class,
                                       uint64_t window)
{
    struct cell_list *windows = class != NULL ? &class->windows : &gathering->cells;
    if (window >= (class != NULL ? GATHERING_CLASS_WINDOWS_MAX : GATHERING_WINDOWS_MAX)) {
        gathering->beyond++;
        if (class != NULL) {
            class->beyond++;
        }
        return NULL;
    }
    struct gathered_cell *cell = cell_list_window(windows, (uint32_t)window);
    gathering->lost += cell == NULL;
    return cell;
}

static struct places places_at(struct gathering *gathering, const struct gather_place *place,
                               uint64_t time_ns)
{
    const struct threshold *threshold = place->threshold;
    struct places places = {.count = 0};
    struct gathered_cell *class = NULL;
    uint64_t offset = gather_offset(place, time_ns);
    if (!gather_is_taken(place, offset)) {
        return places;
    }
    places.in[places.count++] = &gathering->all;
    if (threshold->by_count != 0) {
        uint8_t text[GATHER_KEY_MAX];
        class = class_of(gathering, gather_class_key(place, offset, text));
        add_place(&places, class);
    }
    bool windows = threshold->over_ns != 0 && !rule_counts_backlog(threshold->rule);
    if (windows && (class != NULL || threshold->by_count == 0)) {
        add_place(&places, window_at(gathering, class, offset / threshold->over_ns));
    }
    return places;
}

void gathering_add_injection(struct gathering *gathering, const struct gather_place *place,
                             bool missing, bool duplicate)
{
    const struct rule *rule = place->threshold->rule;
    bool expects = injection_expects_trace(place->injection);
    bool counted = rule_counts_injections(rule) && (expects || rule->state != STATE_MISSING);
    if (!threshold_narrows(place->threshold) || !counted) {
        return; /* what is not counted makes no row of its own */
    }
    struct places places = places_at(gathering, place, gather_injection_time(place));
    for (uint32_t i = 0; i < places.count; i++) {
        struct state_counts *counts = &places.in[i]->counts;
        counts->injections++;
        counts->expecting += expects;
        counts->missing += missing;
        counts->duplicate += duplicate;
    }
}

static void count_result(struct state_counts *counts, enum result result)
{
    counts->judged++;
    counts->pass += result == RESULT_PASS;
    counts->fail += result == RESULT_FAIL;
    counts->error += result == RESULT_ERROR;
    counts->inconclusive += result == RESULT_INCONCLUSIVE;
}

static int add_value(struct gathered *to, const struct sample *sample)
{
    int bad = value_set_add(&to->values, sample->text);
    to->samples.lost += bad != 0;
    return bad;
}

static void add_span(struct gathered *to, const struct gather_place *place,
                     const struct sample *sample)
{
    uint64_t second = gather_offset(place, sample->end_ns) / NS_PER_S;
    span_ends_add(&to->ends, sample->end_ns);
    if (rule_counts_backlog(place->threshold->rule)) {
        to->samples.lost += second_counts_add(&to->seconds, second, !sample->consumed) != 0;
    }
}

static void add_sample(struct gathered *to, const struct gather_place *place,
                       const struct sample *sample)
{
    const struct rule *rule = place->threshold->rule;
    if (sample->outcome == SAMPLE_LOST) {
        to->samples.lost++;
    } else if (sample->outcome == SAMPLE_ABSENT) {
        samples_add_absent(&to->samples);
    } else if (rule_tells_values(rule)) {
        (void)add_value(to, sample);
    } else if (rule_counts_spans(rule)) {
        add_span(to, place, sample);
    } else {
        samples_add(&to->samples, sample->value, sample->integer, sample->exact);
    }
}

/* The samples of one trace on their way. */
struct adding {
    struct gathering *gathering;
    const struct gather_place *place;
    uint64_t time_ns;
};

static void take_sample(void *self, const struct sample *sample)
{
    const struct adding *adding = self;
    const struct rule *rule = adding->place->threshold->rule;
    bool own_time = rule_counts_spans(rule);
    if (rule_tells_values(rule) && sample->outcome == SAMPLE_ABSENT) {
        return; /* an absent value is none that could come again */
    }
    if (own_time && sample->outcome == SAMPLE_LOST) {
        adding->gathering->lost++; /* nobody knows when they ended */
        return;
    }
    struct places places =
        places_at(adding->gathering, adding->place, own_time ? sample->end_ns : adding->time_ns);
    for (uint32_t i = 0; i < places.count; i++) {
        add_sample(places.in[i], adding->place, sample);
    }
}

void gathering_add_trace(struct gathering *gathering, const struct gather_place *place,
                         struct judge *judge, const struct judgement *judgement,
                         struct arena *scratch)
{
    const struct threshold *threshold = place->threshold;
    const struct rule *rule = threshold->rule;
    uint64_t time = threshold_narrows(threshold) ? gather_trace_time(place, judge->trace) : 0;
    if (!rule_counts_states(rule)) {
        struct adding adding = {gathering, place, time};
        judge_samples(judge, place->suite, rule, scratch, take_sample, &adding);
    } else if (threshold_narrows(threshold) && !rule_counts_injections(rule)) {
        enum result result = threshold->of_assertion != THRESHOLD_OF_NONE
                                 ? judgement->results[threshold->of_assertion].result
                                 : judgement->verdict;
        if (result == RESULT_SKIPPED) {
            return;
        }
        struct places places = places_at(gathering, place, time);
        for (uint32_t i = 0; i < places.count; i++) {
            count_result(&places.in[i]->counts, result);
        }
    }
}
