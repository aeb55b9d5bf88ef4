/* Recycled chunks: apart, of the right size, back to the system after a peak, and what happens at
 * the limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/chunk_pool.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/random.h"

#define MANY 4000u

struct held {
    unsigned char *chunk;
    size_t bytes;
    unsigned char mark;
};

static void take(struct chunk_pool *pool, struct held *held, size_t wanted, unsigned char mark)
{
    *held = (struct held){.bytes = wanted, .mark = mark};
    held->chunk = chunk_pool_take(pool, &held->bytes);
    assert_non_null(held->chunk);
    assert_true(held->bytes >= wanted);
    assert_int_equal((uintptr_t)held->chunk % 16, 0);
    memset(held->chunk, mark, held->bytes);
}

static void give(struct chunk_pool *pool, struct held *held)
{
    for (size_t i = 0; i < held->bytes; i += 61) {
        assert_int_equal(held->chunk[i], held->mark);
    }
    assert_int_equal(held->chunk[held->bytes - 1], held->mark);
    chunk_pool_give(pool, held->chunk, held->bytes);
    held->chunk = NULL;
}

static void chunks_of_all_sizes_come_and_go_in_any_order(void **state)
{
    static struct held held[MANY];
    struct chunk_pool pool;
    struct random random = random_seed(1);
    size_t used = 0;
    (void)state;
    chunk_pool_init(&pool, 0);
    for (uint32_t step = 0; step < 10 * MANY; step++) {
        struct held *at = &held[random_below(&random, MANY)];
        if (at->chunk != NULL) {
            used -= at->bytes;
            give(&pool, at);
        } else {
            bool large = random_one_in(&random, 50);
            take(&pool, at, random_below(&random, large ? 60000 : 6000), (unsigned char)step);
            used += at->bytes;
        }
        if (random_one_in(&random, 100)) {
            chunk_pool_settle(&pool);
        } else if (random_one_in(&random, 500)) {
            chunk_pool_give_up(&pool, 3 * CHUNK_SLAB_BYTES);
        }
        assert_int_equal(pool.used_bytes, used);
        assert_true(chunk_pool_held(&pool) >= used);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        if (held[i].chunk != NULL) {
            give(&pool, &held[i]);
        }
    }
    assert_int_equal(pool.used_bytes, 0);
    chunk_pool_deinit(&pool);
}

static void a_chunk_that_was_given_back_is_taken_next(void **state)
{
    struct chunk_pool pool;
    struct held one;
    (void)state;
    chunk_pool_init(&pool, 0);
    take(&pool, &one, 1000, 1);
    unsigned char *before = one.chunk;
    size_t held = chunk_pool_held(&pool);
    for (int i = 0; i < 10000; i++) {
        give(&pool, &one);
        take(&pool, &one, 1000, 2);
        assert_ptr_equal(one.chunk, before);
    }
    assert_int_equal(chunk_pool_held(&pool), held);
    give(&pool, &one);
    chunk_pool_deinit(&pool);
}

static void fill(struct chunk_pool *pool, struct held *held, uint32_t count, size_t bytes)
{
    for (uint32_t i = 0; i < count; i++) {
        take(pool, &held[i], bytes, (unsigned char)i);
    }
}

static void empty(struct chunk_pool *pool, struct held *held, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        give(pool, &held[i]);
    }
}

static void empty_slabs_serve_other_sizes_and_unneeded_ones_go_back(void **state)
{
    static struct held held[MANY];
    struct chunk_pool pool;
    (void)state;
    chunk_pool_init(&pool, 0);
    for (int peak = 0; peak < 3; peak++) {
        fill(&pool, held, MANY, 5000);
        size_t high = chunk_pool_held(&pool);
        assert_true(high > MANY * 5000u && high < MANY * 5000u / 8 * 9);
        empty(&pool, held, MANY);
        assert_int_equal(chunk_pool_held(&pool), high);
        assert_false(chunk_pool_is_settled(&pool));
        fill(&pool, held, 100, 3000);
        assert_int_equal(chunk_pool_held(&pool), high);
        assert_false(chunk_pool_settle(&pool)); /* at the peak there was none that nobody needed */
        empty(&pool, held, 100);
        assert_int_equal(chunk_pool_held(&pool), high);
        size_t before = high;
        for (int i = 0; i < 8; i++, before = chunk_pool_held(&pool)) {
            chunk_pool_settle(&pool); /* some each time */
            assert_true(chunk_pool_held(&pool) < before - before / 16);
        }
        assert_true(before < high / 2);
        for (int i = 0; i < 20; i++) {
            chunk_pool_settle(&pool);
        }
        assert_true(chunk_pool_is_settled(&pool));
    }
    chunk_pool_deinit(&pool);
}

#define PEAK_SLABS 640u

/* Takes chunks until so many slabs are in use; how many. */
static uint32_t fill_slabs(struct chunk_pool *pool, void **chunks, uint32_t slabs)
{
    uint32_t count = 0;
    for (; pool->slab_count < slabs; count++) {
        size_t bytes = CHUNK_MOST_BYTES;
        chunks[count] = chunk_pool_take(pool, &bytes);
        assert_non_null(chunks[count]);
    }
    return count;
}

/* A peak of many slabs: an eighth and four are due, and go back bit by bit; what is needed in
 * between is taken from those that are due. */
static void one_call_gives_so_many_slabs_back_and_says_that_more_are_due(void **state)
{
    static void *chunks[PEAK_SLABS * 16];
    struct chunk_pool pool;
    (void)state;
    chunk_pool_init(&pool, 0);
    uint32_t count = fill_slabs(&pool, chunks, PEAK_SLABS);
    for (uint32_t i = 0; i < count; i++) {
        chunk_pool_give(&pool, chunks[i], CHUNK_MOST_BYTES);
    }
    assert_int_equal(pool.empty_count, PEAK_SLABS);
    assert_false(chunk_pool_settle(&pool));
    assert_int_equal(pool.empty_count, PEAK_SLABS);
    assert_true(chunk_pool_settle(&pool));
    assert_int_equal(pool.empty_count, PEAK_SLABS - CHUNK_SETTLED_MOST);
    assert_int_equal(pool.due, PEAK_SLABS / 8 + 4 - CHUNK_SETTLED_MOST);
    assert_false(chunk_pool_settle(&pool));
    assert_int_equal(pool.empty_count, PEAK_SLABS - PEAK_SLABS / 8 - 4);
    count = fill_slabs(&pool, chunks, PEAK_SLABS - 30); /* nothing is left that nobody needs */
    assert_int_equal(chunk_pool_held(&pool), (PEAK_SLABS - 30) * (size_t)CHUNK_SLAB_BYTES);
    for (uint32_t i = 0; i < count; i++) {
        chunk_pool_give(&pool, chunks[i], CHUNK_MOST_BYTES);
    }
    assert_false(chunk_pool_settle(&pool));
    assert_int_equal(pool.empty_count, PEAK_SLABS - 30);
    chunk_pool_deinit(&pool);
}

/* Load that swings: what is needed every time stays. */
static void slabs_that_are_needed_now_and_then_stay(void **state)
{
    static struct held held[MANY];
    struct chunk_pool pool;
    (void)state;
    chunk_pool_init(&pool, 0);
    fill(&pool, held, MANY, 5000);
    size_t high = chunk_pool_held(&pool);
    for (int swing = 0; swing < 5; swing++) {
        empty(&pool, held, MANY / 2);
        chunk_pool_settle(&pool);
        fill(&pool, held, MANY / 2, 5000);
        chunk_pool_settle(&pool);
        assert_int_equal(chunk_pool_held(&pool), high);
    }
    empty(&pool, held, MANY);
    chunk_pool_deinit(&pool);
}

static void empty_slabs_are_given_up_where_memory_is_short(void **state)
{
    static struct held held[MANY];
    struct chunk_pool pool;
    (void)state;
    chunk_pool_init(&pool, 0);
    fill(&pool, held, MANY, 5000);
    size_t high = chunk_pool_held(&pool);
    empty(&pool, held, MANY / 2);
    chunk_pool_give_up(&pool, 1);
    assert_int_equal(chunk_pool_held(&pool), high - CHUNK_SLAB_BYTES);
    chunk_pool_give_up(&pool, SIZE_MAX);
    assert_true(chunk_pool_held(&pool) < high / 2 / 8 * 9 + 5 * CHUNK_SLAB_BYTES);
    for (uint32_t i = MANY / 2; i < MANY; i++) {
        give(&pool, &held[i]);
    }
    chunk_pool_give_up(&pool, SIZE_MAX);
    assert_true(chunk_pool_is_settled(&pool));
    chunk_pool_deinit(&pool);
}

static void at_the_limit_a_greater_chunk_serves_and_then_none(void **state)
{
    struct chunk_pool pool;
    struct held large[2], small[40];
    size_t bytes = 300;
    (void)state;
    chunk_pool_init(&pool, CHUNK_SLAB_BYTES);
    fill(&pool, large, 2, CHUNK_MOST_BYTES);
    uint32_t taken = 0;
    for (;; taken++) {
        small[taken] = (struct held){.bytes = bytes};
        small[taken].chunk = chunk_pool_take(&pool, &small[taken].bytes);
        if (small[taken].chunk == NULL) {
            break;
        }
        assert_int_equal(small[taken].bytes, CHUNK_MOST_BYTES);
    }
    assert_true(taken >= 10);
    assert_int_equal(chunk_pool_held(&pool), CHUNK_SLAB_BYTES);
    for (uint32_t i = 0; i < taken; i++) {
        chunk_pool_give(&pool, small[i].chunk, small[i].bytes);
    }
    empty(&pool, large, 2);
    chunk_pool_deinit(&pool);
}

static void without_memory_it_says_so(void **state)
{
    struct chunk_pool pool;
    size_t bytes = 1;
    size_t many = 100000;
    (void)state;
    chunk_pool_init(&pool, 0);
    failing_malloc_begin(0);
    assert_null(chunk_pool_take(&pool, &bytes));
    assert_null(chunk_pool_take(&pool, &many));
    failing_malloc_end();
    assert_int_equal(chunk_pool_held(&pool), 0);
    void *chunk = chunk_pool_take(&pool, &bytes);
    assert_non_null(chunk);
    chunk_pool_give(&pool, chunk, bytes);
    chunk_pool_deinit(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_of_all_sizes_come_and_go_in_any_order),
        cmocka_unit_test(a_chunk_that_was_given_back_is_taken_next),
        cmocka_unit_test(empty_slabs_serve_other_sizes_and_unneeded_ones_go_back),
        cmocka_unit_test(one_call_gives_so_many_slabs_back_and_says_that_more_are_due),
        cmocka_unit_test(slabs_that_are_needed_now_and_then_stay),
        cmocka_unit_test(empty_slabs_are_given_up_where_memory_is_short),
        cmocka_unit_test(at_the_limit_a_greater_chunk_serves_and_then_none),
        cmocka_unit_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
