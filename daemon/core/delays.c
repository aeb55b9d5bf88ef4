#include "daemon/core/delays.h"

#include "daemon/core/clock.h"

#define US (NS_PER_MS / 1000)

static const uint64_t bounds_ns[DELAY_CLASSES] = {US,
                                                  2 * US,
                                                  5 * US,
                                                  10 * US,
                                                  20 * US,
                                                  50 * US,
                                                  100 * US,
                                                  200 * US,
                                                  500 * US,
                                                  NS_PER_MS,
                                                  2 * NS_PER_MS,
                                                  5 * NS_PER_MS,
                                                  10 * NS_PER_MS,
                                                  20 * NS_PER_MS,
                                                  50 * NS_PER_MS,
                                                  100 * NS_PER_MS,
                                                  200 * NS_PER_MS,
                                                  500 * NS_PER_MS,
                                                  NS_PER_S,
                                                  2 * NS_PER_S,
                                                  5 * NS_PER_S,
                                                  10 * NS_PER_S,
                                                  UINT64_MAX};

uint64_t delay_class_most_ns(unsigned number)
{
    return bounds_ns[number];
}

uint64_t delays_within_ns(const struct delays *delays, unsigned percent)
{
    uint64_t counts[DELAY_CLASSES];
    uint64_t all = 0;
    uint64_t below = 0;
    unsigned number = 0;
    for (unsigned i = 0; i < DELAY_CLASSES; i++) {
        counts[i] = counter_get(&delays->classes[i]);
        all += counts[i];
    }
    while (number < DELAY_CLASSES - 1 && (below + counts[number]) * 100 < all * percent) {
        below += counts[number++];
    }
    return all != 0 ? bounds_ns[number] : 0;
}

void delays_add(struct delays *delays, uint64_t delay_ns, uint64_t count)
{
    unsigned number = 0;
    while (delay_ns > bounds_ns[number]) {
        number++;
    }
    counter_add(&delays->classes[number], count);
    counter_add(&delays->sum_ns, delay_ns * count);
}
