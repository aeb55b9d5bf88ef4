/* The InfluxDB exporter: meters as line protocol over HTTP, API v1 (/write) or v2 (/api/v2/write),
 * at least once.
 *
 * One request at a time. Repeats are harmless: times are ours and the same in each attempt. Lines
 * that the server refuses are found by halving and rejected, their neighbours are written. Thread
 * rule: the export thread. */
#ifndef ASSERTD_EXPORTERS_INFLUXDB_H
#define ASSERTD_EXPORTERS_INFLUXDB_H

#include "exporters/exporter.h"

extern const struct exporter_type exporter_influxdb;

#endif
