/* Where a trace ID's entry is: an open-addressing index over places of a table that holds the IDs
 * themselves.
 *
 * A slot is eight bytes: 32 bits of the ID's keyed hash and the place, so that a look for an ID
 * that is not there seldom leaves the index. It is at most three quarters full, grows with what it
 * holds and without a stall: a table of twice the size is begun beside the old one, and each
 * addition moves some slots over.
 * Thread rule: confined to its owner. */
#ifndef ASSERTD_PIPELINE_ID_INDEX_H
#define ASSERTD_PIPELINE_ID_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Greatest place. */
#define ID_INDEX_PLACE_MAX (UINT32_MAX - 2)

struct id_slot {
    uint32_t tag;   /* low bits of the hash: where it belongs, and a first comparison */
    uint32_t place; /* + 1; 0: free; UINT32_MAX: moved or removed, probing goes on behind it */
};

struct id_slots {
    struct id_slot *items;
    uint32_t room; /* a power of two, or 0 */
};

struct id_index {
    struct id_slots slots;
    struct id_slots old; /* being moved over, up to `moved` */
    uint32_t moved;
    uint32_t count;
    size_t held_bytes;
};

/* An empty index; memory is taken by the first addition. */
void id_index_init(struct id_index *index);
void id_index_deinit(struct id_index *index);

/* Brings into the cache what a search for the hash will read first. */
void id_index_prefetch(const struct id_index *index, uint64_t hash);

/* A search for all places under a hash. */
struct id_search {
    const struct id_slots *in;
    uint32_t tag, at;
    bool in_old;
};
/* Begins it; next tells one place after the other until it returns false. The caller compares the
 * IDs. The index must not change meanwhile. */
struct id_search id_index_search(const struct id_index *index, uint64_t hash);
bool id_index_next(const struct id_index *index, struct id_search *search, uint32_t *ret_place);

/* Adds a place under a hash. 0, or -ENOMEM: it is full and could not grow. */
int id_index_add(struct id_index *index, uint64_t hash, uint32_t place);

/* Removes a place that was added under that hash. */
void id_index_remove(struct id_index *index, uint64_t hash, uint32_t place);

#endif
