/* Final traces whose spans are kept for who asks later: failed ones while there is room, passed
 * ones for a time as well. By ID, and each kind in the order in which they came.
 *
 * Entries are the shard's: they have left the table's index, not its slabs. Thread rule: confined
 * to the shard. */
#ifndef ASSERTD_PIPELINE_KEPT_TRACES_H
#define ASSERTD_PIPELINE_KEPT_TRACES_H

#include "daemon/pipeline/trace_table.h"

enum kept_kind { KEPT_FAILED, KEPT_PASSED, KEPT_KINDS };

struct kept_traces {
    struct id_index index; /* of places in the table */
    struct list entries[KEPT_KINDS];
    size_t bytes[KEPT_KINDS];
};

/* Nothing is kept; memory is taken by the first trace. Deinit forgets the entries. */
void kept_traces_init(struct kept_traces *kept);
void kept_traces_deinit(struct kept_traces *kept);

/* What the entries hold, themselves included; with the index. */
size_t kept_traces_bytes(const struct kept_traces *kept);
size_t kept_traces_held(const struct kept_traces *kept);

/* Keeps an entry that the table no longer finds, as TRACE_KEPT, until `until_ns` (its until_ns):
 * UINT64_MAX for one that failed. 0; -ENOMEM: nothing has happened. */
int kept_traces_add(struct kept_traces *kept, struct trace_entry *entry, uint64_t until_ns);
/* Lets go of one that is kept. */
void kept_traces_remove(struct kept_traces *kept, struct trace_entry *entry);

/* The kept trace of an ID under its hash in the table; NULL: none. */
struct trace_entry *kept_traces_find(const struct kept_traces *kept,
                                     const struct trace_table *table, const struct trace_id *id,
                                     uint64_t hash);

/* The oldest of a kind; NULL: none. */
struct trace_entry *kept_traces_oldest(const struct kept_traces *kept, enum kept_kind kind);

#endif
