#include "tests/assertions/gathering_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct suite_set *gathering_set(const struct row *row)
{
    struct test_suite suite = {
        .name = "suite",
        .spans = {{"x", "span[name=x]"}, {"y", "span[name=y]"}},
        .assertions = {{.name = "quick",
                        .select = "span[name=x]",
                        .conditions = {"duration < 8ms"}},
                       {.name = "skipped", .when = "$x.id > 5", .conditions = {"$x.id = 6"}}},
        .thresholds = {{.name = "it",
                        .rule = row->rule,
                        .min_samples = row->min_samples != 0 ? row->min_samples : 1,
                        .by = {row->by},
                        .over_ns = row->over_ns,
                        .warmup_ns = row->warmup_ns}},
        .stages = {"ramp 3s", "steady state 4s"},
        .outputs = {{"id", "$x.id"},
                    {"twice", "output:id * 2"},
                    {"half", "$x.duration / 2"},
                    {"first", "$y.duration"},
                    {"who", "concat($injection.scenario, ' ', $x.id)"}},
    };
    return test_suites_compile(&suite, 1);
}

struct injection gathering_injection(uint32_t number)
{
    return (struct injection){.trace_id = trace_id_build(number + 1),
                              .has_time = true,
                              .time_ns = ORIGIN_NS + number * S,
                              .scenario = number % 2 == 0 ? BYTES_LITERAL("browse")
                                                          : BYTES_LITERAL("checkout")};
}

void gathering_add_spans(struct engine *engine, uint32_t number)
{
    uint64_t start = ORIGIN_NS + number * S;
    struct span_build x = {.id = 1,
                           .name = "x",
                           .start_ns = start,
                           .end_ns = start + (number + 1) * MS,
                           .attrs = {ATTR_INT("id", number / 2)}};
    engine_add(engine, &x);
    for (uint32_t k = 1; k <= number % 3; k++) {
        struct span_build y = {.id = 1 + k,
                               .parent = 1,
                               .name = "y",
                               .start_ns = start,
                               .end_ns = start + 10 * k * MS};
        engine_add(engine, &y);
    }
}

void gather_trace(struct gathering *to, struct suite_set *set, uint32_t number)
{
    struct engine engine;
    struct injection injection = gathering_injection(number);
    const struct suite *suite = &set->suites[0];
    struct gather_place place = {suite, &suite->thresholds[0], &injection, ORIGIN_NS};
    engine_init(&engine, set);
    gathering_add_spans(&engine, number);
    engine_inject(&engine, &injection);
    const struct judgement *judgements = engine_close(&engine, 4);
    gathering_add_trace(to, &place, &engine.judge, &judgements[0], &engine.scratch);
    gathering_add_injection(to, &place, false, number == 3);
    engine_deinit(&engine);
}

void gather_missing(struct gathering *to, struct suite_set *set, uint32_t second)
{
    struct injection injection = gathering_injection(1);
    const struct suite *suite = &set->suites[0];
    struct gather_place place = {suite, &suite->thresholds[0], &injection, ORIGIN_NS};
    injection.time_ns = ORIGIN_NS + second * S;
    gathering_add_injection(to, &place, true, false);
}

void gather_all(struct gathering *to, struct suite_set *set, struct random *random)
{
    struct gathering shards[3];
    const struct threshold *threshold = &set->suites[0].thresholds[0];
    uint32_t from = random_below(random, TRACES);
    uint32_t first = random_below(random, 3);
    for (int i = 0; i < 3; i++) {
        gathering_init(&shards[i]);
    }
    for (uint32_t i = 0; i < TRACES; i++) {
        gather_trace(&shards[random_below(random, 3)], set, (from + 3 * i) % TRACES);
    }
    gather_missing(&shards[0], set, 1);
    gather_missing(&shards[1], set, 6);
    gathering_init(to);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(gathering_merge(to, threshold, &shards[(first + i) % 3]), 0);
        gathering_deinit(&shards[(first + i) % 3]);
    }
}

const struct state_counts gathering_counts = {.injections = 12, .missing = 2, .expecting = 12};
