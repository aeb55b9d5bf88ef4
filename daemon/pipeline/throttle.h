/* When to come back: hints for those who are refused, computed from how fast room is being made.
 *
 * Each worker samples how many bytes were ever drained (budget_drained) and so knows the rate of
 * the last two seconds. A refused request is told when its bytes will fit: when what is beyond the
 * soft limit, and what was promised to those who were refused before it, has drained. Promises are
 * one clock for all workers, so that retries come at the rate at which room is made, not at once.
 * Pure: time and randomness are handed in. Thread rule: a drain belongs to its worker; the promises
 * are atomic. */
#ifndef ASSERTD_PIPELINE_THROTTLE_H
#define ASSERTD_PIPELINE_THROTTLE_H

#include <stdatomic.h>
#include <stdint.h>

#define THROTTLE_SAMPLES  8
#define THROTTLE_STEP_NS  UINT64_C(250000000)
#define THROTTLE_LEAST_MS 100u
#define THROTTLE_MOST_MS  30000u

struct drain {
    struct {
        uint64_t ns, bytes;
    } samples[THROTTLE_SAMPLES]; /* a ring; the latest is never replaced before its time */
    uint32_t count;              /* ever taken */
    uint64_t progress_ns;        /* when more had drained than before, last seen */
};

struct promises {
    _Atomic uint64_t until_ns; /* when all that was promised will have found room */
};

/* Takes a sample where the last one is old enough; cheap to call with every request. */
void drain_note(struct drain *drain, uint64_t now_ns, uint64_t drained_bytes);

/* Bytes a second over the samples and now; 0: nothing drained, or too little is known. */
uint64_t drain_rate(const struct drain *drain, uint64_t now_ns, uint64_t drained_bytes);

/* What a refusal is about. */
struct refusal {
    uint64_t now_ns;
    uint64_t drained_bytes;
    uint64_t excess_bytes; /* beyond the limit, were it let in */
    uint64_t bytes;        /* of the request */
    uint32_t random;       /* any number: makes the hint up to a fifth longer */
};

/* How long to stay away, THROTTLE_LEAST_MS to THROTTLE_MOST_MS; promises that time. Where nothing
 * drains: as long again as nothing has, a second at least. */
uint32_t throttle_wait_ms(struct promises *promises, struct drain *drain,
                          const struct refusal *refusal);

#endif
