/* Meters as InfluxDB line protocol: all tags of meter_tags.h on every line, numbers and texts as
 * fields. Pure functions.
 *
 * Hostile names: invalid UTF-8 is mended, control characters become blanks, a backslash at the end
 * of a tag (which would eat the separator) becomes '/', tags are cut to 2,048 bytes (a series key
 * is at most 65,535), texts to 32,768.
 *
 * A point is its measurement, tags and time: a second one with the same overwrites the first.
 * Readings of one period are merged before they come here; single events and annotations get a time
 * of their own from `influxdb_times`. */
#ifndef ASSERTD_EXPORTERS_INFLUXDB_ENCODE_H
#define ASSERTD_EXPORTERS_INFLUXDB_ENCODE_H

#include "daemon/core/buf.h"
#include "daemon/model/meter.h"

/* Gives events rising times: an event's own time, or one nanosecond after the last given, whichever
 * is later. Keep it over batches; encode a batch again from a copy of where it stood, and the lines
 * come out the same. */
struct influxdb_times {
    uint64_t last_ns;
};

/* Whether the meter has a field that can be written (a finite number or a text). */
bool influxdb_writes_meter(const struct meter *meter);

/* Appends one line with its end; the meter must be one that is written. */
void influxdb_encode_meter(struct buf *out, const struct meter *meter,
                           struct influxdb_times *times);

#endif
