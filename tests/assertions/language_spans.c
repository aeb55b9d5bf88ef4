/*
 * The spans are written in wire form and decoded as a receiver would, so that what is tested is
 * what is judged.
 */
#include "tests/assertions/language_spans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/wire.h"

/* Numbers of opentelemetry-proto trace.proto and common.proto. */
enum {
    SPAN_TRACE_ID = 1,
    SPAN_SPAN_ID = 2,
    SPAN_NAME = 5,
    SPAN_KIND = 6,
    SPAN_START = 7,
    SPAN_END = 8,
    SPAN_ATTRS = 9,
    SPAN_DROPPED_ATTRS = 10,
    SPAN_EVENTS = 11,
    SPAN_DROPPED_EVENTS = 12,
    SPAN_LINKS = 13,
    SPAN_DROPPED_LINKS = 14,
    SPAN_STATUS = 15
};
enum {
    ANY_TEXT = 1,
    ANY_BOOL = 2,
    ANY_INT = 3,
    ANY_DOUBLE = 4,
    ANY_ARRAY = 5,
    ANY_MAP = 6,
    ANY_BYTES = 7
};

/* A builder of test data that is wrong ends the test. */
static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void put_text(struct buf *out, uint32_t field, const char *text)
{
    wire_put_bytes(out, field, bytes_of(text));
}

/* A KeyValue up to its value; close with close_attr. */
struct open_attr {
    size_t attr, value;
};

static struct open_attr open_attr(struct buf *out, uint32_t field, const char *key)
{
    struct open_attr open;
    open.attr = wire_begin(out, field);
    put_text(out, 1, key);
    open.value = wire_begin(out, 2);
    return open;
}

static void close_attr(struct buf *out, struct open_attr open)
{
    wire_end(out, open.value);
    wire_end(out, open.attr);
}

static void text_attr(struct buf *out, uint32_t field, const char *key, const char *text)
{
    struct open_attr open = open_attr(out, field, key);
    put_text(out, ANY_TEXT, text);
    close_attr(out, open);
}

static void int_attr(struct buf *out, uint32_t field, const char *key, int64_t number)
{
    struct open_attr open = open_attr(out, field, key);
    wire_put_uint(out, ANY_INT, (uint64_t)number);
    close_attr(out, open);
}

static void put_double(struct buf *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    wire_put_fixed64(out, ANY_DOUBLE, bits);
}

static void double_attr(struct buf *out, uint32_t field, const char *key, double number)
{
    struct open_attr open = open_attr(out, field, key);
    put_double(out, number);
    close_attr(out, open);
}

static void bool_attr(struct buf *out, uint32_t field, const char *key, bool value)
{
    struct open_attr open = open_attr(out, field, key);
    wire_put_uint(out, ANY_BOOL, value);
    close_attr(out, open);
}

static void array_attr(struct buf *out, uint32_t field, const char *key)
{
    struct open_attr open = open_attr(out, field, key);
    size_t array = wire_begin(out, ANY_ARRAY);
    size_t item = wire_begin(out, 1);
    put_text(out, ANY_TEXT, "red");
    wire_end(out, item);
    item = wire_begin(out, 1);
    wire_put_uint(out, ANY_INT, 5);
    wire_end(out, item);
    item = wire_begin(out, 1);
    put_double(out, 1.5);
    wire_end(out, item);
    item = wire_begin(out, 1);
    wire_put_uint(out, ANY_BOOL, 1);
    wire_end(out, item);
    wire_end(out, array);
    close_attr(out, open);
}

static void map_attr(struct buf *out, uint32_t field, const char *key)
{
    struct open_attr open = open_attr(out, field, key);
    size_t map = wire_begin(out, ANY_MAP);
    text_attr(out, 1, "k", "v");
    wire_end(out, map);
    close_attr(out, open);
}

static void put_attrs(struct buf *out)
{
    static const struct {
        const char *key;
        const char *text;
    } texts[] = {
        {"text200", "200"},
        {"hello", "hello world"},
        {"empty", ""},
        {"digits", "123456789012345678901234567890"},
        {"negdigits", "-123456789012345678901234567890"},
        {"t0.1", "0.1"},
        {"padded", "007"},
        {"minus0", "-0"},
        {"t1500ms", "1500ms"},
        {"ttrue", "true"},
        {"t1e21", "1e+21"},
        {"latin", "caf\xe9"},
        {"utf8", "caf\xc3\xa9"},
        {"dup", "first"},
        {"dup", "last"},
        {"a b", "spaced"},
        {"x-y", "hyphen"},
        {"name", "attribute"},
        {"both", "span"},
        {"quote", "it's \"\\d\"\n"},
        {"/p", "path"},
        {"tnan", "NaN"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        text_attr(out, SPAN_ATTRS, texts[i].key, texts[i].text);
    }
    int_attr(out, SPAN_ATTRS, "status_code", 200);
    int_attr(out, SPAN_ATTRS, "big", INT64_C(9007199254740993));
    int_attr(out, SPAN_ATTRS, "least", INT64_MIN);
    int_attr(out, SPAN_ATTRS, "most", INT64_MAX);
    int_attr(out, SPAN_ATTRS, "neg", -5);
    int_attr(out, SPAN_ATTRS, "count", 3);
    double_attr(out, SPAN_ATTRS, "half", 1.5);
    double_attr(out, SPAN_ATTRS, "tenth", 0.1);
    double_attr(out, SPAN_ATTRS, "two", 2.0);
    double_attr(out, SPAN_ATTRS, "d53", 9007199254740992.0);
    double_attr(out, SPAN_ATTRS, "nan", NAN);
    double_attr(out, SPAN_ATTRS, "inf", INFINITY);
    double_attr(out, SPAN_ATTRS, "ninf", -INFINITY);
    double_attr(out, SPAN_ATTRS, "huge", 1e21);
    double_attr(out, SPAN_ATTRS, "tiny", 5e-8);
    double_attr(out, SPAN_ATTRS, "negzero", -0.0);
    bool_attr(out, SPAN_ATTRS, "yes", true);
    array_attr(out, SPAN_ATTRS, "list");
    map_attr(out, SPAN_ATTRS, "map");
    struct open_attr open = open_attr(out, SPAN_ATTRS, "bytes");
    put_text(out, ANY_BYTES, "raw");
    close_attr(out, open);
    close_attr(out, open_attr(out, SPAN_ATTRS, "novalue"));
    text_attr(out, SPAN_ATTRS, "undone", "first");
    close_attr(out, open_attr(out, SPAN_ATTRS, "undone"));
}

static void put_events(struct buf *out)
{
    size_t event = wire_begin(out, SPAN_EVENTS);
    put_text(out, 2, "exception");
    text_attr(out, 3, "exception.type", "IOError");
    int_attr(out, 3, "n", 1);
    text_attr(out, 3, "mixed", "abc");
    wire_end(out, event);
    event = wire_begin(out, SPAN_EVENTS);
    put_text(out, 2, "retry");
    int_attr(out, 3, "n", 2);
    int_attr(out, 3, "mixed", 7);
    text_attr(out, 3, "name", "inner");
    wire_end(out, event);
}

static void put_link(struct buf *out)
{
    size_t link = wire_begin(out, SPAN_LINKS);
    wire_put_bytes(
        out, 1, BYTES_LITERAL("\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"));
    wire_put_bytes(out, 2, BYTES_LITERAL("\xbb\xbb\xbb\xbb\xbb\xbb\xbb\xbb"));
    text_attr(out, 4, "reason", "batch");
    wire_end(out, link);
}

static void put_head(struct buf *out, uint64_t start_ns, uint64_t end_ns)
{
    wire_put_bytes(out, SPAN_TRACE_ID, BYTES_LITERAL("0123456789abcdef"));
    wire_put_bytes(out, SPAN_SPAN_ID, BYTES_LITERAL("01234567"));
    put_text(out, SPAN_NAME, "GET /cart");
    wire_put_uint(out, SPAN_KIND, 2);
    wire_put_fixed64(out, SPAN_START, start_ns);
    wire_put_fixed64(out, SPAN_END, end_ns);
    size_t status = wire_begin(out, SPAN_STATUS);
    wire_put_uint(out, 3, 2);
    wire_end(out, status);
}

static const struct resource *make_resource(struct arena *arena)
{
    struct buf buf = BUF_NULL;
    text_attr(&buf, 1, "service.name", "shop");
    text_attr(&buf, 1, "host", "h1");
    text_attr(&buf, 1, "both", "resource");
    text_attr(&buf, 1, "novalue", "fallback");
    struct resource *resource = arena_calloc(arena, 1, sizeof *resource);
    must(resource_decode(arena_copy(arena, buf_bytes(&buf)), NULL, arena, resource) == 0);
    buf_deinit(&buf);
    return resource;
}

static const struct scope *make_scope(struct arena *arena)
{
    struct buf buf = BUF_NULL;
    put_text(&buf, 1, "lib");
    put_text(&buf, 2, "1.2");
    text_attr(&buf, 3, "lang", "c");
    text_attr(&buf, 3, "name", "attribute");
    struct scope *scope = arena_calloc(arena, 1, sizeof *scope);
    must(scope_decode(arena_copy(arena, buf_bytes(&buf)), NULL, arena, scope) == 0);
    buf_deinit(&buf);
    return scope;
}

static struct span decode(struct arena *arena, struct buf *buf)
{
    struct span span;
    must(!buf->failed);
    must(span_decode(arena_copy(arena, buf_bytes(buf)), make_resource(arena), make_scope(arena),
                     &SPAN_LIMITS_DEFAULT, arena, &span) == 0);
    buf_deinit(buf);
    return span;
}

struct span language_span_whole(struct arena *arena)
{
    struct buf buf = BUF_NULL;
    put_head(&buf, UINT64_C(1000000000), UINT64_C(1050000000));
    put_attrs(&buf);
    put_events(&buf);
    put_link(&buf);
    return decode(arena, &buf);
}

struct span language_span_broken(struct arena *arena)
{
    struct buf buf = BUF_NULL;
    put_head(&buf, UINT64_C(1050000000), UINT64_C(1000000000));
    text_attr(&buf, SPAN_ATTRS, "here", "yes");
    put_events(&buf);
    put_link(&buf);
    wire_put_uint(&buf, SPAN_DROPPED_ATTRS, 2);
    wire_put_uint(&buf, SPAN_DROPPED_EVENTS, 1);
    wire_put_uint(&buf, SPAN_DROPPED_LINKS, 1);
    return decode(arena, &buf);
}

struct injection language_injection_full(void)
{
    static const struct attr attrs[] = {
        {BYTES_LITERAL("user"), {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("u1")}},
        {BYTES_LITERAL("time"), {.type = VALUE_TEXT, .bytes = BYTES_LITERAL("noon")}},
    };
    return (struct injection){
        .has_time = true,
        .has_iteration = true,
        .has_status = true,
        .has_duration = true,
        .outcome = INJECTION_OK,
        .time_ns = 5,
        .iteration = 7,
        .status = 200,
        .duration_ns = 1500000,
        .scenario = BYTES_LITERAL("checkout"),
        .step = BYTES_LITERAL("pay"),
        .zone = BYTES_LITERAL("eu"),
        .tenant = BYTES_LITERAL("t"),
        .minion = BYTES_LITERAL("m"),
        .attrs = attrs,
        .attr_count = 2,
    };
}

struct injection language_injection_bare(void)
{
    return (struct injection){.outcome = INJECTION_OUTCOME_NONE};
}
