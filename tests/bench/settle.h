/* Whether a server's memory has settled: a page that is touched for the first time costs the kernel
 * far more than any work on a span (in a virtual machine ten microseconds and more), so that a
 * figure taken while a server still grows says how fast it grows, not how fast it works. Settled is
 * a server that touched fewer than SETTLE_PAGES fresh pages per 1,000 spans in each of the last
 * SETTLE_LOOKS seconds: heaps grow in steps. Source: minflt of proc(5), /proc/PID/stat. Confined to
 * its thread. */
#ifndef ASSERTD_TESTS_BENCH_SETTLE_H
#define ASSERTD_TESTS_BENCH_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#define SETTLE_PAGES 2
#define SETTLE_LOOKS 10

struct settling {
    uint32_t pid;
    uint64_t pages, spans; /* at the last look */
    uint32_t quiet_count;  /* of looks in a row */
};

/* Begins to watch the process; `spans`: how many it has answered so far. */
struct settling settling_of(uint32_t pid, uint64_t spans);

/* One look, a second after the last: true once the server has settled. A process that is gone
 * counts as settled. */
bool settling_look(struct settling *settling, uint64_t spans);

#endif
