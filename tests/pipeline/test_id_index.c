/* Places under hashes that collide, while the index grows, without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "daemon/pipeline/id_index.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/random.h"

#define MANY 5000u

/* Few different low bits, so that many places share a slot or a whole hash. */
static uint64_t hash_of(uint32_t place)
{
    return (place % 7) * 64 + (uint64_t)place % 97;
}

static bool has(const struct id_index *index, uint32_t place)
{
    struct id_search search = id_index_search(index, hash_of(place));
    uint32_t found;
    uint32_t times = 0;
    while (id_index_next(index, &search, &found)) {
        times += found == place;
    }
    assert_true(times <= 1);
    return times == 1;
}

static void places_are_found_among_their_like(void **state)
{
    static bool present[MANY];
    struct id_index index;
    struct random random = random_seed(2);
    (void)state;
    id_index_init(&index);
    assert_false(has(&index, 0));
    for (uint32_t step = 0; step < 10 * MANY; step++) {
        uint32_t place = random_below(&random, step < 5 * MANY ? 300 : MANY);
        if (step % 16 == 0) {
            assert_int_equal(has(&index, place), present[place]);
        }
        if (present[place]) {
            id_index_remove(&index, hash_of(place), place);
        } else {
            assert_int_equal(id_index_add(&index, hash_of(place), place), 0);
        }
        present[place] = !present[place];
    }
    for (uint32_t place = 0; place < MANY; place++) {
        assert_int_equal(has(&index, place), present[place]);
    }
    id_index_deinit(&index);
}

static void memory_follows_the_number_of_places(void **state)
{
    struct id_index index;
    (void)state;
    id_index_init(&index);
    assert_int_equal(index.held_bytes, 0);
    for (uint32_t place = 0; place < 1 << 16; place++) {
        assert_int_equal(id_index_add(&index, place * UINT64_C(0x9e3779b97f4a7c15), place), 0);
        assert_true(place < 64 || index.held_bytes <= place * sizeof(struct id_slot) * 5);
    }
    id_index_deinit(&index);
}

/* Without memory it goes on until the present table is nearly full. */
static void it_says_so_when_it_can_not_grow(void **state)
{
    struct id_index index;
    uint32_t count = 0;
    (void)state;
    id_index_init(&index);
    failing_malloc_begin(1);
    while (id_index_add(&index, count * UINT64_C(0x9e3779b97f4a7c15), count) == 0) {
        count++;
    }
    failing_malloc_end();
    assert_int_equal(count, 56);
    assert_int_equal(index.count, 56);
    assert_int_equal(id_index_add(&index, 77, count), 0);
    id_index_deinit(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_found_among_their_like),
        cmocka_unit_test(memory_follows_the_number_of_places),
        cmocka_unit_test(it_says_so_when_it_can_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
