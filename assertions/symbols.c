/* The tables are never grown by what peers send: a plain hash is enough, and the longest run of
 * full slots is settled when the set is compiled. */
#include "assertions/symbols.h"

#include <errno.h>

static uint64_t text_hash(struct bytes text)
{
    uint64_t hash = text.len;
    uint64_t word;
    size_t at = 0;
    for (; at + sizeof word <= text.len; at += sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        hash = symbols_mix(hash, word);
    }
    word = 0;
    if (text.len >= sizeof word) {
        memcpy(&word, text.data + text.len - sizeof word, sizeof word);
        return symbols_mix(hash, word);
    }
    for (; at < text.len; at++) {
        word = word << 8 | text.data[at];
    }
    return symbols_mix(hash, word);
}

uint32_t symbols_slots(uint32_t count)
{
    uint32_t slots = 8;
    while (slots < 2 * count) {
        slots *= 2;
    }
    return slots;
}

int symbols_init(struct symbol_table *table, uint32_t most, struct arena *arena)
{
    *table = (struct symbol_table){.slot_count = symbols_slots(most), .hints = {.made = true}};
    table->slots = arena_calloc(arena, table->slot_count, sizeof *table->slots);
    return table->slots == NULL ? -ENOMEM : 0;
}

/* The slot of the text, or the free one where it belongs. */
static struct symbol *find_slot(const struct symbol_table *table, struct bytes text, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (table->slot_count - 1);
    while (table->slots[at].number != 0 &&
           (table->slots[at].hash != hash || !bytes_equal(table->slots[at].text, text))) {
        at = (at + 1) & (table->slot_count - 1);
    }
    return &table->slots[at];
}

struct symbol *symbols_demand(struct symbol_table *table, struct bytes text)
{
    uint64_t hash = text_hash(text);
    struct symbol *symbol = find_slot(table, text, hash);
    if (symbol->number == 0) {
        symbol->text = text;
        symbol->hash = hash;
        symbol->number = ++table->count;
        attr_hints_add(&table->hints, text);
    }
    return symbol;
}

const struct symbol *symbols_look_up(const struct symbol_table *table, struct bytes text)
{
    const struct symbol *symbol = find_slot(table, text, text_hash(text));
    return symbol->number != 0 ? symbol : NULL;
}
