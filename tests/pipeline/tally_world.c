#include "tests/pipeline/tally_world.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "exporters/report_json.h"

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

struct campaign *world_campaign(struct suite_set *set, uint32_t max_failures)
{
    struct campaign_settings settings = {.correlation = CORRELATION_SETTING_OFF,
                                         .max_failures = max_failures,
                                         .max_spans_per_trace = 1000,
                                         .offline = true};
    struct campaign *campaign = campaign_new(BYTES_LITERAL("test"), NULL, 0, &settings, set, 1, 1);
    assert_non_null(campaign);
    return campaign;
}

void world_init(struct world *world, uint64_t seed)
{
    struct random random = random_seed(seed);
    world->set = random_set(&random);
    world->campaign = world_campaign(world->set, 4);
    for (uint32_t i = 0; i < TRACES; i++) {
        random_arrivals(&random, &world->traces[i]);
        world->injections[i] = random_injection(&random);
        world->injections[i].trace_id = trace_id_build(i + 1);
        world->injected[i] = random_one_in(&random, 2);
    }
}

void world_deinit(struct world *world)
{
    campaign_unref(world->campaign);
    suite_set_unref(world->set);
}

void world_spans(const struct arrivals *arrivals, struct span **ret, struct arena *build)
{
    for (uint32_t i = 0; i < arrivals->count; i++) {
        ret[i] = span_build(&arrivals->spans[i], build);
    }
}

void world_feed(struct engine *engine, struct span *const *spans, uint32_t count)
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

static const struct judgement *close_trace(struct engine *engine, struct tally *tally, bool by_rows)
{
    arena_reset(&engine->scratch);
    const struct judgement *settled =
        by_rows ? judge_settle(&engine->judge, 4, tally_rows(tally), &engine->scratch, &engine->out)
                : NULL;
    return settled != NULL ? settled : engine_close(engine, 4);
}

void world_count(const struct world *world, uint32_t number, struct tally *tally, bool by_rows)
{
    struct engine engine;
    struct trace_account account = {
        .trace_id = trace_id_build(number + 1), .judge = &engine.judge, .scratch = &engine.scratch};
    engine_init(&engine, world->set);
    engine.trace.id = account.trace_id;
    struct span *spans[ARRIVALS_MAX];
    world_spans(&world->traces[number], spans, &engine.build);
    world_feed(&engine, spans, world->traces[number].count);
    if (world->injected[number]) {
        engine_inject(&engine, &world->injections[number]);
        account.injection = &world->injections[number];
        tally_injection(tally, account.injection, false);
    }
    account.judgements = close_trace(&engine, tally, by_rows);
    account.spans = engine.trace.count;
    account.duplicates = engine.trace.duplicates;
    account.conflicting = engine.trace.conflicting;
    tally_span_received(tally, account.spans + account.duplicates);
    assert_int_equal(tally_trace(tally, &account), 0);
    engine_deinit(&engine);
}

void world_print(struct buf *out, struct tally *tally)
{
    struct report_facts facts = {.forced = CAMPAIGN_SUCCESSFUL, .end_unix_ns = 2};
    struct report report;
    assert_int_equal(tally_report(tally, &facts, &report), 0);
    struct json json = JSON_INIT(out);
    report_write_json(&json, &report);
    assert_false(out->failed);
    arena_deinit(&report.arena);
}
