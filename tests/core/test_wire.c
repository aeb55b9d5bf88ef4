/* Protobuf's wire format: what is written reads back, what is malformed is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/wire.h"

static int count_fields(struct bytes message, size_t *ret_count)
{
    struct wire_reader reader = wire_reader_of(message);
    struct wire_field field;
    int outcome;
    for (*ret_count = 0; (outcome = wire_next(&reader, &field)) == 0; ++*ret_count) {
    }
    return outcome;
}

static void varints_go_both_ways(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit <= 64; bit++) {
        for (int around = -1; around <= 1; around++) {
            uint64_t number = (bit < 64 ? UINT64_C(1) << bit : 0) + (uint64_t)(int64_t)around;
            struct buf out = BUF_NULL;
            uint64_t back;
            wire_put_varint(&out, number);
            assert_true(out.len >= 1 && out.len <= 10);
            struct wire_reader reader = wire_reader_of(buf_bytes(&out));
            assert_int_equal(wire_varint(&reader, &back), 0);
            assert_true(back == number && reader.next == reader.end);
            buf_deinit(&out);
        }
    }
}

static void every_field_type_goes_both_ways(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    struct wire_field field;
    wire_put_uint(&out, 1, 300);
    wire_put_fixed64(&out, 2, UINT64_C(0x0102030405060708));
    wire_put_fixed32(&out, 16, 0x01020304);
    wire_put_bytes(&out, (1u << 29) - 1, BYTES_LITERAL("abc"));
    size_t mark = wire_begin(&out, 5);
    wire_put_uint(&out, 1, 7);
    wire_end(&out, mark);
    assert_memory_equal(out.data, "\x08\xac\x02\x11\x08\x07\x06\x05\x04\x03\x02\x01", 12);
    struct wire_reader reader = wire_reader_of(buf_bytes(&out));
    assert_int_equal(wire_next(&reader, &field), 0);
    assert_true(field.number == 1 && field.type == WIRE_VARINT && field.integer == 300);
    assert_int_equal(wire_next(&reader, &field), 0);
    assert_true(field.number == 2 && field.type == WIRE_FIXED64 &&
                field.integer == UINT64_C(0x0102030405060708));
    assert_int_equal(wire_next(&reader, &field), 0);
    assert_true(field.number == 16 && field.type == WIRE_FIXED32 && field.integer == 0x01020304);
    assert_int_equal(wire_next(&reader, &field), 0);
    assert_true(field.number == (1u << 29) - 1 && field.type == WIRE_BYTES &&
                bytes_is(field.bytes, "abc"));
    assert_int_equal(wire_next(&reader, &field), 0);
    assert_true(field.number == 5 && bytes_equal(field.bytes, BYTES_LITERAL("\x08\x07")));
    assert_int_equal(wire_next(&reader, &field), WIRE_END);
    buf_deinit(&out);
}

static void malformed_messages_are_refused(void **state)
{
    (void)state;
    static const struct bytes cases[] = {
        BYTES_LITERAL("\x08"),                                             /* a tag without value */
        BYTES_LITERAL("\x80"),                                             /* half a tag */
        BYTES_LITERAL("\x00\x01"),                                         /* field 0 */
        BYTES_LITERAL("\x80\x80\x80\x80\x10\x01"),                         /* field 2^29 */
        BYTES_LITERAL("\x88\x80\x80\x80\x80\x00\x01"),                     /* a tag of six bytes */
        BYTES_LITERAL("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), /* a varint of eleven */
        BYTES_LITERAL("\x0e\x01"),                                         /* wire type 6 */
        BYTES_LITERAL("\x0f\x01"),                                         /* wire type 7 */
        BYTES_LITERAL("\x09\x01\x02\x03\x04\x05\x06\x07"),             /* seven bytes of eight */
        BYTES_LITERAL("\x0d\x01\x02\x03"),                             /* three of four */
        BYTES_LITERAL("\x0a\x02x"),                                    /* past the end */
        BYTES_LITERAL("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), /* 2^64 - 1 */
        BYTES_LITERAL("\x0a\x80\x80\x80\x80\x80\x01x"),                /* 32 GiB */
        BYTES_LITERAL("\x0c"),                                         /* an end without a group */
        BYTES_LITERAL("\x0b\x08\x01"),                                 /* a group without end */
        BYTES_LITERAL("\x0b\x14"),                                     /* another group's end */
        BYTES_LITERAL("\x0b\x13\x0c\x14"),                             /* crossed */
        BYTES_LITERAL("\x0b\x00\x0c"),                                 /* field 0 in a group */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count;
        assert_int_equal(count_fields(cases[i], &count), WIRE_MALFORMED);
        assert_int_equal(count, 0);
    }
}

static void odd_but_legal_messages_are_read(void **state)
{
    (void)state;
    static const struct {
        struct bytes message;
        size_t fields;
    } cases[] = {
        {{NULL, 0}, 0},
        {BYTES_LITERAL("\x88\x80\x80\x80\x00\x81\x80\x00"), 1}, /* leading zeros in tag and value */
        {BYTES_LITERAL("\x0a\x81\x80\x00x"), 1},                /* in a length */
        {BYTES_LITERAL("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
         1},                                    /* bits beyond 64 are dropped */
        {BYTES_LITERAL("\x0b\x0c\x08\x01"), 2}, /* an empty group */
        {BYTES_LITERAL("\x0b\x13\x0a\x01x\x14\x0d\x01\x02\x03\x04\x0c"), 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count;
        assert_int_equal(count_fields(cases[i].message, &count), WIRE_END);
        assert_int_equal(count, cases[i].fields);
    }
}

static void groups_nest_to_their_bound(void **state)
{
    (void)state;
    for (size_t depth = WIRE_GROUP_DEPTH_MAX; depth <= WIRE_GROUP_DEPTH_MAX + 1; depth++) {
        struct buf out = BUF_NULL;
        size_t count;
        for (size_t i = 0; i < depth; i++) {
            buf_append_char(&out, 0x0b);
        }
        for (size_t i = 0; i < depth; i++) {
            buf_append_char(&out, 0x0c);
        }
        int expected = depth <= WIRE_GROUP_DEPTH_MAX ? WIRE_END : WIRE_MALFORMED;
        assert_int_equal(count_fields(buf_bytes(&out), &count), expected);
        buf_deinit(&out);
    }
}

static void both_readers_give_the_same_fields(void **state)
{
    (void)state;
    uint32_t seed = 5;
    for (int i = 0; i < 50000; i++) {
        uint8_t message[24];
        for (size_t j = 0; j < sizeof message; j++) {
            seed = seed * 1664525 + 1013904223;
            message[j] = (uint8_t)(seed >> 24) & (j % 2 == 0 ? 0x1f : 0xff);
        }
        struct wire_reader plain = wire_reader_of(bytes_from(message, (size_t)i % sizeof message));
        struct wire_reader fast = plain;
        struct wire_field a = {0};
        struct wire_field b = {0};
        int outcome;
        do {
            outcome = wire_next(&plain, &a);
            assert_int_equal(wire_next_fast(&fast, &b), outcome);
            if (outcome == 0) {
                assert_ptr_equal(plain.next, fast.next);
                assert_int_equal(a.number, b.number);
                assert_int_equal(a.type, b.type);
                assert_true(a.type == WIRE_BYTES ? bytes_equal(a.bytes, b.bytes)
                                                 : a.type == WIRE_GROUP || a.integer == b.integer);
            }
        } while (outcome == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_go_both_ways),
        cmocka_unit_test(every_field_type_goes_both_ways),
        cmocka_unit_test(malformed_messages_are_refused),
        cmocka_unit_test(odd_but_legal_messages_are_read),
        cmocka_unit_test(groups_nest_to_their_bound),
        cmocka_unit_test(both_readers_give_the_same_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
