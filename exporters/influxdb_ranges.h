/* Which records of a batch are still to be written to InfluxDB, and in what portions: halved where
 * the server refuses. Plain data, pure functions. */
#ifndef ASSERTD_EXPORTERS_INFLUXDB_RANGES_H
#define ASSERTD_EXPORTERS_INFLUXDB_RANGES_H

#include <stdbool.h>
#include <stdint.h>

/* Halving a portion of 2^64 records needs no more. */
#define INFLUXDB_RANGES_MAX 66

struct influxdb_range {
    uint64_t first, end; /* [first, end) */
};

/* A stack: the next portion is on top. */
struct influxdb_ranges {
    struct influxdb_range items[INFLUXDB_RANGES_MAX];
    uint32_t count;
};

/* All of [0, records). */
void influxdb_ranges_init(struct influxdb_ranges *ranges, uint64_t records);

/* Takes the next portion of at most `most` records that are not settled. False: none is left. */
bool influxdb_ranges_next(struct influxdb_ranges *ranges, const uint64_t *settled, uint64_t most,
                          struct influxdb_range *ret);

/* Puts both halves back; the range has at least two records. */
void influxdb_ranges_halve(struct influxdb_ranges *ranges, struct influxdb_range range);

#endif
