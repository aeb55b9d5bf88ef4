#include "tests/assertions/whole_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct test_suite suite_of(const struct whole_row *row)
{
    return (struct test_suite){
        .name = "suite",
        .estimates_skew = row->skews,
        .spans = {{"a", "span[name=a]"},
                  {"b", "span[name=b]"},
                  {"c", "span[name=c]"},
                  {"all", "span[]"},
                  {"none", "span[name=nothing]"},
                  {"first", "span[name=a]:first"}},
        .assertions = {{.name = "it", .select = row->select, .conditions = {row->condition}}},
    };
}

static bool holds(const struct whole_row *row, const char *what, const char *wanted,
                  struct bytes got)
{
    char text[1000];
    snprintf(text, sizeof text, "%.*s", (int)got.len, (const char *)got.data);
    if (wanted == NULL || strstr(text, wanted) != NULL) {
        return true;
    }
    print_error("%s: %s: wanted %s, got %s\n", row->condition, what, wanted, text);
    return false;
}

static uint32_t check_failure(const struct whole_row *row, const struct assertion_result *result)
{
    static const struct failure none;
    const struct failure *failure = result->failure_count != 0 ? &result->failures[0] : &none;
    struct buf seen = BUF_NULL;
    uint32_t wrong = !holds(row, "reason", row->reason, failure->reason);
    if (failure->actual.type != SEEN_NOTHING) {
        seen_print(&seen, &failure->actual);
    }
    wrong += !holds(row, "actual", row->actual, buf_bytes(&seen));
    buf_deinit(&seen);
    if (row->span != 0 && failure->span_id != row->span) {
        print_error("%s: wanted span %llu, got %llu\n", row->condition,
                    (unsigned long long)row->span, (unsigned long long)failure->span_id);
        wrong++;
    }
    return wrong;
}

static uint32_t check_row(const struct span_build *spans, const struct whole_row *row,
                          bool backwards)
{
    struct test_suite suite = suite_of(row);
    struct engine engine;
    uint32_t count = 0;
    engine_init(&engine, test_suites_compile(&suite, 1));
    while (count < WHOLE_SPANS_MAX && spans[count].name != NULL) {
        count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        engine_add(&engine, &spans[backwards ? count - 1 - i : i]);
    }
    bool waits = judge_waits(&engine.judge, &engine.scratch);
    const struct assertion_result *result = engine_close(&engine, 10)->results;
    uint32_t wrong = check_failure(row, result);
    if (result->result != row->result) {
        print_error("%s: wanted %s, got %s\n", row->condition, result_name(row->result),
                    result_name(result->result));
        wrong++;
    }
    if (waits != row->waits) {
        print_error("%s: waits: wanted %d, got %d\n", row->condition, row->waits, waits);
        wrong++;
    }
    suite_set_unref(engine.set);
    engine_deinit(&engine);
    return wrong;
}

void whole_check(const struct span_build *spans, const struct whole_row *rows, size_t count)
{
    uint32_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += check_row(spans, &rows[i], false);
        wrong += check_row(spans, &rows[i], true);
    }
    assert_int_equal(wrong, 0);
}
