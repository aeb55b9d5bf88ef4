/* What suites are advised against: selectors that never match, and conditions that others say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/never.h"
#include "assertions/suite.h"
#include "tests/assertions/language_fixture.h"

static const struct {
    const char *selector;
    const char *one, *other; /* NULL: it may match */
} rows[] = {
    {"span[]", NULL, NULL},
    {"span[a=1 a=2]", "a=1", "a=2"},
    {"span[a=1 b=2 a=1.0]", NULL, NULL},
    {"span[a=1 a='1']", NULL, NULL},
    {"span[a=200 a='0200']", "a=200", "a='0200'"},
    {"span[a=1 attr:a=2]", NULL, NULL},
    {"span[event:name=a event:name=b]", NULL, NULL},
    {"span[link:k=a link:k=b]", NULL, NULL},
    {"span[name=a service=b, name=c]", "name=a", "name=c"},
    {"span[name=abc name contains b]", NULL, NULL},
    {"span[name=abc name contains x]", "name=abc", "name contains x"},
    {"span[name=abc name =~ '^b']", "name=abc", "name =~ '^b'"},
    {"span[a=5 a contains 5]", NULL, NULL},
    {"span[a=5 a =~ '^6']", NULL, NULL},
    {"span[a=5 a < 5]", "a=5", "a < 5"},
    {"span[a <= 5 a >= 5]", NULL, NULL},
    {"span[a < 5 a >= 5]", "a < 5", "a >= 5"},
    {"span[a > 5 a < '4.5']", "a > 5", "a < '4.5'"},
    {"span[duration > 1s duration < 1000ms]", "duration > 1s", "duration < 1000ms"},
    {"span[duration > 1s duration < 1001ms]", NULL, NULL},
    {"span[a in (1, 2) a in (3, 4)]", "a in (1, 2)", "a in (3, 4)"},
    {"span[a in (1, 2) a in (2, 3)]", NULL, NULL},
    {"span[a in (1, 2) a not in (2, 1)]", "a in (1, 2)", "a not in (2, 1)"},
    {"span[a exists a missing]", "a exists", "a missing"},
    {"span[a missing a = 1]", "a missing", "a = 1"},
    {"span[a = 1 not (a = 1)]", "a = 1", "not (a = 1)"},
    {"span[a = 1 not (a = 2)]", NULL, NULL},
    {"span[a = 1 not (a = 1 b = 1)]", NULL, NULL},
    {"span[a = 1 not (a exists)]", "a = 1", "not (a exists)"},
    {"span[a missing not (a missing)]", "a missing", "not (a missing)"},
    {"span[name missing]", "name missing", ""},
    {"span[span:parent_id missing]", NULL, NULL},
    {"span[kind=server kind=client]", "kind=server", "kind=client"},
    {"span[kind != server kind != client]", NULL, NULL},
    {"span[status != ok status != error status != unset]", "the filters on status", ""},
    {"span[status != ok not (status in (error, unset))]", "the filters on status", ""},
    {"span[kind contains x]", "the filters on kind", ""},
    {"span[span:type = http span:type starts-with d]", "span:type = http",
     "span:type starts-with d"},
    {"span[a=1], span[a=1 a=2]", "a=1", "a=2"},
    {"span[a=1] > span[b=1 b=2] span[]", "b=1", "b=2"},
    {"span[]:has(> span[b=1 b=2])", "b=1", "b=2"},
    {"span[] > span[]:root", ":root", "having a span above it"},
    {"span[] ~ span[]:root", NULL, NULL},
    {"span[]:root span[]", NULL, NULL},
    {"span[]:leaf span[]", ":leaf", "having a span below it"},
    {"span[]:root << span[]", ":root", "having a span above it"},
    {"span[] < span[]:leaf", ":leaf", "having a span below it"},
    {"span[]:leaf:has(span[])", ":leaf", "having a span below it"},
    {"span[]:root:has(< span[])", ":root", "having a span above it"},
    {"span[]:leaf:has(<< span[]:root)", NULL, NULL},
    {"span[a + 1 = 2 a + 1 = 3]", NULL, NULL},
};

static void a_selector_that_never_matches_is_told(void **state)
{
    (void)state;
    size_t wrong = 0;
    struct language language;
    language_init(&language);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct never never = {BYTES_NULL, BYTES_NULL};
        const struct selector *selector =
            parse_selector(&language.context, bytes_of(rows[i].selector));
        assert_non_null(selector);
        bool told = never_selects(selector, &never);
        bool as_wanted =
            told == (rows[i].one != NULL) &&
            (!told || (bytes_is(never.one, rows[i].one) && bytes_is(never.other, rows[i].other)));
        if (!as_wanted) {
            print_error("%s: %.*s | %.*s\n", rows[i].selector, (int)never.one.len,
                        (const char *)never.one.data, (int)never.other.len,
                        (const char *)never.other.data);
            wrong++;
        }
    }
    language_deinit(&language);
    assert_int_equal(wrong, 0);
}

#define CONDITIONS_MAX 3

static const struct {
    const char *select[2]; /* of two assertions "a" and "b" */
    const char *conditions[2][CONDITIONS_MAX];
    bool warning;       /* the second is one */
    const char *when;   /* of the second */
    const char *advice; /* "PATH: a part of the text"; NULL: none */
} suites[] = {
    {{"span[a=1]", "span[a=1]"}, {{"count = 1"}, {"duration < 1s"}}, .advice = NULL},
    {{"span[a=1]", "span[ a = 1 ]"},
     {{"b = 'x y'"}, {"b='x y'"}},
     .advice = "suites[0].assertions[1].assert: 'a' asks the same of the same spans already"},
    {{"span[a=1]", "span[a=1]"}, {{"b = 'x y'"}, {"b='xy'"}}, .advice = NULL},
    {{"span[a=1]", "span[a=2]"}, {{"b = 1"}, {"b = 1"}}, .advice = NULL},
    {{"span[a=1]", "span[a=1]"}, {{"b = 1"}, {"b = 1"}}, .warning = true, .advice = NULL},
    {{"span[a=1]", "span[a=1]"}, {{"b = 1"}, {"b = 1"}}, .when = "count($x) = 1", .advice = NULL},
    {{"span[a=1]", "span[a=1]"},
     {{"count = 1"}, {"count >= 1"}},
     .advice = "suites[0].assertions[1].assert: adds nothing to 'count = 1' of 'a'"},
    {{"span[a=1]", "span[a=1]"},
     {{"count > 0"}, {"c = 1", "count = 2"}},
     .advice = "suites[0].assertions[1].assert[1]: makes 'count > 0' of 'a' needless"},
    {{"span[a=1]", "span[a=1]"},
     {{"count = 1"}, {"count > 2"}},
     .advice = "suites[0].assertions[1].assert: never holds together with 'count = 1' of 'a'"},
    {{"span[a=1]", NULL},
     {{"count = 1", "not (count != 1)"}, {"count($x) = 1"}},
     .advice = "suites[0].assertions[0].assert[1]: adds nothing to 'count = 1' of 'a'"},
    {{NULL, NULL},
     {{"count($x) = 1"}, {"count($x) in (1, 2)"}},
     .advice = "suites[0].assertions[1].assert: adds nothing to 'count($x) = 1' of 'a'"},
    {{NULL, NULL}, {{"count($x) = 1"}, {"count($y) >= 1"}}, .advice = NULL},
    {{"span[]", NULL},
     {{"http.route exists"}, {"count($x) = 1"}},
     .advice = "suites[0].assertions[0].assert: the condition fails on every span without"},
    {{"span[]", NULL},
     {{"all: attr:x < 5"}, {"count($x) = 1"}},
     .advice = "suites[0].assertions[0].assert: the condition fails on every span without"},
    {{"span[]", "span[]"},
     {{"any: x = 5", "none: y = 1", "x missing"}, {"name exists"}},
     .advice = NULL},
    {{"span[]", "span[]:first"},
     {{"service.version exists", "status != error"}, {"x = 1"}},
     .advice = NULL},
    {{"span[a=1 a=2]", NULL},
     {{"count = 1"}, {"count($x) = 1"}},
     .advice = "suites[0].assertions[0].select: the selector never matches: no span has both a=1 "
               "and a=2"},
    {{"span[a=null]", NULL},
     {{"count = 1"}, {"count($x) = 1"}},
     .advice = "suites[0].assertions[0].select: 'null' is a text; write KEY missing"},
    {{NULL, NULL},
     {{"count($x) = 1", "$x.a = 'b ${c}'"}, {"count($y) >= 1"}},
     .advice = "suites[0].assertions[0].assert[1]: 'b ${c}' is taken as it is"},
    {{"span[a=1]", NULL},
     {{"count = 1"}, {"count($x) = 1"}},
     .when = "span[a = TRUE]",
     .advice = "suites[0].assertions[1].when: 'TRUE' is a text"},
    {{"span[a=1]", NULL},
     {{"count = 1"}, {"count($x) = 1"}},
     .when = "span[kind contains x]",
     .advice = "suites[0].assertions[1].when: the selector never matches: the filters on kind"},
};

static struct assertion_settings settings_of(const char *name, const char *select,
                                             const char *const *conditions,
                                             struct config_text *texts)
{
    size_t count = 0;
    while (count < CONDITIONS_MAX && conditions[count] != NULL) {
        texts[count] = (struct config_text){conditions[count], {"f", 7}};
        count++;
    }
    return (struct assertion_settings){.name = {name, {"f", 6}},
                                       .select = {select, {"f", 5}},
                                       .conditions = {texts, count},
                                       .severity = SEVERITY_ERROR};
}

static void compile_row(size_t row, struct problems *problems)
{
    struct config_text texts[2][CONDITIONS_MAX];
    struct config_pair spans[] = {{.name = "x", .value = {"span[x=1]", {"f", 2}}},
                                  {.name = "y", .value = {"span[y=1]", {"f", 3}}}};
    struct assertion_settings assertions[] = {
        settings_of("a", suites[row].select[0], suites[row].conditions[0], texts[0]),
        settings_of("b", suites[row].select[1], suites[row].conditions[1], texts[1])};
    assertions[1].severity = suites[row].warning ? SEVERITY_WARNING : SEVERITY_ERROR;
    assertions[1].when = (struct config_text){suites[row].when, {"f", 8}};
    struct suite_settings settings = {
        .name = {"s", {"f", 1}}, .spans = {spans, 2}, .assertions = {assertions, 2}};
    struct config_list list = {&settings, 1};
    struct completion_settings completion = {.quiet_ns = 1, .deadline_ns = 2};
    struct suite_set *set = NULL;
    problems_init(problems);
    int r = suite_set_compile(&set, &list, &completion, problems);
    if (r != 0) {
        fail_msg("row %zu: %s", row, problems->count != 0 ? problems->items[0].text : "?");
    }
    suite_set_unref(set);
}

static void each_suite_gets_the_advice_that_it_needs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        struct problems problems;
        char told[512] = "none";
        compile_row(i, &problems);
        assert_int_equal(problems.errors, 0);
        if (problems.count != 0) {
            snprintf(told, sizeof told, "%s: %s", problems.items[0].path, problems.items[0].text);
            assert_true(problems.items[0].warning);
            assert_string_equal(problems.items[0].origin.file, "f");
        }
        const char *wanted = suites[i].advice != NULL ? suites[i].advice : "none";
        if (strncmp(told, wanted, strlen(wanted)) != 0 ||
            problems.count != (suites[i].advice != NULL)) {
            fail_msg("row %zu: %zu, %s\n wanted %s", i, problems.count, told, wanted);
        }
        problems_deinit(&problems);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_selector_that_never_matches_is_told),
        cmocka_unit_test(each_suite_gets_the_advice_that_it_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
