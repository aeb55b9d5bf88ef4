/* Attributes while a span is decoded: those that exporters write are read in line and must be what
 * the whole decoder makes of them, and what the hints do not call odd is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/wire.h"
#include "daemon/model/attr_check.h"
#include "daemon/model/span.h"
#include "daemon/model/value_fast.h"
#include "tests/support/random.h"

#define RANDOM_LISTS 3000
#define LIST_MAX     40

static const struct span_limits limits = {LIST_MAX, 4, 4, NULL};

static void put_attr(struct buf *out, struct bytes key, struct bytes any_value)
{
    struct buf pair = BUF_NULL;
    wire_put_bytes(&pair, 1, key);
    wire_put_bytes(&pair, 2, any_value);
    wire_put_bytes(out, 9, buf_bytes(&pair));
    buf_deinit(&pair);
}

static void put_text(struct buf *out, const char *key, struct bytes text)
{
    struct buf value = BUF_NULL;
    wire_put_bytes(&value, 1, text);
    put_attr(out, bytes_of(key), buf_bytes(&value));
    buf_deinit(&value);
}

static void put_int(struct buf *out, const char *key, uint64_t integer)
{
    struct buf value = BUF_NULL;
    wire_put_uint(&value, 3, integer);
    put_attr(out, bytes_of(key), buf_bytes(&value));
    buf_deinit(&value);
}

static void begin(struct buf *out)
{
    buf_reset(out);
    wire_put_bytes(out, 1, BYTES_LITERAL("sixteen bytes id"));
    wire_put_bytes(out, 2, BYTES_LITERAL("eight id"));
}

/* Without the hints' help: each attribute by the whole decoder, then the closer look. */
static void expect_same(struct bytes raw, uint8_t expected_odd)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct span span;
    assert_int_equal(0, span_decode(raw, &resource_empty, &scope_empty, &limits, &arena, &span));
    struct wire_reader reader = wire_reader_of(raw);
    struct wire_field field;
    uint32_t index = 0;
    while (wire_next(&reader, &field) == 0) {
        struct attr attr;
        if (field.number != 9 || field.type != WIRE_BYTES) {
            continue;
        }
        assert_true(index < span.attr_count && attr_decode(field.bytes, &attr) == 0);
        const struct attr *ours = &span.attrs[index++];
        assert_true(bytes_equal(ours->key, attr.key) && ours->value.type == attr.value.type);
        assert_true(attr.value.type != VALUE_INT || ours->value.integer == attr.value.integer);
        assert_true(attr.value.type != VALUE_TEXT ||
                    bytes_equal(ours->value.bytes, attr.value.bytes));
        assert_true(attr_hints_may_have(&span.hints, attr.key));
    }
    assert_int_equal(span.attr_count, index);
    struct attr_oddities oddities = {.duplicate_keys = 0};
    attrs_check(span.attrs, span.attr_count, &oddities);
    assert_true(oddities.duplicate_keys == 0 || (span.hints.odd & ATTR_ODD_TWICE) != 0);
    assert_true(!oddities.bad_text || (span.hints.odd & ATTR_ODD_TEXT) != 0);
    assert_true(!oddities.unnamed || (span.hints.odd & ATTR_ODD_UNNAMED) != 0);
    if (expected_odd != UINT8_MAX) {
        assert_int_equal(expected_odd, span.hints.odd);
    }
    arena_deinit(&arena);
}

/* Lists only what `listed` may have: the others are counted, and as odd as ever; where anything is
 * odd, all are listed. */
static void expect_some(struct bytes raw, const struct attr_hints *listed)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct span_limits choosing = limits;
    struct span all;
    struct span some;
    choosing.listed = listed;
    assert_int_equal(0, span_decode(raw, &resource_empty, &scope_empty, &limits, &arena, &all));
    assert_int_equal(0, span_decode(raw, &resource_empty, &scope_empty, &choosing, &arena, &some));
    uint32_t at = 0;
    for (uint32_t i = 0; i < all.attr_count; i++) {
        if (all.hints.odd != 0 || attr_hints_may_have(listed, all.attrs[i].key)) {
            assert_true(at < some.attr_count);
            const struct attr *ours = &some.attrs[at++];
            assert_true(bytes_equal(ours->key, all.attrs[i].key));
            assert_int_equal(ours->value.type, all.attrs[i].value.type);
            assert_true(ours->value.type != VALUE_INT ||
                        ours->value.integer == all.attrs[i].value.integer);
            assert_true(ours->value.type != VALUE_TEXT ||
                        bytes_equal(ours->value.bytes, all.attrs[i].value.bytes));
        }
    }
    assert_int_equal(at, some.attr_count);
    assert_int_equal(all.attr_count - at, some.unlisted);
    assert_int_equal(all.hints.odd, some.hints.odd);
    assert_memory_equal(all.hints.bits, some.hints.bits, sizeof all.hints.bits);
    arena_deinit(&arena);
}

static struct attr_hints hints_of(const char *key)
{
    struct attr_hints hints = {.made = true};
    (void)attr_hints_add(&hints, bytes_of(key));
    return hints;
}

static struct attr_hints random_hints(struct random *random)
{
    struct attr_hints hints = {.made = true};
    for (int i = 0; i < 4; i++) {
        hints.bits[i] = random_next(random) & random_next(random);
    }
    return hints;
}

static void attributes_that_nobody_reads_are_counted_and_not_listed(void **state)
{
    struct buf wire = BUF_NULL;
    struct arena arena = ARENA_INIT(4096, 0);
    struct attr_hints port = hints_of("server.port");
    struct span_limits choosing = limits;
    struct span span;
    struct span whole;
    (void)state;
    choosing.listed = &port;
    begin(&wire);
    put_text(&wire, "http.request.method", BYTES_LITERAL("POST"));
    put_int(&wire, "server.port", 6379);
    put_int(&wire, "http.response.status_code", 200);
    struct bytes raw = buf_bytes(&wire);
    assert_int_equal(0, span_decode(raw, &resource_empty, &scope_empty, &choosing, &arena, &span));
    assert_int_equal(1, span.attr_count);
    assert_int_equal(2, span.unlisted);
    assert_int_equal(6379, span.attrs[0].value.integer);
    assert_int_equal(0, span_decode_whole(&span, &arena, &whole));
    assert_int_equal(3, whole.attr_count);
    assert_int_equal(0, whole.unlisted);
    put_int(&wire, "http.request.method", 7);
    expect_some(buf_bytes(&wire), &port); /* twice, of which none is read: all are listed */
    arena_deinit(&arena);
    buf_deinit(&wire);
}

/* Counted are all that come; what is malformed is, whoever reads it. */
static void limits_and_refusals_do_not_hang_on_what_is_read(void **state)
{
    struct buf wire = BUF_NULL;
    struct arena arena = ARENA_INIT(4096, 0);
    struct attr_hints none = {.made = true};
    struct span_limits choosing = limits;
    struct span span;
    char key[8];
    (void)state;
    choosing.listed = &none;
    begin(&wire);
    for (int i = 0; i < LIST_MAX; i++) {
        snprintf(key, sizeof key, "k%d", i);
        put_int(&wire, key, 1);
    }
    expect_some(buf_bytes(&wire), &none);
    put_int(&wire, "more", 1);
    assert_int_equal(SPAN_TOO_MANY, span_decode(buf_bytes(&wire), &resource_empty, &scope_empty,
                                                &choosing, &arena, &span));
    static const char *const bad[] = {"\x18\x80", "\x0a\x05x", "\x21\x01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(&wire);
        put_attr(&wire, BYTES_LITERAL("k"), bytes_of(bad[i]));
        assert_int_equal(SPAN_MALFORMED, span_decode(buf_bytes(&wire), &resource_empty,
                                                     &scope_empty, &choosing, &arena, &span));
    }
    arena_deinit(&arena);
    buf_deinit(&wire);
}

static void attributes_as_exporters_write_them_are_not_odd(void **state)
{
    struct buf wire = BUF_NULL;
    (void)state;
    begin(&wire);
    expect_same(buf_bytes(&wire), 0);
    put_text(&wire, "http.request.method", BYTES_LITERAL("POST"));
    put_int(&wire, "http.response.status_code", 200);
    put_int(&wire, "server.port", 6379);
    put_int(&wire, "size", UINT64_MAX);
    put_text(&wire, "empty", BYTES_LITERAL(""));
    put_attr(&wire, BYTES_LITERAL("b"), BYTES_LITERAL("\x10\x01"));
    put_attr(&wire, BYTES_LITERAL("total"), BYTES_LITERAL("\x21\xff\xff\xff\xff\xff\xff\xef\x3f"));
    expect_same(buf_bytes(&wire), 0);
    buf_deinit(&wire);
}

static void a_byte_that_is_not_ascii_is_seen_wherever_it_stands(void **state)
{
    struct buf wire = BUF_NULL;
    (void)state;
    for (size_t len = 1; len < 300; len += len < 70 ? 1 : 31) {
        for (size_t at = 0; at < len; at += len < 70 ? 1 : 13) {
            uint8_t text[300];
            memset(text, 'x', len);
            text[at] = 0xC3;
            begin(&wire);
            put_int(&wire, "number", 300);
            put_text(&wire, "text", bytes_from(text, len));
            put_int(&wire, "another", 300);
            expect_same(buf_bytes(&wire), ATTR_ODD_TEXT);
            begin(&wire);
            put_text(&wire, "before", BYTES_LITERAL("it"));
            put_attr(&wire, bytes_from(text, len), BYTES_LITERAL("\x18\x05"));
            expect_same(buf_bytes(&wire), ATTR_ODD_TEXT);
        }
    }
    buf_deinit(&wire);
}

/* Whatever else stands in the span: only what is not UTF-8 is odd. */
static void text_of_other_alphabets_is_not_odd(void **state)
{
    static const struct {
        const char *key, *text;
        bool odd;
    } rows[] = {{"clé", "café", false},      {"名前", "注文", false}, {"k", "\xC3", true},
                {"k", "caf\xC3\xA9", false}, {"k", "\xA9x", true},    {"k\xE2\x82", "x", true},
                {"k", "\xF0\x9F\x98", true}, {"k", "\xC0\x80", true}, {"\xE9", "\xC3", true}};
    struct attr_hints other = hints_of("other");
    struct buf wire = BUF_NULL;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin(&wire);
        put_text(&wire, "before", BYTES_LITERAL("it"));
        put_text(&wire, rows[i].key, bytes_of(rows[i].text));
        put_int(&wire, "other", 300);
        put_int(&wire, rows[i].text, 300);
        put_text(&wire, "é", BYTES_LITERAL("after"));
        expect_same(buf_bytes(&wire), rows[i].odd ? ATTR_ODD_TEXT : 0);
        expect_some(buf_bytes(&wire), &other);
    }
    buf_deinit(&wire);
}

/* The length of the text is written in two bytes where one would do. */
static void text_that_is_no_text_is_seen_however_its_length_is_written(void **state)
{
    struct attr_hints other = hints_of("other");
    struct buf wire = BUF_NULL;
    (void)state;
    begin(&wire);
    put_attr(&wire, BYTES_LITERAL("k"), BYTES_LITERAL("\x0a\x85\x00it\xC3it"));
    put_int(&wire, "after", 300);
    expect_same(buf_bytes(&wire), ATTR_ODD_TEXT);
    expect_some(buf_bytes(&wire), &other);
    buf_deinit(&wire);
}

static void keys_given_twice_and_names_that_lack_are_noted(void **state)
{
    struct buf wire = BUF_NULL;
    (void)state;
    begin(&wire);
    put_text(&wire, "app.key", BYTES_LITERAL("a"));
    put_int(&wire, "app.other", 1);
    put_int(&wire, "app.key", 2);
    expect_same(buf_bytes(&wire), ATTR_ODD_TWICE);
    put_attr(&wire, BYTES_LITERAL("app.none"), BYTES_LITERAL(""));
    expect_same(buf_bytes(&wire), ATTR_ODD_TWICE | ATTR_ODD_UNNAMED);
    begin(&wire);
    put_text(&wire, "", BYTES_LITERAL("a"));
    expect_same(buf_bytes(&wire), ATTR_ODD_UNNAMED);
    buf_deinit(&wire);
}

static void put_random(struct buf *wire, struct random *random)
{
    static const char *const keys[] = {"a", "key", "half.key", "a.longer.key.of.a.span",
                                       "k\xC3\xA9"};
    uint8_t text[200];
    struct bytes view = {text, random_below(random, random_one_in(random, 9) ? 200 : 40)};
    memset(text, 'x', sizeof text);
    if (random_one_in(random, 20) && view.len != 0) {
        text[random_below(random, (uint32_t)view.len)] = (uint8_t)random_next(random);
    }
    const char *key = keys[random_below(random, 5)];
    switch (random_below(random, 4)) {
    case 0:
        put_int(wire, key, random_next(random) >> random_below(random, 64));
        break;
    case 1: /* anything, which may be no value at all: kept within a field that is skipped */
        put_attr(wire, bytes_of(key), BYTES_LITERAL("\x18\x80\x00\x10\x01"));
        break;
    default:
        put_text(wire, key, view);
    }
}

static void random_lists_are_read_as_the_whole_decoder_reads_them(void **state)
{
    struct random random = random_seed(4);
    struct buf wire = BUF_NULL;
    (void)state;
    for (int i = 0; i < RANDOM_LISTS; i++) {
        begin(&wire);
        for (uint32_t k = random_below(&random, LIST_MAX); k > 0; k--) {
            put_random(&wire, &random);
        }
        expect_same(buf_bytes(&wire), UINT8_MAX);
        struct attr_hints hints = random_hints(&random);
        expect_some(buf_bytes(&wire), &hints);
    }
    buf_deinit(&wire);
}

/* Keys of many kinds, so that their hints meet without their being the same. */
static void random_keys_are_listed_by_their_hints_alone(void **state)
{
    struct random random = random_seed(6);
    struct buf wire = BUF_NULL;
    char key[24];
    (void)state;
    for (int i = 0; i < RANDOM_LISTS; i++) {
        begin(&wire);
        for (uint32_t k = random_below(&random, LIST_MAX); k > 0; k--) {
            snprintf(key, sizeof key, "key.%u", random_below(&random, 400));
            if (random_one_in(&random, 3)) {
                put_int(&wire, key, random_next(&random) >> random_below(&random, 64));
            } else {
                put_text(&wire, key, bytes_from((const uint8_t *)key, random_below(&random, 5)));
            }
        }
        struct attr_hints hints = random_hints(&random);
        expect_some(buf_bytes(&wire), &hints);
    }
    buf_deinit(&wire);
}

/* Against the reader of the wire, for every length and with every wrong ending. */
static void numbers_of_a_word_are_those_of_the_wire(void **state)
{
    struct random random = random_seed(5);
    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[8];
        uint64_t word = random_next(&random);
        size_t given = 1 + random_below(&random, 8);
        if (!random_one_in(&random, 4)) {
            uint64_t high = UINT64_C(0x8080808080808080);
            uint64_t last = UINT64_C(0x80) << (8 * (given - 1));
            word = (word | (high & (last - 1))) & ~last;
        }
        for (size_t k = 0; k < sizeof bytes; k++) {
            bytes[k] = (uint8_t)(word >> (8 * k));
        }
        struct wire_reader reader = wire_reader_of(bytes_from(bytes, given));
        uint64_t expected = 0;
        uint64_t found = 0;
        bool good = wire_varint(&reader, &expected) == 0 && reader.next == reader.end;
        assert_int_equal(good, varint_of_word(word, given, &found));
        assert_true(!good || expected == found);
    }
    uint64_t found;
    assert_false(varint_of_word(0, 0, &found));
    assert_false(varint_of_word(0, 9, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_that_nobody_reads_are_counted_and_not_listed),
        cmocka_unit_test(limits_and_refusals_do_not_hang_on_what_is_read),
        cmocka_unit_test(random_keys_are_listed_by_their_hints_alone),
        cmocka_unit_test(attributes_as_exporters_write_them_are_not_odd),
        cmocka_unit_test(a_byte_that_is_not_ascii_is_seen_wherever_it_stands),
        cmocka_unit_test(text_of_other_alphabets_is_not_odd),
        cmocka_unit_test(text_that_is_no_text_is_seen_however_its_length_is_written),
        cmocka_unit_test(keys_given_twice_and_names_that_lack_are_noted),
        cmocka_unit_test(random_lists_are_read_as_the_whole_decoder_reads_them),
        cmocka_unit_test(numbers_of_a_word_are_those_of_the_wire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
