/* Span sets: shards, order of arrival, rejects, the last user frees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "daemon/model/span_set.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/span_builder.h"

static struct shard_map map_of(uint32_t count)
{
    return (struct shard_map){.key = {11, 22}, .count = count};
}

static void spans_go_to_the_shard_of_their_trace_in_order(void **state)
{
    (void)state;
    const struct shard_map map = map_of(3);
    struct span_set *set = span_set_new(NULL, 0, 3, 0);
    assert_non_null(set);
    size_t raw_bytes = 0;
    for (uint32_t i = 0; i < 300; i++) {
        struct span *span =
            span_build(&(struct span_build){.trace = i % 50 + 1, .id = i + 1}, &set->arena);
        raw_bytes += span->raw.len;
        span_set_add(set, &map, span);
    }
    uint32_t count = 0;
    for (uint32_t shard = 0; shard < 3; shard++) {
        const struct span_batch *batch = &set->batches[shard];
        span_id last = 0;
        assert_ptr_equal(batch->set, set);
        assert_true(batch->count > 20);
        for (const struct span *span = batch->first; span != NULL; span = span->next) {
            assert_int_equal(shard_map_find(&map, &span->trace_id), shard);
            assert_true(span->id > last);
            last = span->id;
            count++;
        }
        assert_int_equal(batch->last->id, last);
        raw_bytes -= batch->raw_bytes;
    }
    assert_int_equal(count, 300);
    assert_int_equal(set->span_count, 300);
    assert_int_equal(raw_bytes, 0);
    span_set_unref(set);
}

static void traces_spread_evenly_over_any_number_of_shards(void **state)
{
    (void)state;
    for (uint32_t shards = 1; shards <= SHARDS_MAX; shards += 7) {
        const struct shard_map map = map_of(shards);
        uint32_t counts[SHARDS_MAX] = {0};
        for (uint64_t i = 1; i <= 1000 * (uint64_t)shards; i++) {
            struct trace_id id = trace_id_build(i);
            uint32_t shard = shard_map_find(&map, &id);
            assert_true(shard < shards);
            counts[shard]++;
        }
        for (uint32_t i = 0; i < shards; i++) {
            assert_in_range(counts[i], 800, 1200);
        }
    }
}

static void rejected_traces_reach_their_shard(void **state)
{
    (void)state;
    const struct shard_map map = map_of(4);
    struct span_set *set = span_set_new(NULL, 0, 4, 0);
    assert_non_null(set);
    for (uint64_t i = 1; i <= 20; i++) {
        struct trace_id id = trace_id_build(i);
        span_set_reject(set, &map, &id);
    }
    uint32_t count = 0;
    for (uint32_t shard = 0; shard < 4; shard++) {
        for (const struct rejected_span *at = set->batches[shard].rejected; at != NULL;
             at = at->next) {
            assert_int_equal(shard_map_find(&map, &at->trace_id), shard);
            count++;
        }
    }
    assert_int_equal(count, 20);
    assert_int_equal(set->rejected, 0);
    span_set_unref(set);
}

/* The leak and address sanitizers watch that the last user, and no other, frees body and arena. */
static void the_last_user_frees_the_body(void **state)
{
    (void)state;
    uint8_t *body = malloc(100);
    assert_non_null(body);
    struct span_set *set = span_set_new(body, 100, 2, 0);
    assert_non_null(set);
    assert_true(span_set_held(set) > 100);
    span_set_ref(set);
    span_set_unref(set);
    set->body[99] = 1;
    span_set_unref(set);
    span_set_unref(NULL);
}

static void without_memory_the_body_is_consumed_all_the_same(void **state)
{
    (void)state;
    uint8_t *body = malloc(100);
    failing_malloc_begin(0);
    struct span_set *set = span_set_new(body, 100, 2, 0);
    failing_malloc_end();
    assert_null(set);
    assert_null(span_set_new(malloc(100), 100, 2, 1)); /* a limit too small for anything */
    const struct shard_map map = map_of(1);
    const struct trace_id id = trace_id_build(1);
    set = span_set_new(NULL, 0, 1, 0);
    assert_non_null(set);
    failing_malloc_begin(0);
    for (int i = 0; i < 5000; i++) {
        span_set_reject(set, &map, &id);
    }
    failing_malloc_end();
    span_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_go_to_the_shard_of_their_trace_in_order),
        cmocka_unit_test(traces_spread_evenly_over_any_number_of_shards),
        cmocka_unit_test(rejected_traces_reach_their_shard),
        cmocka_unit_test(the_last_user_frees_the_body),
        cmocka_unit_test(without_memory_the_body_is_consumed_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
