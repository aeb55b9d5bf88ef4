#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "daemon/pipeline/remembered.h"
#include "daemon/pipeline/trace_table.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/random.h"
#include "tests/support/span_builder.h"

#define MANY 20000u

static const struct hash_key key = {11, 12};

static struct trace_entry *find(const struct trace_table *table, uint64_t trace)
{
    struct trace_id id = trace_id_build(trace);
    return trace_table_find(table, &id, trace_table_hash(table, &id));
}

static struct trace_entry *add(struct trace_table *table, uint64_t trace)
{
    struct trace_id id = trace_id_build(trace);
    return trace_table_add(table, &id, trace_table_hash(table, &id));
}

static void drop(struct trace_table *table, struct trace_entry *entry)
{
    trace_table_remove(table, entry);
    trace_table_recycle(table, entry);
}

static void entries_are_found_while_the_table_grows_and_shrinks(void **state)
{
    struct trace_table table;
    struct trace_entry **known = calloc(MANY, sizeof *known);
    struct random random = random_seed(1);
    uint32_t present = 0;
    (void)state;
    assert_non_null(known);
    trace_table_init(&table, &key);
    for (uint32_t step = 0; step < 4 * MANY; step++) {
        uint32_t number = random_below(&random, MANY);
        assert_ptr_equal(find(&table, number + 1), known[number]);
        if (known[number] == NULL) {
            known[number] = add(&table, number + 1);
            assert_non_null(known[number]);
            present++;
        } else if (random_one_in(&random, 3)) {
            drop(&table, known[number]);
            known[number] = NULL;
            present--;
        }
        assert_int_equal(table.index.count, present);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        assert_ptr_equal(find(&table, i + 1), known[i]);
        if (known[i] != NULL) {
            drop(&table, known[i]);
        }
    }
    assert_int_equal(table.index.count, 0);
    assert_true(list_empty(&table.entries));
    trace_table_deinit(&table);
    free(known);
}

static void memory_is_recycled_and_counted(void **state)
{
    struct trace_table table;
    struct trace_entry *entries[100];
    size_t held = 0;
    (void)state;
    trace_table_init(&table, &key);
    assert_int_equal(trace_table_held(&table), 0);
    for (uint64_t round = 0; round < 50; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            entries[i] = add(&table, round * 100 + i + 1);
            assert_non_null(entries[i]);
            assert_int_equal(entries[i]->received, 0);
            entries[i]->received = 1;
        }
        assert_true(round < 2 || trace_table_held(&table) == held);
        held = trace_table_held(&table);
        for (uint32_t i = 0; i < 100; i++) {
            drop(&table, entries[i]);
        }
    }
    trace_table_deinit(&table);
}

static void without_memory_no_entry_is_added_and_none_is_lost(void **state)
{
    struct trace_table table;
    uint64_t present = 0;
    (void)state;
    trace_table_init(&table, &key);
    for (size_t good = 0; present < 1000; good++) {
        failing_malloc_begin(good % 3);
        while (add(&table, present + 1) != NULL) {
            present++;
        }
        failing_malloc_end();
        for (uint64_t i = 1; i <= present; i++) {
            assert_non_null(find(&table, i));
        }
        assert_null(find(&table, present + 1));
    }
    trace_table_deinit(&table);
}

/* --- remembered IDs --- */

static uint64_t hash_of(uint64_t trace)
{
    struct trace_id id = trace_id_build(trace);
    return hash_sip13_16(&key, id.bytes);
}

static void remember(struct remembered_table *table, uint64_t trace, uint64_t expiry)
{
    struct remembered item = {.hash = hash_of(trace), .campaign = 1};
    remembered_add(table, &item, expiry * REMEMBERED_TICK_NS);
}

static struct remembered *recall(struct remembered_table *table, uint64_t trace, uint64_t now)
{
    return remembered_find(table, hash_of(trace), now * REMEMBERED_TICK_NS);
}

static void ids_are_remembered_until_they_expire_or_are_evicted(void **state)
{
    struct remembered_table table;
    (void)state;
    remembered_init(&table, 100 * REMEMBERED_BYTES_EACH);
    assert_null(recall(&table, 1, 0));
    for (uint64_t trace = 1; trace <= 150; trace++) {
        remember(&table, trace, 1000 + trace);
    }
    assert_int_equal(remembered_count(&table), 100);
    assert_int_equal(table.evicted, 50);
    for (uint64_t trace = 1; trace <= 150; trace++) {
        assert_int_equal(recall(&table, trace, 5) != NULL, trace > 50);
    }
    assert_null(recall(&table, 60, 1060));
    remembered_expire(&table, 1060 * REMEMBERED_TICK_NS, 5);
    assert_int_equal(remembered_count(&table), 95);
    remembered_expire(&table, 1060 * REMEMBERED_TICK_NS, 100);
    assert_int_equal(remembered_count(&table), 90);
    assert_non_null(recall(&table, 61, 1060));
    remembered_deinit(&table);
}

static void memory_grows_with_the_ids_and_blocks_go_back(void **state)
{
    enum { MOST = 100000 };
    struct remembered_table table;
    (void)state;
    remembered_init(&table, UINT64_C(64) << 20);
    assert_int_equal(remembered_held(&table), 0);
    remember(&table, 1, 1);
    assert_true(remembered_held(&table) < 256u << 10);
    for (uint64_t trace = 2; trace <= 3 * MOST; trace++) {
        remember(&table, trace, trace);
        assert_true(remembered_held(&table) <=
                    remembered_count(&table) * REMEMBERED_BYTES_EACH * 5 / 4 + (256u << 10));
        if (trace > MOST) {
            remembered_expire(&table, (trace - MOST) * REMEMBERED_TICK_NS, 2);
            assert_non_null(recall(&table, trace - MOST + 1, trace - MOST));
            assert_null(recall(&table, trace - MOST, trace - MOST));
        }
    }
    assert_int_equal(table.evicted, 0);
    size_t full = remembered_held(&table);
    remembered_expire(&table, (3 * MOST + 1) * REMEMBERED_TICK_NS, UINT32_MAX);
    assert_int_equal(remembered_count(&table), 0);
    assert_true(remembered_held(&table) < full - MOST * sizeof(struct remembered) / 10 * 9);
    remembered_deinit(&table);
}

static void an_id_can_be_dropped_and_remembered_anew(void **state)
{
    struct remembered_table table;
    (void)state;
    remembered_init(&table, 3 * REMEMBERED_BYTES_EACH);
    remember(&table, 1, 100);
    remember(&table, 2, 100);
    remember(&table, 2, 200);
    assert_int_equal(recall(&table, 2, 150)->expiry, 200);
    remembered_drop(&table, recall(&table, 2, 150));
    assert_null(recall(&table, 2, 150));
    assert_non_null(recall(&table, 1, 50));
    remember(&table, 3, 300);
    remember(&table, 4, 300);
    remember(&table, 5, 300);
    assert_int_equal(table.evicted, 1);
    assert_non_null(recall(&table, 3, 50));
    assert_non_null(recall(&table, 4, 50));
    assert_non_null(recall(&table, 5, 50));
    remembered_deinit(&table);
}

static void nothing_is_remembered_without_a_budget_or_memory(void **state)
{
    struct remembered_table table;
    (void)state;
    remembered_init(&table, 10);
    remember(&table, 1, 100);
    assert_int_equal(table.evicted, 1);
    assert_null(recall(&table, 1, 5));
    remembered_deinit(&table);
    remembered_init(&table, 1000);
    for (size_t good = 0; recall(&table, 1, 5) == NULL; good++) {
        failing_malloc_begin(good);
        remember(&table, 1, 100);
        failing_malloc_end();
        assert_int_equal(table.evicted, good + (recall(&table, 1, 5) == NULL));
    }
    remembered_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_found_while_the_table_grows_and_shrinks),
        cmocka_unit_test(memory_is_recycled_and_counted),
        cmocka_unit_test(without_memory_no_entry_is_added_and_none_is_lost),
        cmocka_unit_test(ids_are_remembered_until_they_expire_or_are_evicted),
        cmocka_unit_test(memory_grows_with_the_ids_and_blocks_go_back),
        cmocka_unit_test(an_id_can_be_dropped_and_remembered_anew),
        cmocka_unit_test(nothing_is_remembered_without_a_budget_or_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
