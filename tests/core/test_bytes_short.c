#include "daemon/core/bytes_short.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define LEN_MOST 40u

/* Each text in memory of its own length, so that reading beyond it is seen. */
static uint8_t *text_of(size_t len)
{
    uint8_t *text = malloc(len != 0 ? len : 1);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++) {
        text[i] = (uint8_t)(i * 7 + 3);
    }
    return text;
}

static void equal_texts_are_equal_and_one_byte_makes_them_differ(void **state)
{
    (void)state;
    for (size_t len = 0; len <= LEN_MOST; len++) {
        uint8_t *left = text_of(len);
        uint8_t *right = text_of(len);
        assert_true(bytes_short_equal(bytes_from(left, len), bytes_from(right, len)));
        for (size_t i = 0; i < len; i++) {
            right[i] ^= 0x80;
            assert_false(bytes_short_equal(bytes_from(left, len), bytes_from(right, len)));
            right[i] ^= 0x80;
        }
        free(left);
        free(right);
    }
}

static void texts_of_different_lengths_differ(void **state)
{
    (void)state;
    uint8_t *text = text_of(LEN_MOST);
    for (size_t len = 0; len < LEN_MOST; len++) {
        assert_false(bytes_short_equal(bytes_from(text, len), bytes_from(text, LEN_MOST)));
        assert_false(bytes_short_equal(bytes_from(text, LEN_MOST), bytes_from(text, len)));
    }
    assert_true(bytes_short_equal(BYTES_NULL, bytes_from(text, 0)));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_are_equal_and_one_byte_makes_them_differ),
        cmocka_unit_test(texts_of_different_lengths_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
