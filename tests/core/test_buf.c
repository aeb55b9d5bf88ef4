/* Buffers: growth, limits, the failure that is remembered; and views of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "daemon/core/buf.h"
#include "tests/support/failing_malloc.h"

static void assert_buf(const struct buf *buf, const char *expected)
{
    assert_false(buf->failed);
    assert_int_equal(buf->len, strlen(expected));
    assert_memory_equal(buf->data, expected, buf->len);
}

static void everything_is_appended_in_order(void **state)
{
    (void)state;
    struct buf buf = BUF_NULL;
    buf_append(&buf, "ab", 2);
    buf_append(&buf, NULL, 0);
    buf_append_bytes(&buf, BYTES_NULL);
    buf_append_bytes(&buf, BYTES_LITERAL("c"));
    buf_append_text(&buf, "de");
    buf_append_char(&buf, 'f');
    buf_printf(&buf, "%d", 7);
    assert_buf(&buf, "abcdef7");
    buf_reset(&buf);
    assert_buf(&buf, "");
    buf_deinit(&buf);
    buf_deinit(&buf);
}

static void integers_are_printed_to_their_ends(void **state)
{
    (void)state;
    struct buf buf = BUF_NULL;
    buf_append_u64(&buf, 0);
    buf_append_char(&buf, ' ');
    buf_append_u64(&buf, UINT64_MAX);
    buf_append_char(&buf, ' ');
    buf_append_i64(&buf, INT64_MIN);
    buf_append_char(&buf, ' ');
    buf_append_i64(&buf, INT64_MAX);
    buf_append_char(&buf, ' ');
    buf_append_i64(&buf, -1);
    assert_buf(&buf, "0 18446744073709551615 -9223372036854775808 9223372036854775807 -1");
    buf_deinit(&buf);
}

static void long_formats_are_whole(void **state)
{
    (void)state;
    struct buf buf = BUF_NULL;
    for (int width = 1; width < 2000; width += 37) {
        buf_reset(&buf);
        buf_printf(&buf, "%*d|", width, 7);
        assert_int_equal(buf.len, width + 1);
        assert_int_equal(buf.data[width - 1], '7');
        assert_int_equal(buf.data[width], '|');
    }
    buf_deinit(&buf);
}

static void the_limit_is_exact_and_failure_sticks(void **state)
{
    (void)state;
    struct buf buf = BUF_NULL;
    buf.limit = 5;
    buf_append_text(&buf, "12345");
    assert_buf(&buf, "12345");
    buf_append_char(&buf, '6');
    assert_true(buf.failed);
    assert_int_equal(buf.len, 5);
    assert_null(buf_reserve(&buf, 0));
    buf_reset(&buf);
    buf_append_text(&buf, "123456");
    assert_true(buf.failed);
    buf_append_char(&buf, '1');
    assert_int_equal(buf.len, 0);
    buf_deinit(&buf);
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    struct buf buf = BUF_NULL;
    buf_append_char(&buf, 'a');
    assert_null(buf_reserve(&buf, SIZE_MAX));
    assert_true(buf.failed);
    buf_reset(&buf);
    buf.limit = 100;
    assert_null(buf_reserve(&buf, SIZE_MAX / 2));
    buf_deinit(&buf);
}

static void without_memory_the_content_stays(void **state)
{
    (void)state;
    struct buf buf = BUF_NULL;
    buf_append_text(&buf, "kept");
    failing_malloc_begin(0);
    for (int i = 0; i < 10000 && !buf.failed; i++) {
        buf_append_text(&buf, "more");
    }
    failing_malloc_end();
    assert_true(buf.failed);
    assert_memory_equal(buf.data, "keptmore", 8);
    buf_deinit(&buf);
}

static void taken_memory_is_the_callers(void **state)
{
    (void)state;
    struct buf buf = BUF_NULL;
    size_t len;
    buf_append_text(&buf, "x");
    uint8_t *data = buf_take(&buf, &len);
    assert_int_equal(len, 1);
    assert_int_equal(data[0], 'x');
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
    free(data);
}

static void views_compare_search_and_trim(void **state)
{
    (void)state;
    assert_true(bytes_compare(BYTES_LITERAL("a"), BYTES_LITERAL("ab")) < 0);
    assert_true(bytes_compare(BYTES_LITERAL("\xff"), BYTES_LITERAL("a")) > 0);
    assert_int_equal(bytes_compare(BYTES_NULL, BYTES_LITERAL("")), 0);
    assert_true(bytes_equal(BYTES_NULL, BYTES_LITERAL("")));
    assert_false(bytes_equal(BYTES_LITERAL("a\0b"), BYTES_LITERAL("a\0c")));
    assert_true(bytes_contain(BYTES_LITERAL("a\0bc"), BYTES_LITERAL("\0b")));
    assert_true(bytes_contain(BYTES_NULL, BYTES_NULL));
    assert_false(bytes_contain(BYTES_NULL, BYTES_LITERAL("a")));
    assert_true(bytes_start_with(BYTES_LITERAL("abc"), BYTES_LITERAL("ab")));
    assert_false(bytes_start_with(BYTES_LITERAL("a"), BYTES_LITERAL("ab")));
    assert_true(bytes_is_nocase(BYTES_LITERAL("Content-TYPE"), "content-type"));
    assert_false(bytes_is_nocase(BYTES_LITERAL("content-typ"), "content-type"));
    assert_false(bytes_is_nocase(BYTES_LITERAL("@"), "`"));
    assert_true(bytes_is(bytes_trim(BYTES_LITERAL(" \t\r\nx y\n")), "x y"));
    assert_int_equal(bytes_trim(BYTES_LITERAL(" \t ")).len, 0);
    assert_int_equal(bytes_trim(BYTES_NULL).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_appended_in_order),
        cmocka_unit_test(integers_are_printed_to_their_ends),
        cmocka_unit_test(long_formats_are_whole),
        cmocka_unit_test(the_limit_is_exact_and_failure_sticks),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(without_memory_the_content_stays),
        cmocka_unit_test(taken_memory_is_the_callers),
        cmocka_unit_test(views_compare_search_and_trim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
