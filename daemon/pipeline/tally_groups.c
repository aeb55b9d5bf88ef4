#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/hash.h"
#include "daemon/pipeline/tally_state.h"

static uint64_t mix(uint64_t hash, struct bytes text)
{
    struct hash_key key = { hash, text.len };
    return hash_sip13(&key, text.data, text.len);
}

static uint64_t group_hash(const struct report_group *entry)
{
    return mix(mix(mix(mix(entry->result, entry->condition), entry->service), entry->span), entry->reason);
}

static bool group_equal(const struct report_group *a, const struct report_group *b)
{
    return a->result == b->result && bytes_equal(a->condition, b->condition) && bytes_equal(a->service, b->service) &&
           bytes_equal(a->span, b->span) && bytes_equal(a->reason, b->reason);
}

/* The slot of an entry, or the empty one where it belongs. */
static uint32_t *group_slot(const struct tally_groups *groups, const struct report_group *entry, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (groups->slot_count - 1);
    while (groups->slots[at] != 0) {
        const struct tally_group *group = &groups->items[groups->slots[at] - 1];
        if (group->hash == hash && group_equal(&group->entry, entry)) {
            break;
        }
        at = (at + 1) & (groups->slot_count - 1);
    }
    return &groups->slots[at];
}

static int groups_grow(struct tally_groups *groups)
{
    uint32_t room = groups->room != 0 ? groups->room * 2 : 8;
    struct tally_group *items = realloc(groups->items, room * sizeof *items);
    if (items == NULL) {
        return -ENOMEM;
    }
    groups->items = items;
    uint32_t *slots = calloc((size_t)room * 2, sizeof *slots);
    if (slots == NULL) {
        return -ENOMEM;
    }
    free(groups->slots);
    groups->slots = slots;
    groups->slot_count = room * 2;
    groups->room = room;
    for (uint32_t i = 0; i < groups->count; i++) {
        *group_slot(groups, &groups->items[i].entry, groups->items[i].hash) = i + 1;
    }
    return 0;
}

static void group_count(struct tally_group *group, const struct report_group *entry)
{
    bool smaller = memcmp(entry->trace_id.bytes, group->entry.trace_id.bytes, sizeof entry->trace_id.bytes) < 0;
    if (group->entry.count == 0 || smaller) {
        group->entry.trace_id = entry->trace_id;
    }
    group->entry.count += entry->count;
}

static int group_new(struct tally_groups *groups, uint32_t *slot, const struct report_group *entry, uint64_t hash,
                     struct arena *arena)
{
    struct tally_group *group = &groups->items[groups->count];
    *group = (struct tally_group){ .hash = hash, .entry = { .result = entry->result } };
    group->entry.condition = arena_copy(arena, entry->condition);
    group->entry.service = arena_copy(arena, entry->service);
    group->entry.span = arena_copy(arena, entry->span);
    group->entry.reason = arena_copy(arena, entry->reason);
    if (entry->reason.len != 0 && group->entry.reason.data == NULL) {
        return -ENOMEM;
    }
    group_count(group, entry);
    *slot = ++groups->count;
    return 0;
}

int tally_groups_add(struct tally_groups *groups, const struct report_group *entry, struct arena *arena)
{
    struct report_group other = *entry;
    if (groups->count == groups->room && groups_grow(groups) != 0) {
        return -ENOMEM;
    }
    uint64_t hash = group_hash(entry);
    uint32_t *slot = group_slot(groups, entry, hash);
    if (*slot == 0 && groups->count >= TALLY_GROUPS_MAX) {
        other.service = other.span = BYTES_NULL;
        other.reason = BYTES_LITERAL("(other)");
        hash = group_hash(&other);
        slot = group_slot(groups, &other, hash);
    }
    if (*slot != 0) {
        group_count(&groups->items[*slot - 1], entry);
        return 0;
    }
    return group_new(groups, slot, &other, hash, arena);
}

int tally_groups_merge(struct tally_groups *into, const struct tally_groups *from, struct arena *arena)
{
    for (uint32_t i = 0; i < from->count; i++) {
        if (tally_groups_add(into, &from->items[i].entry, arena) != 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

void tally_groups_deinit(struct tally_groups *groups)
{
    free(groups->items);
    free(groups->slots);
    *groups = (struct tally_groups){ NULL, 0, 0, NULL, 0 };
}
