/* Patterns: what is refused, what can't be known, and that threads may share one. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assertions/regex.h"

static struct regex *compile(struct arena *arena, const char *pattern)
{
    struct regex *regex = NULL;
    size_t byte;
    char error[128];
    assert_int_equal(regex_compile(arena, bytes_of(pattern), &regex, &byte, error, sizeof error),
                     0);
    return regex;
}

static void a_pattern_matches_anywhere(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    struct regex *regex = compile(&arena, "b+(c)(d)?");
    assert_int_equal(regex_match(regex, BYTES_LITERAL("aabbc")), 0);
    assert_int_equal(regex_match(regex, BYTES_LITERAL("aabb")), REGEX_NO_MATCH);
    assert_int_equal(regex_match(regex, BYTES_NULL), REGEX_NO_MATCH);
    assert_int_equal(regex_match(compile(&arena, ""), BYTES_NULL), 0);
    assert_int_equal(regex_match(compile(&arena, "^\\p{Lu}.$"), BYTES_LITERAL("\xc3\x84x")), 0);
    assert_int_equal(regex_match(compile(&arena, "a.b"), bytes_from("a\0b", 3)), 0);
    arena_deinit(&arena);
}

static void a_bad_pattern_is_refused_with_its_byte(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    struct regex *regex = NULL;
    size_t byte = 0;
    char error[128];
    assert_int_equal(
        regex_compile(&arena, BYTES_LITERAL("ab("), &regex, &byte, error, sizeof error), REGEX_BAD);
    assert_int_equal(byte, 3);
    assert_non_null(strstr(error, "parenthesis"));
    assert_int_equal(
        regex_compile(&arena, BYTES_LITERAL("\\C"), &regex, &byte, error, sizeof error), REGEX_BAD);
    assert_int_equal(
        regex_compile(&arena, BYTES_LITERAL("\xff"), &regex, &byte, error, sizeof error),
        REGEX_BAD);
    assert_null(regex);
    arena_deinit(&arena);
}

static void what_takes_too_long_is_unknown(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    char text[64];
    memset(text, 'a', sizeof text);
    assert_int_equal(regex_match(compile(&arena, "^(a+)+$"), bytes_from(text, sizeof text)), 0);
    text[sizeof text - 1] = 'b';
    assert_int_equal(regex_match(compile(&arena, "^(a+)+$"), bytes_from(text, sizeof text)),
                     REGEX_UNKNOWN);
    arena_deinit(&arena);
}

static void deep_backtracking_ends_and_leaves_nothing_behind(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    size_t len = 1 << 20;
    char *text = test_malloc(len);
    memset(text, 'a', len);
    int r = regex_match(compile(&arena, "^(?:a|b|(c))*d"), bytes_from(text, len));
    assert_true(r == REGEX_UNKNOWN || r == REGEX_NO_MATCH);
    test_free(text);
    arena_deinit(&arena);
}

static void invalid_utf8_is_unknown(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    assert_int_equal(regex_match(compile(&arena, "a"), BYTES_LITERAL("a\xff")), REGEX_UNKNOWN);
    arena_deinit(&arena);
}

static void *match_many(void *regex)
{
    size_t matches = 0;
    for (int i = 0; i < 2000; i++) {
        matches += regex_match(regex, i % 2 == 0 ? BYTES_LITERAL("order 12 paid")
                                                 : BYTES_LITERAL("order x")) == 0;
    }
    return (void *)(uintptr_t)matches;
}

static void threads_may_share_a_pattern(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    struct regex *regex = compile(&arena, "order (\\d+) (?:paid|shipped)");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, match_many, regex), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *matches;
        assert_int_equal(pthread_join(threads[i], &matches), 0);
        assert_int_equal((uintptr_t)matches, 1000);
    }
    arena_deinit(&arena);
}

static void memory_may_end_while_compiling(void **state)
{
    (void)state;
    int r = -ENOMEM;
    for (size_t limit = 64; r != 0; limit += 64) {
        struct arena arena = ARENA_INIT(64, limit);
        struct regex *regex = NULL;
        size_t byte;
        char error[128];
        r = regex_compile(&arena, BYTES_LITERAL("(?<a>x)(?<b>y)*[[:alpha:]]+"), &regex, &byte,
                          error, sizeof error);
        assert_true(r == 0 || r == -ENOMEM);
        assert_int_equal(regex != NULL, r == 0);
        arena_deinit(&arena);
        assert_true(limit < 65536);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_matches_anywhere),
        cmocka_unit_test(a_bad_pattern_is_refused_with_its_byte),
        cmocka_unit_test(what_takes_too_long_is_unknown),
        cmocka_unit_test(deep_backtracking_ends_and_leaves_nothing_behind),
        cmocka_unit_test(invalid_utf8_is_unknown),
        cmocka_unit_test(threads_may_share_a_pattern),
        cmocka_unit_test(memory_may_end_while_compiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
