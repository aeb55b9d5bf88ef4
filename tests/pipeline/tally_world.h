/* Random campaigns, whose traces are counted as shards count them. Confined to one test. */
#ifndef ASSERTD_TESTS_PIPELINE_TALLY_WORLD_H
#define ASSERTD_TESTS_PIPELINE_TALLY_WORLD_H

#include "daemon/core/buf.h"
#include "daemon/pipeline/tally_state.h"
#include "tests/assertions/random_suites.h"

#define TRACES 12u
#define SUITES 3u

/* One random campaign. */
struct world {
    struct suite_set *set;
    struct campaign *campaign;
    struct arrivals traces[TRACES];
    struct injection injections[TRACES];
    bool injected[TRACES];
};

/* A campaign of the set; the caller holds the reference. */
struct campaign *world_campaign(struct suite_set *set, uint32_t max_failures);

/* A campaign with its traces and records; the test fails without memory. */
void world_init(struct world *world, uint64_t seed);
void world_deinit(struct world *world);

/* The spans as a receiver hands them over, in `build`. */
void world_spans(const struct arrivals *arrivals, struct span **ret, struct arena *build);

/* As a shard does: what can't be stored or marked is lost, and makes the trace short. */
void world_feed(struct engine *engine, struct span *const *spans, uint32_t count);

/* Counts trace `number` into the tally; by rows where it settles. */
void world_count(const struct world *world, uint32_t number, struct tally *tally, bool by_rows);

/* The report as JSON. */
void world_print(struct buf *out, struct tally *tally);

#endif
