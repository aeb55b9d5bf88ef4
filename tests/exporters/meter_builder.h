/* Meters with chosen names, for the encoders' tests. */
#ifndef ASSERTD_TESTS_EXPORTERS_METER_BUILDER_H
#define ASSERTD_TESTS_EXPORTERS_METER_BUILDER_H

#include "daemon/core/buf.h"
#include "daemon/model/meter.h"

/* An assertion's reading with one field count=12i at 1700000000.000000007 s, campaign "c",
 * assertion `assertion`, the rest "none". */
struct meter meter_of(const char *assertion);

/* Fills `out` with `len` bytes that are often those that formats trip over. */
void hostile_bytes(uint64_t *seed, uint8_t *out, size_t len);

/* The next random number below `most`. */
uint64_t random_below(uint64_t *seed, uint64_t most);

#endif
