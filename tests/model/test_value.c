/* Attribute values: decoding good and bad ones, last-wins maps, both forms of JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "daemon/core/buf.h"
#include "daemon/core/wire.h"
#include "daemon/model/content.h"
#include "daemon/model/value.h"
#include "tests/support/span_builder.h"

static struct buf encode(const struct attr_build *value)
{
    struct buf bytes = BUF_NULL;
    value_encode(&bytes, value);
    assert_false(bytes.failed);
    return bytes;
}

static void assert_json(const struct attr_build *build,
                        void (*write)(struct json *, const struct value *), const char *expected)
{
    struct buf bytes = encode(build);
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    struct value value;
    assert_int_equal(value_decode(buf_bytes(&bytes), &value), 0);
    write(&json, &value);
    buf_append_char(&text, '\0');
    assert_string_equal((const char *)text.data, expected);
    buf_deinit(&text);
    buf_deinit(&bytes);
}

static const struct attr_build items[] = {ATTR_INT("a", 1), ATTR_TEXT("b", "x"), ATTR_NONE("c")};

static void every_type_is_written_as_plain_and_as_otlp_json(void **state)
{
    (void)state;
    static const struct {
        struct attr_build value;
        const char *plain;
        const char *otlp;
    } cases[] = {
        {ATTR_NONE("k"), "null", "{}"},
        {ATTR_TEXT("k", "a\"\xff"), "\"a\\\"\xef\xbf\xbd\"",
         "{\"stringValue\":\"a\\\"\xef\xbf\xbd\"}"},
        {ATTR_BOOL("k", 1), "true", "{\"boolValue\":true}"},
        {ATTR_INT("k", -5), "-5", "{\"intValue\":\"-5\"}"},
        {ATTR_INT("k", INT64_MIN), "\"-9223372036854775808\"",
         "{\"intValue\":\"-9223372036854775808\"}"},
        {ATTR_INT("k", INT64_C(1) << 53), "9007199254740992",
         "{\"intValue\":\"9007199254740992\"}"},
        {ATTR_INT("k", (INT64_C(1) << 53) + 1), "\"9007199254740993\"",
         "{\"intValue\":\"9007199254740993\"}"},
        {ATTR_DOUBLE("k", 1.5), "1.5", "{\"doubleValue\":1.5}"},
        {ATTR_DOUBLE("k", NAN), "\"NaN\"", "{\"doubleValue\":\"NaN\"}"},
        {ATTR_DOUBLE("k", -INFINITY), "\"-Infinity\"", "{\"doubleValue\":\"-Infinity\"}"},
        {ATTR_BYTES("k", "\x00\xff"), "\"AP8=\"", "{\"bytesValue\":\"AP8=\"}"},
        {ATTR_ARRAY("k", items), "[1,\"x\",null]",
         "{\"arrayValue\":{\"values\":[{\"intValue\":\"1\"},{\"stringValue\":\"x\"},{}]}}"},
        {ATTR_MAP("k", items), "{\"a\":1,\"b\":\"x\",\"c\":null}",
         "{\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":{\"intValue\":\"1\"}},"
         "{\"key\":\"b\",\"value\":{\"stringValue\":\"x\"}},{\"key\":\"c\",\"value\":{}}]}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_json(&cases[i].value, value_write_json, cases[i].plain);
        assert_json(&cases[i].value, value_write_otlp_json, cases[i].otlp);
    }
}

/* An array of arrays ... of an integer; `depth` arrays. */
static struct buf nested(unsigned depth)
{
    struct buf inner = BUF_NULL;
    wire_put_uint(&inner, 3, 7);
    for (unsigned i = 0; i < depth; i++) {
        struct buf outer = BUF_NULL;
        size_t array = wire_begin(&outer, i % 2 == 0 ? 5 : 6);
        size_t item = wire_begin(&outer, 1);
        if (i % 2 == 0) {
            buf_append_bytes(&outer, buf_bytes(&inner));
        } else {
            wire_put_bytes(&outer, 2, buf_bytes(&inner));
        }
        wire_end(&outer, item);
        wire_end(&outer, array);
        buf_deinit(&inner);
        inner = outer;
    }
    return inner;
}

static void nesting_is_bounded_and_the_deepest_is_written(void **state)
{
    (void)state;
    struct buf good = nested(VALUE_DEPTH_MAX);
    struct buf bad = nested(VALUE_DEPTH_MAX + 1);
    struct buf worse = nested(5000);
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    struct value value;
    assert_int_equal(value_decode(buf_bytes(&good), &value), 0);
    value_write_otlp_json(&json, &value);
    value_write_json(&json, &value);
    assert_false(text.failed);
    assert_int_equal(json.depth, 0);
    assert_int_equal(value_decode(buf_bytes(&bad), &value), 1);
    assert_int_equal(value_decode(buf_bytes(&worse), &value), 1);
    buf_deinit(&text);
    buf_deinit(&good);
    buf_deinit(&bad);
    buf_deinit(&worse);
}

static void odd_but_legal_encodings_decode(void **state)
{
    (void)state;
    static const struct {
        struct bytes any_value;
        enum value_type type;
        int64_t integer; /* for int and bool */
    } cases[] = {
        {{(const uint8_t *)"", 0}, VALUE_MISSING, 0},
        {BYTES_LITERAL("\x10\x02"), VALUE_BOOL, 1},         /* true as 2 */
        {BYTES_LITERAL("\x18\x81\x80\x00"), VALUE_INT, 1},  /* a varint with leading zeros */
        {BYTES_LITERAL("\x98\x80\x00\x05"), VALUE_INT, 5},  /* a tag with leading zeros */
        {BYTES_LITERAL("\x0a\x01x\x18\x07"), VALUE_INT, 7}, /* the last member set wins */
        {BYTES_LITERAL("\x18\x07\x0a\x01x"), VALUE_TEXT, 0},
        {BYTES_LITERAL("\x18\x07\x1a\x01x"), VALUE_INT, 7},        /* field 3 as bytes is unknown */
        {BYTES_LITERAL("\x18\x07\x7b\x08\x01\x7c"), VALUE_INT, 7}, /* a group is skipped */
        {BYTES_LITERAL("\x0a\x00"), VALUE_TEXT, 0},
        {BYTES_LITERAL("\x2a\x00"), VALUE_ARRAY, 0},
        {BYTES_LITERAL("\x32\x00"), VALUE_MAP, 0},
        {BYTES_LITERAL("\x40\x01"), VALUE_MISSING, 0}, /* string_value_strindex */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value value;
        assert_int_equal(value_decode(cases[i].any_value, &value), 0);
        assert_int_equal(value.type, cases[i].type);
        if (value.type == VALUE_INT) {
            assert_int_equal(value.integer, cases[i].integer);
        } else if (value.type == VALUE_BOOL) {
            assert_int_equal(value.boolean, cases[i].integer);
        }
    }
}

static void malformed_values_are_refused(void **state)
{
    (void)state;
    static const struct bytes cases[] = {
        BYTES_LITERAL("\x0a"),                                             /* no length */
        BYTES_LITERAL("\x0a\x02x"),                                        /* runs past the end */
        BYTES_LITERAL("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),         /* 2^63 - 1 */
        BYTES_LITERAL("\x18\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), /* eleven bytes */
        BYTES_LITERAL("\x02\x00"),                                         /* field number 0 */
        BYTES_LITERAL("\x1e\x00"),                                         /* wire type 6 */
        BYTES_LITERAL("\x1f\x00"),                                         /* wire type 7 */
        BYTES_LITERAL("\x7c"),                                             /* the end of no group */
        BYTES_LITERAL("\x7b\x08\x01"),                                     /* a group without end */
        BYTES_LITERAL("\x7b\x84\x01"),                                     /* another group's end */
        BYTES_LITERAL("\x21\x00\x00\x00"),                                 /* half a double */
        BYTES_LITERAL("\x98\x80\x80\x80\x80\x00\x05"),                     /* a tag of six bytes */
        BYTES_LITERAL("\x80\x80\x80\x80\x10\x05"),                         /* field 2^29 */
        BYTES_LITERAL("\x2a\x03\x0a\x05x"),        /* an item past its array's end */
        BYTES_LITERAL("\x32\x04\x0a\x02\x12\x05"), /* a pair's value past its end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value value;
        assert_int_equal(value_decode(cases[i], &value), 1);
    }
}

static void a_value_in_parts_is_merged(void **state)
{
    (void)state;
    struct attr attr;
    /* value {int 7}, then value {}: the empty part sets nothing. */
    assert_int_equal(attr_decode(BYTES_LITERAL("\x0a\x01k\x12\x02\x18\x07\x12\x00"), &attr), 0);
    assert_true(bytes_is(attr.key, "k"));
    assert_int_equal(attr.value.type, VALUE_INT);
    assert_int_equal(
        attr_decode(BYTES_LITERAL("\x0a\x01k\x12\x02\x18\x07\x12\x02\x10\x01\x0a\x01m"), &attr), 0);
    assert_true(bytes_is(attr.key, "m"));
    assert_int_equal(attr.value.type, VALUE_BOOL);
}

static void the_last_attribute_of_a_key_counts(void **state)
{
    (void)state;
    const struct attr attrs[] = {
        {BYTES_LITERAL("a"), {.type = VALUE_INT, .integer = 1}},
        {BYTES_LITERAL("a"), {.type = VALUE_INT, .integer = 2}},
        {BYTES_LITERAL("b"), {.type = VALUE_INT, .integer = 3}},
        {BYTES_LITERAL("b"), VALUE_NONE},
    };
    assert_int_equal(attrs_find(attrs, 4, BYTES_LITERAL("a")).integer, 2);
    assert_int_equal(attrs_find(attrs, 4, BYTES_LITERAL("b")).type, VALUE_MISSING);
    assert_int_equal(attrs_find(attrs, 4, BYTES_LITERAL("c")).type, VALUE_MISSING);
    assert_int_equal(attrs_find(NULL, 0, BYTES_LITERAL("a")).type, VALUE_MISSING);
}

static bool same_content(const struct attr_build *a, const struct attr_build *b)
{
    struct buf bytes[2] = {encode(a), encode(b)};
    struct buf content[2] = {BUF_NULL, BUF_NULL};
    for (int i = 0; i < 2; i++) {
        struct value value;
        assert_int_equal(value_decode(buf_bytes(&bytes[i]), &value), 0);
        content_of_value(&content[i], &value);
    }
    bool same = bytes_equal(buf_bytes(&content[0]), buf_bytes(&content[1]));
    for (int i = 0; i < 2; i++) {
        buf_deinit(&bytes[i]);
        buf_deinit(&content[i]);
    }
    return same;
}

static void maps_are_equal_as_last_wins_maps_and_arrays_in_order(void **state)
{
    (void)state;
    static const struct attr_build ab[] = {ATTR_INT("a", 1), ATTR_INT("b", 2)};
    static const struct attr_build ba[] = {ATTR_INT("b", 2), ATTR_INT("a", 1)};
    static const struct attr_build twice[] = {ATTR_INT("a", 9), ATTR_INT("b", 2), ATTR_INT("a", 1),
                                              ATTR_NONE("c")};
    static const struct attr_build other[] = {ATTR_INT("a", 1), ATTR_DOUBLE("b", 2)};
    assert_true(
        same_content(&(struct attr_build)ATTR_MAP("k", ab), &(struct attr_build)ATTR_MAP("k", ba)));
    assert_true(same_content(&(struct attr_build)ATTR_MAP("k", ab),
                             &(struct attr_build)ATTR_MAP("k", twice)));
    assert_false(same_content(&(struct attr_build)ATTR_MAP("k", ab),
                              &(struct attr_build)ATTR_MAP("k", other)));
    assert_false(same_content(&(struct attr_build)ATTR_ARRAY("k", ab),
                              &(struct attr_build)ATTR_ARRAY("k", ba)));
    assert_false(same_content(&(struct attr_build)ATTR_TEXT("k", "x"),
                              &(struct attr_build)ATTR_BYTES("k", "x")));
    assert_false(same_content(&(struct attr_build)ATTR_DOUBLE("k", 0.0),
                              &(struct attr_build)ATTR_DOUBLE("k", -0.0)));
    assert_true(same_content(&(struct attr_build)ATTR_DOUBLE("k", NAN),
                             &(struct attr_build)ATTR_DOUBLE("k", NAN)));
}

static void hints_never_deny_a_key_that_is_there(void **state)
{
    (void)state;
    static char names[300][24];
    struct attr attrs[300];
    uint32_t denied = 0;
    for (uint32_t i = 0; i < 300; i++) {
        snprintf(names[i], sizeof names[i], "%.*s%u", (int)(i % 13), "some.attribute", i);
        attrs[i] = (struct attr){.key = bytes_of(names[i])};
    }
    struct attr_hints few = attr_hints_make(attrs, 27);
    struct attr_hints all = attr_hints_make(attrs, 300);
    for (uint32_t i = 0; i < 300; i++) {
        assert_true(attr_hints_may_have(&all, attrs[i].key));
        assert_true(i >= 27 || attr_hints_may_have(&few, attrs[i].key));
        denied += !attr_hints_may_have(&few, attrs[i].key);
        assert_true(attr_hints_may_have(&(struct attr_hints){.made = false}, attrs[i].key));
    }
    assert_true(denied > 100);
    struct attr_hints none = attr_hints_make(NULL, 0);
    assert_false(attr_hints_may_have(&none, BYTES_NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_written_as_plain_and_as_otlp_json),
        cmocka_unit_test(nesting_is_bounded_and_the_deepest_is_written),
        cmocka_unit_test(odd_but_legal_encodings_decode),
        cmocka_unit_test(malformed_values_are_refused),
        cmocka_unit_test(a_value_in_parts_is_merged),
        cmocka_unit_test(the_last_attribute_of_a_key_counts),
        cmocka_unit_test(maps_are_equal_as_last_wins_maps_and_arrays_in_order),
        cmocka_unit_test(hints_never_deny_a_key_that_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
