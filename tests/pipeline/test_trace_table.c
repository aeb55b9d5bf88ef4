#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

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

static void a_timer_leads_back_to_its_entry(void **state)
{
    struct trace_table table;
    struct wheel wheel;
    struct trace_entry *entries[100];
    (void)state;
    trace_table_init(&table, &key);
    wheel_init(&wheel, 0);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            entries[i] = add(&table, i + 1);
            assert_non_null(entries[i]);
            assert_false(wheel_entry_armed(trace_entry_timer(entries[i])));
            wheel_set(&wheel, trace_entry_timer(entries[i]), (i + 1) * WHEEL_TICK_NS);
        }
        for (uint32_t i = 0; i < 100; i++) {
            struct wheel_entry *fired = wheel_advance(&wheel, 100 * WHEEL_TICK_NS);
            assert_non_null(fired);
            assert_ptr_equal(trace_entry_of_timer(fired), entries[i]);
            drop(&table, entries[i]);
        }
        wheel_init(&wheel, 0);
    }
    trace_table_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_found_while_the_table_grows_and_shrinks),
        cmocka_unit_test(memory_is_recycled_and_counted),
        cmocka_unit_test(without_memory_no_entry_is_added_and_none_is_lost),
        cmocka_unit_test(a_timer_leads_back_to_its_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
