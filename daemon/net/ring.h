/* A bounded queue of pointers between exactly two threads: one pushes, one pops, nobody waits.
 *
 * What is pushed changes owner, with everything reachable from it. Push publishes with release, pop
 * reads with acquire. It counts what went through it, how full it was and how long things lay in
 * it: the clock is read once for each push and each pop. What the producer writes and what the
 * consumer writes stand on cache lines of their own. Thread rule: one producer, one consumer;
 * ring_status from any thread. */
#ifndef ASSERTD_NET_RING_H
#define ASSERTD_NET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/clock.h"
#include "daemon/core/delays.h"

struct ring;

/* A ring with room for `room` pointers (rounded up to a power of two). NULL: no memory. */
struct ring *ring_new(uint32_t room, const struct clock *clock);
void ring_free(struct ring *ring);

/* Producer: free places; at least that many pushes will succeed. None: it was found full. */
uint32_t ring_room(struct ring *ring);

/* Producer: false when full. */
bool ring_push(struct ring *ring, void *item);

/* Producer: for its last push the consumer had to be woken; counted. */
void ring_woke(struct ring *ring);

/* Consumer: NULL when empty. */
void *ring_pop(struct ring *ring);

/* What went through it so far; any thread, and over at once. */
struct ring_status {
    uint32_t used, room;
    uint32_t most;   /* the greatest number that ever lay in it, as its producer saw it */
    uint64_t pushed; /* ever */
    uint64_t woken;  /* pushes for which the consumer was woken: for the others it was awake */
    uint64_t full;   /* times that its producer found no place */
    const struct delays *waits; /* how long what was popped lay in it; NULL: there is no ring */
};
struct ring_status ring_status(const struct ring *ring);

#endif
