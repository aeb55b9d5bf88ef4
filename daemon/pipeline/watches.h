/* Programs that wait for spans of a trace: each is answered as soon as enough spans are selected,
 * as soon as no further span can come, or when its time is over.
 *
 * Watches are found by trace ID. Where there are none, which is so but for tests that ask, a shard
 * pays one comparison for each batch and each trace that ends, nothing for a span. What a search
 * takes is bounded and counted as BUDGET_ADMIN, and so is the answer. Thread rule: confined to the
 * shard; between its registration and `done` a watch is the shard's. */
#ifndef ASSERTD_PIPELINE_WATCHES_H
#define ASSERTD_PIPELINE_WATCHES_H

#include "assertions/finder.h"
#include "daemon/core/list.h"

struct shard;

enum watch_outcome {
    WATCH_FOUND,     /* the body says what there is, enough or not */
    WATCH_UNKNOWN,   /* nothing of this trace has come */
    WATCH_FORGOTTEN, /* it is final, and its spans are gone */
    WATCH_NO_MEMORY,
};

/* Greatest answer; what does not fit is told by its number. */
#define WATCH_ANSWER_BYTES_MAX (2u << 20)
/* What one search may hold. */
#define WATCH_SEARCH_BYTES_MAX (1u << 20)

struct watch {
    /* Set by who asks. */
    struct trace_id id;
    const struct finder *finder; /* borrowed until `done` */
    uint32_t expected;
    void (*done)(struct watch *watch); /* called once, on the shard's thread */
    /* Told by `done`: the taker frees the body and gives `charge` back (BUDGET_ADMIN). */
    enum watch_outcome outcome;
    struct buf body; /* JSON */
    uint64_t charge;
    /* The shard's. */
    struct list link;
    struct search search;
    bool waits;
};

/* Answers at once, or when it can. */
void shard_watch(struct shard *shard, struct watch *watch);

/* Its time is over: answers with what there is. Nothing where it was answered already. */
void shard_unwatch(struct shard *shard, struct watch *watch);

#define WATCH_SLOTS 64

struct watches {
    uint32_t count;
    struct list slots[WATCH_SLOTS]; /* by a hash of the trace ID */
};

/* An empty table; whoever still waits when the shard is freed is not answered. */
void watches_init(struct watches *watches);

#endif
