/* What shards count: the same report whatever the order of traces, shards and merging; and nothing
 * wrong when memory ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/pipeline/status.h"
#include "daemon/pipeline/tally_state.h"
#include "exporters/report_json.h"
#include "tests/assertions/random_suites.h"
#include "tests/support/failing_malloc.h"

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

static struct suite_set *random_set(struct random *random)
{
    static const char *const names[SUITES] = {"one", "two", "three"};
    struct arena arena = ARENA_INIT(4096, 0);
    struct test_suite suites[SUITES];
    for (uint32_t i = 0; i < SUITES; i++) {
        suites[i] = random_suite(random, &arena, names[i]);
        suites[i].thresholds[0] = (struct test_threshold){
            .name = "a", .rule = "p(50)($x.duration) < 4ns", .min_samples = 1};
        suites[i].thresholds[1] = (struct test_threshold){.name = "b", .rule = "avg($y.k2) < 1"};
        suites[i].thresholds[2] =
            (struct test_threshold){.name = "c", .rule = "max($x.start - $y.end) < 5ns"};
        suites[i].thresholds[3] =
            (struct test_threshold){.name = "d", .rule = "ratio(fail) <= 50%"};
        suites[i].thresholds[4] = (struct test_threshold){
            .name = "e", .rule = "med(each $x.duration) < 4ns", .by = {"scenario", "k1"}};
        suites[i].thresholds[5] =
            (struct test_threshold){.name = "f", .rule = "unique(each $y.k2){zone:''}"};
        suites[i].thresholds[6] = (struct test_threshold){
            .name = "g", .rule = "ratio(fail) <= 50%", .over_ns = 3, .warmup_ns = 2};
    }
    struct suite_set *set = test_suites_compile(suites, SUITES);
    arena_deinit(&arena);
    return set;
}

static struct campaign *campaign_of(struct suite_set *set, uint32_t max_failures)
{
    struct campaign_settings settings = {.correlation = CORRELATION_SETTING_OFF,
                                         .max_failures = max_failures,
                                         .max_spans_per_trace = 1000,
                                         .offline = true};
    struct campaign *campaign = campaign_new(BYTES_LITERAL("test"), NULL, 0, &settings, set, 1, 1);
    assert_non_null(campaign);
    return campaign;
}

static void world_init(struct world *world, uint64_t seed)
{
    struct random random = random_seed(seed);
    world->set = random_set(&random);
    world->campaign = campaign_of(world->set, 4);
    for (uint32_t i = 0; i < TRACES; i++) {
        random_arrivals(&random, &world->traces[i]);
        world->injections[i] = random_injection(&random);
        world->injections[i].trace_id = trace_id_build(i + 1);
        world->injected[i] = random_one_in(&random, 2);
    }
}

static void world_deinit(struct world *world)
{
    campaign_unref(world->campaign);
    suite_set_unref(world->set);
}

/* The spans as a receiver hands them over, in `build`. */
static void build_spans(const struct arrivals *arrivals, struct span **ret, struct arena *build)
{
    for (uint32_t i = 0; i < arrivals->count; i++) {
        ret[i] = span_build(&arrivals->spans[i], build);
    }
}

/* As a shard does: what can't be stored or marked is lost, and makes the trace short. */
static void feed(struct engine *engine, struct span *const *spans, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index;
        int outcome = trace_add(&engine->trace, spans[i], 1000, &index);
        if (outcome == 0) {
            engine->trace.rejected +=
                judge_add(&engine->judge, spans[i], index, &engine->scratch) != 0;
        } else if (outcome != TRACE_DUPLICATE) {
            engine->trace.rejected++;
        }
        (void)judge_early(&engine->judge, &engine->scratch, &engine->out);
    }
}

/* Counts trace `number` into the tally. */
static void count_trace(const struct world *world, uint32_t number, struct tally *tally)
{
    struct engine engine;
    struct trace_account account = {
        .trace_id = trace_id_build(number + 1), .judge = &engine.judge, .scratch = &engine.scratch};
    engine_init(&engine, world->set);
    engine.trace.id = account.trace_id;
    struct span *spans[ARRIVALS_MAX];
    build_spans(&world->traces[number], spans, &engine.build);
    feed(&engine, spans, world->traces[number].count);
    if (world->injected[number]) {
        engine_inject(&engine, &world->injections[number]);
        account.injection = &world->injections[number];
        tally_injection(tally, account.injection, false);
    }
    account.judgements = engine_close(&engine, 4);
    account.spans = engine.trace.count;
    account.duplicates = engine.trace.duplicates;
    account.conflicting = engine.trace.conflicting;
    tally_span_received(tally, account.spans + account.duplicates);
    assert_int_equal(tally_trace(tally, &account), 0);
    engine_deinit(&engine);
}

static void print_report(struct buf *out, struct tally *tally)
{
    struct report_facts facts = {.forced = CAMPAIGN_SUCCESSFUL, .end_unix_ns = 2};
    struct report report;
    assert_int_equal(tally_report(tally, &facts, &report), 0);
    struct json json = JSON_INIT(out);
    report_write_json(&json, &report);
    assert_false(out->failed);
    arena_deinit(&report.arena);
}

/* The report of all traces, spread over three shards, added and merged in an order of `random`. */
static void report_in_some_order(const struct world *world, struct random *random, struct buf *out)
{
    struct tally *shards[3];
    uint32_t order[TRACES];
    struct tally *all = tally_new(world->campaign);
    for (int i = 0; i < 3; i++) {
        shards[i] = tally_new(world->campaign);
    }
    for (uint32_t i = 0; i < TRACES; i++) {
        uint32_t at = random_below(random, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (uint32_t i = 0; i < TRACES; i++) {
        count_trace(world, order[i], shards[random_below(random, 3)]);
    }
    uint32_t first = random_below(random, 3);
    for (uint32_t i = 0; i < 3; i++) {
        struct tally *copy = tally_copy(shards[(first + i) % 3]);
        assert_non_null(copy);
        assert_int_equal(tally_merge(all, copy), 0);
        tally_free(copy);
    }
    print_report(out, all);
    for (int i = 0; i < 3; i++) {
        tally_free(shards[i]);
    }
    tally_free(all);
}

static void order_shards_and_merging_change_no_byte_of_the_report(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world world;
        struct random random = random_seed(seed);
        struct buf first = BUF_NULL;
        world_init(&world, seed);
        report_in_some_order(&world, &random, &first);
        for (int order = 0; order < 8; order++) {
            struct buf other = BUF_NULL;
            report_in_some_order(&world, &random, &other);
            if (!bytes_equal(buf_bytes(&first), buf_bytes(&other))) {
                fail_msg("seed %llu:\n%.*s\n%.*s", (unsigned long long)seed, (int)first.len,
                         (const char *)first.data, (int)other.len, (const char *)other.data);
            }
            buf_deinit(&other);
        }
        buf_deinit(&first);
        world_deinit(&world);
    }
}

static void the_ledger_balances(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world world;
        struct report_facts facts = {.forced = CAMPAIGN_SUCCESSFUL};
        struct report report;
        world_init(&world, seed);
        struct tally *tally = tally_new(world.campaign);
        for (uint32_t i = 0; i < TRACES; i++) {
            count_trace(&world, i, tally);
        }
        assert_int_equal(tally_report(tally, &facts, &report), 0);
        assert_true(ledger_balances(&report));
        report.spans.received++;
        assert_false(ledger_balances(&report));
        arena_deinit(&report.arena);
        tally_free(tally);
        world_deinit(&world);
    }
}

static struct report_group numbered_group(uint32_t number, char text[32])
{
    snprintf(text, 32, "reason %u", number);
    return (struct report_group){.condition = BYTES_LITERAL("c"),
                                 .service = BYTES_LITERAL("s"),
                                 .span = BYTES_LITERAL("n"),
                                 .reason = bytes_of(text),
                                 .count = 1,
                                 .trace_id = trace_id_build(number),
                                 .result = RESULT_FAIL};
}

static uint64_t sum_of_groups(const struct tally_groups *groups)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < groups->count; i++) {
        sum += groups->items[i].entry.count;
    }
    return sum;
}

static const struct report_group *find_group(const struct tally_groups *groups,
                                             const struct report_group *entry)
{
    for (uint32_t i = 0; i < groups->count; i++) {
        if (bytes_equal(groups->items[i].entry.reason, entry->reason)) {
            return &groups->items[i].entry;
        }
    }
    return NULL;
}

static void a_groups_names_are_clipped_between_characters(void **state)
{
    (void)state;
    static char name[4096];
    struct arena arena = ARENA_INIT(4096, 0);
    struct tally_groups groups = {.items = NULL};
    memset(name, 'n', sizeof name);
    memcpy(name + 1022, "\xe2\x82\xac", 3);
    struct report_group group = {.condition = BYTES_LITERAL("c"),
                                 .service = bytes_from(name, sizeof name),
                                 .span = bytes_from(name, 1024),
                                 .reason = BYTES_LITERAL("r"),
                                 .count = 1};
    assert_int_equal(tally_groups_add(&groups, &group, &arena), 0);
    assert_int_equal(tally_groups_add(&groups, &group, &arena), 0);
    assert_int_equal(groups.count, 1);
    assert_int_equal(groups.items[0].entry.service.len, 1022);
    assert_int_equal(groups.items[0].entry.span.len, 1024);
    tally_groups_deinit(&groups);
    arena_deinit(&arena);
}

/* Ten times more groups than are kept, each three times, in two orders: the same ones stay, and no
 * failure is lost. */
static void which_groups_stay_does_not_depend_on_order(void **state)
{
    (void)state;
    const uint32_t kinds = 10 * TALLY_GROUPS_MAX;
    struct arena arena = ARENA_INIT(4096, 0);
    struct tally_groups up = {.items = NULL};
    struct tally_groups down = {.items = NULL};
    for (uint32_t i = 0; i < 3 * kinds; i++) {
        char text[32];
        struct report_group group = numbered_group(i % kinds + 1, text);
        assert_int_equal(tally_groups_add(&up, &group, &arena), 0);
        group = numbered_group(kinds - i % kinds, text);
        assert_int_equal(tally_groups_add(&down, &group, &arena), 0);
    }
    assert_int_equal(tally_groups_settle(&up, &arena), 0);
    assert_int_equal(tally_groups_settle(&down, &arena), 0);
    assert_int_equal(up.count, TALLY_GROUPS_MAX + 1);
    assert_int_equal(down.count, TALLY_GROUPS_MAX + 1);
    assert_int_equal(sum_of_groups(&up), 3 * kinds);
    for (uint32_t i = 0; i < up.count; i++) {
        const struct report_group *other = find_group(&down, &up.items[i].entry);
        assert_non_null(other);
        assert_int_equal(other->count, up.items[i].entry.count);
        assert_memory_equal(&other->trace_id, &up.items[i].entry.trace_id, sizeof other->trace_id);
    }
    tally_groups_deinit(&up);
    tally_groups_deinit(&down);
    arena_deinit(&arena);
}

static void tolerance_counts_the_inconclusive_both_ways(void **state)
{
    (void)state;
    static const struct {
        struct result_counts counts;
        double tolerance;
        enum result result;
    } rows[] = {
        {{.pass = 10}, 0, RESULT_PASS},
        {{.pass = 9, .fail = 1}, 0, RESULT_FAIL},
        {{.pass = 7, .fail = 3}, 0.3, RESULT_PASS},
        {{.pass = 7, .fail = 3}, 0.29, RESULT_FAIL},
        {{.pass = 993, .fail = 7}, 0.007, RESULT_PASS},
        {{.pass = 8, .fail = 1, .inconclusive = 1}, 0.2, RESULT_PASS},
        {{.pass = 8, .fail = 1, .inconclusive = 1}, 0.1, RESULT_INCONCLUSIVE},
        {{.pass = 8, .fail = 1, .inconclusive = 1}, 0.05, RESULT_FAIL},
        {{.inconclusive = 1}, 0, RESULT_INCONCLUSIVE},
        {{.pass = 99, .error = 1}, 1, RESULT_ERROR},
        {{.skipped = 5}, 0, RESULT_SKIPPED},
        {{.pass = 1, .skipped = 99, .fail = 1}, 0.5, RESULT_PASS},
        {{.pass = 0}, 0, RESULT_PASS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct result_counts counts = rows[i].counts;
        assert_int_equal(status_of_assertion(&counts, rows[i].tolerance, 0), rows[i].result);
    }
}

static void a_share_of_inconclusive_results_may_be_left_out(void **state)
{
    (void)state;
    static const struct {
        struct result_counts counts;
        double tolerance, max_inconclusive;
        enum result result;
    } rows[] = {
        {{.pass = 98, .inconclusive = 2}, 0, 0.02, RESULT_PASS},
        {{.pass = 98, .inconclusive = 2}, 0, 0.0199, RESULT_INCONCLUSIVE},
        {{.pass = 97, .fail = 1, .inconclusive = 2}, 0, 0.02, RESULT_FAIL},
        {{.pass = 9, .fail = 1, .inconclusive = 10}, 0.1, 0.5, RESULT_PASS},
        {{.pass = 8, .fail = 2, .inconclusive = 10}, 0.1, 0.5, RESULT_FAIL},
        {{.inconclusive = 2}, 0, 1, RESULT_INCONCLUSIVE},
        {{.pass = 98, .inconclusive = 1, .error = 1}, 0, 1, RESULT_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(
            status_of_assertion(&rows[i].counts, rows[i].tolerance, rows[i].max_inconclusive),
            rows[i].result);
    }
}

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
    feed(engine, spans, world->traces[0].count);
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
    build_spans(&world->traces[0], spans, &engine.build);
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
        count_trace(&world, i, tally);
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
    print_report(&first, tally);
    print_report(&other, copy);
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
        cmocka_unit_test(order_shards_and_merging_change_no_byte_of_the_report),
        cmocka_unit_test(the_ledger_balances),
        cmocka_unit_test(a_groups_names_are_clipped_between_characters),
        cmocka_unit_test(which_groups_stay_does_not_depend_on_order),
        cmocka_unit_test(tolerance_counts_the_inconclusive_both_ways),
        cmocka_unit_test(a_share_of_inconclusive_results_may_be_left_out),
        cmocka_unit_test(memory_that_ends_anywhere_gives_no_wrong_answer),
        cmocka_unit_test(copies_without_memory_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
