/* Random traces whose true clocks are known: what a suite that estimates clocks tells of the times
 * by other ones is what is so by the true ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/assertions/engine_fixture.h"
#include "tests/support/random.h"

#define MS     UINT64_C(1000000)
#define EPOCH  (UINT64_C(1000000) * MS)
#define SPANS  10u
#define CLOCKS 4u
#define RUNS   150u

/* A number stands for %u: milliseconds, or few of something. */
struct row {
    const char *condition;
    bool selects; /* over all spans */
    uint32_t below;
    bool loose; /* even where all clocks are known it may be left open */
};
static const struct row rows[] = {
    {"$a before $b", false, 1, false},
    {"$a starts before $b", false, 1, false},
    {"$a overlaps $b", false, 1, false},
    {"$b overlaps $all", false, 1, false},
    {"$a apart from $b", false, 1, false},
    {"$a apart from $a", false, 1, false},
    {"gap($a, $b) <= %ums", false, 60, false},
    {"not (gap($b, $a) > -%ums)", false, 60, false},
    {"gap($a, $b) not in (%ums, 5ms)", false, 60, false},
    {"lag($all, $b by parent) <= %ums", false, 60, false},
    {"lag($all, $b by parent) * 1 <= %ums", false, 60, false},
    {"concurrency($all) <= %u", false, 10, false},
    {"concurrency($all) = %u", false, 10, false},
    {"concurrency($a) >= %u", false, 5, false},
    {"concurrency($b) in (1, 2, %u)", false, 5, false},
    {"each $a followed by $b", false, 1, false},
    {"each $a followed by $b within %ums", false, 60, false},
    {"each $a followed by $b exactly once", false, 1, false},
    {"each $a followed by $b within %ums by k at most once", false, 90, false},
    {"each $b followed by $all within %ums by k exactly once", false, 90, false},
    {"no $b after $a", false, 1, false},
    {"no $b within %ums after $a", false, 60, false},
    {"no $all within %ums after $b by k", false, 60, false},
    {"each $a has a $b by k", false, 1, false},
    {"trace:duration <= %ums", false, 400, false},
    {"trace:duration > %ums", false, 400, false},
    {"trace:duration != %ums", false, 400, false},
    {"span:self_time <= %ums", true, 100, false},
    {"none: span:self_time > %ums", true, 100, false},
    {"any: span:self_time > %ums", true, 100, false},
    {"at most 2: span:self_time > %ums", true, 60, false},
    {"sum(span:self_time) <= %ums", true, 600, false},
    {"max(span:self_time) > %ums", true, 100, false},
    {"p(50)(span:self_time) < %ums", true, 50, false},
    {"distinct(span:self_time) > %u", true, 10, false},
    {"trace:retries <= %u", false, 4, false},
    {"trace:retries > %u", false, 4, false},
    {"states k by name in $all: never 1 -> 0", false, 1, true},
    {"states k in $a: 0 -> 1", false, 1, true},
    {"states name by k in $all: a -> b, a -> c, c -> b, any start", false, 1, true},
    {"critical(s0) <= %u%%", false, 100, true},
    {"not (critical(s2) > %u%%)", false, 100, true},
};
#define ROWS (sizeof rows / sizeof *rows)

struct life {
    int64_t start, end; /* true times */
    uint32_t clock;
};

struct world {
    struct span_build spans[SPANS];
    struct life truths[SPANS];
    int64_t offsets[CLOCKS];
    uint32_t spread_ms;
};

static bool is_waited_for(const struct world *world, uint32_t up, uint32_t i)
{
    const struct life *above = &world->truths[up];
    const struct life *own = &world->truths[i];
    return world->spans[up].kind == KIND_CLIENT && world->spans[i].kind == KIND_SERVER &&
           world->spans[up].status != STATUS_ERROR &&
           own->end - own->start <= above->end - above->start;
}

static void make_span(struct random *random, struct world *world, uint32_t i)
{
    static const char *const names[] = {"a", "b", "c"};
    struct span_build *span = &world->spans[i];
    struct life *truth = &world->truths[i];
    uint32_t up = random_below(random, i);
    *span = (struct span_build){.id = i + 1,
                                .parent = i != 0 ? up + 1 : 0,
                                .name = names[random_below(random, 3)],
                                .kind = (enum span_kind)random_below(random, 5),
                                .status = random_one_in(random, 4) ? STATUS_ERROR : STATUS_UNSET,
                                .attrs = {ATTR_INT("k", random_below(random, 2))}};
    truth->clock = random_below(random, CLOCKS);
    truth->start = (i != 0 ? world->truths[up].start : 0) + random_below(random, 50);
    truth->end = truth->start + (random_one_in(random, 5) ? 0 : random_below(random, 100));
    if (i != 0 && is_waited_for(world, up, i)) {
        uint32_t room = (uint32_t)(world->truths[up].end - world->truths[up].start);
        uint32_t late = random_below(random, room + 1);
        truth->start = world->truths[up].start + late;
        truth->end = truth->start + random_below(random, room - late + 1);
    }
}

/* A call that takes all of its caller's time: the clocks of both are known. */
static void make_calls(struct world *world)
{
    for (uint32_t i = 0; i < CLOCKS; i++) {
        world->spans[i] = (struct span_build){.id = i + 1,
                                              .parent = i % 2 == 0 ? 0 : i,
                                              .name = i % 2 == 0 ? "a" : "b",
                                              .kind = i % 2 == 0 ? KIND_CLIENT : KIND_SERVER,
                                              .attrs = {ATTR_INT("k", 1)}};
        world->truths[i] = (struct life){100, 150, i % 2};
    }
}

/* A process for each clock, each a service or all of one. */
static void set_processes(struct world *world, bool one)
{
    static const char *const names[CLOCKS] = {"s0", "s1", "s2", "s3"};
    for (uint32_t i = 0; i < SPANS; i++) {
        const char *name = names[world->truths[i].clock];
        world->spans[i].service = one ? names[0] : name;
        world->spans[i].resource[0] =
            (struct attr_build){.key = "host.name", .type = VALUE_TEXT, .bytes = bytes_of(name)};
    }
}

static struct world make_world(uint64_t seed, bool exact)
{
    struct random random = random_seed(seed);
    struct world world;
    for (uint32_t i = 0; i < SPANS; i++) {
        make_span(&random, &world, i);
    }
    world.spread_ms = random_one_in(&random, 2) ? 30 : 1000;
    for (uint32_t i = 0; i < CLOCKS; i++) {
        world.offsets[i] = (int64_t)random_below(&random, world.spread_ms);
    }
    if (exact) {
        make_calls(&world);
        for (uint32_t i = CLOCKS; i < SPANS; i++) {
            world.truths[i].clock %= 2;
            world.spans[i].kind = KIND_INTERNAL;
            world.truths[i].start += 100;
            world.truths[i].end += 100;
        }
    }
    set_processes(&world, seed % 2 != 0);
    return world;
}

static void set_times(struct world *world, bool by_clocks)
{
    for (uint32_t i = 0; i < SPANS; i++) {
        const struct life *truth = &world->truths[i];
        int64_t offset = by_clocks ? world->offsets[truth->clock] : 0;
        world->spans[i].start_ns = EPOCH + (uint64_t)(truth->start + offset) * MS;
        world->spans[i].end_ns = EPOCH + (uint64_t)(truth->end + offset) * MS;
    }
}

static struct test_suite suite_of(const struct row *row, const char *condition)
{
    return (struct test_suite){
        .name = "skew",
        .spans = {{"a", "span[name=a]"}, {"b", "span[name=b]"}, {"all", "span[]"}},
        .assertions = {
            {.name = "it", .select = row->selects ? "span[]" : NULL, .conditions = {condition}}}};
}

static enum result judge_world(const struct world *world, const struct test_suite *suite)
{
    struct engine engine;
    engine_init(&engine, test_suites_compile(suite, 1));
    for (uint32_t i = 0; i < SPANS; i++) {
        assert_int_equal(engine_add(&engine, &world->spans[i]), 0);
    }
    enum result result = engine_close(&engine, 10)->results[0].result;
    suite_set_unref(engine.set);
    engine_deinit(&engine);
    return result;
}

/* What is told under the estimate; fails the test where it is untrue. */
static enum result tell(uint64_t seed, const struct row *row, bool exact)
{
    struct world world = make_world(seed, exact);
    char condition[100];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(condition, sizeof condition, row->condition, (unsigned)(seed * 31 % row->below));
#pragma GCC diagnostic pop
    struct test_suite suite = suite_of(row, condition);
    set_times(&world, false);
    enum result truth = judge_world(&world, &suite);
    set_times(&world, true);
    suite.estimates_skew = true;
    suite.max_clock_skew_ns = world.spread_ms < 1000 ? world.spread_ms * MS : 0;
    enum result told = judge_world(&world, &suite);
    bool open = told == RESULT_INCONCLUSIVE && !(exact && !row->loose);
    if (told != truth && !open) {
        fail_msg("seed %llu, %s: %s is %s, truly %s", (unsigned long long)seed,
                 exact ? "known clocks" : "clocks", condition, result_name(told),
                 result_name(truth));
    }
    return told;
}

static void what_is_told_is_true(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        uint32_t told[RESULT_COUNT] = {0};
        for (uint64_t seed = 0; seed < RUNS; seed++) {
            told[tell(seed, &rows[i], false)]++;
        }
        if (told[RESULT_PASS] + told[RESULT_FAIL] < RUNS / 50) {
            fail_msg("%s: %u pass, %u fail", rows[i].condition, told[RESULT_PASS],
                     told[RESULT_FAIL]);
        }
    }
}

static void where_clocks_are_known_all_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        for (uint64_t seed = 0; seed < RUNS; seed++) {
            tell(seed, &rows[i], true);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_is_true),
        cmocka_unit_test(where_clocks_are_known_all_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
