/* A bounded queue of pointers between exactly two threads: one pushes, one pops, nobody waits.
 *
 * What is pushed changes owner, with everything reachable from it. Push publishes with release, pop
 * reads with acquire; head and tail live on cache lines of their own. Thread rule: one producer,
 * one consumer. */
#ifndef ASSERTD_NET_RING_H
#define ASSERTD_NET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring;

/* A ring with room for `room` pointers (rounded up to a power of two). NULL: no memory. */
struct ring *ring_new(uint32_t room);
void ring_free(struct ring *ring);

/* Free places, seen by the producer: at least that many pushes will succeed. */
uint32_t ring_room(const struct ring *ring);

/* How full it is; any thread, and over at once. */
struct ring_fill {
    uint32_t used, room;
};
struct ring_fill ring_fill(const struct ring *ring);

/* Producer: false when full. */
bool ring_push(struct ring *ring, void *item);

/* Consumer: NULL when empty. */
void *ring_pop(struct ring *ring);

#endif
