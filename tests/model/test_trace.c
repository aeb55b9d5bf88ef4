/* Traces: duplicates, namesakes, caps, short evidence, memory that runs out, the document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/model/injection.h"
#include "daemon/model/trace.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

static int add(struct trace *trace, const struct span_build *build, uint32_t max_spans,
               uint32_t *ret_index)
{
    struct arena arena = ARENA_INIT(1024, 0);
    int outcome = trace_add(trace, span_build(build, &arena), max_spans, ret_index);
    arena_deinit(&arena);
    return outcome;
}

static struct trace empty(size_t limit_bytes)
{
    struct trace trace;
    struct trace_id id = trace_id_build(1);
    trace_init(&trace, &id, limit_bytes);
    return trace;
}

static void an_equal_copy_is_dropped_and_its_evidence_kept(void **state)
{
    (void)state;
    const struct span_build span = {
        .id = 5, .name = "a", .service = "s", .attrs = {ATTR_INT("x", 1), ATTR_INT("y", 2)}};
    struct span_build copy = span;
    copy.flags = 2; /* a flag, and not sampled */
    copy.dropped_attrs = 4;
    copy.attrs[0] = span.attrs[1];
    copy.attrs[1] = span.attrs[0];
    struct trace trace = empty(0);
    uint32_t index = 99;
    assert_int_equal(add(&trace, &span, 10, &index), 0);
    assert_int_equal(add(&trace, &span, 10, &index), TRACE_DUPLICATE);
    assert_false(trace.revealed);
    assert_int_equal(add(&trace, &copy, 1, &index),
                     TRACE_DUPLICATE); /* the cap does not hit copies */
    assert_int_equal(index, 0);
    assert_int_equal(trace.count, 1);
    assert_int_equal(trace.duplicates, 2);
    assert_int_equal(trace.conflicting, 0);
    assert_int_equal(trace_rare(&trace)[0].dropped_attrs, 4);
    assert_true(trace.revealed);
    assert_true(trace_span_unsampled(&trace.spans[0]));
    struct arena arena = ARENA_INIT(1024, 0);
    struct span wide;
    assert_int_equal(trace_span_decode(&trace, 0, &arena, &wide), 0);
    assert_int_equal(wide.dropped_attrs, 4);
    assert_true(bytes_is(wide.resource->service, "s"));
    arena_deinit(&arena);
    trace_deinit(&trace);
}

static void only_the_first_to_tell_of_something_dropped_reveals(void **state)
{
    (void)state;
    struct span_build spans[] = {{.id = 5, .name = "a", .dropped_attrs = 3},
                                 {.id = 6, .name = "b"}};
    struct trace trace = empty(0);
    uint32_t index;
    assert_int_equal(add(&trace, &spans[0], 10, &index), 0);
    assert_int_equal(add(&trace, &spans[1], 10, &index), 0);
    spans[0].dropped_attrs = 4;
    assert_int_equal(add(&trace, &spans[0], 10, &index), TRACE_DUPLICATE);
    assert_false(trace.revealed); /* it is known of this span */
    spans[1].dropped_events = 1;
    assert_int_equal(add(&trace, &spans[1], 10, &index), TRACE_DUPLICATE);
    assert_true(trace.revealed);
    trace.revealed = false;
    assert_int_equal(add(&trace, &spans[1], 10, &index), TRACE_DUPLICATE);
    assert_false(trace.revealed);
    spans[1].dropped_links = 1;
    assert_int_equal(add(&trace, &spans[1], 10, &index), TRACE_DUPLICATE);
    assert_true(trace.revealed);
    trace_deinit(&trace);
}

/* Each differs from the first in one thing that counts. */
static void namesakes_with_other_content_are_kept_and_marked(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 5, .name = "a", .service = "s", .scope_name = "l"},
        {.id = 5, .name = "b", .service = "s", .scope_name = "l"},
        {.id = 5, .name = "a", .service = "t", .scope_name = "l"},
        {.id = 5, .name = "a", .service = "s", .scope_name = "m"},
        {.id = 5, .name = "a", .service = "s", .scope_name = "l", .parent = 4},
        {.id = 5, .name = "a", .service = "s", .scope_name = "l", .attrs = {ATTR_INT("x", 1)}},
        {.id = 5, .name = "a", .service = "s", .scope_name = "l", .events = {{.name = "e"}}},
        {.id = 5,
         .name = "a",
         .service = "s",
         .scope_name = "l",
         .links = {{.trace = 3, .span = 1}}},
        {.id = 5, .name = "a", .service = "s", .scope_name = "l", .status = STATUS_ERROR},
        {.id = 6, .name = "a", .service = "s", .scope_name = "l"},
    };
    const uint32_t count = sizeof spans / sizeof spans[0];
    struct trace trace;
    trace_build(&trace, spans, count);
    assert_int_equal(trace.count, count);
    assert_int_equal(trace.conflicting, count - 2);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(trace_span_conflicting(&trace.spans[i]), spans[i].id == 5);
    }
    uint32_t met = 0;
    for (uint32_t i = trace_find(&trace, 5, 0); i != UINT32_MAX; i = trace_find(&trace, 5, i + 1)) {
        assert_int_equal(i, met++);
    }
    assert_int_equal(met, count - 1);
    trace_deinit(&trace);
}

static void the_order_of_namesakes_does_not_depend_on_arrival(void **state)
{
    (void)state;
    static const struct span_build ab[] = {{.id = 5, .attrs = {ATTR_INT("x", 1)}},
                                           {.id = 5, .attrs = {ATTR_INT("x", 2)}}};
    static const struct span_build ba[] = {{.id = 5, .attrs = {ATTR_INT("x", 2)}},
                                           {.id = 5, .attrs = {ATTR_INT("x", 1)}}};
    struct trace first;
    struct trace second;
    trace_build(&first, ab, 2);
    trace_build(&second, ba, 2);
    assert_true(trace_span_compare(&first, 0, 1) != 0);
    assert_true((trace_span_compare(&first, 0, 1) < 0) == (trace_span_compare(&second, 1, 0) < 0));
    assert_int_equal(trace_span_compare(&first, 1, 1), 0);
    trace_deinit(&first);
    trace_deinit(&second);
}

static void large_traces_find_every_span(void **state)
{
    (void)state;
    const uint32_t count = 5000;
    struct trace trace = empty(0);
    uint32_t index;
    for (uint32_t i = 0; i < count; i++) {
        const struct span_build span = {
            .id = (uint64_t)(i + 1) << (i % 3 * 16), .name = "n", .start_ns = count - i};
        int outcome = add(&trace, &span, count, &index);
        assert_true(outcome == 0);
        assert_int_equal(index, i);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t found = trace_find(&trace, (uint64_t)(i + 1) << (i % 3 * 16), 0);
        assert_true(found <= i);
        assert_int_equal(trace.spans[found].id, (uint64_t)(i + 1) << (i % 3 * 16));
    }
    assert_int_equal(trace_find(&trace, UINT64_MAX, 0), UINT32_MAX);
    trace_deinit(&trace);
}

static void spans_beyond_the_cap_are_cut(void **state)
{
    (void)state;
    struct trace trace = empty(0);
    uint32_t index = 7;
    uint32_t parents;
    assert_int_equal(add(&trace, &(struct span_build){.id = 1}, 1, &index), 0);
    assert_int_equal(add(&trace, &(struct span_build){.id = 2}, 1, &index), TRACE_CUT);
    assert_int_equal(trace.count, 1);
    assert_int_equal(trace.cut, 1);
    assert_int_equal(trace_short(&trace, true, &parents), SHORT_LOST);
    trace_deinit(&trace);
}

static void namesakes_beyond_their_bound_are_cut(void **state)
{
    (void)state;
    struct trace trace = empty(0);
    uint32_t index;
    for (uint32_t i = 0; i < TRACE_NAMESAKES_MAX + 5; i++) {
        int outcome = add(&trace, &(struct span_build){.id = 1, .start_ns = i}, UINT32_MAX, &index);
        assert_int_equal(outcome, i < TRACE_NAMESAKES_MAX ? 0 : TRACE_CUT);
    }
    assert_int_equal(add(&trace, &(struct span_build){.id = 1, .start_ns = 3}, UINT32_MAX, &index),
                     TRACE_DUPLICATE);
    assert_int_equal(index, 3);
    assert_int_equal(trace.cut, 5);
    trace_deinit(&trace);
}

struct evidence_case {
    const char *what;
    struct span_build spans[5];
    span_id injected;
    unsigned short_strict;
    uint32_t missing; /* spans whose parent is not there */
};

static const struct evidence_case evidence[] = {
    {"whole", {{.id = 1}, {.id = 2, .parent = 1}}, 0, 0, 0},
    {"the generator's span is missing", {{.id = 1, .parent = 9}, {.id = 2, .parent = 1}}, 0, 0, 1},
    {"two below one missing parent", {{.id = 1, .parent = 9}, {.id = 2, .parent = 9}}, 0, 0, 2},
    {"two missing parents", {{.id = 1, .parent = 9}, {.id = 2, .parent = 8}}, 0, SHORT_PARENTS, 2},
    {"a root and a missing parent", {{.id = 1}, {.id = 2, .parent = 9}}, 0, SHORT_PARENTS, 1},
    {"the same, the other way round", {{.id = 2, .parent = 9}, {.id = 1}}, 0, SHORT_PARENTS, 1},
    {"several roots", {{.id = 1}, {.id = 2}}, 0, 0, 0},
    {"the injected span is missing", {{.id = 1, .parent = 9}, {.id = 2, .parent = 1}}, 9, 0, 0},
    {"the injected span and a root", {{.id = 1, .parent = 9}, {.id = 2}}, 9, 0, 0},
    {"another than the injected span", {{.id = 1, .parent = 8}}, 9, SHORT_PARENTS, 1},
    {"the injected span and another",
     {{.id = 1, .parent = 9}, {.id = 2, .parent = 8}},
     9,
     SHORT_PARENTS,
     1},
    {"the injected span came", {{.id = 9}, {.id = 1, .parent = 9}}, 9, 0, 0},
    {"its own parent", {{.id = 1, .parent = 1}}, 0, 0, 0},
    {"a cycle", {{.id = 1, .parent = 2}, {.id = 2, .parent = 1}}, 0, 0, 0},
    {"a cycle and a missing parent",
     {{.id = 1, .parent = 2}, {.id = 2, .parent = 1}, {.id = 3, .parent = 9}},
     0,
     0,
     1},
    {"sampled", {{.id = 1, .flags = 1}}, 0, 0, 0},
    {"flags of a remote parent only", {{.id = 1, .flags = 0x300}}, 0, 0, 0},
    {"not sampled", {{.id = 1, .flags = 0x302}}, 0, SHORT_UNSAMPLED, 0},
    {"not sampled, sampled copy",
     {{.id = 1, .flags = 2}, {.id = 1, .flags = 3}},
     0,
     SHORT_UNSAMPLED,
     0},
    {"sampled with another flag", {{.id = 1, .flags = 3}}, 0, 0, 0},
};

static void evidence_is_short_exactly_where_the_semantics_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof evidence / sizeof evidence[0]; i++) {
        const struct injection injection = {.span_id = evidence[i].injected};
        struct trace trace;
        size_t count = 0;
        while (evidence[i].spans[count].id != 0) {
            count++;
        }
        trace_build(&trace, evidence[i].spans, count);
        trace.injection = evidence[i].injected != 0 ? &injection : NULL;
        uint32_t missing = 99;
        unsigned strict = trace_short(&trace, false, &missing);
        if (strict != evidence[i].short_strict || missing != evidence[i].missing) {
            fail_msg("%s: short %u, missing %u", evidence[i].what, strict, missing);
        }
        assert_int_equal(trace_short(&trace, true, &missing), strict & ~(unsigned)SHORT_PARENTS);
        trace_deinit(&trace);
    }
}

static void rejected_spans_make_the_evidence_short(void **state)
{
    (void)state;
    struct trace trace = empty(0);
    uint32_t parents;
    assert_int_equal(trace_short(&trace, false, &parents), 0);
    trace.rejected = 1;
    assert_int_equal(trace_short(&trace, true, &parents), SHORT_LOST);
    trace_deinit(&trace);
}

#define SWEPT 40

/* Adds all; those that found no memory are added again when there is some. */
static void add_with_failures(struct trace *trace, struct span *const *spans, size_t good,
                              size_t *ret_failed)
{
    int outcomes[SWEPT];
    uint32_t index;
    *ret_failed = 0;
    failing_malloc_begin(good);
    for (size_t i = 0; i < SWEPT; i++) {
        outcomes[i] = trace_add(trace, spans[i], SWEPT, &index);
    }
    failing_malloc_end();
    for (size_t i = 0; i < SWEPT; i++) {
        assert_true(outcomes[i] == 0 || outcomes[i] == TRACE_NO_MEMORY);
        int expected = outcomes[i] == 0 ? TRACE_DUPLICATE : 0;
        assert_int_equal(trace_add(trace, spans[i], SWEPT, &index), expected);
        *ret_failed += outcomes[i] != 0;
    }
}

static void a_trace_without_memory_takes_the_span_later(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(64 * 1024, 0);
    struct span *spans[SWEPT];
    for (uint32_t i = 0; i < SWEPT; i++) {
        struct span_build build = {
            .id = i / 2 + 1, .service = i % 4 == 0 ? "a" : "b", .scope_name = "l"};
        build.attrs[0] = (struct attr_build)ATTR_INT("k", i % 2);
        spans[i] = span_build(&build, &arena);
    }
    size_t failed = 1;
    for (size_t good = 0; failed != 0; good++) {
        struct trace trace = empty(0);
        add_with_failures(&trace, spans, good, &failed);
        assert_int_equal(trace.count, SWEPT);
        assert_int_equal(trace.conflicting, SWEPT / 2);
        assert_int_equal(trace.duplicates, SWEPT - failed);
        trace_deinit(&trace);
        assert_true(good < 10000);
    }
    arena_deinit(&arena);
}

static void the_memory_grant_is_kept(void **state)
{
    (void)state;
    struct trace trace = empty(8192);
    uint32_t index;
    int outcome = 0;
    uint32_t stored = 0;
    for (uint64_t id = 1; id < 1000 && outcome == 0; id++) {
        outcome = add(&trace, &(struct span_build){.id = id, .name = "some name", .service = "s"},
                      1000, &index);
        stored += outcome == 0;
    }
    assert_int_equal(outcome, TRACE_NO_MEMORY);
    assert_true(stored > 5);
    assert_int_equal(trace.count, stored);
    assert_int_equal(trace.cut, 0);
    assert_true(arena_held(&trace.arena) <= 8192);
    trace_deinit(&trace);
}

static void a_trace_is_written_sorted_and_grouped(void **state)
{
    (void)state;
    static const struct span_build spans[] = {
        {.id = 3, .start_ns = 3, .name = "c", .service = "one", .scope_name = "l"},
        {.id = 2, .start_ns = 2, .name = "b", .service = "two"},
        {.id = 1, .start_ns = 1, .name = "a", .service = "one", .scope_name = "l"},
        {.id = 4,
         .start_ns = 4,
         .name = "d",
         .service = "one",
         .scope_name = "m",
         .scope_version = "1"},
    };
    struct trace trace;
    struct arena scratch = ARENA_INIT(1024, 0);
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    trace_build(&trace, spans, 4);
    trace_write_otlp_json(&json, &trace, &scratch);
    buf_append_char(&text, '\0');
#define SPAN(id, name)                                                                             \
    "{\"traceId\":\"00000000000000000000000000000001\",\"spanId\":\"000000000000000" id            \
    "\",\"name\":\"" name "\",\"kind\":1,\"startTimeUnixNano\":\"" id                              \
    "\",\"endTimeUnixNano\":\"0\"}"
#define RESOURCE(service)                                                                          \
    "{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":"         \
    "\"" service "\"}}]},\"scopeSpans\":["
    assert_string_equal(
        (const char *)text.data,
        "{\"resourceSpans\":[" RESOURCE("one") "{\"scope\":{\"name\":\"l\"},\"spans\":[" SPAN(
            "1", "a") "," SPAN("3",
                               "c") "]},{\"scope\":{\"name\":\"m\",\"version\":\"1\"},\"spans\":"
                                    "[" SPAN("4",
                                             "d") "]}]}," RESOURCE("two") "{\"scope\":{},\"spans\":"
                                                                          "[" SPAN("2",
                                                                                   "b") "]}]}]}");
    buf_deinit(&text);
    arena_deinit(&scratch);
    trace_deinit(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_equal_copy_is_dropped_and_its_evidence_kept),
        cmocka_unit_test(only_the_first_to_tell_of_something_dropped_reveals),
        cmocka_unit_test(namesakes_with_other_content_are_kept_and_marked),
        cmocka_unit_test(the_order_of_namesakes_does_not_depend_on_arrival),
        cmocka_unit_test(large_traces_find_every_span),
        cmocka_unit_test(spans_beyond_the_cap_are_cut),
        cmocka_unit_test(namesakes_beyond_their_bound_are_cut),
        cmocka_unit_test(evidence_is_short_exactly_where_the_semantics_say),
        cmocka_unit_test(rejected_spans_make_the_evidence_short),
        cmocka_unit_test(a_trace_without_memory_takes_the_span_later),
        cmocka_unit_test(the_memory_grant_is_kept),
        cmocka_unit_test(a_trace_is_written_sorted_and_grouped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
