#include "assertions/sightings.h"

#include <string.h>

#include "assertions/own_results.h"

#define FEW              12u /* sightings that are looked through one by one */
#define BLOCK_FIRST      80u /* bytes of data: an allocation of 96 */
#define BLOCK_MOST       4096u
#define BLOCKS_SMALL     32u /* sightings: with more of them blocks double */
#define LISTED_FIRST     8u
#define ENTRY_HEAD_BYTES (sizeof(uint32_t) + 1)

struct sighting_block {
    struct sighting_block *next; /* older */
    uint32_t used, room;         /* bytes */
    _Alignas(8) uint8_t data[];
};

/* The bytes of a listed sighting. */
struct list {
    uint32_t count, room;
    uint8_t *entries; /* each a span's index (4 bytes), enum holds, and a mark for each condition */
};

/* --- records --- */

static size_t bytes_of_sighting(const struct probe *probe)
{
    _Static_assert(PROBE_CONDITIONS_MAX + 64 < 4 * UINT16_MAX, "a record's length must fit");
    size_t bytes = offsetof(struct sighting, bytes);
    if (probe->listed) {
        bytes += sizeof(struct list);
    } else {
        bytes += probe->condition_count + (probe->exact ? sizeof(struct sighting_numbers) : 0);
    }
    return (bytes + 3) / 4 * 4;
}

struct sighting_walk sightings_begin(const struct sightings *sightings)
{
    return (struct sighting_walk){sightings->blocks, 0};
}

static struct sighting *step(const struct sighting_block **block, uint32_t *at)
{
    while (*block != NULL && *at >= (*block)->used) {
        *block = (*block)->next;
        *at = 0;
    }
    if (*block == NULL) {
        return NULL;
    }
    struct sighting *sighting = (void *)((*block)->data + *at);
    *at += sighting->words * 4u;
    return sighting;
}

const struct sighting *sightings_next(struct sighting_walk *walk)
{
    return step(&walk->block, &walk->at);
}

static struct sighting *take_record(struct sightings *sightings, size_t bytes, struct arena *memory)
{
    struct sighting_block *block = sightings->blocks;
    if (block == NULL || block->room - block->used < bytes) {
        size_t room = sightings->count < BLOCKS_SMALL ? BLOCK_FIRST : 2 * block->room + 16;
        room = room > BLOCK_MOST ? BLOCK_MOST : room;
        room = room < bytes ? bytes : room;
        struct sighting_block *fresh = arena_alloc(memory, sizeof *fresh + room);
        if (fresh == NULL) {
            return NULL;
        }
        *fresh = (struct sighting_block){.next = block, .room = (uint32_t)room};
        sightings->blocks = block = fresh;
    }
    struct sighting *sighting = (void *)(block->data + block->used);
    block->used += (uint32_t)bytes;
    return sighting;
}

/* --- finding them again --- */

static uint32_t slot_of(const struct sightings *sightings, uint32_t probe)
{
    return probe * UINT32_C(2654435761) >> 7 & (sightings->slot_count - 1);
}

static struct sighting *find(const struct sightings *sightings, uint32_t probe)
{
    if (sightings->slots == NULL) {
        const struct sighting_block *block = sightings->blocks;
        uint32_t at = 0;
        struct sighting *sighting = step(&block, &at);
        while (sighting != NULL && sighting->probe != probe) {
            sighting = step(&block, &at);
        }
        return sighting;
    }
    uint32_t slot = slot_of(sightings, probe);
    while (sightings->slots[slot] != NULL && sightings->slots[slot]->probe != probe) {
        slot = (slot + 1) & (sightings->slot_count - 1);
    }
    return sightings->slots[slot];
}

const struct sighting *sightings_of(const struct sightings *sightings, const struct probe *probe)
{
    const struct sighting *found = find(sightings, probe->number);
    return found != NULL && found->holds != 0 ? found : NULL;
}

static void put_slot(struct sightings *sightings, struct sighting *sighting)
{
    uint32_t slot = slot_of(sightings, sighting->probe);
    while (sightings->slots[slot] != NULL) {
        slot = (slot + 1) & (sightings->slot_count - 1);
    }
    sightings->slots[slot] = sighting;
}

/* Slots come when looking through all gets slow; at least half of them stay free. */
static int make_slots(struct sightings *sightings, struct arena *memory)
{
    if (sightings->count < FEW || 2 * (sightings->count + 1) <= sightings->slot_count) {
        return 0;
    }
    uint32_t wanted = sightings->slot_count != 0 ? 2 * sightings->slot_count : 32;
    struct sighting **slots = arena_calloc(memory, wanted, sizeof *slots);
    if (slots == NULL) {
        return SIGHTINGS_NO_MEMORY;
    }
    const struct sighting_block *block = sightings->blocks;
    uint32_t at = 0;
    sightings->slots = slots;
    sightings->slot_count = wanted;
    for (struct sighting *old = step(&block, &at); old != NULL; old = step(&block, &at)) {
        put_slot(sightings, old);
    }
    return 0;
}

static struct sighting *new_sighting(struct sightings *sightings, const struct probe *probe,
                                     struct arena *memory)
{
    size_t bytes = bytes_of_sighting(probe);
    if (make_slots(sightings, memory) != 0) {
        return NULL;
    }
    struct sighting *sighting = take_record(sightings, bytes, memory);
    if (sighting == NULL) {
        return NULL;
    }
    memset(sighting, 0, bytes);
    sighting->probe = probe->number;
    sighting->words = (uint16_t)(bytes / 4);
    sightings->count++;
    if (sightings->slots != NULL) {
        put_slot(sightings, sighting);
    }
    return sighting;
}

/* --- counted --- */

struct sighting_numbers sighting_numbers(const struct sighting *sighting, const struct probe *probe)
{
    struct sighting_numbers numbers = {.count = (sighting->holds & HOLDS_CLOSED) != 0,
                                       .open_count = (sighting->holds & HOLDS_OPEN) != 0};
    if (probe->exact) {
        memcpy(&numbers, sighting->bytes + probe->condition_count, sizeof numbers);
    }
    return numbers;
}

/* The own results of a span that holds; whether one of them raises an alarm. */
static bool add_results(struct sighting *sighting, const struct probe *probe, unsigned holds,
                        const struct span *span, struct arena *scratch)
{
    struct own_results own = {.results = sighting->bytes,
                              .lacked = (sighting->holds & SIGHTINGS_LACKED) != 0};
    own_results_add(&own, probe, holds, span, scratch);
    sighting->holds |= own.lacked ? SIGHTINGS_LACKED : 0;
    return own.alarm;
}

/* Counts a span in one of the numbers of a sighting, which stand where no uint32_t may: each is
 * loaded as it was stored, or it would have to wait until memory has it. Returns the count. */
static uint32_t count_span(uint8_t *numbers, size_t count_at, size_t first_at, uint32_t index)
{
    uint32_t count;
    memcpy(&count, numbers + count_at, sizeof count);
    if (count == 0) {
        memcpy(numbers + first_at, &index, sizeof index);
    }
    count++;
    memcpy(numbers + count_at, &count, sizeof count);
    return count;
}

/* Of an exact probe; whether so many spans raise an alarm. */
static bool add_numbers(struct sighting *sighting, const struct probe *probe, unsigned holds,
                        uint32_t index)
{
    uint8_t *numbers = sighting->bytes + probe->condition_count;
    if (holds & HOLDS_CLOSED) {
        count_span(numbers, offsetof(struct sighting_numbers, count),
                   offsetof(struct sighting_numbers, first), index);
    }
    return (holds & HOLDS_OPEN) != 0 &&
           count_span(numbers, offsetof(struct sighting_numbers, open_count),
                      offsetof(struct sighting_numbers, open_first), index) >= probe->alarms_from;
}

/* The alarm of one span more where spans are not counted: one stands for any number. */
static bool alarms_uncounted(const struct sighting *sighting, const struct probe *probe,
                             unsigned holds)
{
    uint32_t count = (sighting->holds & HOLDS_OPEN) != 0 ? 2 : 1;
    return (holds & HOLDS_OPEN) != 0 && count >= probe->alarms_from;
}

static void add_counted(struct sighting *sighting, const struct probe *probe, unsigned holds,
                        const struct span *span, uint32_t index, struct arena *scratch,
                        bool *ret_alarm)
{
    bool uncertain = (holds & (HOLDS_PERHAPS | HOLDS_CLOSED)) == HOLDS_PERHAPS;
    *ret_alarm |= probe->exact ? add_numbers(sighting, probe, holds, index)
                               : alarms_uncounted(sighting, probe, holds);
    if (holds & HOLDS_CLOSED) {
        *ret_alarm |= add_results(sighting, probe, holds, span, scratch);
    }
    sighting->holds |= (uint8_t)(holds | (uncertain ? SIGHTINGS_UNCERTAIN : 0));
}

/* --- listed --- */

static struct list list_of(const struct sighting *sighting)
{
    struct list list;
    memcpy(&list, sighting->bytes, sizeof list);
    return list;
}

static size_t entry_bytes(const struct probe *probe)
{
    return ENTRY_HEAD_BYTES + probe->condition_count;
}

static int make_entries(struct list *list, const struct probe *probe, struct arena *memory)
{
    if (list->count < list->room) {
        return 0;
    }
    uint32_t room = list->room != 0 ? 2 * list->room : LISTED_FIRST;
    uint8_t *entries = arena_alloc(memory, room * entry_bytes(probe));
    if (entries == NULL) {
        return SIGHTINGS_NO_MEMORY;
    }
    if (list->count != 0) {
        memcpy(entries, list->entries, list->count * entry_bytes(probe));
    }
    list->entries = entries;
    list->room = room;
    return 0;
}

static int add_listed(struct sighting *sighting, const struct probe *probe, unsigned holds,
                      const struct span *span, uint32_t index, struct arena *memory,
                      struct arena *scratch, bool *ret_alarm)
{
    struct list list = list_of(sighting);
    if (make_entries(&list, probe, memory) != 0) {
        return SIGHTINGS_NO_MEMORY;
    }
    uint8_t *entry = list.entries + list.count++ * entry_bytes(probe);
    memcpy(entry, &index, sizeof index);
    entry[sizeof index] = (uint8_t)holds;
    for (uint32_t i = 0; i < probe->condition_count; i++) {
        const struct condition *condition = probe->conditions[i].condition;
        enum mark mark = shortcut_mark(&probe->conditions[i].shortcut, condition, span, scratch);
        *ret_alarm |= probe->conditions[i].alarms && (holds & HOLDS_OPEN) != 0 &&
                      mark_result(mark, condition->quantifier, true) == RESULT_FAIL;
        entry[ENTRY_HEAD_BYTES + i] = (uint8_t)mark;
    }
    memcpy(sighting->bytes, &list, sizeof list);
    sighting->holds |= (uint8_t)holds;
    return 0;
}

uint32_t sighting_list_count(const struct sighting *sighting)
{
    return list_of(sighting).count;
}

struct listed_span sighting_list_entry(const struct sighting *sighting, const struct probe *probe,
                                       uint32_t place)
{
    const uint8_t *entry = list_of(sighting).entries + place * entry_bytes(probe);
    struct listed_span span = {.holds = entry[sizeof span.span], .marks = entry + ENTRY_HEAD_BYTES};
    memcpy(&span.span, entry, sizeof span.span);
    return span;
}

/* --- both --- */

int sightings_add(struct sightings *sightings, const struct probe *probe, unsigned holds,
                  const struct span *span, uint32_t index, struct arena *memory,
                  struct arena *scratch, bool *ret_alarm)
{
    struct sighting *sighting = find(sightings, probe->number);
    sighting = sighting != NULL ? sighting : new_sighting(sightings, probe, memory);
    if (sighting == NULL) {
        return SIGHTINGS_NO_MEMORY;
    }
    if (probe->listed) {
        return add_listed(sighting, probe, holds, span, index, memory, scratch, ret_alarm);
    }
    add_counted(sighting, probe, holds, span, index, scratch, ret_alarm);
    return 0;
}

void sightings_clear(struct sightings *sightings, const struct probe *probes)
{
    const struct sighting_block *block = sightings->blocks;
    uint32_t at = 0;
    for (struct sighting *old = step(&block, &at); old != NULL; old = step(&block, &at)) {
        const struct probe *probe = &probes[old->probe];
        old->holds = 0;
        if (probe->listed) {
            struct list list = list_of(old);
            list.count = 0;
            memcpy(old->bytes, &list, sizeof list);
        } else {
            memset(old->bytes, 0, old->words * 4u - offsetof(struct sighting, bytes));
        }
    }
}
