#include "receivers/trace_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/core/buf.h"
#include "tests/receivers/set_text.h"

#define LINE                                                                                       \
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"                               \
    "\"000000000000000000000000000000ab\","                                                        \
    "\"spanId\":\"00000000000000cd\",\"name\":\"a\"}]}]}]}"
#define ZIPKIN "{\"id\":\"cd\",\"traceId\":\"ab\",\"timestamp\":1}"
#define JAEGER                                                                                     \
    "{\"spans\":[{\"traceID\":\"ab\",\"spanID\":\"cd\",\"startTime\":1}],\"traceID\":\"ab\"}"
#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const struct shard_map shards = {{1, 2}, 1};
static const struct otlp_limits limits = {
    1000000, 100000, 536870912, {1024, 4096, 4096, NULL}, NULL, NULL};

struct taken {
    uint32_t sets, spans, rejected;
};

static void take(void *self, struct span_set *set)
{
    struct taken *taken = self;
    taken->sets++;
    taken->spans += set->span_count;
    taken->rejected += set->rejected;
    span_set_unref(set);
}

static int decode_file(uint8_t *take_data, size_t len, struct taken *taken, char *error,
                       size_t error_bytes)
{
    struct trace_files files;
    trace_files_init(&files, &shards, &limits, take, taken);
    int outcome = trace_files_add(&files, take_data, len, error, error_bytes);
    if (outcome == 0) {
        outcome = trace_files_end(&files, error, error_bytes);
    }
    trace_files_deinit(&files);
    return outcome;
}

static int decode(struct bytes data, struct taken *taken, char *error, size_t error_bytes)
{
    uint8_t *copy = malloc(data.len + 1);
    memcpy(copy, data.data, data.len);
    *taken = (struct taken){0};
    error[0] = '\0';
    return decode_file(copy, data.len, taken, error, error_bytes);
}

static const struct {
    struct bytes data;
    struct taken taken;
} good[] = {
    {BYTES(""), {1, 0, 0}},
    {BYTES("\n \n"), {0, 0, 0}},
    {BYTES("{}"), {1, 0, 0}},
    {BYTES(LINE), {1, 1, 0}},
    {BYTES("\n" LINE "\n\n"), {1, 1, 0}},
    {BYTES(LINE "\n" LINE "\r\n\n" LINE), {3, 3, 0}},
    {BYTES("{\"resourceSpans\":\n[{\"scopeSpans\":[{\"spans\":[\n{}]}]}]}\n"), {1, 0, 1}},
    {BYTES("{}\n" LINE "\n"), {2, 1, 0}},
    {BYTES("\x0a\0"), {1, 0, 0}},
    {BYTES("[]"), {0, 0, 0}},
    {BYTES("{\"data\":null}"), {1, 0, 0}},
    {BYTES(ZIPKIN "\n" LINE "\n[" ZIPKIN "," ZIPKIN "]\n" JAEGER), {3, 5, 0}},
    {BYTES("[" ZIPKIN "]\n\n[]\n"), {1, 1, 0}},
    {BYTES("{\"data\":[" JAEGER ",\n" JAEGER "]}"), {1, 2, 0}},
    {BYTES(JAEGER), {1, 1, 0}},
    /* protobuf that begins like JSON: a line feed, a length of '{' */
    {BYTES("\x0a{\x1a"
           "y01234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
           "67890"
           "123456789012345678901234567890"),
     {1, 0, 0}},
};

static void a_file_is_told_by_its_content(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct taken taken;
        char error[160];
        int outcome = decode(good[i].data, &taken, error, sizeof error);
        if (outcome != 0 || taken.sets != good[i].taken.sets ||
            taken.spans != good[i].taken.spans || taken.rejected != good[i].taken.rejected) {
            fail_msg("row %zu: %d, %u sets, %u spans: %s", i, outcome, taken.sets, taken.spans,
                     error);
        }
    }
}

static const struct {
    struct bytes data;
    const char *error;
} bad[] = {
    {BYTES("hello"), "neither"},
    {BYTES("\xff\xff"), "neither"},
    {BYTES("{"), "ends early"},
    {BYTES("[1]"), "[0]: not an object"},
    {BYTES("5"), "neither"},
    {BYTES("\xEF\xBB\xBF{}"), "byte order mark"},
    {BYTES(LINE "\n{\n"), "line 2: the JSON text ends early"},
    {BYTES(LINE "\n" LINE "\n{\"resourceSpans\":5}\n"), "line 3: resourceSpans: "},
    {BYTES(LINE LINE), "not JSON"},
    {BYTES("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"kind\":\"x\"}]}]}]}"),
     "spans[0].kind: a name"},
    {BYTES("\x1f\x8b\x08 no gzip"), "gzip"},
};

static void what_cannot_be_parsed_is_said_with_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct taken taken;
        char error[160];
        int outcome = decode(bad[i].data, &taken, error, sizeof error);
        if (outcome != 1 || strstr(error, bad[i].error) == NULL) {
            fail_msg("row %zu: %d, %s", i, outcome, error);
        }
    }
}

static void recordings_give_their_spans(void **state)
{
    static const struct {
        const char *name;
        uint32_t spans;
    } rows[] = {{"http-64.json", 64},      {"http-64.pb", 64},     {"http-512.pb", 512},
                {"http-512.pb.gz", 512},   {"multi-512.pb", 512},  {"http-1.pb", 1},
                {"zipkin-python.json", 5}, {"jaeger-shop.json", 4}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[512];
        uint8_t *data;
        size_t len;
        struct taken taken = {0};
        char error[160];
        snprintf(path, sizeof path, "%s/tests/payloads/%s", ASSERTD_SOURCE_DIR, rows[i].name);
        assert_int_equal(0, trace_file_read(path, 0, &data, &len));
        assert_int_equal(0, decode_file(data, len, &taken, error, sizeof error));
        assert_int_equal(rows[i].spans, taken.spans);
    }
}

static void every_prefix_of_a_gzip_file_but_none_is_refused(void **state)
{
    size_t len;
    uint8_t *data = payload_read("http-512.pb.gz", &len);
    (void)state;
    for (size_t cut = 2; cut < len; cut += cut < 100 ? 1 : 997) {
        struct taken taken;
        char error[160];
        assert_int_equal(1, decode(bytes_from(data, cut), &taken, error, sizeof error));
        assert_int_equal(0, taken.sets);
    }
    free(data);
}

static void reading_is_bounded_and_says_what_failed(void **state)
{
    char path[] = "trace_file_XXXXXX";
    uint8_t *data = NULL;
    size_t len = 0;
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(5, write(fd, "hello", 5));
    assert_int_equal(1, trace_file_read(path, 4, &data, &len));
    assert_int_equal(0, trace_file_read(path, 5, &data, &len));
    assert_int_equal(5, len);
    free(data);
    close(fd);
    unlink(path);
    assert_int_equal(-ENOENT, trace_file_read(path, 5, &data, &len));
    assert_int_equal(-EISDIR, trace_file_read("/", 5, &data, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_told_by_its_content),
        cmocka_unit_test(what_cannot_be_parsed_is_said_with_the_place),
        cmocka_unit_test(recordings_give_their_spans),
        cmocka_unit_test(every_prefix_of_a_gzip_file_but_none_is_refused),
        cmocka_unit_test(reading_is_bounded_and_says_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
