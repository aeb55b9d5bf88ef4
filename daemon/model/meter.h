/* A meter reading on its way to the sinks (DESIGN 5.6): a name, the closed set of tags, numbers.
 *
 * `period` readings come every campaign tick and cover it; `campaign` ones come once, at the end.
 * Views live in the export batch's arena. Thread rule: immutable. */
#ifndef ASSERTD_MODEL_METER_H
#define ASSERTD_MODEL_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/bytes.h"

/* Measurements of DESIGN 5.6. */
enum meter_kind {
    METER_ASSERTION,       /* count, time_to_verdict_ns_mean/_max/_p95 by assertion and status */
    METER_ASSERTION_EVENT, /* one failing result: trace_id, reason, value; not aggregated */
    METER_CORRELATION,     /* trace_correlation: count by status (matched, missing, ...) */
    METER_COMPLETENESS,    /* trace_completeness: count by status (whole, short) */
    METER_SPAN_DURATION,   /* count, mean, max, p95 by service */
    METER_OUTPUT,          /* count, mean, min, max, p50, p95 of a suite's output */
    METER_CAMPAIGN,        /* traces, failed, ... by status */
    METER_EVENTS,          /* an annotation: text */
};

/* The measurement's name ("trace_correlation"). */
const char *meter_kind_name(enum meter_kind kind);

/* Always all written, "none" where empty, in every sink that has tags; `output` by METER_OUTPUT
 * alone, which always has it. */
struct meter_tags {
    struct bytes campaign, scenario, step, zone, tenant, suite, assertion, service, status, output;
};

#define METER_FIELDS_MAX 6

struct meter_field {
    const char *name; /* "count" */
    enum { METER_INT, METER_DOUBLE, METER_TEXT } type;
    int64_t integer;
    double number;
    struct bytes text;
};

struct meter {
    enum meter_kind kind;
    uint64_t time_unix_ns;
    bool whole_campaign; /* scope: campaign, else period */
    struct meter_tags tags;
    struct meter_field fields[METER_FIELDS_MAX];
    uint32_t field_count;
};

#endif
