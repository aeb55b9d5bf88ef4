/* Which final traces stay for those who ask for their spans, and how long. */
#include "daemon/pipeline/kept_traces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/pipeline/watches.h"
#include "tests/pipeline/shard_fixture.h"

#define KEPT (60 * SECOND)
/* From the last span of a trace that passes until its final verdict. */
#define TO_THE_END (FIXTURE_QUIET + FIXTURE_GRACE + 4 * FIXTURE_SLACK)

static void told(struct watch *watch)
{
    (void)watch;
}

/* What a search that does not wait comes to. */
static enum watch_outcome look_for(struct fixture *fixture, uint64_t trace, uint32_t expected)
{
    struct finder_problem problem;
    struct finder *finder;
    assert_int_equal(finder_new(&finder, bytes_of("span[]"), &problem), 0);
    struct watch watch = {
        .id = trace_id_build(trace), .finder = finder, .expected = expected, .done = told};
    shard_watch(fixture->shard, &watch);
    shard_unwatch(fixture->shard, &watch);
    if (watch.outcome == WATCH_FOUND) {
        assert_true(bytes_contain(buf_bytes(&watch.body), bytes_of("\"state\":\"final\"")));
    }
    buf_deinit(&watch.body);
    finder_free(finder);
    return watch.outcome;
}

/* A trace that passes, or, without the INSERT, fails; with so many bytes of text. */
static void send_text(struct fixture *fixture, uint64_t trace, bool passes, size_t bytes)
{
    static uint8_t text[32768];
    const struct span_build spans[] = {
        {.trace = trace,
         .id = 1,
         .name = "POST",
         .start_ns = 1,
         .end_ns = 9,
         .attrs = {{.key = "body", .type = VALUE_BYTES, .bytes = {text, bytes}}}},
        {.trace = trace, .id = 2, .parent = 1, .name = "INSERT", .start_ns = 2, .end_ns = 3}};
    fixture_send(fixture, spans, passes ? 2 : 1);
}

static void send(struct fixture *fixture, uint64_t trace, bool passes)
{
    send_text(fixture, trace, passes, 1);
}

static void send_some(struct fixture *fixture, uint64_t first, uint64_t count, bool passes)
{
    for (uint64_t trace = first; trace < first + count; trace++) {
        send(fixture, trace, passes);
    }
}

static uint32_t count_found(struct fixture *fixture, uint64_t first, uint64_t count)
{
    uint32_t found = 0;
    for (uint64_t trace = first; trace < first + count; trace++) {
        found += look_for(fixture, trace, 1) == WATCH_FOUND;
    }
    return found;
}

static uint64_t dropped(const struct fixture *fixture)
{
    return counter_get(&shard_gauges(fixture->shard)->passed_dropped);
}

static void a_passed_trace_goes_at_once_unless_asked_otherwise(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send(&fixture, 1, true);
    fixture_wait(&fixture, TO_THE_END);
    assert_int_equal(look_for(&fixture, 1, 1), WATCH_FORGOTTEN);
    assert_int_equal(dropped(&fixture), 0);
    fixture_deinit(&fixture);
}

static void a_passed_trace_stays_for_its_time(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .keep_passed_ns = KEPT});
    send(&fixture, 1, true);
    fixture_wait(&fixture, TO_THE_END);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->verdicts[RESULT_PASS]), 1);
    assert_int_equal(look_for(&fixture, 1, 2), WATCH_FOUND);
    uint64_t due = shard_next_ns(fixture.shard);
    assert_true(due > fixture.now_ns && due <= fixture.now_ns + KEPT);
    fixture_wait(&fixture, KEPT - SECOND);
    assert_int_equal(look_for(&fixture, 1, 2), WATCH_FOUND);
    fixture_wait(&fixture, 2 * SECOND);
    assert_int_equal(look_for(&fixture, 1, 2), WATCH_FORGOTTEN);
    assert_int_equal(dropped(&fixture), 0);
    assert_true(shard_next_ns(fixture.shard) > fixture.now_ns + KEPT); /* the ID is remembered */
    struct report report = fixture_report(&fixture);
    arena_deinit(&report.arena);
    fixture_deinit(&fixture);
}

/* No more can come: what is not there is not waited for. */
static void who_asks_for_more_is_answered_at_once(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .keep_passed_ns = KEPT});
    send(&fixture, 1, true);
    fixture_wait(&fixture, TO_THE_END);
    assert_int_equal(look_for(&fixture, 1, 99), WATCH_FOUND);
    fixture_deinit(&fixture);
}

static void beyond_their_room_the_oldest_go_first(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .keep_passed_bytes = 65536,
                                                     .keep_passed_ns = KEPT});
    send_some(&fixture, 1, 100, true);
    fixture_wait(&fixture, TO_THE_END);
    send_some(&fixture, 101, 10, true);
    fixture_wait(&fixture, TO_THE_END);
    assert_int_equal(count_found(&fixture, 101, 10), 10);
    uint32_t stayed = count_found(&fixture, 1, 100);
    assert_in_range(stayed, 1, 99);
    assert_int_equal(dropped(&fixture), 100 - stayed);
    fixture_deinit(&fixture);
}

/* Room for open traces comes first, then failed ones, then passed ones. */
static void they_give_way_to_what_is_open_and_what_failed(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .memory_bytes = 64u << 20,
                                                     .keep_passed_bytes = 1u << 30,
                                                     .keep_passed_ns = 600 * SECOND});
    send_some(&fixture, 1, 10, false);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + 4 * FIXTURE_SLACK);
    for (uint64_t round = 0; round < 20; round++) {
        for (uint64_t i = 0; i < 200; i++) {
            send_text(&fixture, 1000 + 1000 * round + i, true, 32768);
        }
        fixture_wait(&fixture, TO_THE_END);
    }
    assert_true(dropped(&fixture) > 0);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->spans_cut), 0);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->no_memory), 0);
    assert_int_equal(count_found(&fixture, 1, 10), 10);
    struct report report = fixture_report(&fixture);
    arena_deinit(&report.arena);
    fixture_deinit(&fixture);
}

static void they_go_with_their_campaign(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF,
                                                     .keep_passed_ns = KEPT});
    send(&fixture, 1, true);
    send(&fixture, 2, false);
    fixture_wait(&fixture, FIXTURE_DEADLINE + TO_THE_END);
    shard_campaign_end(fixture.shard, fixture.campaign);
    shard_campaign_forget(fixture.shard, fixture.campaign);
    assert_int_equal(look_for(&fixture, 1, 1), WATCH_FORGOTTEN);
    assert_int_equal(look_for(&fixture, 2, 1), WATCH_FORGOTTEN);
    fixture_deinit(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_passed_trace_goes_at_once_unless_asked_otherwise),
        cmocka_unit_test(a_passed_trace_stays_for_its_time),
        cmocka_unit_test(who_asks_for_more_is_answered_at_once),
        cmocka_unit_test(beyond_their_room_the_oldest_go_first),
        cmocka_unit_test(they_give_way_to_what_is_open_and_what_failed),
        cmocka_unit_test(they_go_with_their_campaign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
