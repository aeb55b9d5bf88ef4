/* What is cut, rejected, refused or forgotten is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/pipeline/remembered.h"
#include "tests/pipeline/shard_traces.h"
#include "tests/support/failing_malloc.h"

static void a_rejected_span_makes_its_trace_short_also_when_it_comes_first(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    fixture_reject(&fixture, 7);
    fixture_reject(&fixture, 8);
    send_good(&fixture, 7);
    send_good(&fixture, 9);
    fixture_reject(&fixture, 9);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.traces.judged, 2);
    assert_int_equal(numbers.traces.inconclusive, 2);
    assert_int_equal(numbers.spans.rejected, 3);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->open_traces), 0);
    fixture_deinit(&fixture);
}

static void what_is_over_the_cap_is_cut_and_said(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture,
                 &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF, .max_spans = 2});
    send_good(&fixture, 7);
    send_span(&fixture, 7,
              &(struct span_build){.id = 9, .parent = 1, .name = "x", .start_ns = 1, .end_ns = 2});
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.spans.cut, 1);
    assert_int_equal(numbers.traces.inconclusive, 1);
    fixture_deinit(&fixture);
}

static void a_trace_that_memory_does_not_allow_to_judge_is_inconclusive(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send_good(&fixture, 1);
    failing_malloc_begin(0);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    failing_malloc_end();
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.traces.inconclusive, 1);
    assert_int_equal(numbers.spans.judged, 2);
    assert_int_equal(numbers.spans.unjudged, 0);
    assert_true(counter_get(&shard_gauges(fixture.shard)->no_memory) > 0);
    fixture_deinit(&fixture);
}

/* More than fit. */
#define FULL_TRACES 12000u

/* As admission asks. */
static bool has_room(struct budget *budget)
{
    bool fits = budget_take(budget, BUDGET_COMING, 1000);
    budget_give(budget, BUDGET_COMING, fits ? 1000 : 0);
    return fits;
}

static void a_full_shard_has_no_room_and_loses_nothing_silently(void **state)
{
    struct budget budget;
    struct fixture fixture;
    uint64_t refused_at = 0;
    (void)state;
    budget_init(&budget, 6u << 20);
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .budget = &budget});
    for (uint64_t trace = 1; trace <= FULL_TRACES; trace++) {
        refused_at = refused_at == 0 && !has_room(&budget) ? trace : refused_at;
        send_good(&fixture, trace);
    }
    assert_true(refused_at > 10);
    assert_true(refused_at < FULL_TRACES);
    assert_true(counter_get(&shard_gauges(fixture.shard)->spans_cut) > 0);
    numbers_of(&fixture);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.spans.received, 2 * FULL_TRACES);
    assert_int_equal(numbers.spans.cut, counter_get(&shard_gauges(fixture.shard)->spans_cut));
    assert_int_equal(numbers.spans.open, 0);
    assert_true(numbers.traces.pass >= refused_at - 1);
    assert_true(has_room(&budget));
    assert_true(budget_held(&budget, BUDGET_REMEMBERED) > 0);
    fixture_deinit(&fixture);
    assert_int_equal(0, budget_total(&budget));
}

static void evicted_ids_are_counted(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .remember_bytes = 10 * REMEMBERED_BYTES_EACH});
    for (uint64_t trace = 1; trace <= 20; trace++) {
        send_good(&fixture, trace);
    }
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->remembered), 10);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->remembered_evicted), 10);
    fixture_deinit(&fixture);
}

/* Only the shard's own word that something is due has the test call it again. */
static void expired_ids_are_swept_where_nothing_else_happens(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .remember_bytes = UINT64_C(64) << 20});
    for (uint64_t trace = 1; trace <= 500; trace++) {
        send_good(&fixture, trace);
    }
    fixture_wait(&fixture, 2 * FIXTURE_DEADLINE);
    const struct shard_gauges *gauges = shard_gauges(fixture.shard);
    assert_int_equal(counter_get(&gauges->remembered), 500);
    uint64_t held = counter_get(&gauges->memory_bytes);
    uint64_t ticks = 0;
    for (uint64_t next; (next = shard_next_ns(fixture.shard)) != UINT64_MAX; ticks++) {
        assert_true(next > fixture.now_ns);
        fixture.now_ns = next;
        shard_tick(fixture.shard, fixture.now_ns, fixture.wall_ns, 3);
    }
    assert_true(ticks > 10 && ticks < 200);
    assert_int_equal(counter_get(&gauges->remembered), 0);
    assert_true(counter_get(&gauges->memory_bytes) + 500 * 10 <= held);
    fixture_deinit(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rejected_span_makes_its_trace_short_also_when_it_comes_first),
        cmocka_unit_test(what_is_over_the_cap_is_cut_and_said),
        cmocka_unit_test(a_trace_that_memory_does_not_allow_to_judge_is_inconclusive),
        cmocka_unit_test(a_full_shard_has_no_room_and_loses_nothing_silently),
        cmocka_unit_test(evicted_ids_are_counted),
        cmocka_unit_test(expired_ids_are_swept_where_nothing_else_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
