/* Trace IDs that were never sent before, and those of probes, which carry the time they were sent.
 *
 * A probe is a trace whose verdict is waited for: its ID begins with PROBE_MARK and ends with the
 * monotonic time of sending, so that whoever sees the verdict knows how long it took. Thread rule:
 * none shared. */
#ifndef ASSERTD_TESTS_BENCH_IDS_H
#define ASSERTD_TESTS_BENCH_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/bytes.h"

#define TRACE_ID_BYTES 16
#define PROBE_MARK     UINT32_C(0x9b0be5ed)

struct ids {
    uint64_t next;
    bool probes;
};

/* `seed` keeps the IDs of several runs apart. */
struct ids ids_from(uint32_t seed, bool probes);

/* Writes the ID that comes `ahead` after the next; `now_ns` goes into a probe's. Who uses IDs moves
 * `next` on. */
void ids_write(const struct ids *ids, uint32_t ahead, uint64_t now_ns, uint8_t ret[TRACE_ID_BYTES]);

/* When the probe of this ID was sent; 0: it is not one. */
uint64_t probe_sent_ns(const uint8_t id[TRACE_ID_BYTES]);

/* The lower 32 bits of a probe's number: probes of one run differ in it. */
uint32_t probe_number(const uint8_t id[TRACE_ID_BYTES]);

#endif
