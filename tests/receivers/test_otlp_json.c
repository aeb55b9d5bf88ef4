#include "receivers/otlp_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/wire.h"
#include "receivers/otlp_decode.h"
#include "tests/receivers/set_text.h"
#include "tests/support/failing_malloc.h"

#define SPAN(members)  "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" members "}]}]}]}"
#define VALUE(members) SPAN("\"attributes\":[{\"key\":\"k\",\"value\":{" members "}}]")

static int transcode(struct bytes json, struct buf *out, struct otlp_json_notes *notes)
{
    buf_reset(out);
    return otlp_json_transcode(json, out, notes);
}

/* The request around an encoded Span, in exact lengths. */
static void wrap(struct buf *out, struct bytes span)
{
    struct buf scope_spans = BUF_NULL;
    struct buf resource_spans = BUF_NULL;
    wire_put_bytes(&scope_spans, 2, span);
    wire_put_bytes(&resource_spans, 2, buf_bytes(&scope_spans));
    wire_put_bytes(out, 1, buf_bytes(&resource_spans));
    buf_deinit(&scope_spans);
    buf_deinit(&resource_spans);
}

struct good {
    const char *json;
    struct bytes span;
};

#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const struct good good_spans[] = {
    {SPAN(""), BYTES("")},
    {SPAN("\"name\":\"a\""), BYTES("\x2a\x01"
                                   "a")},
    {SPAN("\"name\":\"\\u0000\\ud83d\\ude00\\n\""), BYTES("\x2a\x06\0\xF0\x9F\x98\x80\n")},
    {SPAN("\"traceId\":\"000102030405060708090a0B0C0d0E0f\""),
     BYTES("\x0a\x10\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f")},
    {SPAN("\"spanId\":\"ABCDEFabcdef0123\""), BYTES("\x12\x08\xab\xcd\xef\xab\xcd\xef\x01\x23")},
    {SPAN("\"traceId\":\"\",\"spanId\":null"), BYTES("")},
    {SPAN("\"traceId\":\"AAECAwQFBgcICQoLDA0ODw==\""), BYTES("\x0a\x01\0")},
    {SPAN("\"traceId\":\"0x0102030405060708090a0b0c0d0e0f\""), BYTES("\x0a\x01\0")},
    {SPAN("\"spanId\":\"0123456789abcde\""), BYTES("\x12\x01\0")},
    {SPAN("\"parentSpanId\":\"0123456789abcdeff\""), BYTES("\x22\x01\0")},
    {SPAN("\"kind\":3"), BYTES("\x30\x03")},
    {SPAN("\"kind\":2.0"), BYTES("\x30\x02")},
    {SPAN("\"kind\":-1"), BYTES("\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
    {SPAN("\"startTimeUnixNano\":\"1\""), BYTES("\x39\1\0\0\0\0\0\0\0")},
    {SPAN("\"startTimeUnixNano\":1e3"), BYTES("\x39\xe8\x03\0\0\0\0\0\0")},
    {SPAN("\"endTimeUnixNano\":18446744073709551615"),
     BYTES("\x41\xff\xff\xff\xff\xff\xff\xff\xff")},
    {SPAN("\"droppedAttributesCount\":\"7\""), BYTES("\x50\x07")},
    {SPAN("\"flags\":4294967295"), BYTES("\x85\x01\xff\xff\xff\xff")},
    {SPAN("\"status\":{\"code\":2,\"message\":\"m\"}"), BYTES("\x7a\x05\x18\x02\x12\x01m")},
    {SPAN("\"status\":{}"), BYTES("\x7a\0")},
    {SPAN("\"status\":null,\"attributes\":null,\"events\":[]"), BYTES("")},
    {SPAN("\"events\":[{\"name\":\"e\",\"timeUnixNano\":\"0\"},{}]"),
     BYTES("\x5a\x0c\x12\x01"
           "e\x09\0\0\0\0\0\0\0\0\x5a\0")},
    {SPAN("\"links\":[{\"spanId\":\"0102030405060708\",\"flags\":1}]"),
     BYTES("\x6a\x0f\x12\x08\1\2\3\4\5\6\7\x08\x35\1\0\0\0")},
    {VALUE("\"stringValue\":\"\""), BYTES("\x4a\x07\x0a\x01k\x12\x02\x0a\0")},
    {VALUE("\"boolValue\":true"), BYTES("\x4a\x07\x0a\x01k\x12\x02\x10\x01")},
    {VALUE("\"boolValue\":false"), BYTES("\x4a\x07\x0a\x01k\x12\x02\x10\0")},
    {VALUE("\"intValue\":\"-1\""),
     BYTES("\x4a\x10\x0a\x01k\x12\x0b\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
    {VALUE("\"intValue\":0"), BYTES("\x4a\x07\x0a\x01k\x12\x02\x18\0")},
    {VALUE("\"intValue\":\"1e3\""), BYTES("\x4a\x08\x0a\x01k\x12\x03\x18\xe8\x07")},
    {VALUE("\"doubleValue\":1"), BYTES("\x4a\x0e\x0a\x01k\x12\x09\x21\0\0\0\0\0\0\xf0\x3f")},
    {VALUE("\"doubleValue\":\"-Infinity\""),
     BYTES("\x4a\x0e\x0a\x01k\x12\x09\x21\0\0\0\0\0\0\xf0\xff")},
    {VALUE("\"doubleValue\":\"NaN\""), BYTES("\x4a\x0e\x0a\x01k\x12\x09\x21\0\0\0\0\0\0\xf8\x7f")},
    {VALUE("\"bytesValue\":\"aGk_\""), BYTES("\x4a\x0a\x0a\x01k\x12\x05\x3a\x03hi?")},
    {VALUE("\"bytesValue\":\"aGk=\""), BYTES("\x4a\x09\x0a\x01k\x12\x04\x3a\x02hi")},
    {VALUE("\"bytesValue\":\"aGk\""), BYTES("\x4a\x09\x0a\x01k\x12\x04\x3a\x02hi")},
    {VALUE("\"arrayValue\":{\"values\":[{\"intValue\":1},{}]}"),
     BYTES("\x4a\x0d\x0a\x01k\x12\x08\x2a\x06\x0a\x02\x18\x01\x0a\0")},
    {VALUE("\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":{\"boolValue\":true}}]}"),
     BYTES("\x4a\x10\x0a\x01k\x12\x0b\x32\x09\x0a\x07\x0a\x01"
           "a\x12\x02\x10\x01")},
    {VALUE("\"stringValue\":null,\"intValue\":1"), BYTES("\x4a\x07\x0a\x01k\x12\x02\x18\x01")},
    {VALUE("\"intValue\":1,\"stringValue\":null"), BYTES("\x4a\x07\x0a\x01k\x12\x02\x18\x01")},
    /* unknown members at any depth */
    {SPAN("\"x\":[{\"name\":[[{}]]},1,null,\"t\"],\"name\":\"a\",\"y\":{\"spans\":[]},\"z\":-1e5"),
     BYTES("\x2a\x01"
           "a")},
    {VALUE("\"more\":{\"stringValue\":1},\"intValue\":1,\"stringValueStrindex\":4"),
     BYTES("\x4a\x07\x0a\x01k\x12\x02\x18\x01")},
    /* the last of equal keys wins */
    {SPAN("\"name\":\"first\",\"name\":\"a\""), BYTES("\x2a\x01"
                                                      "a")},
    {SPAN("\"name\":\"first\",\"traceState\":\"t\",\"name\":\"a\",\"traceState\":\"u\""),
     BYTES("\x2a\x01"
           "a\x1a\x01u")},
    {SPAN("\"name\":\"a\",\"name\":null"), BYTES("")},
    {SPAN("\"name\":null,\"name\":\"a\""), BYTES("\x2a\x01"
                                                 "a")},
    {SPAN("\"events\":[{\"name\":\"1\"},{\"name\":\"2\"}],\"kind\":1,\"events\":[{\"name\":\"3\"}],"
          "\"kind\":2"),
     BYTES("\x5a\x03\x12\x01"
           "3\x30\x02")},
    {SPAN("\"status\":{\"code\":1,\"message\":\"m\"},\"status\":{\"code\":2}"),
     BYTES("\x7a\x02\x18\x02")},
    {VALUE("\"intValue\":1,\"intValue\":2"), BYTES("\x4a\x07\x0a\x01k\x12\x02\x18\x02")},
    {"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{}]}]}],\"resourceSpans\":[{\"scopeSpans\":["
     "{\"spans\":[{\"name\":\"gone\"}],\"spans\":[{\"name\":\"a\"}]}]}]}",
     BYTES("\x2a\x01"
           "a")},
};

static void a_span_becomes_exactly_these_bytes(void **state)
{
    struct buf out = BUF_NULL;
    struct buf expected = BUF_NULL;
    (void)state;
    for (size_t i = 0; i < sizeof good_spans / sizeof good_spans[0]; i++) {
        struct otlp_json_notes notes;
        if (transcode(bytes_of(good_spans[i].json), &out, &notes) != 0) {
            fail_msg("%s: %s", good_spans[i].json, notes.error);
        }
        buf_reset(&expected);
        wrap(&expected, good_spans[i].span);
        if (!bytes_equal(buf_bytes(&expected), buf_bytes(&out))) {
            fail_msg("%s: other bytes", good_spans[i].json);
        }
    }
    buf_deinit(&out);
    buf_deinit(&expected);
}

static void empty_requests_are_empty_messages(void **state)
{
    static const char *const texts[] = {"",
                                        "{}",
                                        "null",
                                        " {} \r\n\t",
                                        "{\"resourceSpans\":[]}",
                                        "{\"resourceSpans\":null}",
                                        "{\"resource_spans\":[{\"a\":1}]}",
                                        "{\"x\":[[]]}"};
    struct buf out = BUF_NULL;
    struct otlp_json_notes notes;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(0, transcode(bytes_of(texts[i]), &out, &notes));
        assert_int_equal(0, out.len);
    }
    buf_deinit(&out);
}

struct bad {
    struct bytes json;
    const char *error; /* a part of the sentence */
};

#define REFUSED(text, part)                                                                        \
    {                                                                                              \
        BYTES(text), part                                                                          \
    }

static const struct bad bad_texts[] = {
    REFUSED(" ", "ends early"),
    REFUSED("{", "ends early"),
    REFUSED("[]", "a list where"),
    REFUSED("\"x\"", "a plain value where"),
    REFUSED("5", "a plain value where"),
    REFUSED("true", "a plain value where"),
    REFUSED("nul", ""),
    REFUSED("{}{}", "not JSON"),
    REFUSED("{} x", "not JSON"),
    REFUSED("{},", "not JSON"),
    REFUSED("\xEF\xBB\xBF{}", "byte order mark"),
    REFUSED("{\"a\":1,}", "not JSON"),
    REFUSED("{\"a\":[1,]}", "not JSON"),
    REFUSED("{a:1}", "not JSON"),
    REFUSED("{'a':1}", "not JSON"),
    REFUSED("{/* */}", "not JSON"),
    REFUSED("{\"a\":NaN}", "not JSON"),
    REFUSED("{\"a\":01}", "not JSON"),
    REFUSED("{\"a\":+1}", "not JSON"),
    REFUSED("{\"a\":1.}", "not JSON"),
    REFUSED("{\"a\":.1}", "not JSON"),
    REFUSED("{\"a\":1e}", "not JSON"),
    REFUSED("{\"a\":0x1}", "not JSON"),
    REFUSED("{\"a\":\"\\x\"}", "not JSON"),
    REFUSED("{\"a\":\"\\u12g4\"}", "not JSON"),
    REFUSED("{\"a\":\"\t\"}", "not JSON"),
    REFUSED("{\"a\":\"\0\"}", "not JSON"),
    REFUSED("{\"a\":\"\x1f\"}", "not JSON"),
    REFUSED("{\"a\":\"\xff\"}", "UTF-8"),
    REFUSED("{\"a\":\"\xc0\xaf\"}", "UTF-8"),
    REFUSED("{\"a\":\"\xed\xa0\x80\"}", "UTF-8"),
    REFUSED("{\"a\":\"\xf4\x90\x80\x80\"}", "UTF-8"),
    REFUSED("{\"a\":\"\\ud800\"}", "surrogate"),
    REFUSED("{\"a\":\"\\udc00\"}", "surrogate"),
    REFUSED("{\"a\":\"\\ud800\\u0041\"}", "surrogate"),
    REFUSED("{\"a\":\"\\ud800x\"}", "surrogate"),
    REFUSED("{\"a\":\"\\\\\\ud83d\"}", "surrogate"),
    REFUSED("{\"a\" 1}", "not JSON"),
    REFUSED("{\"a\":}", "not JSON"),
    REFUSED("{\"resourceSpans\":5}", "resourceSpans: a plain value where a list"),
    REFUSED("{\"resourceSpans\":{}}", "resourceSpans: an object where a list"),
    REFUSED("{\"resourceSpans\":[5]}", "resourceSpans[0]: a plain value where an object"),
    REFUSED("{\"resourceSpans\":[null]}", "resourceSpans[0]: null"),
    REFUSED("{\"resourceSpans\":[[]]}", "resourceSpans[0]: a list where a single"),
    REFUSED("{\"resourceSpans\":[{},{\"resource\":[]}]}", "resourceSpans[1].resource: a list"),
    REFUSED(SPAN("\"kind\":\"SPAN_KIND_SERVER\""),
            "resourceSpans[0].scopeSpans[0].spans[0].kind: a name"),
    REFUSED(SPAN("\"kind\":\"3\""), "kind: a name"),
    REFUSED(SPAN("\"kind\":true"), "kind: not a number"),
    REFUSED(SPAN("\"kind\":2147483648"), "out of range"),
    REFUSED(SPAN("\"kind\":1.5"), "fraction"),
    REFUSED(SPAN("\"name\":5"), "name: not a text"),
    REFUSED(SPAN("\"name\":{}"), "name: an object"),
    REFUSED(SPAN("\"name\":[]"), "name: a list"),
    REFUSED(SPAN("\"traceId\":5"), "traceId: not a text"),
    REFUSED(SPAN("\"status\":2"), "status: a plain value"),
    REFUSED(SPAN("\"startTimeUnixNano\":-1"), "out of range"),
    REFUSED(SPAN("\"startTimeUnixNano\":18446744073709551616"), "out of range"),
    REFUSED(SPAN("\"startTimeUnixNano\":\"\""), "not a number"),
    REFUSED(SPAN("\"startTimeUnixNano\":\" 1\""), "not a number"),
    REFUSED(SPAN("\"startTimeUnixNano\":\"1.5\""), "fraction"),
    REFUSED(SPAN("\"flags\":4294967296"), "out of range"),
    REFUSED(SPAN("\"droppedLinksCount\":-1"), "out of range"),
    REFUSED(VALUE("\"intValue\":1.5e+300"), "intValue: a number out of range"),
    REFUSED(VALUE("\"intValue\":\"9223372036854775808\""), "out of range"),
    REFUSED(VALUE("\"intValue\":true"), "not a number"),
    REFUSED(VALUE("\"doubleValue\":1e400"), "out of range"),
    REFUSED(VALUE("\"doubleValue\":\"nan\""), "not a number"),
    REFUSED(VALUE("\"boolValue\":\"true\""), "neither true nor false"),
    REFUSED(VALUE("\"boolValue\":1"), "neither true nor false"),
    REFUSED(VALUE("\"bytesValue\":\"a\""), "base64"),
    REFUSED(VALUE("\"bytesValue\":\"a Gk=\""), "base64"),
    REFUSED(VALUE("\"intValue\":1,\"stringValue\":\"1\""), "two types"),
    REFUSED(VALUE("\"intValue\":1,\"arrayValue\":{}"), "two types"),
};

static void bad_texts_are_refused_with_the_place(void **state)
{
    struct buf out = BUF_NULL;
    (void)state;
    for (size_t i = 0; i < sizeof bad_texts / sizeof bad_texts[0]; i++) {
        struct otlp_json_notes notes;
        int outcome = transcode(bad_texts[i].json, &out, &notes);
        if (outcome != OTLP_JSON_MALFORMED || strstr(notes.error, bad_texts[i].error) == NULL) {
            fail_msg("%s: %d, %s", (const char *)bad_texts[i].json.data, outcome, notes.error);
        }
    }
    buf_deinit(&out);
}

static void nesting_beyond_the_limit_is_refused_known_or_unknown(void **state)
{
    struct buf out = BUF_NULL;
    struct buf json = BUF_NULL;
    struct otlp_json_notes notes;
    (void)state;
    for (unsigned depth = 98; depth <= 101; depth++) {
        buf_reset(&json);
        buf_append_text(&json, "{\"x\":");
        for (unsigned i = 0; i < depth; i++) {
            buf_append_char(&json, '[');
        }
        for (unsigned i = 0; i < depth; i++) {
            buf_append_char(&json, ']');
        }
        buf_append_char(&json, '}');
        assert_int_equal(depth <= 99 ? 0 : OTLP_JSON_MALFORMED,
                         transcode(buf_bytes(&json), &out, &notes));
    }
    buf_reset(&json);
    for (unsigned i = 0; i < 100000; i++) {
        buf_append_text(&json, i == 0 ? "{\"resourceSpans\":" : "[");
    }
    assert_int_equal(OTLP_JSON_MALFORMED, transcode(buf_bytes(&json), &out, &notes));
    buf_deinit(&out);
    buf_deinit(&json);
}

static void duplicate_and_snake_case_keys_are_noted(void **state)
{
    struct buf out = BUF_NULL;
    struct otlp_json_notes notes;
    (void)state;
    assert_int_equal(0,
                     transcode(BYTES_LITERAL(SPAN("\"name\":\"a\",\"name\":\"b\",\"name\":\"c\"")),
                               &out, &notes));
    assert_int_equal(2, notes.duplicate_keys);
    assert_false(notes.snake_case);
    assert_int_equal(
        0,
        transcode(BYTES_LITERAL(SPAN("\"start_time_unix_nano\":5,\"trace_id\":\"\",\"odd_key\":1")),
                  &out, &notes));
    assert_true(notes.snake_case);
    assert_string_equal("start_time_unix_nano", notes.snake_key);
    assert_int_equal(0, transcode(BYTES_LITERAL("{\"odd_key\":1,\"_\":2,\"__\":3}"), &out, &notes));
    assert_false(notes.snake_case);
    buf_deinit(&out);
}

static void long_contents_get_lengths_of_several_bytes(void **state)
{
    static const size_t lengths[] = {127, 128, 129, 16383, 16384, 2097151, 2097152};
    struct buf out = BUF_NULL;
    struct buf json = BUF_NULL;
    struct buf span = BUF_NULL;
    struct buf expected = BUF_NULL;
    struct otlp_json_notes notes;
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char *name = test_malloc(lengths[i]);
        memset(name, 'n', lengths[i]);
        buf_reset(&json);
        buf_reset(&span);
        buf_reset(&expected);
        buf_append_text(&json, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"");
        buf_append(&json, name, lengths[i]);
        buf_append_text(&json, "\"}]}]}]}");
        wire_put_bytes(&span, 5, bytes_from(name, lengths[i]));
        wrap(&expected, buf_bytes(&span));
        assert_int_equal(0, transcode(buf_bytes(&json), &out, &notes));
        assert_true(bytes_equal(buf_bytes(&expected), buf_bytes(&out)));
        test_free(name);
    }
    buf_deinit(&out);
    buf_deinit(&json);
    buf_deinit(&span);
    buf_deinit(&expected);
}

static void the_outputs_limit_is_told_apart(void **state)
{
    struct buf out = BUF_NULL;
    struct otlp_json_notes notes;
    (void)state;
    out.limit = 40;
    assert_int_equal(
        OTLP_JSON_TOO_LARGE,
        transcode(BYTES_LITERAL(SPAN("\"name\":\"0123456789012345678901234567890123456789\"")),
                  &out, &notes));
    buf_deinit(&out);
}

static void every_prefix_of_a_document_is_refused(void **state)
{
    static const char whole[] = SPAN(
        "\"name\":\"a\\u00e9\",\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":\"5\"}}],"
        "\"status\":{\"code\":2},\"x\":[1,{\"y\":null}]");
    struct buf out = BUF_NULL;
    struct otlp_json_notes notes;
    (void)state;
    for (size_t len = 1; len < sizeof whole - 1; len++) {
        char *copy = test_malloc(len); /* so that reading past the end is seen */
        memcpy(copy, whole, len);
        if (transcode(bytes_from(copy, len), &out, &notes) != OTLP_JSON_MALFORMED) {
            fail_msg("%.*s", (int)len, whole);
        }
        test_free(copy);
    }
    assert_int_equal(0, transcode(bytes_from(whole, sizeof whole - 1), &out, &notes));
    buf_deinit(&out);
}

static const struct shard_map shards = {{1, 2}, 3};

static void decode_text(uint8_t *take, size_t len, struct buf *text)
{
    struct span_set *set;
    struct otlp_limits limits = OTLP_LIMITS_DEFAULT;
    assert_int_equal(0, otlp_decode(take, len, bytes_from(take, len), &shards, &limits, &set));
    assert_int_equal(64, set->span_count);
    assert_int_equal(0, set->rejected);
    set_text(text, set);
    span_set_unref(set);
}

static void a_recorded_request_gives_the_spans_of_its_protobuf_twin(void **state)
{
    size_t json_len;
    size_t twin_len;
    size_t len;
    uint8_t *json = payload_read("http-64.json", &json_len);
    uint8_t *twin = payload_read("http-64.pb", &twin_len);
    struct buf out = BUF_NULL;
    struct buf texts[2] = {BUF_NULL, BUF_NULL};
    struct otlp_json_notes notes;
    (void)state;
    assert_int_equal(0, otlp_json_transcode(bytes_from(json, json_len), &out, &notes));
    uint8_t *transcoded = buf_take(&out, &len);
    decode_text(transcoded, len, &texts[0]);
    decode_text(twin, twin_len, &texts[1]);
    assert_true(texts[0].len > 10000);
    assert_true(bytes_equal(buf_bytes(&texts[0]), buf_bytes(&texts[1])));
    buf_deinit(&texts[0]);
    buf_deinit(&texts[1]);
    free(json);
}

static void memory_that_runs_out_anywhere_is_an_outcome(void **state)
{
    static const char json[] = SPAN(
        "\"name\":\"\\u0041\\u0042\",\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":1}}]");
    struct otlp_json_notes notes;
    int outcome = OTLP_JSON_NO_MEMORY;
    size_t good;
    (void)state;
    for (good = 0; outcome == OTLP_JSON_NO_MEMORY; good++) {
        struct buf out = BUF_NULL;
        failing_malloc_begin(good);
        outcome = otlp_json_transcode(bytes_of(json), &out, &notes);
        failing_malloc_end();
        buf_deinit(&out);
    }
    assert_int_equal(0, outcome);
    assert_true(good > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_becomes_exactly_these_bytes),
        cmocka_unit_test(empty_requests_are_empty_messages),
        cmocka_unit_test(bad_texts_are_refused_with_the_place),
        cmocka_unit_test(nesting_beyond_the_limit_is_refused_known_or_unknown),
        cmocka_unit_test(duplicate_and_snake_case_keys_are_noted),
        cmocka_unit_test(long_contents_get_lengths_of_several_bytes),
        cmocka_unit_test(the_outputs_limit_is_told_apart),
        cmocka_unit_test(every_prefix_of_a_document_is_refused),
        cmocka_unit_test(a_recorded_request_gives_the_spans_of_its_protobuf_twin),
        cmocka_unit_test(memory_that_runs_out_anywhere_is_an_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
