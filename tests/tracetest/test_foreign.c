/* Tracetest's grammar: what its parser takes, what it refuses, prefix by prefix. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/failing_malloc.h"
#include "tracetest/foreign_expression.h"
#include "tracetest/foreign_selector.h"

static const char *const good_selectors[] = {
    "",
    "  ",
    "span[]",
    "span[name=\"x\"]",
    "span[name = \"x\" kind=\"server\", http.status_code = 200]",
    "span[tracetest.span.type=\"http\"]:first",
    "span[a contains \"b\"]:nth_child( 2 )",
    "span[a=1.5 b=true c=false d=-3]:last",
    "span[a=1] span[b=2] span[c=3]:first",
    "span[a=1],span[b=2] span[c=3]",
    "span[http.request.header.x-id='q']",
    "span[name=\"a \\\"b\\\" \\\\ \\n\"]",
};

static const char *const bad_selectors[] = {
    "span",
    "span[",
    "span[a]",
    "span[a=]",
    "span[a!=1]",
    "span[a=1",
    "spam[a=1]",
    "span[a=b]",
    "span[a=1]:",
    "span[a=1]:second",
    "span[]]",
    "span[a=1],",
    ",span[]",
    "span[=1]",
    "span[a=1]:nth_child",
    "a=1",
    "span[a<1]",
    "span[a=\"x]",
    "span[a=--1]",
    "span[a=1]:nth_child(x)",
    "span[a=1x]",
    "span[attr:a=1]",
    "span[a=1] > span[b=2]",
    "span[a=\x01]",
    "span[a=1]:nth_child(1",
};

static const char *const good_assertions[] = {
    "attr:a = 1",
    "attr:a=\"x\"",
    "attr:a != 'it\\'s'",
    "attr:tracetest.span.duration <= 1.5 s",
    "attr:a-b.c_d >= 200ms",
    "attr:a contains \"x\"",
    "attr:a not-contains \"x\"",
    "attr:a | json_path '$.b' = 3",
    "attr:a | json_path '$.b[*]' | get_index 'last' = \"z\"",
    "attr:a | my_function 'x' 'y' 42 = \"abc\"",
    "attr:a + attr:b - 2 * 3 / 4 = 5",
    "attr:a = \"hello ${attr:b | json_path '$.c'} ${var:d + 1}!\"",
    "attr:a = '{\"id\": \"${attr:b}\"}'",
    "var:a = env:b",
    "${var:a} = ${env:b}",
    "attr:a = ${attr:b} + ${var:c}",
    "attr:a = ${\"}\"}",
    "[1, 2, \"x\"] contains attr:a",
    "attr:a = []",
    "attr:a = uuid()",
    "attr:a = randomInt(1, 5)",
    "attr:a = -5",
    "http.status_code = 200",
    "attr:a = true",
    "2 + 1 = 1 + 2",
    "attr:a starts-with \"x\"",
    "attr:a = \"${'inner'}\"",
};

static const char *const bad_assertions[] = {
    "attr:a = ${",
    "attr:a = ${}",
    "attr:a = ${var:b",
    "attr:a = ${var:b + 1}",
    "attr:a = ${'}",
    "attr:a = $b",
    "",
    "attr:a",
    "attr:a =",
    "= 1",
    "attr: = 1",
    "attr:a == 1",
    "attr:a = 1 2",
    "attr:a ~ 1",
    "attr:a = \"x",
    "attr:a = \"${b\"",
    "attr:a = \"${attr:b = 1}\"",
    "attr:a | = 1",
    "attr:a | 'x' = 1",
    "attr:a + = 1",
    "(attr:a) = 1",
    "attr:a = [1",
    "attr:a = f(1",
    "attr:a = 1x",
    "attr:a = 1.x",
    "attr:a = - 5",
    "attr:a = --5",
    "attr:a = [,]",
    "attr:a = 1 =",
    "attr:a = \x80",
    "attr:a ! 1",
    "attr:a = [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]",
};

static int read_selector(struct bytes text, const char **ret_flaw)
{
    struct arena arena = ARENA_INIT(1024, 0);
    const struct foreign_chain *chain = NULL;
    uint8_t *copy = malloc(text.len + 1);
    memcpy(copy, text.data, text.len);
    int outcome = foreign_parse_selector(&chain, bytes_from(copy, text.len), &arena, ret_flaw);
    free(copy);
    arena_deinit(&arena);
    return outcome;
}

static int read_assertion(struct bytes text, const char **ret_flaw)
{
    struct arena arena = ARENA_INIT(1024, 0);
    struct foreign_assertion assertion;
    uint8_t *copy = malloc(text.len + 1);
    memcpy(copy, text.data, text.len);
    int outcome = foreign_parse_assertion(&assertion, bytes_from(copy, text.len), &arena, ret_flaw);
    free(copy);
    arena_deinit(&arena);
    return outcome;
}

typedef int (*reader)(struct bytes text, const char **ret_flaw);

/* Every prefix and every changed byte has an outcome. */
static void disturb(reader read, const char *text)
{
    size_t len = strlen(text);
    char *changed = strdup(text);
    const char *flaw = NULL;
    for (size_t i = 0; i < len; i++) {
        int outcome = read(bytes_from(text, i), &flaw);
        assert_true(outcome == 0 || (outcome == 1 && flaw != NULL));
        for (int c = 1; c < 256; c += 3) {
            changed[i] = (char)c;
            outcome = read(bytes_from(changed, len), &flaw);
            assert_true(outcome == 0 || outcome == 1);
        }
        changed[i] = text[i];
    }
    free(changed);
}

static void check(reader read, const char *const *texts, size_t count, int outcome)
{
    for (size_t i = 0; i < count; i++) {
        const char *flaw = NULL;
        int found = read(bytes_of(texts[i]), &flaw);
        if (found != outcome) {
            fail_msg("%s: %d, %s", texts[i], found, flaw != NULL ? flaw : "no flaw");
        }
        assert_int_equal(outcome != 0, flaw != NULL);
        disturb(read, texts[i]);
    }
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void selectors_are_taken_and_refused(void **state)
{
    (void)state;
    check(read_selector, good_selectors, COUNT_OF(good_selectors), 0);
    check(read_selector, bad_selectors, COUNT_OF(bad_selectors), 1);
}

static void assertions_are_taken_and_refused(void **state)
{
    (void)state;
    check(read_assertion, good_assertions, COUNT_OF(good_assertions), 0);
    check(read_assertion, bad_assertions, COUNT_OF(bad_assertions), 1);
}

static void an_expression_keeps_its_shape(void **state)
{
    struct arena arena = ARENA_INIT(1024, 0);
    struct foreign_assertion assertion;
    const char *flaw = NULL;
    (void)state;
    assert_int_equal(
        0, foreign_parse_assertion(
               &assertion,
               BYTES_LITERAL("attr:a.b-c - 1.5 ms | regex 'x' | get_index 2 != \"p${var:v}q\""),
               &arena, &flaw));
    assert_int_equal(FOREIGN_NE, assertion.comparator);
    assert_true(bytes_is(assertion.left->first->text, "a.b-c"));
    assert_int_equal('-', assertion.left->steps->op);
    assert_true(bytes_is(assertion.left->steps->term->text, "1.5ms"));
    assert_true(bytes_is(assertion.left->filters->name, "regex"));
    assert_true(bytes_is(assertion.left->filters->next->arguments->text, "2"));
    const struct foreign_piece *piece = assertion.right->first->pieces;
    assert_true(bytes_is(piece->text, "p"));
    assert_int_equal(FOREIGN_VARIABLE, piece->next->value->first->type);
    assert_true(bytes_is(piece->next->next->text, "q"));
    arena_deinit(&arena);
}

static void too_long_ones_are_refused(void **state)
{
    static char text[FOREIGN_BYTES_MAX + 2];
    const char *flaw = NULL;
    (void)state;
    memset(text, ' ', sizeof text - 1);
    assert_int_equal(1, read_selector(bytes_of(text), &flaw));
    assert_int_equal(1, read_assertion(bytes_of(text), &flaw));
}

static void without_memory_it_says_so(void **state)
{
    const char *flaw = NULL;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good_assertions); i++) {
        int outcome = -ENOMEM;
        for (size_t good = 0; outcome != 0; good++) {
            failing_malloc_begin(good);
            outcome = read_assertion(bytes_of(good_assertions[i]), &flaw);
            failing_malloc_end();
            assert_true(outcome == 0 || outcome == -ENOMEM);
        }
    }
    int outcome = -ENOMEM;
    for (size_t good = 0; outcome != 0; good++) {
        failing_malloc_begin(good);
        outcome = read_selector(BYTES_LITERAL("span[a=\"b\"] span[c=1], span[]"), &flaw);
        failing_malloc_end();
        assert_true(outcome == 0 || outcome == -ENOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selectors_are_taken_and_refused),
        cmocka_unit_test(assertions_are_taken_and_refused),
        cmocka_unit_test(an_expression_keeps_its_shape),
        cmocka_unit_test(too_long_ones_are_refused),
        cmocka_unit_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
