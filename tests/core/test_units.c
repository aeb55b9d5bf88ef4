/* Durations, sizes and times, as they are read and written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/clock.h"
#include "daemon/core/units.h"

struct reading {
    const char *text;
    int outcome;
    int64_t number;
};

static void durations_are_parsed_exactly(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"10s", 0, 10000000000},
        {"1.5ms", 0, 1500000},
        {"2h", 0, 7200000000000},
        {"3m", 0, 180000000000},
        {"7us", 0, 7000},
        {"0ns", 0, 0},
        {"-5ms", 0, -5000000},
        {"0.001us", 0, 1},
        {"1.50s", 0, 1500000000},
        {"9223372036854775807ns", 0, INT64_MAX},
        {"-9223372036854775808ns", 0, INT64_MIN},
        {"9223372036854775808ns", 2, 0},
        {"99999999999999999999999h", 2, 0},
        {"9223372037s", 2, 0},
        {"1.5ns", 1, 0},
        {"0.0001us", 1, 0},
        {"1.000000000000000000000s", 0, 1000000000},
        {"", 1, 0},
        {"s", 1, 0},
        {"10", 1, 0},
        {"10 s", 1, 0},
        {"+1s", 1, 0},
        {"1.s", 1, 0},
        {".5s", 1, 0},
        {"1sec", 1, 0},
        {"1S", 1, 0},
        {"1s ", 1, 0},
        {"--1s", 1, 0},
        {"1d", 1, 0},
        {"1e3s", 1, 0},
        {"-", 1, 0},
        {"-s", 1, 0},
        {"1.5.5s", 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ns = 77;
        int outcome = units_parse_duration(bytes_of(cases[i].text), &ns);
        if (outcome != cases[i].outcome || ns != (outcome == 0 ? cases[i].number : 77)) {
            fail_msg("%s: outcome %d, %lld", cases[i].text, outcome, (long long)ns);
        }
    }
}

static void sizes_are_parsed_exactly(void **state)
{
    (void)state;
    static const struct reading cases[] = {
        {"512", 0, 512},
        {"512B", 0, 512},
        {"10kB", 0, 10000},
        {"1MB", 0, 1000000},
        {"2GB", 0, 2000000000},
        {"64KiB", 0, 65536},
        {"64MiB", 0, 67108864},
        {"1GiB", 0, 1073741824},
        {"0", 0, 0},
        {"99999999999999999999", 2, 0},
        {"17179869184GiB", 2, 0},
        {"", 1, 0},
        {"MiB", 1, 0},
        {"-1", 1, 0},
        {"1KB", 1, 0},
        {"1mb", 1, 0},
        {"1 MiB", 1, 0},
        {"1MiBx", 1, 0},
        {"0x10", 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bytes = 77;
        int outcome = units_parse_size(bytes_of(cases[i].text), &bytes);
        if (outcome != cases[i].outcome ||
            bytes != (uint64_t)(outcome == 0 ? cases[i].number : 77)) {
            fail_msg("%s: outcome %d, %llu", cases[i].text, outcome, (unsigned long long)bytes);
        }
    }
}

static void assert_text(struct buf *out, const char *expected)
{
    buf_append_char(out, '\0');
    assert_string_equal((const char *)out->data, expected);
    buf_deinit(out);
}

static void durations_are_written_in_the_largest_whole_unit(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *exact;
        const char *brief;
    } cases[] = {
        {1, "1ns", "1ns"},
        {999, "999ns", "999ns"},
        {1500, "1500ns", "1.5us"},
        {1500000000, "1500ms", "1.5s"},
        {5000000000, "5s", "5s"},
        {1534000000, "1534ms", "1.53s"},
        {241400000, "241400us", "241ms"},
        {999600000, "999600us", "1s"},
        {999400000, "999400us", "999ms"},
        {1005000, "1005us", "1.01ms"},
        {12340000, "12340us", "12.3ms"},
        {3600000000000, "3600s", "3600s"},
        {-250000, "-250us", "-250us"},
        {INT64_MIN, "-9223372036854775808ns", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_NULL;
        units_print_duration(&out, cases[i].ns);
        assert_text(&out, cases[i].exact);
        if (cases[i].brief != NULL) {
            units_print_duration_short(&out, cases[i].ns);
            assert_text(&out, cases[i].brief);
        }
    }
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 5000; i++) {
        struct buf out = BUF_NULL;
        int64_t back;
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        int64_t ns = (int64_t)(seed >> (seed % 60)) / (i % 3 == 0 ? 1 : 1000000) *
                     (i % 3 == 0 ? 1 : 1000000);
        units_print_duration(&out, ns);
        assert_int_equal(units_parse_duration(buf_bytes(&out), &back), 0);
        assert_true(back == ns);
        buf_deinit(&out);
    }
}

static void sizes_are_written_in_whole_units(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {67108864, "64MiB"}, {1024, "1KiB"}, {1073741824, "1GiB"}, {1025, "1025"}, {0, "0"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_NULL;
        units_print_size(&out, cases[i].bytes);
        assert_text(&out, cases[i].text);
    }
}

static void times_have_as_many_decimals_as_they_need(void **state)
{
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {1795248000125000000, "2026-11-21T08:00:00.125Z"},
        {951782400000000001, "2000-02-29T00:00:00.000000001Z"},
        {951868799999999000, "2000-02-29T23:59:59.999999Z"},
        {4107542399000000000, "2100-02-28T23:59:59Z"},
        {4107542400000000000, "2100-03-01T00:00:00Z"},
        {UINT64_MAX, "2554-07-21T23:34:33.709551615Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_NULL;
        units_print_time(&out, cases[i].ns);
        assert_text(&out, cases[i].text);
    }
}

static void wide_integers_are_written_whole(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    units_print_i128(&out, (__int128)UINT64_MAX * INT64_MAX);
    assert_text(&out, "170141183460469231704017187605319778305");
    units_print_i128(&out, -(__int128)UINT64_MAX * INT64_MAX);
    assert_text(&out, "-170141183460469231704017187605319778305");
    units_print_i128(&out, -(__int128)1);
    assert_text(&out, "-1");
    units_print_i128(&out, 0);
    assert_text(&out, "0");
}

static void a_manual_clock_moves_when_told(void **state)
{
    (void)state;
    struct clock_manual clock = clock_manual_at(5, 100);
    assert_int_equal(clock.base.monotonic_ns(&clock.base), 5);
    assert_int_equal(clock.base.wall_ns(&clock.base), 100);
    clock_manual_advance(&clock, 10);
    assert_int_equal(clock.base.monotonic_ns(&clock.base), 15);
    assert_int_equal(clock.base.wall_ns(&clock.base), 110);
    uint64_t before = clock_system.monotonic_ns(&clock_system);
    assert_true(clock_system.monotonic_ns(&clock_system) >= before);
    assert_true(clock_system.wall_ns(&clock_system) > UINT64_C(1700000000) * NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_parsed_exactly),
        cmocka_unit_test(sizes_are_parsed_exactly),
        cmocka_unit_test(durations_are_written_in_the_largest_whole_unit),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(sizes_are_written_in_whole_units),
        cmocka_unit_test(times_have_as_many_decimals_as_they_need),
        cmocka_unit_test(wide_integers_are_written_whole),
        cmocka_unit_test(a_manual_clock_moves_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
