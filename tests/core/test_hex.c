/* Hexadecimal and base64, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/hex.h"

static void hex_goes_both_ways(void **state)
{
    (void)state;
    uint8_t all[256];
    uint8_t back[256];
    char text[512];
    for (int i = 0; i < 256; i++) {
        all[i] = (uint8_t)i;
    }
    hex_print(text, all, sizeof all);
    assert_memory_equal(text, "000102", 6);
    assert_memory_equal(text + 506, "fdfeff", 6);
    assert_int_equal(hex_parse(bytes_from(text, sizeof text), back, sizeof back), 0);
    assert_memory_equal(all, back, sizeof all);
    assert_int_equal(hex_parse(BYTES_LITERAL("aBFf"), back, 2), 0);
    assert_memory_equal(back, "\xab\xff", 2);
}

static void bad_hex_writes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "ab",         "abc",  "abcde", "abcg", "ab c",
                                      "0x12", "ab\xc3\xa9", "ab@f", "ab`f",  "12/4", "12:4"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t out[2] = {7, 7};
        assert_int_equal(hex_parse(bytes_of(bad[i]), out, 2), 1);
        assert_memory_equal(out, "\x07\x07", 2);
    }
}

static const struct {
    struct bytes data;
    const char *text;
} base64[] = {
    /* RFC 4648, section 10 */
    {{(const uint8_t *)"", 0}, ""},        {BYTES_LITERAL("f"), "Zg=="},
    {BYTES_LITERAL("fo"), "Zm8="},         {BYTES_LITERAL("foo"), "Zm9v"},
    {BYTES_LITERAL("foob"), "Zm9vYg=="},   {BYTES_LITERAL("fooba"), "Zm9vYmE="},
    {BYTES_LITERAL("foobar"), "Zm9vYmFy"}, {BYTES_LITERAL("\xfb\xff\xfe\x00"), "+//+AA=="},
};

static void base64_goes_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof base64 / sizeof base64[0]; i++) {
        struct buf text = BUF_NULL;
        struct buf data = BUF_NULL;
        base64_append(&text, base64[i].data);
        assert_true(bytes_is(buf_bytes(&text), base64[i].text));
        assert_int_equal(base64_parse(buf_bytes(&text), &data), 0);
        assert_true(bytes_equal(buf_bytes(&data), base64[i].data));
        buf_deinit(&text);
        buf_deinit(&data);
    }
}

static void other_alphabets_and_missing_padding_are_read(void **state)
{
    (void)state;
    struct buf data = BUF_NULL;
    assert_int_equal(base64_parse(BYTES_LITERAL("-__-AA"), &data), 0);
    assert_true(bytes_equal(buf_bytes(&data), BYTES_LITERAL("\xfb\xff\xfe\x00")));
    assert_int_equal(base64_parse(BYTES_LITERAL("Zg"), &data), 0);
    assert_true(bytes_equal(buf_bytes(&data), BYTES_LITERAL("\xfb\xff\xfe\x00"
                                                            "f")));
    buf_deinit(&data);
}

static void bad_base64_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"Z",    "Zm9vY",    "Zg=",  "=",     "==",   "====",
                                      "Z===", "Zg==Zg==", "Z g=", "Zm9\n", "Zm9*", "Zg=x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct buf data = BUF_NULL;
        if (base64_parse(bytes_of(bad[i]), &data) != 1) {
            fail_msg("accepted: %s", bad[i]);
        }
        buf_deinit(&data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_goes_both_ways),
        cmocka_unit_test(bad_hex_writes_nothing),
        cmocka_unit_test(base64_goes_both_ways),
        cmocka_unit_test(other_alphabets_and_missing_padding_are_read),
        cmocka_unit_test(bad_base64_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
