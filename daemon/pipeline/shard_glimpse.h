/* A look at the oldest traces of a shard that are not final, copied: for people who ask what it
 * waits for.
 *
 * Thread rule: taken on the shard's thread between two batches; the copy is its taker's. */
#ifndef ASSERTD_PIPELINE_SHARD_GLIMPSE_H
#define ASSERTD_PIPELINE_SHARD_GLIMPSE_H

#include "daemon/pipeline/shard.h"

#define GLIMPSE_TRACES_MAX 100

struct trace_glimpse {
    struct trace_id id;
    const char *state;                   /* "waiting" (for a span), "open", "closed"; static */
    char campaign[CAMPAIGN_KEY_MAX + 1]; /* empty: nobody's */
    bool injected;                       /* there is a record of it */
    uint64_t age_ns;                     /* since the record or the first span came */
    uint64_t quiet_ns;                   /* since the last span came; 0: none did */
    uint64_t spans;                      /* kept ones */
    uint64_t bytes;                      /* held for it */
};

struct shard_glimpse {
    uint32_t count;
    struct trace_glimpse traces[GLIMPSE_TRACES_MAX]; /* in the order in which they came */
};

/* Copies at most `max` of them: work and memory are bounded by that. */
void shard_glimpse(const struct shard *shard, uint64_t now_ns, uint32_t max,
                   struct shard_glimpse *ret);

#endif
