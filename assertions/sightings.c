#include "assertions/sightings.h"

#include <string.h>

#define FEW             8u /* sightings that are looked through one by one */
#define LISTED_FIRST    8u
#define ENTRY_HEAD_SIZE (sizeof(uint32_t) + 1)

static uint32_t slot_of(const struct sightings *sightings, uint32_t probe)
{
    return probe * UINT32_C(2654435761) >> 7 & (sightings->slot_count - 1);
}

static struct sighting *find(const struct sightings *sightings, uint32_t probe)
{
    if (sightings->slots == NULL) {
        struct sighting *at = sightings->first;
        while (at != NULL && at->probe != probe) {
            at = at->next;
        }
        return at;
    }
    uint32_t slot = slot_of(sightings, probe);
    while (sightings->slots[slot] != NULL && sightings->slots[slot]->probe != probe) {
        slot = (slot + 1) & (sightings->slot_count - 1);
    }
    return sightings->slots[slot];
}

static bool is_empty(const struct sighting *sighting, const struct probe *probe)
{
    return probe->listed ? sighting->count == 0 : sightings_counted(sighting)->holds == 0;
}

const struct sighting *sightings_of(const struct sightings *sightings, const struct probe *probe)
{
    const struct sighting *found = find(sightings, probe->number);
    return found != NULL && !is_empty(found, probe) ? found : NULL;
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
    uint32_t wanted = sightings->slot_count != 0 ? 2 * sightings->slot_count : 4 * FEW;
    struct sighting **slots = arena_calloc(memory, wanted, sizeof *slots);
    if (slots == NULL) {
        return SIGHTINGS_NO_MEMORY;
    }
    sightings->slots = slots;
    sightings->slot_count = wanted;
    for (struct sighting *at = sightings->first; at != NULL; at = at->next) {
        put_slot(sightings, at);
    }
    return 0;
}

static size_t bytes_of_sighting(const struct probe *probe)
{
    return probe->listed ? sizeof(struct listed_sighting)
                         : offsetof(struct counted_sighting, results) + probe->condition_count;
}

static struct sighting *new_sighting(struct sightings *sightings, const struct probe *probe,
                                     struct arena *memory)
{
    if (make_slots(sightings, memory) != 0) {
        return NULL;
    }
    struct sighting *sighting = arena_calloc(memory, 1, bytes_of_sighting(probe));
    if (sighting == NULL) {
        return NULL;
    }
    sighting->probe = probe->number;
    sighting->next = sightings->first;
    sightings->first = sighting;
    sightings->count++;
    if (sightings->slots != NULL) {
        put_slot(sightings, sighting);
    }
    return sighting;
}

/* --- counted --- */

/* The own results of a span that holds; whether one of them raises an alarm. */
static bool add_results(struct counted_sighting *counted, const struct probe *probe, unsigned holds,
                        const struct span *span, struct arena *scratch)
{
    bool alarm = false;
    for (uint32_t i = 0; i < probe->condition_count; i++) {
        const struct condition *condition = probe->conditions[i].condition;
        enum mark mark = marks_of_condition(condition, span, scratch);
        unsigned results = result_bit(mark_result(mark, condition->quantifier, false));
        if (holds & HOLDS_OPEN) {
            enum result open = mark_result(mark, condition->quantifier, true);
            results |= result_bit(open) << SIGHTINGS_OPEN_SHIFT;
            alarm |= probe->conditions[i].alarms && open == RESULT_FAIL;
        }
        counted->results[i] |= (uint8_t)results;
    }
    return alarm;
}

static void add_counted(struct counted_sighting *counted, const struct probe *probe, unsigned holds,
                        const struct span *span, uint32_t index, struct arena *scratch,
                        bool *ret_alarm)
{
    bool uncertain = (holds & HOLDS_PERHAPS) != 0 && (holds & HOLDS_CLOSED) == 0;
    counted->holds |= (uint8_t)(holds | (uncertain ? SIGHTINGS_UNCERTAIN : 0));
    if (holds & HOLDS_CLOSED) {
        counted->first = counted->sighting.count++ == 0 ? index : counted->first;
    }
    if (holds & HOLDS_OPEN) {
        counted->open_first = counted->open_count++ == 0 ? index : counted->open_first;
        *ret_alarm |= counted->open_count >= probe->alarms_from;
    }
    if ((holds & HOLDS_CLOSED) && add_results(counted, probe, holds, span, scratch)) {
        *ret_alarm = true;
    }
}

/* --- listed --- */

static size_t entry_bytes(const struct probe *probe)
{
    return ENTRY_HEAD_SIZE + probe->condition_count;
}

static int make_entries(struct listed_sighting *listed, const struct probe *probe,
                        struct arena *memory)
{
    uint32_t count = listed->sighting.count;
    if (count < listed->room) {
        return 0;
    }
    uint32_t room = listed->room != 0 ? 2 * listed->room : LISTED_FIRST;
    uint8_t *entries = arena_alloc(memory, room * entry_bytes(probe));
    if (entries == NULL) {
        return SIGHTINGS_NO_MEMORY;
    }
    if (count != 0) {
        memcpy(entries, listed->entries, count * entry_bytes(probe));
    }
    listed->entries = entries;
    listed->room = room;
    return 0;
}

static int add_listed(struct listed_sighting *listed, const struct probe *probe, unsigned holds,
                      const struct span *span, uint32_t index, struct arena *memory,
                      struct arena *scratch)
{
    if (make_entries(listed, probe, memory) != 0) {
        return SIGHTINGS_NO_MEMORY;
    }
    uint8_t *entry = listed->entries + listed->sighting.count++ * entry_bytes(probe);
    memcpy(entry, &index, sizeof index);
    entry[sizeof index] = (uint8_t)holds;
    for (uint32_t i = 0; i < probe->condition_count; i++) {
        entry[ENTRY_HEAD_SIZE + i] =
            (uint8_t)marks_of_condition(probe->conditions[i].condition, span, scratch);
    }
    return 0;
}

struct listed_span sightings_entry(const struct sighting *sighting, const struct probe *probe,
                                   uint32_t place)
{
    const uint8_t *entry =
        ((const struct listed_sighting *)sighting)->entries + place * entry_bytes(probe);
    struct listed_span span = {.holds = entry[sizeof span.span], .marks = entry + ENTRY_HEAD_SIZE};
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
        return add_listed((struct listed_sighting *)sighting, probe, holds, span, index, memory,
                          scratch);
    }
    add_counted((struct counted_sighting *)sighting, probe, holds, span, index, scratch, ret_alarm);
    return 0;
}

void sightings_clear(struct sightings *sightings, const struct probe *probes)
{
    for (struct sighting *at = sightings->first; at != NULL; at = at->next) {
        const struct probe *probe = &probes[at->probe];
        at->count = 0;
        if (!probe->listed) {
            struct counted_sighting *counted = (struct counted_sighting *)at;
            counted->open_count = 0;
            counted->holds = 0;
            memset(counted->results, 0, probe->condition_count);
        }
    }
}
