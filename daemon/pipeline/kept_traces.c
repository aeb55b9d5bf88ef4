#include "daemon/pipeline/kept_traces.h"

#include <errno.h>

static enum kept_kind kind_of(const struct trace_entry *entry)
{
    return entry->until_ns == UINT64_MAX ? KEPT_FAILED : KEPT_PASSED;
}

/* Its place in the table serves no other trace meanwhile. */
static size_t bytes_of_entry(const struct trace_entry *entry)
{
    return entry->held + sizeof *entry;
}

void kept_traces_init(struct kept_traces *kept)
{
    *kept = (struct kept_traces){.bytes = {0}};
    id_index_init(&kept->index);
    for (int i = 0; i < KEPT_KINDS; i++) {
        list_init(&kept->entries[i]);
    }
}

void kept_traces_deinit(struct kept_traces *kept)
{
    id_index_deinit(&kept->index);
    kept_traces_init(kept);
}

size_t kept_traces_bytes(const struct kept_traces *kept)
{
    return kept->bytes[KEPT_FAILED] + kept->bytes[KEPT_PASSED];
}

size_t kept_traces_held(const struct kept_traces *kept)
{
    return kept_traces_bytes(kept) + kept->index.held_bytes;
}

int kept_traces_add(struct kept_traces *kept, struct trace_entry *entry, uint64_t until_ns)
{
    if (id_index_add(&kept->index, entry->hash, entry->place) != 0) {
        return -ENOMEM;
    }
    entry->until_ns = until_ns;
    entry->state = TRACE_KEPT;
    list_append(&kept->entries[kind_of(entry)], &entry->link);
    kept->bytes[kind_of(entry)] += bytes_of_entry(entry);
    return 0;
}

void kept_traces_remove(struct kept_traces *kept, struct trace_entry *entry)
{
    id_index_remove(&kept->index, entry->hash, entry->place);
    list_remove(&entry->link);
    kept->bytes[kind_of(entry)] -= bytes_of_entry(entry);
}

struct trace_entry *kept_traces_find(const struct kept_traces *kept,
                                     const struct trace_table *table, const struct trace_id *id,
                                     uint64_t hash)
{
    struct id_search search = id_index_search(&kept->index, hash);
    uint32_t place;
    while (id_index_next(&kept->index, &search, &place)) {
        struct trace_entry *entry = trace_table_at(table, place);
        if (trace_id_equal(&entry->trace.id, id)) {
            return entry;
        }
    }
    return NULL;
}

struct trace_entry *kept_traces_oldest(const struct kept_traces *kept, enum kept_kind kind)
{
    const struct list *entries = &kept->entries[kind];
    return list_empty(entries) ? NULL : container_of(entries->next, struct trace_entry, link);
}
