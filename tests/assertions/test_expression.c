/* What expressions come to: one row for each rule of docs/language.md, on a span read from the
 * wire; the examples of the table of functions; what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/functions.h"
#include "assertions/lookup.h"
#include "assertions/parse_expr.h"
#include "tests/assertions/language_fixture.h"
#include "tests/assertions/truth_rows.h"

static void integers_stay_integers_and_are_checked(void **state)
{
    CHECK({"status_code + 1 = 201", T}, {"status_code - 1 = 199", T}, {"neg * neg = 25", T},
          {"status_code % 7 = 4", T}, {"neg % 3 = -2", T}, {"most + 1 > 0", I},
          {"least - 1 < 0", I}, {"most * 2 > 0", I}, {"least % -1 = 0", T}, {"big + 0 = '7'", F},
          {"big + 0 = attr:big", T}, {"big + 1 = 9007199254740994", T}, {"- least = 0", I},
          {"-(neg) = 5", T}, {"- neg = 5", T}, {"type(status_code + 1) = int", T});
}

static void a_quotient_is_a_double(void **state)
{
    CHECK({"status_code / 3 > 66.6", T}, {"status_code / 2 = 100", T},
          {"type(status_code / 2) = double", T}, {"status_code / 0 = 1", I}, {"half / 0.0 > 1", I},
          {"status_code % 0 = 1", I}, {"1 / half < 0.67", T});
}

static void a_double_must_stay_finite(void **state)
{
    CHECK({"half + 1 = 2.5", T}, {"tenth * 3 = 0.30000000000000004", T}, {"huge * 1e300 > 1", I},
          {"inf + 1 > 0", I}, {"nan + 1 > 0", I}, {"two * two = 4", T}, {"half % 2 = 1", I});
}

static void durations_and_times_are_computed_in_nanoseconds(void **state)
{
    CHECK({"duration * 2 = 100ms", T}, {"2 * duration = 100ms", T},
          {"duration / 3 = 16666666ns", T}, {"duration / 2 = 25ms", T}, {"duration / 25ms = 2", T},
          {"duration * 1.5 = 75ms", T}, {"duration / 0 > 1s", I}, {"duration / 0s > 1", I},
          {"duration + 5ms = 55ms", T}, {"duration - 60ms = -10ms", T}, {"end - start = 50ms", T},
          {"end - start = '50ms'", T}, {"end - start - duration = 0s", T},
          {"start + 50ms - end = 0s", T}, {"- duration < 0s", T},
          {"duration * status_code = 10s", T}, {"duration * text200 > 1s", I},
          {"end - 50ms - start = 0s", T});
}

static void texts_are_never_numbers_here(void **state)
{
    CHECK({"text200 + 1 = 201", I}, {"int(text200) + 1 = 201", T}, {"number(half) = 1.5", T},
          {"int(hello) = 1", I}, {"yes + 1 = 2", I}, {"list + 1 = 2", I});
}

static void products_come_before_sums_and_parentheses_before_both(void **state)
{
    CHECK({"1 + status_code * 2 = 401", T}, {"(1 + status_code) * 2 = 402", T},
          {"status_code - 10 - 5 = 185", T}, {"status_code / 2 / 5 = 20", T},
          {"status_code - 2 * 3 + 1 = 195", T}, {"((status_code)) = 200", T},
          {"2 * (status_code + (1 - 3)) = 396", T}, {"status_code + -5 = 195", T},
          {"status_code % 7 * 2 = 8", T});
}

static void both_sides_are_values(void **state)
{
    CHECK({"status_code + 0 = attr:status_code", T}, {"status_code = attr:status_code", T},
          {"status_code > attr:neg", T}, {"name = attr:hello", F}, {"both = resource:both", F},
          {"`name` = attr:name", T}, {"name = `name`", F}, {"service = resource:service.name", T},
          {"200 = attr:status_code", T}, {"'200' = attr:status_code", T},
          {"status_code < 100 + 200", T}, {"hello = concat('hello', ' world')", T},
          {"hello contains attr:text200", F}, {"hello contains substring(attr:hello, 2, 3)", T},
          {"list contains attr:half", T}, {"list contains attr:status_code", F},
          {"hello starts-with lower('HELLO')", T}, {"hello ends-with attr:list", I},
          {"list = attr:list", I}, {"half + 0 in (1, 1.5)", T}, {"half + 0 not in (1, 1.5)", F},
          {"hello in (attr:text200, attr:hello)", T}, {"status_code in (attr:list, 200)", T},
          {"status_code in (attr:list, 201)", I}, {"nan in (attr:nan)", F},
          {"nan not in (attr:half)", F}, {"two not in (attr:nan, 3)", F},
          {"two not in (attr:nan, 2)", F}, {"two not in (attr:half, 3)", T},
          {"two not in (attr:nan, attr:list)", I}, {"lower(name) =~ '^get'", T},
          {"concat(name, '') !~ '^GET'", F});
}

static void what_is_missing_comes_before_what_cannot_be_computed(void **state)
{
    CHECK({"nothing + 1 = 1", A}, {"1 + nothing * 2 = 1", A}, {"nothing + hello = 1", A},
          {"status_code = attr:nothing", A}, {"lower(nothing) = x", A},
          {"hello + 1 = attr:nothing", A}, {"not (nothing + 1 = 1)", T}, {"not (hello + 1 = 1)", I},
          {"nothing + 1 exists", F}, {"nothing + 1 missing", T}, {"hello + 1 exists", I},
          {"status_code + 1 exists", T}, {"coalesce(nothing, status_code) = 200", T},
          {"coalesce(nothing, novalue) = fallback", T}, {"coalesce(nothing, also) = 1", A},
          {"coalesce(status_code, hello + 1) = 200", T}, {"coalesce(hello + 1, 1) = 1", I},
          {"regex(hello, 'x+') = 1", A}, {"regex(hello, 'x+') missing", T},
          {"status_code in (1, attr:nothing)", A});
}

static void pipes_hand_a_value_to_a_function(void **state)
{
    CHECK({"hello | length = 11", T}, {"hello | upper | lower = 'hello world'", T},
          {"hello | substring 0 5 = hello", T}, {"list | get_index 0 = red", T},
          {"list | get_index 'last' = true", T}, {"list | get_index last = true", T},
          {"hello | regex 'w.*' = world", T}, {"hello | regex_group '(h)(e)' 2 = e", T},
          {"hello | regex_group '(h)(e)' | length = 2", T}, {"1 + status_code | type = int", T},
          {"status_code = attr:text200 | int", T}, {"hello | concat '!' = 'hello world!'", T},
          {"half | round | int = 2", T}, {"list | length = 4", T}, {"(list | length) * 2 = 8", T});
}

static void functions_take_their_types(void **state)
{
    CHECK({"length(utf8) = 4", T}, {"length(latin) = 4", I}, {"length(map) = 1", T},
          {"length(bytes) = 3", T}, {"type(list) = array", T}, {"type(map) = map", T},
          {"type(nothing) = x", A}, {"type(duration) = duration", T}, {"type(start) = time", T},
          {"lower(status_code) = x", I}, {"text(duration) = '50ms'", T}, {"text(yes) = 'true'", T},
          {"trim(concat(' ', hello, ' ')) = 'hello world'", T},
          {"substring(utf8, -1) = '\xc3\xa9'", T}, {"substring(hello, 6, 100) = world", T},
          {"substring(hello, 100) = ''", T}, {"substring(hello, 0, -1) = x", I},
          {"replace(hello, 'o', '0') = 'hell0 w0rld'", T}, {"replace(hello, '', 'x') = 'x'", I},
          {"get_index(split(hello, ' '), 1) = world", T}, {"get_index(list, 9) = 1", A},
          {"get_index(list, -4) = red", T}, {"get_index(list, 'first') = 1", I},
          {"duration(t1500ms) = 1500ms", T}, {"duration(hello) = 1s", I}, {"int(half) = 1", T},
          {"int(inf) = 1", I}, {"int(nan) = 1", I}, {"int(digits) = 1", I},
          {"int(duration) = 50000000", T}, {"number(tnan) = 1", I}, {"abs(neg) = 5", T},
          {"abs(inf) > 1", T}, {"abs(ninf) = attr:inf", T}, {"-(ninf) > 1", I}, {"abs(least) = 5", I},
          {"abs(duration - 60ms) = 10ms", T}, {"min(neg, half, 2) = -5", T},
          {"max(status_code, half) = 200", T}, {"max(duration, 1s) = 1s", T},
          {"max(nan, 1) = 1", I}, {"max(half, yes) = 1", I}, {"ceil(half) = 2", T},
          {"floor(-1.5) = -2", T}, {"round(-2.5) = -3", T});
}

static void json_is_read_into_values(void **state)
{
    CHECK({"json_path('{\"a\": {\"b\": [1, 2.5, null, \"x\"]}}', '$.a.b[1]') = 2.5", T},
          {"json_path(map, '$.k') = v", T}, {"json_path(list, '$[0]') = red", T},
          {"json_path(list, '$[-1]') = true", T}, {"json_path(list, '$[7]') = 1", A},
          {"json_path(hello, '$.a') = 1", I}, {"json_path('{\"a\": null}', '$.a') missing", T},
          {"json_path('[{\"i\": 1}, {\"i\": 2}]', '$[*].i') contains 2", T},
          {"json_path('[{\"i\": 1}, {\"i\": 2}]', '$[*].i') | length = 2", T},
          {"json_path('[{\"i\": 1}, {\"j\": 2}]', '$[*].i') = 1", T},
          {"json_path('{\"a\": {\"i\": 1}, \"i\": 2}', '$..i') | get_index 0 = 2", T},
          {"json_path('{\"a b\": 3}', '$[\"a b\"]') = 3", T},
          {"json_path('[1,2,3,4]', '$[1:3]') | length = 2", T},
          {"json_path('[1,2,3,4]', '$[-1:]') = 4", T},
          {"json_path('{\"a\":1,\"a\":2}', '$.a') = 2", T}, {"json('[1, 2]') | length = 2", T},
          {"json('1e400') = 1", I}, {"json('') = 1", I}, {"json('{') = 1", I},
          {"json('9223372036854775808') = 9223372036854775808.0", T},
          {"json(status_code) = 200", T}, {"json('null') missing", T});
}

static void json_contains_is_a_subset(void **state)
{
    CHECK({"concat('{\"a\": 1, \"b\": [1, 2]}', '') json-contains '{\"a\": 1}'", T},
          {"concat('{\"a\": 1, \"b\": [1, 2]}', '') json-contains '{\"b\": [2]}'", T},
          {"concat('{\"a\": 1, \"b\": [1, 2]}', '') json-contains '{\"b\": [3]}'", F},
          {"concat('{\"a\": 1}', '') not json-contains '{\"b\": 1}'", T},
          {"concat('{\"a\": 1}', '') json-contains '{\"a\": \"1\"}'", F},
          {"concat('{\"a\": 1}', '') json-contains '{\"a\": 1.0}'", T},
          {"concat('{\"a\": null}', '') json-contains '{\"b\": null}'", T},
          {"concat('{\"a\": 1}', '') json-contains '{\"a\": null}'", F},
          {"concat('[{\"a\": 1, \"b\": 2}]', '') json-contains '[{\"b\": 2}]'", T},
          {"map json-contains '{\"k\": \"v\"}'", T}, {"list json-contains '[\"red\", true]'", T},
          {"hello json-contains '{}'", I}, {"status_code json-contains '200'", T},
          {"nothing json-contains '{}'", A}, {"map json-contains '{\"k\": {}}'", F});
}

static void groups_are_joined_by_and_and_or(void **state)
{
    CHECK({"(status_code = 200) and (kind = server)", T},
          {"(status_code = 200) and (kind = client)", F},
          {"(status_code = 201) or (kind = server)", T},
          {"(status_code = 201) or (kind = client)", F}, {"(nothing = 1) or (kind = server)", T},
          {"(nothing = 1) and (kind = server)", F}, {"(nothing = 1) or (also = 1)", F},
          {"not ((nothing = 1) or (also = 1))", T}, {"(hello + 1 = 1) or (kind = server)", T},
          {"(hello + 1 = 1) and (kind = server)", I}, {"(hello + 1 = 1) and (kind = client)", F},
          {"(hello + 1 = 1) or (kind = client)", I}, {"((a = 1) or (half = 1.5)) and (two = 2)", T},
          {"(half = 1.5)", T}, {"not (half = 1) and (two = 2)", T},
          {"(two = 2) and not (half = 1)", T}, {"(event:name = exception) and (event:n = 2)", T},
          {"(event:name in (retry, x)) and (link:reason = batch)", T},
          {"(event:nothing exists) or (event:name exists)", T},
          {"(half + 1 = 2.5) and (hello | length = 11) and (two = 2)", T},
          {"((half) + 1) * 2 = 5", T}, {"((half + 1) * 2 = 5) or (two = 3)", T});
}

static void texts_are_interpolated(void **state)
{
    CHECK({"hello = f'${'hello'} world'", T}, {"name = f'GET /${substring('cart', 0)}'", T},
          {"t1500ms = f\"${duration * 30}\"", T}, {"text200 = f'${status_code}'", T},
          {"hello = f'${nothing}'", A}, {"hello = f'a\\'${status_code + 1}'", F},
          {"f'${status_code}-${half}' = '200-1.5'", T}, {"f'${list}' = x", I},
          {"f'$5 {}' = '$5 {}'", T}, {"f'' = ''", T},
          {"f'${json_path('{\"a\": 1}', '$.a')}' = '1'", T});
}

static const char *environment(const char *name)
{
    return strcmp(name, "LIMIT") == 0 ? "50ms" : strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

static const struct config_pair variables[] = {
    {"limit", {.text = "50ms"}, CONFIG_PAIR_TEXT},
    {"code", {.text = "200"}, CONFIG_PAIR_INT},
    {"quoted", {.text = "'200'"}, CONFIG_PAIR_TEXT},
    {"words", {.text = "hello world"}, 0},
    {"share", {.text = "50%"}, CONFIG_PAIR_TEXT},
    {"yes", {.text = "true"}, CONFIG_PAIR_BOOL},
    {"self", {.text = "var:limit"}, 0},
    {"open", {.text = "'open"}, CONFIG_PAIR_TEXT},
    {"huge", {.text = "99999999999999999999"}, 0},
    {"path", {.text = "a + b"}, CONFIG_PAIR_TEXT},
};
static const struct config_pairs all_variables = {variables, sizeof variables / sizeof *variables};

static void variables_stand_for_their_values(void **state)
{
    static const struct truth_row rows[] = {
        {"duration = var:limit", T},
        {"duration = env:LIMIT", T},
        {"duration * 2 = var:limit * 2", T},
        {"status_code = var:code", T},
        {"text200 = var:quoted", T},
        {"type(var:quoted) = text", T},
        {"type(var:code) = int", T},
        {"hello = var:words", T},
        {"half > var:share", T},
        {"yes = var:yes", T},
        {"var:self = 'var:limit'", T},
        {"var:open = f'\\'open'", T},
        {"var:huge = '99999999999999999999'", T},
        {"var:path = 'a + b'", T},
        {"empty = env:EMPTY", T},
        {"status_code in (1, var:code)", T},
        {"var:limit = 50ms", T},
        {"hello =~ var:words", T},
        {"f'${var:limit}' = '50ms'", T},
    };
    struct language language;
    (void)state;
    language_init(&language);
    language.context.variables = &all_variables;
    language.context.getenv = environment;
    struct span span = language_span_whole(&language.arena);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned flags;
        enum truth truth = language_condition(&language, rows[i].condition, &span, &flags);
        if (truth != rows[i].truth ||
            language_filter(&language, rows[i].condition, &span, &flags) != (truth == T)) {
            fail_msg("%s: %d", rows[i].condition, truth);
        }
    }
    language_deinit(&language);
}

static void a_variable_that_is_not_there_is_refused(void **state)
{
    static const struct {
        const char *text;
        int byte;
        const char *message;
    } rows[] = {
        {"duration < var:limits", 12, "did you mean var:limit?"},
        {"duration < var:nothing", 12, "variables = { nothing"},
        {"duration < env:NOTHING", 12, "NOTHING is not set"},
        {"duration < var:", 16, "a name is missing"},
        {"duration < var:code", 12, "compare it with a duration"},
        {"duration < var:words", 12, "compare it with a duration"},
    };
    struct language language;
    (void)state;
    language_init(&language);
    language.context.variables = &all_variables;
    language.context.getenv = environment;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_false(language_accepts(&language, EXPRESSION_CONDITION, bytes_of(rows[i].text)));
        const struct problem *problem = language_problem(&language);
        if (problem->byte != rows[i].byte || strstr(problem->text, rows[i].message) == NULL) {
            fail_msg("%s: byte %d: %s", rows[i].text, problem->byte, problem->text);
        }
    }
    language_deinit(&language);
}

struct flag_row {
    const char *condition;
    enum truth truth;
    unsigned flags;
};

/* On a span that ends before it starts and dropped attributes, events and links. */
static void a_group_needs_only_what_decides_it(void **state)
{
    static const struct flag_row rows[] = {
        {"(here = yes) or (nothing = 1)", T, 0},
        {"(here = no) and (nothing = 1)", F, 0},
        {"(here = yes) and (nothing = 1)", F, LOOKUP_MISSED | LOOKUP_DROPPED},
        {"(here = yes) or (duration < 5ms)", T, 0},
        {"(here = no) or (duration < 5ms)", T, LOOKUP_CLOCK},
        {"(here = no) and (duration < 5ms)", F, 0},
        {"nothing + 1 = 2", A, LOOKUP_MISSED | LOOKUP_DROPPED},
        {"coalesce(nothing, here) = yes", T, LOOKUP_MISSED | LOOKUP_DROPPED},
        {"coalesce(here, nothing) = yes", T, 0},
        {"duration * 2 < 5ms", T, LOOKUP_CLOCK},
        {"end - start < 5ms", T, LOOKUP_CLOCK},
        {"here = concat('yes', '')", T, 0},
    };
    struct language language;
    (void)state;
    language_init(&language);
    struct span span = language_span_broken(&language.arena);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned flags;
        enum truth truth = language_condition(&language, rows[i].condition, &span, &flags);
        if (truth != rows[i].truth || flags != rows[i].flags) {
            fail_msg("%s: %d with %u", rows[i].condition, truth, flags);
        }
    }
    language_deinit(&language);
}

static struct operand value_of(struct language *language, const char *text)
{
    const struct expr *expr = parse_alone(&language->context, bytes_of(text), PARSE_OUTPUT);
    if (expr == NULL) {
        fail_msg("%s: %s", text, language_problem(language)->text);
    }
    struct evaluation evaluation = {.scratch = &language->arena};
    struct evaluated value = evaluate_value(&evaluation, expr);
    if (value.trouble != TROUBLE_NONE) {
        fail_msg("%s: trouble %d", text, value.trouble);
    }
    return value.operand;
}

static void each_function_gives_what_its_example_says(void **state)
{
    struct language language;
    (void)state;
    language_init(&language);
    for (uint32_t i = 0; i < function_count; i++) {
        const struct function *function = &functions[i];
        struct operand value = value_of(&language, function->example);
        struct operand wanted = value_of(&language, function->value);
        assert_true(i == 0 || strcmp(functions[i - 1].name, function->name) < 0);
        if (compare(OP_EQUAL, &value, &wanted, NULL) != TRUTH_TRUE) {
            char scratch[OPERAND_TEXT_MAX];
            struct bytes text = operand_text(&value, scratch);
            fail_msg("%s gives %.*s", function->example, (int)text.len, (const char *)text.data);
        }
    }
    language_deinit(&language);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_stay_integers_and_are_checked),
        cmocka_unit_test(a_quotient_is_a_double),
        cmocka_unit_test(a_double_must_stay_finite),
        cmocka_unit_test(durations_and_times_are_computed_in_nanoseconds),
        cmocka_unit_test(texts_are_never_numbers_here),
        cmocka_unit_test(products_come_before_sums_and_parentheses_before_both),
        cmocka_unit_test(both_sides_are_values),
        cmocka_unit_test(what_is_missing_comes_before_what_cannot_be_computed),
        cmocka_unit_test(pipes_hand_a_value_to_a_function),
        cmocka_unit_test(functions_take_their_types),
        cmocka_unit_test(json_is_read_into_values),
        cmocka_unit_test(json_contains_is_a_subset),
        cmocka_unit_test(groups_are_joined_by_and_and_or),
        cmocka_unit_test(texts_are_interpolated),
        cmocka_unit_test(variables_stand_for_their_values),
        cmocka_unit_test(a_variable_that_is_not_there_is_refused),
        cmocka_unit_test(a_group_needs_only_what_decides_it),
        cmocka_unit_test(each_function_gives_what_its_example_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
