/* A report as one JSON object, for machines: docs/report.schema.json names every member
 * (DESIGN 5.4).
 *
 * Members stand in a fixed order and lists in the model's, so that equal reports give equal bytes.
 * Durations are nanoseconds, times RFC 3339 in UTC; what JSON numbers cannot hold exactly is text.
 * Pure function. */
#ifndef ASSERTD_EXPORTERS_REPORT_JSON_H
#define ASSERTD_EXPORTERS_REPORT_JSON_H

#include "daemon/core/json.h"
#include "daemon/model/report.h"

/* Writes the whole report as one value. Lack of memory shows in json->out->failed. */
void report_write_json(struct json *json, const struct report *report);

#endif
