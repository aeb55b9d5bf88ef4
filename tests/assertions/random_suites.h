/* Random suites and traces of odd shapes, small enough that every rule of SEMANTICS 3 to 5 is met
 * often. Texts live in the given arena. Confined to its test. */
#ifndef ASSERTD_TESTS_ASSERTIONS_RANDOM_SUITES_H
#define ASSERTD_TESTS_ASSERTIONS_RANDOM_SUITES_H

#include "tests/assertions/engine_fixture.h"
#include "tests/support/random.h"

/* A selector of one to three alternatives, with relations and pseudo-classes. */
const char *random_selector(struct random *random, struct arena *arena);

/* A suite of names x, y, z and a few assertions. */
struct test_suite random_suite(struct random *random, struct arena *arena, const char *name);

/* A span of few IDs, names and values; sometimes an odd one. */
struct span_build random_span(struct random *random);

/* What comes of a trace: spans, copies of them with other evidence, in an order that random_shuffle
 * changes. */
#define ARRIVALS_MAX 24
struct arrivals {
    struct span_build spans[ARRIVALS_MAX];
    uint32_t count;
};
void random_arrivals(struct random *random, struct arrivals *ret);
void random_shuffle(struct random *random, struct arrivals *arrivals);

/* A record of the trace. */
struct injection random_injection(struct random *random);

#endif
