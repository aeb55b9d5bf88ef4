/* The two media of text: XML and the terminal page, against tables of what must not come through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "exporters/report_page.h"
#include "exporters/report_xml.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

struct row {
    struct bytes text;
    const char *element, *attribute, *page;
};

static const struct row rows[] = {
    {TEXT(""), "", "", ""},
    {TEXT("plain é 😀"), "plain é 😀", "plain é 😀", "plain é 😀"},
    {TEXT("]]> <a> & \"q\" 'a'"), "]]&gt; &lt;a&gt; &amp; &quot;q&quot; 'a'",
     "]]&gt; &lt;a&gt; &amp; &quot;q&quot; 'a'", "]]> <a> & \"q\" 'a'"},
    {TEXT("a\nb\tc\rd"), "a\nb\tc&#13;d", "a&#10;b&#9;c&#13;d", "a\\nb\\tc\\rd"},
    {TEXT("\033[31m"), "\xef\xbf\xbd[31m", "\xef\xbf\xbd[31m", "\\u001b[31m"},
    {TEXT("\0\x01\x1f\x7f"), "���&#127;", "���&#127;", "\\u0000\\u0001\\u001f\\u007f"},
    {TEXT("\xc2\x80\xc2\x9b\xc2\xa0"), "&#128;&#155;\xc2\xa0", "&#128;&#155;\xc2\xa0",
     "\\u0080\\u009b\xc2\xa0"},
    {TEXT("\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf"), "���", "���",
     "\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf"},
    {TEXT("\xff"
          "a\xc3(\xed\xa0\x80\xf4\x90\x80\x80"),
     "�a�(�������", "�a�(�������", "�a�(�������"},
    {TEXT("\xc2"), "�", "�", "�"},
    {TEXT("\xef\xbf"), "�", "�", "�"},
    {TEXT("\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xe2\x80\xa8\xef\xbb\xbf"), NULL, NULL,
     "\\u202e\\u2066\\u200f\\u061c\\u2028\\ufeff"},
};

static void assert_text(struct buf *out, const char *expected)
{
    buf_append_char(out, '\0');
    assert_false(out->failed);
    assert_string_equal((const char *)out->data, expected);
    buf_deinit(out);
}

static void each_medium_escapes_what_it_obeys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = BUF_NULL;
        if (rows[i].element != NULL) {
            xml_append_text(&out, rows[i].text);
            assert_text(&out, rows[i].element);
            char expected[200];
            snprintf(expected, sizeof expected, " name=\"%s\"", rows[i].attribute);
            xml_append_attribute(&out, "name", rows[i].text);
            assert_text(&out, expected);
        }
        page_escape(&out, rows[i].text);
        assert_text(&out, rows[i].page);
    }
}

static void a_line_has_indent_and_tag_and_one_line_end(void **state)
{
    struct buf out = BUF_NULL;
    struct page page = PAGE_INIT(&out, false);
    (void)state;
    page_tag(&page, "fail", PAGE_RED, 6);
    buf_append_text(&page.line, "a\nb");
    page_end(&page, 2);
    page_gap(&page);
    page_end(&page, 0);
    page_deinit(&page);
    assert_text(&out, "  fail  a\\nb\n\n\n");
}

static void colours_stand_around_the_tag_only(void **state)
{
    struct buf out = BUF_NULL;
    struct page page = PAGE_INIT(&out, true);
    (void)state;
    page_tag(&page, "fail", PAGE_RED, 6);
    page_tag(&page, "x", PAGE_PLAIN, 0);
    buf_append_text(&page.line, "\033[0m");
    page_end(&page, 0);
    page_deinit(&page);
    assert_text(&out, "\033[31mfail\033[0m  x\\u001b[0m\n");
}

/* The next line, without its end; what is left begins behind it. */
static struct bytes next_line(struct bytes *rest)
{
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    assert_non_null(end);
    struct bytes line = bytes_from(rest->data, (size_t)(end - rest->data));
    *rest = bytes_from(end + 1, rest->len - line.len - 1);
    return line;
}

static void long_lines_are_broken_at_blanks_and_long_words_stay_whole(void **state)
{
    struct buf out = BUF_NULL;
    struct page page = PAGE_INIT(&out, false);
    (void)state;
    for (int i = 0; i < 30; i++) {
        buf_append_text(&page.line, i == 0 ? "word" : " word");
    }
    page_end_wrapped(&page, 0);
    for (int i = 0; i < 120; i++) {
        buf_append_char(&page.line, 'x');
    }
    buf_append_text(&page.line, " end");
    page_end_wrapped(&page, 0);
    page_end_wrapped(&page, 0);
    page_deinit(&page);
    struct bytes rest = buf_bytes(&out);
    assert_int_equal(next_line(&rest).len, 99);
    assert_true(bytes_is(next_line(&rest), "  word word word word word word word word word word"));
    assert_int_equal(next_line(&rest).len, 120);
    assert_true(bytes_is(next_line(&rest), "  end"));
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_medium_escapes_what_it_obeys),
        cmocka_unit_test(a_line_has_indent_and_tag_and_one_line_end),
        cmocka_unit_test(colours_stand_around_the_tag_only),
        cmocka_unit_test(long_lines_are_broken_at_blanks_and_long_words_stay_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
