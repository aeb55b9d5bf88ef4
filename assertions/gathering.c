#include "assertions/gathering.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "assertions/gathering_place.h"
#include "assertions/rule.h"
#include "assertions/sample.h"
#include "daemon/core/clock.h"
#include "daemon/core/memory.h"
#include "daemon/model/injection.h"

static void gathered_init(struct gathered *of)
{
    memset(of, 0, sizeof *of);
    samples_init(&of->samples);
    value_set_init(&of->values);
}

static void gathered_deinit(struct gathered *of)
{
    samples_deinit(&of->samples);
    value_set_deinit(&of->values);
    second_counts_deinit(&of->seconds);
}

static size_t gathered_held(const struct gathered *of)
{
    return histogram_held(&of->samples.histogram) + value_set_held(&of->values) +
           second_counts_held(&of->seconds);
}

static void cell_free(struct gathered_cell *cell)
{
    if (cell != NULL) {
        gathered_deinit(&cell->in);
        free(cell);
    }
}

/* One block, the key behind the struct. */
static struct gathered_cell *cell_new(struct bytes key, uint32_t window)
{
    struct gathered_cell *cell = memory_alloc(sizeof *cell + key.len + 1);
    if (cell == NULL) {
        return NULL;
    }
    gathered_init(&cell->in);
    cell->window = window;
    cell->key = bytes_from(cell + 1, key.len);
    if (key.len != 0) {
        memcpy(cell + 1, key.data, key.len);
    }
    return cell;
}

void gathering_init(struct gathering *gathering)
{
    *gathering = (struct gathering){.cells = NULL};
    gathered_init(&gathering->all);
}

void gathering_deinit(struct gathering *gathering)
{
    for (uint32_t i = 0; i < gathering->count; i++) {
        cell_free(gathering->cells[i]);
    }
    free(gathering->cells);
    cell_free(gathering->others);
    gathered_deinit(&gathering->all);
    gathering_init(gathering);
}

size_t gathering_held(const struct gathering *gathering)
{
    size_t held = gathered_held(&gathering->all) + gathering->room * sizeof *gathering->cells;
    for (uint32_t i = 0; i < gathering->count; i++) {
        held += sizeof *gathering->cells[i] + gathered_held(&gathering->cells[i]->in);
    }
    return held + (gathering->others != NULL
                       ? sizeof *gathering->others + gathered_held(&gathering->others->in)
                       : 0);
}

/* --- merging --- */

static void merge_counts(struct state_counts *into, const struct state_counts *from)
{
    into->injections += from->injections;
    into->missing += from->missing;
    into->duplicate += from->duplicate;
    into->expecting += from->expecting;
    into->judged += from->judged;
    into->pass += from->pass;
    into->fail += from->fail;
    into->error += from->error;
    into->inconclusive += from->inconclusive;
}

static void merge_ends(struct span_ends *into, const struct span_ends *from)
{
    if (from->count == 0) {
        return;
    }
    bool first = into->count == 0;
    into->first_ns = first || from->first_ns < into->first_ns ? from->first_ns : into->first_ns;
    into->last_ns = first || from->last_ns > into->last_ns ? from->last_ns : into->last_ns;
    into->count += from->count;
}

static int gathered_merge(struct gathered *into, const struct gathered *from)
{
    int bad = samples_merge(&into->samples, &from->samples);
    bad |= value_set_merge(&into->values, &from->values);
    bad |= second_counts_merge(&into->seconds, &from->seconds);
    merge_counts(&into->counts, &from->counts);
    merge_ends(&into->ends, &from->ends);
    return bad ? -ENOMEM : 0;
}

/* --- cells --- */

/* The place of the key; whether it is there. */
static bool find_place(const struct gathering *gathering, struct bytes key, uint32_t *ret)
{
    uint32_t from = 0;
    uint32_t end = gathering->count;
    while (from < end) {
        uint32_t middle = from + (end - from) / 2;
        int order = bytes_compare(gathering->cells[middle]->key, key);
        if (order == 0) {
            *ret = middle;
            return true;
        }
        from = order < 0 ? middle + 1 : from;
        end = order < 0 ? end : middle;
    }
    *ret = from;
    return false;
}

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
    struct gathered_cell *last = gathering->cells[gathering->count - 1];
    int bad = others != NULL ? gathered_merge(&others->in, &last->in) : -ENOMEM;
    cell_free(last);
    gathering->count--;
    return bad;
}

static int make_room(struct gathering *gathering)
{
    if (gathering->count < gathering->room) {
        return 0;
    }
    uint32_t room = gathering->room != 0 ? gathering->room * 2 : 4;
    struct gathered_cell **cells =
        memory_resize(gathering->cells, gathering->room * sizeof(struct gathered_cell *),
                      room * sizeof(struct gathered_cell *));
    if (cells == NULL) {
        return -ENOMEM;
    }
    gathering->cells = cells;
    gathering->room = room;
    return 0;
}

/* The cell of a key, made if need be; `bounded`: at most GATHERING_CLASSES_MAX of them. NULL: no
 * memory, which is noted. */
static struct gathered_cell *cell_of(struct gathering *gathering, struct bytes key, uint32_t window,
                                     bool bounded)
{
    uint32_t at;
    if (find_place(gathering, key, &at)) {
        return gathering->cells[at];
    }
    bool full = bounded && gathering->count == GATHERING_CLASSES_MAX;
    if (full && at == gathering->count) {
        struct gathered_cell *others = others_of(gathering);
        gathering->lost += others == NULL;
        return others;
    }
    struct gathered_cell *cell = cell_new(key, window);
    if (cell == NULL || make_room(gathering) != 0) {
        cell_free(cell);
        gathering->lost++;
        return NULL;
    }
    gathering->lost += full && evict_last(gathering) != 0;
    memmove(gathering->cells + at + 1, gathering->cells + at,
            (gathering->count - at) * sizeof(struct gathered_cell *));
    gathering->cells[at] = cell;
    gathering->count++;
    return cell;
}

int gathering_merge(struct gathering *into, const struct threshold *threshold,
                    const struct gathering *from)
{
    int bad = gathered_merge(&into->all, &from->all);
    for (uint32_t i = 0; i < from->count; i++) {
        const struct gathered_cell *cell = from->cells[i];
        struct gathered_cell *own =
            cell_of(into, cell->key, cell->window, threshold->by_count != 0);
        bad |= own != NULL ? gathered_merge(&own->in, &cell->in) : -ENOMEM;
    }
    if (from->others != NULL) {
        struct gathered_cell *others = others_of(into);
        bad |= others != NULL ? gathered_merge(&others->in, &from->others->in) : -ENOMEM;
    }
    into->beyond += from->beyond;
    into->lost += from->lost;
    return bad ? -ENOMEM : 0;
}

/* --- adding --- */

/* Where something of a time goes: to all, and to a cell where it is gathered apart. */
struct places {
    struct gathered *all;  /* NULL: it is left out */
    struct gathered *cell; /* NULL: none */
};

static struct places places_at(struct gathering *gathering, const struct gather_place *place,
                               uint64_t time_ns)
{
    const struct threshold *threshold = place->threshold;
    struct places places = {NULL, NULL};
    struct gathered_cell *cell = NULL;
    uint64_t offset = gather_offset(place, time_ns);
    if (!gather_is_taken(place, offset)) {
        return places;
    }
    places.all = &gathering->all;
    if (threshold->by_count != 0) {
        uint8_t text[GATHER_KEY_MAX];
        cell = cell_of(gathering, gather_class_key(place, offset, text), 0, true);
    } else if (threshold->over_ns != 0) {
        uint64_t window = offset / threshold->over_ns;
        uint8_t key[] = {(uint8_t)(window >> 8), (uint8_t)window};
        bool beyond = window >= GATHERING_WINDOWS_MAX;
        gathering->beyond += beyond;
        cell = beyond ? NULL
                      : cell_of(gathering, bytes_from(key, sizeof key), (uint32_t)window, false);
    }
    places.cell = cell != NULL ? &cell->in : NULL;
    return places;
}

void gathering_add_injection(struct gathering *gathering, const struct gather_place *place,
                             bool missing, bool duplicate)
{
    if (!threshold_narrows(place->threshold) || !rule_counts_injections(place->threshold->rule)) {
        return;
    }
    struct places places = places_at(gathering, place, gather_injection_time(place));
    struct gathered *into[] = {places.all, places.cell};
    for (int i = 0; i < 2; i++) {
        if (into[i] != NULL) {
            into[i]->counts.injections++;
            into[i]->counts.expecting += injection_expects_trace(place->injection);
            into[i]->counts.missing += missing;
            into[i]->counts.duplicate += duplicate;
        }
    }
}

static void count_result(struct state_counts *counts, enum result result)
{
    counts->judged += result != RESULT_SKIPPED;
    counts->pass += result == RESULT_PASS;
    counts->fail += result == RESULT_FAIL;
    counts->error += result == RESULT_ERROR;
    counts->inconclusive += result == RESULT_INCONCLUSIVE;
}

static void add_ends(struct span_ends *ends, uint64_t end_ns)
{
    struct span_ends one = {1, end_ns, end_ns};
    merge_ends(ends, &one);
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
    add_ends(&to->ends, sample->end_ns);
    if (place->threshold->rule->aggregate == AGGREGATE_SLOPE) {
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
    bool own_time =
        rule_counts_spans(adding->place->threshold->rule) && sample->outcome == SAMPLE_VALUE;
    struct places places =
        places_at(adding->gathering, adding->place, own_time ? sample->end_ns : adding->time_ns);
    if (places.all != NULL) {
        add_sample(places.all, adding->place, sample);
    }
    if (places.cell != NULL) {
        add_sample(places.cell, adding->place, sample);
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
        struct places places = places_at(gathering, place, time);
        if (places.all != NULL) {
            count_result(&places.all->counts, result);
        }
        if (places.cell != NULL) {
            count_result(&places.cell->counts, result);
        }
    }
}
