#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/hash.h"
#include "daemon/core/memory.h"
#include "daemon/pipeline/tally_state.h"

#define OTHER "(other)"
/* Names are for people here; one of a mebibyte would make every report as long. */
#define GROUP_NAME_MAX 1024u

static bool is_other(const struct report_group *entry)
{
    return bytes_is(entry->reason, OTHER);
}

static uint64_t mix(uint64_t hash, struct bytes text)
{
    struct hash_key key = {hash, text.len};
    return hash_sip13(&key, text.data, text.len);
}

static uint64_t group_hash(const struct report_group *entry)
{
    return mix(mix(mix(mix(entry->result, entry->condition), entry->service), entry->span),
               entry->reason);
}

static bool group_equal(const struct report_group *a, const struct report_group *b)
{
    return a->result == b->result && bytes_equal(a->condition, b->condition) &&
           bytes_equal(a->service, b->service) && bytes_equal(a->span, b->span) &&
           bytes_equal(a->reason, b->reason);
}

/* The slot of an entry, or the empty one where it belongs. */
static uint32_t *group_slot(const struct tally_groups *groups, const struct report_group *entry,
                            uint64_t hash)
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

static void fill_slots(struct tally_groups *groups)
{
    memset(groups->slots, 0, groups->slot_count * sizeof *groups->slots);
    for (uint32_t i = 0; i < groups->count; i++) {
        *group_slot(groups, &groups->items[i].entry, groups->items[i].hash) = i + 1;
    }
}

static int groups_grow(struct tally_groups *groups)
{
    uint32_t room = groups->room != 0 ? groups->room * 2 : 8;
    struct tally_group *items =
        memory_resize(groups->items, groups->room * sizeof *items, room * sizeof *items);
    if (items == NULL) {
        return -ENOMEM;
    }
    groups->items = items;
    uint32_t *slots = memory_alloc((size_t)room * 2 * sizeof *slots);
    if (slots == NULL) {
        return -ENOMEM;
    }
    free(groups->slots);
    groups->slots = slots;
    groups->slot_count = room * 2;
    groups->room = room;
    fill_slots(groups);
    return 0;
}

static void group_count(struct tally_group *group, const struct report_group *entry)
{
    bool smaller = memcmp(entry->trace_id.bytes, group->entry.trace_id.bytes,
                          sizeof entry->trace_id.bytes) < 0;
    if (group->entry.count == 0 || smaller) {
        group->entry.trace_id = entry->trace_id;
    }
    group->entry.count += entry->count;
}

static int group_new(struct tally_groups *groups, uint32_t *slot, const struct report_group *entry,
                     uint64_t hash, struct arena *arena)
{
    struct tally_group *group = &groups->items[groups->count];
    *group = (struct tally_group){.hash = hash, .entry = {.result = entry->result}};
    group->entry.condition = arena_copy(arena, entry->condition);
    group->entry.service = arena_copy(arena, entry->service);
    group->entry.span = arena_copy(arena, entry->span);
    group->entry.reason = arena_copy(arena, entry->reason);
    if (group->entry.condition.data == NULL || group->entry.service.data == NULL ||
        group->entry.span.data == NULL || group->entry.reason.data == NULL) {
        return -ENOMEM;
    }
    group_count(group, entry);
    groups->others += is_other(entry);
    *slot = ++groups->count;
    return 0;
}

/* By hash, which knows nothing of arrival; "(other)" last. */
static int compare_rank(const void *a, const void *b)
{
    const struct tally_group *left = a;
    const struct tally_group *right = b;
    if (is_other(&left->entry) != is_other(&right->entry)) {
        return is_other(&left->entry) ? 1 : -1;
    }
    return left->hash < right->hash ? -1 : left->hash > right->hash;
}

static int add_entry(struct tally_groups *groups, const struct report_group *entry,
                     struct arena *arena)
{
    if (groups->count == groups->room && groups_grow(groups) != 0) {
        return -ENOMEM;
    }
    uint64_t hash = group_hash(entry);
    uint32_t *slot = group_slot(groups, entry, hash);
    if (*slot != 0) {
        group_count(&groups->items[*slot - 1], entry);
        return 0;
    }
    return group_new(groups, slot, entry, hash, arena);
}

static int add_other(struct tally_groups *groups, const struct report_group *entry,
                     struct arena *arena)
{
    struct report_group other = *entry;
    other.service = other.span = BYTES_NULL;
    other.reason = BYTES_LITERAL(OTHER);
    return add_entry(groups, &other, arena);
}

/* A group that went once is never kept again: the greatest hash that is kept only falls. */
int tally_groups_settle(struct tally_groups *groups, struct arena *arena)
{
    uint32_t own = groups->count - groups->others;
    uint32_t gone_count = own > TALLY_GROUPS_MAX ? own - TALLY_GROUPS_MAX : 0;
    int bad = 0;
    if (gone_count == 0) {
        return 0;
    }
    struct tally_group *gone = memory_alloc(gone_count * sizeof *gone);
    if (gone == NULL) {
        return -ENOMEM;
    }
    qsort(groups->items, groups->count, sizeof *groups->items, compare_rank);
    memcpy(gone, groups->items + TALLY_GROUPS_MAX, gone_count * sizeof *gone);
    memmove(groups->items + TALLY_GROUPS_MAX, groups->items + own,
            groups->others * sizeof *groups->items);
    groups->count -= gone_count;
    groups->limit = groups->items[TALLY_GROUPS_MAX - 1].hash;
    groups->limited = true;
    fill_slots(groups);
    for (uint32_t i = 0; i < gone_count; i++) {
        bad |= add_other(groups, &gone[i].entry, arena);
    }
    free(gone);
    return bad;
}

/* No character is cut in two. */
static struct bytes clip(struct bytes name)
{
    if (name.len > GROUP_NAME_MAX) {
        name.len = GROUP_NAME_MAX;
        while (name.len > GROUP_NAME_MAX - 3 && (name.data[name.len] & 0xc0) == 0x80) {
            name.len--;
        }
    }
    return name;
}

int tally_groups_add(struct tally_groups *groups, const struct report_group *whole,
                     struct arena *arena)
{
    struct report_group clipped = *whole;
    const struct report_group *entry = &clipped;
    clipped.service = clip(whole->service);
    clipped.span = clip(whole->span);
    if (groups->limited && !is_other(entry) && group_hash(entry) > groups->limit) {
        return add_other(groups, entry, arena);
    }
    int bad = add_entry(groups, entry, arena);
    if (groups->count - groups->others >= 2 * TALLY_GROUPS_MAX) {
        bad |= tally_groups_settle(groups, arena);
    }
    return bad;
}

int tally_groups_merge(struct tally_groups *into, const struct tally_groups *from,
                       struct arena *arena)
{
    int bad = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        bad |= tally_groups_add(into, &from->items[i].entry, arena);
    }
    return bad;
}

void tally_groups_deinit(struct tally_groups *groups)
{
    free(groups->items);
    free(groups->slots);
    *groups = (struct tally_groups){.items = NULL};
}
