/* Small trees that a tally keeps: the smallest trace IDs, in every order, and without memory. */
#include "daemon/pipeline/kept_trees.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/failing_malloc.h"

static struct report_tree tree_of(uint8_t id, struct report_tree_span *spans)
{
    spans[0] = (struct report_tree_span){
        .name = BYTES_LITERAL("top"), .service = BYTES_LITERAL("shop"), .duration_ns = id};
    spans[1] = (struct report_tree_span){.depth = 1, .decides = true};
    return (struct report_tree){.trace_id = {{id}}, .spans = spans, .span_count = 2, .omitted = id};
}

static int add(struct kept_trees *kept, uint8_t id)
{
    struct report_tree_span spans[2];
    struct report_tree tree = tree_of(id, spans);
    return kept_trees_add(kept, &tree);
}

static void assert_kept(const struct kept_trees *kept, const uint8_t *ids, uint32_t count)
{
    assert_int_equal(kept->count, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct report_tree *tree = kept->items[i];
        assert_int_equal(tree->trace_id.bytes[0], ids[i]);
        assert_int_equal(tree->omitted, ids[i]);
        assert_true(bytes_equal(tree->spans[0].name, BYTES_LITERAL("top")));
        assert_true(bytes_equal(tree->spans[0].service, BYTES_LITERAL("shop")));
        assert_true(tree->spans[0].duration_ns == ids[i]);
        assert_true(tree->spans[1].decides);
    }
}

static void the_smallest_trace_ids_stay_in_every_order(void **state)
{
    static const uint8_t orders[][5] = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {3, 5, 1, 4, 2}};
    static const uint8_t smallest[] = {1, 2, 3};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct kept_trees kept = {.count = 0};
        struct kept_trees parts[2] = {{.count = 0}, {.count = 0}};
        for (size_t k = 0; k < 5; k++) {
            assert_int_equal(add(&kept, orders[i][k]), 0);
            assert_int_equal(add(&parts[k % 2], orders[i][k]), 0);
        }
        assert_kept(&kept, smallest, 3);
        assert_int_equal(kept_trees_merge(&parts[0], &parts[1]), 0);
        assert_kept(&parts[0], smallest, 3);
        assert_true(kept_trees_held(&kept) > 3 * (sizeof(struct report_tree) + 7));
        assert_true(kept_trees_held(&kept) == kept_trees_held(&parts[0]));
        kept_trees_deinit(&kept);
        kept_trees_deinit(&parts[0]);
        kept_trees_deinit(&parts[1]);
        assert_int_equal(kept_trees_held(&kept), 0);
    }
}

static void a_tree_that_would_go_is_not_wanted(void **state)
{
    const struct trace_id small = {{1}}, great = {{9}};
    struct kept_trees kept = {.count = 0};
    (void)state;
    assert_true(kept_trees_wants(&kept, &great));
    for (uint8_t id = 2; id < 5; id++) {
        assert_int_equal(add(&kept, id), 0);
    }
    assert_false(kept_trees_wants(&kept, &great));
    assert_true(kept_trees_wants(&kept, &small));
    kept_trees_deinit(&kept);
}

static void without_memory_those_that_are_there_stay(void **state)
{
    static const uint8_t there[] = {4, 5, 6};
    struct kept_trees kept = {.count = 0};
    (void)state;
    for (uint8_t id = 4; id < 7; id++) {
        assert_int_equal(add(&kept, id), 0);
    }
    failing_malloc_begin(0);
    int outcome = add(&kept, 1);
    failing_malloc_end();
    assert_true(outcome < 0);
    assert_kept(&kept, there, 3);
    kept_trees_deinit(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_trace_ids_stay_in_every_order),
        cmocka_unit_test(a_tree_that_would_go_is_not_wanted),
        cmocka_unit_test(without_memory_those_that_are_there_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
