/* One remembered ID as it stands in its part: nine bytes, the key and what is known of it. Internal
 * to remembered.c.
 *
 * Read and written as words: a part is walked by the dozen of slots for each trace that ends. */
#ifndef ASSERTD_PIPELINE_REMEMBERED_SLOT_H
#define ASSERTD_PIPELINE_REMEMBERED_SLOT_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SLOT_KEY_BITS  56
#define SLOT_KEY_BYTES 7u

/* The upper bits of a hash, 0: free; behind them 16 bits: slice, and what the trace
 * came to. */
struct remembered_slot {
    uint8_t bytes[9];
};
_Static_assert(sizeof(struct remembered_slot) == 9, "multiplied by the traces of ten minutes");

/* A key as it is compared with that of a slot: its order is that of the keys. */
static inline uint64_t slot_wanted(uint64_t key)
{
    return key << (64 - SLOT_KEY_BITS);
}

static inline uint64_t slot_order(const struct remembered_slot *slot)
{
    uint64_t word;
    memcpy(&word, slot->bytes, sizeof word);
    return slot_wanted(le64toh(word));
}

static inline bool slot_is_free(const struct remembered_slot *slot)
{
    return slot_order(slot) == 0;
}

static inline uint64_t slot_key(const struct remembered_slot *slot)
{
    return slot_order(slot) >> (64 - SLOT_KEY_BITS);
}

static inline uint16_t slot_meta(const struct remembered_slot *slot)
{
    uint16_t meta;
    memcpy(&meta, slot->bytes + SLOT_KEY_BYTES, sizeof meta);
    return meta;
}

static inline void slot_set_meta(struct remembered_slot *slot, uint16_t meta)
{
    memcpy(slot->bytes + SLOT_KEY_BYTES, &meta, sizeof meta);
}

static inline struct remembered_slot slot_of_key(uint64_t key, uint16_t meta)
{
    struct remembered_slot slot;
    uint64_t word = htole64(key);
    memcpy(slot.bytes, &word, sizeof word);
    slot_set_meta(&slot, meta);
    return slot;
}

#endif
