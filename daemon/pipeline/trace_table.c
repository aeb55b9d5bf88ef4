#include "daemon/pipeline/trace_table.h"

#include <stdlib.h>

#include "daemon/core/cache_line.h"
#include "daemon/core/memory.h"

#define SLABS_FIRST_ROOM 64u
/* An empty table keeps as many. */
#define SLABS_KEPT 16u

const char *trace_state_name(enum trace_state state)
{
    static const char *const names[] = {"waiting", "open", "closed", "final"};
    return names[state];
}

void trace_table_init(struct trace_table *table, const struct hash_key *key)
{
    *table = (struct trace_table){.key = *key};
    id_index_init(&table->index);
    list_init(&table->entries);
    list_init(&table->free);
}

void trace_table_deinit(struct trace_table *table)
{
    struct hash_key key = table->key;
    for (uint32_t i = 0; i < table->slab_count; i++) {
        free(table->slabs[i]);
    }
    free(table->slabs);
    id_index_deinit(&table->index);
    trace_table_init(table, &key);
}

size_t trace_table_held(const struct trace_table *table)
{
    return table->index.held_bytes + table->slab_room * sizeof *table->slabs +
           table->slab_count * sizeof **table->slabs;
}

uint64_t trace_table_hash(const struct trace_table *table, const struct trace_id *id)
{
    return hash_sip13_16(&table->key, id->bytes);
}

struct trace_entry *trace_table_at(const struct trace_table *table, uint32_t place)
{
    return &table->slabs[place / TRACE_SLAB_ENTRIES]->entries[place % TRACE_SLAB_ENTRIES];
}

struct trace_entry *trace_table_find(const struct trace_table *table, const struct trace_id *id,
                                     uint64_t hash)
{
    struct id_search search = id_index_search(&table->index, hash);
    uint32_t place;
    while (id_index_next(&table->index, &search, &place)) {
        struct trace_entry *entry = trace_table_at(table, place);
        if (trace_id_equal(&entry->trace.id, id)) {
            return entry;
        }
    }
    return NULL;
}

static bool make_slab_room(struct trace_table *table)
{
    if (table->slab_count < table->slab_room) {
        return true;
    }
    uint32_t room = table->slab_room != 0 ? table->slab_room * 2 : SLABS_FIRST_ROOM;
    if (room > ID_INDEX_PLACE_MAX / TRACE_SLAB_ENTRIES) {
        return false;
    }
    struct trace_slab **slabs =
        memory_resize(table->slabs, table->slab_room * sizeof *slabs, room * sizeof *slabs);
    if (slabs == NULL) {
        return false;
    }
    table->slabs = slabs;
    table->slab_room = room;
    return true;
}

static bool add_slab(struct trace_table *table)
{
    struct trace_slab *slab = make_slab_room(table) ? memory_alloc(sizeof *slab) : NULL;
    if (slab == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < TRACE_SLAB_ENTRIES; i++) {
        slab->timers[i].tag = i;
        slab->entries[i].place = table->slab_count * TRACE_SLAB_ENTRIES + i;
        list_append(&table->free, &slab->entries[i].link);
    }
    table->slabs[table->slab_count++] = slab;
    return true;
}

/* The entry that is used next, perhaps not touched for long. */
static void send_for_free(const struct trace_table *table)
{
    struct trace_entry *next = container_of(table->free.prev, struct trace_entry, link);
    for (size_t i = 0; !list_empty(&table->free) && i < sizeof *next; i += CACHE_LINE) {
        __builtin_prefetch((char *)next + i, 1);
    }
}

struct trace_entry *trace_table_add(struct trace_table *table, const struct trace_id *id,
                                    uint64_t hash)
{
    if (list_empty(&table->free) && !add_slab(table)) {
        return NULL;
    }
    struct trace_entry *entry = container_of(table->free.prev, struct trace_entry, link);
    if (id_index_add(&table->index, hash, entry->place) != 0) {
        return NULL;
    }
    list_remove(&entry->link);
    send_for_free(table);
    table->used++;
    *entry = (struct trace_entry){.state = TRACE_WAITING, .place = entry->place, .hash = hash};
    entry->trace.id = *id;
    wheel_entry_init(trace_entry_timer(entry));
    list_append(&table->entries, &entry->link);
    return entry;
}

void trace_table_remove(struct trace_table *table, struct trace_entry *entry)
{
    id_index_remove(&table->index, entry->hash, entry->place);
    list_remove(&entry->link);
}

void trace_table_recycle(struct trace_table *table, struct trace_entry *entry)
{
    list_append(&table->free, &entry->link);
    table->used--;
}

void trace_table_trim(struct trace_table *table)
{
    if (table->used == 0 && table->slab_count > SLABS_KEPT) {
        trace_table_deinit(table);
    }
}
