/* A number that one thread raises and any thread reads: no locked instruction on the hot path.
 *
 * Thread rule: exactly one writer (the owner); relaxed reads by anybody. Sums over several owners
 * are consistent only after the writers have stopped. */
#ifndef ASSERTD_CORE_COUNTER_H
#define ASSERTD_CORE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

struct counter {
    _Atomic uint64_t value;
};

/* Raises by n; owner only. */
static inline void counter_add(struct counter *counter, uint64_t n)
{
    uint64_t now = atomic_load_explicit(&counter->value, memory_order_relaxed);
    atomic_store_explicit(&counter->value, now + n, memory_order_relaxed);
}

/* Sets a gauge; owner only. */
static inline void counter_set(struct counter *counter, uint64_t n)
{
    atomic_store_explicit(&counter->value, n, memory_order_relaxed);
}

/* Reads; any thread. */
static inline uint64_t counter_get(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

#endif
