/* What the analyzer says of traces that are handed in, and without memory. */
#include "daemon/analysis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/core/clock.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

struct fixture {
    struct suite_settings suite;
    struct config_list list;
    struct suite_set *set;
    struct trace trace;
};

static const struct span_build spans[] = {
    {.id = 1,
     .name = "GET",
     .service = "shop",
     .kind = KIND_CLIENT,
     .start_ns = 1,
     .end_ns = 2,
     .attrs = {ATTR_TEXT("server.address", "10.0.0.1"), ATTR_TEXT("a.b", "")}},
    {.id = 2, .name = "b", .service = "shop", .start_ns = 1, .end_ns = 2},
};

static void fixture_init(struct fixture *fixture, bool analyzer)
{
    const struct completion_settings completion = {true, NS_PER_S, NS_PER_S, 0};
    struct problems problems;
    *fixture = (struct fixture){.suite = {.name = {.text = "s"},
                                          .evidence = EVIDENCE_LENIENT,
                                          .analyzer = {.set = analyzer, .minimum_score = 60}}};
    fixture->list = (struct config_list){&fixture->suite, 1};
    problems_init(&problems);
    assert_int_equal(suite_set_compile(&fixture->set, &fixture->list, &completion, &problems), 0);
    problems_deinit(&problems);
    trace_build(&fixture->trace, spans, 2);
}

static void fixture_deinit(struct fixture *fixture)
{
    trace_deinit(&fixture->trace);
    suite_set_unref(fixture->set);
}

static int analyze(struct fixture *fixture, bool json, struct buf *out, bool *rules, bool *scores)
{
    struct analysis analysis;
    int bad = analysis_begin(&analysis, fixture->set, &fixture->list, json, out);
    bad = bad != 0 ? bad : analysis_add(&analysis, &fixture->trace);
    if (bad == 0) {
        analysis_end(&analysis, rules, scores);
        bad = out->failed;
    }
    analysis_deinit(&analysis);
    return bad;
}

static void the_text_tells_what_is_broken_and_the_gates(void **state)
{
    struct fixture fixture;
    struct buf out = BUF_NULL;
    bool rules = true;
    bool scores = true;
    (void)state;
    fixture_init(&fixture, true);
    assert_int_equal(analyze(&fixture, false, &out, &rules, &scores), 0);
    assert_false(rules);
    assert_false(scores);
    buf_append_char(&out, '\0');
    assert_string_equal((const char *)out.data,
                        "trace 00000000000000000000000000000001, suite 's', 2 spans: score 58.33\n"
                        "  fail         no-empty-attributes (standards, error, weight 25)\n"
                        "             'GET' of 'shop': a.b\n"
                        "  fail         prefer-dns (common, error, weight 100)\n"
                        "             'GET' of 'shop': server.address\n"
                        "1 trace analyzed: score 58.33 on average, 58.33 at least (trace "
                        "00000000000000000000000000000001)\n"
                        "gate rules: fail, 1 trace breaks a rule of level error\n"
                        "gate score: fail, 1 trace is below minimum_score\n");
    buf_deinit(&out);
    fixture_deinit(&fixture);
}

static void without_an_analyzer_there_is_nothing_to_say(void **state)
{
    struct fixture fixture;
    struct buf out = BUF_NULL;
    bool rules;
    bool scores;
    (void)state;
    fixture_init(&fixture, false);
    assert_int_equal(analyze(&fixture, true, &out, &rules, &scores), 1);
    assert_int_equal(out.len, 0);
    fixture_deinit(&fixture);
}

static void memory_may_fail_anywhere(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, true);
    for (int json = 0; json <= 1; json++) {
        int bad = 1;
        for (size_t good = 0; bad != 0; good++) {
            struct buf out = BUF_NULL;
            bool rules = true;
            bool scores = true;
            failing_malloc_begin(good);
            bad = analyze(&fixture, json != 0, &out, &rules, &scores);
            failing_malloc_end();
            assert_true(bad != 0 || (!rules && !scores));
            buf_deinit(&out);
        }
    }
    fixture_deinit(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_tells_what_is_broken_and_the_gates),
        cmocka_unit_test(without_an_analyzer_there_is_nothing_to_say),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
