/* Jaeger's and Zipkin's JSON: each row is held against the same spans as OTLP/JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "receivers/trace_file.h"
#include "tests/receivers/set_text.h"
#include "tests/support/failing_malloc.h"

static const struct shard_map shards = {{1, 2}, 1};
static const struct otlp_limits limits = {
    1000000, 100000, 536870912, {1024, 4096, 4096, NULL}, NULL, NULL};

struct taken {
    struct buf text;
    uint32_t spans, rejected;
};

static void take(void *self, struct span_set *set)
{
    struct taken *taken = self;
    taken->spans += set->span_count;
    taken->rejected += set->rejected;
    set_text(&taken->text, set);
    span_set_unref(set);
}

static int decode_files(const struct bytes *texts, size_t count, struct taken *taken, char *error,
                        size_t error_bytes)
{
    struct trace_files files;
    int outcome = 0;
    *taken = (struct taken){.text = BUF_NULL};
    error[0] = '\0';
    trace_files_init(&files, &shards, &limits, take, taken);
    for (size_t i = 0; i < count && outcome == 0; i++) {
        uint8_t *copy = malloc(texts[i].len + 1);
        memcpy(copy, texts[i].data, texts[i].len);
        outcome = trace_files_add(&files, copy, texts[i].len, error, error_bytes);
    }
    if (outcome == 0) {
        outcome = trace_files_end(&files, error, error_bytes);
    }
    trace_files_deinit(&files);
    return outcome;
}

static int decode(const char *text, struct taken *taken, char *error, size_t error_bytes)
{
    struct bytes bytes = bytes_of(text);
    return decode_files(&bytes, 1, taken, error, error_bytes);
}

#define JAEGER(spans, processes)                                                                   \
    "{\"data\":[{\"traceID\":\"ab\",\"spans\":[" spans "],\"processes\":{" processes "}}]}"
#define JAEGER_SPAN(members)                                                                       \
    JAEGER("{\"traceID\":\"ab\",\"spanID\":\"c\",\"startTime\":1," members "}", "")
#define OTLP(resource, scope, span)                                                                \
    "{\"resourceSpans\":[{" resource "\"scopeSpans\":[{" scope "\"spans\":["                       \
    "{\"traceId\":\"000000000000000000000000000000ab\",\"spanId\":\"000000000000000c\"," span      \
    "}]}]}]}"
#define TEXT(key, value) "{\"key\":\"" key "\",\"value\":{\"stringValue\":\"" value "\"}}"
#define START            "\"startTimeUnixNano\":\"1000\""
#define TIMES            START ",\"endTimeUnixNano\":\"3000\""
#define RESOURCE(attrs)  "\"resource\":{\"attributes\":[" attrs "]},"
#define ZIPKIN(members)  "[{\"traceId\":\"ab\",\"id\":\"c\",\"timestamp\":1," members "}]"
#define REFERENCE(type, trace, span)                                                               \
    "{\"refType\":\"" type "\",\"traceID\":\"" trace "\",\"spanID\":\"" span "\"}"
#define LINK(trace, span, type)                                                                    \
    "{\"traceId\":\"" trace "\",\"spanId\":\"" span                                                \
    "\",\"attributes\":[" TEXT("opentracing.ref_type", type) "]}"
#define AB "000000000000000000000000000000ab"

static const struct {
    const char *foreign;
    const char *otlp;
} same[] = {
    {JAEGER_SPAN("\"duration\":2"), OTLP("", "", TIMES)},
    {JAEGER_SPAN("\"operationName\":\"a\\u0000b\",\"duration\":\"2\",\"flags\":3"),
     OTLP("", "", "\"name\":\"a\\u0000b\"," TIMES ",\"flags\":1")},
    /* what never ended ends before it starts */
    {JAEGER_SPAN("\"duration\":null"), OTLP("", "", START)},
    {ZIPKIN("\"name\":\"x\""), OTLP("", "", "\"name\":\"x\"," START)},
    /* tags keep their types */
    {JAEGER_SPAN("\"duration\":2,\"tags\":["
                 "{\"key\":\"s\",\"type\":\"string\",\"value\":\"1\"},"
                 "{\"key\":\"b\",\"type\":\"bool\",\"value\":true},"
                 "{\"key\":\"b\",\"type\":\"bool\",\"value\":\"false\"},"
                 "{\"key\":\"i\",\"type\":\"int64\",\"value\":9223372036854775807},"
                 "{\"key\":\"i\",\"type\":\"int64\",\"value\":\"-5\"},"
                 "{\"key\":\"f\",\"type\":\"float64\",\"value\":2},"
                 "{\"key\":\"f\",\"type\":\"float64\",\"value\":\"NaN\"},"
                 "{\"key\":\"x\",\"type\":\"binary\",\"value\":\"AP8Q\"},"
                 "{\"key\":\"u\",\"value\":1.5},{\"key\":\"u\",\"value\":7},{\"key\":\"n\"}]"),
     OTLP("", "",
          TIMES ",\"attributes\":[" TEXT(
              "s",
              "1") ","
                   "{\"key\":\"b\",\"value\":{\"boolValue\":true}},"
                   "{\"key\":\"b\",\"value\":{\"boolValue\":false}},"
                   "{\"key\":\"i\",\"value\":{\"intValue\":\"9223372036854775807\"}},"
                   "{\"key\":\"i\",\"value\":{\"intValue\":\"-5\"}},"
                   "{\"key\":\"f\",\"value\":{\"doubleValue\":2.0}},"
                   "{\"key\":\"f\",\"value\":{\"doubleValue\":\"NaN\"}},"
                   "{\"key\":\"x\",\"value\":{\"bytesValue\":\"AP8Q\"}},"
                   "{\"key\":\"u\",\"value\":{\"doubleValue\":1.5}},"
                   "{\"key\":\"u\",\"value\":{\"intValue\":\"7\"}},{\"key\":\"n\",\"value\":{}}]")},
    /* the process is the resource, and may come before the spans or not at all */
    {"{\"data\":[{\"processes\":{\"p2\":{\"serviceName\":\"x\"},\"p1\":{\"serviceName\":\"shop\","
     "\"tags\":[{\"key\":\"pid\",\"type\":\"int64\",\"value\":1}]}},\"warnings\":[\"w\"],\"spans\":"
     "["
     "{\"traceID\":\"AB\",\"spanID\":\"c\",\"startTime\":1,\"duration\":2,\"processID\":\"p1\"}]}]"
     "}",
     OTLP(RESOURCE("{\"key\":\"pid\",\"value\":{\"intValue\":\"1\"}}," TEXT(
              "service.name",
              "shop") ",{\"key\":\"jaeger.warnings\",\"value\":{\"arrayValue\":{\"values\":["
                      "{\"stringValue\":\"w\"}]}}}"),
          "", TIMES)},
    {JAEGER(
         "{\"traceID\":\"ab\",\"spanID\":\"c\",\"startTime\":1,\"duration\":2,\"processID\":\"p\"}",
         "\"o\":{\"serviceName\":\"x\"},\"q\":{\"serviceName\":\"x\"}"),
     OTLP("", "", TIMES)},
    /* meanings of tags */
    {JAEGER_SPAN("\"duration\":2,\"tags\":["
                 "{\"key\":\"span.kind\",\"type\":\"string\",\"value\":\"producer\"},"
                 "{\"key\":\"error\",\"type\":\"bool\",\"value\":true},"
                 "{\"key\":\"otel.status_description\",\"type\":\"string\",\"value\":\"boom\"},"
                 "{\"key\":\"otel.library.name\",\"type\":\"string\",\"value\":\"old\"},"
                 "{\"key\":\"otel.scope.name\",\"type\":\"string\",\"value\":\"lib\"},"
                 "{\"key\":\"otel.scope.version\",\"type\":\"string\",\"value\":\"2\"},"
                 "{\"key\":\"otel.dropped_links_count\",\"type\":\"int64\",\"value\":3},"
                 "{\"key\":\"w3c.tracestate\",\"type\":\"string\",\"value\":\"a=b\"}]"),
     OTLP("", "\"scope\":{\"name\":\"lib\",\"version\":\"2\"},",
          TIMES
          ",\"kind\":4,\"status\":{\"code\":2,\"message\":\"boom\"},\"traceState\":\"a=b\","
          "\"droppedLinksCount\":3,\"attributes\":[" TEXT(
              "span.kind",
              "producer") ","
                          "{\"key\":\"error\",\"value\":{\"boolValue\":true}}," TEXT(
                              "otel.status_description",
                              "boom") "," TEXT("otel.library.name",
                                               "old") "," TEXT("otel.scope.name",
                                                               "lib") "," TEXT("otel.scope.version",
                                                                               "2") "]")},
    {JAEGER_SPAN("\"duration\":2,\"tags\":[{\"key\":\"error\",\"type\":\"bool\",\"value\":false},"
                 "{\"key\":\"otel.status_code\",\"type\":\"string\",\"value\":\"OK\"}]"),
     OTLP("", "",
          TIMES ",\"status\":{\"code\":1},\"attributes\":["
                "{\"key\":\"error\",\"value\":{\"boolValue\":false}}," TEXT("otel.status_code",
                                                                            "OK") "]")},
    /* references */
    {JAEGER_SPAN("\"duration\":2,\"parentSpanID\":\"f\",\"references\":[" REFERENCE(
         "FOLLOWS_FROM", "ab",
         "1") "," REFERENCE("CHILD_OF", "cd",
                            "2") "," REFERENCE("CHILD_OF", AB, "3") "," REFERENCE("CHILD_OF", "ab",
                                                                                  "4") "]"),
     OTLP("", "",
          TIMES ",\"parentSpanId\":\"0000000000000003\",\"links\":[" LINK(
              AB, "0000000000000001",
              "follows_from") "," LINK("000000000000000000000000000000cd", "0000000000000002",
                                       "child_of") "," LINK(AB,
                                                            "0000000000000"
                                                            "004",
                                                            "child_of") "]")},
    {JAEGER_SPAN("\"duration\":2,\"parentSpanID\":\"f\",\"references\":[" REFERENCE("FOLLOWS_FROM",
                                                                                    "ab", "1") "]"),
     OTLP("", "",
          TIMES ",\"parentSpanId\":\"000000000000000f\",\"links\":[" LINK(AB, "0000000000000001",
                                                                          "follows_from") "]")},
    {JAEGER_SPAN("\"duration\":2,\"parentSpanID\":\"0\",\"references\":null"), OTLP("", "", TIMES)},
    {JAEGER_SPAN("\"duration\":2,\"references\":[" REFERENCE("FOLLOWS_FROM", "ab", "1") "]"),
     OTLP("", "",
          TIMES ",\"parentSpanId\":\"0000000000000001\",\"links\":[" LINK(AB, "0000000000000001",
                                                                          "follows_from") "]")},
    /* logs and warnings */
    {JAEGER_SPAN(
         "\"duration\":2,\"warnings\":[\"w1\",\"w2\"],\"logs\":[{\"timestamp\":5,\"fields\":["
         "{\"key\":\"event\",\"type\":\"string\",\"value\":\"retry\"},"
         "{\"key\":\"n\",\"type\":\"int64\",\"value\":2}]},{\"timestamp\":6}]"),
     OTLP("", "",
          TIMES ",\"attributes\":[{\"key\":\"jaeger.warnings\",\"value\":{\"arrayValue\":{"
                "\"values\":[{\"stringValue\":\"w1\"},{\"stringValue\":\"w2\"}]}}}],"
                "\"events\":[{\"timeUnixNano\":\"5000\",\"name\":\"retry\",\"attributes\":[" TEXT(
                    "event", "retry") ",{\"key\":\"n\",\"value\":{\"intValue\":\"2\"}}]},"
                                      "{\"timeUnixNano\":\"6000\"}]")},
    /* the last of equal members counts, null ones are absent, unknown ones nothing */
    {"{\"x\":[{}],\"data\":[{\"spans\":[],\"spans\":[{\"traceID\":\"ab\",\"spanID\":\"d\",\"x\":[],"
     "\"spanID\":\"c\",\"startTime\":1,\"duration\":2,\"tags\":null,\"logs\":null}]}],\"errors\":[]"
     "}",
     OTLP("", "", TIMES)},
    /* Zipkin */
    {ZIPKIN(
         "\"duration\":2,\"name\":\"get\",\"kind\":\"CLIENT\",\"localEndpoint\":{\"serviceName\":"
         "\"shop\",\"ipv4\":\"1.2.3.4\"},\"remoteEndpoint\":{\"serviceName\":\"db\"},"
         "\"annotations\":[{\"timestamp\":2,\"value\":\"ws\"}],"
         "\"tags\":{\"a\":\"1\",\"error\":\"\",\"otel.dropped_events_count\":\"7\"},"
         "\"debug\":true,\"shared\":null"),
     OTLP(RESOURCE(TEXT("service.name", "shop")), "",
          TIMES
          ",\"name\":\"get\",\"kind\":3,\"status\":{\"code\":2},\"droppedEventsCount\":7,"
          "\"attributes\":[" TEXT("a", "1") "," TEXT("error", "") "," TEXT(
              "peer.service", "db") "],\"events\":[{\"timeUnixNano\":\"2000\",\"name\":\"ws\"}]")},
    {ZIPKIN("\"duration\":2,\"parentId\":\"0000000000000001\",\"kind\":\"OTHER\",\"tags\":{"
            "\"otel.status_code\":\"OK\",\"otel.library.name\":\"lib\",\"n\":5,\"t\":true}"),
     OTLP("", "\"scope\":{\"name\":\"lib\"},",
          TIMES
          ",\"parentSpanId\":\"0000000000000001\",\"status\":{\"code\":1},\"attributes\":[" TEXT(
              "otel.status_code", "OK") "," TEXT("otel.library.name",
                                                 "lib") "," TEXT("n", "5") "," TEXT("t",
                                                                                    "true") "]")},
    {ZIPKIN("\"duration\":2,\"tags\":{\"error\":\"boom\",\"otel.status_code\":\"OK\"},"
            "\"localEndpoint\":{\"serviceName\":\"\"}"),
     OTLP("", "",
          TIMES ",\"status\":{\"code\":2,\"message\":\"boom\"},\"attributes\":[" TEXT(
              "error", "boom") "," TEXT("otel.status_code", "OK") "]")},
};

static void the_same_spans_come_of_every_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        struct taken foreign;
        struct taken otlp;
        char error[256];
        if (decode(same[i].otlp, &otlp, error, sizeof error) != 0 ||
            decode(same[i].foreign, &foreign, error, sizeof error) != 0) {
            fail_msg("row %zu: %s", i, error);
        }
        if (foreign.spans != 1 || !bytes_equal(buf_bytes(&foreign.text), buf_bytes(&otlp.text))) {
            fail_msg("row %zu:\n%.*s%.*s", i, (int)foreign.text.len, (char *)foreign.text.data,
                     (int)otlp.text.len, (char *)otlp.text.data);
        }
        buf_deinit(&foreign.text);
        buf_deinit(&otlp.text);
    }
}

static const struct {
    const char *text;
    const char *error;
} bad[] = {
    {"{\"data\":5}", "data: not a list"},
    {"{\"data\":{\"a\":1}}", "data: not a list"},
    {"{\"data\":[5]}", "data[0]: not an object"},
    {"{\"data\":[{},{\"spans\":{}}]}", "data[1].spans: not a list"},
    {"{\"spans\":{}}", "spans: not a list"},
    {"{\"data\":[{\"spans\":[{},5]}]}", "data[0].spans[1]: not an object"},
    {"{\"data\":[{\"processes\":[]}]}", "data[0].processes: not an object"},
    {"{\"data\":[{\"processes\":{\"p\":1}}]}", "data[0].processes[0]: not an object"},
    {"{\"data\":[{\"warnings\":1}]}", "data[0].warnings: not a list"},
    {JAEGER_SPAN("\"tags\":{}"), "data[0].spans[0].tags: not a list"},
    {JAEGER_SPAN("\"tags\":[{\"key\":\"a\",\"value\":\"b\"},1]"), "spans[0].tags[1].key: not an"},
    {JAEGER_SPAN("\"tags\":[{\"key\":1}]"), "spans[0].tags[0].key: not a text"},
    {JAEGER_SPAN("\"tags\":[{\"key\":\"a\",\"type\":\"int64\",\"value\":1.5}]"),
     "data[0].spans[0].tags[0].value: not of the tag's type"},
    {JAEGER_SPAN("\"tags\":[{\"key\":\"a\",\"type\":\"int64\",\"value\":9223372036854775808}]"),
     "not of the tag's type"},
    {JAEGER_SPAN("\"tags\":[{\"key\":\"a\",\"type\":\"bool\",\"value\":1}]"), "not of the tag's"},
    {JAEGER_SPAN("\"tags\":[{\"key\":\"a\",\"type\":\"string\",\"value\":1}]"), "not of the tag's"},
    {JAEGER_SPAN("\"tags\":[{\"key\":\"a\",\"type\":\"binary\",\"value\":\"?\"}]"), "not of the"},
    {JAEGER_SPAN("\"tags\":[{\"key\":\"a\",\"type\":\"float64\",\"value\":\"x\"}]"), "not of the"},
    {JAEGER_SPAN("\"tags\":[{\"key\":\"a\",\"type\":\"other\",\"value\":{}}]"), "not of the tag's"},
    {JAEGER_SPAN("\"duration\":-1"), "spans[0].duration: a number out of range"},
    {JAEGER_SPAN("\"duration\":0.5"), "spans[0].duration: not a whole number of microseconds"},
    {JAEGER_SPAN("\"duration\":18446744073709551"), "spans[0].duration: a number out of range"},
    {JAEGER_SPAN("\"startTime\":18446744073709552"), "spans[0].startTime: a number out of range"},
    {JAEGER_SPAN("\"startTime\":\"now\""), "spans[0].startTime: not a number"},
    {JAEGER_SPAN("\"startTime\":{}"), "spans[0].startTime: not a number"},
    {JAEGER_SPAN("\"operationName\":1"), "spans[0].operationName: not a text"},
    {JAEGER_SPAN("\"references\":1"), "spans[0].references: not a list"},
    {JAEGER_SPAN("\"warnings\":[1]"), "spans[0].warnings: not a list of texts"},
    {JAEGER_SPAN("\"logs\":[{\"timestamp\":\"x\"}]"), "spans[0].logs[0].timestamp: not a number"},
    {JAEGER_SPAN("\"logs\":[{\"fields\":1}]"), "spans[0].logs[0].fields: not a list"},
    {JAEGER_SPAN("\"logs\":[{\"fields\":[1]}]"), "spans[0].logs[0].fields[0].key: not an object"},
    {JAEGER("{\"processID\":\"p\"}", "\"p\":{\"serviceName\":1}"), "processes[0].serviceName: not"},
    {JAEGER("{\"processID\":\"p\"}", "\"p\":{\"tags\":1}"), "processes[0].tags: not a list"},
    {"[5]", "[0]: not an object"},
    {"[{\"id\":1}]", "[0].id: not a text"},
    {"{\"id\":1,\"traceId\":\"a\"}", "id: not a text"},
    {"[{},{\"traceId\":[]}]", "[1].traceId: not a text"},
    {ZIPKIN("\"kind\":1"), "[0].kind: not a text"},
    {ZIPKIN("\"binaryAnnotations\":[]"), "[0].binaryAnnotations: this is Zipkin's v1 format"},
    {ZIPKIN("\"name\":1"), "[0].name: not a text"},
    {ZIPKIN("\"shared\":1"), "[0].shared: neither true nor false"},
    {ZIPKIN("\"tags\":[]"), "[0].tags: not an object"},
    {ZIPKIN("\"tags\":{\"a\":{}}"), "[0].tags: a tag that is not a text"},
    {ZIPKIN("\"annotations\":[1]"), "[0].annotations: not a list of objects"},
    {ZIPKIN("\"annotations\":[{\"value\":1}]"), "[0].annotations: not a text"},
    {ZIPKIN("\"localEndpoint\":1"), "[0].localEndpoint: not an object"},
    {ZIPKIN("\"remoteEndpoint\":{\"serviceName\":1}"), "[0].remoteEndpoint: not a text"},
    {ZIPKIN("\"timestamp\":-1"), "[0].timestamp: a number out of range"},
    {ZIPKIN("\"duration\":18446744073709551"), "[0].duration: a number out of range"},
    {ZIPKIN("\"duration\":1") "x", "not JSON"},
};

static void what_is_wrong_is_said_with_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct taken taken;
        char error[256];
        int outcome = decode(bad[i].text, &taken, error, sizeof error);
        if (outcome != 1 || strstr(error, bad[i].error) == NULL || taken.spans != 0) {
            fail_msg("row %zu: %d, %s", i, outcome, error);
        }
        buf_deinit(&taken.text);
    }
}

static const struct {
    const char *text;
    uint32_t rejected;
} rejected[] = {
    {"[{}]", 1},
    {"[{\"traceId\":\"ab\",\"id\":\"c\"}]", 1},
    {"[{\"traceId\":\"ab\",\"id\":\"c\",\"timestamp\":0}]", 1},
    {"[{\"traceId\":\"ab\",\"id\":\"0\",\"timestamp\":1}]", 1},
    {"[{\"traceId\":\"xy\",\"id\":\"c\",\"timestamp\":1}]", 1},
    {"[{\"traceId\":\"ab\",\"id\":\"c\",\"parentId\":\"-\",\"timestamp\":1}]", 1},
    {"[{\"traceId\":\"ab\",\"id\":\"12345678123456781\",\"timestamp\":1}]", 1},
    {"{\"data\":[{\"spans\":[{},{\"traceID\":\"ab\",\"spanID\":\"c\"},"
     "{\"traceID\":\"ab\",\"spanID\":\"\",\"startTime\":1},"
     "{\"traceID\":\"0x1\",\"spanID\":\"c\",\"startTime\":1},"
     "{\"traceID\":\"ab\",\"spanID\":\"c\",\"startTime\":1,\"parentSpanID\":\"?\"}]}]}",
     5},
};

static void a_span_without_time_or_usable_ids_is_rejected_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++) {
        struct taken taken;
        char error[256];
        assert_int_equal(0, decode(rejected[i].text, &taken, error, sizeof error));
        assert_int_equal(rejected[i].rejected, taken.rejected);
        assert_int_equal(0, taken.spans);
        buf_deinit(&taken.text);
    }
}

/* Client and server share the ID c; the server's service has a child of it, and so has the
 * client's.
 */
#define CLIENT                                                                                     \
    "{\"traceId\":\"ab\",\"id\":\"c\",\"parentId\":\"1\",\"kind\":\"CLIENT\",\"timestamp\":1,"     \
    "\"localEndpoint\":{\"serviceName\":\"front\"}}"
#define SERVER(more)                                                                               \
    "{\"traceId\":\"ab\",\"id\":\"c\",\"parentId\":\"1\",\"kind\":\"SERVER\",\"timestamp\":"       \
    "2," more "\"localEndpoint\":{\"serviceName\":\"back\"}}"
#define CHILD(id, service)                                                                         \
    "{\"traceId\":\"ab\",\"id\":\"" id "\",\"parentId\":\"c\",\"timestamp\":3,"                    \
    "\"localEndpoint\":{\"serviceName\":\"" service "\"}}"

static const struct {
    const char *files[4];
    bool parted;
} shared[] = {
    {{"[" CLIENT "," SERVER("\"shared\":true,") "," CHILD("d", "back") "," CHILD("e", "front") "]"},
     true},
    {{"[" CHILD("e", "front") "," CHILD("d", "back") "," SERVER("") "," CLIENT "]"}, true},
    {{CHILD("d", "back"), "[" SERVER("") "]", CLIENT, CHILD("e", "front")}, true},
    {{SERVER("\"shared\":true,") "\n" CHILD("d", "back") "\n", CHILD("e", "front")}, true},
    {{"[" SERVER("") "," CHILD("d", "back") "," CHILD("e", "front") "]"}, false},
};

static bool has_line(const struct taken *taken, const char *id, const char *parent)
{
    char wanted[128];
    snprintf(wanted, sizeof wanted, "\"spanId\":\"%s\",\"parentSpanId\":\"%s\"", id, parent);
    return bytes_contain(buf_bytes(&taken->text), bytes_of(wanted));
}

static void a_shared_server_span_gets_an_id_below_its_clients(void **state)
{
    static const uint8_t trace_id[16] = {[15] = 0xab};
    static const uint8_t id[8] = {[7] = 0xc};
    char own[17];
    (void)state;
    snprintf(own, sizeof own, "%016llx",
             (unsigned long long)zipkin_own_id(trace_id, id, BYTES_LITERAL("back")));
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        struct bytes files[4];
        size_t count = 0;
        struct taken taken;
        char error[256];
        while (count < 4 && shared[i].files[count] != NULL) {
            files[count] = bytes_of(shared[i].files[count]);
            count++;
        }
        assert_int_equal(0, decode_files(files, count, &taken, error, sizeof error));
        bool good =
            has_line(&taken, "000000000000000e", "000000000000000c") &&
            (shared[i].parted ? has_line(&taken, own, "000000000000000c") &&
                                    has_line(&taken, "000000000000000d", own)
                              : has_line(&taken, "000000000000000c", "0000000000000001") &&
                                    has_line(&taken, "000000000000000d", "000000000000000c"));
        if (!good) {
            fail_msg("row %zu: %.*s", i, (int)taken.text.len, (char *)taken.text.data);
        }
        buf_deinit(&taken.text);
    }
}

static void every_prefix_is_refused_whole(void **state)
{
    static const char *const names[] = {"zipkin-python.json", "jaeger-shop.json"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len;
        uint8_t *data = payload_read(names[i], &len);
        while (len > 0 && (data[len - 1] == '\n' || data[len - 1] == ' ')) {
            len--;
        }
        for (size_t cut = 1; cut < len; cut += cut < 100 ? 1 : 37) {
            struct bytes text = bytes_from(data, cut);
            struct taken taken;
            char error[256];
            assert_int_equal(1, decode_files(&text, 1, &taken, error, sizeof error));
            assert_int_equal(0, taken.spans);
            buf_deinit(&taken.text);
        }
        free(data);
    }
}

static void discard(void *self, struct span_set *set)
{
    *(uint32_t *)self += set->span_count;
    span_set_unref(set);
}

static int decode_quietly(const uint8_t *data, size_t len, uint32_t *spans)
{
    struct trace_files files;
    char error[256] = "";
    uint8_t *copy = malloc(len);
    memcpy(copy, data, len);
    *spans = 0;
    trace_files_init(&files, &shards, &limits, discard, spans);
    int outcome = trace_files_add(&files, copy, len, error, sizeof error);
    outcome = outcome == 0 ? trace_files_end(&files, error, sizeof error) : outcome;
    trace_files_deinit(&files);
    return outcome;
}

static void no_memory_is_an_outcome_wherever_it_ends(void **state)
{
    static const char *const names[] = {"zipkin-python.json", "jaeger-shop.json"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len;
        uint8_t *data = payload_read(names[i], &len);
        int outcome = -1;
        for (size_t n = 0; outcome != 0; n++) {
            uint32_t spans;
            failing_malloc_begin(n);
            outcome = decode_quietly(data, len, &spans);
            failing_malloc_end();
            assert_true(outcome <= 0 && (outcome == 0) == (spans > 0));
        }
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_spans_come_of_every_format),
        cmocka_unit_test(what_is_wrong_is_said_with_the_place),
        cmocka_unit_test(a_span_without_time_or_usable_ids_is_rejected_alone),
        cmocka_unit_test(a_shared_server_span_gets_an_id_below_its_clients),
        cmocka_unit_test(every_prefix_is_refused_whole),
        cmocka_unit_test(no_memory_is_an_outcome_wherever_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
