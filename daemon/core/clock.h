/* Time, handed in: nothing below the daemon's composition root asks the system what time it is.
 *
 * Monotonic time drives every timer; wall time only labels what is written. Thread rule: the real
 * clock may be read by any thread, a test clock by its owner. */
#ifndef ASSERTD_CORE_CLOCK_H
#define ASSERTD_CORE_CLOCK_H

#include <stdint.h>

struct clock {
    uint64_t (*monotonic_ns)(const struct clock *clock);
    uint64_t (*wall_ns)(const struct clock *clock); /* since 1970, UTC */
};

/* The system's clocks (CLOCK_MONOTONIC, CLOCK_REALTIME). */
extern const struct clock clock_system;

/* A clock that stands still until the test moves it. `base` comes first: a pointer to it is the
 * clock. */
struct clock_manual {
    struct clock base;
    uint64_t monotonic;
    uint64_t wall;
};

/* A manual clock at the given times. */
struct clock_manual clock_manual_at(uint64_t monotonic_ns, uint64_t wall_ns);

/* Moves both times forward. */
void clock_manual_advance(struct clock_manual *clock, uint64_t by_ns);

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

#endif
