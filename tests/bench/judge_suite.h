/* The suites of the judging bench. Confined to the bench. */
#ifndef ASSERTD_TESTS_BENCH_JUDGE_SUITE_H
#define ASSERTD_TESTS_BENCH_JUDGE_SUITE_H

#include "assertions/suite.h"

/* One suite of `count` assertions: the first ten are those of bench.conf and fit spans of
 * tests/payloads, the others ask for services and names that hardly any span has. One reference;
 * NULL: it does not compile. */
struct suite_set *judge_suite_new(uint32_t count);

/* One suite of the ten assertions of peers/assertd.conf: all but one judge every span, and some
 * traces fail. The same. */
struct suite_set *judge_policies_new(void);

#endif
