/* The tables are never grown by what peers send: a plain hash is enough, and the longest run of
 * full slots is settled when the set is compiled. */
#include "assertions/symbols.h"

#include <errno.h>

#include "assertions/operand.h"
#include "daemon/core/bytes_short.h"
#include "daemon/core/number.h"

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

int symbols_init_numbers(struct symbol_table *table, struct arena *arena)
{
    table->numbers = arena_calloc(arena, table->slot_count, sizeof *table->numbers);
    return table->numbers == NULL ? -ENOMEM : 0;
}

/* The slot of the number, or the free one where it belongs. */
static struct number_slot *find_number_slot(const struct symbol_table *table, int64_t number)
{
    uint32_t at = (uint32_t)symbols_mix(0, (uint64_t)number) & (table->slot_count - 1);
    while (table->numbers[at].symbol != NULL && table->numbers[at].number != number) {
        at = (at + 1) & (table->slot_count - 1);
    }
    return &table->numbers[at];
}

const struct symbol *symbols_find_number(const struct symbol_table *table, int64_t number)
{
    return table->count != 0 ? find_number_slot(table, number)->symbol : NULL;
}

/* Only what is printed like that: "07" is no number's text. */
static void note_number(struct symbol_table *table, const struct symbol *symbol)
{
    char scratch[OPERAND_TEXT_MAX];
    struct operand number = {.type = OPERAND_INT};
    if (number_parse_i64(symbol->text, &number.integer) == 0 &&
        bytes_equal(operand_text(&number, scratch), symbol->text)) {
        *find_number_slot(table, number.integer) = (struct number_slot){number.integer, symbol};
    }
}

/* The slot of the text, or the free one where it belongs. */
static struct symbol *find_slot(const struct symbol_table *table, struct bytes text, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (table->slot_count - 1);
    while (table->slots[at].number != 0 &&
           (table->slots[at].hash != hash || !bytes_short_equal(table->slots[at].text, text))) {
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
        if (table->numbers != NULL) {
            note_number(table, symbol);
        }
    }
    return symbol;
}

const struct symbol *symbols_look_up(const struct symbol_table *table, struct bytes text)
{
    const struct symbol *symbol = find_slot(table, text, text_hash(text));
    return symbol->number != 0 ? symbol : NULL;
}
