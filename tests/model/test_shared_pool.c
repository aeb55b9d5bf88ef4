/* The pool of shared resources and scopes: one copy, counted users, bounds; and traces that use it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/model/shared_pool.h"
#include "daemon/model/trace.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

static const struct hash_key key = {3, 4};

static struct shared_pool empty_pool(void)
{
    struct shared_pool pool;
    shared_pool_init(&pool, &key);
    return pool;
}

static const struct resource *resource_of(const char *service, struct arena *arena)
{
    return span_build(&(struct span_build){.id = 1, .service = service}, arena)->resource;
}

static void equal_resources_are_one(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    struct arena arena = ARENA_INIT(4096, 0);
    const struct resource *first = shared_pool_resource(&pool, resource_of("shop", &arena));
    const struct resource *second = shared_pool_resource(&pool, resource_of("shop", &arena));
    const struct resource *other = shared_pool_resource(&pool, resource_of("mail", &arena));
    arena_reset(&arena);
    assert_ptr_equal(first, second);
    assert_ptr_not_equal(first, other);
    assert_true(bytes_is(first->service, "shop"));
    assert_true(bytes_is(other->service, "mail"));
    assert_int_equal(pool.count, 2);
    shared_pool_give_resource(&pool, first);
    assert_true(bytes_is(second->service, "shop"));
    shared_pool_give_resource(&pool, second);
    shared_pool_give_resource(&pool, other);
    assert_int_equal(pool.count, 0);
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
    assert_int_equal(shared_pool_held(&pool), 0);
}

static void kind_and_schema_tell_entries_apart(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    const struct resource plain = {.raw = BYTES_NULL};
    const struct resource with_schema = {.raw = BYTES_NULL,
                                         .schema_url = BYTES_LITERAL("https://schema")};
    const struct scope scope = {.raw = BYTES_NULL};
    const struct resource *a = shared_pool_resource(&pool, &plain);
    const struct resource *b = shared_pool_resource(&pool, &with_schema);
    const struct scope *c = shared_pool_scope(&pool, &scope);
    assert_ptr_not_equal(a, b);
    assert_int_equal(pool.count, 3);
    assert_true(bytes_is(b->schema_url, "https://schema"));
    assert_ptr_equal(shared_pool_scope(&pool, &scope), c);
    shared_pool_deinit(&pool);
}

static void many_entries_are_found_again_and_freed(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    struct arena arena = ARENA_INIT(64 * 1024, 0);
    const struct resource *kept[500];
    char name[16];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "service-%d", i);
        kept[i] = shared_pool_resource(&pool, resource_of(name, &arena));
        assert_non_null(kept[i]);
    }
    size_t held = shared_pool_held(&pool);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "service-%d", i);
        assert_ptr_equal(shared_pool_resource(&pool, resource_of(name, &arena)), kept[i]);
        shared_pool_give_resource(&pool, kept[i]);
    }
    assert_int_equal(shared_pool_held(&pool), held);
    for (int i = 0; i < 500; i++) {
        shared_pool_give_resource(&pool, kept[i]);
    }
    assert_int_equal(pool.count, 0);
    assert_true(shared_pool_held(&pool) < held / 10);
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
}

static void the_limit_and_missing_memory_are_outcomes(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    struct arena arena = ARENA_INIT(4096, 0);
    const struct resource *resource = resource_of("shop", &arena);
    pool.limit_bytes = 100;
    assert_null(shared_pool_resource(&pool, resource));
    pool.limit_bytes = 0;
    for (size_t good = 0;; good++) {
        failing_malloc_begin(good);
        const struct resource *shared = shared_pool_resource(&pool, resource);
        failing_malloc_end();
        if (shared != NULL) {
            assert_true(good > 0);
            break;
        }
        assert_int_equal(pool.count, 0);
    }
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
}

static void traces_share_and_give_back(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    struct trace traces[3];
    struct arena arena = ARENA_INIT(4096, 0);
    uint32_t index;
    for (uint64_t i = 0; i < 3; i++) {
        const struct span_build build = {
            .trace = i + 1, .id = 1, .service = "shop", .scope_name = "lib"};
        struct trace_id id = trace_id_build(i + 1);
        trace_init(&traces[i], &id, 0);
        traces[i].pool = &pool;
        assert_int_equal(trace_add(&traces[i], span_build(&build, &arena), 10, &index), 0);
        assert_int_equal(trace_add(&traces[i], span_build(&build, &arena), 10, &index),
                         TRACE_DUPLICATE);
    }
    assert_int_equal(pool.count, 2);
    assert_ptr_equal(traces[0].spans[0].resource, traces[2].spans[0].resource);
    assert_ptr_equal(traces[0].spans[0].scope, traces[2].spans[0].scope);
    trace_deinit(&traces[0]);
    trace_deinit(&traces[0]);
    assert_true(bytes_is(traces[1].spans[0].resource->service, "shop"));
    trace_deinit(&traces[1]);
    trace_deinit(&traces[2]);
    assert_int_equal(pool.count, 0);
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
}

static void a_trace_without_memory_leaks_no_users(void **state)
{
    (void)state;
    struct arena arena = ARENA_INIT(4096, 0);
    const struct span_build build = {.id = 1, .service = "shop", .scope_name = "lib"};
    const struct span *span = span_build(&build, &arena);
    int outcome = TRACE_NO_MEMORY;
    for (size_t good = 0; outcome != 0; good++) {
        struct shared_pool pool = empty_pool();
        struct trace trace;
        uint32_t index;
        trace_init(&trace, &span->trace_id, 0);
        trace.pool = &pool;
        failing_malloc_begin(good);
        outcome = trace_add(&trace, span, 10, &index);
        failing_malloc_end();
        assert_true(outcome == 0 || outcome == TRACE_NO_MEMORY);
        trace_deinit(&trace);
        assert_int_equal(pool.count, 0);
        shared_pool_deinit(&pool);
    }
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_resources_are_one),
        cmocka_unit_test(kind_and_schema_tell_entries_apart),
        cmocka_unit_test(many_entries_are_found_again_and_freed),
        cmocka_unit_test(the_limit_and_missing_memory_are_outcomes),
        cmocka_unit_test(traces_share_and_give_back),
        cmocka_unit_test(a_trace_without_memory_leaks_no_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
