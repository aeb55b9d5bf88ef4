/* The traces of a shard that are not final yet, by ID.
 *
 * Open addressing keyed by SipHash of the trace ID, at most half full. It grows without a stall: a
 * table of twice the size is begun beside the old one, and each insertion moves some slots over.
 * Entries come from slabs and are recycled, never given back in the steady state. Thread rule:
 * confined to its shard. */
#ifndef ASSERTD_PIPELINE_TRACE_TABLE_H
#define ASSERTD_PIPELINE_TRACE_TABLE_H

#include "assertions/judge.h"
#include "daemon/core/hash.h"
#include "daemon/core/list.h"
#include "daemon/model/injection.h"
#include "daemon/model/trace.h"
#include "daemon/net/wheel.h"

enum trace_state {
    TRACE_WAITING, /* no span yet: an injection, or nothing but rejected spans */
    TRACE_OPEN,
    TRACE_CLOSED, /* grace: late spans revise */
    TRACE_KEPT,   /* final and not in the table: evidence of a failure, while there is room */
};

/* What the exporters were told about one suite. */
struct told {
    uint64_t results;  /* a fingerprint of the results told last */
    uint32_t revision; /* 0: nothing was told */
    uint64_t decided_ns, decided_wall_ns;
};

struct trace_entry {
    struct list link; /* of all entries, or of the kept ones */
    struct wheel_entry timer;
    uint64_t armed_ns;
    struct trace trace;
    struct judge judge;
    struct arena record;          /* the injection and what was told; dies with the entry */
    struct shard_campaign *owner; /* NULL: no campaign (yet) */
    struct told *told;            /* one for each suite; NULL: nothing was told */
    uint8_t *note;                /* room for what the close came to (results_note.h), or NULL */
    uint64_t injected_ns, first_ns, last_ns, closed_ns, closed_wall_ns;
    uint64_t deadline_wait_ns, quiet_ns, grace_ns; /* the greatest of the suites that could apply */
    uint64_t received;                             /* spans, whatever became of them */
    size_t held;                                   /* bytes in the shard's account */
    struct trace_entry *next_touched;
    enum trace_state state;
    bool touched;
    bool judging;     /* the judge knows all stored spans */
    bool implicit;    /* its injection was registered by a span's claim */
    bool claims;      /* a span claims a campaign, in vain */
    bool unsettled;   /* quiet has passed in vain since the last arrival */
    bool late;        /* counted as an injection with late spans */
    bool note_stands; /* `note` says what judging again would */
};

struct trace_slot {
    uint64_t hash;
    struct trace_entry *entry;
};

struct trace_slots {
    struct trace_slot *items;
    uint32_t room; /* a power of two, or 0 */
};

struct trace_table {
    struct hash_key key;
    struct trace_slots slots;
    struct trace_slots old; /* being moved over, up to `moved` */
    uint32_t moved;
    uint32_t count;
    struct list entries;
    struct list free;
    void *slabs;
    size_t held_bytes;
};

/* An empty table; takes memory at the first entry. Entries that are left are not deinitialised by
 * deinit. */
void trace_table_init(struct trace_table *table, const struct hash_key *key);
void trace_table_deinit(struct trace_table *table);

/* The entry of a trace, NULL: none. */
struct trace_entry *trace_table_find(const struct trace_table *table, const struct trace_id *id);

/* A zeroed entry for a trace that is not there, linked into `entries`. NULL: no memory. */
struct trace_entry *trace_table_add(struct trace_table *table, const struct trace_id *id);

/* Takes an entry out of the table and its list; it stays the caller's until it is recycled. */
void trace_table_remove(struct trace_table *table, struct trace_entry *entry);
void trace_table_recycle(struct trace_table *table, struct trace_entry *entry);

#endif
