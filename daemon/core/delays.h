/* How long something took, counted in classes of 1, 2, 5, 10, .. from 100 µs to 10 s: enough to say
 * below which bound a given share lies, at the cost of an addition.
 *
 * Thread rule: one writer, read by any thread (counter.h). */
#ifndef ASSERTD_CORE_DELAYS_H
#define ASSERTD_CORE_DELAYS_H

#include "daemon/core/counter.h"

/* The last class has no bound. */
#define DELAY_CLASSES 17

struct delays {
    struct counter classes[DELAY_CLASSES];
    struct counter sum_ns;
};

/* The greatest delay of a class; UINT64_MAX of the last one. */
uint64_t delay_class_most_ns(unsigned number);

/* Counts `count` things that took so long each. */
void delays_add(struct delays *delays, uint64_t delay_ns, uint64_t count);

#endif
