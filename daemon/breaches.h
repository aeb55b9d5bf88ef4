/* Thresholds breached during a run: when first, when last, and by what (SEMANTICS 6, "when
 * judged"). Confined to the control thread. */
#ifndef ASSERTD_DAEMON_BREACHES_H
#define ASSERTD_DAEMON_BREACHES_H

#include "daemon/pipeline/tally.h"

struct breaches {
    struct breach_record *items;
    uint32_t count, room;
};

/* Notes what a report of a running campaign shows: a breach that goes on is extended, one that
 * comes again is a new one. Returns whether the campaign is to be aborted. */
bool breaches_note(struct breaches *breaches, const struct suite_set *set,
                   const struct report *report, uint64_t now_unix_ns);

/* Frees; the struct is then empty. */
void breaches_deinit(struct breaches *breaches);

#endif
