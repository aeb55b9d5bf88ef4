/* Expressions in conditions, outputs and samples, judged on small traces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/sample.h"
#include "tests/assertions/judge_rows.h"

static void expressions_read_whatever_is_there(void **state)
{
    static const struct judge_row rows[] = {
        /* of one span: judged as it comes */
        {WHOLE, SELECT("span[name=insert]", "n + 1 >= 6"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "n * 2 > 10"), RESULT_FAIL, RESULT_FAIL,
         .reason = "does not hold", .failures = 1},
        {WHOLE, SELECT("span[name=insert]", "any: n * 2 > 10"), RESULT_PASS, RESULT_PASS},
        {WHOLE, SELECT("span[name=insert]", "none: n * 2 > 99"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "lower(t) = x"), RESULT_FAIL, RESULT_OPEN,
         .reason = "attribute missing: t"},
        {WHOLE, SELECT("span[name=insert]", "n / 0 > 1"), RESULT_ERROR, RESULT_OPEN,
         .reason = "can't be compared: n / 0: division by zero"},
        {WHOLE, SELECT("span[name=insert]", "(n = 5) or (t = x)"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert n * 2 > 10]", "count = 1"), RESULT_PASS, RESULT_OPEN},
        {.spans = {ROOT, BACKWARDS},
         SELECT("span[name=skewed]", "duration * 2 < 1s"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN,
         .reason = "clock"},
        /* of one name */
        {WHOLE, NAMES("$root.duration / 2 = 40ns"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$root.duration / 2 = 41ns"), RESULT_FAIL, RESULT_FAIL},
        {WHOLE, NAMES("$gone.n + 1 = 1"), RESULT_FAIL, RESULT_OPEN, true, "$gone matched no span"},
        {WHOLE, NAMES("$row.n + 1 = 1"), RESULT_FAIL, RESULT_FAIL, .reason = "needs one"},
        /* of several */
        {WHOLE, NAMES("$root.start < $first.start"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$root.start > $first.start"), RESULT_FAIL, RESULT_OPEN},
        {WHOLE, NAMES("$root.end - $root.start > $first.duration * 10"), RESULT_FAIL, RESULT_OPEN},
        {WHOLE, NAMES("$root.n = $first.n"), RESULT_FAIL, RESULT_OPEN,
         .reason = "attribute missing: $root.n"},
        {WHOLE, NAMES("$root.n = $gone.n"), RESULT_FAIL, RESULT_OPEN, true,
         "$gone matched no span"},
        {WHOLE, NAMES("$row.n = $gone.n"), RESULT_FAIL, RESULT_FAIL, false,
         "$gone matched no span"},
        {WHOLE, NAMES("$root.n = $row.n"), RESULT_FAIL, RESULT_FAIL, .reason = "needs one"},
        {WHOLE, NAMES("($root.n = 1) or ($first.n = 5)"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$first.n + $first.n < $first.n / 0"), RESULT_ERROR, RESULT_OPEN},
        {WHOLE, NAMES("$root.status != $root.kind"), RESULT_PASS, RESULT_OPEN},
        {.spans = {ROOT, BACKWARDS},
         NAMES("$root.duration > $skewed.duration"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN,
         .reason = "clock"},
        {WHOLE, NAMES("$root.start - $first.start < -2ns * 4"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$injection.time < $root.start"), RESULT_PASS, RESULT_OPEN, .injected = true},
        /* of numbers */
        {WHOLE, NAMES("count($row) = count($root) * 2"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("count($row) = count($root)"), RESULT_FAIL, RESULT_OPEN, true,
         "does not hold"},
        {WHOLE, SELECT("span[name=insert]", "count = count($row)"), RESULT_PASS, RESULT_OPEN},
        /* of the selected spans and more */
        {WHOLE, SELECT("span[name=insert]", "start >= $root.start"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "n = $first.n"), RESULT_FAIL, RESULT_OPEN,
         .failures = 1},
        {WHOLE, SELECT("span[name=insert]", "any: n > $first.n"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "n = $gone.n"), RESULT_FAIL, RESULT_OPEN, true,
         "$gone matched no span"},
        {WHOLE, SELECT("span[name=gone]", "none: n = $gone.n"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "(n = 5) or (count = 2)"), RESULT_PASS, RESULT_OPEN},
        /* of the record */
        {WHOLE, NAMES("$injection.status / 2 = 100"), RESULT_PASS, RESULT_PASS, .injected = true},
        {WHOLE, NAMES("$injection.status / 2 = 100"), RESULT_FAIL, RESULT_OPEN, true,
         "no injection record"},
        {WHOLE, NAMES("$injection.status = $first.n * 40"), RESULT_PASS, RESULT_OPEN,
         .injected = true},
        {WHOLE, SELECT("span[name=insert]", "n < $injection.status"), RESULT_PASS, RESULT_OPEN,
         .injected = true},
        {WHOLE, NAMES("$injection.nothing = $root.kind"), RESULT_FAIL, RESULT_FAIL,
         .injected = true, .reason = "value missing: $injection.nothing"},
        /* in a short trace only what stays is known */
        {SHORT, SELECT("span[name=insert]", "n + 1 >= 6"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, SELECT("span[name=insert]", "n + 1 >= 7"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, NAMES("$root.start < $first.start"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, NAMES("$root.status = $root.kind"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, NAMES("$root.n = $row.n"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, NAMES("count($row) = count($root)"), RESULT_INCONCLUSIVE, RESULT_OPEN, true},
        {SHORT, SELECT("span[name=insert]", "start < $root.start"), RESULT_FAIL, RESULT_OPEN},
        {SHORT, SELECT("span[name=insert]", "start > $root.start"), RESULT_INCONCLUSIVE,
         RESULT_OPEN},
        {SHORT, NAMES("$injection.status / 2 = 1"), RESULT_FAIL, RESULT_FAIL, .injected = true},
        /* nothing but what stands there */
        {WHOLE, NAMES("length('ab') = 2"), RESULT_PASS, RESULT_PASS},
        {WHOLE, NAMES("length('ab') = 3"), RESULT_FAIL, RESULT_FAIL},
    };
    (void)state;
    CHECK(rows);
}

/* What a suite captures from the whole trace, as its verdict says it. */
static void outputs_are_captured_when_the_trace_closes(void **state)
{
    static const struct test_suite suite = {
        .name = "suite",
        .spans = {{"root", "span[kind=server]"},
                  {"row", "span[name=insert]"},
                  {"last", "span[name=insert]:last"},
                  {"gone", "span[name=gone]"}},
        .variables = {{"factor", "2"}},
        .outputs = {{"n", "$last.n"},
                    {"twice", "output:n * var:factor"},
                    {"took", "$root.duration + 5ns"},
                    {"text", "f'${output:n}/${$last.t}'"},
                    {"several", "$row.n"},
                    {"none", "$gone.n"},
                    {"rows", "count($row)"},
                    {"broken", "output:n / 0"}},
        .assertions = {{.name = "it", .conditions = {"output:twice = 14", "output:rows = 2"}},
                       {.name = "gone", .conditions = {"output:none = 1"}},
                       {.name = "skipped", .when = "output:n > 7", .conditions = {"$gone.n = 1"}}},
    };
    static const struct span_build spans[] = {ROOT, ROW_B, ROW_A};
    static const char *const wanted[] = {"7", "14", "85ns", "7/x", "", "", "2", ""};
    static const enum result results[] = {RESULT_PASS, RESULT_FAIL, RESULT_SKIPPED};
    struct engine engine;
    struct buf text = BUF_NULL;
    (void)state;
    struct suite_set *set = test_suites_compile(&suite, 1);
    engine_init(&engine, set);
    for (size_t i = 0; i < 3; i++) {
        engine_add(&engine, &spans[i]);
    }
    const struct judgement *judgement = engine_close(&engine, 10);
    assert_int_equal(judgement->output_count, 8);
    for (uint32_t i = 0; i < 8; i++) {
        buf_reset(&text);
        assert_true(bytes_is(judgement->outputs[i].name, suite.outputs[i].name));
        if (judgement->outputs[i].value.type == SEEN_NOTHING) {
            assert_string_equal(wanted[i], "");
            continue;
        }
        seen_print(&text, &judgement->outputs[i].value);
        if (!bytes_is(buf_bytes(&text), wanted[i])) {
            fail_msg("%s: %.*s", suite.outputs[i].name, (int)text.len, (const char *)text.data);
        }
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(judgement->results[i].result, results[i]);
    }
    buf_deinit(&text);
    engine_deinit(&engine);
    suite_set_unref(set);
}

/* Only plain differences are judged within what the clocks of two processes allow. */
static void times_of_several_clocks_are_not_computed_with(void **state)
{
    static const struct {
        const char *condition;
        enum result result;
        const char *reason;
    } rows[] = {
        {"$root.start + 5ns < $first.start", RESULT_INCONCLUSIVE, "several clocks"},
        {"$root.start + 5ns < $first.start + $first.duration", RESULT_INCONCLUSIVE, "several"},
        {"$root.duration > $first.duration", RESULT_PASS, NULL},
        {"$root.end - $root.start > $first.duration", RESULT_PASS, NULL},
        {"$last.start - $first.start > $first.duration", RESULT_PASS, NULL},
    };
    static const struct span_build spans[] = {ROOT, ROW_B, ROW_A};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_suite suite = {
            .name = "suite",
            .estimates_skew = true,
            .spans = {{"root", "span[kind=server]"},
                      {"first", "span[name=insert]:first"},
                      {"last", "span[name=insert]:last"}},
            .assertions = {{.name = "it", .conditions = {rows[i].condition}}},
        };
        struct engine engine;
        struct suite_set *set = test_suites_compile(&suite, 1);
        engine_init(&engine, set);
        for (size_t k = 0; k < 3; k++) {
            engine_add(&engine, &spans[k]);
        }
        const struct assertion_result *result = engine_close(&engine, 3)->results;
        struct bytes reason =
            result->failure_count != 0 ? result->failures[0].reason : BYTES_LITERAL("");
        if (result->result != rows[i].result ||
            (rows[i].reason != NULL && !bytes_contain(reason, bytes_of(rows[i].reason)))) {
            fail_msg("%s: %s: %.*s", rows[i].condition, result_name(result->result),
                     (int)reason.len, (const char *)reason.data);
        }
        engine_deinit(&engine);
        suite_set_unref(set);
    }
}

struct taken {
    struct sample sample;
    int count;
};

static void take_sample(void *self, const struct sample *sample)
{
    struct taken *taken = self;
    taken->sample = *sample;
    taken->count++;
}

static void expressions_are_sampled(void **state)
{
    static const struct {
        const char *rule;
        int count;
        enum sample_outcome outcome;
        double value;
    } rows[] = {
        {"avg($root.duration + $last.duration) < 5s", 1, SAMPLE_VALUE, 100},
        {"avg($root.duration / 2) < 5s", 1, SAMPLE_VALUE, 40},
        {"max(output:twice) < 5", 1, SAMPLE_VALUE, 14},
        {"max($last.n / 2) < 5", 1, SAMPLE_VALUE, 3.5},
        {"p(50)($root.duration - $gone.duration) < 5s", 1, SAMPLE_ABSENT, 0},
        {"p(50)($gone.duration * 2) < 5s", 0, SAMPLE_NONE, 0},
        {"p(50)($row.duration * 2) < 5s", 0, SAMPLE_NONE, 0},
        {"min($last.n / 0) < 5", 0, SAMPLE_NONE, 0},
        {"min($last.nothing + 1) < 5", 0, SAMPLE_NONE, 0},
        {"min($last.t | length) < 5", 1, SAMPLE_VALUE, 1},
        {"min($injection.status + 1) < 5", 0, SAMPLE_NONE, 0},
        /* of the whole trace */
        {"max(trace:spans) < 5", 1, SAMPLE_VALUE, 3},
        {"p(95)(trace:duration) < 5s", 1, SAMPLE_VALUE, 80},
        {"avg(trace:duration - $root.duration) < 5s", 1, SAMPLE_VALUE, 0},
        {"avg(sum(n in $row)) < 5", 1, SAMPLE_VALUE, 12},
        {"avg(sum($row.n * 2)) < 5", 1, SAMPLE_VALUE, 24},
        {"avg(max($row.n) - min($row.n)) < 5", 1, SAMPLE_VALUE, 2},
        {"avg(trace:spans / count($row)) < 5", 1, SAMPLE_VALUE, 1.5},
        {"max(output:most) < 5", 1, SAMPLE_VALUE, 7},
        {"max($root.span:self_time) < 5s", 1, SAMPLE_VALUE, 50},
        {"max(each $row.span:self_time) < 5s", 2, SAMPLE_VALUE, 20},
        {"max(gap($root, $gone)) < 5s", 1, SAMPLE_ABSENT, 0},
        {"max(gap($gone, $gone)) < 5s", 0, SAMPLE_NONE, 0},
        {"max(lag($root, $row)) < 5s", 1, SAMPLE_VALUE, -50},
        {"max(lag($root, $gone)) < 5s", 1, SAMPLE_ABSENT, 0},
        {"max(lag($row, $root)) < 5s", 0, SAMPLE_NONE, 0},
        {"max(sum(n in $gone)) < 5", 0, SAMPLE_NONE, 0},
        {"max(sum(n in $gone) + $last.n) < 5", 1, SAMPLE_ABSENT, 0},
        {"max(sum(n in $gone) + trace:spans) < 5", 0, SAMPLE_NONE, 0},
        {"max(coalesce(sum(n in $gone), 5)) < 5", 1, SAMPLE_VALUE, 5},
        {"max(sum($row.t)) < 5", 0, SAMPLE_NONE, 0},
        {"max($gone.n + sum(n in $row)) < 5", 1, SAMPLE_ABSENT, 0},
        {"max($row.span:self_time) < 5s", 0, SAMPLE_NONE, 0},
    };
    static const struct span_build spans[] = {ROOT, ROW_B, ROW_A};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct test_suite suite = {
            .name = "suite",
            .spans = {{"root", "span[kind=server]"},
                      {"row", "span[name=insert]"},
                      {"last", "span[name=insert]:last"},
                      {"gone", "span[name=gone]"}},
            .outputs = {{"twice", "$last.n * 2"}, {"most", "max(n in $row)"}},
            .thresholds = {{.name = "it", .rule = rows[i].rule}},
        };
        struct engine engine;
        struct taken taken = {.count = 0};
        struct suite_set *set = test_suites_compile(&suite, 1);
        engine_init(&engine, set);
        for (size_t k = 0; k < 3; k++) {
            engine_add(&engine, &spans[k]);
        }
        judge_samples(&engine.judge, &set->suites[0], set->suites[0].thresholds[0].rule,
                      &engine.scratch, take_sample, &taken);
        if (taken.count != rows[i].count ||
            (taken.count != 0 && taken.sample.outcome != rows[i].outcome) ||
            (rows[i].outcome == SAMPLE_VALUE && taken.sample.value != rows[i].value)) {
            fail_msg("%s: %d samples, %d, %g", rows[i].rule, taken.count, taken.sample.outcome,
                     taken.sample.value);
        }
        engine_deinit(&engine);
        suite_set_unref(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_read_whatever_is_there),
        cmocka_unit_test(outputs_are_captured_when_the_trace_closes),
        cmocka_unit_test(times_of_several_clocks_are_not_computed_with),
        cmocka_unit_test(expressions_are_sampled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
