/* Expressions that grow, nest, are cut anywhere or run out of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/lookup.h"
#include "assertions/evaluate.h"
#include "assertions/evaluate.h"
#include "tests/assertions/language_fixture.h"
#include "tests/support/failing_malloc.h"

static void a_value_that_grows_without_end_is_cut_off(void **state)
{
    char text[2048] = "hello";
    struct language language;
    unsigned flags;
    (void)state;
    language_init(&language);
    struct span span = language_span_whole(&language.arena);
    for (int i = 0; i < 30; i++) {
        char inner[2048];
        snprintf(inner, sizeof inner, "%s", text);
        snprintf(text, sizeof text, "replace(%.1900s, 'o', 'oooooooo')", inner);
    }
    char condition[sizeof text + sizeof " = x"];
    snprintf(condition, sizeof condition, "%s = x", text);
    assert_int_equal(language_condition(&language, condition, &span, &flags), TRUTH_INCOMPARABLE);
    language_deinit(&language);
}

static void nesting_and_size_are_bounded(void **state)
{
    static const char *const units[] = {"(", "- ", "not (", "length(", "(a = 1) and (", "f'${"};
    struct language language;
    (void)state;
    language_init(&language);
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        char text[EXPRESSION_BYTES_MAX];
        size_t len = 0;
        while (len + strlen(units[u]) + 8 < sizeof text) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s", units[u]);
        }
        assert_false(language_accepts(&language, EXPRESSION_CONDITION, bytes_of(text)));
        assert_false(language_accepts(&language, EXPRESSION_SELECTOR, bytes_of(text)));
    }
    language_deinit(&language);
}

/* Expressions with every construct. */
static const char *const wide[] = {
    "(duration * 2 + 5ms < 1s) and not ((hello | upper | length) % 2 = 1)",
    "f'a${status_code + 1}b\\n' in ('x', attr:name, concat(a, 'b'))",
    "json_path(attr:body, '$.a[0][\"b\"]..c[1:-1]') json-contains '{\"a\": [1, 2]}'",
    "(event:name not in (a, b)) or (regex_group(name, '(a)(b)', 1) =~ '^a')",
    "$mail.order.id = $request.order.id",
    "count($mail) * 2 - 1 >= - count($request) / 3",
};
#define WIDE_COUNT (sizeof wide / sizeof wide[0])

static void every_prefix_is_read_within_its_bounds(void **state)
{
    struct language language;
    (void)state;
    language_init(&language);
    for (size_t i = 0; i < WIDE_COUNT; i++) {
        size_t len = strlen(wide[i]);
        for (size_t cut = 0; cut <= len; cut++) {
            uint8_t *block = test_malloc(cut > 0 ? cut : 1);
            memcpy(block, wide[i], cut);
            bool accepted =
                language_accepts(&language, EXPRESSION_CONDITION, bytes_from(block, cut));
            if (cut == len && !accepted) {
                fail_msg("%s: byte %d: %s", wide[i], language_problem(&language)->byte,
                         language_problem(&language)->text);
            }
            test_free(block);
        }
    }
    language_deinit(&language);
}

static void every_byte_may_be_any_other(void **state)
{
    static const unsigned char others[] = {0,   ' ', '\'', '"', '`', '(', ')', '[', '|', '}',
                                           '$', '-', '\\', '%', '{', '9', 'f', ',', 0xff};
    struct language language;
    (void)state;
    language_init(&language);
    for (size_t i = 0; i < WIDE_COUNT; i++) {
        char text[128];
        size_t len = strlen(wide[i]);
        assert_true(len < sizeof text);
        for (size_t at = 0; at < len * sizeof others; at++) {
            memcpy(text, wide[i], len);
            text[at / sizeof others] = (char)others[at % sizeof others];
            language_accepts(&language, EXPRESSION_CONDITION, bytes_from(text, len));
        }
    }
    language_deinit(&language);
}

/* Parses and judges with so many good allocations; whether all of it succeeded. */
static bool survives(size_t good, const char *text)
{
    struct language language;
    language_init(&language);
    struct span span = language_span_whole(&language.arena);
    failing_malloc_begin(good);
    const struct condition *condition = parse_condition(&language.context, bytes_of(text), true, 0);
    unsigned flags = 0;
    if (condition != NULL && condition->test != NULL) {
        /* An arena without a chunk of its own. */
        struct arena scratch = ARENA_INIT(64, 0);
        struct evaluation evaluation = {.span = &span, .scratch = &scratch};
        flags = evaluate_truth(&evaluation, condition->test).flags;
        arena_deinit(&scratch);
    }
    failing_malloc_end();
    bool good_all = condition != NULL && (flags & LOOKUP_NO_MEMORY) == 0;
    if (condition == NULL && !language.store.no_memory) {
        fail_msg("%s: %s", text, language_problem(&language)->text);
    }
    language_deinit(&language);
    return good_all;
}

static void every_failing_allocation_is_told(void **state)
{
    static const char *const texts[] = {
        "f'a${status_code + 1}b' in ('x', attr:name, concat(hello, 'b'))",
        ("json_path(concat('{\"a\": [1, {\"b\": \"\\\\u0041\"}]}', ''), '$.a[*]') json-contains "
         "'[1]'"),
        "(upper(hello) | split ' ' | length = 2) and (regex_group(name, '(G)(E)') | length = 2)",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t good = 0;
        while (!survives(good, texts[i])) {
            assert_true(++good < 1000);
        }
        assert_true(good > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_that_grows_without_end_is_cut_off),
        cmocka_unit_test(nesting_and_size_are_bounded),
        cmocka_unit_test(every_prefix_is_read_within_its_bounds),
        cmocka_unit_test(every_byte_may_be_any_other),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
