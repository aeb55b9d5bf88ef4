/* An ID's number in order of age, modulo the ring, is its place in the index. */
#include "daemon/pipeline/remembered.h"

#include <stdlib.h>

#include "daemon/core/memory.h"

#define BLOCK_ITEMS 1024u
#define ROOM_MAX    (UINT32_MAX / 8)

void remembered_init(struct remembered_table *table, uint64_t bytes)
{
    uint64_t room = bytes / REMEMBERED_BYTES_EACH;
    *table = (struct remembered_table){.room = room > ROOM_MAX ? ROOM_MAX : (uint32_t)room};
    table->block_items = table->room < BLOCK_ITEMS ? table->room : BLOCK_ITEMS;
    table->block_room = table->room != 0 ? table->room / table->block_items + 2 : 0;
    id_index_init(&table->index);
}

void remembered_deinit(struct remembered_table *table)
{
    for (uint32_t i = 0; table->blocks != NULL && i < table->block_room; i++) {
        free(table->blocks[i]);
    }
    free(table->blocks);
    free(table->spare);
    id_index_deinit(&table->index);
    table->blocks = NULL;
    table->spare = NULL;
    table->block_count = 0;
    table->first = table->next = 0;
}

uint32_t remembered_count(const struct remembered_table *table)
{
    return (uint32_t)(table->next - table->first);
}

size_t remembered_held(const struct remembered_table *table)
{
    size_t blocks = table->block_count + (table->spare != NULL);
    return blocks * table->block_items * sizeof(struct remembered) + table->index.held_bytes +
           (table->blocks != NULL ? table->block_room * sizeof *table->blocks : 0);
}

static uint32_t place_of(const struct remembered_table *table, uint64_t number)
{
    return (uint32_t)(number % ((uint64_t)table->block_room * table->block_items));
}

static struct remembered *item_at(const struct remembered_table *table, uint32_t place)
{
    return &table->blocks[place / table->block_items][place % table->block_items];
}

static uint32_t tick_of(uint64_t time_ns)
{
    return (uint32_t)(time_ns / REMEMBERED_TICK_NS);
}

static bool has_expired(const struct remembered *item, uint64_t now_ns)
{
    return (int32_t)(item->expiry - tick_of(now_ns)) <= 0;
}

/* The place of an ID, or UINT32_MAX. */
static uint32_t find(const struct remembered_table *table, uint64_t hash)
{
    struct id_search search = id_index_search(&table->index, hash);
    uint32_t place;
    while (id_index_next(&table->index, &search, &place)) {
        if (item_at(table, place)->hash == hash) {
            return place;
        }
    }
    return UINT32_MAX;
}

struct remembered *remembered_find(const struct remembered_table *table, uint64_t hash,
                                   uint64_t now_ns)
{
    uint32_t place = find(table, hash);
    struct remembered *item = place != UINT32_MAX ? item_at(table, place) : NULL;
    return item != NULL && !has_expired(item, now_ns) ? item : NULL;
}

static void forget(struct remembered_table *table, struct remembered *item, uint32_t place)
{
    if ((item->flags & REMEMBERED_GONE) == 0) {
        id_index_remove(&table->index, item->hash, place);
        item->flags |= REMEMBERED_GONE;
    }
}

void remembered_drop(struct remembered_table *table, struct remembered *item)
{
    uint32_t place = find(table, item->hash);
    if (place != UINT32_MAX) {
        forget(table, item, place);
    }
}

/* One empty block is kept for the next one. */
static void free_block(struct remembered_table *table, uint32_t block)
{
    if (table->spare == NULL) {
        table->spare = table->blocks[block];
    } else {
        free(table->blocks[block]);
    }
    table->blocks[block] = NULL;
    table->block_count--;
}

static void pop_oldest(struct remembered_table *table)
{
    uint32_t place = place_of(table, table->first);
    struct remembered *item = item_at(table, place);
    forget(table, item, place);
    table->first++;
    if (table->first % table->block_items == 0) {
        free_block(table, place / table->block_items);
    }
}

void remembered_expire(struct remembered_table *table, uint64_t now_ns, uint32_t max)
{
    while (max-- > 0 && table->first != table->next &&
           has_expired(item_at(table, place_of(table, table->first)), now_ns)) {
        pop_oldest(table);
    }
}

/* The place for the next ID; UINT32_MAX: no memory. */
static uint32_t make_place(struct remembered_table *table)
{
    if (table->blocks == NULL && table->block_room != 0) {
        table->blocks = memory_alloc_zeroed(table->block_room, sizeof *table->blocks);
    }
    if (table->blocks == NULL) {
        return UINT32_MAX;
    }
    uint32_t place = place_of(table, table->next);
    struct remembered **block = &table->blocks[place / table->block_items];
    if (*block == NULL) {
        *block =
            table->spare != NULL ? table->spare : memory_alloc(table->block_items * sizeof **block);
        table->spare = NULL;
        table->block_count += *block != NULL;
    }
    return *block != NULL ? place : UINT32_MAX;
}

static void make_room(struct remembered_table *table)
{
    if (remembered_count(table) == table->room && table->room != 0) {
        uint16_t flags = item_at(table, place_of(table, table->first))->flags;
        table->evicted += (flags & REMEMBERED_GONE) == 0;
        pop_oldest(table);
    }
}

void remembered_add(struct remembered_table *table, const struct remembered *item,
                    uint64_t expiry_ns)
{
    uint32_t known = find(table, item->hash);
    if (known != UINT32_MAX) {
        forget(table, item_at(table, known), known);
    }
    make_room(table);
    uint32_t place = make_place(table);
    if (place == UINT32_MAX || id_index_add(&table->index, item->hash, place) != 0) {
        table->evicted++;
        return;
    }
    struct remembered *to = item_at(table, place);
    *to = *item;
    to->expiry = tick_of(expiry_ns + REMEMBERED_TICK_NS - 1);
    table->next++;
}
