/* What the tests of the engine share: suites from plain initializers, a trace that is judged span
 * by span, and judgements as text. What can't be built stops the test. Confined to its test. */
#ifndef ASSERTD_TESTS_ASSERTIONS_ENGINE_FIXTURE_H
#define ASSERTD_TESTS_ASSERTIONS_ENGINE_FIXTURE_H

#include "assertions/judge.h"
#include "daemon/core/buf.h"
#include "daemon/model/injection.h"
#include "tests/support/span_builder.h"

#define TEST_LIST_MAX 8

/* Lists end at the first element without a name (a text: NULL). */
struct test_name {
    const char *name;
    const char *text;
};
struct test_assertion {
    const char *name;
    const char *select;
    const char *when;
    const char *conditions[TEST_LIST_MAX];
    bool optional;
    bool warning;
    double tolerance;
};
struct test_threshold {
    const char *name;
    const char *rule;
    int64_t min_samples;
    bool warning, sticky;
    const char *by[TEST_LIST_MAX];
    uint64_t over_ns, warmup_ns;
};
struct test_suite {
    const char *name;
    const char *traces;
    struct test_name labels[TEST_LIST_MAX];
    struct test_name spans[TEST_LIST_MAX];
    struct test_name variables[TEST_LIST_MAX];
    struct test_name outputs[TEST_LIST_MAX];
    bool lenient, optional, estimates_skew, semconv_aliases;
    uint64_t max_clock_skew_ns;
    struct test_assertion assertions[TEST_LIST_MAX];
    struct test_threshold thresholds[TEST_LIST_MAX];
    const char *stages[TEST_LIST_MAX];
};

/* Compiles; one reference. NULL: refused, with what is wrong in `problems`. */
struct suite_set *test_suites_read(const struct test_suite *suites, size_t count,
                                   struct problems *problems);

/* The same of suites that are good. */
struct suite_set *test_suites_compile(const struct test_suite *suites, size_t count);

/* A trace under judgement. */
struct engine {
    struct suite_set *set;
    struct trace trace;
    struct judge judge;
    struct arena scratch, out, build;
    const struct listed_keys *listed; /* NULL: all attributes */
};

void engine_init(struct engine *engine, struct suite_set *set);
void engine_deinit(struct engine *engine);

/* From now on, before the first span, only what the suites read is kept. False: that is all. */
bool engine_keep_read(struct engine *engine);

/* From now on only those attributes are listed that the suites read. False: that is all. */
bool engine_list_read(struct engine *engine);

/* Hands a span to the trace and the judge, as a shard does; what trace_add said. */
int engine_add(struct engine *engine, const struct span_build *span);

/* The record comes. It must outlive the engine. */
void engine_inject(struct engine *engine, const struct injection *injection);

/* The judgements in the end; failures up to `max_failures` for each assertion. */
const struct judgement *engine_close(struct engine *engine, uint32_t max_failures);

/* Appends the judgements of all suites that apply, as JSON: everything that a verdict says. */
void judgements_print(struct buf *out, const struct judgement *judgements, uint32_t count,
                      const struct trace_id *id);

#endif
