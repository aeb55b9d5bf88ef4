#include <errno.h>

#include "daemon/core/hex.h"
#include "daemon/pipeline/meters_state.h"

/* One reading in the making. */
struct writing {
    const struct meters *meters;
    struct export_batch *batch;
    uint64_t time_unix_ns;
    bool whole;
    bool failed;
};

static struct bytes text_of(struct writing *writing, struct bytes text)
{
    struct bytes none = BYTES_LITERAL("none");
    return arena_copy(&writing->batch->arena, text.len != 0 ? text : none);
}

static struct meter *begin(struct writing *writing, enum meter_kind kind,
                           const struct meter_labels *labels)
{
    static const struct meter_labels none;
    struct meter *meter = export_batch_meter(writing->batch);
    if (meter == NULL) {
        writing->failed = true;
        return NULL;
    }
    labels = labels != NULL ? labels : &none;
    *meter = (struct meter){
        .kind = kind, .time_unix_ns = writing->time_unix_ns, .whole_campaign = writing->whole};
    meter->tags = (struct meter_tags){
        .campaign = text_of(writing, bytes_of(writing->meters->campaign->key)),
        .scenario = text_of(writing, labels->scenario),
        .step = text_of(writing, labels->step),
        .zone = text_of(writing, labels->zone),
        .tenant = text_of(writing, labels->tenant),
        .suite = text_of(writing, BYTES_NULL),
        .assertion = text_of(writing, BYTES_NULL),
        .service = text_of(writing, BYTES_NULL),
        .status = text_of(writing, BYTES_NULL),
    };
    return meter;
}

static void put_int(struct meter *meter, const char *name, uint64_t number)
{
    meter->fields[meter->field_count++] =
        (struct meter_field){.name = name, .type = METER_INT, .integer = (int64_t)number};
}

static void put_double(struct meter *meter, const char *name, double number)
{
    meter->fields[meter->field_count++] =
        (struct meter_field){.name = name, .type = METER_DOUBLE, .number = number};
}

static void put_text(struct writing *writing, struct meter *meter, const char *name,
                     struct bytes text)
{
    meter->fields[meter->field_count++] = (struct meter_field){
        .name = name, .type = METER_TEXT, .text = arena_copy(&writing->batch->arena, text)};
}

/* Nearest rank of 95 %; the greatest is known exactly. */
static double p95_of(const struct meter_cell *cell)
{
    uint64_t count = cell->histogram.count;
    double value = count != 0 ? histogram_rank(&cell->histogram, (count * 95 + 99) / 100) : 0;
    return value < (double)cell->max_ns ? value : (double)cell->max_ns;
}

static void write_assertion(struct writing *writing, const struct meter_group *group,
                            const struct suite *suite, uint32_t index)
{
    uint32_t place = writing->meters->first_assertion[suite->index] + index;
    for (int result = 0; result < RESULT_COUNT; result++) {
        const struct meter_cell *cell = &group->cells[place * RESULT_COUNT + (uint32_t)result];
        struct meter *meter =
            cell->count != 0 ? begin(writing, METER_ASSERTION, &group->labels) : NULL;
        if (meter == NULL) {
            continue;
        }
        meter->tags.suite = text_of(writing, suite->name);
        meter->tags.assertion = text_of(writing, suite->assertions[index].name);
        meter->tags.status = text_of(writing, bytes_of(result_name((enum result)result)));
        put_int(meter, "count", cell->count);
        put_double(meter, "time_to_verdict_ns_mean", cell->sum_ns / (double)cell->count);
        put_double(meter, "time_to_verdict_ns_max", (double)cell->max_ns);
        put_double(meter, "time_to_verdict_ns_p95", p95_of(cell));
    }
}

static void write_output(struct writing *writing, const struct meter_group *group,
                         const struct suite *suite, uint32_t index)
{
    uint32_t place = writing->meters->first_output[suite->index] + index;
    const struct value_meter *values = &group->outputs[place];
    uint64_t count = values->histogram.count;
    struct meter *meter = count != 0 ? begin(writing, METER_OUTPUT, &group->labels) : NULL;
    if (meter == NULL) {
        return;
    }
    meter->tags.suite = text_of(writing, suite->name);
    meter->tags.output = text_of(writing, suite->outputs[index].name);
    put_int(meter, "count", count);
    put_double(meter, "mean", exact_sum_mean(&values->sum, count));
    put_double(meter, "min", histogram_rank(&values->histogram, 1));
    put_double(meter, "max", histogram_rank(&values->histogram, count));
    put_double(meter, "p50", value_meter_percentile(values, 0.5));
    put_double(meter, "p95", value_meter_percentile(values, 0.95));
}

static void write_count(struct writing *writing, enum meter_kind kind,
                        const struct meter_labels *labels, const char *status, uint64_t count)
{
    struct meter *meter = count != 0 ? begin(writing, kind, labels) : NULL;
    if (meter != NULL) {
        meter->tags.status = text_of(writing, bytes_of(status));
        put_int(meter, "count", count);
    }
}

static void write_group(struct writing *writing, const struct meter_group *group)
{
    static const char *const states[METER_CORRELATIONS] = {"matched", "missing", "unexpected",
                                                           "late", "duplicate"};
    const struct suite_set *set = writing->meters->campaign->set;
    for (uint32_t i = 0; i < set->suite_count; i++) {
        for (uint32_t k = 0; k < set->suites[i].assertion_count; k++) {
            write_assertion(writing, group, &set->suites[i], k);
        }
        for (uint32_t k = 0; k < set->suites[i].output_count; k++) {
            write_output(writing, group, &set->suites[i], k);
        }
    }
    for (int i = 0; i < METER_CORRELATIONS; i++) {
        write_count(writing, METER_CORRELATION, &group->labels, states[i], group->correlated[i]);
    }
    write_count(writing, METER_COMPLETENESS, &group->labels, "whole", group->whole);
    write_count(writing, METER_COMPLETENESS, &group->labels, "short", group->shortened);
}

static void write_service(struct writing *writing, const struct meter_service *service)
{
    struct meter *meter =
        service->cell.count != 0 ? begin(writing, METER_SPAN_DURATION, NULL) : NULL;
    if (meter != NULL) {
        meter->tags.service = text_of(writing, service->name);
        put_int(meter, "count", service->cell.count);
        put_double(meter, "mean", service->cell.sum_ns / (double)service->cell.count);
        put_double(meter, "max", (double)service->cell.max_ns);
        put_double(meter, "p95", p95_of(&service->cell));
    }
}

static void write_event(struct writing *writing, const struct meter_event *event)
{
    const struct suite *suite = &writing->meters->campaign->set->suites[event->suite];
    struct meter *meter = begin(writing, METER_ASSERTION_EVENT, &event->labels);
    char id[TRACE_ID_TEXT_LEN];
    if (meter == NULL) {
        return;
    }
    trace_id_print(id, &event->trace_id);
    meter->tags.suite = text_of(writing, suite->name);
    meter->tags.assertion = text_of(writing, suite->assertions[event->assertion].name);
    meter->tags.service = text_of(writing, event->service);
    meter->tags.status = text_of(writing, bytes_of(result_name(event->result)));
    put_text(writing, meter, "trace_id", bytes_from(id, sizeof id));
    put_text(writing, meter, "reason", event->reason);
    put_text(writing, meter, "value", event->value);
}

int meters_write(const struct meters *meters, uint64_t time_unix_ns, bool whole_campaign,
                 struct export_batch *batch)
{
    struct writing writing = {meters, batch, time_unix_ns, whole_campaign, false};
    for (uint32_t i = 0; i < meters->group_count; i++) {
        write_group(&writing, meters->groups[i]);
    }
    for (uint32_t i = 0; i < meters->service_count; i++) {
        write_service(&writing, meters->services[i]);
    }
    for (uint32_t i = 0; !whole_campaign && i < meters->event_count; i++) {
        write_event(&writing, &meters->events[i]);
    }
    return writing.failed ? -ENOMEM : 0;
}
