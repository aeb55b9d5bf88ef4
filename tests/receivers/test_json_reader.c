#include "daemon/core/json_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/receivers/set_text.h"
#include "tests/receivers/yajl_tokens.h"
#include "tests/support/failing_malloc.h"

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const struct bytes good_texts[] = {
    TEXT("null"),
    TEXT("true"),
    TEXT(" false\r\n\t "),
    TEXT("0"),
    TEXT("-0"),
    TEXT("1234567890123456789012345678901234567890"),
    TEXT("-0.0e-0"),
    TEXT("1E+400"),
    TEXT("10.01e5"),
    TEXT("\"\""),
    TEXT("\"\x7f\""),
    TEXT("\"seven b\""),
    TEXT("\"eight by\""),
    TEXT("\"eight byt\""),
    TEXT("\"sixteen bytes ..\""),
    TEXT("\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbf\""),
    TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    TEXT("\"\\u0000\\u001f\\u007f\\u0080\\u07ff\\u0800\\uffff\""),
    TEXT("\"\\uD83D\\uDE00\\ud800\\udc00\\uDBFF\\uDFFF\""),
    TEXT("\"a long run of plain bytes, then \\u00e9, then another long run of them\""),
    TEXT("\"\\u00E9\\u00e9\""),
    TEXT("[]"),
    TEXT("[ ]"),
    TEXT("{}"),
    TEXT("{ }"),
    TEXT("[[],{},[{}],\"\",0]"),
    TEXT("[1 ,2, 3]"),
    TEXT("{\"a\":1}"),
    TEXT("{\"a\":1,\"a\":2,\"\":{\"b\":[]}}"),
    TEXT("\n{ \"a\" : [ true , null ] , \"b\" : -1.5e3 }\n"),
    TEXT("{\"\\u0061\\n\":\"\\u0062\"}"),
    TEXT("[\"\\\\\",\"\\\\\\\"\"]"),
};

static const struct bytes bad_texts[] = {
    TEXT(""),
    TEXT(" "),
    TEXT("nul"),
    TEXT("nulll"),
    TEXT("True"),
    TEXT("NaN"),
    TEXT("Infinity"),
    TEXT("-Infinity"),
    TEXT("-"),
    TEXT("+1"),
    TEXT("01"),
    TEXT("-01"),
    TEXT("1."),
    TEXT("1.e5"),
    TEXT(".5"),
    TEXT("1e"),
    TEXT("1e+"),
    TEXT("1e5.5"),
    TEXT("0x10"),
    TEXT("1_000"),
    TEXT("1 2"),
    TEXT("'a'"),
    TEXT("a"),
    TEXT("\""),
    TEXT("\"a"),
    TEXT("\"\\\""),
    TEXT("\"\\"),
    TEXT("\"\\a\""),
    TEXT("\"\\x41\""),
    TEXT("\"\\'\""),
    TEXT("\"\\0\""),
    TEXT("\"\\u\""),
    TEXT("\"\\u12\""),
    TEXT("\"\\u123g\""),
    TEXT("\"\\u12"),
    TEXT("\"\\U0041\""),
    TEXT("\"tab\there\""),
    TEXT("\"line\nfeed\""),
    TEXT("\"nul\0byte\""),
    TEXT("\"eight byt\x1f\""),
    TEXT("\"\\ud800\""),
    TEXT("\"\\udc00\""),
    TEXT("\"\\udc00\\ud800\""),
    TEXT("\"\\ud800\\ud800\""),
    TEXT("\"\\ud800\\u0041\""),
    TEXT("\"\\ud800x\""),
    TEXT("\"\\ud800\\n\""),
    TEXT("\"\\ud83d\\u12"),
    TEXT("\"\\ud83d\\"),
    TEXT("\"\xff\""),
    TEXT("\"\xc3\""),
    TEXT("\"\xc0\x80\""),
    TEXT("\"\xed\xa0\x80\""),
    TEXT("\"\xf4\x90\x80\x80\""),
    TEXT("\xef\xbb\xbf{}"),
    TEXT("["),
    TEXT("]"),
    TEXT("[1"),
    TEXT("[1,"),
    TEXT("[1,]"),
    TEXT("[,1]"),
    TEXT("[1,,2]"),
    TEXT("[1 2]"),
    TEXT("[1:2]"),
    TEXT("[1}"),
    TEXT("[]]"),
    TEXT("[\"a\",\n1"),
    TEXT("{"),
    TEXT("}"),
    TEXT("{]"),
    TEXT("{a:1}"),
    TEXT("{1:1}"),
    TEXT("{\"a\"}"),
    TEXT("{\"a\",1}"),
    TEXT("{\"a\":}"),
    TEXT("{\"a\":1,}"),
    TEXT("{,\"a\":1}"),
    TEXT("{\"a\":1 \"b\":2}"),
    TEXT("{\"a\"::1}"),
    TEXT("{\"a\":1]"),
    TEXT("{\"a\":1}}"),
    TEXT("{}{}"),
    TEXT("{} x"),
    TEXT("{}\""),
    TEXT("8\"a"),
    TEXT("[]tru"),
    TEXT("1\0"),
    TEXT("[1]\0"),
    TEXT("\0"),
    TEXT("/* */1"),
    TEXT("1// x"),
    TEXT("#1"),
    TEXT("[\v1]"),
    TEXT("\f1"),
    TEXT("\xc2\xa0"
         "1"),
    TEXT("\xe2\x80\xa8"
         "1"),
};

static int read_tokens(struct bytes text, struct buf *out, char *error, size_t error_bytes)
{
    buf_reset(out);
    error[0] = '\0';
    return json_read(text, token_note, out, error, error_bytes);
}

/* In memory of exactly its size, so that reading past the end is seen. */
static int read_copy(struct bytes text, struct buf *out, char *error, size_t error_bytes)
{
    uint8_t *copy = test_malloc(text.len);
    memcpy(copy, text.data, text.len);
    int outcome = read_tokens(bytes_from(copy, text.len), out, error, error_bytes);
    test_free(copy);
    return outcome;
}

static void good_texts_give_the_tokens_that_yajl_sees(void **state)
{
    struct buf ours = BUF_NULL;
    struct buf theirs = BUF_NULL;
    char error[160];
    (void)state;
    for (size_t i = 0; i < sizeof good_texts / sizeof good_texts[0]; i++) {
        buf_reset(&theirs);
        if (read_copy(good_texts[i], &ours, error, sizeof error) != 0 ||
            !yajl_tokens(good_texts[i], &theirs) ||
            !bytes_equal(buf_bytes(&ours), buf_bytes(&theirs))) {
            fail_msg("%s: %s", (const char *)good_texts[i].data, error);
        }
    }
    buf_deinit(&ours);
    buf_deinit(&theirs);
}

static void bad_texts_are_refused_with_a_sentence(void **state)
{
    struct buf ours = BUF_NULL;
    struct buf theirs = BUF_NULL;
    char error[160];
    (void)state;
    for (size_t i = 0; i < sizeof bad_texts / sizeof bad_texts[0]; i++) {
        if (read_copy(bad_texts[i], &ours, error, sizeof error) != JSON_READ_SYNTAX ||
            error[0] == '\0') {
            fail_msg("row %zu: %s", i, (const char *)bad_texts[i].data);
        }
        if (yajl_tokens(bad_texts[i], &theirs) && !yajl_is_laxer(bad_texts[i], error)) {
            fail_msg("row %zu: %s: yajl takes it: %s", i, (const char *)bad_texts[i].data, error);
        }
    }
    buf_deinit(&ours);
    buf_deinit(&theirs);
}

static void every_prefix_of_a_good_text_is_read_as_yajl_reads_it(void **state)
{
    struct buf ours = BUF_NULL;
    struct buf theirs = BUF_NULL;
    char error[160];
    (void)state;
    for (size_t i = 0; i < sizeof good_texts / sizeof good_texts[0]; i++) {
        for (size_t len = 0; len < good_texts[i].len; len++) {
            struct bytes prefix = {good_texts[i].data, len};
            buf_reset(&theirs);
            int outcome = read_copy(prefix, &ours, error, sizeof error);
            bool good = yajl_tokens(prefix, &theirs);
            if ((outcome == 0) != good && !yajl_is_laxer(prefix, error)) {
                fail_msg("%.*s: %d, %s", (int)len, (const char *)prefix.data, outcome, error);
            }
        }
    }
    buf_deinit(&ours);
    buf_deinit(&theirs);
}

static void any_byte_in_any_place_is_read_as_yajl_reads_it(void **state)
{
    static const char text[] = "{\"k\\n\":[-1.5e2,\"\\u00e9 text\",true]}";
    struct buf ours = BUF_NULL;
    struct buf theirs = BUF_NULL;
    char error[160];
    char changed[sizeof text];
    (void)state;
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (unsigned byte = 0; byte < 0x80; byte++) {
            memcpy(changed, text, sizeof text);
            changed[at] = (char)byte;
            struct bytes whole = {(const uint8_t *)changed, sizeof text - 1};
            buf_reset(&theirs);
            int outcome = read_tokens(whole, &ours, error, sizeof error);
            bool good = yajl_tokens(whole, &theirs);
            bool alike = good && outcome == 0
                             ? bytes_equal(buf_bytes(&ours), buf_bytes(&theirs))
                             : (outcome != 0) == !good || yajl_is_laxer(whole, error);
            if (!alike) {
                fail_msg("%s: %d, %s", changed, outcome, error);
            }
        }
    }
    buf_deinit(&ours);
    buf_deinit(&theirs);
}

static void errors_name_the_byte(void **state)
{
    struct buf out = BUF_NULL;
    char error[160];
    (void)state;
    read_tokens(BYTES_LITERAL("[1,x]"), &out, error, sizeof error);
    assert_string_equal("byte 4: this is not JSON", error);
    read_tokens(BYTES_LITERAL("[\"a\\ud800\"]"), &out, error, sizeof error);
    assert_string_equal("byte 4: half a surrogate pair", error);
    read_tokens(BYTES_LITERAL("[\"a"), &out, error, sizeof error);
    assert_string_equal("the JSON text ends early", error);
    buf_deinit(&out);
}

static void nesting_ends_at_the_limit(void **state)
{
    char error[160];
    struct buf out = BUF_NULL;
    uint8_t text[2 * (JSON_READER_DEPTH_MAX + 1)];
    (void)state;
    for (size_t depth = JSON_READER_DEPTH_MAX; depth <= JSON_READER_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        int outcome = read_tokens(bytes_from(text, 2 * depth), &out, error, sizeof error);
        assert_int_equal(depth <= JSON_READER_DEPTH_MAX ? 0 : JSON_READ_SYNTAX, outcome);
    }
    assert_string_equal("byte 101: nested deeper than 100", error);
    buf_deinit(&out);
}

static void a_recorded_request_gives_the_tokens_that_yajl_sees(void **state)
{
    size_t len;
    uint8_t *json = payload_read("http-64.json", &len);
    struct buf ours = BUF_NULL;
    struct buf theirs = BUF_NULL;
    char error[160];
    (void)state;
    assert_int_equal(0, read_copy(bytes_from(json, len), &ours, error, sizeof error));
    assert_true(yajl_tokens(bytes_from(json, len), &theirs));
    assert_true(ours.len > 10000);
    assert_true(bytes_equal(buf_bytes(&ours), buf_bytes(&theirs)));
    buf_deinit(&ours);
    buf_deinit(&theirs);
    free(json);
}

static int stop_at_third(void *self, enum json_token token, struct bytes text)
{
    (void)token;
    (void)text;
    return ++*(unsigned *)self == 3;
}

static void whoever_reads_may_stop(void **state)
{
    unsigned count = 0;
    char error[160] = "";
    (void)state;
    assert_int_equal(JSON_READ_STOPPED, json_read(BYTES_LITERAL("[1,2,3,oops"), stop_at_third,
                                                  &count, error, sizeof error));
    assert_int_equal(3, count);
    assert_string_equal("", error);
}

static int count_only(void *self, enum json_token token, struct bytes text)
{
    (void)text;
    *(unsigned *)self += token;
    return 0;
}

static void memory_is_asked_for_escapes_only_and_may_run_out(void **state)
{
    static const char json[] = "{\"plain\":\"a text without any escape at all\",\"k\":\"\\u00e9\"}";
    unsigned sum = 0;
    char error[160];
    size_t good = 0;
    int outcome = JSON_READ_NO_MEMORY;
    (void)state;
    failing_malloc_begin(0);
    assert_int_equal(
        0, json_read(BYTES_LITERAL("[\"plain\",1]"), count_only, &sum, error, sizeof error));
    failing_malloc_end();
    for (; outcome == JSON_READ_NO_MEMORY; good++) {
        failing_malloc_begin(good);
        outcome = json_read(bytes_of(json), count_only, &sum, error, sizeof error);
        failing_malloc_end();
    }
    assert_int_equal(0, outcome);
    assert_int_equal(2, good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_give_the_tokens_that_yajl_sees),
        cmocka_unit_test(bad_texts_are_refused_with_a_sentence),
        cmocka_unit_test(every_prefix_of_a_good_text_is_read_as_yajl_reads_it),
        cmocka_unit_test(any_byte_in_any_place_is_read_as_yajl_reads_it),
        cmocka_unit_test(errors_name_the_byte),
        cmocka_unit_test(nesting_ends_at_the_limit),
        cmocka_unit_test(a_recorded_request_gives_the_tokens_that_yajl_sees),
        cmocka_unit_test(whoever_reads_may_stop),
        cmocka_unit_test(memory_is_asked_for_escapes_only_and_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
