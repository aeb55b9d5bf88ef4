/* A hierarchical timer wheel: entries embedded in what they time, set and cancelled in constant
 * time.
 *
 * Time is handed in (monotonic nanoseconds); resolution is the tick (10 ms): an entry never fires
 * early, at most one tick late. Thread rule: confined to its owner. */
#ifndef ASSERTD_NET_WHEEL_H
#define ASSERTD_NET_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/list.h"

#define WHEEL_TICK_NS UINT64_C(10000000)
#define WHEEL_LEVELS  5
#define WHEEL_SLOTS   64

/* Later than any tick there is. */
#define WHEEL_TICK_BITS 48
#define WHEEL_NOT_ARMED ((UINT64_C(1) << WHEEL_TICK_BITS) - 1)

struct wheel_entry {
    struct list link;
    uint64_t due_tick : WHEEL_TICK_BITS; /* WHEEL_NOT_ARMED: it is in no wheel */
    uint64_t tag : 16;                   /* its owner's, who sets it; the wheel leaves it alone */
};

struct wheel {
    uint64_t now_tick;
    uint64_t armed;
    uint64_t marked[WHEEL_LEVELS]; /* a bit for each slot that may hold entries: no other does */
    struct list slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

/* Life cycle: both are embedded, own nothing, and need no deinit. */
void wheel_init(struct wheel *wheel, uint64_t now_ns);
void wheel_entry_init(struct wheel_entry *entry);

/* Whether it is armed, and if so whether it fires as early as one armed for `due_ns` would. */
static inline bool wheel_entry_armed(const struct wheel_entry *entry)
{
    return entry->due_tick != WHEEL_NOT_ARMED;
}
static inline uint64_t wheel_tick(uint64_t due_ns)
{
    return due_ns / WHEEL_TICK_NS + (due_ns % WHEEL_TICK_NS != 0);
}
static inline bool wheel_entry_covers(const struct wheel_entry *entry, uint64_t due_ns)
{
    return entry->due_tick <= wheel_tick(due_ns);
}

/* Arms or re-arms; a time in the past fires at the next advance. */
void wheel_set(struct wheel *wheel, struct wheel_entry *entry, uint64_t due_ns);
/* Disarms; nothing happens to an entry that is not armed. */
void wheel_cancel(struct wheel *wheel, struct wheel_entry *entry);

/* Moves time forward and unlinks the next due entry, in order of ticks; NULL when none is due. Call
 * until NULL. */
struct wheel_entry *wheel_advance(struct wheel *wheel, uint64_t now_ns);

/* When something is due at the earliest (a lower bound), UINT64_MAX when nothing is armed. */
uint64_t wheel_next_ns(const struct wheel *wheel);

#endif
