/* UTF-8: every boundary of RFC 3629, and what mending makes of bad text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/utf8.h"

#define MARK "\xef\xbf\xbd"

static const char *const good[] = {
    "",
    "plain",
    "\x7f",
    "\xc2\x80",
    "\xdf\xbf",
    "\xe0\xa0\x80",
    "\xed\x9f\xbf",
    "\xee\x80\x80",
    "\xef\xbf\xbf",
    "\xf0\x90\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "12345678\xc3\xa9zzzzzzzz",
    "\xe2\x82\xac and \xf0\x9f\x98\x80",
};

/* Bad text and what it is mended to: one mark for each maximal part of a character, one for each
 * byte that can't begin one. */
static const struct {
    const char *text;
    const char *mended;
} bad[] = {
    {"\x80", MARK},
    {"\xbf\xbf", MARK MARK},
    {"\xc0\x80", MARK MARK}, /* overlong */
    {"\xc1\xbf", MARK MARK},
    {"\xe0\x9f\xbf", MARK MARK MARK},
    {"\xf0\x8f\xbf\xbf", MARK MARK MARK MARK},
    {"\xed\xa0\x80", MARK MARK MARK},          /* a surrogate */
    {"\xf4\x90\x80\x80", MARK MARK MARK MARK}, /* above U+10FFFF */
    {"\xf5\x80", MARK MARK},
    {"\xff", MARK},
    {"a\xe2\x82", "a" MARK}, /* cut */
    {"\xf0\x9f\x98", MARK},
    {"\xe2\x82z", MARK "z"},
    {"\xc3(", MARK "("},
    {"12345678\xff"
     "12345678",
     "12345678" MARK "12345678"},
    {"\xf0\x9f\xc3\xa9", MARK "\xc3\xa9"},
};

static void good_text_is_valid_and_stays(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct buf out = BUF_NULL;
        assert_true(utf8_valid(bytes_of(good[i])));
        utf8_append_mended(&out, bytes_of(good[i]));
        assert_true(bytes_is(buf_bytes(&out), good[i]));
        buf_reset(&out);
        utf8_append_by(&out, bytes_of(good[i]), buf_append_bytes);
        assert_true(bytes_is(buf_bytes(&out), good[i]));
        buf_deinit(&out);
    }
    assert_true(utf8_valid(BYTES_LITERAL("a\0b")));
    assert_true(utf8_valid(BYTES_NULL));
}

static void bad_text_is_found_and_mended(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf out = BUF_NULL;
        assert_false(utf8_valid(bytes_of(bad[i].text)));
        utf8_append_mended(&out, bytes_of(bad[i].text));
        if (!bytes_is(buf_bytes(&out), bad[i].mended)) {
            fail_msg("case %zu: %.*s", i, (int)out.len, (const char *)out.data);
        }
        buf_reset(&out);
        utf8_append_by(&out, bytes_of(bad[i].text), buf_append_bytes);
        assert_true(bytes_is(buf_bytes(&out), bad[i].mended));
        buf_deinit(&out);
    }
}

static void what_was_mended_is_valid(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        uint8_t text[12];
        struct buf out = BUF_NULL;
        for (size_t j = 0; j < sizeof text; j++) {
            seed = seed * 1664525 + 1013904223;
            text[j] = (uint8_t)(seed >> 24) | (j % 3 != 0 ? 0x80 : 0);
        }
        struct bytes view = bytes_from(text, (size_t)i % 13);
        utf8_append_mended(&out, view);
        assert_true(utf8_valid(buf_bytes(&out)));
        assert_true(!utf8_valid(view) || bytes_equal(view, buf_bytes(&out)));
        buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_text_is_valid_and_stays),
        cmocka_unit_test(bad_text_is_found_and_mended),
        cmocka_unit_test(what_was_mended_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
