/* Where a thread's time goes: each nanosecond of its work belongs to one stage.
 *
 * A thread enters stages as its work moves on, which reads the clock once: some times a request or
 * batch, never for a span. What is finer than that is sampled: one in STAGES_SAMPLE_EVERY is timed,
 * less what reading the clock takes, and its multiple is taken from the stage around it as time of
 * that stage comes to be counted, so that no sum ever falls and none is counted twice. Outside of
 * all stages (STAGE_NONE: waiting for events) nothing is counted. Time is monotonic: where the
 * kernel runs somebody else meanwhile, that counts too.
 *
 * Every function takes NULL for nobody who asks. Thread rule: confined to the thread whose time it
 * is, but for stages_ns. */
#ifndef ASSERTD_CORE_STAGES_H
#define ASSERTD_CORE_STAGES_H

#include <stddef.h>

#include "daemon/core/clock.h"
#include "daemon/core/counter.h"

enum stage {
    STAGE_NONE,
    STAGE_RECEIVE,   /* sockets and HTTP: reading, framing, answering */
    STAGE_INFLATE,   /* bodies decompressed */
    STAGE_DECODE,    /* bytes to spans, JSON too */
    STAGE_ADMISSION, /* room looked for, batches handed to other workers */
    STAGE_GROUPING,  /* spans to traces */
    STAGE_JUDGING,   /* filters and conditions on spans, early looks at traces */
    STAGE_CLOSING,   /* timers: traces closed, judged for good, forgotten */
    STAGE_ORDERS,    /* campaigns, injections and questions of the control thread */
    STAGE_ENCODING,  /* verdicts and meters to messages, handed to a sink */
    STAGES
};

/* A prime, so that it does not keep step with what comes in equal traces. */
#define STAGES_SAMPLE_EVERY 61u

struct stages {
    const struct clock *clock;
    enum stage current;
    uint64_t since_ns;
    uint32_t countdown; /* to the next sample */
    enum stage owed_by, owed_to;
    uint64_t owed_ns; /* sampled in the one, not yet taken from it */
    struct counter ns[STAGES];
};

/* In cache lines of its own. NULL: no memory. */
struct stages *stages_new(const struct clock *clock);
void stages_free(struct stages *stages);

/* What was counted for a stage; any thread. */
uint64_t stages_ns(const struct stages *stages, enum stage stage);

/* "receive", "inflate", ...: for pages and metrics. */
const char *stage_name(enum stage stage);

/* Begins what may be sampled; 0: this time it is not. */
uint64_t stages_sample(struct stages *stages);
/* Ends it: it is work of stage `to`, done inside the stage at hand. One pair of stages a thread. */
void stages_sampled(struct stages *stages, enum stage to, uint64_t sample);

/* For stages_enter_at: counts what was spent in the stage at hand. */
void stages_settle(struct stages *stages, uint64_t spent_ns);

/* Enters a stage at a time that was just read; returns the one before, to go back to. */
static inline enum stage stages_enter_at(struct stages *stages, enum stage next, uint64_t now_ns)
{
    if (stages == NULL) {
        return STAGE_NONE;
    }
    enum stage before = stages->current;
    if (before != STAGE_NONE && now_ns > stages->since_ns) {
        stages_settle(stages, now_ns - stages->since_ns);
    }
    stages->current = next;
    stages->since_ns = now_ns;
    return before;
}

/* Enters a stage; returns the one before, to go back to. */
static inline enum stage stages_enter(struct stages *stages, enum stage next)
{
    return stages != NULL
               ? stages_enter_at(stages, next, stages->clock->monotonic_ns(stages->clock))
               : STAGE_NONE;
}

#endif
