/* Suggestions and trees of spans: shapes of traces, and what happens without memory. */
#include "daemon/suggestion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/span_tree.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

static const struct span_build shop[] = {
    {.id = 4,
     .parent = 3,
     .name = "mail",
     .service = "mail",
     .kind = KIND_CONSUMER,
     .start_ns = 70,
     .end_ns = 99},
    {.id = 1, .name = "POST", .service = "shop", .kind = KIND_SERVER, .start_ns = 10, .end_ns = 90},
    {.id = 2,
     .parent = 1,
     .name = "INSERT",
     .service = "shop",
     .kind = KIND_CLIENT,
     .start_ns = 20,
     .end_ns = 40},
    {.id = 3,
     .parent = 1,
     .name = "send",
     .service = "shop",
     .kind = KIND_PRODUCER,
     .start_ns = 50,
     .end_ns = 60},
};

static const struct {
    struct span_build spans[5];
    size_t count;
    struct {
        span_id id;
        uint32_t depth;
    } lines[5];
} trees[] = {
    {{{.id = 3, .parent = 1, .name = "c", .start_ns = 3},
      {.id = 2, .parent = 1, .name = "b", .start_ns = 2},
      {.id = 1, .name = "a", .start_ns = 1},
      {.id = 4, .parent = 2, .name = "d", .start_ns = 9}},
     4,
     {{1, 0}, {2, 1}, {4, 2}, {3, 1}}},
    /* a missing parent, a span that is its own parent, a cycle with a tail */
    {{{.id = 1, .parent = 99, .name = "a", .start_ns = 1}}, 1, {{1, 0}}},
    {{{.id = 1, .parent = 1, .name = "a", .start_ns = 1}}, 1, {{1, 0}}},
    {{{.id = 1, .parent = 3, .name = "a", .start_ns = 1},
      {.id = 2, .parent = 1, .name = "b", .start_ns = 2},
      {.id = 3, .parent = 2, .name = "c", .start_ns = 3},
      {.id = 4, .parent = 3, .name = "d", .start_ns = 4}},
     4,
     {{1, 0}, {2, 1}, {3, 2}, {4, 3}}},
    /* two spans of one ID: the child stands below the first */
    {{{.id = 1, .name = "b", .start_ns = 2},
      {.id = 1, .name = "a", .start_ns = 1},
      {.id = 2, .parent = 1, .name = "c", .start_ns = 3}},
     3,
     {{1, 0}, {2, 1}, {1, 0}}},
};

static void each_span_stands_once_below_its_first_parent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof trees / sizeof trees[0]; i++) {
        struct arena arena = ARENA_INIT(4096, 0);
        struct trace trace;
        struct span_tree tree;
        trace_build(&trace, trees[i].spans, trees[i].count);
        assert_int_equal(0, span_tree_make(&tree, &trace, &arena));
        assert_int_equal(trees[i].count, tree.count);
        for (uint32_t k = 0; k < tree.count; k++) {
            assert_int_equal(trees[i].lines[k].id, trace.spans[tree.lines[k].span].id);
            assert_int_equal(trees[i].lines[k].depth, tree.lines[k].depth);
            assert_int_equal(k + 1, tree.number[tree.lines[k].span]);
        }
        trace_deinit(&trace);
        arena_deinit(&arena);
    }
}

static void the_order_of_arrival_changes_no_byte(void **state)
{
    struct buf first = BUF_NULL;
    (void)state;
    for (size_t from = 0; from < 4; from++) {
        struct span_build turned[4];
        struct trace trace;
        struct buf text = BUF_NULL;
        for (size_t i = 0; i < 4; i++) {
            turned[i] = shop[(from + i) % 4];
        }
        trace_build(&trace, turned, 4);
        assert_int_equal(0, suggestion_write(&text, &trace));
        if (from == 0) {
            buf_append_bytes(&first, buf_bytes(&text));
        }
        assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&text)));
        assert_true(bytes_contain(buf_bytes(&text),
                                  BYTES_LITERAL("$consumer1.start - $producer1.start >= 0ms")));
        trace_deinit(&trace);
        buf_deinit(&text);
    }
    buf_deinit(&first);
}

static void without_memory_is_an_outcome(void **state)
{
    int bad = 1;
    (void)state;
    for (size_t n = 0; bad; n++) {
        struct trace trace;
        struct span_tree tree;
        struct buf text = BUF_NULL;
        struct arena arena = ARENA_INIT(64, 0);
        trace_build(&trace, shop, 4);
        failing_malloc_begin(n);
        bad = span_tree_make(&tree, &trace, &arena) != 0 || suggestion_write(&text, &trace) != 0;
        failing_malloc_end();
        arena_deinit(&arena);
        buf_deinit(&text);
        trace_deinit(&trace);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_span_stands_once_below_its_first_parent),
        cmocka_unit_test(the_order_of_arrival_changes_no_byte),
        cmocka_unit_test(without_memory_is_an_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
