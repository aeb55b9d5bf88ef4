#include "daemon/net/ring.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/core/cache_line.h"

struct slot {
    void *item;
    uint64_t since_ns;
};

/* Each side also keeps what it last saw of the other, so that the other's line is read only when
 * the ring looks empty, or fuller than ever. */
struct ring {
    /* The producer's. */
    _Alignas(CACHE_LINE) _Atomic uint32_t tail;
    uint32_t head_seen;
    struct counter pushed, woken, full, most;
    /* The consumer's. */
    _Alignas(CACHE_LINE) _Atomic uint32_t head;
    uint32_t tail_seen;
    struct delays waits;
    /* Never written again. */
    _Alignas(CACHE_LINE) uint32_t mask;
    const struct clock *clock;
    struct slot *slots;
};

_Static_assert(offsetof(struct ring, most) < CACHE_LINE, "the producer writes one line");
_Static_assert(offsetof(struct ring, head) % CACHE_LINE == 0, "the consumer's begin a line");
_Static_assert(offsetof(struct ring, mask) % CACHE_LINE == 0, "what is only read begins a line");
_Static_assert(sizeof(struct ring) % CACHE_LINE == 0, "what is only read has its line to itself");

struct ring *ring_new(uint32_t room, const struct clock *clock)
{
    uint32_t size = 2;
    while (size < room && size < (UINT32_C(1) << 30)) {
        size *= 2;
    }
    struct ring *ring = cache_line_alloc_zeroed(sizeof *ring);
    struct slot *slots = cache_line_alloc(size * sizeof *slots);
    if (ring == NULL || slots == NULL) {
        free(ring);
        free(slots);
        return NULL;
    }
    ring->mask = size - 1;
    ring->clock = clock;
    ring->slots = slots;
    return ring;
}

void ring_free(struct ring *ring)
{
    if (ring != NULL) {
        free(ring->slots);
        free(ring);
    }
}

static uint64_t now_of(const struct ring *ring)
{
    return ring->clock->monotonic_ns(ring->clock);
}

/* Sees how far the consumer is. */
static void look(struct ring *ring)
{
    ring->head_seen =
        atomic_load_explicit(&ring->head, memory_order_acquire); /* pairs with ring_pop's release */
}

uint32_t ring_room(struct ring *ring)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    look(ring);
    uint32_t room = ring->mask + 1 - (tail - ring->head_seen);
    counter_add(&ring->full, room == 0);
    return room;
}

bool ring_push(struct ring *ring, void *item)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint64_t most = counter_get(&ring->most);
    if (tail - ring->head_seen >= most) {
        look(ring);
    }
    uint32_t used = tail - ring->head_seen;
    if (used > ring->mask) {
        counter_add(&ring->full, 1);
        return false;
    }
    ring->slots[tail & ring->mask] = (struct slot){item, now_of(ring)};
    counter_add(&ring->pushed, 1);
    counter_set(&ring->most, used + 1 > most ? used + 1 : most);
    atomic_store_explicit(&ring->tail, tail + 1,
                          memory_order_release); /* pairs with ring_pop's acquire */
    return true;
}

void ring_woke(struct ring *ring)
{
    counter_add(&ring->woken, 1);
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
    struct slot slot = ring->slots[head & ring->mask];
    atomic_store_explicit(&ring->head, head + 1,
                          memory_order_release); /* pairs with ring_push's acquire */
    uint64_t now = now_of(ring);
    delays_add(&ring->waits, now > slot.since_ns ? now - slot.since_ns : 0, 1);
    return slot.item;
}

/* The head is read first: what is pushed in between makes it look fuller, never negative. */
struct ring_status ring_status(const struct ring *ring)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire); /* no order needed */
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint32_t used = tail - head;
    return (struct ring_status){.used = used <= ring->mask ? used : ring->mask + 1,
                                .room = ring->mask + 1,
                                .most = (uint32_t)counter_get(&ring->most),
                                .pushed = counter_get(&ring->pushed),
                                .woken = counter_get(&ring->woken),
                                .full = counter_get(&ring->full),
                                .waits = &ring->waits};
}
