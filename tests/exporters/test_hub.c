/* The hub with exporters that do what the test says, on time that the test moves. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/exporters/fake_exporter.h"
#include "tests/exporters/fake_loop.h"

struct fixture {
    struct loop loop;
    struct log log;
    int log_pipe[2];
    struct exporter fakes[2];
    struct fake_settings settings[2];
    struct hub *hub;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->loop.clock = clock_manual_at(1000 * NS_PER_S, 1000 * NS_PER_S);
    assert_int_equal(pipe2(fixture->log_pipe, O_NONBLOCK), 0);
    log_init(&fixture->log, &fixture->loop.clock.base, fixture->log_pipe[1], LOG_INFO, LOG_TEXT);
    struct hub_sink sinks[2];
    for (int i = 0; i < 2; i++) {
        fixture->fakes[i].at_once = 1;
        fixture->settings[i] = (struct fake_settings){
            .common = {.set = true,
                       .queue = {1 << 20},
                       .retry = {NS_PER_S, 30 * NS_PER_S, 300 * NS_PER_S}},
            .fake = &fixture->fakes[i],
        };
        sinks[i] = (struct hub_sink){&fake_types[i], &fixture->settings[i]};
    }
    struct hub_options options = {.loop = &fixture->loop,
                                  .log = &fixture->log,
                                  .clock = &fixture->loop.clock.base,
                                  .sinks = sinks,
                                  .sink_count = 2,
                                  .random_seed = 42};
    assert_int_equal(hub_new(&fixture->hub, &options), 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    hub_free(fixture->hub);
    close(fixture->log_pipe[0]);
    close(fixture->log_pipe[1]);
    free(fixture);
    return 0;
}

static struct export_batch *batch_of(uint32_t verdicts)
{
    struct export_batch *batch = export_batch_new();
    for (uint32_t i = 0; i < verdicts; i++) {
        assert_non_null(export_batch_verdict(batch));
    }
    return batch;
}

static void submit(struct fixture *fixture, uint32_t verdicts)
{
    hub_submit(fixture->hub, batch_of(verdicts));
    fake_loop_turn(&fixture->loop);
}

/* The balance of sink i, which must add up. */
static struct ledger_sink account(const struct fixture *fixture, uint32_t i)
{
    struct ledger_sink sinks[HUB_SINKS_MAX];
    assert_int_equal(hub_account(fixture->hub, sinks, HUB_SINKS_MAX), 2);
    const struct ledger_sink *sink = &sinks[i];
    assert_int_equal(sink->produced, sink->acknowledged + sink->rejected + sink->dropped +
                                         sink->spooled + sink->in_flight);
    return *sink;
}

static size_t read_log(struct fixture *fixture, char *text, size_t room)
{
    close(fixture->log_pipe[1]);
    ssize_t got = read(fixture->log_pipe[0], text, room - 1);
    assert_true(got >= 0);
    text[got] = '\0';
    return (size_t)got;
}

static int count_of(const char *text, const char *what)
{
    int count = 0;
    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

static void an_acknowledged_batch_is_in_the_balance_of_each_sink(void **state)
{
    struct fixture *fixture = *state;
    submit(fixture, 3);
    assert_int_equal(account(fixture, 0).in_flight, 3);
    assert_false(hub_idle(fixture->hub));
    fake_done(&fixture->fakes[0], 0, DELIVERY_DONE, 2, 1, 0);
    assert_int_equal(account(fixture, 0).acknowledged, 2);
    assert_int_equal(account(fixture, 0).rejected, 1);
    assert_int_equal(account(fixture, 1).in_flight, 3);
    fake_done(&fixture->fakes[1], 0, DELIVERY_DONE, 3, 0, 0);
    assert_true(hub_idle(fixture->hub));
    assert_true(bytes_is(account(fixture, 1).name, "two"));
}

static void a_batch_without_records_is_not_submitted(void **state)
{
    struct fixture *fixture = *state;
    submit(fixture, 0);
    assert_int_equal(fixture->fakes[0].submits, 0);
    assert_true(hub_idle(fixture->hub));
}

static void a_slow_sink_does_not_delay_another(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 10; i++) {
        submit(fixture, 1);
        fake_done(&fixture->fakes[1], 0, DELIVERY_DONE, 1, 0, 0);
        fake_loop_turn(&fixture->loop);
    }
    assert_int_equal(account(fixture, 0).in_flight, 10);
    assert_int_equal(account(fixture, 1).acknowledged, 10);
}

static void a_failed_batch_comes_again_before_those_behind_it(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    submit(fixture, 1);
    submit(fixture, 2);
    fake_done(fake, 0, DELIVERY_RETRY, 0, 0, 0);
    fake_loop_turn(&fixture->loop);
    assert_int_equal(fake->count, 0);
    fake_loop_advance(&fixture->loop, 2 * NS_PER_S, 10 * NS_PER_MS);
    assert_int_equal(fake->count, 1);
    assert_int_equal(fake->under_way[0]->records, 1);
    fake_done(fake, 0, DELIVERY_DONE, 1, 0, 0);
    fake_loop_turn(&fixture->loop);
    assert_int_equal(fake->under_way[0]->records, 2);
}

static void what_has_settled_is_counted_once_over_retries(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    submit(fixture, 70);
    fake_done(fake, 0, DELIVERY_RETRY, 65, 2, 0);
    assert_int_equal(account(fixture, 0).in_flight, 3);
    fake_loop_advance(&fixture->loop, 2 * NS_PER_S, 10 * NS_PER_MS);
    assert_true(submission_settled(fake->under_way[0], 66));
    assert_false(submission_settled(fake->under_way[0], 67));
    fake_done(fake, 0, DELIVERY_DONE, 3, 0, 0);
    assert_int_equal(account(fixture, 0).acknowledged, 68);
    assert_int_equal(account(fixture, 0).rejected, 2);
}

/* The time until the next submission, in steps of 10 ms. */
static uint64_t wait_for_submit(struct fixture *fixture, struct exporter *fake)
{
    uint64_t start = fixture->loop.clock.monotonic;
    while (fake->count == 0) {
        fake_loop_advance(&fixture->loop, 10 * NS_PER_MS, 10 * NS_PER_MS);
    }
    return fixture->loop.clock.monotonic - start;
}

static void pauses_double_up_to_the_longest_with_jitter(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    static const uint64_t seconds[] = {1, 2, 4, 8, 16, 30, 30};
    submit(fixture, 1);
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        fake_done(fake, 0, DELIVERY_RETRY, 0, 0, 0);
        uint64_t waited = wait_for_submit(fixture, fake);
        assert_in_range(waited, seconds[i] * NS_PER_S / 2,
                        seconds[i] * NS_PER_S * 3 / 2 + 20 * NS_PER_MS);
    }
    fake_done(fake, 0, DELIVERY_DONE, 1, 0, 0);
    submit(fixture, 1);
    fake_done(fake, 0, DELIVERY_RETRY, 0, 0, 0);
    assert_in_range(wait_for_submit(fixture, fake), NS_PER_S / 2, 2 * NS_PER_S);
}

static void a_sink_that_says_when_is_asked_then(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    submit(fixture, 1);
    fake_done(fake, 0, DELIVERY_RETRY, 0, 0, 7 * NS_PER_S);
    assert_in_range(wait_for_submit(fixture, fake), 7 * NS_PER_S - 10 * NS_PER_MS,
                    7 * NS_PER_S + 10 * NS_PER_MS);
}

static void submissions_that_fail_together_are_one_failure(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    fake->at_once = 20;
    for (int i = 0; i < 20; i++) {
        submit(fixture, 1);
    }
    while (fake->count > 0) {
        fake_done(fake, 0, DELIVERY_RETRY, 0, 0, 0);
    }
    assert_in_range(wait_for_submit(fixture, fake), NS_PER_S / 2,
                    NS_PER_S * 3 / 2 + 10 * NS_PER_MS);
    assert_int_equal(fake->count, 20);
}

static void what_does_not_fit_the_queue_is_dropped_for_that_sink_alone(void **state)
{
    struct fixture *fixture = *state;
    struct export_batch *batch = batch_of(10);
    fixture->settings[0].common.queue.size_bytes = 2 * export_batch_held(batch);
    export_batch_unref(batch);
    for (int i = 0; i < 5; i++) {
        submit(fixture, 10);
    }
    assert_int_equal(account(fixture, 0).dropped, 30);
    assert_int_equal(account(fixture, 0).in_flight, 20);
    assert_int_equal(account(fixture, 1).dropped, 0);
    struct sink_status status[2];
    assert_int_equal(hub_status(fixture->hub, status, 2), 2);
    assert_int_equal(status[0].enqueue_failed, 30);
    assert_int_equal(status[0].queue_bytes, status[0].queue_limit_bytes);
    assert_int_equal(status[1].enqueue_failed, 0);
    fake_done(&fixture->fakes[0], 0, DELIVERY_DONE, 10, 0, 0);
    submit(fixture, 10);
    assert_int_equal(account(fixture, 0).dropped, 30);
}

static void what_is_too_old_is_given_up_while_the_sink_fails(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    submit(fixture, 1);
    submit(fixture, 2);
    uint64_t start = fixture->loop.clock.monotonic;
    while (!hub_idle(fixture->hub) && account(fixture, 0).in_flight > 0) {
        (void)wait_for_submit(fixture, fake);
        fake_done(fake, 0, DELIVERY_RETRY, 0, 0, 0);
    }
    assert_in_range(fixture->loop.clock.monotonic - start, 300 * NS_PER_S, 350 * NS_PER_S);
    assert_int_equal(account(fixture, 0).dropped, 3);
}

static void age_alone_drops_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    submit(fixture, 1);
    submit(fixture, 2);
    fake_loop_advance(&fixture->loop, 400 * NS_PER_S, NS_PER_S);
    fake_done(fake, 0, DELIVERY_DONE, 1, 0, 0);
    fake_loop_turn(&fixture->loop);
    fake_done(fake, 0, DELIVERY_DONE, 2, 0, 0);
    assert_int_equal(account(fixture, 0).acknowledged, 3);
}

static void an_exporter_that_can_not_begin_is_asked_later(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    fake->refuse = -5;
    submit(fixture, 1);
    assert_int_equal(account(fixture, 0).in_flight, 1);
    uint32_t before = fake->submits;
    fake_loop_advance(&fixture->loop, 400 * NS_PER_MS, 10 * NS_PER_MS);
    assert_int_equal(fake->submits, before);
    fake->refuse = 0;
    (void)wait_for_submit(fixture, fake);
    fake_done(fake, 0, DELIVERY_DONE, 1, 0, 0);
    assert_int_equal(account(fixture, 0).acknowledged, 1);
}

static void abandoning_drops_all_and_all_that_follows(void **state)
{
    struct fixture *fixture = *state;
    submit(fixture, 1);
    submit(fixture, 2);
    hub_abandon(fixture->hub);
    assert_true(fixture->fakes[0].abandoned);
    assert_true(hub_idle(fixture->hub));
    submit(fixture, 4);
    assert_int_equal(account(fixture, 0).dropped, 7);
    assert_int_equal(account(fixture, 0).produced, 7);
}

static void the_log_tells_changes_not_messages(void **state)
{
    struct fixture *fixture = *state;
    struct exporter *fake = &fixture->fakes[0];
    char text[8192];
    for (int round = 0; round < 2; round++) {
        submit(fixture, 1);
        for (int i = 0; i < 5; i++) {
            fake_done(fake, 0, DELIVERY_RETRY, 0, 0, 0);
            (void)wait_for_submit(fixture, fake);
        }
        fake_done(fake, 0, DELIVERY_DONE, 1, 0, 0);
    }
    for (int i = 0; i < 5; i++) {
        submit(fixture, 1);
        fake_done(fake, 0, DELIVERY_DONE, 0, 1, 0);
    }
    (void)read_log(fixture, text, sizeof text);
    assert_int_equal(count_of(text, "sink-failing"), 2);
    assert_int_equal(count_of(text, "sink-recovered"), 2);
    assert_int_equal(count_of(text, "sink-rejected"), 1);
    assert_non_null(strstr(text, "the test says so"));
    fixture->log_pipe[1] = dup(fixture->log_pipe[0]);
}

static uint64_t random_below(uint64_t *seed, uint64_t most)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % most;
}

static void end_one(struct exporter *fake, uint64_t *seed, uint64_t *acknowledged,
                    uint64_t *rejected)
{
    uint32_t i = (uint32_t)random_below(seed, fake->count);
    const struct submission *submission = fake->under_way[i];
    uint64_t left = 0;
    for (uint64_t record = 0; record < submission->records; record++) {
        left += !submission_settled(submission, record);
    }
    int outcome = random_below(seed, 2) ? DELIVERY_DONE : DELIVERY_RETRY;
    uint64_t good = random_below(seed, left + 1);
    uint64_t bad = random_below(seed, left - good + 1);
    *acknowledged += good;
    *rejected += bad;
    fake_done(fake, i, outcome, good, bad, random_below(seed, 4) == 0 ? NS_PER_S : 0);
}

static void the_balance_holds_whatever_happens(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seed = 20261121;
    uint64_t produced = 0;
    uint64_t acknowledged[2] = {0};
    uint64_t rejected[2] = {0};
    for (int step = 0; step < 20000; step++) {
        struct exporter *fake = &fixture->fakes[step % 2];
        fake->at_once = 1 + (uint32_t)random_below(&seed, 5);
        switch (random_below(&seed, 3)) {
        case 0: {
            uint32_t records = (uint32_t)random_below(&seed, 80);
            produced += records;
            submit(fixture, records);
            break;
        }
        case 1:
            if (fake->count > 0) {
                end_one(fake, &seed, &acknowledged[step % 2], &rejected[step % 2]);
            }
            break;
        default:
            fake_loop_advance(&fixture->loop, random_below(&seed, 4 * NS_PER_S), 500 * NS_PER_MS);
            break;
        }
        for (uint32_t i = 0; i < 2; i++) {
            struct ledger_sink sink = account(fixture, i);
            assert_int_equal(sink.produced, produced);
            assert_int_equal(sink.acknowledged, acknowledged[i]);
            assert_int_equal(sink.rejected, rejected[i]);
        }
    }
    hub_abandon(fixture->hub);
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(account(fixture, i).dropped > 0);
        assert_int_equal(account(fixture, i).in_flight, 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_acknowledged_batch_is_in_the_balance_of_each_sink),
        TEST(a_batch_without_records_is_not_submitted),
        TEST(a_slow_sink_does_not_delay_another),
        TEST(a_failed_batch_comes_again_before_those_behind_it),
        TEST(what_has_settled_is_counted_once_over_retries),
        TEST(pauses_double_up_to_the_longest_with_jitter),
        TEST(a_sink_that_says_when_is_asked_then),
        TEST(submissions_that_fail_together_are_one_failure),
        TEST(what_does_not_fit_the_queue_is_dropped_for_that_sink_alone),
        TEST(what_is_too_old_is_given_up_while_the_sink_fails),
        TEST(age_alone_drops_nothing),
        TEST(an_exporter_that_can_not_begin_is_asked_later),
        TEST(abandoning_drops_all_and_all_that_follows),
        TEST(the_log_tells_changes_not_messages),
        TEST(the_balance_holds_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
