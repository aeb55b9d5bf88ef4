/* Traces that keep of their spans only what is read: what comes out again, copies and namesakes,
 * large parts, memory that runs out, another keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/model/kept_span.h"
#include "daemon/model/trace.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

static void add_key(struct keep_keys *keys, const char *key, struct arena *arena)
{
    assert_true(keep_keys_add(keys, bytes_of(key), arena));
}

static struct trace empty(const struct keep *keep)
{
    struct trace trace;
    struct trace_id id = trace_id_build(1);
    trace_init(&trace, &id, 0);
    trace.keep = keep;
    return trace;
}

static int add(struct trace *trace, const struct span_build *build)
{
    struct arena arena = ARENA_INIT(1024, 0);
    uint32_t index;
    int outcome = trace_add(trace, span_build(build, &arena), 100, &index);
    arena_deinit(&arena);
    return outcome;
}

static const struct attr_build items[] = {ATTR_INT("a", 1), ATTR_TEXT("b", "x")};

static const struct span_build full = {
    .id = 5,
    .parent = 4,
    .name = "POST /orders",
    .service = "shop",
    .kind = KIND_SERVER,
    .status = STATUS_ERROR,
    .status_message = "lost",
    .trace_state = "a=b",
    .start_ns = 10,
    .end_ns = 90,
    .flags = 0x301,
    .dropped_attrs = 1,
    .dropped_events = 2,
    .dropped_links = 3,
    .attrs = {ATTR_TEXT("text", "t"), ATTR_INT("int", INT64_MIN), ATTR_INT("other", 1),
              ATTR_DOUBLE("double", -0.5), ATTR_BOOL("bool", 1), ATTR_BYTES("bytes", "b"),
              ATTR_ARRAY("array", items), ATTR_MAP("map", items), ATTR_INT("twice", 1),
              ATTR_NONE("twice")},
    .events = {{.name = "e", .time_ns = 3, .attrs = {ATTR_INT("k", 1), ATTR_INT("l", 2)}},
               {.name = "f"}},
    .links = {{.trace = 7, .span = 8, .attrs = {ATTR_INT("k", 1), ATTR_INT("l", 2)}}},
    .scope_name = "lib",
};

static const char *const keys[] = {"text",  "int",   "double", "bool",
                                   "bytes", "array", "map",    "twice"};
#define KEYS (sizeof keys / sizeof keys[0])

static struct keep keep_of_keys(struct arena *arena)
{
    struct keep keep = {.event_names = false};
    for (size_t i = 0; i < KEYS; i++) {
        add_key(&keep.attrs, keys[i], arena);
    }
    return keep;
}

static bool same_value(const struct value *a, const struct value *b)
{
    if (a->type != b->type) {
        return false;
    }
    switch (a->type) {
    case VALUE_MISSING:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
    case VALUE_DOUBLE:
        return a->integer == b->integer;
    default:
        return bytes_equal(a->bytes, b->bytes);
    }
}

static void what_is_read_comes_out_as_it_came(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    struct keep keep = keep_of_keys(&arena);
    struct trace trace = empty(&keep);
    struct span *came = span_build(&full, &arena);
    struct span span;
    assert_int_equal(add(&trace, &full), 0);
    assert_int_equal(trace_span_decode(&trace, 0, &arena, &span), 0);
    assert_true(trace_id_equal(&span.trace_id, &came->trace_id));
    assert_true(span.id == 5 && span.parent == 4 && span.start_ns == 10 && span.end_ns == 90);
    assert_true(span.kind == KIND_SERVER && span.status == STATUS_ERROR && span.flags == 0x301);
    assert_true(bytes_is(span.name, "POST /orders") && bytes_is(span.resource->service, "shop"));
    assert_true(bytes_is(span.scope->name, "lib"));
    assert_true(span.dropped_attrs == 1 && span.dropped_events == 2 && span.dropped_links == 3);
    assert_int_equal(span.attr_count, KEYS + 1);
    for (size_t i = 0; i < KEYS; i++) {
        struct value was = attrs_find(came->attrs, came->attr_count, bytes_of(keys[i]));
        struct value is = attrs_find(span.attrs, span.attr_count, bytes_of(keys[i]));
        if (!same_value(&was, &is)) {
            fail_msg("%s", keys[i]);
        }
    }
    struct wire_reader reader = wire_reader_of(span.raw);
    struct event event;
    assert_int_equal(span_next_event(&reader, &arena, &event), WIRE_END);
    assert_true(bytes_is(trace_span_name(&trace.spans[0]), "POST /orders"));
    trace_deinit(&trace);
    arena_deinit(&arena);
}

static void of_events_and_links_their_read_parts_are_kept(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    struct keep keep = {
        .link_ids = true, .part_counts = true, .status_message = true, .trace_state = true};
    struct event event;
    struct link link;
    struct span span;
    add_key(&keep.event_attrs, "l", &arena);
    add_key(&keep.link_attrs, "k", &arena);
    for (int names = 0; names < 2; names++) {
        keep.event_names = names == 1;
        struct trace trace = empty(&keep);
        assert_int_equal(add(&trace, &full), 0);
        assert_int_equal(trace_span_decode(&trace, 0, &arena, &span), 0);
        assert_true(span.event_count == 2 && span.link_count == 1 && span.flags == 0x301);
        assert_true(bytes_is(span.status_message, "lost") && bytes_is(span.trace_state, "a=b"));
        struct wire_reader reader = wire_reader_of(span.raw);
        assert_int_equal(span_next_event(&reader, &arena, &event), 0);
        assert_true(event.attr_count == 1 && bytes_is(event.attrs[0].key, "l"));
        assert_true(bytes_is(event.name, names == 1 ? "e" : ""));
        assert_int_equal(span_next_event(&reader, &arena, &event), names == 1 ? 0 : WIRE_END);
        reader = wire_reader_of(span.raw);
        assert_int_equal(span_next_link(&reader, &arena, &link), 0);
        assert_true(link.attr_count == 1 && bytes_is(link.attrs[0].key, "k"));
        assert_true(link.trace_id.len == 16 && link.span_id.len == 8);
        assert_int_equal(span_next_link(&reader, &arena, &link), WIRE_END);
        trace_deinit(&trace);
    }
    arena_deinit(&arena);
}

/* In what no longer is there, too. */
static void copies_and_namesakes_are_told_apart_by_all_content(void **state)
{
    (void)state;
    const struct keep keep = {.event_names = false};
    struct trace trace = empty(&keep);
    struct span_build copy = full;
    struct span_build other = full;
    copy.flags = 2;
    copy.dropped_attrs = 9;
    copy.attrs[0] = full.attrs[1];
    copy.attrs[1] = full.attrs[0];
    other.events[1].name = "g";
    assert_int_equal(add(&trace, &full), 0);
    assert_int_equal(add(&trace, &full), TRACE_DUPLICATE);
    assert_int_equal(add(&trace, &copy), TRACE_DUPLICATE);
    assert_int_equal(add(&trace, &other), 0);
    assert_int_equal(add(&trace, &other), TRACE_DUPLICATE);
    assert_int_equal(trace.duplicates, 3);
    assert_int_equal(trace.conflicting, 1);
    assert_true(trace_span_unsampled(&trace.spans[0]));
    assert_int_equal(trace_rare(&trace)[0].dropped_attrs, 9);
    assert_true(trace_span_compare(&trace, 0, 1) != 0);
    assert_true(trace_span_raw(&trace.spans[0]).len < 32);
    trace_deinit(&trace);
}

static void large_values_are_kept(void **state)
{
    (void)state;
    static char text[3 * KEPT_SPAN_FEW_BYTES];
    struct arena arena = ARENA_INIT(4096, 0);
    struct keep keep = {.event_names = false};
    struct span span;
    add_key(&keep.attrs, "k", &arena);
    memset(text, 'x', sizeof text - 1);
    for (size_t len = KEPT_SPAN_FEW_BYTES - 40; len < sizeof text; len += 7) {
        struct trace trace = empty(&keep);
        struct span_build build = {.id = 1, .name = "n"};
        build.attrs[0] =
            (struct attr_build){.key = "k", .type = VALUE_TEXT, .bytes = bytes_from(text, len)};
        assert_int_equal(add(&trace, &build), 0);
        assert_int_equal(trace_span_decode(&trace, 0, &arena, &span), 0);
        assert_true(span.attr_count == 1 && span.attrs[0].value.bytes.len == len);
        assert_int_equal(add(&trace, &build), TRACE_DUPLICATE);
        trace_deinit(&trace);
    }
    arena_deinit(&arena);
}

static void without_memory_nothing_is_kept(void **state)
{
    (void)state;
    static char text[2 * KEPT_SPAN_FEW_BYTES];
    struct arena arena = ARENA_INIT(4096, 0);
    struct keep keep = keep_of_keys(&arena);
    struct span_build build = full;
    uint32_t index;
    memset(text, 'x', sizeof text - 1);
    build.attrs[0].bytes = bytes_of(text);
    const struct span *span = span_build(&build, &arena);
    int outcome = TRACE_NO_MEMORY;
    for (size_t good = 0; outcome != 0; good++) {
        struct trace trace = empty(&keep);
        failing_malloc_begin(good);
        outcome = trace_add(&trace, span, 10, &index);
        failing_malloc_end();
        assert_true(outcome == 0 || (outcome == TRACE_NO_MEMORY && trace.count == 0));
        assert_int_equal(trace_add(&trace, span, 10, &index), outcome == 0 ? TRACE_DUPLICATE : 0);
        trace_deinit(&trace);
        assert_true(good < 100);
    }
    arena_deinit(&arena);
}

/* What the new suites read may not be there: the trace is short of evidence. */
static void another_keep_leaves_the_records(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    struct keep keep = keep_of_keys(&arena);
    const struct keep other = {.event_names = true};
    struct span span;
    uint32_t missing;
    struct trace trace = empty(NULL);
    trace_change_keep(&trace, &other);
    trace_change_keep(&trace, &keep);
    assert_int_equal(add(&trace, &full), 0);
    trace_change_keep(&trace, &keep);
    assert_int_equal(trace_short(&trace, true, &missing), 0);
    trace_change_keep(&trace, &other);
    assert_int_equal(trace_short(&trace, true, &missing), SHORT_LOST);
    assert_int_equal(trace_span_decode(&trace, 0, &arena, &span), 0);
    assert_true(bytes_is(span.name, "POST /orders") && span.attr_count == 0);
    assert_int_equal(add(&trace, &full), TRACE_DUPLICATE);
    trace_deinit(&trace);
    trace = empty(NULL);
    assert_int_equal(add(&trace, &full), 0);
    trace_change_keep(&trace, &keep);
    assert_null(trace.keep);
    assert_int_equal(trace_short(&trace, true, &missing), 0);
    trace_deinit(&trace);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_comes_out_as_it_came),
        cmocka_unit_test(of_events_and_links_their_read_parts_are_kept),
        cmocka_unit_test(copies_and_namesakes_are_told_apart_by_all_content),
        cmocka_unit_test(large_values_are_kept),
        cmocka_unit_test(without_memory_nothing_is_kept),
        cmocka_unit_test(another_keep_leaves_the_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
