/* The pool of shared resources and scopes: one copy, counted users, bounds; and traces that use it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/model/fingerprint.h"
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

static const struct resource *of(const struct shared_pool *pool, uint32_t source)
{
    assert_int_not_equal(source, SHARED_SOURCE_NONE);
    return shared_pool_resource(pool, source);
}

static void equal_resources_are_one(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    struct arena arena = ARENA_INIT(4096, 0);
    uint32_t first = shared_pool_take(&pool, resource_of("shop", &arena), &scope_empty);
    uint32_t second = shared_pool_take(&pool, resource_of("shop", &arena), &scope_empty);
    uint32_t other = shared_pool_take(&pool, resource_of("mail", &arena), &scope_empty);
    arena_reset(&arena);
    assert_int_equal(first, second);
    assert_int_not_equal(first, other);
    assert_true(bytes_is(of(&pool, first)->service, "shop"));
    assert_true(bytes_is(of(&pool, other)->service, "mail"));
    assert_ptr_equal(shared_pool_scope(&pool, first), shared_pool_scope(&pool, other));
    assert_int_equal(pool.count, 3);
    shared_pool_give(&pool, first);
    assert_true(bytes_is(of(&pool, second)->service, "shop"));
    shared_pool_give(&pool, second);
    shared_pool_give(&pool, other);
    assert_int_equal(pool.count, 0);
    assert_int_equal(pool.source_count, 0);
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
    assert_int_equal(shared_pool_held(&pool), 0);
}

static void scope_and_schema_tell_sources_apart(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    const struct resource plain = {.raw = BYTES_NULL};
    const struct resource with_schema = {.raw = BYTES_NULL,
                                         .schema_url = BYTES_LITERAL("https://schema")};
    const struct scope scope = {.raw = BYTES_NULL};
    const struct scope scope_with_schema = {.schema_url = BYTES_LITERAL("https://schema")};
    uint32_t a = shared_pool_take(&pool, &plain, &scope);
    uint32_t b = shared_pool_take(&pool, &with_schema, &scope);
    uint32_t c = shared_pool_take(&pool, &plain, &scope_with_schema);
    assert_true(a != b && b != c && a != c);
    assert_ptr_equal(of(&pool, a), of(&pool, c));
    assert_ptr_not_equal(of(&pool, a), of(&pool, b));
    assert_int_equal(pool.count, 4);
    assert_true(bytes_is(of(&pool, b)->schema_url, "https://schema"));
    assert_int_equal(shared_pool_take(&pool, &plain, &scope), a);
    shared_pool_deinit(&pool);
}

static void many_entries_are_found_again_and_freed(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    struct arena arena = ARENA_INIT(64 * 1024, 0);
    uint32_t kept[500];
    char name[16];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "service-%d", i);
        kept[i] = shared_pool_take(&pool, resource_of(name, &arena), &scope_empty);
        assert_true(bytes_is(of(&pool, kept[i])->service, name));
    }
    size_t held = shared_pool_held(&pool);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "service-%d", i);
        assert_int_equal(shared_pool_take(&pool, resource_of(name, &arena), &scope_empty), kept[i]);
        shared_pool_give(&pool, kept[i]);
    }
    assert_int_equal(shared_pool_held(&pool), held);
    for (int i = 0; i < 500; i++) {
        shared_pool_give(&pool, kept[i]);
    }
    assert_int_equal(pool.count, 0);
    assert_true(shared_pool_held(&pool) < held / 10);
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
}

/* Within a batch an address stands for what it holds; the next batch may stand at the same one. */
static void an_address_means_something_only_within_its_batch(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    struct arena arena = ARENA_INIT(4096, 0);
    struct resource resource = *resource_of("shop", &arena);
    shared_pool_batch_begin(&pool);
    uint32_t first = shared_pool_take(&pool, &resource, &scope_empty);
    assert_int_equal(shared_pool_take(&pool, &resource, &scope_empty), first);
    shared_pool_batch_end(&pool);
    resource = *resource_of("mail", &arena);
    shared_pool_batch_begin(&pool);
    uint32_t second = shared_pool_take(&pool, &resource, &scope_empty);
    assert_true(bytes_is(of(&pool, second)->service, "mail"));
    shared_pool_give(&pool, second);
    second = shared_pool_take(&pool, &resource, &scope_empty);
    assert_true(bytes_is(of(&pool, second)->service, "mail"));
    shared_pool_batch_end(&pool);
    resource = *resource_of("shop", &arena);
    assert_int_equal(shared_pool_take(&pool, &resource, &scope_empty), first);
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
    assert_int_equal(shared_pool_take(&pool, resource, &scope_empty), SHARED_SOURCE_NONE);
    pool.limit_bytes = 0;
    for (size_t good = 0;; good++) {
        failing_malloc_begin(good);
        uint32_t source = shared_pool_take(&pool, resource, &scope_empty);
        failing_malloc_end();
        if (source != SHARED_SOURCE_NONE) {
            assert_true(good > 0);
            break;
        }
        assert_int_equal(pool.count, 0);
    }
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
}

/* Attributes are decoded when somebody asks for them, once for all users; their room was counted
 * before. */
static void attributes_are_listed_when_they_are_needed(void **state)
{
    (void)state;
    struct shared_pool pool = empty_pool();
    struct arena arena = ARENA_INIT(4096, 0);
    const struct span_build build = {.id = 1,
                                     .service = "shop",
                                     .scope_name = "lib",
                                     .scope_version = "1",
                                     .resource = {ATTR_INT("a", 1), ATTR_INT("b", 2)},
                                     .scope = {ATTR_INT("c", 3)}};
    const struct listed_keys none = LISTED_KEYS_NONE;
    const struct span *all = span_build(&build, &arena);
    const struct span *some = span_build_listing(&build, &none, &arena);
    uint64_t fingerprint;
    uint32_t source = shared_pool_take(&pool, some->resource, some->scope);
    assert_int_equal(shared_pool_take(&pool, all->resource, all->scope), source);
    const struct resource *resource = of(&pool, source);
    const struct scope *scope = shared_pool_scope(&pool, source);
    assert_true(resource->attr_count == 0 && resource->unlisted == 3);
    assert_true(scope->attr_count == 0 && scope->unlisted == 1);
    assert_true(bytes_is(resource->service, "shop") && bytes_is(scope->name, "lib") &&
                bytes_is(scope->version, "1"));
    size_t held = shared_pool_held(&pool);
    pool.limit_bytes = held;
    for (size_t good = 0;; good++) {
        failing_malloc_begin(good);
        bool listed = shared_pool_list(&pool, source);
        failing_malloc_end();
        if (listed) {
            break;
        }
    }
    assert_ptr_equal(of(&pool, source), resource);
    assert_true(resource->attr_count == 3 && resource->unlisted == 0);
    assert_true(scope->attr_count == 1 && scope->unlisted == 0);
    assert_true(bytes_is(resource->service, "shop") && bytes_is(scope->name, "lib"));
    assert_true(fingerprint_of_resource(all->resource, &fingerprint));
    assert_int_equal(resource->fingerprint, fingerprint);
    assert_true(fingerprint_of_scope(all->scope, &fingerprint));
    assert_int_equal(scope->fingerprint, fingerprint);
    shared_pool_give(&pool, source);
    shared_pool_give(&pool, source);
    assert_int_equal(pool.count, 0);
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
    assert_int_equal(shared_pool_held(&pool), 0);
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
    assert_int_equal(pool.source_count, 1);
    assert_ptr_equal(trace_span_resource(&traces[0], &traces[0].spans[0]),
                     trace_span_resource(&traces[2], &traces[2].spans[0]));
    trace_deinit(&traces[0]);
    trace_deinit(&traces[0]);
    assert_true(bytes_is(trace_span_resource(&traces[1], &traces[1].spans[0])->service, "shop"));
    trace_deinit(&traces[1]);
    trace_deinit(&traces[2]);
    assert_int_equal(pool.count, 0);
    arena_deinit(&arena);
    shared_pool_deinit(&pool);
}

static void a_trace_tells_many_sources_apart(void **state)
{
    enum { SOURCES = 200 };
    (void)state;
    struct shared_pool pool = empty_pool();
    struct arena arena = ARENA_INIT(4096, 0);
    struct trace trace;
    struct trace_id id = trace_id_build(1);
    uint32_t index;
    char name[16];
    trace_init(&trace, &id, 0);
    trace.pool = &pool;
    for (uint32_t i = 0; i < 3 * SOURCES; i++) {
        snprintf(name, sizeof name, "service-%u", i % SOURCES);
        const struct span_build build = {.trace = 1, .id = i + 1, .service = name};
        assert_int_equal(trace_add(&trace, span_build(&build, &arena), 1000, &index), 0);
    }
    for (uint32_t i = 0; i < 3 * SOURCES; i++) {
        snprintf(name, sizeof name, "service-%u", i % SOURCES);
        assert_true(bytes_is(trace_span_resource(&trace, &trace.spans[i])->service, name));
    }
    assert_int_equal(pool.source_count, SOURCES);
    trace_deinit(&trace);
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
        cmocka_unit_test(scope_and_schema_tell_sources_apart),
        cmocka_unit_test(many_entries_are_found_again_and_freed),
        cmocka_unit_test(an_address_means_something_only_within_its_batch),
        cmocka_unit_test(the_limit_and_missing_memory_are_outcomes),
        cmocka_unit_test(attributes_are_listed_when_they_are_needed),
        cmocka_unit_test(traces_share_and_give_back),
        cmocka_unit_test(a_trace_tells_many_sources_apart),
        cmocka_unit_test(a_trace_without_memory_leaks_no_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
