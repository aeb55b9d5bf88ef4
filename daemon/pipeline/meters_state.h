/* The inside of meters, shared by the files that fill and write them. Nobody else includes this. */
#ifndef ASSERTD_PIPELINE_METERS_STATE_H
#define ASSERTD_PIPELINE_METERS_STATE_H

#include "assertions/histogram.h"
#include "daemon/pipeline/meters.h"
#include "daemon/pipeline/value_meter.h"

/* A count with the distribution of a duration. */
struct meter_cell {
    uint64_t count;
    double sum_ns;
    uint64_t max_ns;
    struct histogram histogram;
};

/* The first rows of a suite, which most traces come to, are metered as such; there may be many
 * suites and groups. */
#define METER_ROWS_MAX 8u

/* The time to a verdict of the traces that came to one row. */
struct meter_row {
    const struct result_row *row;
    struct meter_cell cell;
};

struct meter_labels {
    struct bytes scenario, step, zone, tenant; /* empty: none */
};

struct meter_group {
    struct meter_labels labels;
    struct meter_cell *cells; /* for each assertion of the set, RESULT_COUNT cells; in the arena */
    struct meter_row *rows;   /* METER_ROWS_MAX for each suite; NULL: nothing came to a row */
    struct value_meter *outputs; /* for each output of the set; in the arena */
    uint64_t correlated[METER_CORRELATIONS];
    uint64_t whole, shortened;
};

struct meter_service {
    struct bytes name;
    struct meter_cell cell;
};

struct meter_event {
    uint32_t suite, assertion;
    enum result result;
    struct trace_id trace_id;
    struct meter_labels labels;
    struct bytes service, reason, value;
};

struct meters {
    struct campaign *campaign;
    struct arena arena;        /* texts, groups' cells */
    uint32_t *first_assertion; /* of each suite, in the set's count of assertions */
    uint32_t assertion_count;
    uint32_t *first_output; /* of each suite, in the set's count of outputs */
    uint32_t output_count;
    struct meter_group *groups[METERS_GROUPS_MAX];
    uint32_t group_count;
    struct meter_service *services[METERS_SERVICES_MAX];
    uint32_t service_count;
    struct meter_event *events; /* METERS_EVENTS_MAX, or NULL */
    uint32_t event_count;
    uint64_t lost;
};

#endif
