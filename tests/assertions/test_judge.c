/* What assertions come to on small traces, row by row of SEMANTICS 4 and 5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/assertions/judge_rows.h"

static void whole_traces_give_what_the_conditions_say(void **state)
{
    (void)state;
    static const struct judge_row rows[] = {
        /* all, any, none */
        {WHOLE, SELECT("span[name=insert]", "n >= 5"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "n >= 6"), RESULT_FAIL, RESULT_FAIL,
         .reason = "does not hold", .failures = 1},
        {WHOLE, SELECT("span[name=insert]", "n > 9"), RESULT_FAIL, RESULT_FAIL, .failures = 2},
        {WHOLE, SELECT("span[name=insert]", "any: n = 7"), RESULT_PASS, RESULT_PASS},
        {WHOLE, SELECT("span[name=insert]", "any: n = 8"), RESULT_FAIL, RESULT_OPEN, true,
         "no span", .failures = 1},
        {WHOLE, SELECT("span[name=insert]", "none: n = 8"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "none: n = 7"), RESULT_FAIL, RESULT_FAIL,
         .reason = "none"},
        /* missing attributes */
        {WHOLE, SELECT("span[name=insert]", "t = x"), RESULT_FAIL, RESULT_OPEN,
         .reason = "attribute missing: t"},
        {WHOLE, SELECT("span[name=insert]", "t != x"), RESULT_FAIL, RESULT_FAIL},
        {WHOLE, SELECT("span[name=insert]", "any: t = x"), RESULT_PASS, RESULT_PASS},
        {WHOLE, SELECT("span[name=insert]", "none: t = y"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "not (t = x)"), RESULT_FAIL, RESULT_FAIL},
        /* can't be compared */
        {WHOLE, SELECT("span[name=insert]", "n =~ 'x'"), RESULT_ERROR, RESULT_OPEN,
         .reason = "can't be compared"},
        {WHOLE, SELECT("span[name=insert]", "any: n =~ 'x'"), RESULT_ERROR, RESULT_OPEN, true},
        {WHOLE, SELECT("span[name=insert]", "any: t =~ 'x'"), RESULT_PASS, RESULT_PASS},
        {WHOLE, SELECT("span[name=insert]", "n =~ 'x'", "n > 6"), RESULT_FAIL, RESULT_FAIL,
         .failures = 3},
        /* nothing selected */
        {WHOLE, SELECT("span[name=gone]", "n = 1"), RESULT_FAIL, RESULT_OPEN, true,
         "no span matched"},
        {WHOLE, SELECT("span[name=Inset]", "n = 1"), RESULT_FAIL, RESULT_OPEN, true,
         "nearest is 'insert' of 'db', removed by name=Inset"},
        {WHOLE, SELECT("span[n=77]", "n = 1"), RESULT_FAIL, RESULT_OPEN, true, "removed by n=77"},
        {WHOLE, SELECT("span[name=gone]", "any: n = 1"), RESULT_FAIL, RESULT_OPEN, true},
        {WHOLE, SELECT("span[name=gone]", "none: n = 1"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=gone]", "count = 0"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert n=6]", "n = 6"), RESULT_FAIL, RESULT_OPEN, true,
         "nearest is 'insert' of 'db', removed by n=6"},
        {WHOLE, SELECT("span[name=insert] > span[name=order]", "kind = server"), RESULT_FAIL,
         RESULT_OPEN, true, "fits but for its place"},
        /* counts */
        {WHOLE, SELECT("span[name=insert]", "count = 2"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "count = 1"), RESULT_FAIL, RESULT_FAIL},
        {WHOLE, SELECT("span[name=insert]", "count = 3"), RESULT_FAIL, RESULT_OPEN, true,
         "number of spans"},
        {WHOLE, SELECT("span[name=insert n=6]", "count = 1"), RESULT_FAIL, RESULT_OPEN, true,
         "removed by n=6"},
        {WHOLE, SELECT("span[name=insert]", "attr:t exists"), RESULT_FAIL, RESULT_OPEN,
         .reason = "attribute missing: attr:t"},
        {WHOLE, SELECT("span[name=insert]", "t missing"), RESULT_FAIL, RESULT_FAIL,
         .reason = "attribute is there: t"},
        {WHOLE, SELECT("span[name=insert]", "count <= 2"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]", "count <= 1"), RESULT_FAIL, RESULT_FAIL},
        {WHOLE, SELECT("span[name=insert]", "count >= 2"), RESULT_PASS, RESULT_PASS},
        {WHOLE, SELECT("span[name=insert]", "count > 2"), RESULT_FAIL, RESULT_OPEN, true},
        {WHOLE, SELECT("span[name=insert]", "count != 1"), RESULT_PASS, RESULT_PASS},
        {WHOLE, SELECT("span[name=insert]", "count >= 0"), RESULT_PASS, RESULT_PASS},
        {WHOLE, SELECT("span[name=insert]", "count < 1.5"), RESULT_FAIL, RESULT_FAIL},
        {WHOLE, SELECT("span[name=insert]", "not (count >= 2)"), RESULT_FAIL, RESULT_FAIL},
        /* pseudo-classes wait for the end */
        {WHOLE, SELECT("span[name=insert]:first", "n = 5"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]:last", "n = 5"), RESULT_FAIL, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]:nth_child(2)", "n = 7"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]:nth_child(3)", "n = 7"), RESULT_FAIL, RESULT_OPEN, true},
        {WHOLE, SELECT("span[name=insert]:first", "count >= 1"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, SELECT("span[name=insert]:first", "count >= 0"), RESULT_PASS, RESULT_PASS},
        {WHOLE, SELECT("span[name=insert]:first, span[name=order]", "count = 2"), RESULT_PASS,
         RESULT_OPEN},
        /* a span that ends before it starts */
        {.spans = {ROOT, BACKWARDS},
         SELECT("span[name=skewed]", "duration < 5ns"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN,
         .reason = "clock"},
        {.spans = {ROOT, BACKWARDS},
         SELECT("span[name=skewed]", "none: duration < 5ns"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN},
        {.spans = {ROOT, BACKWARDS},
         SELECT("span[name=skewed duration < 5ns]", "count = 0"),
         RESULT_PASS,
         RESULT_OPEN},
        {.spans = {ROOT, BACKWARDS},
         SELECT("span[name=skewed]", "duration exists"),
         RESULT_PASS,
         RESULT_OPEN},
        {.spans = {ROOT, BACKWARDS},
         NAMES("$skewed.duration < 5ns"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN,
         .reason = "clock"},
        {.spans = {ROOT, BACKWARDS},
         NAMES("$skewed.start - $root.start < 5ns"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN},
    };
    CHECK(rows);
}

static void names_need_exactly_one_span(void **state)
{
    (void)state;
    static const struct judge_row rows[] = {
        {WHOLE, NAMES("$root.kind = server"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$root.kind = client"), RESULT_FAIL, RESULT_FAIL},
        {WHOLE, NAMES("$gone.n = 1"), RESULT_FAIL, RESULT_OPEN, true, "$gone matched no span"},
        {WHOLE, NAMES("$row.n = 5"), RESULT_FAIL, RESULT_FAIL,
         .reason = "$row matched 2 spans, needs one"},
        {WHOLE, NAMES("$first.n = 5"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$first.n = 6"), RESULT_FAIL, RESULT_OPEN},
        {WHOLE, NAMES("not ($gone.n = 1)"), RESULT_FAIL, RESULT_OPEN, true,
         "$gone matched no span"},
        {WHOLE, NAMES("not ($root.n = 1)"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$root.n =~ 'x'"), RESULT_FAIL, RESULT_OPEN,
         .reason = "attribute missing: n"},
        {WHOLE, NAMES("$first.n =~ 'x'"), RESULT_ERROR, RESULT_OPEN},
        {WHOLE, NAMES("count($row) = 2"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("count($row) <= 1"), RESULT_FAIL, RESULT_FAIL},
        {WHOLE, NAMES("count($gone) = 0"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$root.end - $root.start = 80ns"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, NAMES("$root.end - $root.start = 81ns"), RESULT_FAIL, RESULT_FAIL},
        {WHOLE, NAMES("$first.start - $root.start < 10ns"), RESULT_FAIL, RESULT_OPEN},
        {WHOLE, NAMES("$row.start - $gone.end < 5ns"), RESULT_FAIL, RESULT_FAIL,
         .reason = "$gone matched no span"},
        {WHOLE, NAMES("$root.start - $gone.end < 5ns"), RESULT_FAIL, RESULT_OPEN, true,
         "$gone matched no span"},
        {WHOLE, NAMES("$root.start - $row.end < 5ns"), RESULT_FAIL, RESULT_FAIL,
         .reason = "$row matched 2 spans"},
        {.spans = {ROOT, BACKWARDS},
         NAMES("$skewed.start - $gone.start < 5ns"),
         RESULT_FAIL,
         RESULT_OPEN,
         true,
         "$gone"},
        /* a selection that is empty does not matter to names */
        {WHOLE, SELECT("span[name=gone]", "$root.kind = server"), RESULT_PASS, RESULT_OPEN},
    };
    CHECK(rows);
}

static void the_record_is_read_like_a_name(void **state)
{
    (void)state;
    static const struct judge_row rows[] = {
        {WHOLE, NAMES("$injection.status = 200"), RESULT_PASS, RESULT_PASS, .injected = true},
        {WHOLE, NAMES("$injection.status = 500"), RESULT_FAIL, RESULT_FAIL, .injected = true},
        {WHOLE, NAMES("$injection.status = 200"), RESULT_FAIL, RESULT_OPEN, true,
         "no injection record"},
        {WHOLE, NAMES("$injection.step = pay"), RESULT_FAIL, RESULT_FAIL, .injected = true,
         .reason = "the injection record has no step"},
        {WHOLE, NAMES("$injection.step missing"), RESULT_PASS, RESULT_PASS, .injected = true},
        {WHOLE, NAMES("$root.start - $injection.time = 5ns"), RESULT_PASS, RESULT_OPEN,
         .injected = true},
        {WHOLE, NAMES("$root.start - $injection.time < 5ns"), RESULT_FAIL, RESULT_FAIL,
         .injected = true},
        {WHOLE, NAMES("$root.start - $injection.time < 5ns"), RESULT_FAIL, RESULT_OPEN, true,
         "no injection record"},
        {WHOLE, NAMES("$row.start - $injection.time < 5ns"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, NAMES("$injection.status = 200"), RESULT_FAIL, RESULT_OPEN, true,
         "no injection record"},
        {SHORT, NAMES("$injection.status = 200"), RESULT_PASS, RESULT_PASS, .injected = true},
    };
    CHECK(rows);
}

#define OPTIONAL(selector, ...)                                                                    \
    .assertion = {.name = "it", .select = (selector), .conditions = {__VA_ARGS__}, .optional = true}
#define WHEN(condition, ...)                                                                       \
    .assertion = {.name = "it", .when = (condition), .conditions = {__VA_ARGS__}}

static void optional_and_when_skip(void **state)
{
    (void)state;
    static const struct judge_row rows[] = {
        {WHOLE, OPTIONAL("span[name=gone]", "n = 1", "count = 1"), RESULT_SKIPPED, RESULT_OPEN},
        {WHOLE, OPTIONAL("span[name=gone]", "$row.n = 1"), RESULT_SKIPPED, RESULT_OPEN},
        {WHOLE, OPTIONAL("span[name=insert]", "n = 1"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, OPTIONAL("span[name=gone]", "n = 1", "count = 1"), RESULT_INCONCLUSIVE, RESULT_OPEN,
         .failures = 2},
        /* a pseudo-class may yet select nothing, so nothing is told */
        {WHOLE, OPTIONAL("span[name=order]:first span[name=insert]", "count >= 0"), RESULT_PASS,
         RESULT_OPEN},
        {WHOLE, OPTIONAL("span[name=order]:first span[name=insert]", "$row.n = 1"), RESULT_FAIL,
         RESULT_OPEN},
        {WHOLE, WHEN("span[name=insert]", "count($gone) = 0"), RESULT_PASS, RESULT_OPEN},
        {WHOLE, WHEN("span[name=gone]", "count($gone) = 1"), RESULT_SKIPPED, RESULT_OPEN},
        {WHOLE, WHEN("$root.kind = server", "$row.n = 1"), RESULT_FAIL, RESULT_OPEN},
        {WHOLE, WHEN("$root.kind = client", "$row.n = 1"), RESULT_SKIPPED, RESULT_OPEN},
        {WHOLE, WHEN("$gone.n = 1", "$row.n = 1"), RESULT_SKIPPED, RESULT_OPEN},
        {WHOLE, WHEN("$row.n = 1", "$row.n = 1"), RESULT_SKIPPED, RESULT_OPEN},
        {WHOLE, WHEN("$first.n =~ 'x'", "count($gone) = 0"), RESULT_ERROR, RESULT_OPEN,
         .failures = 1},
        {WHOLE, WHEN("$injection.status = 200", "count($gone) = 0"), RESULT_SKIPPED, RESULT_OPEN},
        {WHOLE, WHEN("$injection.status = 200", "count($gone) = 0"), RESULT_PASS, RESULT_OPEN,
         .injected = true},
        {SHORT, WHEN("$injection.status = 200", "count($row) = 1"), RESULT_FAIL, RESULT_OPEN,
         .injected = true},
        {SHORT, WHEN("$root.kind = client", "$row.n = 1"), RESULT_INCONCLUSIVE, RESULT_OPEN,
         .reason = "parents", .failures = 1},
        {SHORT, WHEN("span[name=insert]", "$row.n = 1"), RESULT_INCONCLUSIVE, RESULT_OPEN,
         .failures = 1},
        {SHORT, WHEN("$first.n =~ 'x'", "count($gone) = 0"), RESULT_ERROR, RESULT_OPEN},
        {.spans = {ROOT, BACKWARDS},
         WHEN("$skewed.duration < 5ns", "count($gone) = 0"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN,
         .reason = "clock"},
    };
    CHECK(rows);
}

static void in_a_short_trace_only_what_stays_is_known(void **state)
{
    (void)state;
    static const struct judge_row rows[] = {
        {SHORT, SELECT("span[name=insert]", "n >= 5"), RESULT_INCONCLUSIVE, RESULT_OPEN,
         .reason = "evidence = 'lenient'", .failures = 1},
        {SHORT, SELECT("span[name=insert]", "n >= 5"), RESULT_PASS, RESULT_OPEN, .lenient = true},
        {SHORT, SELECT("span[name=insert]", "n >= 6"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, SELECT("span[name=insert]:first", "n >= 6"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, SELECT("span[name=insert]:first", "n =~ 'x'"), RESULT_ERROR, RESULT_OPEN},
        {SHORT, SELECT("span[name=insert]", "n =~ 'x'"), RESULT_ERROR, RESULT_OPEN},
        {SHORT, SELECT("span[name=insert]", "any: n = 7"), RESULT_PASS, RESULT_PASS},
        {SHORT, SELECT("span[name=insert]", "any: n = 8"), RESULT_INCONCLUSIVE, RESULT_OPEN, true},
        {SHORT, SELECT("span[name=insert]", "any: n =~ 'x'"), RESULT_INCONCLUSIVE, RESULT_OPEN,
         true},
        {SHORT, SELECT("span[name=insert]", "none: n = 8"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, SELECT("span[name=insert]", "none: n = 7"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, SELECT("span[name=gone]", "none: n = 7"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, SELECT("span[name=gone]", "n = 7"), RESULT_INCONCLUSIVE, RESULT_OPEN, true},
        {SHORT, SELECT("span[name=insert]", "count = 2"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, SELECT("span[name=insert]", "count = 1"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, SELECT("span[name=insert]", "count = 3"), RESULT_INCONCLUSIVE, RESULT_OPEN, true},
        {SHORT, SELECT("span[name=insert]", "count >= 2"), RESULT_PASS, RESULT_PASS},
        {SHORT, SELECT("span[name=insert]", "count >= 3"), RESULT_INCONCLUSIVE, RESULT_OPEN, true},
        {SHORT, SELECT("span[name=insert]", "count >= 0"), RESULT_PASS, RESULT_PASS},
        {SHORT, SELECT("span[name=insert]:first", "count >= 1"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, NAMES("$root.kind = server"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, NAMES("$root.kind = client"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, NAMES("$gone.n = 1"), RESULT_INCONCLUSIVE, RESULT_OPEN, true},
        {SHORT, NAMES("$row.n = 1"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, NAMES("$first.n = 1"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {SHORT, NAMES("$first.n =~ 'x'"), RESULT_ERROR, RESULT_OPEN},
        {SHORT, NAMES("$row.start - $gone.end < 5ns"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, NAMES("$root.start - $gone.end < 5ns"), RESULT_INCONCLUSIVE, RESULT_OPEN, true},
        {SHORT, NAMES("$root.end - $root.start = 81ns"), RESULT_FAIL, RESULT_FAIL},
        {SHORT, NAMES("$root.end - $root.start = 80ns"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        /* one missing parent above all is the load generator's span; two are too many */
        {.spans = {ORPHAN}, SELECT("span[]", "name = mail"), RESULT_PASS, RESULT_OPEN},
        {.spans = {ORPHAN, {.id = 8, .parent = 78, .name = "mail"}},
         SELECT("span[]", "name = mail"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN},
        /* flags that say "not sampled" */
        {.spans = {ROOT, {.id = 6, .parent = 1, .name = "x", .flags = 2}},
         SELECT("span[name=order]", "kind = server"),
         RESULT_INCONCLUSIVE,
         RESULT_OPEN,
         .reason = "not sampled",
         .lenient = true},
        {.spans = {ROOT, {.id = 6, .parent = 1, .name = "x", .flags = 0x100}},
         SELECT("span[name=order]", "kind = server"),
         RESULT_PASS,
         RESULT_OPEN},
    };
    CHECK(rows);
}

#define LOSSY .spans = {ROOT, ROW_A, DROPPED}

static void dropped_attributes_make_unknown_what_reads_them(void **state)
{
    (void)state;
    static const struct judge_row rows[] = {
        {LOSSY, SELECT("span[name=lossy]", "n = 5"), RESULT_INCONCLUSIVE, RESULT_OPEN,
         .reason = "dropped"},
        {LOSSY, SELECT("span[name=lossy]", "resource:n = 5"), RESULT_PASS, RESULT_OPEN},
        {LOSSY, SELECT("span[name=lossy]", "n exists"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {LOSSY, SELECT("span[name=lossy]", "not (n = 6)"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {LOSSY, SELECT("span[name=lossy]", "event:n missing"), RESULT_PASS, RESULT_OPEN},
        {LOSSY, NAMES("$lossy.n = 5"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {LOSSY, SELECT("span[attr:n = 5]", "count = 1"), RESULT_INCONCLUSIVE, RESULT_OPEN,
         .reason = "may have been dropped"},
        {LOSSY, SELECT("span[attr:n = 5]", "count >= 1"), RESULT_PASS, RESULT_PASS},
        {LOSSY, SELECT("span[attr:n = 5]", "n = 6"), RESULT_FAIL, RESULT_FAIL},
        {LOSSY, SELECT("span[attr:n missing]", "name = order"), RESULT_INCONCLUSIVE, RESULT_OPEN},
        {LOSSY, SELECT("span[attr:n missing name=order]", "name = order"), RESULT_PASS,
         RESULT_OPEN},
        {LOSSY, SELECT("span[name=order]", "name = order"), RESULT_PASS, RESULT_OPEN},
        {LOSSY, SELECT("span[attr:n = 5]:first", "n = 5"), RESULT_PASS, RESULT_OPEN},
        {LOSSY, SELECT("span[attr:n = 5]:last", "n = 5"), RESULT_INCONCLUSIVE, RESULT_OPEN, true},
        /* the suite takes the trace only by what may have been dropped */
        {LOSSY, SELECT("span[name=insert]", "n = 5"), RESULT_INCONCLUSIVE, RESULT_OPEN,
         .reason = "took the trace", .traces = "span[name=lossy attr:n missing]"},
        {LOSSY, SELECT("span[name=insert]", "n = 6"), RESULT_FAIL, RESULT_OPEN,
         .traces = "span[name=lossy attr:n missing]"},
    };
    CHECK(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_traces_give_what_the_conditions_say),
        cmocka_unit_test(names_need_exactly_one_span),
        cmocka_unit_test(the_record_is_read_like_a_name),
        cmocka_unit_test(optional_and_when_skip),
        cmocka_unit_test(in_a_short_trace_only_what_stays_is_known),
        cmocka_unit_test(dropped_attributes_make_unknown_what_reads_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
