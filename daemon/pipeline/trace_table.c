#include "daemon/pipeline/trace_table.h"

#include <stdlib.h>

#include "daemon/core/memory.h"

#define FIRST_ROOM   64u
#define SLAB_ENTRIES 32u
/* Slots moved for each insertion: the old table (at most half full) is empty long before the new
 * one is half full. */
#define MOVED_AT_ONCE 16u

struct slab {
    struct slab *next;
    struct trace_entry entries[SLAB_ENTRIES];
};

/* Marks a slot of the old table whose entry is gone: probing goes on behind it. */
#define GONE ((struct trace_entry *)(uintptr_t)1)

void trace_table_init(struct trace_table *table, const struct hash_key *key)
{
    *table = (struct trace_table){.key = *key};
    list_init(&table->entries);
    list_init(&table->free);
}

void trace_table_deinit(struct trace_table *table)
{
    struct hash_key key = table->key;
    struct slab *slab = table->slabs;
    while (slab != NULL) {
        struct slab *next = slab->next;
        free(slab);
        slab = next;
    }
    free(table->slots.items);
    free(table->old.items);
    trace_table_init(table, &key);
}

static struct trace_slot *find_slot(const struct trace_slots *slots, uint64_t hash,
                                    const struct trace_id *id)
{
    if (slots->room == 0) {
        return NULL;
    }
    uint32_t mask = slots->room - 1;
    for (uint32_t i = (uint32_t)hash & mask; slots->items[i].entry != NULL; i = (i + 1) & mask) {
        struct trace_slot *slot = &slots->items[i];
        if (slot->hash == hash && slot->entry != GONE &&
            trace_id_equal(&slot->entry->trace.id, id)) {
            return slot;
        }
    }
    return NULL;
}

struct trace_entry *trace_table_find(const struct trace_table *table, const struct trace_id *id)
{
    uint64_t hash = hash_sip13_16(&table->key, id->bytes);
    struct trace_slot *slot = find_slot(&table->slots, hash, id);
    if (slot == NULL) {
        slot = find_slot(&table->old, hash, id);
    }
    return slot != NULL ? slot->entry : NULL;
}

static void put(struct trace_slots *slots, uint64_t hash, struct trace_entry *entry)
{
    uint32_t mask = slots->room - 1;
    uint32_t i = (uint32_t)hash & mask;
    while (slots->items[i].entry != NULL) {
        i = (i + 1) & mask;
    }
    slots->items[i] = (struct trace_slot){hash, entry};
}

static void move_some(struct trace_table *table)
{
    if (table->old.room == 0) {
        return;
    }
    uint32_t end = table->old.room - table->moved > MOVED_AT_ONCE ? table->moved + MOVED_AT_ONCE
                                                                  : table->old.room;
    for (; table->moved < end; table->moved++) {
        struct trace_slot *slot = &table->old.items[table->moved];
        if (slot->entry != NULL && slot->entry != GONE) {
            put(&table->slots, slot->hash, slot->entry);
            slot->entry = GONE;
        }
    }
    if (table->moved == table->old.room) {
        table->held_bytes -= (size_t)table->old.room * sizeof *table->old.items;
        free(table->old.items);
        table->old = (struct trace_slots){NULL, 0};
    }
}

/* Begins a table of twice the size. False: no memory; the present one then serves until it is
 * nearly full. */
static bool grow(struct trace_table *table)
{
    uint32_t room = table->slots.room != 0 ? table->slots.room * 2 : FIRST_ROOM;
    struct trace_slot *items =
        table->old.room == 0 && room != 0 ? calloc(room, sizeof *items) : NULL;
    if (items == NULL) {
        return table->slots.room != 0 && table->count < table->slots.room / 8 * 7;
    }
    table->old = table->slots;
    table->moved = 0;
    table->slots = (struct trace_slots){items, room};
    table->held_bytes += (size_t)room * sizeof *items;
    return true;
}

static struct trace_entry *take_entry(struct trace_table *table)
{
    if (list_empty(&table->free)) {
        struct slab *slab = memory_alloc(sizeof *slab);
        if (slab == NULL) {
            return NULL;
        }
        slab->next = table->slabs;
        table->slabs = slab;
        table->held_bytes += sizeof *slab;
        for (uint32_t i = 0; i < SLAB_ENTRIES; i++) {
            list_append(&table->free, &slab->entries[i].link);
        }
    }
    struct trace_entry *entry = container_of(table->free.prev, struct trace_entry, link);
    list_remove(&entry->link);
    *entry = (struct trace_entry){.state = TRACE_WAITING};
    list_init(&entry->link);
    wheel_entry_init(&entry->timer);
    return entry;
}

struct trace_entry *trace_table_add(struct trace_table *table, const struct trace_id *id)
{
    if (table->count >= table->slots.room / 2 && !grow(table)) {
        return NULL;
    }
    struct trace_entry *entry = take_entry(table);
    if (entry == NULL) {
        return NULL;
    }
    entry->trace.id = *id;
    move_some(table);
    put(&table->slots, hash_sip13_16(&table->key, id->bytes), entry);
    list_append(&table->entries, &entry->link);
    table->count++;
    return entry;
}

/* Closes the gap that a removal leaves, so that no probe ends too early. */
static void close_gap(struct trace_slots *slots, uint32_t gap)
{
    uint32_t mask = slots->room - 1;
    for (uint32_t i = (gap + 1) & mask; slots->items[i].entry != NULL; i = (i + 1) & mask) {
        uint32_t home = (uint32_t)slots->items[i].hash & mask;
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            slots->items[gap] = slots->items[i];
            gap = i;
        }
    }
    slots->items[gap].entry = NULL;
}

void trace_table_remove(struct trace_table *table, struct trace_entry *entry)
{
    uint64_t hash = hash_sip13_16(&table->key, entry->trace.id.bytes);
    struct trace_slot *slot = find_slot(&table->slots, hash, &entry->trace.id);
    if (slot != NULL) {
        close_gap(&table->slots, (uint32_t)(slot - table->slots.items));
    } else {
        slot = find_slot(&table->old, hash, &entry->trace.id);
        if (slot != NULL) {
            slot->entry = GONE;
        }
    }
    list_remove(&entry->link);
    table->count--;
}

void trace_table_recycle(struct trace_table *table, struct trace_entry *entry)
{
    list_append(&table->free, &entry->link);
}
