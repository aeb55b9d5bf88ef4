/* Differences of times of two processes whose clocks are apart: what is told is true, and what the
 * trace leaves open is said to be open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/engine_fixture.h"
#include "tests/support/random.h"

#define MS      UINT64_C(1000000)
#define EPOCH   (UINT64_C(1000000) * MS)
#define SPANS   8
#define CLOCKS  4
#define SECONDS (1000 * MS)

struct case_ {
    const char *condition;
    enum result result;
    const char *reason; /* what stands in it; NULL: anything */
};

/* A call of 100 ms to another process, whose 40 ms begin 80 ms into it by that one's clock, which
 * is therefore at least 20 ms and at most 80 ms ahead. */
static const struct span_build call[] = {
    {.id = 1,
     .name = "call",
     .service = "shop",
     .kind = KIND_CLIENT,
     .start_ns = EPOCH,
     .end_ns = EPOCH + 100 * MS},
    {.id = 2,
     .parent = 1,
     .name = "serve",
     .service = "stock",
     .kind = KIND_SERVER,
     .start_ns = EPOCH + 80 * MS,
     .end_ns = EPOCH + 120 * MS},
    {.id = 3,
     .parent = 1,
     .name = "after",
     .service = "shop",
     .start_ns = EPOCH + 200 * MS,
     .end_ns = EPOCH + 210 * MS},
};

static struct suite_set *compile(const char *condition, uint64_t max_clock_skew_ns)
{
    const struct test_suite suite = {
        .name = "skew",
        .estimates_skew = true,
        .max_clock_skew_ns = max_clock_skew_ns,
        .spans = {{"call", "span[name=call]"},
                  {"serve", "span[name=serve]"},
                  {"after", "span[name=after]"}},
        .assertions = {{.name = "a", .conditions = {condition}}},
    };
    return test_suites_compile(&suite, 1);
}

static void check(const struct span_build *spans, size_t count, const struct injection *injection,
                  uint64_t max_clock_skew_ns, const struct case_ *row)
{
    struct engine engine;
    engine_init(&engine, compile(row->condition, max_clock_skew_ns));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(engine_add(&engine, &spans[i]), 0);
    }
    if (injection != NULL) {
        engine_inject(&engine, injection);
    }
    const struct judgement *early = judge_early(&engine.judge, &engine.scratch, &engine.out);
    assert_true(early == NULL || early->results[0].result == RESULT_OPEN);
    const struct assertion_result *result = &engine_close(&engine, 10)->results[0];
    if (result->result != row->result) {
        fail_msg("%s: %s", row->condition, result_name(result->result));
    }
    if (row->reason != NULL) {
        char reason[512];
        assert_int_equal(result->failure_count, 1);
        struct bytes text = result->failures[0].reason;
        snprintf(reason, sizeof reason, "%.*s", (int)text.len, (const char *)text.data);
        if (strstr(reason, row->reason) == NULL) {
            fail_msg("%s: %s", row->condition, reason);
        }
    }
    suite_set_unref(engine.set);
    engine_deinit(&engine);
}

static void a_call_bounds_two_clocks(void **state)
{
    static const struct case_ rows[] = {
        {"$serve.start - $call.start >= 0s", RESULT_PASS, NULL},
        {"$serve.start - $call.start <= 60ms", RESULT_PASS, NULL},
        {"$serve.start - $call.start < 60ms", RESULT_INCONCLUSIVE,
         "80ms by the clocks of two processes, really from 0s to 60ms"},
        {"$serve.start - $call.start > 61ms", RESULT_FAIL, "does not hold"},
        {"$serve.start - $call.start = 30ms", RESULT_INCONCLUSIVE, NULL},
        {"$serve.start - $call.start != 61ms", RESULT_PASS, NULL},
        {"$serve.start - $call.start = 61ms", RESULT_FAIL, NULL},
        {"not ($serve.start - $call.start < 60ms)", RESULT_INCONCLUSIVE, NULL},
        {"$after.start - $call.end = 100ms", RESULT_PASS, NULL},
        {"$after.start - $serve.end >= 100ms", RESULT_PASS, NULL},
        {"$after.start - $serve.end <= 159ms", RESULT_INCONCLUSIVE, "from 100ms to 160ms"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(call, 3, NULL, 0, &rows[i]);
    }
}

static void a_caller_that_gave_up_bounds_one_side_only(void **state)
{
    struct span_build spans[3];
    (void)state;
    memcpy(spans, call, sizeof spans);
    spans[0].status = STATUS_ERROR;
    check(spans, 3, NULL, 0,
          &(struct case_){"$serve.start - $call.start <= 60ms", RESULT_INCONCLUSIVE,
                          "really no less than 0s"});
    check(spans, 3, NULL, 0,
          &(struct case_){"$serve.start - $call.start >= 0s", RESULT_PASS, NULL});
}

static void a_known_limit_bounds_what_no_call_does(void **state)
{
    const struct span_build spans[] = {
        {.id = 1, .name = "call", .service = "a", .start_ns = EPOCH, .end_ns = EPOCH + MS},
        {.id = 2,
         .name = "serve",
         .service = "b",
         .start_ns = EPOCH + 20 * MS,
         .end_ns = EPOCH + 21 * MS},
    };
    (void)state;
    check(
        spans, 2, NULL, 0,
        &(struct case_){"$serve.start - $call.start < 1h", RESULT_INCONCLUSIVE, "max_clock_skew"});
    check(spans, 2, NULL, 5 * MS,
          &(struct case_){"$serve.start - $call.start <= 25ms", RESULT_PASS, NULL});
    check(spans, 2, NULL, 5 * MS,
          &(struct case_){"$serve.start - $call.start < 25ms", RESULT_INCONCLUSIVE,
                          "from 15ms to 25ms"});
    check(spans, 2, NULL, 5 * MS,
          &(struct case_){"$serve.start - $call.start < 15ms", RESULT_FAIL, NULL});
}

static void facts_that_contradict_each_other_say_nothing(void **state)
{
    struct span_build spans[4];
    (void)state;
    memcpy(spans, call, sizeof call);
    spans[3] = spans[1];
    spans[3].id = 4;
    spans[3].name = "other";
    spans[3].start_ns = EPOCH - 500 * MS;
    spans[3].end_ns = EPOCH - 490 * MS;
    check(spans, 4, NULL, 0,
          &(struct case_){"$serve.start - $call.start < 1h", RESULT_INCONCLUSIVE, NULL});
}

static void the_generator_has_a_clock_too(void **state)
{
    const struct span_build spans[] = {
        {.id = 2,
         .parent = 9,
         .name = "serve",
         .service = "shop",
         .kind = KIND_SERVER,
         .start_ns = EPOCH + 5 * SECONDS,
         .end_ns = EPOCH + 5 * SECONDS + 40 * MS},
    };
    const struct injection injection = {.trace_id = trace_id_build(1),
                                        .span_id = 9,
                                        .has_time = true,
                                        .time_ns = EPOCH,
                                        .has_duration = true,
                                        .duration_ns = 100 * MS,
                                        .outcome = INJECTION_OK};
    (void)state;
    check(spans, 1, &injection, 0,
          &(struct case_){"$serve.end - $injection.time <= 100ms", RESULT_PASS, NULL});
    check(spans, 1, &injection, 0,
          &(struct case_){"$serve.end - $injection.time < 100ms", RESULT_INCONCLUSIVE,
                          "5040ms by the clocks of two processes, really from 40ms to 100ms"});
}

static void in_a_trace_short_of_evidence_it_is_open(void **state)
{
    struct span_build spans[3];
    (void)state;
    memcpy(spans, call, sizeof spans);
    spans[2].parent = 77;
    check(spans, 3, NULL, 0,
          &(struct case_){"$serve.start - $call.start > 61ms", RESULT_INCONCLUSIVE,
                          "never came"});
}

/* --- what is told is true --- */

struct life {
    int64_t start, end; /* true times */
    uint32_t clock;
};

static bool is_waited_for(const struct span_build *parent, const struct span_build *child,
                          const struct life *above, const struct life *own)
{
    return parent->kind == KIND_CLIENT && child->kind == KIND_SERVER &&
           parent->status != STATUS_ERROR && own->end - own->start <= above->end - above->start;
}

static void make_span(struct random *random, struct span_build *spans, struct life *truths,
                      uint32_t i)
{
    static const char *const services[CLOCKS] = {"a", "b", "c", "d"};
    static const char *const names[] = {"call", "serve"};
    uint32_t up = random_below(random, i);
    spans[i] = (struct span_build){.id = i + 1, .kind = (enum span_kind)random_below(random, 5)};
    spans[i].parent = i != 0 ? up + 1 : 0;
    spans[i].name = i < 2 ? names[i] : "other";
    truths[i].clock = random_below(random, CLOCKS);
    spans[i].service = services[truths[i].clock];
    spans[i].status = random_one_in(random, 4) ? STATUS_ERROR : STATUS_UNSET;
    truths[i].start = (i != 0 ? truths[up].start : 0) + random_below(random, 50);
    truths[i].end = truths[i].start + random_below(random, 100);
    if (i != 0 && is_waited_for(&spans[up], &spans[i], &truths[up], &truths[i])) {
        uint32_t room = (uint32_t)(truths[up].end - truths[up].start);
        uint32_t late = random_below(random, room + 1);
        truths[i].start = truths[up].start + late;
        truths[i].end = truths[i].start + random_below(random, room - late + 1);
    }
}

static void measure(struct span_build *spans, const struct life *truths, const int64_t *offsets)
{
    for (uint32_t i = 0; i < SPANS; i++) {
        spans[i].start_ns = EPOCH + (uint64_t)(truths[i].start + offsets[truths[i].clock]) * MS;
        spans[i].end_ns = EPOCH + (uint64_t)(truths[i].end + offsets[truths[i].clock]) * MS;
    }
}

/* One random trace, of whose results 1 is returned where something was told. */
static int told_of(uint64_t seed)
{
    struct random random = random_seed(seed);
    struct span_build spans[SPANS];
    struct life truths[SPANS];
    int64_t offsets[CLOCKS];
    char condition[80];
    for (uint32_t i = 0; i < CLOCKS; i++) {
        offsets[i] = (int64_t)random_below(&random, 1000);
    }
    for (uint32_t i = 0; i < SPANS; i++) {
        make_span(&random, spans, truths, i);
    }
    measure(spans, truths, offsets);
    int64_t limit = (int64_t)random_below(&random, 200) - 50;
    snprintf(condition, sizeof condition, "$serve.end - $call.start <= %lldms", (long long)limit);
    struct engine engine;
    engine_init(&engine, compile(condition, 0));
    for (uint32_t i = 0; i < SPANS; i++) {
        assert_int_equal(engine_add(&engine, &spans[i]), 0);
    }
    enum result result = engine_close(&engine, 10)->results[0].result;
    bool holds = truths[1].end - truths[0].start <= limit;
    suite_set_unref(engine.set);
    engine_deinit(&engine);
    if (result != RESULT_INCONCLUSIVE && result != (holds ? RESULT_PASS : RESULT_FAIL)) {
        fail_msg("seed %llu: %s, truly %d", (unsigned long long)seed, result_name(result), holds);
    }
    return result != RESULT_INCONCLUSIVE;
}

static void what_is_told_of_random_traces_is_true(void **state)
{
    int told = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        told += told_of(seed);
    }
    assert_in_range(told, 500, 1999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_bounds_two_clocks),
        cmocka_unit_test(a_caller_that_gave_up_bounds_one_side_only),
        cmocka_unit_test(a_known_limit_bounds_what_no_call_does),
        cmocka_unit_test(facts_that_contradict_each_other_say_nothing),
        cmocka_unit_test(the_generator_has_a_clock_too),
        cmocka_unit_test(in_a_trace_short_of_evidence_it_is_open),
        cmocka_unit_test(what_is_told_of_random_traces_is_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
