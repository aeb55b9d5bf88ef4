/*
 * Parsing and judging single expressions for the tests of the language.
 */
#include "tests/assertions/language_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/evaluate.h"
#include "assertions/filter_match.h"

void language_init(struct language *language)
{
    *language = (struct language){.arena = ARENA_INIT(4096, 0), .store = EXPRESSION_STORE_INIT};
    problems_init(&language->problems);
    static const char *const names[] = {"request", "mail", "mail-2"};
    language->context = (struct parse_context){
        .arena = &language->arena,
        .store = &language->store,
        .problems = &language->problems,
        .path = "test",
    };
    for (uint32_t i = 0; i < 3; i++) {
        language->names[i] = (struct span_name){
            .name = bytes_of(names[i]),
            .selector = parse_selector(&language->context, BYTES_LITERAL("span[]")),
            .index = i,
        };
    }
    language->context.names = language->names;
    language->context.name_count = 3;
}

void language_deinit(struct language *language)
{
    problems_deinit(&language->problems);
    arena_deinit(&language->arena);
}

const struct problem *language_problem(const struct language *language)
{
    assert_true(language->problems.count > 0);
    return &language->problems.items[language->problems.count - 1];
}

bool language_accepts(struct language *language, enum expression kind, struct bytes text)
{
    size_t before = language->problems.errors;
    const void *result = NULL;
    switch (kind) {
    case EXPRESSION_SELECTOR:
        result = parse_selector(&language->context, text);
        break;
    case EXPRESSION_CONDITION:
        result = parse_condition(&language->context, text, true, 0);
        break;
    case EXPRESSION_NAMES_CONDITION:
        result = parse_condition(&language->context, text, false, 0);
        break;
    case EXPRESSION_WHEN:
        result = parse_when(&language->context, text);
        break;
    case EXPRESSION_RULE:
        result = parse_rule(&language->context, text);
        break;
    }
    assert_int_equal(language->problems.errors - before, result == NULL ? 1 : 0);
    return result != NULL;
}

static void read_each_prefix(struct language *language, const struct acceptance *row)
{
    size_t len = strlen(row->text);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *block = test_malloc(cut > 0 ? cut : 1);
        memcpy(block, row->text, cut);
        bool accepted = language_accepts(language, row->kind, bytes_from(block, cut));
        assert_false(accepted && bytes_trim(bytes_from(block, cut)).len == 0);
        test_free(block);
    }
}

void language_accepts_each(const struct acceptance *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct language language;
        language_init(&language);
        if (!language_accepts(&language, rows[i].kind, bytes_of(rows[i].text))) {
            const struct problem *problem = language_problem(&language);
            fail_msg("%s: byte %d: %s", rows[i].text, problem->byte, problem->text);
        }
        assert_int_equal(language.problems.count, 0);
        read_each_prefix(&language, &rows[i]);
        language_deinit(&language);
    }
}

void language_refuses_each(const struct refusal *rows, size_t count)
{
    struct language language;
    language_init(&language);
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        if (language_accepts(&language, rows[i].kind, bytes_of(rows[i].text))) {
            print_error("accepted: %s\n", rows[i].text);
            wrong++;
            continue;
        }
        const struct problem *problem = language_problem(&language);
        if (problem->byte != rows[i].byte || strstr(problem->text, rows[i].message) == NULL) {
            print_error("%s\n  byte %d: %s\n  wanted byte %d: %s\n", rows[i].text, problem->byte,
                        problem->text, rows[i].byte, rows[i].message);
            wrong++;
        }
    }
    language_deinit(&language);
    assert_int_equal(wrong, 0);
}

bool language_filter(struct language *language, const char *filter, const struct span *span,
                     unsigned *ret_flags)
{
    char text[512];
    snprintf(text, sizeof text, "span[%s]", filter);
    const struct selector *selector = parse_selector(&language->context, bytes_of(text));
    if (selector == NULL) {
        fail_msg("%s: %s", text, language_problem(language)->text);
        return false;
    }
    const struct selector_part *part = &selector->chains[0].parts[0];
    return filters_match(part->filters, part->filter_count, span, &language->arena, ret_flags);
}

enum truth language_condition(struct language *language, const char *text, const struct span *span,
                              unsigned *ret_flags)
{
    const struct condition *condition =
        parse_condition(&language->context, bytes_of(text), true, 0);
    if (condition == NULL) {
        fail_msg("%s: %s", text, language_problem(language)->text);
        return TRUTH_FALSE;
    }
    assert_true(condition->reads_span || condition->test != NULL);
    if (condition->test != NULL) {
        struct evaluation evaluation = {.span = span, .scratch = &language->arena};
        struct judged judged = evaluate_truth(&evaluation, condition->test);
        *ret_flags = judged.flags;
        return judged.truth;
    }
    enum truth truth =
        lookup_compare(&condition->left.key, condition->op, &condition->right.literal,
                       condition->regex, span, &language->arena, ret_flags);
    return truth_negate(truth, condition->negations);
}

void language_check_each(const struct truth_row *rows, size_t count)
{
    struct language language;
    language_init(&language);
    struct span span = language_span_whole(&language.arena);
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned flags;
        enum truth truth = language_condition(&language, rows[i].condition, &span, &flags);
        bool match = language_filter(&language, rows[i].condition, &span, &flags);
        if (truth != rows[i].truth || match != (rows[i].truth == TRUTH_TRUE)) {
            print_error("%s: truth %d, wanted %d; selected %d\n", rows[i].condition, truth,
                        rows[i].truth, match);
            wrong++;
        }
    }
    language_deinit(&language);
    assert_int_equal(wrong, 0);
}
