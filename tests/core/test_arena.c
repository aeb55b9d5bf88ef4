/* Arenas: alignment, limits, chunks, reset, memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/arena.h"
#include "daemon/core/chunk_pool.h"
#include "tests/support/failing_malloc.h"

static void every_allocation_is_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(100, 0);
    char *last = NULL;
    for (size_t bytes = 0; bytes < 600; bytes++) {
        char *memory = arena_alloc(&arena, bytes);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        memset(memory, (int)(bytes & 0xff), bytes);
        if (last != NULL && bytes > 1) {
            assert_int_equal((unsigned char)last[bytes - 2], (bytes - 1) & 0xff);
        }
        last = memory;
    }
    arena_deinit(&arena);
    assert_int_equal(arena_held(&arena), 0);
    arena_deinit(&arena);
}

static void the_limit_holds_and_small_requests_still_fit(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1024, 4096);
    assert_null(arena_alloc(&arena, 5000));
    size_t taken = 0;
    while (arena_alloc(&arena, 64) != NULL) {
        taken += 64;
        assert_true(arena_held(&arena) <= 4096);
    }
    assert_true(taken > 2000);
    assert_true(taken <= 4096);
    arena_deinit(&arena);
}

static void a_limit_below_what_is_held_lets_nothing_grow(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1024, 0);
    assert_non_null(arena_alloc(&arena, 1000));
    arena.limit_bytes = 100;
    assert_null(arena_alloc(&arena, 1000));
    arena_deinit(&arena);
}

static void requests_that_overflow_are_refused(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1024, 0);
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX - 8));
    assert_null(arena_calloc(&arena, SIZE_MAX / 2, 3));
    arena_deinit(&arena);
}

static void chunks_double_so_that_they_are_few(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(1024, 0);
    failing_malloc_begin(SIZE_MAX);
    for (int i = 0; i < 1000; i++) {
        assert_non_null(arena_alloc(&arena, 1024));
    }
    assert_true(failing_malloc_end() <= 12);
    arena_deinit(&arena);
}

static void reset_keeps_one_chunk_for_the_next_use(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(256, 0);
    arena_reset(&arena);
    for (int i = 0; i < 50; i++) {
        assert_non_null(arena_alloc(&arena, 100));
    }
    size_t before = arena_held(&arena);
    arena_reset(&arena);
    size_t kept = arena_held(&arena);
    assert_true(kept > 0);
    assert_true(kept < before);
    failing_malloc_begin(0);
    assert_non_null(arena_alloc(&arena, 1000));
    failing_malloc_end();
    arena_reset(&arena);
    assert_int_equal(arena_held(&arena), kept);
    arena_deinit(&arena);
}

static void copies_are_their_own(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(256, 0);
    char text[] = "a\0b";
    struct bytes copy = arena_copy(&arena, bytes_from(text, 3));
    const char *string = arena_string(&arena, BYTES_LITERAL("word"));
    text[0] = 'x';
    assert_memory_equal(copy.data, "a\0b", 3);
    assert_string_equal(string, "word");
    assert_string_equal(arena_string(&arena, BYTES_NULL), "");
    assert_string_equal(arena_printf(&arena, "%s-%d", "n", 7), "n-7");
    assert_non_null(arena_copy(&arena, BYTES_NULL).data);
    arena_deinit(&arena);
}

static void packed_copies_stand_close_together(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(256, 0);
    struct bytes first = arena_copy_packed(&arena, BYTES_LITERAL("one"));
    struct bytes second = arena_copy_packed(&arena, BYTES_LITERAL("two"));
    assert_ptr_equal(second.data, first.data + 3);
    assert_int_equal((uintptr_t)arena_alloc(&arena, 1) % 16, 0);
    arena_deinit(&arena);
}

static void chunks_of_a_pool_serve_and_go_back(void **state)
{
    (void)state;
    struct chunk_pool pool;
    chunk_pool_init(&pool, 0);
    for (size_t bytes = 1; bytes < 40000; bytes += bytes / 2 + 1) {
        struct arena arena = {.chunk_bytes = 1, .pool = &pool, .pooled = true};
        for (int i = 0; i < 20; i++) {
            char *memory = arena_alloc(&arena, bytes);
            assert_non_null(memory);
            memset(memory, i, bytes);
            if (i == 10) {
                arena_reset(&arena);
            }
        }
        assert_int_equal(arena_held(&arena), pool.used_bytes);
        arena_deinit(&arena);
        assert_int_equal(arena_held(&arena), 0);
        assert_int_equal(pool.used_bytes, 0);
    }
    chunk_pool_deinit(&pool);
}

static void the_limit_holds_for_whole_chunks_of_a_pool(void **state)
{
    (void)state;
    struct chunk_pool pool;
    chunk_pool_init(&pool, 0);
    struct arena arena = {.chunk_bytes = 1, .limit_bytes = 1000, .pool = &pool, .pooled = true};
    assert_null(arena_alloc(&arena, 950));
    while (arena_alloc(&arena, 100) != NULL) {
    }
    assert_in_range(arena_held(&arena), 1000 - 3 * CHUNK_STEP_BYTES, 1000);
    assert_int_equal(arena_held(&arena) % CHUNK_STEP_BYTES, 0);
    arena_deinit(&arena);
    chunk_pool_deinit(&pool);
}

static void without_memory_everything_says_so(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(256, 0);
    failing_malloc_begin(0);
    assert_null(arena_alloc(&arena, 1));
    assert_null(arena_calloc(&arena, 1, 1));
    assert_null(arena_copy(&arena, BYTES_LITERAL("x")).data);
    assert_null(arena_string(&arena, BYTES_LITERAL("x")));
    assert_null(arena_printf(&arena, "x"));
    failing_malloc_end();
    assert_non_null(arena_alloc(&arena, 1));
    arena_deinit(&arena);
}

static void trimming_gives_the_end_back(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    char *first = arena_alloc(&arena, 1000);
    arena_trim(&arena, first, 1000, 10);
    char *second = arena_alloc(&arena, 16);
    assert_ptr_equal(second, first + 16);
    arena_trim(&arena, first, 10, 0); /* not the latest: nothing happens */
    assert_ptr_equal(arena_alloc(&arena, 16), second + 16);
    arena_trim(&arena, NULL, 0, 0);
    arena_deinit(&arena);
}

static void rewinding_takes_back_what_came_since(void **state)
{
    struct arena arena = ARENA_INIT(64, 0);
    (void)state;
    struct arena_mark nothing = arena_mark(&arena);
    arena_rewind(&arena, nothing);
    char *first = arena_alloc(&arena, 32);
    struct arena_mark mark = arena_mark(&arena);
    size_t held = arena_held(&arena);
    arena_rewind(&arena, mark);
    for (int i = 0; i < 100; i++) { /* in this chunk, and in further ones */
        assert_non_null(arena_alloc(&arena, 16u << i % 8));
        assert_non_null(arena_alloc(&arena, 16));
        arena_rewind(&arena, mark);
        assert_int_equal(arena_held(&arena), held);
    }
    assert_non_null(arena_alloc(&arena, 1000));
    arena_rewind(&arena, nothing);
    assert_non_null(first);
    assert_true(arena_used(&arena) < 100);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_is_aligned_and_apart),
        cmocka_unit_test(the_limit_holds_and_small_requests_still_fit),
        cmocka_unit_test(a_limit_below_what_is_held_lets_nothing_grow),
        cmocka_unit_test(requests_that_overflow_are_refused),
        cmocka_unit_test(chunks_double_so_that_they_are_few),
        cmocka_unit_test(reset_keeps_one_chunk_for_the_next_use),
        cmocka_unit_test(copies_are_their_own),
        cmocka_unit_test(packed_copies_stand_close_together),
        cmocka_unit_test(chunks_of_a_pool_serve_and_go_back),
        cmocka_unit_test(the_limit_holds_for_whole_chunks_of_a_pool),
        cmocka_unit_test(without_memory_everything_says_so),
        cmocka_unit_test(trimming_gives_the_end_back),
        cmocka_unit_test(rewinding_takes_back_what_came_since),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
