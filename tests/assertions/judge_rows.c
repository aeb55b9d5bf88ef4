#include "tests/assertions/judge_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct injection record = {
    .has_status = true, .status = 200, .has_time = true, .time_ns = 5, .outcome = INJECTION_OK};

static struct test_suite suite_of(const struct judge_row *row)
{
    return (struct test_suite){
        .name = "suite",
        .traces = row->traces,
        .spans = {{"root", "span[kind=server]"},
                  {"row", "span[name=insert]"},
                  {"skewed", "span[name=skewed]"},
                  {"first", "span[name=insert]:first"},
                  {"gone", "span[name=gone]"},
                  {"lossy", "span[name=lossy]"}},
        .lenient = row->lenient,
        .assertions = {row->assertion},
    };
}

static void explain(const struct judge_row *row, const char *what, const char *wanted,
                    const char *got)
{
    const struct test_assertion *assertion = &row->assertion;
    print_error("%s / %s / when %s: %s: wanted %s, got %s\n",
                assertion->select != NULL ? assertion->select : "-", assertion->conditions[0],
                assertion->when != NULL ? assertion->when : "-", what, wanted, got);
}

static bool reason_fits(const struct judge_row *row, const struct assertion_result *result)
{
    char text[400] = "";
    if (row->reason == NULL) {
        return true;
    }
    if (result->failure_count != 0) {
        struct bytes reason = result->failures[0].reason;
        snprintf(text, sizeof text, "%.*s", (int)reason.len, (const char *)reason.data);
    }
    if (strstr(text, row->reason) == NULL) {
        explain(row, "reason", row->reason, text);
        return false;
    }
    return true;
}

static uint32_t check_row(const struct judge_row *row)
{
    struct test_suite suite = suite_of(row);
    struct engine engine;
    uint32_t wrong = 0;
    engine_init(&engine, test_suites_compile(&suite, 1));
    for (size_t i = 0; i < JUDGE_SPANS_MAX && row->spans[i].name != NULL; i++) {
        assert_int_equal(engine_add(&engine, &row->spans[i]), 0);
    }
    if (row->injected) {
        engine_inject(&engine, &record);
    }
    const struct judgement *certain =
        judge_explain(&engine.judge, 10, &engine.scratch, &engine.out);
    assert_non_null(certain);
    enum result told = certain->applies_for_certain ? certain->results[0].result : RESULT_OPEN;
    if (told != row->early) {
        explain(row, "early", result_name(row->early), result_name(told));
        wrong++;
    }
    const struct judgement *early = judge_early(&engine.judge, &engine.scratch, &engine.out);
    bool same = early == NULL ? told != RESULT_FAIL
                              : early->applies_for_certain == certain->applies_for_certain &&
                                    (told == RESULT_OPEN || early->results[0].result == told);
    if (!same) {
        explain(row, "early look", result_name(told), "another, or no look");
        wrong++;
    }
    if (judge_waits(&engine.judge, &engine.scratch) != row->waits) {
        explain(row, "waits", row->waits ? "yes" : "no", row->waits ? "no" : "yes");
        wrong++;
    }
    const struct assertion_result *result = engine_close(&engine, 10)->results;
    if (result->result != row->result) {
        explain(row, "result", result_name(row->result), result_name(result->result));
        wrong++;
    }
    if (row->failures != 0 && result->failure_count != row->failures) {
        explain(row, "failures", "as many as said", "others");
        wrong++;
    }
    wrong += !reason_fits(row, result);
    suite_set_unref(engine.set);
    engine_deinit(&engine);
    return wrong;
}

void judge_rows_check(const struct judge_row *rows, size_t count)
{
    uint32_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        wrong += check_row(&rows[i]);
    }
    assert_int_equal(wrong, 0);
}
