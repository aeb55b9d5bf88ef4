/* Level l has slots of 64^l ticks. An entry lies on the level where its due tick first differs from
 * now; when time enters a slot of an upper level, its entries are spread over the levels below. */
#include "daemon/net/wheel.h"

#include <string.h>

#define SLOT_BITS  6
#define SPAN_TICKS (UINT64_C(1) << (SLOT_BITS * WHEEL_LEVELS))

void wheel_init(struct wheel *wheel, uint64_t now_ns)
{
    wheel->now_tick = now_ns / WHEEL_TICK_NS;
    wheel->armed = 0;
    memset(wheel->marked, 0, sizeof wheel->marked);
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++) {
            list_init(&wheel->slots[level][slot]);
        }
    }
}

void wheel_entry_init(struct wheel_entry *entry)
{
    list_init(&entry->link);
    entry->due_tick = WHEEL_NOT_ARMED;
}

/* The slot for a due tick, from now on marked. */
static struct list *slot_for(struct wheel *wheel, uint64_t due_tick)
{
    uint64_t differs = due_tick ^ wheel->now_tick;
    unsigned level = 0;
    while (level + 1 < WHEEL_LEVELS && differs >> (SLOT_BITS * (level + 1)) != 0) {
        level++;
    }
    unsigned slot = due_tick >> (SLOT_BITS * level) & (WHEEL_SLOTS - 1);
    wheel->marked[level] |= UINT64_C(1) << slot;
    return &wheel->slots[level][slot];
}

/* Links by due tick; what is due already waits in the present slot, what is beyond the wheel in its
 * farthest one. */
static void place(struct wheel *wheel, struct wheel_entry *entry)
{
    uint64_t due = entry->due_tick < wheel->now_tick ? wheel->now_tick : entry->due_tick;
    if (due - wheel->now_tick >= SPAN_TICKS) {
        due = wheel->now_tick + SPAN_TICKS - 1;
    }
    list_append(slot_for(wheel, due), &entry->link);
}

void wheel_cancel(struct wheel *wheel, struct wheel_entry *entry)
{
    if (wheel_entry_armed(entry)) {
        list_remove(&entry->link);
        entry->due_tick = WHEEL_NOT_ARMED;
        wheel->armed--;
    }
}

void wheel_set(struct wheel *wheel, struct wheel_entry *entry, uint64_t due_ns)
{
    wheel_cancel(wheel, entry);
    _Static_assert(UINT64_MAX / WHEEL_TICK_NS + 1 < WHEEL_NOT_ARMED, "any time must fit");
    entry->due_tick = wheel_tick(due_ns) & WHEEL_NOT_ARMED;
    wheel->armed++;
    place(wheel, entry);
}

/* Spreads the slot of `level` that now begins: it is emptied first, as what is a whole turn of the
 * wheel away goes there again. */
static void cascade(struct wheel *wheel, unsigned level)
{
    unsigned place_now = wheel->now_tick >> (SLOT_BITS * level) & (WHEEL_SLOTS - 1);
    struct list *slot = &wheel->slots[level][place_now];
    wheel->marked[level] &= ~(UINT64_C(1) << place_now);
    if (list_empty(slot)) {
        return;
    }
    struct list *link = slot->next;
    slot->prev->next = NULL;
    list_init(slot);
    while (link != NULL) {
        struct list *next = link->next;
        place(wheel, container_of(link, struct wheel_entry, link));
        link = next;
    }
}

static uint64_t rotate_right(uint64_t bits, unsigned by)
{
    return bits >> by | bits << (-by & 63);
}

/* The first tick after now at which a slot that is not empty begins; UINT64_MAX when all are empty.
 * Below the top level a slot never wraps around; on the top level the present slot holds what is a
 * whole turn away. */
static uint64_t next_tick(const struct wheel *wheel)
{
    uint64_t next = UINT64_MAX;
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        uint64_t first = (wheel->now_tick >> (SLOT_BITS * level)) + 1;
        uint64_t marked = rotate_right(wheel->marked[level], first & (WHEEL_SLOTS - 1));
        for (; marked != 0; marked &= marked - 1) {
            uint64_t at = first + (unsigned)__builtin_ctzll(marked);
            if (!list_empty(&wheel->slots[level][at & (WHEEL_SLOTS - 1)])) {
                uint64_t begins = at << (SLOT_BITS * level);
                next = begins < next ? begins : next;
                break;
            }
        }
    }
    return next;
}

/* Nothing is due before `tick`. */
static void jump(struct wheel *wheel, uint64_t tick)
{
    wheel->now_tick = tick;
    for (unsigned level = 1; level < WHEEL_LEVELS; level++) {
        if ((tick & ((UINT64_C(1) << (SLOT_BITS * level)) - 1)) != 0) {
            break;
        }
        cascade(wheel, level);
    }
}

static struct wheel_entry *take_due(struct wheel *wheel)
{
    unsigned place_now = wheel->now_tick & (WHEEL_SLOTS - 1);
    struct list *slot = &wheel->slots[0][place_now];
    if (list_empty(slot)) {
        wheel->marked[0] &= ~(UINT64_C(1) << place_now);
        return NULL;
    }
    for (struct list *link = slot->next; link != slot; link = link->next) {
        struct wheel_entry *entry = container_of(link, struct wheel_entry, link);
        __builtin_prefetch(link->next); /* taken next: not touched for long */
        if (entry->due_tick <= wheel->now_tick) {
            wheel_cancel(wheel, entry);
            return entry;
        }
    }
    return NULL;
}

struct wheel_entry *wheel_advance(struct wheel *wheel, uint64_t now_ns)
{
    uint64_t target = now_ns / WHEEL_TICK_NS;
    for (;;) {
        struct wheel_entry *entry = take_due(wheel);
        if (entry != NULL || wheel->now_tick >= target) {
            return entry;
        }
        uint64_t next = next_tick(wheel);
        jump(wheel, next < target ? next : target);
    }
}

uint64_t wheel_next_ns(const struct wheel *wheel)
{
    if (wheel->armed == 0) {
        return UINT64_MAX;
    }
    bool due = !list_empty(&wheel->slots[0][wheel->now_tick & (WHEEL_SLOTS - 1)]);
    uint64_t next = due ? wheel->now_tick : next_tick(wheel);
    return next < UINT64_MAX / WHEEL_TICK_NS ? next * WHEEL_TICK_NS : UINT64_MAX;
}
