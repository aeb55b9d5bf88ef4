/* Conditions across spans on random traces that are short of evidence: what is told of a part of
 * the trace is what it comes to with every further span. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assertions/ruling.h"
#include "tests/assertions/random_suites.h"
#include "tests/assertions/random_whole.h"

#ifdef __SANITIZE_THREAD__
#define RUNS 300u
#else
#define RUNS 3000u
#endif
#define SPANS_MAX 10u

static struct suite_set *random_set(struct random *random)
{
    static const char *const names[] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    struct arena arena = ARENA_INIT(4096, 0);
    struct test_suite suite = {.name = "suite",
                               .spans = {{"x", random_selector(random, &arena)},
                                         {"y", random_selector(random, &arena)},
                                         {"z", random_selector(random, &arena)}}};
    for (uint32_t i = 0; i < TEST_LIST_MAX; i++) {
        bool selects = random_one_in(random, 2);
        suite.assertions[i].name = names[i];
        suite.assertions[i].select = selects ? random_selector(random, &arena) : NULL;
        suite.assertions[i].conditions[0] = random_whole(random, &arena, selects);
    }
    suite.estimates_skew = random_one_in(random, 4);
    suite.max_clock_skew_ns = random_one_in(random, 2) ? 1 : 0;
    struct suite_set *set = test_suites_compile(&suite, 1);
    arena_deinit(&arena);
    return set;
}

static bool is_told(enum result result)
{
    return result == RESULT_PASS || result == RESULT_FAIL || result == RESULT_ERROR;
}

/* An error of a name is told though a second span would make the name one of several (SEMANTICS 5).
 */
static bool is_of_a_name(const struct condition *condition, enum result told, enum result result)
{
    return told == RESULT_ERROR && result == RESULT_FAIL && ruling_reads_names(condition);
}

/* A copy may reveal what was dropped, and change what a missing key means: none comes here. */
static uint32_t check_run(uint64_t seed)
{
    struct random random = random_seed(seed);
    struct engine engine;
    enum result told[TEST_LIST_MAX] = {RESULT_OPEN};
    uint32_t count = 0;
    engine_init(&engine, random_set(&random));
    for (uint32_t i = 0; i < SPANS_MAX; i++) {
        struct span_build span = random_span(&random);
        span.flags = i == 0 ? 2 : 1; /* the first says that it was not sampled */
        if (engine_add(&engine, &span) == TRACE_DUPLICATE) {
            break;
        }
        const struct judgement *now = engine_close(&engine, 3);
        for (uint32_t a = 0; a < TEST_LIST_MAX; a++) {
            enum result result = now->results[a].result;
            const struct condition *condition = now->suite->assertions[a].conditions[0];
            if (is_told(told[a]) && result != told[a] &&
                !is_of_a_name(condition, told[a], result)) {
                fail_msg("seed %llu, span %u: %.*s: was %s, became %s", (unsigned long long)seed, i,
                         (int)condition->text.len, (const char *)condition->text.data,
                         result_name(told[a]), result_name(result));
            }
            told[a] = result;
            count += is_told(result);
        }
    }
    suite_set_unref(engine.set);
    engine_deinit(&engine);
    return count;
}

static void what_is_told_in_a_short_trace_stays(void **state)
{
    (void)state;
    uint64_t told = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        told += check_run(seed);
    }
    assert_true(told > RUNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_told_in_a_short_trace_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
