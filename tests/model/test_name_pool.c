#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "daemon/model/name_pool.h"
#include "tests/support/failing_malloc.h"

static const struct name *share(struct name_pool *pool, uint8_t generation, const char *text)
{
    return name_pool_share(pool, generation, bytes_from(text, strlen(text)), SIZE_MAX);
}

static const struct name *share_number(struct name_pool *pool, uint8_t generation, uint32_t number)
{
    char text[32];
    snprintf(text, sizeof text, "GET /users/%u", number);
    return share(pool, generation, text);
}

static void equal_names_are_one(void **state)
{
    struct name_pool pool;
    (void)state;
    name_pool_init(&pool);
    uint8_t generation = name_pool_enter(&pool);
    const struct name *name = share(&pool, generation, "POST /orders");
    assert_non_null(name);
    assert_true(bytes_is(bytes_from(name->text, name->len), "POST /orders"));
    char same[] = "POST /orders";
    assert_ptr_equal(share(&pool, generation, same), name);
    assert_ptr_equal(share(&pool, name_pool_enter(&pool), same), name);
    assert_ptr_not_equal(share(&pool, generation, "POST /order"), name);
    assert_ptr_not_equal(share(&pool, generation, "POST /orderz"), name);
    for (const char *text = "abcdefghijklmnopq"; *text != '\0'; text++) {
        const struct name *one = share(&pool, generation, text);
        assert_true(bytes_is(bytes_from(one->text, one->len), text));
    }
    name_pool_deinit(&pool);
    assert_int_equal(name_pool_held(&pool), 0);
}

static void empty_and_long_names_are_not_shared(void **state)
{
    struct name_pool pool;
    char text[NAME_LEN_MAX + 2];
    (void)state;
    memset(text, 'x', sizeof text);
    name_pool_init(&pool);
    uint8_t generation = name_pool_enter(&pool);
    assert_null(name_pool_share(&pool, generation, BYTES_NULL, SIZE_MAX));
    assert_non_null(name_pool_share(&pool, generation, bytes_from(text, NAME_LEN_MAX), SIZE_MAX));
    assert_null(name_pool_share(&pool, generation, bytes_from(text, NAME_LEN_MAX + 1), SIZE_MAX));
    assert_null(name_pool_share(&pool, 0, bytes_from(text, 5), SIZE_MAX));
    name_pool_deinit(&pool);
}

/* Fills a generation; returns how many it took. */
static uint32_t fill(struct name_pool *pool, uint8_t generation)
{
    uint32_t shared = 0;
    for (uint32_t i = 0; i < 2 * NAME_POOL_NAMES_MAX; i++) {
        shared += share_number(pool, generation, i) != NULL;
    }
    return shared;
}

static void a_full_generation_ends_with_its_last_user(void **state)
{
    struct name_pool pool;
    (void)state;
    name_pool_init(&pool);
    uint8_t first = name_pool_enter(&pool);
    assert_int_equal(fill(&pool, first), NAME_POOL_NAMES_MAX);
    const struct name *name = share_number(&pool, first, 0);
    uint8_t second = name_pool_enter(&pool);
    assert_int_not_equal(second, first);
    assert_int_equal(fill(&pool, second), NAME_POOL_NAMES_MAX);
    assert_int_equal(name_pool_enter(&pool), second); /* the first one is still used */
    assert_true(bytes_is(bytes_from(name->text, name->len), "GET /users/0"));
    size_t both = name_pool_held(&pool);
    name_pool_leave(&pool, first);
    assert_true(name_pool_held(&pool) < both / 3 * 2);
    assert_int_equal(name_pool_enter(&pool), first);
    assert_non_null(share(&pool, first, "new"));
    name_pool_leave(&pool, second);
    name_pool_leave(&pool, second);
    assert_true(name_pool_held(&pool) < both / 3);
    name_pool_leave(&pool, 0);
    name_pool_deinit(&pool);
}

static void without_room_or_memory_names_are_not_shared(void **state)
{
    struct name_pool pool;
    (void)state;
    name_pool_init(&pool);
    failing_malloc_begin(0);
    assert_int_equal(name_pool_enter(&pool), 0);
    failing_malloc_end();
    uint8_t generation = name_pool_enter(&pool);
    failing_malloc_begin(0);
    assert_null(share(&pool, generation, "name"));
    failing_malloc_end();
    size_t held = name_pool_held(&pool);
    assert_null(name_pool_share(&pool, generation, BYTES_LITERAL("name"), 0));
    assert_null(name_pool_share(&pool, generation, BYTES_LITERAL("name"), 16));
    assert_int_equal(name_pool_held(&pool), held);
    assert_non_null(name_pool_share(&pool, generation, BYTES_LITERAL("name"), 8192));
    assert_non_null(name_pool_share(&pool, generation, BYTES_LITERAL("name"), 0));
    name_pool_deinit(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_names_are_one),
        cmocka_unit_test(empty_and_long_names_are_not_shared),
        cmocka_unit_test(a_full_generation_ends_with_its_last_user),
        cmocka_unit_test(without_room_or_memory_names_are_not_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
