/* Small trees of traces: what is shown, where it stands, and that order of arrival says nothing. */
#include "daemon/model/sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* One line for each span: its mark, its depth as dots, `…` where something above is left out. */
static void print(char *to, size_t room, const struct report_tree *tree)
{
    size_t len = 0;
    *to = '\0';
    for (uint32_t i = 0; i < tree->span_count; i++) {
        const struct report_tree_span *span = &tree->spans[i];
        len += (size_t)snprintf(to + len, room - len, "%s%.*s%s%.*s\n", span->decides ? "> " : "",
                                (int)span->depth, "..........", span->below_other ? "~" : "",
                                (int)span->name.len, (const char *)span->name.data);
        assert_true(len < room);
    }
}

static void assert_sketch(const struct trace *trace, const uint32_t *deciding, uint32_t count,
                          uint64_t omitted, const char *expected)
{
    struct arena arena = ARENA_INIT(4096, 0);
    struct report_tree tree;
    char text[2048];
    assert_int_equal(sketch_make(&tree, trace, deciding, count, &arena), 0);
    print(text, sizeof text, &tree);
    assert_string_equal(text, expected);
    assert_int_equal(tree.omitted, omitted);
    arena_deinit(&arena);
}

static const struct span_build small[] = {
    {.id = 3, .parent = 1, .name = "later", .start_ns = 30},
    {.id = 1, .name = "top", .start_ns = 10, .end_ns = 90, .kind = KIND_SERVER, .service = "shop"},
    {.id = 4, .parent = 2, .name = "below", .start_ns = 25},
    {.id = 2, .parent = 1, .name = "first", .start_ns = 20},
    {.id = 5, .parent = 77, .name = "orphan", .start_ns = 40},
};

static void a_small_trace_is_shown_whole(void **state)
{
    struct trace trace;
    const uint32_t deciding[] = {2};
    (void)state;
    trace_build(&trace, small, COUNT(small));
    assert_sketch(&trace, deciding, 1, 0, "top\n.first\n> ..below\n.later\norphan\n");
    assert_sketch(&trace, NULL, 0, 0, "top\n.first\n..below\n.later\norphan\n");
    trace_deinit(&trace);
}

static void each_span_is_told_by_what_people_know_it(void **state)
{
    struct trace trace;
    struct report_tree tree;
    struct arena arena = ARENA_INIT(4096, 0);
    (void)state;
    trace_build(&trace, small, COUNT(small));
    assert_int_equal(sketch_make(&tree, &trace, NULL, 0, &arena), 0);
    assert_int_equal(tree.spans[0].span_id, 1);
    assert_true(bytes_equal(tree.spans[0].service, BYTES_LITERAL("shop")));
    assert_int_equal(tree.spans[0].kind, KIND_SERVER);
    assert_true(tree.spans[0].duration_ns == 80);
    assert_true(tree.spans[1].duration_ns == -20); /* ends before it starts */
    arena_deinit(&arena);
    trace_deinit(&trace);
}

/* A top span with `width` children, of which the last has a chain of `depth` below it. */
static void build_large(struct trace *trace, uint32_t width, uint32_t depth, bool turned)
{
    static struct span_build spans[4096];
    static char names[4096][16];
    uint32_t count = 1 + width + depth;
    assert_true(count <= COUNT(spans));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t parent = i == 0 ? 0 : i <= width ? 1 : i;
        snprintf(names[i], sizeof names[i], "%s%u", i > width ? "d" : "w", (unsigned)i);
        spans[turned ? count - 1 - i : i] = (struct span_build){
            .id = i + 1, .parent = parent, .name = names[i], .start_ns = 100 + i, .end_ns = 5000};
    }
    trace_build(trace, spans, count);
}

static void of_a_large_trace_what_decided_stands_below_its_ancestors(void **state)
{
    (void)state;
    for (uint32_t turned = 0; turned < 2; turned++) {
        struct trace trace;
        build_large(&trace, 100, 3, turned != 0);
        uint32_t last = trace.count - 1;
        const uint32_t deciding[] = {turned ? last - 103 : 103, turned ? last - 7 : 7};
        assert_sketch(&trace, deciding, 2, 98, "w0\n> .w7\n.w100\n..d101\n...d102\n> ....d103\n");
        trace_deinit(&trace);
    }
}

static void of_a_deep_chain_the_nearest_are_shown(void **state)
{
    struct trace trace;
    struct report_tree tree;
    struct arena arena = ARENA_INIT(4096, 0);
    (void)state;
    build_large(&trace, 1, 4000, false);
    const uint32_t deciding[] = {4001};
    assert_int_equal(sketch_make(&tree, &trace, deciding, 1, &arena), 0);
    assert_int_equal(tree.span_count, SKETCH_SPANS_MAX);
    assert_int_equal(tree.omitted, 4002 - SKETCH_SPANS_MAX);
    assert_true(tree.spans[0].below_other);
    assert_int_equal(tree.spans[SKETCH_SPANS_MAX - 1].depth, SKETCH_SPANS_MAX - 1);
    assert_true(tree.spans[SKETCH_SPANS_MAX - 1].decides);
    arena_deinit(&arena);
    trace_deinit(&trace);
}

static void where_nothing_decided_a_large_trace_shows_its_first_spans(void **state)
{
    (void)state;
    for (uint32_t turned = 0; turned < 2; turned++) {
        struct trace trace;
        struct report_tree tree;
        struct arena arena = ARENA_INIT(4096, 0);
        build_large(&trace, 500, 0, turned != 0);
        assert_int_equal(sketch_make(&tree, &trace, NULL, 0, &arena), 0);
        assert_int_equal(tree.span_count, SKETCH_SPANS_MAX);
        for (uint32_t i = 0; i < tree.span_count; i++) {
            assert_int_equal(tree.spans[i].span_id, i + 1);
            assert_int_equal(tree.spans[i].depth, i != 0);
        }
        arena_deinit(&arena);
        trace_deinit(&trace);
    }
}

static void cycles_and_spans_that_are_their_own_parents_end(void **state)
{
    static const struct span_build cycle[] = {
        {.id = 1, .parent = 3, .name = "a", .start_ns = 1},
        {.id = 2, .parent = 1, .name = "b", .start_ns = 2},
        {.id = 3, .parent = 2, .name = "c", .start_ns = 3},
        {.id = 4, .parent = 4, .name = "own", .start_ns = 4},
    };
    struct trace trace;
    const uint32_t deciding[] = {2};
    (void)state;
    trace_build(&trace, cycle, COUNT(cycle));
    assert_sketch(&trace, deciding, 1, 0, "own\na\n.b\n> ..c\n");
    trace_deinit(&trace);
}

static void of_namesakes_the_first_is_the_parent(void **state)
{
    static const struct span_build spans[] = {
        {.id = 2, .parent = 1, .name = "child", .start_ns = 9},
        {.id = 1, .name = "second", .start_ns = 5},
        {.id = 1, .name = "first", .start_ns = 4},
    };
    struct trace trace;
    (void)state;
    trace_build(&trace, spans, COUNT(spans));
    assert_sketch(&trace, NULL, 0, 0, "first\n.child\nsecond\n");
    trace_deinit(&trace);
}

static void without_memory_there_is_no_tree(void **state)
{
    struct trace trace;
    struct report_tree tree;
    struct arena arena = ARENA_INIT(64, 0);
    (void)state;
    trace_build(&trace, small, COUNT(small));
    failing_malloc_begin(0);
    int outcome = sketch_make(&tree, &trace, NULL, 0, &arena);
    failing_malloc_end();
    assert_true(outcome < 0);
    arena_deinit(&arena);
    trace_deinit(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_trace_is_shown_whole),
        cmocka_unit_test(each_span_is_told_by_what_people_know_it),
        cmocka_unit_test(of_a_large_trace_what_decided_stands_below_its_ancestors),
        cmocka_unit_test(of_a_deep_chain_the_nearest_are_shown),
        cmocka_unit_test(where_nothing_decided_a_large_trace_shows_its_first_spans),
        cmocka_unit_test(cycles_and_spans_that_are_their_own_parents_end),
        cmocka_unit_test(of_namesakes_the_first_is_the_parent),
        cmocka_unit_test(without_memory_there_is_no_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
