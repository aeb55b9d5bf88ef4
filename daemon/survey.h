/* Asking every shard about a campaign, and folding the answers on the control thread.
 *
 * Each worker answers for its own shard between two batches; the sum is handed to `done` on the
 * control loop. Thread rule: begun and done on the control thread. */
#ifndef ASSERTD_DAEMON_SURVEY_H
#define ASSERTD_DAEMON_SURVEY_H

#include "daemon/pipeline/meters.h"
#include "daemon/pipeline/tally.h"
#include "daemon/pipeline/worker.h"

enum survey_wants {
    SURVEY_TALLY = 1,         /* a merged copy of the tallies */
    SURVEY_PERIOD_METERS = 2, /* the meters since the last such survey */
    SURVEY_WHOLE_METERS = 4,  /* the meters of the whole campaign */
};

/* What came together; owned by the survey, gone after `done`. */
struct survey_answer {
    struct shard_open open;
    struct tally *tally;
    struct meters *period;
    struct meters *whole;
    bool failed; /* some shard had no memory: the sums are not to be used */
};

typedef void (*survey_fn)(void *self, struct survey_answer *answer);

/* Asks. 0: `done` will be called exactly once; -ENOMEM: it will not. The campaign is referenced
 * meanwhile. */
int survey_begin(struct worker_pool *pool, struct campaign *campaign, unsigned wants,
                 survey_fn done, void *self);

#endif
