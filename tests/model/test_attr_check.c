#include "daemon/model/attr_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/wire.h"

#define ATTRS_MAX 4096

static struct attr text_attr(const char *key, struct bytes text)
{
    return (struct attr){bytes_of(key), {.type = VALUE_TEXT, .bytes = text}};
}

static struct attr_oddities check(const struct attr *attrs, uint32_t count)
{
    struct attr_oddities oddities = {.duplicate_keys = 0};
    attrs_check(attrs, count, &oddities);
    return oddities;
}

static void equal_keys_are_counted_from_the_second_on(void **state)
{
    static const char *const keys[] = {"a", "b",
                                       "a", "http.request.method",
                                       "a", "b",
                                       "",  "http.request.method",
                                       "",  "x.request.method"};
    struct attr attrs[10];
    (void)state;
    for (size_t i = 0; i < 10; i++) {
        attrs[i] = text_attr(keys[i], BYTES_LITERAL("v"));
    }
    assert_int_equal(5, check(attrs, 10).duplicate_keys);
    assert_int_equal(0, check(attrs, 2).duplicate_keys);
    assert_int_equal(0, check(attrs, 0).duplicate_keys);
}

static void keys_that_differ_anywhere_are_different(void **state)
{
    static char names[ATTRS_MAX][16];
    static struct attr attrs[ATTRS_MAX];
    (void)state;
    for (unsigned i = 0; i < 600; i++) {
        snprintf(names[i], sizeof names[i], "%u%c.attribute", i % 100, 'a' + i / 100);
        attrs[i] = text_attr(names[i], BYTES_LITERAL("v"));
    }
    assert_int_equal(0, check(attrs, 600).duplicate_keys);
    for (unsigned i = 0; i < 50; i++) {
        snprintf(names[i], sizeof names[i], "attribute.%u", i);
        attrs[i] = text_attr(names[i], BYTES_LITERAL("v"));
        attrs[50 + i] = attrs[i];
    }
    assert_int_equal(50, check(attrs, 100).duplicate_keys);
}

static void the_work_for_many_keys_is_bounded(void **state)
{
    static char names[ATTRS_MAX][16];
    static struct attr attrs[ATTRS_MAX];
    (void)state;
    for (unsigned i = 0; i < ATTRS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "%u.ends.alike", i);
        attrs[i] = text_attr(names[i], BYTES_LITERAL("v"));
    }
    attrs[ATTRS_MAX - 1] = attrs[0];
    assert_int_equal(0, check(attrs, ATTRS_MAX).duplicate_keys); /* given up before */
}

/* Key and text as on the wire, with a tag and a length between them. */
static struct attr wire_attr(struct buf *out, struct bytes key, struct bytes text)
{
    struct attr attr = {.value = VALUE_NONE};
    struct buf value = BUF_NULL;
    buf_reset(out);
    wire_put_bytes(&value, 1, text);
    wire_put_bytes(out, 1, key);
    wire_put_bytes(out, 2, buf_bytes(&value));
    assert_int_equal(0, attr_decode(buf_bytes(out), &attr));
    buf_deinit(&value);
    return attr;
}

static void text_that_is_not_utf8_is_noticed_in_keys_and_texts_of_any_length(void **state)
{
    uint8_t good[300];
    struct buf wire = BUF_NULL;
    (void)state;
    memset(good, 'x', sizeof good);
    for (size_t len = 1; len < sizeof good; len += len < 20 ? 1 : 37) {
        struct bytes plain = {good, len};
        uint8_t bad[300];
        memcpy(bad, good, len);
        bad[len - 1] = 0xC3;
        struct bytes broken = {bad, len};
        struct attr attr = wire_attr(&wire, plain, plain);
        assert_false(check(&attr, 1).bad_text);
        attr = wire_attr(&wire, broken, plain);
        assert_true(check(&attr, 1).bad_text);
        attr = wire_attr(&wire, plain, broken);
        assert_true(check(&attr, 1).bad_text);
    }
    struct attr attr = wire_attr(&wire, BYTES_LITERAL("k\xC3\xA9"), BYTES_LITERAL("\xE2\x82\xAC"));
    assert_false(check(&attr, 1).bad_text);
    buf_deinit(&wire);
}

static void values_that_are_no_text_may_hold_any_byte(void **state)
{
    struct attr attrs[] = {
        {BYTES_LITERAL("b"), {.type = VALUE_BYTES, .bytes = BYTES_LITERAL("\xff\xfe")}},
        {BYTES_LITERAL("i"), {.type = VALUE_INT, .integer = -1}},
    };
    (void)state;
    assert_false(check(attrs, 2).bad_text);
    assert_false(check(attrs, 2).unnamed);
    attrs[1].key = BYTES_LITERAL("\xff");
    assert_true(check(attrs, 2).bad_text);
}

static void what_has_no_key_or_value_is_told(void **state)
{
    struct attr attr = {BYTES_LITERAL("k"), VALUE_NONE};
    (void)state;
    assert_true(check(&attr, 1).unnamed);
    attr = text_attr("", BYTES_LITERAL("v"));
    assert_true(check(&attr, 1).unnamed);
    attr = text_attr("k", BYTES_LITERAL(""));
    assert_false(check(&attr, 1).unnamed);
}

static void references_to_a_table_are_found(void **state)
{
    (void)state;
    /* field 9: {key: "k", value: {string_value_strindex: 5}} */
    assert_true(attrs_refer_to_table(BYTES_LITERAL("\x4a\x07\x0a\x01k\x12\x02\x40\x05"), 9));
    /* field 9: {key_strindex: 5} */
    assert_true(attrs_refer_to_table(BYTES_LITERAL("\x2a\x01n\x4a\x02\x18\x05"), 9));
    /* another field, another type, nothing of it */
    assert_false(attrs_refer_to_table(BYTES_LITERAL("\x4a\x07\x0a\x01k\x12\x02\x40\x05"), 1));
    assert_false(attrs_refer_to_table(BYTES_LITERAL("\x4a\x07\x0a\x01k\x12\x02\x42\0"), 9));
    assert_false(attrs_refer_to_table(BYTES_LITERAL("\x4a\x05\x0a\x01k\x12\0"), 9));
    assert_false(attrs_refer_to_table(BYTES_LITERAL(""), 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_keys_are_counted_from_the_second_on),
        cmocka_unit_test(keys_that_differ_anywhere_are_different),
        cmocka_unit_test(the_work_for_many_keys_is_bounded),
        cmocka_unit_test(text_that_is_not_utf8_is_noticed_in_keys_and_texts_of_any_length),
        cmocka_unit_test(values_that_are_no_text_may_hold_any_byte),
        cmocka_unit_test(what_has_no_key_or_value_is_told),
        cmocka_unit_test(references_to_a_table_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
