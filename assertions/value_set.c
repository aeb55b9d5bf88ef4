#include "assertions/value_set.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/core/hash.h"
#include "daemon/core/memory.h"

#define FIRST_ROOM 64u
#define LEVEL_MAX  40u
#define ERRORS_FAR 3.0 /* standard errors */

void value_set_init(struct value_set *set)
{
    *set = (struct value_set){.max = VALUE_SET_MAX};
}

void value_set_deinit(struct value_set *set)
{
    free(set->slots);
    value_set_init(set);
}

size_t value_set_held(const struct value_set *set)
{
    return set->room * sizeof *set->slots;
}

/* The level's bits are the highest, the slot is told by the lowest. */
static bool is_kept(uint64_t hash, uint32_t level)
{
    return level == 0 || hash >> (64 - level) == 0;
}

static struct counted_value *slot_of(struct counted_value *slots, uint32_t room, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (room - 1);
    while (slots[at].count != 0 && slots[at].hash != hash) {
        at = (at + 1) & (room - 1);
    }
    return &slots[at];
}

/* All that is kept at the set's level, in a table of `room`. */
static int rebuild(struct value_set *set, uint32_t room)
{
    struct counted_value *slots = memory_alloc_zeroed(room, sizeof *slots);
    uint32_t kept = 0;
    if (slots == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < set->room; i++) {
        const struct counted_value *from = &set->slots[i];
        if (from->count != 0 && is_kept(from->hash, set->level)) {
            *slot_of(slots, room, from->hash) = *from;
            kept++;
        }
    }
    free(set->slots);
    set->slots = slots;
    set->room = room;
    set->kept = kept;
    return 0;
}

/* One half of the table stays free. Before a value is added, so that lack of memory loses none. */
static int make_room(struct value_set *set)
{
    if (set->room != 0 && set->kept < set->room / 2) {
        return 0;
    }
    return rebuild(set, set->room != 0 ? set->room * 2 : FIRST_ROOM);
}

static int settle(struct value_set *set)
{
    while (set->kept > set->max && set->level < LEVEL_MAX) {
        set->level++;
        int bad = rebuild(set, set->room);
        if (bad) {
            return bad;
        }
    }
    return 0;
}

static int add_hash(struct value_set *set, uint64_t hash, uint32_t count)
{
    if (!is_kept(hash, set->level)) {
        return 0;
    }
    int bad = make_room(set);
    if (bad) {
        return bad;
    }
    struct counted_value *slot = slot_of(set->slots, set->room, hash);
    set->kept += slot->count == 0;
    slot->hash = hash;
    slot->count = count > UINT32_MAX - slot->count ? UINT32_MAX : slot->count + count;
    return settle(set);
}

int value_set_add(struct value_set *set, struct bytes text)
{
    static const struct hash_key key = {UINT64_C(0x76616c7565207365), UINT64_C(0x74206f6620616c6c)};
    int bad = add_hash(set, hash_sip13(&key, text.data, text.len), 1);
    set->samples += bad == 0;
    return bad;
}

int value_set_merge(struct value_set *into, const struct value_set *from)
{
    int bad = 0;
    if (from->level > into->level) {
        into->level = from->level;
        bad = into->room != 0 ? rebuild(into, into->room) : 0;
    }
    for (uint32_t i = 0; i < from->room && bad == 0; i++) {
        if (from->slots[i].count != 0) {
            bad = add_hash(into, from->slots[i].hash, from->slots[i].count);
        }
    }
    into->samples += from->samples;
    return bad;
}

struct estimate value_set_distinct(const struct value_set *set)
{
    if (set->level == 0) {
        return (struct estimate){set->kept, set->kept, set->kept};
    }
    double number = ldexp((double)set->kept, (int)set->level);
    double off = set->kept != 0 ? ERRORS_FAR * number / sqrt((double)set->kept) : 0;
    double high = fmin(number + off, (double)set->samples);
    double low = fmax(fmin(number - off, high - 1), (double)set->kept); /* never as if exact */
    return (struct estimate){(uint64_t)fmin(number, (double)set->samples), (uint64_t)floor(low),
                             (uint64_t)ceil(high)};
}

/* What is kept is counted in full: so many come again for certain. */
static uint64_t certain_duplicates(const struct value_set *set)
{
    uint64_t samples = 0;
    for (uint32_t i = 0; i < set->room; i++) {
        samples += set->slots[i].count;
    }
    return samples - set->kept;
}

static uint64_t less(uint64_t from, uint64_t by)
{
    return from > by ? from - by : 0;
}

struct estimate value_set_duplicates(const struct value_set *set)
{
    struct estimate distinct = value_set_distinct(set);
    uint64_t certain = set->level != 0 ? certain_duplicates(set) : 0;
    struct estimate again = {less(set->samples, distinct.number), less(set->samples, distinct.high),
                             less(set->samples, distinct.low)};
    again.low = again.low < certain ? certain : again.low;
    again.number = again.number < again.low ? again.low : again.number;
    again.high = again.high < again.number ? again.number : again.high;
    return again;
}

struct estimate value_set_most(const struct value_set *set)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < set->room; i++) {
        most = set->slots[i].count > most ? set->slots[i].count : most;
    }
    return (struct estimate){most, most, set->level == 0 ? most : set->samples};
}
