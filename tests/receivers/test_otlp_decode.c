#include "receivers/otlp_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/wire.h"
#include "tests/receivers/set_text.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

#define TRACE_ID "\x0a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
#define SPAN_ID  "\x12\x08\0\0\0\0\0\0\0\x02"
#define GOOD     TRACE_ID SPAN_ID
#define BYTES(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const struct shard_map shards = {{1, 2}, 3};
static const struct otlp_limits limits = {
    1000000, 100000, 536870912, {1024, 4096, 4096, NULL}, NULL, NULL};

static int decode_with(struct bytes message, const struct otlp_limits *with, struct span_set **ret)
{
    uint8_t *body = malloc(message.len + 1);
    if (message.len > 0) {
        memcpy(body, message.data, message.len);
    }
    return otlp_decode(body, message.len, bytes_from(body, message.len), &shards, with, ret);
}

static int decode(struct bytes message, struct span_set **ret)
{
    return decode_with(message, &limits, ret);
}

/* The first span of a set with one. */
static const struct span *only_span(const struct span_set *set)
{
    assert_int_equal(1, set->span_count);
    for (uint32_t i = 0; i < set->batch_count; i++) {
        if (set->batches[i].first != NULL) {
            return set->batches[i].first;
        }
    }
    return NULL;
}

static void put(struct buf *out, uint32_t number, const struct buf *message)
{
    wire_put_bytes(out, number, buf_bytes(message));
}

/* ResourceSpans around ScopeSpans around a span, with bytes before and after on each level. */
static void wrap(struct buf *out, struct bytes before_scope, struct bytes span,
                 struct bytes after_scope, struct bytes before_resource,
                 struct bytes after_resource)
{
    struct buf scope_spans = BUF_NULL;
    struct buf resource_spans = BUF_NULL;
    buf_append_bytes(&scope_spans, before_scope);
    wire_put_bytes(&scope_spans, 2, span);
    buf_append_bytes(&scope_spans, after_scope);
    buf_append_bytes(&resource_spans, before_resource);
    put(&resource_spans, 2, &scope_spans);
    buf_append_bytes(&resource_spans, after_resource);
    put(out, 1, &resource_spans);
    buf_deinit(&scope_spans);
    buf_deinit(&resource_spans);
}

static void wrap_span(struct buf *out, struct bytes span)
{
    wrap(out, BYTES_NULL, span, BYTES_NULL, BYTES_NULL, BYTES_NULL);
}

static void resource_and_scope_may_follow_their_spans_in_pieces(void **state)
{
    static const char service[] = "\x0a\x16\x0a\x14\x0a\x0cservice.name\x12\x04\x0a\x02sv";
    static const char zone[] = "\x0a\x0c\x0a\x0a\x0a\x04zone\x12\x02\x0a\0\x1a\x01u";
    struct buf request = BUF_NULL;
    struct span_set *set;
    (void)state;
    wrap(&request,
         BYTES_LITERAL("\x0a\x03\x0a\x01"
                       "a"),
         bytes_from(GOOD, sizeof GOOD - 1),
         BYTES_LITERAL("\x0a\x06\x0a\x01"
                       "b\x12\x01v\x1a\x01s"),
         bytes_from(service, sizeof service - 1), bytes_from(zone, sizeof zone - 1));
    assert_int_equal(0, decode(buf_bytes(&request), &set));
    const struct span *span = only_span(set);
    assert_true(bytes_is(span->resource->service, "sv"));
    assert_int_equal(2, span->resource->attr_count);
    assert_true(bytes_is(span->resource->schema_url, "u"));
    assert_true(bytes_is(span->scope->name, "b"));
    assert_true(bytes_is(span->scope->version, "v"));
    assert_true(bytes_is(span->scope->schema_url, "s"));
    span_set_unref(set);
    buf_deinit(&request);
}

static void absent_resource_and_scope_are_the_empty_ones(void **state)
{
    struct buf request = BUF_NULL;
    struct span_set *set;
    (void)state;
    wrap_span(&request, bytes_from(GOOD, sizeof GOOD - 1));
    assert_int_equal(0, decode(buf_bytes(&request), &set));
    assert_ptr_equal(&resource_empty, only_span(set)->resource);
    assert_ptr_equal(&scope_empty, only_span(set)->scope);
    span_set_unref(set);
    buf_deinit(&request);
}

struct row {
    struct bytes span;
    int outcome;
    uint32_t accepted, ids, counts;
};

/* clang-format off */
static const struct row spans[] = {
    { BYTES(GOOD), 0, 1, 0, 0 },
    { BYTES(SPAN_ID TRACE_ID), 0, 1, 0, 0 },
    { BYTES(GOOD "\x22\0"), 0, 1, 0, 0 },                                /* parent empty: root */
    { BYTES(GOOD "\x22\x08\0\0\0\0\0\0\0\0"), 0, 1, 0, 0 },              /* parent of zeros: root */
    { BYTES(""), 0, 0, 1, 0 },
    { BYTES(TRACE_ID), 0, 0, 1, 0 },
    { BYTES(SPAN_ID), 0, 0, 1, 0 },
    { BYTES(GOOD "\x22\x04" "abcd"), 0, 0, 1, 0 },
    { BYTES(GOOD "\x22\x09" "123456789"), 0, 0, 1, 0 },
    { BYTES("\x0a\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" SPAN_ID), 0, 0, 1, 0 },
    { BYTES("\x0a\x0f" "123456789012345" SPAN_ID), 0, 0, 1, 0 },
    { BYTES("\x0a\x01\0" SPAN_ID), 0, 0, 1, 0 },                         /* what the JSON reader makes of a bad ID */
    { BYTES(TRACE_ID "\x12\x08\0\0\0\0\0\0\0\0"), 0, 0, 1, 0 },
    { BYTES("\x0a\x01\0" GOOD), 0, 1, 0, 0 },                            /* the last one counts */
    { BYTES(GOOD "\xc2\x3e\x01x"), 0, 1, 0, 0 },                         /* the reserved field 1000 */
    { BYTES(GOOD "\x0b\x10\x01\x0c"), 0, 1, 0, 0 },                      /* a group with a known number */
    { BYTES(GOOD "\x08\x05"), 0, 1, 0, 0 },                              /* a known number of another type */
    { BYTES(GOOD "\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0, 1, 0, 0 },
    { BYTES(GOOD "\x85\x81\x00\x01\0\0\0"), 0, 1, 0, 0 },                /* a tag of three bytes where one would do */
    { BYTES(GOOD "\x2a\x02\xff\xfe"), 0, 1, 0, 0 },                      /* a name that is not UTF-8 */
    { BYTES(GOOD "\x2a\x05" "ab"), OTLP_MALFORMED, 0, 0, 0 },            /* beyond the end */
    { BYTES(GOOD "\x2a"), OTLP_MALFORMED, 0, 0, 0 },
    { BYTES(GOOD "\x00"), OTLP_MALFORMED, 0, 0, 0 },                     /* field 0 */
    { BYTES(GOOD "\x0e"), OTLP_MALFORMED, 0, 0, 0 },                     /* wire type 6 */
    { BYTES(GOOD "\x0f"), OTLP_MALFORMED, 0, 0, 0 },
    { BYTES(GOOD "\x0c"), OTLP_MALFORMED, 0, 0, 0 },                     /* a group's end without its begin */
    { BYTES(GOOD "\x0b\x10\x01"), OTLP_MALFORMED, 0, 0, 0 },             /* a group without an end */
    { BYTES(GOOD "\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), OTLP_MALFORMED, 0, 0, 0 },
    { BYTES(GOOD "\x2a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), OTLP_MALFORMED, 0, 0, 0 },
    { BYTES(GOOD "\x2a\x80\x80\x80\x80\x10"), OTLP_MALFORMED, 0, 0, 0 },
    { BYTES(GOOD "\x4a\x02\x0a\x05"), OTLP_MALFORMED, 0, 0, 0 },         /* an attribute beyond its end */
    { BYTES(GOOD "\x5a\x02\x12\x05"), OTLP_MALFORMED, 0, 0, 0 },         /* an event */
    { BYTES("\x2a\x05" "ab"), OTLP_MALFORMED, 0, 0, 0 },                 /* malformed goes before bad IDs */
};
/* clang-format on */

static void each_span_is_accepted_or_rejected_or_spoils_the_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct buf request = BUF_NULL;
        struct span_set *set = NULL;
        wrap_span(&request, bytes_from(GOOD, sizeof GOOD - 1));
        wrap_span(&request, spans[i].span);
        int outcome = decode(buf_bytes(&request), &set);
        if (outcome != spans[i].outcome) {
            fail_msg("row %zu: outcome %d", i, outcome);
        }
        if (outcome == 0) {
            if (set->span_count != 1 + spans[i].accepted || set->rejected_ids != spans[i].ids ||
                set->rejected_counts != spans[i].counts ||
                set->rejected != spans[i].ids + spans[i].counts) {
                fail_msg("row %zu: %u accepted, %u rejected", i, set->span_count, set->rejected);
            }
            span_set_unref(set);
        }
        buf_deinit(&request);
    }
}

/* clang-format off */
static const struct { struct bytes request; int outcome; } envelopes[] = {
    { BYTES(""), 0 },
    { BYTES("\x0a\0"), 0 },
    { BYTES("\x0a\0\x0a\0\x0a\0"), 0 },
    { BYTES("\x0a\x02\x12\0"), 0 },
    { BYTES("\x0a\x02\x0a\0"), 0 },
    { BYTES("\x0a\x03\x1a\x01u"), 0 },
    { BYTES("\x0a\x04\x12\x02\x0a\0"), 0 },
    { BYTES("\x08\x01"), 0 },                       /* another wire type */
    { BYTES("\xca\x30\x05later\xd0\x30\x05"), 0 },  /* unknown fields */
    { BYTES("\x0a\x04\xc2\x3e\x01x"), 0 },
    { BYTES("\xff\xff\xff"), OTLP_MALFORMED },
    { BYTES("\x0a\x02\x0a\x7f"), OTLP_MALFORMED },
    { BYTES("\x0a\x05" "ab"), OTLP_MALFORMED },
    { BYTES("\x0a\x02\x12\x01"), OTLP_MALFORMED },
    { BYTES("\x0a\x04\x12\x02\x12\x01"), OTLP_MALFORMED },
    { BYTES("\x0a\x04\x0a\x02\x0a\x01"), OTLP_MALFORMED },  /* a resource beyond its end, without spans */
    { BYTES("\x0a\x06\x12\x04\x0a\x02\x0a\x05"), OTLP_MALFORMED }, /* a scope */
    { BYTES("\x0a\0\x07"), OTLP_MALFORMED },        /* a good beginning, then garbage */
};
/* clang-format on */

static void empty_envelopes_are_ignored_and_malformed_ones_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof envelopes / sizeof envelopes[0]; i++) {
        struct span_set *set = NULL;
        int outcome = decode(envelopes[i].request, &set);
        if (outcome != envelopes[i].outcome) {
            fail_msg("row %zu: %d", i, outcome);
        }
        if (outcome == 0) {
            assert_int_equal(0, set->span_count + set->rejected);
            span_set_unref(set);
        }
    }
}

static void a_rejected_span_tells_the_trace_that_lost_it(void **state)
{
    struct buf request = BUF_NULL;
    struct span_set *set;
    uint32_t told = 0;
    (void)state;
    wrap_span(&request, bytes_from(TRACE_ID, sizeof TRACE_ID - 1));
    wrap_span(&request, bytes_from(SPAN_ID, sizeof SPAN_ID - 1));
    assert_int_equal(0, decode(buf_bytes(&request), &set));
    assert_int_equal(2, set->rejected);
    for (uint32_t i = 0; i < set->batch_count; i++) {
        for (const struct rejected_span *lost = set->batches[i].rejected; lost != NULL;
             lost = lost->next) {
            assert_int_equal(1, lost->trace_id.bytes[15]);
            told++;
        }
    }
    assert_int_equal(1, told);
    assert_non_null(set->hint);
    span_set_unref(set);
    buf_deinit(&request);
}

static void attributes_beyond_the_limit_cost_their_span(void **state)
{
    struct otlp_limits small = limits;
    struct buf request = BUF_NULL;
    struct span_set *set;
    (void)state;
    small.span.attrs = 2;
    small.span.events = 1;
    wrap_span(&request, BYTES_LITERAL(GOOD "\x4a\0\x4a\0\x4a\0"));
    wrap_span(&request, BYTES_LITERAL(GOOD "\x5a\0\x5a\0"));
    wrap_span(&request, BYTES_LITERAL(GOOD "\x4a\0\x4a\0\x5a\0"));
    assert_int_equal(0, decode_with(buf_bytes(&request), &small, &set));
    assert_int_equal(1, set->span_count);
    assert_int_equal(2, set->rejected_counts);
    assert_null(set->hint);
    span_set_unref(set);
    buf_deinit(&request);
}

static void counts_of_the_whole_request_are_bounded(void **state)
{
    struct otlp_limits small = limits;
    struct buf request = BUF_NULL;
    struct span_set *set;
    (void)state;
    small.spans = 2;
    wrap_span(&request, BYTES_LITERAL(GOOD));
    wrap_span(&request, BYTES_NULL);
    assert_int_equal(0, decode_with(buf_bytes(&request), &small, &set));
    span_set_unref(set);
    wrap_span(&request, BYTES_NULL);
    assert_int_equal(OTLP_TOO_MANY, decode_with(buf_bytes(&request), &small, &set));
    small = limits;
    small.resources = 5;
    assert_int_equal(OTLP_TOO_MANY, decode_with(buf_bytes(&request), &small, &set));
    small = limits;
    small.decoded_bytes = 20000;
    for (unsigned i = 0; i < 200; i++) {
        wrap_span(&request, BYTES_LITERAL(GOOD));
    }
    assert_int_equal(OTLP_TOO_MANY, decode_with(buf_bytes(&request), &small, &set));
    buf_deinit(&request);
}

static void a_million_empty_envelopes_are_a_success(void **state)
{
    struct buf request = BUF_NULL;
    struct span_set *set;
    (void)state;
    for (size_t i = 0; i < 1000000; i++) {
        buf_append(&request, "\x0a\0", 2);
    }
    assert_int_equal(0, decode(buf_bytes(&request), &set));
    span_set_unref(set);
    buf_reset(&request);
    for (size_t i = 0; i < 100001; i++) {
        buf_append(&request, "\x0a\x02\x12\0", 4);
    }
    assert_int_equal(OTLP_TOO_MANY, decode(buf_bytes(&request), &set));
    buf_deinit(&request);
}

/* A cut request is whole only where a ResourceSpans ends. */
static void every_prefix_is_decoded_or_refused(void **state)
{
    size_t len;
    size_t good = 0;
    uint8_t *payload = payload_read("http-1.pb", &len);
    struct span_set *set;
    (void)state;
    for (size_t cut = 0; cut <= len; cut++) {
        int outcome = decode(bytes_from(payload, cut), &set);
        if (outcome == 0) {
            good++;
            span_set_unref(set);
        } else {
            assert_int_equal(OTLP_MALFORMED, outcome);
        }
    }
    assert_int_equal(2, good);
    free(payload);
}

static void recorded_requests_give_all_their_spans(void **state)
{
    static const struct {
        const char *name;
        size_t skip;
        uint32_t spans;
    } rows[] = {{"http-1.pb", 0, 1},
                {"http-512.pb", 0, 512},
                {"multi-512.pb", 0, 512},
                {"grpc-512.bin", 5, 512}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len;
        uint8_t *body = payload_read(rows[i].name, &len);
        struct span_set *set;
        uint32_t listed = 0;
        assert_int_equal(0,
                         otlp_decode(body, len, bytes_from(body + rows[i].skip, len - rows[i].skip),
                                     &shards, &limits, &set));
        assert_int_equal(rows[i].spans, set->span_count);
        for (uint32_t shard = 0; shard < set->batch_count; shard++) {
            for (const struct span *span = set->batches[shard].first; span != NULL;
                 span = span->next) {
                assert_int_equal(shard, shard_map_find(&shards, &span->trace_id));
                assert_true(span->resource->service.len > 0);
                listed++;
            }
        }
        assert_int_equal(rows[i].spans, listed);
        span_set_unref(set);
    }
}

static void memory_that_runs_out_anywhere_is_an_outcome(void **state)
{
    static const struct span_build two[] = {
        {.id = 1, .name = "a", .service = "s", .scope_name = "c", .attrs = {ATTR_INT("k", 1)}},
        {.id = 2, .name = "b", .attrs = {ATTR_TEXT("k", "v")}},
    };
    struct buf request = BUF_NULL;
    int outcome = OTLP_NO_MEMORY;
    size_t good;
    (void)state;
    request_encode(&request, two, 2);
    for (good = 0; outcome == OTLP_NO_MEMORY; good++) {
        struct span_set *set = NULL;
        failing_malloc_begin(good);
        outcome = decode(buf_bytes(&request), &set);
        failing_malloc_end();
        if (outcome == 0) {
            assert_int_equal(2, set->span_count);
            span_set_unref(set);
        }
    }
    assert_int_equal(0, outcome);
    assert_true(good > 1);
    buf_deinit(&request);
}

static void odd_attributes_are_taken_and_counted(void **state)
{
    struct span_set *set;
    (void)state;
    /* resource, scope and span with {k: "\xff"} and {k: by index 5}; the span's name is fine */
#define ODD       "\x0a\x01k\x12\x03\x0a\x01\xff"
#define REFERENCE "\x0a\x01k\x12\x02\x40\x05"
    static const char message[] = "\x0a\x5d"
                                  "\x0a\x13\x0a\x08" ODD "\x0a\x07" REFERENCE "\x12\x46"
                                  "\x0a\x13\x1a\x08" ODD "\x1a\x07" REFERENCE "\x12\x2f" GOOD
                                  "\x4a\x08" ODD "\x4a\x07" REFERENCE;
    assert_int_equal(0, decode(bytes_from(message, sizeof message - 1), &set));
    assert_int_equal(1, set->span_count);
    assert_int_equal(3, set->duplicate_keys);
    assert_int_equal(3, set->bad_texts);
    assert_int_equal(3, set->table_references);
    assert_int_equal(0, set->rejected);
    span_set_unref(set);
}

static void a_name_that_is_not_utf8_is_counted(void **state)
{
    struct span_set *set;
    (void)state;
    static const char message[] = "\x0a\x23\x12\x21\x12\x1f" GOOD "\x2a\x01\xc0";
    assert_int_equal(0, decode(bytes_from(message, sizeof message - 1), &set));
    assert_int_equal(1, set->span_count);
    assert_int_equal(1, set->bad_texts);
    assert_int_equal(0, set->duplicate_keys);
    span_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_attributes_are_taken_and_counted),
        cmocka_unit_test(a_name_that_is_not_utf8_is_counted),
        cmocka_unit_test(resource_and_scope_may_follow_their_spans_in_pieces),
        cmocka_unit_test(absent_resource_and_scope_are_the_empty_ones),
        cmocka_unit_test(each_span_is_accepted_or_rejected_or_spoils_the_request),
        cmocka_unit_test(empty_envelopes_are_ignored_and_malformed_ones_refused),
        cmocka_unit_test(a_rejected_span_tells_the_trace_that_lost_it),
        cmocka_unit_test(attributes_beyond_the_limit_cost_their_span),
        cmocka_unit_test(counts_of_the_whole_request_are_bounded),
        cmocka_unit_test(a_million_empty_envelopes_are_a_success),
        cmocka_unit_test(every_prefix_is_decoded_or_refused),
        cmocka_unit_test(recorded_requests_give_all_their_spans),
        cmocka_unit_test(memory_that_runs_out_anywhere_is_an_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
