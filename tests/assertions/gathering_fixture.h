/* A campaign of ten traces, whose numbers can be worked out by hand.
 *
 * Trace i (0 .. 9) begins i seconds after the origin. Its span x takes i + 1 ms and has the id i /
 * 2; it has i % 3 spans y, the k-th of which ends 10 k ms after x began and takes as long. Even
 * ones are of the scenario "browse", odd ones of "checkout". The assertion 'quick' fails from trace
 * 7 on. Two injections of checkout are missing, at seconds 1 and 6. Confined to its test. */
#ifndef ASSERTD_TESTS_ASSERTIONS_GATHERING_FIXTURE_H
#define ASSERTD_TESTS_ASSERTIONS_GATHERING_FIXTURE_H

#include "assertions/gathering.h"
#include "tests/assertions/engine_fixture.h"
#include "tests/support/random.h"

#define TRACES    10u
#define ORIGIN_NS UINT64_C(1700000000000000000)
#define MS        UINT64_C(1000000)
#define S         UINT64_C(1000000000)

/* A rule, and what it comes to. */
struct row {
    const char *rule;
    const char *by;
    uint64_t over_ns, warmup_ns;
    enum result result;
    double value;
    uint64_t samples;
    int64_t min_samples;     /* 0: 1 */
    uint64_t judged, broken; /* windows */
};

/* The suite with the row's threshold. */
struct suite_set *gathering_set(const struct row *row);

/* The record of a trace. */
struct injection gathering_injection(uint32_t number);

/* Hands in the spans of a trace. */
void gathering_add_spans(struct engine *engine, uint32_t number);

/* Adds a trace to the first threshold's gathering; adds a missing injection at a second. */
void gather_trace(struct gathering *to, struct suite_set *set, uint32_t number);
void gather_missing(struct gathering *to, struct suite_set *set, uint32_t second);

/* Gathers the whole campaign over three shards, in an order of `random`, merged in some order. */
void gather_all(struct gathering *to, struct suite_set *set, struct random *random);

/* The campaign's injections. */
extern const struct state_counts gathering_counts;

#endif
