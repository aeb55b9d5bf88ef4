/* Tallies whose memory ends say nothing wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/pipeline/tally_world.h"
#include "tests/support/failing_malloc.h"

/* What may be told of a trace of which something was lost for want of memory. */
static bool may_be_told(enum result told, enum result truth)
{
    return told == truth || told == RESULT_INCONCLUSIVE ||
           (told == RESULT_ERROR && truth == RESULT_FAIL);
}

static void drop_copies(struct arrivals *arrivals)
{
    struct arrivals own = {.count = 0};
    for (uint32_t i = 0; i < arrivals->count; i++) {
        bool copy = false;
        for (uint32_t k = 0; k < own.count; k++) {
            copy |= own.spans[k].id == arrivals->spans[i].id;
        }
        if (!copy) {
            own.spans[own.count++] = arrivals->spans[i];
        }
    }
    *arrivals = own;
}

struct told {
    bool applies[SUITES];
    enum result results[SUITES][TEST_LIST_MAX];
};

static void keep_told(struct told *told, const struct world *world,
                      const struct judgement *judgements)
{
    for (uint32_t s = 0; s < SUITES; s++) {
        told->applies[s] = judgements[s].applies;
        for (uint32_t a = 0; judgements[s].applies && a < world->set->suites[s].assertion_count;
             a++) {
            told->results[s][a] = judgements[s].results[a].result;
        }
    }
}

/* A trace from its first span to the report; *ret_told: what was judged. 0, or something had no
 * memory. */
static int judge_and_report(const struct world *world, struct engine *engine,
                            struct span *const *spans, struct tally *tally, struct report *report,
                            struct told *ret_told)
{
    struct report_facts facts = {.forced = CAMPAIGN_SUCCESSFUL};
    world_feed(engine, spans, world->traces[0].count);
    const struct judgement *judgements =
        judge_close(&engine->judge, 4, &engine->scratch, &engine->out);
    if (judgements == NULL) {
        return 1;
    }
    struct trace_account account = {.trace_id = engine->trace.id,
                                    .judgements = judgements,
                                    .judge = &engine->judge,
                                    .scratch = &engine->scratch,
                                    .spans = engine->trace.count};
    keep_told(ret_told, world, judgements);
    int bad = tally_trace(tally, &account) != 0;
    return tally_report(tally, &facts, report) != 0 || bad;
}

static void check_counts(const struct world *world, const struct tally *tally,
                         const struct told *told)
{
    for (uint32_t s = 0; s < SUITES; s++) {
        assert_int_equal(tally->suites[s].traces.judged, told->applies[s]);
        for (uint32_t a = 0; told->applies[s] && a < world->set->suites[s].assertion_count; a++) {
            const struct result_counts *counts = &tally->suites[s].assertions[a].counts;
            assert_int_equal(counts->fail, told->results[s][a] == RESULT_FAIL);
            assert_int_equal(counts->pass, told->results[s][a] == RESULT_PASS);
        }
    }
}

/* The same with memory that ends after `good` allocations; `truth` NULL: not compared. Whether it
 * was enough. */
static bool run_with(const struct world *world, size_t good, const struct told *truth,
                     struct told *ret_told)
{
    struct engine engine;
    struct report report = {.key = BYTES_NULL};
    struct tally *tally = tally_new(world->campaign);
    struct span *spans[ARRIVALS_MAX];
    *ret_told = (struct told){.applies = {false}};
    engine_init(&engine, world->set);
    world_spans(&world->traces[0], spans, &engine.build);
    failing_malloc_begin(good);
    int bad = judge_and_report(world, &engine, spans, tally, &report, ret_told);
    bool enough = failing_malloc_end() <= good;
    for (uint32_t s = 0; truth != NULL && s < SUITES; s++) {
        for (uint32_t a = 0;
             ret_told->applies[s] && truth->applies[s] && a < world->set->suites[s].assertion_count;
             a++) {
            assert_true(may_be_told(ret_told->results[s][a], truth->results[s][a]));
        }
    }
    check_counts(world, tally, ret_told);
    assert_true(!enough || bad == 0);
    arena_deinit(&report.arena);
    tally_free(tally);
    engine_deinit(&engine);
    return enough;
}

static void memory_that_ends_anywhere_gives_no_wrong_answer(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world world;
        struct told truth = {.applies = {false}};
        world_init(&world, seed);
        drop_copies(&world.traces[0]);
        assert_true(run_with(&world, SIZE_MAX, NULL, &truth));
        size_t good = 0;
        for (struct told told; !run_with(&world, good, &truth, &told); good++) {
            assert_true(good < 100000);
        }
        assert_true(good > 3);
        world_deinit(&world);
    }
}

/* A copy or a merge that has no memory leaves nothing behind. */
static void copies_without_memory_are_refused(void **state)
{
    (void)state;
    struct world world;
    world_init(&world, 5);
    struct tally *tally = tally_new(world.campaign);
    for (uint32_t i = 0; i < TRACES; i++) {
        world_count(&world, i, tally, i % 2 == 0);
    }
    struct tally *copy = NULL;
    size_t good = 0;
    for (; copy == NULL; good++) {
        failing_malloc_begin(good);
        copy = tally_copy(tally);
        failing_malloc_end();
        assert_true(good < 100000);
    }
    assert_true(good > 3);
    struct buf first = BUF_NULL;
    struct buf other = BUF_NULL;
    world_print(&first, tally);
    world_print(&other, copy);
    assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&other)));
    buf_deinit(&first);
    buf_deinit(&other);
    tally_free(copy);
    tally_free(tally);
    world_deinit(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_ends_anywhere_gives_no_wrong_answer),
        cmocka_unit_test(copies_without_memory_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
