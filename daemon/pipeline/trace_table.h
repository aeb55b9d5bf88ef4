/* The traces of a shard that are not final yet, by ID.
 *
 * An id_index keyed by SipHash of the trace ID; whoever looks for an ID in several tables hashes it
 * once. Entries come from slabs and are recycled, given back only when none is in use. Thread rule:
 * confined to its shard. */
#ifndef ASSERTD_PIPELINE_TRACE_TABLE_H
#define ASSERTD_PIPELINE_TRACE_TABLE_H

#include "assertions/judge.h"
#include "daemon/core/hash.h"
#include "daemon/core/list.h"
#include "daemon/model/injection.h"
#include "daemon/model/trace.h"
#include "daemon/net/wheel.h"
#include "daemon/pipeline/id_index.h"

struct results_note;

enum trace_state {
    TRACE_WAITING, /* no span yet: an injection, or nothing but rejected spans */
    TRACE_OPEN,
    TRACE_CLOSED, /* grace: late spans revise */
    TRACE_KEPT,   /* final and not in the table: kept_traces.h */
};

/* What the exporters were told about one suite. */
struct told {
    uint64_t results;  /* a fingerprint of the results told last */
    uint32_t revision; /* 0: nothing was told */
    uint32_t failed;   /* assertions that failed in what was told last */
    uint64_t decided_ns, decided_wall_ns;
};

/* A trace with all that the shard knows of it. The injection, what was told and the note live in
 * the trace's arena. */
struct trace_entry {
    struct list link; /* of all entries, of the kept ones, or of the free ones */
    struct trace trace;
    struct judge judge;
    struct shard_campaign *owner;            /* NULL: no campaign (yet) */
    const struct completion_settings *waits; /* the greatest of the suites that could apply */
    struct told *told;                       /* one for each suite; NULL: nothing was told */
    struct results_note *note;               /* room for what the close came to, or NULL */
    union {
        uint64_t injected_ns;
        uint64_t until_ns; /* of a kept one */
    };
    uint64_t first_ns, last_ns, closed_ns, closed_wall_ns;
    uint64_t received;  /* spans, whatever became of them */
    size_t held;        /* bytes in the shard's account */
    uint32_t place;     /* in the table, for good */
    uint32_t first_run; /* of the batch at hand, + 1; 0: none */
    uint64_t hash;      /* of its ID */
    uint8_t state;      /* enum trace_state */
    bool judging;       /* the judge knows all stored spans */
    bool implicit;      /* its injection was registered by a span's claim */
    bool claims;        /* a span claims a campaign, in vain */
    bool unsettled;     /* quiet has passed in vain since the last arrival */
    bool late;          /* counted as an injection with late spans */
    bool note_stands;   /* `note` says what judging again would */
};

/* "waiting", "open", "closed", "final". */
const char *trace_state_name(enum trace_state state);

#define TRACE_SLAB_ENTRIES 32u

/* The timers of a slab's entries stand apart from these, close together: walking the wheel touches
 * few lines, and nothing of the traces themselves, which have not been touched for long. */
struct trace_slab {
    struct wheel_entry timers[TRACE_SLAB_ENTRIES]; /* tag: which entry's */
    struct trace_entry entries[TRACE_SLAB_ENTRIES];
};

struct trace_table {
    struct hash_key key;
    struct id_index index; /* of places */
    struct list entries;
    struct list free;
    struct trace_slab **slabs;
    uint32_t slab_count, slab_room;
    uint32_t used; /* entries that are not recycled */
};

/* An empty table; takes memory at the first entry. Entries that are left are not deinitialised by
 * deinit. */
void trace_table_init(struct trace_table *table, const struct hash_key *key);
void trace_table_deinit(struct trace_table *table);

/* The hash under which an ID is looked for. */
uint64_t trace_table_hash(const struct trace_table *table, const struct trace_id *id);

/* The entry of a trace, NULL: none. */
struct trace_entry *trace_table_find(const struct trace_table *table, const struct trace_id *id,
                                     uint64_t hash);

/* The entry at a place that is in use. */
struct trace_entry *trace_table_at(const struct trace_table *table, uint32_t place);

/* The timer of an entry of a table; the entry of a timer. */
static inline struct wheel_entry *trace_entry_timer(struct trace_entry *entry)
{
    uint32_t at = entry->place % TRACE_SLAB_ENTRIES;
    return &container_of(entry - at, struct trace_slab, entries)->timers[at];
}
static inline struct trace_entry *trace_entry_of_timer(struct wheel_entry *timer)
{
    uint32_t at = timer->tag;
    return &container_of(timer - at, struct trace_slab, timers)->entries[at];
}

/* A zeroed entry for a trace that is not there, linked into `entries`. NULL: no memory. */
struct trace_entry *trace_table_add(struct trace_table *table, const struct trace_id *id,
                                    uint64_t hash);

/* Bytes held, entries included. */
size_t trace_table_held(const struct trace_table *table);

/* Takes an entry out of the table and its list; it stays the caller's until it is recycled. */
void trace_table_remove(struct trace_table *table, struct trace_entry *entry);
void trace_table_recycle(struct trace_table *table, struct trace_entry *entry);

/* After a peak, when no entry is in use: gives the memory back, but for a little. */
void trace_table_trim(struct trace_table *table);

#endif
