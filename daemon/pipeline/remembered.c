#include "daemon/pipeline/remembered.h"

#include <stdlib.h>

/* An ID's share of ring and index (between two and four slots of the index). */
#define BYTES_EACH (sizeof(struct remembered) + 4 * sizeof(uint32_t))

void remembered_init(struct remembered_table *table, const struct hash_key *key, uint64_t bytes)
{
    uint64_t room = bytes / BYTES_EACH;
    *table = (struct remembered_table){
        .key = *key, .room = room > UINT32_MAX / 8 ? UINT32_MAX / 8 : (uint32_t)room};
}

void remembered_deinit(struct remembered_table *table)
{
    free(table->ring);
    free(table->slots);
    table->ring = NULL;
    table->slots = NULL;
    table->first = table->count = 0;
}

/* One block for good: the kernel maps its pages as they are touched, and nothing is ever moved. */
static bool take_memory(struct remembered_table *table)
{
    uint32_t slot_room = 4;
    while (slot_room < table->room * 2) {
        slot_room *= 2;
    }
    if (table->ring == NULL && table->room != 0) {
        table->ring = calloc(table->room, sizeof *table->ring);
        table->slots = calloc(slot_room, sizeof *table->slots);
        table->slot_room = slot_room;
    }
    if (table->ring == NULL || table->slots == NULL) {
        remembered_deinit(table);
        return false;
    }
    return true;
}

static uint32_t home_of(const struct remembered_table *table, const struct trace_id *id)
{
    return (uint32_t)hash_sip13_16(&table->key, id->bytes) & (table->slot_room - 1);
}

/* The slot of an ID, or the free one where it would go. */
static uint32_t slot_of(const struct remembered_table *table, const struct trace_id *id)
{
    uint32_t slot = home_of(table, id);
    while (table->slots[slot] != 0 &&
           !trace_id_equal(&table->ring[table->slots[slot] - 1].id, id)) {
        slot = (slot + 1) & (table->slot_room - 1);
    }
    return slot;
}

struct remembered *remembered_find(struct remembered_table *table, const struct trace_id *id,
                                   uint64_t now_ns)
{
    if (table->count == 0) {
        return NULL;
    }
    uint32_t place = table->slots[slot_of(table, id)];
    struct remembered *item = place != 0 ? &table->ring[place - 1] : NULL;
    return item != NULL && item->expiry_ns > now_ns ? item : NULL;
}

static void close_gap(struct remembered_table *table, uint32_t gap)
{
    uint32_t mask = table->slot_room - 1;
    for (uint32_t i = (gap + 1) & mask; table->slots[i] != 0; i = (i + 1) & mask) {
        uint32_t home = home_of(table, &table->ring[table->slots[i] - 1].id);
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            table->slots[gap] = table->slots[i];
            gap = i;
        }
    }
    table->slots[gap] = 0;
}

void remembered_drop(struct remembered_table *table, struct remembered *item)
{
    if ((item->flags & REMEMBERED_GONE) == 0) {
        close_gap(table, slot_of(table, &item->id));
        item->flags |= REMEMBERED_GONE;
    }
}

static void pop_oldest(struct remembered_table *table)
{
    remembered_drop(table, &table->ring[table->first]);
    table->first = table->first + 1 < table->room ? table->first + 1 : 0;
    table->count--;
}

void remembered_expire(struct remembered_table *table, uint64_t now_ns, uint32_t max)
{
    while (max-- > 0 && table->count != 0 && table->ring[table->first].expiry_ns <= now_ns) {
        pop_oldest(table);
    }
}

void remembered_add(struct remembered_table *table, const struct remembered *item)
{
    if (!take_memory(table)) {
        table->evicted++;
        return;
    }
    uint32_t known = table->slots[slot_of(table, &item->id)];
    if (known != 0) {
        remembered_drop(table, &table->ring[known - 1]);
    }
    if (table->count == table->room) {
        table->evicted += (table->ring[table->first].flags & REMEMBERED_GONE) == 0;
        pop_oldest(table);
    }
    uint32_t place = (uint32_t)(((uint64_t)table->first + table->count) % table->room);
    table->ring[place] = *item;
    table->count++;
    table->slots[slot_of(table, &item->id)] = place + 1;
}

size_t remembered_held(const struct remembered_table *table)
{
    return table->count * BYTES_EACH;
}
