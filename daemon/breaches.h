/* Thresholds breached during a run: when first, when last, and by what (SEMANTICS 6, "when
 * judged"). Confined to the control thread. */
#ifndef ASSERTD_DAEMON_BREACHES_H
#define ASSERTD_DAEMON_BREACHES_H

#include "daemon/pipeline/tally.h"

struct breaches {
    uint64_t interval_ns; /* of the ticks: what is seen again within two and a half has gone on */
    struct breach_record *items;
    uint32_t count, room;
};

/* A threshold that does not hold at a tick. */
struct breach_news {
    struct bytes suite;
    const struct report_threshold *threshold;
    const struct threshold *rule;
    const struct report_breach *breach;
    bool begins; /* it is a new breach */
    bool aborts; /* it ends the campaign */
};
typedef void (*breach_fn)(void *self, const struct breach_news *news);

/* Notes what a report of a running campaign shows: a breach that goes on is extended, one that
 * comes again is a new one; `tell` hears of each. Returns whether the campaign is to be aborted: a
 * threshold that says so does not before its delay from the campaign's start. */
bool breaches_note(struct breaches *breaches, const struct suite_set *set,
                   const struct report *report, uint64_t now_unix_ns, breach_fn tell, void *self);

/* Frees; the struct then has no breaches. */
void breaches_deinit(struct breaches *breaches);

#endif
