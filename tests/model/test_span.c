/* Spans: the decoder on good, odd, bad and cut input; order; OTLP/JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "daemon/model/span.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

static const struct span_limits limits = SPAN_LIMITS_DEFAULT;

static const struct span_build full = {
    .trace = 0x1234,
    .id = 0xabc,
    .parent = 0xdef,
    .name = "POST /orders",
    .service = "shop",
    .kind = KIND_CLIENT,
    .status = STATUS_ERROR,
    .status_message = "no stock",
    .trace_state = "a=b",
    .start_ns = 1000,
    .end_ns = 3500,
    .flags = 0x301,
    .dropped_attrs = 1,
    .dropped_events = 2,
    .dropped_links = 3,
    .attrs = {ATTR_TEXT("t", "x"), ATTR_INT("i", 5), ATTR_DOUBLE("d", 0.5)},
    .events = {{.name = "exception", .time_ns = 1500, .attrs = {ATTR_TEXT("type", "E")}},
               {.name = "retry", .time_ns = 1600, .dropped_attrs = 4}},
    .links = {{.trace = 7, .span = 8, .flags = 1, .attrs = {ATTR_BOOL("b", 1)}}},
    .scope_name = "lib",
    .scope_version = "1.0",
};

static void every_field_is_decoded(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1024, 0);
    const struct span *span = span_build(&full, &arena);
    const struct trace_id trace = trace_id_build(0x1234);
    assert_true(trace_id_equal(&span->trace_id, &trace));
    assert_int_equal(span->id, 0xabc);
    assert_int_equal(span->parent, 0xdef);
    assert_true(bytes_is(span->name, "POST /orders"));
    assert_int_equal(span->kind, KIND_CLIENT);
    assert_int_equal(span->status, STATUS_ERROR);
    assert_true(bytes_is(span->status_message, "no stock"));
    assert_true(bytes_is(span->trace_state, "a=b"));
    assert_int_equal(span->start_ns, 1000);
    assert_int_equal(span->end_ns, 3500);
    assert_int_equal(span->flags, 0x301);
    assert_int_equal(span->dropped_attrs, 1);
    assert_int_equal(span->dropped_events, 2);
    assert_int_equal(span->dropped_links, 3);
    assert_int_equal(span->attr_count, 3);
    assert_true(bytes_is(span->attrs[0].value.bytes, "x"));
    assert_int_equal(span->attrs[1].value.integer, 5);
    assert_true(span->attrs[2].value.number == 0.5);
    assert_int_equal(span->event_count, 2);
    assert_int_equal(span->link_count, 1);
    assert_true(bytes_is(span->resource->service, "shop"));
    assert_true(bytes_is(span->scope->name, "lib"));
    assert_true(bytes_is(span->scope->version, "1.0"));
    arena_deinit(&arena);
}

static void events_and_links_are_walked(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1024, 0);
    const struct span *span = span_build(&full, &arena);
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    struct link link;
    assert_int_equal(span_next_event(&reader, &arena, &event), 0);
    assert_true(bytes_is(event.name, "exception"));
    assert_int_equal(event.time_ns, 1500);
    assert_int_equal(event.attr_count, 1);
    assert_int_equal(span_next_event(&reader, &arena, &event), 0);
    assert_true(bytes_is(event.name, "retry"));
    assert_int_equal(event.dropped_attrs, 4);
    assert_int_equal(span_next_event(&reader, &arena, &event), WIRE_END);
    reader = wire_reader_of(span->raw);
    assert_int_equal(span_next_link(&reader, &arena, &link), 0);
    assert_int_equal(link.trace_id.len, 16);
    assert_int_equal(link.span_id.len, 8);
    assert_int_equal(link.flags, 1);
    assert_true(link.attrs[0].value.boolean);
    assert_int_equal(span_next_link(&reader, &arena, &link), WIRE_END);
    arena_deinit(&arena);
}

/* A prefix is a span cut between two fields, or malformed; read bounds are the address sanitizer's
 * to watch. */
static void every_prefix_is_refused_or_decoded(void **state)
{
    (void)state;
    struct buf raw = BUF_NULL;
    span_encode(&raw, &full);
    unsigned decoded = 0;
    unsigned malformed = 0;
    for (size_t len = 0; len <= raw.len; len++) {
        uint8_t *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy, raw.data, len);
        copy = realloc(copy, len != 0 ? len : 1);
        struct arena arena = ARENA_INIT(256, 0);
        struct span span;
        int outcome = span_decode(bytes_from(copy, len), &resource_empty, &scope_empty, &limits,
                                  &arena, &span);
        assert_true(outcome == 0 || outcome == SPAN_MALFORMED || outcome == SPAN_BAD_ID);
        decoded += outcome == 0;
        malformed += outcome == SPAN_MALFORMED;
        arena_deinit(&arena);
        free(copy);
    }
    assert_true(decoded >= 10);
    assert_true(malformed > raw.len / 2);
    buf_deinit(&raw);
}

static int decode_raw(struct buf *raw, const struct span_limits *with, struct span *ret)
{
    struct arena arena = ARENA_INIT(256, 0);
    int outcome = span_decode(buf_bytes(raw), &resource_empty, &scope_empty, with, &arena, ret);
    arena_deinit(&arena);
    buf_deinit(raw);
    return outcome;
}

/* A span whose three IDs are the given bytes. */
static int decode_ids(struct bytes trace, struct bytes id, struct bytes parent, struct span *ret)
{
    struct buf raw = BUF_NULL;
    wire_put_bytes(&raw, 1, trace);
    wire_put_bytes(&raw, 2, id);
    wire_put_bytes(&raw, 4, parent);
    return decode_raw(&raw, &limits, ret);
}

static void ids_of_wrong_length_or_zero_are_rejected(void **state)
{
    (void)state;
    static const uint8_t ones[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const uint8_t zeros[16] = {0};
    const struct bytes none = BYTES_LITERAL("");
    const struct bytes trace = {ones, 16};
    const struct bytes id = {ones, 8};
    struct span span;
    assert_int_equal(decode_ids(trace, id, none, &span), 0);
    assert_int_equal(decode_ids(trace, id, bytes_from(zeros, 8), &span), 0);
    assert_int_equal(span.parent, 0);
    for (size_t len = 0; len <= 32; len++) {
        assert_int_equal(decode_ids(bytes_from(ones, len), id, none, &span),
                         len == 16 ? 0 : SPAN_BAD_ID);
        assert_int_equal(decode_ids(trace, bytes_from(ones, len), none, &span),
                         len == 8 ? 0 : SPAN_BAD_ID);
        int outcome = decode_ids(trace, id, bytes_from(ones, len), &span);
        assert_int_equal(outcome, len == 8 || len == 0 ? 0 : SPAN_BAD_ID);
    }
    assert_int_equal(decode_ids(bytes_from(zeros, 16), id, none, &span), SPAN_BAD_ID);
    assert_true(trace_id_is_zero(&span.trace_id));
    assert_int_equal(decode_ids(trace, bytes_from(zeros, 8), none, &span), SPAN_BAD_ID);
    assert_memory_equal(span.trace_id.bytes, ones, 16);
}

static void limits_reject_the_span_and_tell_its_trace(void **state)
{
    (void)state;
    static const struct span_limits exact = {3, 2, 1, NULL};
    static const struct span_limits small[] = {
        {2, 2, 1, NULL}, {3, 1, 1, NULL}, {3, 2, 0, NULL}, {0, 2, 1, NULL}};
    struct trace_id trace = trace_id_build(0x1234);
    struct buf raw = BUF_NULL;
    struct span span;
    span_encode(&raw, &full);
    assert_int_equal(decode_raw(&raw, &exact, &span), 0);
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        span_encode(&raw, &full);
        assert_int_equal(decode_raw(&raw, &small[i], &span), SPAN_TOO_MANY);
        assert_true(trace_id_equal(&span.trace_id, &trace));
    }
}

static void fields_come_in_any_order_and_the_last_scalar_wins(void **state)
{
    (void)state;
    struct buf raw = BUF_NULL;
    struct span span;
    wire_put_fixed32(&raw, 16, 7);
    wire_put_bytes(&raw, 15, BYTES_LITERAL("\x12\x01m")); /* status in two parts: message, code */
    wire_put_bytes(&raw, 15, BYTES_LITERAL("\x18\x02"));
    wire_put_uint(&raw, 6, 2);
    wire_put_uint(&raw, 6, 99); /* an unknown kind */
    wire_put_bytes(&raw, 5, BYTES_LITERAL("first"));
    wire_put_bytes(&raw, 5, BYTES_LITERAL("last"));
    wire_put_uint(&raw, 5, 1);                        /* the name as a number: unknown */
    wire_put_bytes(&raw, 1000, BYTES_LITERAL("old")); /* reserved */
    span_encode(&raw, &(struct span_build){.id = 1});
    wire_put_uint(&raw, 6, 99);
    wire_put_uint(&raw, 6, UINT64_MAX); /* -1 */
    assert_int_equal(decode_raw(&raw, &limits, &span), 0);
    assert_int_equal(span.flags, 7);
    assert_int_equal(span.status, STATUS_ERROR);
    assert_int_equal(span.status_message.len, 1);
    assert_int_equal(span.name.len, 4);
    assert_int_equal(span.kind, KIND_INTERNAL);
}

static void an_unknown_status_is_unset(void **state)
{
    (void)state;
    struct buf raw = BUF_NULL;
    struct span span;
    span_encode(&raw, &(struct span_build){.id = 1, .status = STATUS_ERROR});
    wire_put_bytes(&raw, 15, BYTES_LITERAL("\x18\x4d"));
    assert_int_equal(decode_raw(&raw, &limits, &span), 0);
    assert_int_equal(span.status, STATUS_UNSET);
    assert_int_equal(span.status_sent, 77);
}

static void garbage_inside_events_links_and_status_is_malformed(void **state)
{
    (void)state;
    static const uint32_t parts[] = {9, 11, 13, 15};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct buf raw = BUF_NULL;
        struct span span;
        span_encode(&raw, &full);
        wire_put_bytes(&raw, parts[i], BYTES_LITERAL("\x0a\x05x"));
        assert_int_equal(decode_raw(&raw, &limits, &span), SPAN_MALFORMED);
    }
}

static void decoding_many_spans_takes_chunks_not_allocations(void **state)
{
    (void)state;
    struct buf raw = BUF_NULL;
    struct arena arena = ARENA_INIT(16 * 1024, 0);
    struct span span;
    span_encode(&raw, &full);
    failing_malloc_begin(SIZE_MAX);
    for (int i = 0; i < 512; i++) {
        assert_int_equal(
            span_decode(buf_bytes(&raw), &resource_empty, &scope_empty, &limits, &arena, &span), 0);
    }
    size_t allocations = failing_malloc_end();
    assert_true(allocations >= 1);
    assert_true(allocations <= 6);
    arena_deinit(&arena);
    buf_deinit(&raw);
}

static void an_exhausted_arena_is_an_outcome(void **state)
{
    (void)state;
    struct buf raw = BUF_NULL;
    struct span span;
    struct resource resource;
    struct scope scope;
    span_encode(&raw, &full);
    failing_malloc_begin(0);
    struct arena arena = ARENA_INIT(256, 0);
    int outcome =
        span_decode(buf_bytes(&raw), &resource_empty, &scope_empty, &limits, &arena, &span);
    int of_resource = resource_decode(BYTES_LITERAL("\x0a\x03\x0a\x01k"), NULL, &arena, &resource);
    int of_scope = scope_decode(BYTES_LITERAL("\x1a\x03\x0a\x01k"), NULL, &arena, &scope);
    failing_malloc_end();
    assert_int_equal(outcome, SPAN_NO_MEMORY);
    assert_int_equal(of_resource, SPAN_NO_MEMORY);
    assert_int_equal(of_scope, SPAN_NO_MEMORY);
    arena_deinit(&arena);
    buf_deinit(&raw);
}

static void order_is_start_id_end_name_kind_content(void **state)
{
    (void)state;
    static const struct span_build rising[] = {
        {.id = 9, .start_ns = 1, .end_ns = 9, .name = "z"},
        {.id = 1, .start_ns = 2, .end_ns = 9, .name = "z", .kind = KIND_SERVER},
        {.id = 2, .start_ns = 2, .end_ns = 3, .name = "z", .kind = KIND_SERVER},
        {.id = 2, .start_ns = 2, .end_ns = 4, .name = "a", .kind = KIND_SERVER},
        {.id = 2, .start_ns = 2, .end_ns = 4, .name = "b", .kind = KIND_INTERNAL},
        {.id = 2, .start_ns = 2, .end_ns = 4, .name = "b", .kind = KIND_SERVER},
    };
    const size_t count = sizeof rising / sizeof rising[0];
    struct arena arena = ARENA_INIT(1024, 0);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order =
                span_compare(span_build(&rising[i], &arena), span_build(&rising[j], &arena));
            assert_true(i < j ? order < 0 : i > j ? order > 0 : order == 0);
        }
    }
    struct span_build same = rising[5];
    same.flags = 1;
    same.dropped_attrs = 9;
    assert_int_equal(span_compare(span_build(&same, &arena), span_build(&rising[5], &arena)), 0);
    same.attrs[0] = (struct attr_build)ATTR_INT("k", 1);
    const struct span *a = span_build(&same, &arena);
    const struct span *b = span_build(&rising[5], &arena);
    assert_true(span_compare(a, b) != 0);
    assert_true((span_compare(a, b) < 0) == (span_compare(b, a) > 0));
    arena_deinit(&arena);
}

static void a_span_is_written_as_otlp_json(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1024, 0);
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    span_write_otlp_json(&json, span_build(&full, &arena), &arena);
    buf_append_char(&text, '\0');
    assert_string_equal(
        (const char *)text.data,
        "{\"traceId\":\"00000000000000000000000000001234\",\"spanId\":\"0000000000000abc\","
        "\"parentSpanId\":\"0000000000000def\",\"traceState\":\"a=b\",\"flags\":769,\"name\":"
        "\"POST /orders\",\"kind\":3,"
        "\"startTimeUnixNano\":\"1000\",\"endTimeUnixNano\":\"3500\",\"attributes\":["
        "{\"key\":\"t\",\"value\":{\"stringValue\":\"x\"}},{\"key\":\"i\",\"value\":{\"intValue\":"
        "\"5\"}},"
        "{\"key\":\"d\",\"value\":{\"doubleValue\":0.5}}],\"droppedAttributesCount\":1,\"events\":["
        "{\"timeUnixNano\":\"1500\",\"name\":\"exception\",\"attributes\":[{\"key\":\"type\","
        "\"value\":"
        "{\"stringValue\":\"E\"}}]},{\"timeUnixNano\":\"1600\",\"name\":\"retry\","
        "\"droppedAttributesCount\":4}],"
        "\"droppedEventsCount\":2,\"links\":[{\"traceId\":\"00000000000000000000000000000007\","
        "\"spanId\":\"0000000000000008\",\"attributes\":[{\"key\":\"b\",\"value\":{\"boolValue\":"
        "true}}],\"flags\":1}],"
        "\"droppedLinksCount\":3,\"status\":{\"message\":\"no stock\",\"code\":2}}");
    buf_deinit(&text);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_decoded),
        cmocka_unit_test(events_and_links_are_walked),
        cmocka_unit_test(every_prefix_is_refused_or_decoded),
        cmocka_unit_test(ids_of_wrong_length_or_zero_are_rejected),
        cmocka_unit_test(limits_reject_the_span_and_tell_its_trace),
        cmocka_unit_test(fields_come_in_any_order_and_the_last_scalar_wins),
        cmocka_unit_test(an_unknown_status_is_unset),
        cmocka_unit_test(garbage_inside_events_links_and_status_is_malformed),
        cmocka_unit_test(decoding_many_spans_takes_chunks_not_allocations),
        cmocka_unit_test(an_exhausted_arena_is_an_outcome),
        cmocka_unit_test(order_is_start_id_end_name_kind_content),
        cmocka_unit_test(a_span_is_written_as_otlp_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
