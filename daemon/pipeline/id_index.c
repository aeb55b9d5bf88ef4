#include "daemon/pipeline/id_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/memory.h"

#define FIRST_ROOM 64u
#define GONE       UINT32_MAX
/* Slots moved for each addition: the old table is empty long before the new one is full. */
#define MOVED_AT_ONCE 16u

void id_index_init(struct id_index *index)
{
    *index = (struct id_index){.count = 0};
}

void id_index_deinit(struct id_index *index)
{
    free(index->slots.items);
    free(index->old.items);
    id_index_init(index);
}

void id_index_prefetch(const struct id_index *index, uint64_t hash)
{
    if (index->slots.room != 0) {
        __builtin_prefetch(&index->slots.items[(uint32_t)hash & (index->slots.room - 1)]);
    }
}

struct id_search id_index_search(const struct id_index *index, uint64_t hash)
{
    return (struct id_search){&index->slots, (uint32_t)hash, (uint32_t)hash, false};
}

bool id_index_next(const struct id_index *index, struct id_search *search, uint32_t *ret_place)
{
    for (;;) {
        const struct id_slots *in = search->in;
        while (in->room != 0) {
            struct id_slot slot = in->items[search->at & (in->room - 1)];
            if (slot.place == 0) {
                break;
            }
            search->at++;
            if (slot.tag == search->tag && slot.place != GONE) {
                *ret_place = slot.place - 1;
                return true;
            }
        }
        if (search->in_old || index->old.room == 0) {
            return false;
        }
        *search = (struct id_search){&index->old, search->tag, search->tag, true};
    }
}

static void put(struct id_slots *slots, struct id_slot slot)
{
    uint32_t mask = slots->room - 1;
    uint32_t at = slot.tag & mask;
    while (slots->items[at].place != 0) {
        at = (at + 1) & mask;
    }
    slots->items[at] = slot;
}

static void free_old(struct id_index *index)
{
    index->held_bytes -= (size_t)index->old.room * sizeof *index->old.items;
    free(index->old.items);
    index->old = (struct id_slots){NULL, 0};
}

static void move_some(struct id_index *index)
{
    if (index->old.room == 0) {
        return;
    }
    uint32_t left = index->old.room - index->moved;
    uint32_t end = index->moved + (left < MOVED_AT_ONCE ? left : MOVED_AT_ONCE);
    for (; index->moved < end; index->moved++) {
        struct id_slot *slot = &index->old.items[index->moved];
        if (slot->place != 0 && slot->place != GONE) {
            put(&index->slots, *slot);
            slot->place = GONE;
        }
    }
    if (index->moved == index->old.room) {
        free_old(index);
    }
}

/* Begins a table of twice the size. False: no memory; the present one then serves until it is
 * nearly full. */
static bool grow(struct id_index *index)
{
    uint32_t room = index->slots.room != 0 ? index->slots.room * 2 : FIRST_ROOM;
    struct id_slot *items = NULL;
    if (index->old.room == 0 && room != 0) {
        items = memory_alloc_zeroed(room, sizeof *items);
    }
    if (items == NULL) {
        return index->slots.room != 0 && index->count < index->slots.room / 8 * 7;
    }
    index->old = index->slots;
    index->moved = 0;
    index->slots = (struct id_slots){items, room};
    index->held_bytes += (size_t)room * sizeof *items;
    return true;
}

int id_index_add(struct id_index *index, uint64_t hash, uint32_t place)
{
    if (index->count >= index->slots.room / 4 * 3 && !grow(index)) {
        return -ENOMEM;
    }
    move_some(index);
    put(&index->slots, (struct id_slot){(uint32_t)hash, place + 1});
    index->count++;
    return 0;
}

/* The slot of a place; NULL: not in these slots. */
static struct id_slot *slot_of(const struct id_slots *slots, uint32_t tag, uint32_t place)
{
    uint32_t mask = slots->room - 1;
    for (uint32_t at = tag & mask; slots->room != 0; at = (at + 1) & mask) {
        struct id_slot *slot = &slots->items[at];
        if (slot->place == 0) {
            return NULL;
        }
        if (slot->place == place + 1 && slot->tag == tag) {
            return slot;
        }
    }
    return NULL;
}

/* Closes the gap that a removal leaves, so that no probe ends too early. */
static void close_gap(struct id_slots *slots, uint32_t gap)
{
    uint32_t mask = slots->room - 1;
    for (uint32_t at = (gap + 1) & mask; slots->items[at].place != 0; at = (at + 1) & mask) {
        uint32_t home = slots->items[at].tag & mask;
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            slots->items[gap] = slots->items[at];
            gap = at;
        }
    }
    slots->items[gap].place = 0;
}

void id_index_remove(struct id_index *index, uint64_t hash, uint32_t place)
{
    struct id_slot *slot = slot_of(&index->slots, (uint32_t)hash, place);
    if (slot != NULL) {
        close_gap(&index->slots, (uint32_t)(slot - index->slots.items));
    } else {
        slot = slot_of(&index->old, (uint32_t)hash, place);
        slot->place = GONE;
    }
    index->count--;
}
