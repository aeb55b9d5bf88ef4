/* Meters as lines of Graphite's plaintext protocol, "PATH VALUE SECONDS\n", tagged or hierarchical.
 * Pure functions.
 *
 * Tagged: PREFIX.MEASUREMENT.FIELD;assertion=...;...;zone=... with sorted tags, without the
 * campaign (each run would create new series, which carbon rations). Hierarchical:
 * PREFIX.TENANT.SCENARIO.STEP.ASSERTION.STATUS.STATISTIC for assertions and
 * PREFIX.TENANT.SCENARIO.STEP.MEASUREMENT.SERVICE.STATUS.FIELD for the rest; the readings of a
 * whole campaign have a segment "campaign" before the last. Everything outside [A-Za-z0-9_-]
 * becomes '_'; what is cut or not ASCII keeps apart by a hash at its end; segments are at most
 * GRAPHITE_SEGMENT_MAX bytes, so that a line stays far below carbon's 16 KiB. */
#ifndef ASSERTD_EXPORTERS_GRAPHITE_ENCODE_H
#define ASSERTD_EXPORTERS_GRAPHITE_ENCODE_H

#include "daemon/core/buf.h"
#include "daemon/model/meter.h"

#define GRAPHITE_SEGMENT_MAX 200
#define GRAPHITE_PREFIX_MAX  1024

/* How many lines a meter makes: a line for each finite number; none for single events and
 * annotations. */
uint32_t graphite_lines(const struct meter *meter);

/* Appends these lines. `prefix` is a clean path (graphite_prefix_valid). */
void graphite_encode_meter(struct buf *out, const struct meter *meter, struct bytes prefix,
                           bool tags);

/* Whether `prefix` is segments of [A-Za-z0-9_-] between single dots, at most GRAPHITE_PREFIX_MAX
 * bytes; or empty. */
bool graphite_prefix_valid(struct bytes prefix);

#endif
