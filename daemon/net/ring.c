#include "daemon/net/ring.h"

#include <stdatomic.h>
#include <stdlib.h>

#define CACHE_LINE 64

/* The producer's and the consumer's numbers stand on lines of their own; each also keeps what it
 * last saw of the other, so that the other's line is read only when the ring looks full or empty.
 */
struct ring {
    _Alignas(CACHE_LINE) _Atomic uint32_t tail; /* written by the producer */
    uint32_t head_seen;
    _Alignas(CACHE_LINE) _Atomic uint32_t head; /* written by the consumer */
    uint32_t tail_seen;
    _Alignas(CACHE_LINE) uint32_t mask;
    void **items;
};

struct ring *ring_new(uint32_t room)
{
    uint32_t size = 2;
    while (size < room && size < (UINT32_C(1) << 30)) {
        size *= 2;
    }
    struct ring *ring = aligned_alloc(CACHE_LINE, sizeof *ring);
    void **items = calloc(size, sizeof *items);
    if (ring == NULL || items == NULL) {
        free(ring);
        free(items);
        return NULL;
    }
    atomic_init(&ring->tail, 0);
    atomic_init(&ring->head, 0);
    ring->head_seen = ring->tail_seen = 0;
    ring->mask = size - 1;
    ring->items = items;
    return ring;
}

void ring_free(struct ring *ring)
{
    if (ring != NULL) {
        free(ring->items);
        free(ring);
    }
}

uint32_t ring_room(const struct ring *ring)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint32_t head =
        atomic_load_explicit(&ring->head, memory_order_acquire); /* pairs with ring_pop's release */
    return ring->mask + 1 - (tail - head);
}

/* The head is read first: what is pushed in between makes it look fuller, never negative. */
struct ring_fill ring_fill(const struct ring *ring)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire); /* no order needed */
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint32_t used = tail - head;
    return (struct ring_fill){used <= ring->mask ? used : ring->mask + 1, ring->mask + 1};
}

bool ring_push(struct ring *ring, void *item)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (tail - ring->head_seen > ring->mask) {
        ring->head_seen = atomic_load_explicit(
            &ring->head, memory_order_acquire); /* pairs with ring_pop's release */
        if (tail - ring->head_seen > ring->mask) {
            return false;
        }
    }
    ring->items[tail & ring->mask] = item;
    atomic_store_explicit(&ring->tail, tail + 1,
                          memory_order_release); /* pairs with ring_pop's acquire */
    return true;
}

void *ring_pop(struct ring *ring)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head == ring->tail_seen) {
        ring->tail_seen = atomic_load_explicit(
            &ring->tail, memory_order_acquire); /* pairs with ring_push's release */
        if (head == ring->tail_seen) {
            return NULL;
        }
    }
    void *item = ring->items[head & ring->mask];
    atomic_store_explicit(&ring->head, head + 1,
                          memory_order_release); /* pairs with ring_push's acquire */
    return item;
}
