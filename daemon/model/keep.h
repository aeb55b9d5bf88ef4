/* Which parts of a span are kept once it has been judged: those that somebody may still read.
 *
 * What a record holds (IDs, times, name, kind, status, sampling, dropped counts) and resource and
 * scope are kept in any case. Built once, then immutable; lives in its maker's arena. */
#ifndef ASSERTD_MODEL_KEEP_H
#define ASSERTD_MODEL_KEEP_H

#include "daemon/core/arena.h"
#include "daemon/model/value.h"

/* Keys, each known by its place. */
struct keep_keys {
    struct bytes *items;
    uint32_t count, room;
    uint32_t *slots; /* open addressing: place + 1 */
    uint32_t slot_count;
    struct attr_hints hints;
};

struct keep {
    struct keep_keys attrs;       /* of spans */
    struct keep_keys event_attrs; /* of their events */
    struct keep_keys link_attrs;
    bool event_names;
    bool link_ids;
    bool part_counts; /* how many events and links there were */
    bool status_message;
    bool trace_state;
};

/* Adds a key (a view that lives as long) unless it is there. False: no memory. */
bool keep_keys_add(struct keep_keys *keys, struct bytes key, struct arena *arena);

#define KEEP_NO_PLACE UINT32_MAX

/* The place of a key; KEEP_NO_PLACE: it is none of them. */
uint32_t keep_keys_find(const struct keep_keys *keys, struct bytes key);

/* Whether all that `wanted` keeps is kept; NULL is everything. */
bool keep_covers(const struct keep *keep, const struct keep *wanted);

/* Whether anything of events, of links is kept. */
static inline bool keep_has_events(const struct keep *keep)
{
    return keep->event_names || keep->event_attrs.count != 0;
}
static inline bool keep_has_links(const struct keep *keep)
{
    return keep->link_ids || keep->link_attrs.count != 0;
}

#endif
