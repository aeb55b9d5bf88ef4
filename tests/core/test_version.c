/* The version that the program prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/version.h"

static void version_is_three_numbers(void **state)
{
    (void)state;
    const char *digits = "0123456789";
    const char *at = assertd_version();
    for (int part = 0; part < 3; part++) {
        size_t len = strspn(at, digits);
        assert_true(len > 0);
        at += len;
        assert_int_equal(*at, part < 2 ? '.' : '\0');
        at++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_is_three_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
