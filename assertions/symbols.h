/* Tables of texts that filters demand. Internal to the dispatch. */
#ifndef ASSERTD_ASSERTIONS_SYMBOLS_H
#define ASSERTD_ASSERTIONS_SYMBOLS_H

#include "assertions/dispatch.h"

/* An empty table for at most `most` texts. 0; -ENOMEM. */
int symbols_init(struct symbol_table *table, uint32_t most, struct arena *arena);

/* Lets symbols of the table, which is empty still, be looked for by number. 0; -ENOMEM. */
int symbols_init_numbers(struct symbol_table *table, struct arena *arena);

/* The symbol of a text, made if it is new; the text is borrowed. */
struct symbol *symbols_demand(struct symbol_table *table, struct bytes text);

/* The symbol of a text; NULL: nobody demands it. */
const struct symbol *symbols_look_up(const struct symbol_table *table, struct bytes text);

/* The same, in line as far as a few bytes of the text tell that nobody does: it is asked for each
 * span that arrives. */
static inline const struct symbol *symbols_find(const struct symbol_table *table, struct bytes text)
{
    return table->count != 0 && attr_hints_may_have(&table->hints, text)
               ? symbols_look_up(table, text)
               : NULL;
}

/* The symbol of the text that a number has when it is printed, without printing it; NULL: nobody
 * demands it. Only after symbols_init_numbers. */
const struct symbol *symbols_find_number(const struct symbol_table *table, int64_t number);

/* Slots for `count` entries, at least half of them free. */
uint32_t symbols_slots(uint32_t count);

/* One step of the hash of several words. */
static inline uint64_t symbols_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

#endif
