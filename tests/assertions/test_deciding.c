/* Which spans failures hang on, for every kind of condition. */
#include "assertions/deciding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/assertions/engine_fixture.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define MOST        5u

static const struct span_build spans[] = {
    {.id = 3,
     .parent = 1,
     .name = "work",
     .start_ns = 30,
     .end_ns = 45,
     .attrs = {ATTR_INT("n", 7)}},
    {.id = 1, .name = "request", .start_ns = 10, .end_ns = 90},
    {.id = 2,
     .parent = 1,
     .name = "work",
     .start_ns = 20,
     .end_ns = 40,
     .attrs = {ATTR_INT("n", 1)}},
    {.id = 4, .parent = 1, .name = "mail", .start_ns = 50, .end_ns = 60},
};

/* A condition that fails, and the IDs of the spans that are told, in that order. */
struct row {
    const char *select;
    const char *condition;
    span_id ids[MOST];
};
static const struct row rows[] = {
    {"span[name=work]", "n < 5", {3}},
    {"span[name=work]", "missing.key = 1", {2, 3}},
    {"span[name=work]", "count = 3", {2, 3}},
    {"span[name=work]", "count = 3 + 1", {2, 3}},
    {"span[name=gone]", "count = 1", {0}},
    {NULL, "$mail.duration < 5ns", {4}},
    {NULL, "count($work) = 1", {2, 3}},
    {NULL, "$request.start - $mail.start > 1s", {1, 4}},
    {NULL, "$mail before $work", {4}}, /* told by the failure */
    {NULL, "$request.duration + $mail.duration < 1ns", {4, 1}},
    {NULL, "no $mail within 1s after $work", {2}},
    {NULL, "trace:spans <= 3", {0}},
    {"span[name=work]", "sum(n) < 5", {2, 3}},
};

static uint32_t find(const struct row *row, bool turned, span_id *ret)
{
    const struct test_suite suite = {
        .name = "s",
        .spans = {{"mail", "span[name=mail]"},
                  {"request", "span[name=request]"},
                  {"work", "span[name=work]"}},
        .assertions = {{.name = "a", .select = row->select, .conditions = {row->condition}}}};
    struct suite_set *set = test_suites_compile(&suite, 1);
    struct engine engine;
    engine_init(&engine, set);
    for (size_t i = 0; i < COUNT(spans); i++) {
        assert_int_equal(engine_add(&engine, &spans[turned ? COUNT(spans) - 1 - i : i]), 0);
    }
    const struct judgement *judgement = engine_close(&engine, 10);
    assert_int_equal(judgement->verdict, RESULT_FAIL);
    uint32_t found[MOST];
    uint32_t count = deciding_spans(&engine.judge, judgement, found, MOST, &engine.scratch);
    for (uint32_t i = 0; i < count; i++) {
        ret[i] = engine.trace.spans[found[i]].id;
    }
    engine_deinit(&engine);
    suite_set_unref(set);
    return count;
}

static void each_condition_names_the_spans_it_hangs_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        const struct row *row = &rows[i / 2];
        span_id found[MOST] = {0};
        uint32_t count = find(row, i % 2 != 0, found);
        uint32_t expected = 0;
        while (expected < MOST && row->ids[expected] != 0) {
            expected++;
        }
        if (count != expected) {
            print_error("%s: %u spans\n", row->condition, (unsigned)count);
        }
        assert_int_equal(count, expected);
        for (uint32_t k = 0; k < count; k++) {
            if (found[k] != row->ids[k]) {
                print_error("%s: place %u\n", row->condition, (unsigned)k);
            }
            assert_int_equal(found[k], row->ids[k]);
        }
    }
}

/* Each once, and no more than there is room for. */
static void the_list_is_bounded(void **state)
{
    const struct test_suite suite = {
        .name = "s",
        .assertions = {{.name = "a", .select = "span[]", .conditions = {"n = 2", "count = 9"}}}};
    struct suite_set *set = test_suites_compile(&suite, 1);
    struct engine engine;
    (void)state;
    engine_init(&engine, set);
    for (size_t i = 0; i < COUNT(spans); i++) {
        assert_int_equal(engine_add(&engine, &spans[i]), 0);
    }
    const struct judgement *judgement = engine_close(&engine, 10);
    for (uint32_t most = 0; most <= MOST; most++) {
        uint32_t found[MOST];
        uint32_t count = deciding_spans(&engine.judge, judgement, found, most, &engine.scratch);
        assert_int_equal(count, most < COUNT(spans) ? most : COUNT(spans));
    }
    engine_deinit(&engine);
    suite_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_condition_names_the_spans_it_hangs_on),
        cmocka_unit_test(the_list_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
