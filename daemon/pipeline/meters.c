#include "daemon/pipeline/meters.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/model/injection.h"
#include "daemon/pipeline/meters_state.h"

struct meters *meters_new(struct campaign *campaign)
{
    struct meters *meters = calloc(1, sizeof *meters);
    if (meters == NULL) {
        return NULL;
    }
    const struct suite_set *set = campaign->set;
    campaign_ref(campaign);
    meters->campaign = campaign;
    meters->arena = ARENA_INIT(1024, 0);
    meters->first_assertion =
        arena_calloc(&meters->arena, (size_t)set->suite_count + 1, sizeof(uint32_t));
    meters->first_output =
        arena_calloc(&meters->arena, (size_t)set->suite_count + 1, sizeof(uint32_t));
    if (meters->first_assertion == NULL || meters->first_output == NULL) {
        meters_free(meters);
        return NULL;
    }
    for (uint32_t i = 0; i < set->suite_count; i++) {
        meters->first_assertion[i] = meters->assertion_count;
        meters->assertion_count += set->suites[i].assertion_count;
        meters->first_output[i] = meters->output_count;
        meters->output_count += set->suites[i].output_count;
    }
    return meters;
}

static void free_rows(const struct meters *meters, struct meter_group *group)
{
    uint32_t count = meters->campaign->set->suite_count * METER_ROWS_MAX;
    for (uint32_t i = 0; group->rows != NULL && i < count; i++) {
        histogram_deinit(&group->rows[i].cell.histogram);
    }
    group->rows = NULL;
}

void meters_free(struct meters *meters)
{
    if (meters == NULL) {
        return;
    }
    for (uint32_t i = 0; i < meters->group_count; i++) {
        free_rows(meters, meters->groups[i]);
        for (uint32_t k = 0; k < meters->assertion_count * RESULT_COUNT; k++) {
            histogram_deinit(&meters->groups[i]->cells[k].histogram);
        }
        for (uint32_t k = 0; k < meters->output_count; k++) {
            value_meter_deinit(&meters->groups[i]->outputs[k]);
        }
    }
    for (uint32_t i = 0; i < meters->service_count; i++) {
        histogram_deinit(&meters->services[i]->cell.histogram);
    }
    arena_deinit(&meters->arena);
    campaign_unref(meters->campaign);
    free(meters);
}

static size_t rows_held_of(const struct meters *meters, const struct meter_group *group)
{
    uint32_t count = group->rows != NULL ? meters->campaign->set->suite_count * METER_ROWS_MAX : 0;
    size_t held = 0;
    for (uint32_t i = 0; i < count; i++) {
        held += histogram_held(&group->rows[i].cell.histogram);
    }
    return held;
}

size_t meters_held(const struct meters *meters)
{
    size_t held = sizeof *meters + arena_held(&meters->arena);
    for (uint32_t i = 0; i < meters->group_count; i++) {
        for (uint32_t k = 0; k < meters->assertion_count * RESULT_COUNT; k++) {
            held += histogram_held(&meters->groups[i]->cells[k].histogram);
        }
        held += rows_held_of(meters, meters->groups[i]);
        for (uint32_t k = 0; k < meters->output_count; k++) {
            held += histogram_held(&meters->groups[i]->outputs[k].histogram);
        }
    }
    for (uint32_t i = 0; i < meters->service_count; i++) {
        held += histogram_held(&meters->services[i]->cell.histogram);
    }
    return held;
}

uint64_t meters_lost(const struct meters *meters)
{
    return meters->lost;
}

static struct meter_labels labels_of(const struct injection *injection)
{
    if (injection == NULL) {
        return (struct meter_labels){.scenario = BYTES_NULL};
    }
    return (struct meter_labels){injection->scenario, injection->step, injection->zone,
                                 injection->tenant};
}

static bool labels_equal(const struct meter_labels *a, const struct meter_labels *b)
{
    return bytes_equal(a->scenario, b->scenario) && bytes_equal(a->step, b->step) &&
           bytes_equal(a->zone, b->zone) && bytes_equal(a->tenant, b->tenant);
}

static bool copy_labels(struct meter_labels *to, const struct meter_labels *from,
                        struct arena *arena)
{
    *to = (struct meter_labels){arena_copy(arena, from->scenario), arena_copy(arena, from->step),
                                arena_copy(arena, from->zone), arena_copy(arena, from->tenant)};
    return to->scenario.data != NULL && to->step.data != NULL && to->zone.data != NULL &&
           to->tenant.data != NULL;
}

static struct meter_group *new_group(struct meters *meters, const struct meter_labels *labels)
{
    struct meter_group *group = arena_calloc(&meters->arena, 1, sizeof *group);
    struct meter_cell *cells = arena_calloc(
        &meters->arena, (size_t)meters->assertion_count * RESULT_COUNT + 1, sizeof *cells);
    struct value_meter *outputs =
        arena_calloc(&meters->arena, (size_t)meters->output_count + 1, sizeof *outputs);
    if (group == NULL || cells == NULL || outputs == NULL ||
        !copy_labels(&group->labels, labels, &meters->arena)) {
        return NULL;
    }
    for (uint32_t i = 0; i < meters->assertion_count * RESULT_COUNT; i++) {
        histogram_init(&cells[i].histogram);
    }
    group->cells = cells;
    group->outputs = outputs;
    meters->groups[meters->group_count++] = group;
    return group;
}

static struct meter_group *find_group(const struct meters *meters,
                                      const struct meter_labels *labels)
{
    for (uint32_t i = 0; i < meters->group_count; i++) {
        if (labels_equal(&meters->groups[i]->labels, labels)) {
            return meters->groups[i];
        }
    }
    return NULL;
}

/* The last place is for those without labels, and for all that find no place. */
static struct meter_group *group_of(struct meters *meters, const struct meter_labels *labels)
{
    static const struct meter_labels none;
    struct meter_group *group = find_group(meters, labels);
    if (group == NULL && meters->group_count >= METERS_GROUPS_MAX - 1) {
        group = find_group(meters, &none);
        labels = &none;
    }
    if (group == NULL) {
        group = new_group(meters, labels);
        meters->lost += group == NULL;
    }
    return group;
}

static struct meter_service *find_service(const struct meters *meters, struct bytes name)
{
    for (uint32_t i = 0; i < meters->service_count; i++) {
        if (bytes_equal(meters->services[i]->name, name)) {
            return meters->services[i];
        }
    }
    return NULL;
}

static struct meter_service *service_of(struct meters *meters, struct bytes name)
{
    struct meter_service *service = find_service(meters, name);
    if (service == NULL && meters->service_count >= METERS_SERVICES_MAX - 1) {
        name = BYTES_LITERAL("(other)");
        service = find_service(meters, name);
    }
    if (service != NULL) {
        return service;
    }
    service = arena_calloc(&meters->arena, 1, sizeof *service);
    struct bytes copy = arena_copy(&meters->arena, name);
    if (service == NULL || copy.data == NULL) {
        meters->lost++;
        return NULL;
    }
    service->name = copy;
    histogram_init(&service->cell.histogram);
    meters->services[meters->service_count++] = service;
    return service;
}

static void cell_add(struct meters *meters, struct meter_cell *cell, uint64_t ns)
{
    cell->count++;
    cell->sum_ns += (double)ns;
    cell->max_ns = ns > cell->max_ns ? ns : cell->max_ns;
    meters->lost += histogram_add(&cell->histogram, (double)ns) != 0;
}

static int cell_merge(struct meter_cell *into, const struct meter_cell *from)
{
    into->count += from->count;
    into->sum_ns += from->sum_ns;
    into->max_ns = from->max_ns > into->max_ns ? from->max_ns : into->max_ns;
    return from->histogram.count != 0 ? histogram_merge(&into->histogram, &from->histogram) : 0;
}

static struct bytes seen_text(const struct seen *seen, struct arena *arena)
{
    struct buf text = BUF_NULL;
    if (seen->type != SEEN_NOTHING) {
        seen_print(&text, seen);
    }
    struct bytes copy = arena_copy(arena, buf_bytes(&text));
    buf_deinit(&text);
    return copy;
}

static void add_event(struct meters *meters, const struct trace *trace, const struct suite *suite,
                      const struct assertion_result *result)
{
    static const struct failure nothing;
    const struct failure *failure = result->failure_count != 0 ? &result->failures[0] : &nothing;
    struct meter_labels labels = labels_of(trace->injection);
    if (meters->events == NULL) {
        meters->events = arena_calloc(&meters->arena, METERS_EVENTS_MAX, sizeof *meters->events);
    }
    if (meters->events == NULL || meters->event_count == METERS_EVENTS_MAX) {
        meters->lost += meters->events == NULL;
        return;
    }
    struct meter_event *event = &meters->events[meters->event_count];
    *event = (struct meter_event){.suite = suite->index,
                                  .assertion = result->index,
                                  .result = result->result,
                                  .trace_id = trace->id,
                                  .service = arena_copy(&meters->arena, failure->service),
                                  .reason = arena_copy(&meters->arena, failure->reason),
                                  .value = seen_text(&failure->actual, &meters->arena)};
    meters->event_count += copy_labels(&event->labels, &labels, &meters->arena);
}

/* Where the traces of a row are counted. NULL: it has no place, or no memory. */
static struct meter_cell *cell_of_row(struct meters *meters, struct meter_group *group,
                                      const struct judgement *judgement)
{
    if (judgement->row == NULL || judgement->row->number >= METER_ROWS_MAX) {
        return NULL;
    }
    if (group->rows == NULL) {
        size_t count = (size_t)meters->campaign->set->suite_count * METER_ROWS_MAX;
        group->rows = arena_calloc(&meters->arena, count, sizeof *group->rows);
    }
    if (group->rows == NULL) {
        return NULL;
    }
    struct meter_row *of =
        &group->rows[judgement->suite->index * METER_ROWS_MAX + judgement->row->number];
    of->row = judgement->row;
    return &of->cell;
}

/* Counts the traces of all rows in the cells of `into`, of the same labels. 0, or -ENOMEM. */
static int add_rows(struct meters *meters, struct meter_group *into, const struct meter_group *from)
{
    const struct suite_set *set = meters->campaign->set;
    int bad = 0;
    for (uint32_t i = 0; from->rows != NULL && i < set->suite_count * METER_ROWS_MAX; i++) {
        const struct meter_row *of = &from->rows[i];
        uint32_t suite = i / METER_ROWS_MAX;
        uint32_t count = of->cell.count != 0 ? set->suites[suite].assertion_count : 0;
        for (uint32_t k = 0; k < count; k++) {
            uint32_t place = meters->first_assertion[suite] + k;
            bad |= cell_merge(&into->cells[place * RESULT_COUNT + of->row->results[k].result],
                              &of->cell) != 0;
        }
    }
    return bad != 0 ? -ENOMEM : 0;
}

void meters_settle(struct meters *meters)
{
    for (uint32_t i = 0; i < meters->group_count; i++) {
        meters->lost += add_rows(meters, meters->groups[i], meters->groups[i]) != 0;
        free_rows(meters, meters->groups[i]);
    }
}

static void add_judgement(struct meters *meters, struct meter_group *group,
                          const struct trace *trace, const struct judgement *judgement, uint64_t ns)
{
    const struct suite *suite = judgement->suite;
    struct meter_cell *shared = cell_of_row(meters, group, judgement);
    if (shared != NULL) {
        cell_add(meters, shared, ns);
        return;
    }
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        const struct assertion_result *result = &judgement->results[i];
        uint32_t place = meters->first_assertion[suite->index] + i;
        cell_add(meters, &group->cells[place * RESULT_COUNT + result->result], ns);
        if (result->result >= RESULT_INCONCLUSIVE) {
            add_event(meters, trace, suite, result);
        }
    }
}

static void add_outputs(struct meters *meters, struct meter_group *group,
                        const struct judgement *judgement)
{
    for (uint32_t i = 0; i < judgement->output_count; i++) {
        uint32_t place = meters->first_output[judgement->suite->index] + i;
        double number;
        if (value_meter_number(&judgement->outputs[i].value, &number)) {
            meters->lost += value_meter_add(&group->outputs[place], number) != 0;
        }
    }
}

/* Spans of one service stand together more often than not. */
static void add_spans(struct meters *meters, const struct trace *trace)
{
    const struct resource *resource = NULL;
    struct meter_service *service = NULL;
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct trace_span *span = &trace->spans[i];
        if (trace_span_resource(trace, span) != resource) {
            resource = trace_span_resource(trace, span);
            service = service_of(meters, resource->service);
        }
        if (service != NULL && span->end_ns >= span->start_ns) {
            cell_add(meters, &service->cell, span->end_ns - span->start_ns);
        }
    }
}

void meters_add_trace(struct meters *meters, const struct trace *trace,
                      const struct judgement *judgements, const uint64_t *times)
{
    struct meter_labels labels = labels_of(trace->injection);
    struct meter_group *group = group_of(meters, &labels);
    unsigned short_reasons = 0;
    bool judged = false;
    for (uint32_t i = 0; group != NULL && i < meters->campaign->set->suite_count; i++) {
        if (judgements[i].applies) {
            judged = true;
            short_reasons |= judgements[i].short_reasons;
            add_judgement(meters, group, trace, &judgements[i], times != NULL ? times[i] : 0);
            add_outputs(meters, group, &judgements[i]);
        }
    }
    if (group == NULL) {
        return;
    }
    group->whole += judged && short_reasons == 0;
    group->shortened += judged && short_reasons != 0;
    group->correlated[METER_MATCHED] += trace->injection != NULL;
    group->correlated[METER_DUPLICATE] += trace->injection != NULL && trace->duplicates != 0;
    if (judged) {
        add_spans(meters, trace);
    }
}

void meters_add_correlation(struct meters *meters, const struct injection *injection,
                            enum meter_correlation state)
{
    struct meter_labels labels = labels_of(injection);
    struct meter_group *group = group_of(meters, &labels);
    if (group != NULL) {
        group->correlated[state]++;
    }
}

static int merge_group(struct meters *into, const struct meter_group *from)
{
    struct meter_group *group = group_of(into, &from->labels);
    int bad = group == NULL;
    if (group == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < into->assertion_count * RESULT_COUNT; i++) {
        bad |= cell_merge(&group->cells[i], &from->cells[i]) != 0;
    }
    bad |= add_rows(into, group, from) != 0;
    for (uint32_t i = 0; i < into->output_count; i++) {
        bad |= value_meter_merge(&group->outputs[i], &from->outputs[i]) != 0;
    }
    for (uint32_t i = 0; i < METER_CORRELATIONS; i++) {
        group->correlated[i] += from->correlated[i];
    }
    group->whole += from->whole;
    group->shortened += from->shortened;
    return bad ? -ENOMEM : 0;
}

static int merge_event(struct meters *into, const struct meter_event *from)
{
    if (into->events == NULL) {
        into->events = arena_calloc(&into->arena, METERS_EVENTS_MAX, sizeof *into->events);
    }
    if (into->events == NULL || into->event_count == METERS_EVENTS_MAX) {
        return into->events == NULL ? -ENOMEM : 0;
    }
    struct meter_event *event = &into->events[into->event_count];
    *event = *from;
    event->service = arena_copy(&into->arena, from->service);
    event->reason = arena_copy(&into->arena, from->reason);
    event->value = arena_copy(&into->arena, from->value);
    if (!copy_labels(&event->labels, &from->labels, &into->arena)) {
        return -ENOMEM;
    }
    into->event_count++;
    return 0;
}

int meters_merge(struct meters *into, const struct meters *from)
{
    int bad = 0;
    for (uint32_t i = 0; i < from->group_count; i++) {
        bad |= merge_group(into, from->groups[i]);
    }
    for (uint32_t i = 0; i < from->service_count; i++) {
        struct meter_service *service = service_of(into, from->services[i]->name);
        bad |= service == NULL || cell_merge(&service->cell, &from->services[i]->cell) != 0;
    }
    for (uint32_t i = 0; i < from->event_count; i++) {
        bad |= merge_event(into, &from->events[i]);
    }
    into->lost += from->lost;
    return bad ? -ENOMEM : 0;
}
