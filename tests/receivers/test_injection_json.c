#include "receivers/injection_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/json.h"
#include "tests/support/failing_malloc.h"

#define ID "\"trace_id\":\"000000000000000000000000000000aB\""

static int parse(const char *text, struct arena *arena, struct injection *ret, char *error,
                 size_t error_bytes)
{
    struct bytes line = bytes_of(text);
    error[0] = '\0';
    return injection_parse(line, arena, ret, error, error_bytes);
}

static void every_member_of_a_record_is_read(void **state)
{
    struct arena arena = ARENA_INIT(256, 0);
    struct injection record;
    char error[160];
    (void)state;
    assert_int_equal(
        0, parse("{" ID
                 ",\"span_id\":\"00000000000000Ff\",\"time_unix_nano\":\"18446744073709551615\","
                 "\"scenario\":\"s\\u0000c\",\"step\":\"pay\",\"zone\":\"z\",\"tenant\":\"\","
                 "\"minion\":\"m-1\","
                 "\"iteration\":7,\"sampled\":false,\"outcome\":\"not_sent\",\"status\":\"200\","
                 "\"duration_ns\":\"-5\",\"later\":{\"trace_id\":[1,{}]}}",
                 &arena, &record, error, sizeof error));
    assert_int_equal(0xab, record.trace_id.bytes[15]);
    assert_true(record.span_id == 0xff);
    assert_true(record.has_time && record.time_ns == UINT64_MAX);
    assert_true(bytes_equal(record.scenario, BYTES_LITERAL("s\0c")));
    assert_true(bytes_is(record.step, "pay") && bytes_is(record.zone, "z") &&
                bytes_is(record.minion, "m-1"));
    assert_true(record.tenant.data != NULL && record.tenant.len == 0);
    assert_true(record.has_iteration && record.iteration == 7);
    assert_true(record.unsampled && record.outcome == INJECTION_NOT_SENT);
    assert_true(record.has_status && record.status == 200);
    assert_true(record.has_duration && record.duration_ns == -5);
    assert_int_equal(0, record.attr_count);
    arena_deinit(&arena);
}

static void what_is_absent_null_or_emptied_is_not_there(void **state)
{
    struct arena arena = ARENA_INIT(256, 0);
    struct injection record;
    char error[160];
    (void)state;
    assert_int_equal(0, parse("{" ID "}", &arena, &record, error, sizeof error));
    assert_true(record.span_id == 0 && !record.has_time && !record.has_status && !record.unsampled);
    assert_null(record.step.data);
    assert_int_equal(INJECTION_OUTCOME_NONE, record.outcome);
    assert_int_equal(
        0,
        parse("{\"span_id\":\"00000000000000ff\",\"step\":\"a\",\"status\":1,\"sampled\":false,"
              "\"outcome\":\"ok\",\"attributes\":{\"a\":1}," ID ",\"span_id\":null,\"step\":null,"
              "\"status\":null,\"sampled\":null,\"outcome\":null,\"attributes\":null}",
              &arena, &record, error, sizeof error));
    assert_true(record.span_id == 0 && !record.has_status && !record.unsampled);
    assert_null(record.step.data);
    assert_int_equal(INJECTION_OUTCOME_NONE, record.outcome);
    assert_int_equal(0, record.attr_count);
    arena_deinit(&arena);
}

static void the_last_of_equal_members_counts(void **state)
{
    struct arena arena = ARENA_INIT(256, 0);
    struct injection record;
    char error[160];
    (void)state;
    assert_int_equal(0, parse("{" ID ",\"step\":\"a\",\"step\":\"b\",\"attributes\":{\"x\":1},"
                              "\"attributes\":{\"k\":1,\"k\":\"two\"}}",
                              &arena, &record, error, sizeof error));
    assert_true(bytes_is(record.step, "b"));
    struct value value = attrs_find(record.attrs, record.attr_count, BYTES_LITERAL("k"));
    assert_int_equal(VALUE_TEXT, value.type);
    assert_true(bytes_is(value.bytes, "two"));
    assert_int_equal(VALUE_MISSING,
                     attrs_find(record.attrs, record.attr_count, BYTES_LITERAL("x")).type);
    arena_deinit(&arena);
}

static const struct {
    const char *json; /* of one attribute's value */
    enum value_type type;
    const char *printed;
} values[] = {
    {"\"text\"", VALUE_TEXT, "\"text\""},
    {"\"\"", VALUE_TEXT, "\"\""},
    {"7", VALUE_INT, "7"},
    {"-0", VALUE_INT, "0"},
    {"9223372036854775807", VALUE_INT, "\"9223372036854775807\""},
    {"9223372036854775808", VALUE_DOUBLE, "9223372036854776000"},
    {"7.0", VALUE_DOUBLE, "7"},
    {"1e3", VALUE_DOUBLE, "1000"},
    {"0.5", VALUE_DOUBLE, "0.5"},
    {"true", VALUE_BOOL, "true"},
    {"false", VALUE_BOOL, "false"},
    {"null", VALUE_MISSING, "null"},
    {"[]", VALUE_ARRAY, "[]"},
    {"{}", VALUE_MAP, "{}"},
    {"[1,\"a\",null,[true],{\"b\":2.5}]", VALUE_ARRAY, "[1,\"a\",null,[true],{\"b\":2.5}]"},
    {"{\"a\":{\"b\":[1,{\"c\":\"d\"}]},\"e\":1}", VALUE_MAP,
     "{\"a\":{\"b\":[1,{\"c\":\"d\"}]},\"e\":1}"},
};

static void attributes_keep_their_json_types(void **state)
{
    struct arena arena = ARENA_INIT(256, 0);
    struct buf text = BUF_NULL;
    struct buf printed = BUF_NULL;
    char error[160];
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct injection record;
        buf_reset(&text);
        buf_reset(&printed);
        buf_printf(&text, "{\"attributes\":{\"before\":[{}],\"k\":%s,\"after\":1}," ID "}",
                   values[i].json);
        assert_int_equal(0,
                         injection_parse(buf_bytes(&text), &arena, &record, error, sizeof error));
        assert_int_equal(3, record.attr_count);
        struct value value = attrs_find(record.attrs, record.attr_count, BYTES_LITERAL("k"));
        struct json json = JSON_INIT(&printed);
        value_write_json(&json, &value);
        if (value.type != values[i].type || !bytes_is(buf_bytes(&printed), values[i].printed)) {
            fail_msg("%s: type %d, %.*s", values[i].json, value.type, (int)printed.len,
                     (const char *)printed.data);
        }
        assert_int_equal(VALUE_INT,
                         attrs_find(record.attrs, record.attr_count, BYTES_LITERAL("after")).type);
    }
    buf_deinit(&text);
    buf_deinit(&printed);
    arena_deinit(&arena);
}

static const struct {
    const char *text;
    const char *error;
} bad_records[] = {
    {"", "ends early"},
    {"{", "ends early"},
    {"[]", "not a JSON object"},
    {"\"x\"", "not a JSON object"},
    {"5", "not a JSON object"},
    {"{}", "\"trace_id\" is missing"},
    {"{} {}", "not JSON"},
    {"{\"trace_id\":null}", "\"trace_id\" is not 32 hex digits"},
    {"{\"trace_id\":5}", "\"trace_id\" is not 32 hex digits"},
    {"{\"trace_id\":\"00000000000000000000000000000000\"}", "\"trace_id\" is not"},
    {"{\"trace_id\":\"0000000000000000000000000000001\"}", "\"trace_id\" is not"},
    {"{\"trace_id\":\"0000000000000000000000000000000g\"}", "\"trace_id\" is not"},
    {"{" ID ",\"span_id\":\"1\"}", "\"span_id\" is not"},
    {"{" ID ",\"span_id\":\"0000000000000000\"}", "\"span_id\" is not"},
    {"{" ID ",\"span_id\":7}", "\"span_id\" is not"},
    {"{" ID ",\"time_unix_nano\":-1}", "\"time_unix_nano\" is out of range"},
    {"{" ID ",\"time_unix_nano\":\"soon\"}", "\"time_unix_nano\" is not an integer"},
    {"{" ID ",\"time_unix_nano\":18446744073709551616}", "out of range"},
    {"{" ID ",\"status\":1.5}", "\"status\" is not an integer"},
    {"{" ID ",\"status\":true}", "\"status\" is not an integer"},
    {"{" ID ",\"status\":{}}", "\"status\" is not an integer"},
    {"{" ID ",\"duration_ns\":9223372036854775808}", "out of range"},
    {"{" ID ",\"iteration\":[]}", "\"iteration\" is not an integer"},
    {"{" ID ",\"step\":5}", "\"step\" is not a text"},
    {"{" ID ",\"zone\":[\"a\"]}", "\"zone\" is not a text"},
    {"{" ID ",\"sampled\":\"false\"}", "\"sampled\" is neither"},
    {"{" ID ",\"sampled\":0}", "\"sampled\" is neither"},
    {"{" ID ",\"outcome\":\"OK\"}", "\"outcome\" is none of"},
    {"{" ID ",\"outcome\":1}", "\"outcome\" is none of"},
    {"{" ID ",\"attributes\":[]}", "\"attributes\" is not an object"},
    {"{" ID ",\"attributes\":\"a\"}", "\"attributes\" is not an object"},
    {"{" ID ",\"attributes\":{\"a\":1e400}}", "\"attributes\" holds a number that is out of range"},
    {"{" ID ",\"step\":\"\xff\"}", "UTF-8"},
    {"{" ID ",\"step\":\"\\ud800\"}", "surrogate"},
};

static void bad_records_are_refused_in_a_sentence(void **state)
{
    struct arena arena = ARENA_INIT(256, 0);
    (void)state;
    for (size_t i = 0; i < sizeof bad_records / sizeof bad_records[0]; i++) {
        struct injection record;
        char error[160];
        int outcome = parse(bad_records[i].text, &arena, &record, error, sizeof error);
        if (outcome != 1 || strstr(error, bad_records[i].error) == NULL) {
            fail_msg("%s: %d, %s", bad_records[i].text, outcome, error);
        }
    }
    arena_deinit(&arena);
}

static void attributes_nested_too_deep_are_refused(void **state)
{
    struct arena arena = ARENA_INIT(256, 0);
    struct buf text = BUF_NULL;
    (void)state;
    for (unsigned depth = 1; depth < 120; depth++) {
        struct injection record;
        char error[160];
        buf_reset(&text);
        buf_append_text(&text, "{" ID ",\"attributes\":{\"k\":");
        for (unsigned i = 0; i < depth; i++) {
            buf_append_char(&text, '[');
        }
        for (unsigned i = 0; i < depth; i++) {
            buf_append_char(&text, ']');
        }
        buf_append_text(&text, "}}");
        int outcome = injection_parse(buf_bytes(&text), &arena, &record, error, sizeof error);
        assert_int_equal(depth <= VALUE_DEPTH_MAX ? 0 : 1, outcome);
    }
    buf_deinit(&text);
    arena_deinit(&arena);
}

static void good_lines_count_where_others_are_bad(void **state)
{
    static const char text[] = "\n  \r\n{" ID "}\r\n{}\n\n{" ID ",\"step\":\"b\"}";
    struct arena arena = ARENA_INIT(256, 0);
    struct injection_lines lines = {bytes_of(text), 0};
    struct injection record;
    char error[160];
    (void)state;
    assert_int_equal(0, injection_next(&lines, &arena, &record, error, sizeof error));
    assert_int_equal(3, lines.line);
    assert_int_equal(INJECTION_BAD, injection_next(&lines, &arena, &record, error, sizeof error));
    assert_int_equal(4, lines.line);
    assert_int_equal(0, injection_next(&lines, &arena, &record, error, sizeof error));
    assert_int_equal(6, lines.line);
    assert_true(bytes_is(record.step, "b"));
    assert_int_equal(INJECTION_END, injection_next(&lines, &arena, &record, error, sizeof error));
    arena_deinit(&arena);
}

static void every_prefix_of_a_record_is_refused(void **state)
{
    static const char whole[] =
        "{" ID ",\"status\":200,\"attributes\":{\"a\":[1,{\"b\":null}]},\"x\":[{}]}";
    struct arena arena = ARENA_INIT(256, 0);
    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        struct injection record;
        char error[160];
        char *copy = test_malloc(len + 1);
        memcpy(copy, whole, len);
        assert_int_equal(
            1, injection_parse(bytes_from(copy, len), &arena, &record, error, sizeof error));
        test_free(copy);
    }
    arena_deinit(&arena);
}

static void memory_that_runs_out_anywhere_is_an_outcome(void **state)
{
    int outcome = 2;
    size_t good;
    (void)state;
    for (good = 0; outcome == 2; good++) {
        struct arena arena = ARENA_INIT(64, 0);
        struct injection record;
        char error[160];
        failing_malloc_begin(good);
        outcome =
            parse("{" ID ",\"step\":\"a long label that needs some room of its own in the arena\","
                  "\"attributes\":{\"k\":\"\\u0041\",\"l\":[1,2,3]}}",
                  &arena, &record, error, sizeof error);
        failing_malloc_end();
        arena_deinit(&arena);
    }
    assert_int_equal(0, outcome);
    assert_true(good > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_of_a_record_is_read),
        cmocka_unit_test(what_is_absent_null_or_emptied_is_not_there),
        cmocka_unit_test(the_last_of_equal_members_counts),
        cmocka_unit_test(attributes_keep_their_json_types),
        cmocka_unit_test(bad_records_are_refused_in_a_sentence),
        cmocka_unit_test(attributes_nested_too_deep_are_refused),
        cmocka_unit_test(good_lines_count_where_others_are_bad),
        cmocka_unit_test(every_prefix_of_a_record_is_refused),
        cmocka_unit_test(memory_that_runs_out_anywhere_is_an_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
