/* The JSON writer: commas, escapes, numbers, depth, both layouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "daemon/core/json.h"

static void assert_json(struct buf *out, const char *expected)
{
    buf_append_char(out, '\0');
    assert_false(out->failed);
    assert_string_equal((const char *)out->data, expected);
    buf_deinit(out);
}

static void write_sample(struct json *json)
{
    json_object(json);
    json_member_string(json, "a", "x");
    json_key(json, "list");
    json_array(json);
    json_i64(json, -1);
    json_null(json);
    json_object(json);
    json_object_end(json);
    json_array(json);
    json_array_end(json);
    json_array_end(json);
    json_member_bool(json, "b", true);
    json_member_u64(json, "n", 7);
    json_key_bytes(json, BYTES_LITERAL("k\n"));
    json_raw(json, BYTES_LITERAL("{\"r\":1}"));
    json_object_end(json);
}

static void commas_stand_between_members(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    struct json json = JSON_INIT(&out);
    write_sample(&json);
    assert_json(&out,
                "{\"a\":\"x\",\"list\":[-1,null,{},[]],\"b\":true,\"n\":7,\"k\\n\":{\"r\":1}}");
}

static void the_pretty_layout_has_a_member_a_line(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    struct json json = JSON_INIT(&out);
    json.pretty = true;
    write_sample(&json);
    assert_json(&out, "{\n  \"a\": \"x\",\n  \"list\": [\n    -1,\n    null,\n    {},\n    []\n  "
                      "],\n  \"b\": true,\n  \"n\": 7,\n"
                      "  \"k\\n\": {\"r\":1}\n}");
}

static void documents_follow_one_another_without_commas(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    struct json json = JSON_INIT(&out);
    for (int i = 0; i < 2; i++) {
        json_object(&json);
        json_object_end(&json);
        buf_append_char(&out, '\n');
    }
    assert_json(&out, "{}\n{}\n");
}

static void text_is_escaped_and_mended(void **state)
{
    (void)state;
    static const struct {
        struct bytes text;
        const char *json;
    } cases[] = {
        {BYTES_LITERAL("plain"), "\"plain\""},
        {BYTES_LITERAL("\"\\/"), "\"\\\"\\\\/\""},
        {BYTES_LITERAL("\n\r\t"), "\"\\n\\r\\t\""},
        {BYTES_LITERAL("\0\x01\x1f"), "\"\\u0000\\u0001\\u001f\""},
        {BYTES_LITERAL("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\""},
        {BYTES_LITERAL("a\xff\"b"), "\"a\xef\xbf\xbd\\\"b\""},
        {BYTES_LITERAL("\xe2\x82"), "\"\xef\xbf\xbd\""},
        {{NULL, 0}, "\"\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_NULL;
        struct json json = JSON_INIT(&out);
        json_text(&json, cases[i].text);
        assert_json(&out, cases[i].json);
    }
}

static void numbers_that_json_cannot_hold_are_text(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    struct json json = JSON_INIT(&out);
    json_array(&json);
    json_i64(&json, INT64_C(1) << 53);
    json_i64(&json, -(INT64_C(1) << 53));
    json_i64(&json, (INT64_C(1) << 53) + 1);
    json_i64(&json, INT64_MIN);
    json_u64(&json, UINT64_MAX);
    json_i128(&json, -(__int128)UINT64_MAX);
    json_double(&json, 0.5);
    json_double(&json, 1e21);
    json_double(&json, NAN);
    json_double(&json, -INFINITY);
    json_array_end(&json);
    assert_json(
        &out,
        "[9007199254740992,-9007199254740992,\"9007199254740993\",\"-9223372036854775808\","
        "\"18446744073709551615\",\"-18446744073709551615\",0.5,1e+21,\"NaN\",\"-Infinity\"]");
}

static void commas_are_right_at_any_depth(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    struct json json = JSON_INIT(&out);
    const unsigned depth = JSON_DEPTH_MAX - 2;
    for (unsigned i = 0; i < depth; i++) {
        json_array(&json);
        json_i64(&json, 1);
    }
    for (unsigned i = 0; i < depth; i++) {
        json_i64(&json, 2);
        json_array_end(&json);
    }
    assert_int_equal(json.depth, 0);
    for (unsigned i = 0; i + 1 < depth; i++) {
        assert_memory_equal(out.data + (size_t)i * 3, "[1,", 3);
    }
    assert_memory_equal(out.data + out.len - 3, ",2]", 3);
    buf_deinit(&out);
}

static void a_full_buffer_fails_quietly(void **state)
{
    (void)state;
    struct buf out = BUF_NULL;
    out.limit = 20;
    struct json json = JSON_INIT(&out);
    write_sample(&json);
    assert_true(out.failed);
    assert_true(out.len <= 20);
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_members),
        cmocka_unit_test(the_pretty_layout_has_a_member_a_line),
        cmocka_unit_test(documents_follow_one_another_without_commas),
        cmocka_unit_test(text_is_escaped_and_mended),
        cmocka_unit_test(numbers_that_json_cannot_hold_are_text),
        cmocka_unit_test(commas_are_right_at_any_depth),
        cmocka_unit_test(a_full_buffer_fails_quietly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
