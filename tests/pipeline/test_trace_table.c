#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "daemon/pipeline/remembered.h"
#include "daemon/pipeline/trace_table.h"
#include "tests/support/random.h"
#include "tests/support/span_builder.h"

#define MANY 20000u

static const struct hash_key key = {11, 12};

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
        struct trace_id id = trace_id_build(number + 1);
        assert_ptr_equal(trace_table_find(&table, &id), known[number]);
        if (known[number] == NULL) {
            known[number] = trace_table_add(&table, &id);
            assert_non_null(known[number]);
            present++;
        } else if (random_one_in(&random, 3)) {
            trace_table_remove(&table, known[number]);
            trace_table_recycle(&table, known[number]);
            known[number] = NULL;
            present--;
        }
        assert_int_equal(table.count, present);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        struct trace_id id = trace_id_build(i + 1);
        assert_ptr_equal(trace_table_find(&table, &id), known[i]);
        if (known[i] != NULL) {
            trace_table_remove(&table, known[i]);
            trace_table_recycle(&table, known[i]);
        }
    }
    assert_int_equal(table.count, 0);
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
    for (int round = 0; round < 50; round++) {
        for (uint32_t i = 0; i < 100; i++) {
            struct trace_id id = trace_id_build((uint64_t)round * 100 + i + 1);
            entries[i] = trace_table_add(&table, &id);
            assert_non_null(entries[i]);
            assert_int_equal(entries[i]->received, 0);
            entries[i]->received = 1;
        }
        assert_true(round < 2 || table.held_bytes == held);
        held = table.held_bytes;
        for (uint32_t i = 0; i < 100; i++) {
            trace_table_remove(&table, entries[i]);
            trace_table_recycle(&table, entries[i]);
        }
    }
    trace_table_deinit(&table);
}

static void no_probe_is_long_in_a_half_full_table(void **state)
{
    enum { ROOM = 1 << 18 };
    uint8_t *taken = calloc(ROOM, 1);
    uint32_t longest = 0;
    (void)state;
    assert_non_null(taken);
    for (uint64_t i = 1; i <= ROOM / 2; i++) {
        struct trace_id id = trace_id_build(i);
        uint32_t probes = 1;
        uint32_t slot = (uint32_t)hash_sip13_16(&key, id.bytes) & (ROOM - 1);
        while (taken[slot] != 0) {
            slot = (slot + 1) & (ROOM - 1);
            probes++;
        }
        taken[slot] = 1;
        longest = probes > longest ? probes : longest;
    }
    assert_true(longest < 64);
    free(taken);
}

static void remember(struct remembered_table *table, uint64_t trace, uint64_t expiry_ns)
{
    struct remembered item = {.id = trace_id_build(trace), .expiry_ns = expiry_ns, .campaign = 1};
    remembered_add(table, &item);
}

static bool remembers(struct remembered_table *table, uint64_t trace, uint64_t now_ns)
{
    struct trace_id id = trace_id_build(trace);
    return remembered_find(table, &id, now_ns) != NULL;
}

static void ids_are_remembered_until_they_expire_or_are_evicted(void **state)
{
    struct remembered_table table;
    (void)state;
    remembered_init(&table, &key, 100 * 48);
    assert_false(remembers(&table, 1, 0));
    for (uint64_t trace = 1; trace <= 150; trace++) {
        remember(&table, trace, 1000 + trace);
    }
    assert_int_equal(table.count, 100);
    assert_int_equal(table.evicted, 50);
    for (uint64_t trace = 1; trace <= 150; trace++) {
        assert_int_equal(remembers(&table, trace, 5), trace > 50);
    }
    assert_false(remembers(&table, 60, 1060));
    remembered_expire(&table, 1060, 5);
    assert_int_equal(table.count, 95);
    remembered_expire(&table, 1060, 100);
    assert_int_equal(table.count, 90);
    assert_true(remembers(&table, 61, 1060));
    assert_int_equal(remembered_held(&table), 90 * 48);
    remembered_deinit(&table);
}

static void an_id_can_be_dropped_and_remembered_anew(void **state)
{
    struct remembered_table table;
    struct trace_id id = trace_id_build(2);
    (void)state;
    remembered_init(&table, &key, 3 * 48);
    remember(&table, 1, 100);
    remember(&table, 2, 100);
    remember(&table, 2, 200);
    assert_int_equal(remembered_find(&table, &id, 150)->expiry_ns, 200);
    remembered_drop(&table, remembered_find(&table, &id, 150));
    assert_false(remembers(&table, 2, 150));
    assert_true(remembers(&table, 1, 50));
    remember(&table, 3, 300);
    remember(&table, 4, 300);
    remember(&table, 5, 300);
    assert_int_equal(table.evicted, 1);
    assert_true(remembers(&table, 3, 50) && remembers(&table, 4, 50) && remembers(&table, 5, 50));
    remembered_deinit(&table);
}

static void nothing_is_remembered_without_a_budget(void **state)
{
    struct remembered_table table;
    (void)state;
    remembered_init(&table, &key, 10);
    remember(&table, 1, 100);
    assert_int_equal(table.evicted, 1);
    assert_false(remembers(&table, 1, 5));
    remembered_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_found_while_the_table_grows_and_shrinks),
        cmocka_unit_test(memory_is_recycled_and_counted),
        cmocka_unit_test(no_probe_is_long_in_a_half_full_table),
        cmocka_unit_test(ids_are_remembered_until_they_expire_or_are_evicted),
        cmocka_unit_test(an_id_can_be_dropped_and_remembered_anew),
        cmocka_unit_test(nothing_is_remembered_without_a_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
