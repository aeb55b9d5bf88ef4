/* How long something took, counted in classes of 1, 2, 5, 10, .. from 1 µs to 10 s: enough to say
 * below which bound a given share lies, at the cost of an addition.
 *
 * Thread rule: one writer, read by any thread (counter.h). */
#ifndef ASSERTD_CORE_DELAYS_H
#define ASSERTD_CORE_DELAYS_H

#include "daemon/core/counter.h"

/* The last class has no bound. */
#define DELAY_CLASSES 23

struct delays {
    struct counter classes[DELAY_CLASSES];
    struct counter sum_ns;
};

/* The greatest delay of a class; UINT64_MAX of the last one. */
uint64_t delay_class_most_ns(unsigned number);

/* The bound of the class below which so many per cent of them lie; 0: nothing was counted. Any
 * thread. */
uint64_t delays_within_ns(const struct delays *delays, unsigned percent);

/* Counts `count` things that took so long each. */
void delays_add(struct delays *delays, uint64_t delay_ns, uint64_t count);

#endif
