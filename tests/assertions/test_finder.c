/* A selector alone: refused with its byte, found as the spans come, listed in order. */
#include "assertions/finder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

#define MANY 400

static const struct span_build spans[] = {
    {.id = 3, .parent = 1, .name = "work", .start_ns = 30, .end_ns = 40},
    {.id = 1, .name = "request", .service = "shop", .start_ns = 10, .end_ns = 90},
    {.id = 2, .parent = 1, .name = "work", .start_ns = 20, .end_ns = 40},
    {.id = 4, .parent = 3, .name = "store", .start_ns = 35, .end_ns = 36},
};

static struct finder *finder_of(const char *selector)
{
    struct finder *finder = NULL;
    struct finder_problem problem;
    assert_int_equal(finder_new(&finder, bytes_of(selector), &problem), 0);
    assert_true(finder_held(finder) > 0);
    return finder;
}

static void a_bad_selector_is_refused_with_its_byte(void **state)
{
    static const struct {
        struct bytes text;
        int byte;
    } rows[] = {
        {BYTES_LITERAL("span["), 5},    {BYTES_LITERAL("span[kind = sever]"), 13},
        {BYTES_LITERAL("span[] ]"), 8}, {BYTES_LITERAL("span[duration < 5]"), 17},
        {BYTES_LITERAL("span[\0]"), 6}, {BYTES_LITERAL("span[name =~ '(']"), 16},
        {BYTES_LITERAL("spans"), 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct finder *finder = NULL;
        struct finder_problem problem = {.byte = 0};
        assert_int_equal(finder_new(&finder, rows[i].text, &problem), FINDER_REFUSED);
        assert_null(finder);
        if (problem.byte != rows[i].byte || problem.text[0] == '\0') {
            fail_msg("row %zu: byte %d: %s", i, problem.byte, problem.text);
        }
    }
}

static void the_empty_selector_is_refused(void **state)
{
    struct finder *finder = NULL;
    struct finder_problem problem;
    (void)state;
    assert_int_equal(finder_new(&finder, BYTES_LITERAL(""), &problem), FINDER_REFUSED);
    finder_free(NULL);
}

static uint32_t look(struct search *search, const struct trace *trace, bool last)
{
    uint32_t found = UINT32_MAX;
    assert_int_equal(search_look(search, trace, last, &found), 0);
    return found;
}

/* Found after each span of the table above. */
static void check(const char *selector, const uint32_t (*found)[4])
{
    struct finder *finder = finder_of(selector);
    struct search search;
    search_init(&search, finder, NULL, 0);
    for (size_t count = 1; count <= 4; count++) {
        struct trace trace;
        trace_build(&trace, spans, count);
        assert_int_equal(look(&search, &trace, false), (*found)[count - 1]);
        trace_deinit(&trace);
    }
    search_deinit(&search);
    finder_free(finder);
}

static void spans_are_found_as_they_come(void **state)
{
    (void)state;
    check("span[]", &(uint32_t[4]){1, 2, 3, 4});
    check("span[name=work]", &(uint32_t[4]){1, 1, 2, 2});
    check("span[name=work], span[service=shop]", &(uint32_t[4]){1, 2, 3, 3});
    check("span[name=never]", &(uint32_t[4]){0, 0, 0, 0});
    check("span[name=request] span[name=work]", &(uint32_t[4]){0, 1, 2, 2});
    check("span[name=request] > span[name=work] > span[]", &(uint32_t[4]){0, 0, 0, 1});
    check("span[name=work]:first", &(uint32_t[4]){1, 1, 1, 1});
    check("span[]:root", &(uint32_t[4]){1, 1, 1, 1});
    check("span[]:leaf", &(uint32_t[4]){1, 1, 2, 2});
    check("span[]:has(> span[name=store])", &(uint32_t[4]){0, 0, 0, 1});
    check("span[name=store] < span[]", &(uint32_t[4]){0, 0, 0, 1});
    check("span[name=store] << span[]", &(uint32_t[4]){0, 0, 0, 2});
    check("span[name in ('work', 'store')]", &(uint32_t[4]){1, 1, 2, 3});
    check("span[span:duration * 2 >= 40ns]", &(uint32_t[4]){0, 1, 2, 2});
    check("span[(name = work) or (name = store)]", &(uint32_t[4]){1, 1, 2, 3});
}

static void they_are_listed_in_order(void **state)
{
    static const uint32_t expected[] = {2, 0};
    struct finder *finder = finder_of("span[name=work]");
    struct arena arena = ARENA_INIT(256, 0);
    struct trace trace;
    uint32_t count = 0;
    (void)state;
    trace_build(&trace, spans, 4);
    size_t held = arena_held(&trace.arena);
    const uint32_t *found = finder_list(finder, &trace, &arena, &count);
    assert_non_null(found);
    assert_int_equal(count, 2);
    assert_memory_equal(found, expected, sizeof expected);
    assert_int_equal(arena_held(&trace.arena), held);
    trace_deinit(&trace);
    arena_deinit(&arena);
    finder_free(finder);
}

static void a_large_trace_is_walked_now_and_then_and_at_the_end(void **state)
{
    static struct span_build many[MANY + 2];
    struct finder *finder = finder_of("span[name=root] > span[]");
    struct search search;
    (void)state;
    many[0] = (struct span_build){.id = 1, .name = "root", .start_ns = 1, .end_ns = 2};
    for (uint64_t i = 1; i < MANY + 2; i++) {
        many[i] = (struct span_build){
            .id = i + 1, .parent = 1, .name = "x", .start_ns = i + 1, .end_ns = i + 2};
    }
    search_init(&search, finder, NULL, 0);
    uint32_t told_late = 0;
    for (size_t count = 300; count <= MANY; count++) {
        struct trace trace;
        trace_build(&trace, many, count);
        uint32_t found = look(&search, &trace, false);
        assert_true(found < count);
        told_late += found + 1 != count;
        trace_deinit(&trace);
    }
    assert_true(told_late > 0);
    struct trace trace;
    trace_build(&trace, many, MANY + 1);
    assert_int_equal(look(&search, &trace, true), MANY);
    trace_deinit(&trace);
    search_deinit(&search);
    finder_free(finder);
}

static void what_a_search_holds_is_bounded_and_counted(void **state)
{
    struct finder *finder = finder_of("span[] > span[]");
    struct search search;
    struct trace trace;
    struct budget budget;
    uint32_t found = 7;
    (void)state;
    budget_init(&budget, 1 << 20);
    trace_build(&trace, spans, 4);
    search_init(&search, finder, &budget, 1 << 16);
    assert_int_equal(look(&search, &trace, false), 3);
    assert_true(budget_held(&budget, BUDGET_ADMIN) > 0);
    search_deinit(&search);
    assert_int_equal(budget_held(&budget, BUDGET_ADMIN), 0);
    search_init(&search, finder, &budget, 16);
    assert_int_equal(search_look(&search, &trace, true, &found), SEARCH_NO_MEMORY);
    assert_int_equal(found, 7);
    search_deinit(&search);
    trace_deinit(&trace);
    finder_free(finder);
}

/* 0 when all of it had its memory. */
static int try_all(const struct trace *trace)
{
    struct finder *finder = NULL;
    struct finder_problem problem;
    struct arena arena = ARENA_INIT(256, 0);
    struct search search;
    uint32_t found = 0;
    int bad = finder_new(&finder, BYTES_LITERAL("span[name=request] span[name=work]"), &problem);
    if (bad == 0) {
        search_init(&search, finder, NULL, 0);
        bad = search_look(&search, trace, true, &found);
        bad = bad == 0 && finder_list(finder, trace, &arena, &found) == NULL ? 1 : bad;
        search_deinit(&search);
    }
    arena_deinit(&arena);
    finder_free(finder);
    assert_true(bad != 0 || found == 2);
    return bad;
}

static void memory_may_fail_anywhere(void **state)
{
    struct trace trace;
    int bad = 1;
    (void)state;
    trace_build(&trace, spans, 4);
    for (size_t good = 0; bad != 0; good++) {
        failing_malloc_begin(good);
        bad = try_all(&trace);
        failing_malloc_end();
    }
    trace_deinit(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_selector_is_refused_with_its_byte),
        cmocka_unit_test(the_empty_selector_is_refused),
        cmocka_unit_test(spans_are_found_as_they_come),
        cmocka_unit_test(they_are_listed_in_order),
        cmocka_unit_test(a_large_trace_is_walked_now_and_then_and_at_the_end),
        cmocka_unit_test(what_a_search_holds_is_bounded_and_counted),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
