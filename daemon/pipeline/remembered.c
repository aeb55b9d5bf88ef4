/* Within a part: an ordered table by linear probing. The IDs stand in the order of their hashes, no
 * place between where a hash leads to and where it stands is free, and nothing wraps around: some
 * places stand behind those that hashes lead to, the last of them always free. */
#include "daemon/pipeline/remembered.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "daemon/core/cache_line.h"
#include "daemon/core/memory.h"
#include "daemon/pipeline/remembered_slot.h"

#define PART_BYTES_MAX (UINT32_C(1) << 20)
#define PARTS_MAX      65536u
#define ITEMS_MAX      (UINT32_MAX / 16)
/* Places behind those that hashes lead to. */
#define TAIL 128u
/* Room comes in so many places. */
#define ROOM_STEP 32u
/* Of the IDs of a part, what is evicted at once. */
#define EVICTED_SHARE 8u
/* Of all parts, those that are swept at each tick: all of them in a few seconds. */
#define SWEPT_SHARE 512u
#define PAGE_BYTES  4096u

#define AS_BITS         4u
#define AS_MASK         ((1u << AS_BITS) - 1)
#define SLICES_MAX      (1u << (16 - AS_BITS))
#define SLICES_FIRST    64u
#define NO_SLICE        UINT32_MAX
#define KEY_OF_THE_FREE UINT64_C(1)
_Static_assert(REMEMBERED_STRAY <= AS_MASK, "all that a trace can come to");

/* What expires together. */
struct remembered_slice {
    uint64_t expiry_ns;
    uint32_t count; /* 0: unused */
    uint16_t campaign;
    bool stale; /* has expired */
};

/* Of a part that is laid out anew, IDs that go: up to `left` of a slice. */
struct eviction {
    uint32_t slice, left;
};

static uint32_t round_up(uint64_t room)
{
    return (uint32_t)((room + ROOM_STEP - 1) / ROOM_STEP * ROOM_STEP);
}

/* Room for so many IDs: nine in ten places are taken. */
static uint32_t room_for(uint64_t items)
{
    return round_up(items * 10 / 9 + 1);
}

void remembered_init(struct remembered_table *table, uint64_t bytes, uint64_t remember_ns)
{
    uint64_t items = bytes / REMEMBERED_BYTES_EACH;
    items = items < ITEMS_MAX ? items : ITEMS_MAX;
    uint32_t parts = 1;
    while (parts < PARTS_MAX && items / parts * REMEMBERED_BYTES_EACH > PART_BYTES_MAX) {
        parts *= 2;
    }
    uint64_t slice_ns = remember_ns / REMEMBERED_SLICES;
    *table = (struct remembered_table){.slice_ns = slice_ns != 0 ? slice_ns : 1,
                                       .part_count = items != 0 ? parts : 0,
                                       .part_items = (uint32_t)(items / parts),
                                       .stride = room_for(items / parts) + TAIL,
                                       .next_ns = UINT64_MAX};
}

void remembered_deinit(struct remembered_table *table)
{
    free(table->slots);
    free(table->parts);
    free(table->slices);
    *table = (struct remembered_table){.slice_ns = table->slice_ns,
                                       .part_count = table->part_count,
                                       .part_items = table->part_items,
                                       .stride = table->stride,
                                       .next_ns = UINT64_MAX};
}

uint32_t remembered_count(const struct remembered_table *table)
{
    return table->count - table->stale;
}

size_t remembered_held(const struct remembered_table *table)
{
    size_t parts = table->parts != NULL ? table->part_count * sizeof *table->parts : 0;
    return table->held_slots * sizeof *table->slots + parts +
           table->slice_room * sizeof *table->slices;
}

static uint64_t key_of(uint64_t hash)
{
    uint64_t key = hash >> (64 - SLOT_KEY_BITS);
    return key != 0 ? key : KEY_OF_THE_FREE;
}

static struct remembered_part *part_of(const struct remembered_table *table, uint64_t hash)
{
    return &table->parts[hash & (table->part_count - 1)];
}

static struct remembered_slot *slots_of(const struct remembered_table *table,
                                        const struct remembered_part *part)
{
    return table->slots + (size_t)(part - table->parts) * table->stride;
}

static uint32_t home_of(uint64_t key, uint32_t room)
{
    return (uint32_t)((key >> (SLOT_KEY_BITS - 32)) * room >> 32);
}

/* Where the key stands, or would. */
static struct remembered_slot *seek(struct remembered_slot *slots, uint32_t room, uint64_t key)
{
    struct remembered_slot *at = slots + home_of(key, room);
    const uint64_t wanted = slot_wanted(key);
    uint64_t order;
    while ((order = slot_order(at)) != 0 && order < wanted) {
        at++;
    }
    return at;
}

static struct remembered_slot *find(const struct remembered_table *table, uint64_t hash)
{
    if (table->count == 0) {
        return NULL;
    }
    const struct remembered_part *part = part_of(table, hash);
    if (part->count == 0) {
        return NULL;
    }
    struct remembered_slot *slot = seek(slots_of(table, part), part->room, key_of(hash));
    return slot_key(slot) == key_of(hash) ? slot : NULL;
}

void remembered_prefetch(const struct remembered_table *table, uint64_t hash)
{
    if (table->count != 0) {
        const struct remembered_part *part = part_of(table, hash);
        const char *home =
            (const char *)(slots_of(table, part) + home_of(key_of(hash), part->room));
        __builtin_prefetch(home);
        __builtin_prefetch(home + CACHE_LINE);
    }
}

static struct remembered_slice *slice_of(const struct remembered_table *table,
                                         const struct remembered_slot *slot)
{
    return &table->slices[slot_meta(slot) >> AS_BITS];
}

bool remembered_find(const struct remembered_table *table, uint64_t hash, uint64_t now_ns,
                     struct remembered *ret)
{
    const struct remembered_slot *slot = find(table, hash);
    if (slot == NULL || slice_of(table, slot)->expiry_ns <= now_ns) {
        return false;
    }
    *ret = (struct remembered){
        .hash = hash, .campaign = slice_of(table, slot)->campaign, .as = slot_meta(slot) & AS_MASK};
    return true;
}

void remembered_set(struct remembered_table *table, uint64_t hash, unsigned as)
{
    struct remembered_slot *slot = find(table, hash);
    if (slot != NULL) {
        slot_set_meta(slot, (uint16_t)((slot_meta(slot) & ~AS_MASK) | as));
    }
}

/* An ID goes: its slice, and what is counted, know of it no more. */
static void discount(struct remembered_table *table, struct remembered_part *part,
                     const struct remembered_slot *slot)
{
    struct remembered_slice *slice = slice_of(table, slot);
    slice->count--;
    table->stale -= slice->stale;
    table->count--;
    part->count--;
}

/* Those behind it that do not stand where their hash leads to move up. */
void remembered_drop(struct remembered_table *table, uint64_t hash)
{
    struct remembered_slot *slot = find(table, hash);
    if (slot == NULL) {
        return;
    }
    struct remembered_part *part = part_of(table, hash);
    struct remembered_slot *slots = slots_of(table, part);
    discount(table, part, slot);
    struct remembered_slot *end = slot + 1;
    while (!slot_is_free(end) && home_of(slot_key(end), part->room) < (uint32_t)(end - slots)) {
        end++;
    }
    memmove(slot, slot + 1, (size_t)(end - slot - 1) * sizeof *slot);
    end[-1] = slot_of_key(0, 0);
}

/* --- a part laid out anew --- */

static uint32_t extent_of(uint32_t room)
{
    return room != 0 ? room + TAIL : 0;
}

/* Moves what stays to the end of `extent` places, in its order; returns where it begins. */
static uint32_t pack(struct remembered_table *table, struct remembered_part *part, uint32_t extent,
                     struct eviction *eviction)
{
    struct remembered_slot *slots = slots_of(table, part);
    uint32_t to = extent;
    for (uint32_t from = extent_of(part->room); from-- > 0;) {
        if (slot_is_free(&slots[from])) {
            continue;
        }
        bool evicted = eviction->left != 0 && slot_meta(&slots[from]) >> AS_BITS == eviction->slice;
        if (evicted || slice_of(table, &slots[from])->stale) {
            eviction->left -= evicted;
            table->evicted += evicted;
            discount(table, part, &slots[from]);
        } else {
            slots[--to] = slots[from];
        }
    }
    return to;
}

static void clear(struct remembered_slot *slots, uint32_t from, uint32_t to)
{
    if (from < to) {
        memset(slots + from, 0, (to - from) * sizeof *slots);
    }
}

/* Moves each to its place; what finds none at the very end is evicted, which hardly ever happens.
 */
static void spread(struct remembered_table *table, struct remembered_part *part, uint32_t from,
                   uint32_t extent)
{
    struct remembered_slot *slots = slots_of(table, part);
    uint32_t next = 0;
    for (; from < extent; from++) {
        struct remembered_slot slot = slots[from];
        uint32_t home = home_of(slot_key(&slot), part->room);
        uint32_t to = home > next ? home : next;
        if (to > from || to + 1 >= extent_of(part->room)) {
            discount(table, part, &slot);
            table->evicted++;
            continue;
        }
        clear(slots, next, to);
        slots[to] = slot;
        next = to + 1;
    }
    clear(slots, next, extent_of(part->room));
}

/* The pages of places that are not used any more go back. */
static void give_back(struct remembered_slot *from, struct remembered_slot *to)
{
    uintptr_t first = ((uintptr_t)from + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
    uintptr_t end = (uintptr_t)to & ~(uintptr_t)(PAGE_BYTES - 1);
    if (first < end) {
        madvise((char *)from + (first - (uintptr_t)from), end - first, MADV_DONTNEED);
    }
}

/* Gives a part another room, or the same; what has expired is left out. */
static void lay_out(struct remembered_table *table, struct remembered_part *part, uint32_t room,
                    struct eviction eviction)
{
    struct remembered_slot *slots = slots_of(table, part);
    uint32_t before = extent_of(part->room);
    uint32_t after = extent_of(room);
    uint32_t extent = before > after ? before : after;
    uint32_t from = pack(table, part, extent, &eviction);
    part->room = room;
    spread(table, part, from, extent);
    table->held_slots += (uint64_t)after - before;
    if (after < before) {
        give_back(slots + after, slots + before);
    }
}

static const struct eviction none = {.slice = NO_SLICE};

/* The oldest slice of which a part holds an ID. */
static uint32_t oldest_slice(const struct remembered_table *table,
                             const struct remembered_part *part)
{
    const struct remembered_slot *slots = slots_of(table, part);
    uint32_t oldest = NO_SLICE;
    for (uint32_t i = 0; i < extent_of(part->room); i++) {
        uint32_t slice = slot_meta(&slots[i]) >> AS_BITS;
        if (!slot_is_free(&slots[i]) &&
            (oldest == NO_SLICE ||
             table->slices[slice].expiry_ns < table->slices[oldest].expiry_ns)) {
            oldest = slice;
        }
    }
    return oldest;
}

/* A part that is full: what has expired goes, else some of the oldest. */
static void make_place(struct remembered_table *table, struct remembered_part *part)
{
    if (table->stale != 0) {
        lay_out(table, part, part->room, none);
    }
    if (part->count >= table->part_items) {
        uint32_t share = table->part_items / EVICTED_SHARE;
        struct eviction eviction = {oldest_slice(table, part), share != 0 ? share : 1};
        lay_out(table, part, part->room, eviction);
    }
}

/* Room for one more. */
static void make_room(struct remembered_table *table, struct remembered_part *part)
{
    if (part->count >= table->part_items) {
        make_place(table, part);
    }
    if (((uint64_t)part->count + 1) * 10 > (uint64_t)part->room * 9) {
        uint32_t room = round_up(part->room + part->room / 8 + 1);
        uint32_t most = table->stride - TAIL;
        lay_out(table, part, room < most ? room : most, none);
    }
}

/* --- slices --- */

/* A slice that nobody is in; NO_SLICE: none, and no room or memory for more. */
static uint32_t unused_slice(struct remembered_table *table)
{
    for (uint32_t i = 0; i < table->slice_count; i++) {
        if (table->slices[i].count == 0) {
            return i;
        }
    }
    if (table->slice_count == table->slice_room) {
        uint32_t room = table->slice_room != 0 ? table->slice_room * 2 : SLICES_FIRST;
        struct remembered_slice *slices =
            room <= SLICES_MAX ? memory_resize(table->slices, table->slice_room * sizeof *slices,
                                               room * sizeof *slices)
                               : NULL;
        if (slices == NULL) {
            return NO_SLICE;
        }
        table->slices = slices;
        table->slice_room = room;
    }
    return table->slice_count++;
}

static bool is_slice(const struct remembered_table *table, uint32_t at, uint64_t expiry_ns,
                     uint16_t campaign)
{
    const struct remembered_slice *slice = &table->slices[at];
    return slice->count != 0 && slice->expiry_ns == expiry_ns && slice->campaign == campaign &&
           !slice->stale;
}

/* The slice of a campaign's IDs that expire then; NO_SLICE: there is none to be had. */
static uint32_t slice_for(struct remembered_table *table, uint64_t expiry_ns, uint16_t campaign)
{
    uint64_t end = expiry_ns / table->slice_ns + (expiry_ns % table->slice_ns != 0);
    expiry_ns = end <= UINT64_MAX / table->slice_ns ? end * table->slice_ns : UINT64_MAX;
    if (table->latest < table->slice_count && is_slice(table, table->latest, expiry_ns, campaign)) {
        return table->latest;
    }
    uint32_t at = 0;
    while (at < table->slice_count && !is_slice(table, at, expiry_ns, campaign)) {
        at++;
    }
    if (at == table->slice_count) {
        at = unused_slice(table);
        if (at == NO_SLICE) {
            return NO_SLICE;
        }
        table->slices[at] = (struct remembered_slice){.expiry_ns = expiry_ns, .campaign = campaign};
        table->next_ns = expiry_ns < table->next_ns ? expiry_ns : table->next_ns;
    }
    table->latest = at;
    return at;
}

/* --- adding, expiring --- */

/* The memory of all parts is address space first of all. */
static bool make_parts(struct remembered_table *table)
{
    if (table->slots != NULL) {
        return true;
    }
    table->parts = table->part_count != 0
                       ? memory_alloc_zeroed(table->part_count, sizeof *table->parts)
                       : NULL;
    table->slots =
        table->parts != NULL
            ? memory_alloc((size_t)table->part_count * table->stride * sizeof *table->slots)
            : NULL;
    if (table->slots == NULL) {
        free(table->parts);
        table->parts = NULL;
    }
    return table->slots != NULL;
}

/* An ID that is not there. False: the very end of the part is full. */
static bool insert(struct remembered_table *table, struct remembered_part *part,
                   struct remembered_slot slot)
{
    struct remembered_slot *slots = slots_of(table, part);
    struct remembered_slot *at = seek(slots, part->room, slot_key(&slot));
    struct remembered_slot *end = at;
    while (!slot_is_free(end)) {
        end++;
    }
    if (end + 1 >= slots + extent_of(part->room)) {
        return false;
    }
    memmove(at + 1, at, (size_t)(end - at) * sizeof *at);
    *at = slot;
    slice_of(table, &slot)->count++;
    table->count++;
    part->count++;
    return true;
}

void remembered_add(struct remembered_table *table, const struct remembered *item,
                    uint64_t expiry_ns)
{
    remembered_drop(table, item->hash);
    if (!make_parts(table)) {
        table->evicted++;
        return;
    }
    struct remembered_part *part = part_of(table, item->hash);
    make_room(table, part);
    uint32_t slice = slice_for(table, expiry_ns, item->campaign);
    struct remembered_slot slot =
        slot_of_key(key_of(item->hash), (uint16_t)(slice << AS_BITS | item->as));
    if (slice == NO_SLICE || !insert(table, part, slot)) {
        table->evicted++;
    }
}

/* What has expired is swept out, and with it room that is not needed any more. */
static void sweep(struct remembered_table *table, struct remembered_part *part)
{
    if (part->room == 0) {
        return;
    }
    uint32_t room = room_for((uint64_t)part->count + part->count / 16);
    lay_out(table, part, part->count == 0 || room < part->room / 4 * 3 ? room : part->room, none);
    if (part->count == 0) {
        lay_out(table, part, 0, none);
    }
}

static void expire_slices(struct remembered_table *table, uint64_t now_ns)
{
    table->next_ns = UINT64_MAX;
    for (uint32_t i = 0; i < table->slice_count; i++) {
        struct remembered_slice *slice = &table->slices[i];
        if (slice->count != 0 && !slice->stale && slice->expiry_ns <= now_ns) {
            slice->stale = true;
            table->stale += slice->count;
        } else if (slice->count != 0 && !slice->stale && slice->expiry_ns < table->next_ns) {
            table->next_ns = slice->expiry_ns;
        }
    }
}

void remembered_expire(struct remembered_table *table, uint64_t now_ns)
{
    if (table->next_ns <= now_ns) {
        expire_slices(table, now_ns);
    }
    for (uint32_t i = 0; table->stale != 0 && i < 1 + table->part_count / SWEPT_SHARE; i++) {
        sweep(table, &table->parts[table->swept++ & (table->part_count - 1)]);
    }
}
