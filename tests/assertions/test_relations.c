/* Relations, places and pseudo-classes of selectors: on one trace by hand, and on traces too deep
 * for recursion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "assertions/marks.h"
#include "assertions/selection.h"
#include "daemon/core/clock.h"
#include "tests/assertions/random_suites.h"

#define DEEP 100000u

static const char *const deep_selectors[] = {
    "span[name=a] > span[] < span[] << span[] span[]", "span[]:has(span[name=z]) span[]",
    "span[]:has(> span[]:has(<< span[name=a])):leaf",  "span[] ~ span[], span[]:root:first",
    "span[]:has(-> span[]), span[] -> span[]",         "span[]:has(span[] < span[] ~ span[]):last",
};

/* One long chain of parents, closed to a cycle if asked for. */
static void feed_deep(struct engine *engine, bool cycle)
{
    for (uint32_t i = 0; i < DEEP; i++) {
        struct span_build span = {.id = i + 1,
                                  .parent = i,
                                  .name = i == 0          ? "a"
                                          : i + 1 == DEEP ? "z"
                                                          : "m",
                                  .start_ns = 1,
                                  .end_ns = 2};
        span.parent = i == 0 && cycle ? DEEP : i;
        span.links[0] = (struct link_build){.trace = 1, .span = i == 0 ? DEEP : i};
        engine_add(engine, &span);
        if (i % 1000 == 0) {
            arena_reset(&engine->build);
        }
    }
}

static uint32_t count_selected(struct engine *engine, const struct selector *selector)
{
    struct look look;
    struct selection selected;
    struct timespec from;
    struct timespec to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    look_init(&look, &engine->judge, LOOK_CLOSED, &engine->scratch);
    selection_make(&selected, selector, &look);
    assert_false(look.failed);
    look_deinit(&look);
    arena_reset(&engine->scratch);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    assert_true(to.tv_sec - from.tv_sec < 5);
    return selected.yes;
}

static void check_deep(bool cycle, const uint32_t *wanted)
{
    size_t count = sizeof deep_selectors / sizeof deep_selectors[0];
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    struct test_suite suite = {.name = "s",
                               .assertions = {{.name = "a", .conditions = {"count($a) = 1"}}}};
    struct engine engine;
    for (size_t i = 0; i < count; i++) {
        suite.spans[i] = (struct test_name){names[i], deep_selectors[i]};
    }
    struct suite_set *set = test_suites_compile(&suite, 1);
    engine_init(&engine, set);
    feed_deep(&engine, cycle);
    for (size_t i = 0; i < count; i++) {
        uint32_t got = count_selected(&engine, set->suites[0].names[i].selector);
        if (got != wanted[i]) {
            fail_msg("%s: %u, wanted %u", deep_selectors[i], got, wanted[i]);
        }
    }
    engine_deinit(&engine);
    suite_set_unref(set);
}

static void a_chain_of_100000_spans_is_walked_without_recursion(void **state)
{
    static const uint32_t wanted[] = {0, DEEP - 1, 0, 1, DEEP, 0};
    (void)state;
    check_deep(false, wanted);
}

static void a_cycle_of_100000_spans_is_walked_without_recursion(void **state)
{
    static const uint32_t wanted[] = {DEEP, DEEP, 0, 0, DEEP, 0};
    (void)state;
    check_deep(true, wanted);
}

/*  1 a            6 a (parent 9 is missing)
 *  +- 2 b  -> 6      7 b (parent 9)
 *  |  +- 3 c      8 d, its own parent
 *  +- 4 b  -> 3
 *     +- 5 d  */
static const struct span_build family[] = {
    {.id = 1, .name = "a", .start_ns = 1, .end_ns = 9},
    {.id = 2,
     .parent = 1,
     .name = "b",
     .start_ns = 2,
     .end_ns = 3,
     .links = {{1, 6, 0, 0, NULL, {{0}}}}},
    {.id = 3, .parent = 2, .name = "c", .start_ns = 3, .end_ns = 4},
    {.id = 4,
     .parent = 1,
     .name = "b",
     .start_ns = 4,
     .end_ns = 5,
     .links = {{1, 3, 0, 0, NULL, {{0}}}}},
    {.id = 5, .parent = 4, .name = "d", .start_ns = 5, .end_ns = 6},
    {.id = 6, .parent = 9, .name = "a", .start_ns = 6, .end_ns = 7},
    {.id = 7, .parent = 9, .name = "b", .start_ns = 7, .end_ns = 8},
    {.id = 8, .parent = 8, .name = "d", .start_ns = 8, .end_ns = 9},
};

static const struct {
    const char *selector;
    const char *ids;
} rows[] = {
    {"span[name=c] < span[]", "2"},
    {"span[name=c] << span[]", "12"},
    {"span[name=d] < span[]", "4"},
    {"span[] << span[]", "124"},
    {"span[name=b] ~ span[]", "246"},
    {"span[name=a] ~ span[]", "7"},
    {"span[name=d] ~ span[]", ""},
    {"span[name=a] -> span[]", "2"},
    {"span[] -> span[]", "24"},
    {"span[name=b] -> span[]", ""},
    {"span[]:root", "167"},
    {"span[]:leaf", "35678"},
    {"span[]:root:leaf", "67"},
    {"span[]:root:first", "1"},
    {"span[]:root:last", "7"},
    {"span[name=b]:has(span[name=c])", "2"},
    {"span[]:has(span[name=c])", "12"},
    {"span[]:has(> span[name=c])", "2"},
    {"span[]:has(> span[] > span[name=d])", "1"},
    {"span[]:has(span[name=c], span[name=d])", "124"},
    {"span[]:has(< span[name=a])", "24"},
    {"span[]:has(<< span[name=a])", "2345"},
    {"span[]:has(~ span[name=a])", "7"},
    {"span[]:has(-> span[])", "36"},
    {"span[]:has(-> span[name=b]:has(> span[name=d]))", "3"},
    {"span[name=b]:has(span[]):has(< span[]):last", "4"},
    {"span[name=c] < span[] ~ span[]", "4"},
    {"span[name=c] << span[]:root > span[]:leaf", ""},
    {"span[name=a]:first > span[] ~ span[]:first", "2"},
    {"span[]:leaf < span[], span[]:root:has(~ span[])", "2467"},
    {"span[] -> span[] > span[]", "35"},
};

static void selected_ids(struct engine *engine, const char *text, char *out)
{
    struct test_suite suite = {.name = "s",
                               .spans = {{"x", text}},
                               .assertions = {{.name = "a", .conditions = {"count($x) = 1"}}}};
    struct suite_set *set = test_suites_compile(&suite, 1);
    struct look look;
    struct selection selected;
    engine_init(engine, set);
    for (size_t i = 0; i < sizeof family / sizeof family[0]; i++) {
        engine_add(engine, &family[i]);
    }
    look_init(&look, &engine->judge, LOOK_CLOSED, &engine->scratch);
    selection_make(&selected, set->suites[0].names[0].selector, &look);
    for (uint32_t i = 0; selected.members != NULL && i < engine->trace.count; i++) {
        if (selected.members[i] == MEMBER_YES) {
            *out++ = (char)('0' + engine->trace.spans[i].id);
        }
    }
    *out = '\0';
    look_deinit(&look);
    engine_deinit(engine);
    suite_set_unref(set);
}

static void each_relation_selects_what_it_says(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct engine engine;
        char ids[16];
        selected_ids(&engine, rows[i].selector, ids);
        if (strcmp(ids, rows[i].ids) != 0) {
            print_error("%s: %s, wanted %s\n", rows[i].selector, ids, rows[i].ids);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_relation_selects_what_it_says),
        cmocka_unit_test(a_chain_of_100000_spans_is_walked_without_recursion),
        cmocka_unit_test(a_cycle_of_100000_spans_is_walked_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
