#include "daemon/model/keep.h"

#include <string.h>

#define KEYS_FIRST  8u
#define SLOTS_FIRST 16u

/* Keys differ in their ends more than in their beginnings. They are the configuration's, so nobody
 * aims at slots. */
static uint32_t slot_of(const struct keep_keys *keys, struct bytes key)
{
    uint64_t end = 0;
    size_t len = key.len < sizeof end ? key.len : sizeof end;
    if (len != 0) {
        memcpy(&end, key.data + key.len - len, len);
    }
    return (uint32_t)((end ^ key.len) * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
           (keys->slot_count - 1);
}

uint32_t keep_keys_find(const struct keep_keys *keys, struct bytes key)
{
    if (keys->slot_count == 0 || !attr_hints_may_have(&keys->hints, key)) {
        return KEEP_NO_PLACE;
    }
    uint32_t slot = slot_of(keys, key);
    while (keys->slots[slot] != 0) {
        uint32_t place = keys->slots[slot] - 1;
        if (bytes_equal(keys->items[place], key)) {
            return place;
        }
        slot = (slot + 1) & (keys->slot_count - 1);
    }
    return KEEP_NO_PLACE;
}

static void put(struct keep_keys *keys, uint32_t place)
{
    uint32_t slot = slot_of(keys, keys->items[place]);
    while (keys->slots[slot] != 0) {
        slot = (slot + 1) & (keys->slot_count - 1);
    }
    keys->slots[slot] = place + 1;
}

/* Slots stay at least half free. */
static bool make_slots(struct keep_keys *keys, struct arena *arena)
{
    uint32_t wanted = keys->slot_count != 0 ? keys->slot_count : SLOTS_FIRST;
    while (wanted / 2 < keys->count + 1) {
        wanted *= 2;
    }
    if (wanted == keys->slot_count) {
        return true;
    }
    uint32_t *slots = arena_calloc(arena, wanted, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    keys->slots = slots;
    keys->slot_count = wanted;
    for (uint32_t i = 0; i < keys->count; i++) {
        put(keys, i);
    }
    return true;
}

static bool make_room(struct keep_keys *keys, struct arena *arena)
{
    if (keys->count < keys->room) {
        return true;
    }
    uint32_t room = keys->room != 0 ? keys->room * 2 : KEYS_FIRST;
    struct bytes *items = arena_calloc(arena, room, sizeof *items);
    if (items == NULL) {
        return false;
    }
    if (keys->count != 0) {
        memcpy(items, keys->items, keys->count * sizeof *items);
    }
    keys->items = items;
    keys->room = room;
    return true;
}

bool keep_keys_add(struct keep_keys *keys, struct bytes key, struct arena *arena)
{
    if (keep_keys_find(keys, key) != KEEP_NO_PLACE) {
        return true;
    }
    if (!make_slots(keys, arena) || !make_room(keys, arena)) {
        return false;
    }
    keys->hints.made = true;
    attr_hints_add(&keys->hints, key);
    keys->items[keys->count] = key;
    put(keys, keys->count++);
    return true;
}

static bool keys_cover(const struct keep_keys *keys, const struct keep_keys *wanted)
{
    for (uint32_t i = 0; i < wanted->count; i++) {
        if (keep_keys_find(keys, wanted->items[i]) == KEEP_NO_PLACE) {
            return false;
        }
    }
    return true;
}

bool keep_covers(const struct keep *keep, const struct keep *wanted)
{
    if (keep == NULL || wanted == NULL) {
        return keep == NULL;
    }
    return (keep->event_names || !wanted->event_names) && (keep->link_ids || !wanted->link_ids) &&
           (keep->part_counts || !wanted->part_counts) &&
           (keep->status_message || !wanted->status_message) &&
           (keep->trace_state || !wanted->trace_state) &&
           keys_cover(&keep->attrs, &wanted->attrs) &&
           keys_cover(&keep->event_attrs, &wanted->event_attrs) &&
           keys_cover(&keep->link_attrs, &wanted->link_attrs);
}
