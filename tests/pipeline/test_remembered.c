#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "daemon/pipeline/remembered.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/random.h"

#define LIFE_NS  UINT64_C(320000)
#define SLICE_NS (LIFE_NS / REMEMBERED_SLICES)

/* As good as a keyed hash, and different for each number. */
static uint64_t hash_of(uint64_t number)
{
    uint64_t hash = number * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
    return hash ^ (hash >> 31);
}

static void remember(struct remembered_table *table, uint64_t number, uint64_t expiry_ns)
{
    struct remembered item = {.hash = hash_of(number), .campaign = (uint16_t)(number % 3)};
    remembered_add(table, &item, expiry_ns);
}

static bool is_known(const struct remembered_table *table, uint64_t number, uint64_t now_ns)
{
    struct remembered item;
    bool known = remembered_find(table, hash_of(number), now_ns, &item);
    assert_true(!known || item.campaign == number % 3);
    return known;
}

static void an_id_is_known_until_its_slice_ends(void **state)
{
    struct remembered_table table;
    (void)state;
    remembered_init(&table, 1u << 20, LIFE_NS);
    assert_false(is_known(&table, 1, 0));
    remember(&table, 1, 5 * SLICE_NS);
    remember(&table, 2, 5 * SLICE_NS + 1);
    assert_true(is_known(&table, 1, 5 * SLICE_NS - 1));
    assert_false(is_known(&table, 1, 5 * SLICE_NS));
    assert_true(is_known(&table, 2, 6 * SLICE_NS - 1));
    assert_false(is_known(&table, 2, 6 * SLICE_NS));
    assert_int_equal(remembered_count(&table), 2);
    assert_int_equal(remembered_next_ns(&table), 5 * SLICE_NS);
    remembered_expire(&table, 5 * SLICE_NS);
    assert_int_equal(remembered_count(&table), 1);
    assert_true(table.stale == 0 || remembered_next_ns(&table) == 0);
    while (table.stale != 0) {
        remembered_expire(&table, 5 * SLICE_NS);
    }
    assert_int_equal(remembered_next_ns(&table), 6 * SLICE_NS);
    for (uint32_t i = 0; i < table.part_count; i++) {
        remembered_expire(&table, 6 * SLICE_NS);
        assert_int_equal(remembered_count(&table), 0);
    }
    assert_int_equal(table.count, 0);
    assert_int_equal(table.held_slots, 0);
    assert_true(remembered_next_ns(&table) == UINT64_MAX);
    remembered_deinit(&table);
}

static void what_it_came_to_can_change(void **state)
{
    struct remembered_table table;
    struct remembered item = {.hash = 7, .campaign = 40000, .as = REMEMBERED_INJECTED};
    (void)state;
    remembered_init(&table, 1u << 20, LIFE_NS);
    remembered_set(&table, 7, REMEMBERED_LATE);
    remembered_add(&table, &item, LIFE_NS);
    remembered_set(&table, 7, REMEMBERED_LATE);
    for (uint64_t i = 1; i < 5000; i++) {
        remember(&table, i, LIFE_NS);
    }
    assert_true(remembered_find(&table, 7, 0, &item));
    assert_int_equal(item.campaign, 40000);
    assert_int_equal(item.as, REMEMBERED_LATE);
    item.as = REMEMBERED_OUTSIDE;
    remembered_add(&table, &item, 2 * LIFE_NS);
    assert_true(remembered_find(&table, 7, LIFE_NS, &item));
    assert_int_equal(item.as, REMEMBERED_OUTSIDE);
    assert_int_equal(remembered_count(&table), 5000);
    for (unsigned as = RESULT_OPEN; as <= REMEMBERED_STRAY; as++) {
        remembered_set(&table, 7, as);
        assert_true(remembered_find(&table, 7, LIFE_NS, &item));
        assert_int_equal(item.as, as);
        assert_int_equal(item.campaign, 40000);
    }
    remembered_deinit(&table);
}

static void every_hash_can_be_known(void **state)
{
    static const uint64_t hashes[] = {0, 512, UINT64_MAX, UINT64_MAX - 256, UINT64_C(1) << 63};
    enum { HASHES = sizeof hashes / sizeof hashes[0] };
    struct remembered_table table;
    struct remembered item;
    (void)state;
    remembered_init(&table, 1000, LIFE_NS);
    for (int i = 0; i < HASHES; i++) {
        item = (struct remembered){.hash = hashes[i], .campaign = (uint16_t)i};
        remembered_add(&table, &item, LIFE_NS);
    }
    for (int i = 0; i < HASHES; i++) {
        assert_true(remembered_find(&table, hashes[i], 0, &item));
        assert_int_equal(item.campaign, i);
        assert_true(item.hash == hashes[i]);
    }
    remembered_deinit(&table);
}

/* Each ID's expiry, 0: not known, beside the table. */
static void as_plain_memory_would_say(void **state)
{
    enum { NUMBERS = 6000, STEPS = 200000 };
    struct remembered_table table;
    uint64_t *expiries = calloc(NUMBERS, sizeof *expiries);
    struct random random = random_seed(3);
    (void)state;
    assert_non_null(expiries);
    remembered_init(&table, 1u << 20, LIFE_NS);
    for (uint64_t step = 0; step < STEPS; step++) {
        uint64_t now_ns = step * 8;
        /* Few come in every third life, so that parts shrink. */
        bool seldom = now_ns / LIFE_NS % 3 == 2 && !random_one_in(&random, 50);
        uint64_t number = random_below(&random, NUMBERS);
        assert_int_equal(is_known(&table, number, now_ns), expiries[number] > now_ns);
        if (random_one_in(&random, 20)) {
            remembered_drop(&table, hash_of(number));
            expiries[number] = 0;
        } else if (!seldom) {
            expiries[number] = (now_ns + LIFE_NS + SLICE_NS - 1) / SLICE_NS * SLICE_NS;
            remember(&table, number, now_ns + LIFE_NS);
        }
        if (step % 16 == 0) {
            remembered_expire(&table, now_ns);
        }
    }
    for (uint64_t i = 0; i < NUMBERS; i++) {
        assert_int_equal(is_known(&table, i, STEPS * 8), expiries[i] > STEPS * 8);
    }
    assert_int_equal(table.evicted, 0);
    remembered_expire(&table, UINT64_MAX);
    assert_int_equal(remembered_count(&table), 0);
    remembered_deinit(&table);
    free(expiries);
}

static void the_oldest_are_evicted_for_space(void **state)
{
    enum { ROOM = 800 };
    struct remembered_table table;
    uint32_t known = 0;
    (void)state;
    remembered_init(&table, ROOM * REMEMBERED_BYTES_EACH, LIFE_NS);
    for (uint64_t i = 1; i <= 2 * ROOM; i++) {
        remember(&table, i, LIFE_NS + i * (SLICE_NS / 10));
        assert_true(is_known(&table, i, 0));
        assert_true(remembered_count(&table) <= ROOM);
    }
    for (uint64_t i = 1; i <= 2 * ROOM; i++) {
        known += is_known(&table, i, 0);
        assert_true(is_known(&table, i, 0) || i <= ROOM + ROOM / 8);
        assert_true(!is_known(&table, i, 0) || i > ROOM - 30);
    }
    assert_int_equal(known, remembered_count(&table));
    assert_int_equal(known + table.evicted, 2 * ROOM);
    remembered_deinit(&table);
}

static void a_slice_that_fills_the_table_is_evicted_in_shares(void **state)
{
    enum { ROOM = 800 };
    struct remembered_table table;
    (void)state;
    remembered_init(&table, ROOM * REMEMBERED_BYTES_EACH, LIFE_NS);
    for (uint64_t i = 1; i <= ROOM + 1; i++) {
        remember(&table, i, LIFE_NS);
    }
    assert_int_equal(table.evicted, ROOM / 8);
    assert_int_equal(remembered_count(&table), ROOM - ROOM / 8 + 1);
    remembered_deinit(&table);
}

static void memory_grows_with_the_ids_and_goes_back(void **state)
{
    enum { MOST = 100000 };
    struct remembered_table table;
    (void)state;
    remembered_init(&table, UINT64_C(64) << 20, LIFE_NS);
    assert_int_equal(remembered_held(&table), 0);
    remember(&table, 1, LIFE_NS);
    assert_true(remembered_held(&table) < 16u << 10);
    for (uint64_t i = 2; i <= 3 * MOST; i++) {
        uint64_t now_ns = i * LIFE_NS / MOST;
        remember(&table, i, now_ns + LIFE_NS);
        assert_true(remembered_held(&table) <=
                    remembered_count(&table) * UINT64_C(12) + (UINT64_C(192) << 10));
        remembered_expire(&table, now_ns);
    }
    assert_int_equal(table.evicted, 0);
    size_t full = remembered_held(&table);
    for (uint32_t i = 0; i < table.part_count; i++) {
        remembered_expire(&table, 6 * LIFE_NS);
    }
    assert_int_equal(remembered_count(&table), 0);
    assert_int_equal(table.held_slots, 0);
    assert_true(remembered_held(&table) < full / 100);
    remembered_deinit(&table);
}

static void nothing_is_remembered_without_a_budget_or_memory(void **state)
{
    struct remembered_table table;
    (void)state;
    remembered_init(&table, 10, LIFE_NS);
    remember(&table, 1, 100);
    assert_int_equal(table.evicted, 1);
    assert_false(is_known(&table, 1, 5));
    remembered_expire(&table, 5);
    remembered_deinit(&table);
    remembered_init(&table, 1000, 0);
    for (size_t good = 0; !is_known(&table, 1, 5); good++) {
        failing_malloc_begin(good);
        remember(&table, 1, 100);
        failing_malloc_end();
        assert_int_equal(table.evicted, good + !is_known(&table, 1, 5));
    }
    remembered_deinit(&table);
}

/* Each campaign has slices of its own. */
static void more_campaigns_than_slices_are_counted(void **state)
{
    struct remembered_table table;
    (void)state;
    remembered_init(&table, 1u << 20, LIFE_NS);
    for (uint32_t i = 0; i < 5000; i++) {
        struct remembered item = {.hash = hash_of(i), .campaign = (uint16_t)i};
        remembered_add(&table, &item, LIFE_NS);
        assert_int_equal(remembered_find(&table, hash_of(i), 0, &item), i < 4096);
    }
    assert_int_equal(table.evicted, 5000 - 4096);
    remembered_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_known_until_its_slice_ends),
        cmocka_unit_test(what_it_came_to_can_change),
        cmocka_unit_test(every_hash_can_be_known),
        cmocka_unit_test(as_plain_memory_would_say),
        cmocka_unit_test(the_oldest_are_evicted_for_space),
        cmocka_unit_test(a_slice_that_fills_the_table_is_evicted_in_shares),
        cmocka_unit_test(memory_grows_with_the_ids_and_goes_back),
        cmocka_unit_test(nothing_is_remembered_without_a_budget_or_memory),
        cmocka_unit_test(more_campaigns_than_slices_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
