#include "daemon/net/inflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/net/pack.h"
#include "tests/support/failing_malloc.h"

#define LIMIT 1000000

static const enum inflate_coding codings[] = {INFLATE_GZIP, INFLATE_DEFLATE, INFLATE_ZSTD};
#define CODINGS (sizeof codings / sizeof codings[0])

static int setup(void **state)
{
    static struct inflater inflater;
    inflater = INFLATER_NULL;
    *state = &inflater;
    return 0;
}

static int teardown(void **state)
{
    inflater_deinit(*state);
    return 0;
}

static uint8_t *some_data(size_t len)
{
    uint8_t *data = malloc(len != 0 ? len : 1);
    for (size_t i = 0; i < len; i++) {
        data[i] = (uint8_t)(i * i >> 7);
    }
    return data;
}

static void assert_inflates(struct inflater *inflater, enum inflate_coding coding,
                            struct bytes packed, size_t limit, const uint8_t *want, size_t len)
{
    const struct inflate_bounds bounds = {.limit = limit};
    uint8_t *got = NULL;
    size_t got_len = 77;
    assert_int_equal(inflater_run(inflater, coding, packed, &bounds, &got, &got_len), 0);
    assert_non_null(got);
    assert_int_equal(got_len, len);
    assert_memory_equal(got, want, len);
    free(got);
}

static void assert_fails(struct inflater *inflater, enum inflate_coding coding, struct bytes packed,
                         size_t limit, int outcome)
{
    const struct inflate_bounds bounds = {.limit = limit};
    uint8_t *got = NULL;
    size_t got_len = 77;
    assert_int_equal(inflater_run(inflater, coding, packed, &bounds, &got, &got_len), outcome);
    assert_null(got);
    assert_int_equal(got_len, 77);
}

static void what_another_library_packed_is_unpacked(void **state)
{
    static const size_t lens[] = {0, 1, 100, 4095, 4096, 4097, 65536, 131073, 999999, LIMIT};
    for (size_t i = 0; i < CODINGS * sizeof lens / sizeof *lens; i++) {
        size_t len = lens[i / CODINGS];
        uint8_t *data = some_data(len);
        for (int level = 0; level <= 9; level += 3) {
            struct buf packed = BUF_NULL;
            pack(&packed, codings[i % CODINGS], level, data, len);
            assert_inflates(*state, codings[i % CODINGS], buf_bytes(&packed), LIMIT, data, len);
            buf_deinit(&packed);
        }
        free(data);
    }
}

static void the_limit_is_exact(void **state)
{
    uint8_t *data = some_data(50000);
    for (size_t i = 0; i < CODINGS; i++) {
        struct buf packed = BUF_NULL;
        pack(&packed, codings[i], 6, data, 50000);
        assert_inflates(*state, codings[i], buf_bytes(&packed), 50000, data, 50000);
        assert_fails(*state, codings[i], buf_bytes(&packed), 49999, INFLATE_TOO_LARGE);
        assert_fails(*state, codings[i], buf_bytes(&packed), 1, INFLATE_TOO_LARGE);
        buf_deinit(&packed);
    }
    free(data);
}

static void any_limit_below_the_size_is_told_from_damage(void **state)
{
    uint8_t *data = some_data(3000);
    for (size_t i = 0; i < CODINGS; i++) {
        struct buf packed = BUF_NULL;
        memset(data + 1000, 'x', 500);
        pack(&packed, codings[i], 9, data, 3000);
        for (size_t limit = 1; limit < 3000; limit += 7) {
            assert_fails(*state, codings[i], buf_bytes(&packed), limit, INFLATE_TOO_LARGE);
        }
        buf_deinit(&packed);
    }
    free(data);
}

static void members_are_joined_and_limited_together(void **state)
{
    static const enum inflate_coding joined[] = {INFLATE_GZIP, INFLATE_ZSTD};
    uint8_t *data = some_data(3000);
    for (size_t i = 0; i < 2; i++) {
        struct buf packed = BUF_NULL;
        pack(&packed, joined[i], 6, data, 1000);
        pack(&packed, joined[i], 6, data, 0);
        pack(&packed, joined[i], 9, data + 1000, 2000);
        pack(&packed, joined[i], 6, data, 0);
        assert_inflates(*state, joined[i], buf_bytes(&packed), 3000, data, 3000);
        assert_fails(*state, joined[i], buf_bytes(&packed), 2999, INFLATE_TOO_LARGE);
        buf_deinit(&packed);
    }
    free(data);
}

static void a_bomb_is_stopped_at_the_limit(void **state)
{
    uint8_t *zeros = calloc(1, 20000000);
    for (size_t i = 0; i < CODINGS; i++) {
        struct buf packed = BUF_NULL;
        pack(&packed, codings[i], 9, zeros, 20000000);
        assert_true(packed.len < 30000);
        assert_fails(*state, codings[i], buf_bytes(&packed), LIMIT, INFLATE_TOO_LARGE);
        buf_deinit(&packed);
    }
    free(zeros);
}

static void the_size_in_gzips_trailer_is_not_believed(void **state)
{
    uint8_t *data = some_data(100000);
    struct buf packed = BUF_NULL;
    pack(&packed, INFLATE_GZIP, 6, data, 100000);
    static const uint32_t sizes[] = {0, 1, 99999, 100001, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memcpy(packed.data + packed.len - 4, &sizes[i], 4);
        assert_fails(*state, INFLATE_GZIP, buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
    }
    buf_deinit(&packed);
    free(data);
}

/* A frame of one block "abc" and a header that tells the size in eight bytes. */
static void the_size_in_zstds_header_is_not_believed(void **state)
{
    static const uint64_t sizes[] = {0, 1, 2, 4, 1000, LIMIT, LIMIT + 1, UINT32_MAX, INT64_MAX};
    uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 3, 0,   0,   0,  0,
                       0,    0,    0,    0x19, 0,    0, 'a', 'b', 'c'};
    frame[13] = 3 << 3 | 1; /* raw, last, three bytes */
    assert_inflates(*state, INFLATE_ZSTD, bytes_from(frame, sizeof frame), LIMIT,
                    (const uint8_t *)"abc", 3);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct inflate_bounds bounds = {.limit = LIMIT};
        uint8_t *got = NULL;
        size_t len;
        memcpy(frame + 5, &sizes[i], sizeof sizes[i]);
        assert_int_not_equal(0, inflater_run(*state, INFLATE_ZSTD, bytes_from(frame, sizeof frame),
                                             &bounds, &got, &len));
        assert_null(got);
    }
}

static void a_zstd_frame_need_not_tell_its_size(void **state)
{
    uint8_t *data = calloc(1, LIMIT);
    struct buf packed = BUF_NULL;
    pack_zstd_untold(&packed, data, LIMIT);
    assert_inflates(*state, INFLATE_ZSTD, buf_bytes(&packed), LIMIT, data, LIMIT);
    assert_fails(*state, INFLATE_ZSTD, buf_bytes(&packed), LIMIT - 1, INFLATE_TOO_LARGE);
    buf_deinit(&packed);
    free(data);
}

static void zstds_skippable_frames_are_skipped_and_its_old_forms_refused(void **state)
{
    struct buf packed = BUF_NULL;
    buf_append(&packed, "\x5f\x2a\x4d\x18\x03\0\0\0abc", 11);
    pack(&packed, INFLATE_ZSTD, 3, "hello", 5);
    assert_inflates(*state, INFLATE_ZSTD, buf_bytes(&packed), LIMIT, (const uint8_t *)"hello", 5);
    for (unsigned old = 0x22; old <= 0x27; old++) {
        buf_reset(&packed);
        buf_printf(&packed, "%c\xb5\x2f\xfd and whatever follows", old);
        assert_fails(*state, INFLATE_ZSTD, buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
    }
    buf_deinit(&packed);
}

static void a_small_last_member_may_hide_a_large_first_one(void **state)
{
    uint8_t *data = some_data(500001);
    struct buf packed = BUF_NULL;
    pack(&packed, INFLATE_GZIP, 9, data, 500000);
    pack(&packed, INFLATE_GZIP, 9, data + 500000, 1);
    assert_inflates(*state, INFLATE_GZIP, buf_bytes(&packed), LIMIT, data, 500001);
    buf_deinit(&packed);
    free(data);
}

static void every_truncation_is_corrupt(void **state)
{
    uint8_t *data = some_data(600);
    for (size_t i = 0; i < CODINGS; i++) {
        struct buf packed = BUF_NULL;
        pack(&packed, codings[i], 6, data, 600);
        for (size_t len = 0; len < packed.len; len++) {
            uint8_t *exact = malloc(len != 0 ? len : 1);
            memcpy(exact, packed.data, len);
            assert_fails(*state, codings[i], bytes_from(exact, len), LIMIT, INFLATE_CORRUPT);
            free(exact);
        }
        buf_deinit(&packed);
    }
    free(data);
}

static void what_is_of_another_form_is_corrupt(void **state)
{
    for (size_t i = 0; i < CODINGS; i++) {
        for (size_t j = 0; j < CODINGS; j++) {
            struct buf packed = BUF_NULL;
            pack(&packed, codings[j], 6, "hello", 5);
            if (i != j) {
                assert_fails(*state, codings[i], buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
            }
            buf_append_char(&packed, '\0'); /* a byte behind the end */
            assert_fails(*state, codings[i], buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
            packed.len -= 1;
            packed.data[packed.len - 2] ^= 1; /* gzip's size, the others' checksum */
            assert_fails(*state, codings[i], buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
            buf_deinit(&packed);
        }
        assert_fails(*state, codings[i], BYTES_LITERAL("plain text, and some more"), LIMIT,
                     INFLATE_CORRUPT);
    }
}

static void gzips_checksum_and_reserved_flags_are_checked(void **state)
{
    struct buf packed = BUF_NULL;
    pack(&packed, INFLATE_GZIP, 6, "hello", 5);
    packed.data[packed.len - 5] ^= 1;
    assert_fails(*state, INFLATE_GZIP, buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
    packed.data[packed.len - 5] ^= 1;
    packed.data[3] = 0xe0;
    assert_fails(*state, INFLATE_GZIP, buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
    buf_deinit(&packed);
}

static void deflate_is_one_stream_in_zlibs_form(void **state)
{
    struct buf packed = BUF_NULL;
    pack(&packed, INFLATE_DEFLATE, 6, "hello", 5);
    size_t once = packed.len;
    pack(&packed, INFLATE_DEFLATE, 6, "hello", 5);
    assert_fails(*state, INFLATE_DEFLATE, buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
    assert_fails(*state, INFLATE_DEFLATE, bytes_from(packed.data + 2, once - 6), LIMIT,
                 INFLATE_CORRUPT); /* raw deflate */
    buf_deinit(&packed);
}

struct asked {
    size_t most, allowed;
};

static int ask(void *self, size_t bytes)
{
    struct asked *asked = self;
    asked->most = bytes > asked->most ? bytes : asked->most;
    return bytes > asked->allowed;
}

static void room_is_asked_for_before_it_is_taken(void **state)
{
    uint8_t *zeros = calloc(1, LIMIT);
    for (size_t i = 0; i < CODINGS; i++) {
        struct asked asked = {0, LIMIT};
        const struct inflate_bounds bounds = {LIMIT, ask, &asked};
        struct buf packed = BUF_NULL;
        uint8_t *got = NULL;
        size_t len;
        pack(&packed, codings[i], 6, zeros, LIMIT);
        assert_int_equal(0,
                         inflater_run(*state, codings[i], buf_bytes(&packed), &bounds, &got, &len));
        assert_int_equal(LIMIT, asked.most);
        free(got);
        got = NULL;
        asked = (struct asked){0, LIMIT - 1};
        assert_int_equal(INFLATE_REFUSED,
                         inflater_run(*state, codings[i], buf_bytes(&packed), &bounds, &got, &len));
        assert_null(got);
        buf_deinit(&packed);
    }
    free(zeros);
}

static void memory_that_runs_out_is_an_outcome(void **state)
{
    uint8_t *zeros = calloc(1, LIMIT);
    for (size_t i = 0; i < CODINGS; i++) {
        const struct inflate_bounds bounds = {.limit = LIMIT};
        struct buf packed = BUF_NULL;
        uint8_t *got = NULL;
        size_t len;
        size_t good = 0;
        int outcome = INFLATE_NO_MEMORY;
        pack(&packed, codings[i], 6, zeros, LIMIT);
        for (; outcome == INFLATE_NO_MEMORY; good++) {
            failing_malloc_begin(good);
            outcome = inflater_run(*state, codings[i], buf_bytes(&packed), &bounds, &got, &len);
            failing_malloc_end();
        }
        assert_int_equal(0, outcome);
        assert_true(good > 1);
        free(got);
        buf_deinit(&packed);
    }
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_another_library_packed_is_unpacked, setup, teardown),
        cmocka_unit_test_setup_teardown(the_limit_is_exact, setup, teardown),
        cmocka_unit_test_setup_teardown(any_limit_below_the_size_is_told_from_damage, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(members_are_joined_and_limited_together, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bomb_is_stopped_at_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(the_size_in_gzips_trailer_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(the_size_in_zstds_header_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_zstd_frame_need_not_tell_its_size, setup, teardown),
        cmocka_unit_test_setup_teardown(
            zstds_skippable_frames_are_skipped_and_its_old_forms_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_small_last_member_may_hide_a_large_first_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(every_truncation_is_corrupt, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_of_another_form_is_corrupt, setup, teardown),
        cmocka_unit_test_setup_teardown(gzips_checksum_and_reserved_flags_are_checked, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(deflate_is_one_stream_in_zlibs_form, setup, teardown),
        cmocka_unit_test_setup_teardown(room_is_asked_for_before_it_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_that_runs_out_is_an_outcome, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
