#include "daemon/net/inflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

#include "daemon/core/buf.h"

#define LIMIT 1000000

/* One gzip member made by another library. */
static void append_gzip(struct buf *out, const void *data, size_t len, int level)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, len) + 64;
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)len;
    z.next_out = buf_reserve(out, room);
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += room - z.avail_out;
    deflateEnd(&z);
}

static uint8_t *some_data(size_t len)
{
    uint8_t *data = malloc(len != 0 ? len : 1);
    for (size_t i = 0; i < len; i++) {
        data[i] = (uint8_t)(i * i >> 7);
    }
    return data;
}

static void assert_inflates(struct bytes packed, size_t limit, const uint8_t *want, size_t len)
{
    uint8_t *got = NULL;
    size_t got_len = 77;
    assert_int_equal(inflate_gzip(packed, limit, &got, &got_len), 0);
    assert_non_null(got);
    assert_int_equal(got_len, len);
    assert_memory_equal(got, want, len);
    free(got);
}

static void assert_fails(struct bytes packed, size_t limit, int outcome)
{
    uint8_t *got = NULL;
    size_t got_len = 77;
    assert_int_equal(inflate_gzip(packed, limit, &got, &got_len), outcome);
    assert_null(got);
    assert_int_equal(got_len, 77);
}

static void what_another_library_packed_is_unpacked(void **state)
{
    static const size_t lens[] = {0, 1, 100, 4095, 4096, 4097, 65536, 999999, LIMIT};
    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        uint8_t *data = some_data(lens[i]);
        for (int level = 0; level <= 9; level += 3) {
            struct buf packed = BUF_NULL;
            append_gzip(&packed, data, lens[i], level);
            assert_inflates(buf_bytes(&packed), LIMIT, data, lens[i]);
            buf_deinit(&packed);
        }
        free(data);
    }
}

static void the_limit_is_exact(void **state)
{
    uint8_t *data = some_data(50000);
    struct buf packed = BUF_NULL;
    (void)state;
    append_gzip(&packed, data, 50000, 6);
    assert_inflates(buf_bytes(&packed), 50000, data, 50000);
    assert_fails(buf_bytes(&packed), 49999, INFLATE_TOO_LARGE);
    assert_fails(buf_bytes(&packed), 1, INFLATE_TOO_LARGE);
    buf_deinit(&packed);
    free(data);
}

static void members_are_joined_and_limited_together(void **state)
{
    uint8_t *data = some_data(3000);
    struct buf packed = BUF_NULL;
    (void)state;
    append_gzip(&packed, data, 1000, 6);
    append_gzip(&packed, data, 0, 6);
    append_gzip(&packed, data + 1000, 2000, 9);
    append_gzip(&packed, data, 0, 6);
    assert_inflates(buf_bytes(&packed), 3000, data, 3000);
    assert_fails(buf_bytes(&packed), 2999, INFLATE_TOO_LARGE);
    buf_deinit(&packed);
    free(data);
}

static void a_bomb_is_stopped_at_the_limit(void **state)
{
    struct buf packed = BUF_NULL;
    uint8_t *zeros = calloc(1, 20000000);
    (void)state;
    append_gzip(&packed, zeros, 20000000, 9);
    assert_true(packed.len < 30000);
    assert_fails(buf_bytes(&packed), LIMIT, INFLATE_TOO_LARGE);
    buf_deinit(&packed);
    free(zeros);
}

static void the_size_in_the_trailer_is_not_believed(void **state)
{
    uint8_t *data = some_data(100000);
    struct buf packed = BUF_NULL;
    (void)state;
    append_gzip(&packed, data, 100000, 6);
    static const uint32_t sizes[] = {0, 1, 99999, 100001, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memcpy(packed.data + packed.len - 4, &sizes[i], 4);
        assert_fails(buf_bytes(&packed), LIMIT, INFLATE_CORRUPT);
    }
    buf_deinit(&packed);
    free(data);
}

static void a_small_last_member_may_hide_a_large_first_one(void **state)
{
    uint8_t *data = some_data(500001);
    struct buf packed = BUF_NULL;
    (void)state;
    append_gzip(&packed, data, 500000, 9);
    append_gzip(&packed, data + 500000, 1, 9);
    assert_inflates(buf_bytes(&packed), LIMIT, data, 500001);
    buf_deinit(&packed);
    free(data);
}

static void every_truncation_is_corrupt(void **state)
{
    uint8_t *data = some_data(600);
    struct buf packed = BUF_NULL;
    (void)state;
    append_gzip(&packed, data, 600, 6);
    for (size_t len = 0; len < packed.len; len++) {
        uint8_t *exact = malloc(len != 0 ? len : 1);
        memcpy(exact, packed.data, len);
        assert_fails(bytes_from(exact, len), LIMIT, INFLATE_CORRUPT);
        free(exact);
    }
    buf_deinit(&packed);
    free(data);
}

static void what_is_not_gzip_is_corrupt(void **state)
{
    struct buf packed = BUF_NULL;
    (void)state;
    append_gzip(&packed, "hello", 5, 6);
    buf_append_char(&packed, '\0');
    assert_fails(buf_bytes(&packed), LIMIT, INFLATE_CORRUPT); /* a byte behind the end */
    packed.data[packed.len - 6] ^= 1;
    packed.len--;
    assert_fails(buf_bytes(&packed), LIMIT, INFLATE_CORRUPT); /* checksum */
    packed.data[3] = 0xe0;
    assert_fails(buf_bytes(&packed), LIMIT, INFLATE_CORRUPT); /* reserved flags */
    assert_fails(BYTES_LITERAL("plain text, and some more of it"), LIMIT, INFLATE_CORRUPT);
    assert_fails(BYTES_LITERAL("\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00\x99\xe9\xd8\x51 zstd"), LIMIT,
                 INFLATE_CORRUPT);
    buf_deinit(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_another_library_packed_is_unpacked),
        cmocka_unit_test(the_limit_is_exact),
        cmocka_unit_test(members_are_joined_and_limited_together),
        cmocka_unit_test(a_bomb_is_stopped_at_the_limit),
        cmocka_unit_test(the_size_in_the_trailer_is_not_believed),
        cmocka_unit_test(a_small_last_member_may_hide_a_large_first_one),
        cmocka_unit_test(every_truncation_is_corrupt),
        cmocka_unit_test(what_is_not_gzip_is_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
