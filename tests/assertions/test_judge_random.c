/* Random traces and suites: what is told early is what it comes to in the end, for every prefix of
 * the arrivals; no failure that is certain waits for a later look; and the order of arrival, copies
 * included, changes no byte of a judgement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/random_suites.h"
#include "tests/assertions/random_whole.h"

/* The thread sanitizer sees one thread here and takes ten times as long. */
#ifdef __SANITIZE_THREAD__
#define RUNS 400
#else
#define RUNS 4000
#endif
#define SUITES 4u
#define ORDERS 20u

/* One run: suites, arrivals, and perhaps a record that comes before arrival `inject_at`. */
struct run {
    struct suite_set *set;
    struct arrivals arrivals;
    bool injected;
    uint32_t inject_at;
    struct injection injection;
};

typedef struct test_suite (*suite_fn)(struct random *random, struct arena *arena, const char *name);

static struct run random_run_of(uint64_t seed, uint32_t count, suite_fn make)
{
    static const char *const names[SUITES] = {"one", "two", "three", "four"};
    struct random random = random_seed(seed);
    struct arena arena = ARENA_INIT(4096, 0);
    struct test_suite suites[SUITES];
    struct run run = {.injected = random_one_in(&random, 2)};
    for (uint32_t i = 0; i < count; i++) {
        suites[i] = make(&random, &arena, names[i]);
    }
    run.set = test_suites_compile(suites, count);
    random_arrivals(&random, &run.arrivals);
    run.injection = random_injection(&random);
    run.inject_at = random_below(&random, run.arrivals.count + 1);
    arena_deinit(&arena);
    return run;
}

static struct run random_run(uint64_t seed, uint32_t count)
{
    return random_run_of(seed, count, random_suite);
}

/* The judgements of one moment, kept while others are made. */
struct moment {
    struct arena arena;
    const struct judgement *judgements;
};

static void feed(struct engine *engine, const struct run *run, uint32_t at)
{
    if (run->injected && at == run->inject_at) {
        engine_inject(engine, &run->injection);
    }
    if (at < run->arrivals.count) {
        engine_add(engine, &run->arrivals.spans[at]);
    }
}

static void check_told(const struct run *run, uint64_t seed, uint32_t at,
                       const struct judgement *early, const struct judgement *final)
{
    for (uint32_t s = 0; s < run->set->suite_count; s++) {
        if (early[s].applies_for_certain && !final[s].applies) {
            fail_msg("seed %llu, arrival %u, suite %u: applied for certain, then did not",
                     (unsigned long long)seed, at, s);
        }
        if (!early[s].applies || !final[s].applies) {
            continue;
        }
        for (uint32_t a = 0; a < run->set->suites[s].assertion_count; a++) {
            enum result told = early[s].results[a].result;
            if (told != RESULT_OPEN && told != final[s].results[a].result) {
                fail_msg("seed %llu, arrival %u, suite %u, assertion %u: told %s, became %s",
                         (unsigned long long)seed, at, s, a, result_name(told),
                         result_name(final[s].results[a].result));
            }
        }
        if (early[s].verdict != RESULT_OPEN && early[s].verdict != final[s].verdict) {
            fail_msg("seed %llu, arrival %u, suite %u: told %s, became %s",
                     (unsigned long long)seed, at, s, result_name(early[s].verdict),
                     result_name(final[s].verdict));
        }
    }
}

static uint32_t count_told(const struct run *run, const struct judgement *early)
{
    uint32_t told = 0;
    for (uint32_t s = 0; s < run->set->suite_count; s++) {
        for (uint32_t a = 0; early[s].applies && a < run->set->suites[s].assertion_count; a++) {
            told += early[s].results[a].result != RESULT_OPEN;
        }
    }
    return told;
}

/* A suite that fails for certain must have been told by an early look, now or before. */
static void check_not_missed(const struct run *run, uint64_t seed, uint32_t at,
                             const struct judgement *certain, const struct judgement *early,
                             bool told[SUITES])
{
    for (uint32_t s = 0; s < run->set->suite_count; s++) {
        told[s] |= early != NULL && early[s].applies_for_certain && early[s].verdict == RESULT_FAIL;
        if (certain[s].applies_for_certain && certain[s].verdict == RESULT_FAIL && !told[s]) {
            fail_msg("seed %llu, arrival %u, suite %u: fails for certain, and no early look",
                     (unsigned long long)seed, at, s);
        }
    }
}

/* Looks after every arrival; returns how many results were told early. */
static uint32_t check_prefixes(uint64_t seed, uint32_t suites, suite_fn make)
{
    struct run run = random_run_of(seed, suites, make);
    struct moment moments[ARRIVALS_MAX + 1] = {{.judgements = NULL}};
    struct engine engine;
    bool failed[SUITES] = {false};
    uint32_t told = 0;
    engine_init(&engine, run.set);
    for (uint32_t at = 0; at <= run.arrivals.count; at++) {
        moments[at].arena = ARENA_INIT(1024, 0);
        feed(&engine, &run, at);
        arena_reset(&engine.scratch);
        const struct judgement *early =
            judge_early(&engine.judge, &engine.scratch, &moments[at].arena);
        arena_reset(&engine.scratch);
        moments[at].judgements =
            judge_explain(&engine.judge, 3, &engine.scratch, &moments[at].arena);
        assert_non_null(moments[at].judgements);
        check_not_missed(&run, seed, at, moments[at].judgements, early, failed);
    }
    const struct judgement *final = engine_close(&engine, 10);
    for (uint32_t at = 0; at <= run.arrivals.count; at++) {
        check_told(&run, seed, at, moments[at].judgements, final);
        told += count_told(&run, moments[at].judgements);
        arena_deinit(&moments[at].arena);
    }
    engine_deinit(&engine);
    suite_set_unref(run.set);
    return told;
}

/* How many runs: ASSERTD_TEST_RUNS, or as many as a test may take. */
static uint64_t runs_or(uint64_t usual)
{
    const char *asked = getenv("ASSERTD_TEST_RUNS");
    return asked != NULL ? strtoull(asked, NULL, 10) : usual;
}

static void what_is_told_early_is_what_it_comes_to(void **state)
{
    (void)state;
    uint64_t runs = runs_or(RUNS);
    uint64_t told = 0;
    for (uint64_t seed = 1; seed <= runs; seed++) {
        told += check_prefixes(seed, SUITES, random_suite);
    }
    assert_true(told > runs);
}

/* One assertion alone, so that nothing else is the reason for a look. */
static void what_is_told_early_across_spans_is_what_it_comes_to(void **state)
{
    (void)state;
    uint64_t runs = runs_or(RUNS / 4);
    uint64_t told = 0;
    for (uint64_t seed = 1; seed <= runs; seed++) {
        told += check_prefixes(seed, 1, random_whole_suite);
    }
    assert_true(told > runs / 4);
}

static void print_run(struct buf *out, const struct run *run)
{
    struct engine engine;
    engine_init(&engine, run->set);
    for (uint32_t at = 0; at <= run->arrivals.count; at++) {
        feed(&engine, run, at);
    }
    judgements_print(out, engine_close(&engine, 5), run->set->suite_count, &engine.trace.id);
    engine_deinit(&engine);
}

/* Closes a run with results that its other orders share; whether it settles, and then says `text`.
 */
static bool settle_run(const struct buf *text, const struct run *run, struct result_rows *rows)
{
    struct engine engine;
    struct buf settled = BUF_NULL;
    engine_init(&engine, run->set);
    for (uint32_t at = 0; at <= run->arrivals.count; at++) {
        feed(&engine, run, at);
    }
    arena_reset(&engine.scratch);
    const struct judgement *judgements =
        judge_settle(&engine.judge, 5, rows, &engine.scratch, &engine.out);
    if (judgements != NULL) {
        judgements_print(&settled, judgements, run->set->suite_count, &engine.trace.id);
        assert_true(bytes_equal(buf_bytes(&settled), buf_bytes(text)));
    }
    buf_deinit(&settled);
    engine_deinit(&engine);
    return judgements != NULL;
}

static uint32_t all_rows(const struct result_rows *rows)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows->set->suite_count; i++) {
        count += result_rows_count(rows, i);
    }
    return count;
}

static void shared_results_are_the_traces_own(void **state)
{
    uint64_t found = 0;
    uint64_t settled = 0;
    (void)state;
    uint64_t runs = runs_or(300);
    for (uint64_t seed = 1; seed <= runs; seed++) {
        struct run run = random_run(seed, SUITES);
        struct random random = random_seed(seed + 1000);
        struct buf text = BUF_NULL;
        struct result_rows rows;
        result_rows_init(&rows, run.set);
        print_run(&text, &run);
        for (uint32_t order = 0; order < 2; order++) {
            settled += settle_run(&text, &run, &rows);
            random_shuffle(&random, &run.arrivals);
        }
        found += all_rows(&rows);
        result_rows_deinit(&rows);
        buf_deinit(&text);
        suite_set_unref(run.set);
    }
    assert_true(settled > 0 && found > 0); /* most random traces fail or wait */
}

static void every_order_of_arrival_gives_the_same_bytes(void **state)
{
    (void)state;
    uint64_t runs = runs_or(300);
    for (uint64_t seed = 1; seed <= runs; seed++) {
        struct run run = random_run(seed, SUITES);
        struct random random = random_seed(seed + 1000);
        struct buf first = BUF_NULL;
        print_run(&first, &run);
        for (uint32_t order = 0; order < ORDERS; order++) {
            struct buf other = BUF_NULL;
            random_shuffle(&random, &run.arrivals);
            run.inject_at = random_below(&random, run.arrivals.count + 1);
            print_run(&other, &run);
            if (!bytes_equal(buf_bytes(&first), buf_bytes(&other))) {
                fail_msg("seed %llu, order %u:\n%.*s\n%.*s", (unsigned long long)seed, order,
                         (int)first.len, (const char *)first.data, (int)other.len,
                         (const char *)other.data);
            }
            buf_deinit(&other);
        }
        buf_deinit(&first);
        suite_set_unref(run.set);
    }
}

/* Copies that say the same again change nothing at all. */
static void repeating_every_span_changes_no_byte(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct run run = random_run(seed, SUITES);
        struct buf once = BUF_NULL;
        struct buf twice = BUF_NULL;
        struct engine engine;
        print_run(&once, &run);
        engine_init(&engine, run.set);
        for (uint32_t at = 0; at <= run.arrivals.count; at++) {
            feed(&engine, &run, at);
            if (at < run.arrivals.count) {
                assert_int_equal(engine_add(&engine, &run.arrivals.spans[at]), TRACE_DUPLICATE);
            }
        }
        judgements_print(&twice, engine_close(&engine, 5), run.set->suite_count, &engine.trace.id);
        assert_true(bytes_equal(buf_bytes(&once), buf_bytes(&twice)));
        engine_deinit(&engine);
        buf_deinit(&once);
        buf_deinit(&twice);
        suite_set_unref(run.set);
    }
}

/* Adds one arrival; whether it was stored, cut, or a copy. */
static int feed_one(struct engine *engine, const struct run *run, uint32_t at)
{
    if (run->injected && at == run->inject_at) {
        engine_inject(engine, &run->injection);
    }
    return at < run->arrivals.count ? engine_add(engine, &run->arrivals.spans[at]) : 0;
}

static void print_early(struct buf *out, struct engine *engine)
{
    arena_reset(&engine->scratch);
    arena_reset(&engine->out);
    const struct judgement *certain =
        judge_explain(&engine->judge, 5, &engine->scratch, &engine->out);
    assert_non_null(certain);
    judgements_print(out, certain, engine->set->suite_count, &engine->trace.id);
}

/* Resources and scopes come with keys of which the suites read few, or none. */
static void add_unread(struct arrivals *arrivals, struct random *random)
{
    for (uint32_t i = 0; i < arrivals->count; i++) {
        struct span_build *span = &arrivals->spans[i];
        bool first = span->resource[0].key == NULL;
        span->resource[first ? 0 : 1] =
            (struct attr_build)ATTR_INT("nobody.reads", random_below(random, 3));
        span->resource[first ? 1 : 2] = (struct attr_build)ATTR_INT("k2", random_below(random, 3));
        span->scope[0] = (struct attr_build)ATTR_INT("nobody.reads", random_below(random, 2));
    }
}

/* The same run with all that came kept, or listed, and with nothing but what is read. False: that
 * is all. */
static bool check_read(uint64_t seed, bool (*only_read)(struct engine *engine))
{
    struct run run = random_run(seed, 1);
    if (suite_set_keep(run.set) == NULL) {
        suite_set_unref(run.set);
        return false;
    }
    struct buf raw = BUF_NULL;
    struct buf read = BUF_NULL;
    struct random random = random_seed(seed + 5000);
    struct engine engines[2];
    add_unread(&run.arrivals, &random);
    engine_init(&engines[0], run.set);
    engine_init(&engines[1], run.set);
    assert_true(only_read(&engines[1]));
    for (uint32_t at = 0; at <= run.arrivals.count; at++) {
        int outcome = feed_one(&engines[0], &run, at);
        assert_int_equal(outcome, feed_one(&engines[1], &run, at));
        print_early(&raw, &engines[0]);
        print_early(&read, &engines[1]);
    }
    for (uint32_t i = 0; i < 2; i++) {
        judgements_print(i == 0 ? &raw : &read, engine_close(&engines[i], 5), run.set->suite_count,
                         &engines[i].trace.id);
    }
    if (!bytes_equal(buf_bytes(&raw), buf_bytes(&read))) {
        fail_msg("seed %llu:\n%.*s\n%.*s", (unsigned long long)seed, (int)raw.len,
                 (const char *)raw.data, (int)read.len, (const char *)read.data);
    }
    assert_int_equal(engines[0].trace.conflicting, engines[1].trace.conflicting);
    engine_deinit(&engines[0]);
    engine_deinit(&engines[1]);
    buf_deinit(&raw);
    buf_deinit(&read);
    suite_set_unref(run.set);
    return true;
}

static void keeping_only_what_is_read_changes_no_byte(void **state)
{
    (void)state;
    uint64_t kept = 0;
    for (uint64_t seed = 1; kept < RUNS / 8; seed++) {
        kept += check_read(seed, engine_keep_read);
        assert_true(seed < 100 * RUNS);
    }
}

static void listing_only_attributes_that_are_read_changes_no_byte(void **state)
{
    (void)state;
    uint64_t listed = 0;
    for (uint64_t seed = 1; listed < RUNS / 4; seed++) {
        listed += check_read(seed, engine_list_read);
        assert_true(seed < 100 * RUNS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_early_is_what_it_comes_to),
        cmocka_unit_test(what_is_told_early_across_spans_is_what_it_comes_to),
        cmocka_unit_test(every_order_of_arrival_gives_the_same_bytes),
        cmocka_unit_test(shared_results_are_the_traces_own),
        cmocka_unit_test(repeating_every_span_changes_no_byte),
        cmocka_unit_test(keeping_only_what_is_read_changes_no_byte),
        cmocka_unit_test(listing_only_attributes_that_are_read_changes_no_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
