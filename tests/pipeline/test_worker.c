/* Threads meet through tasks and semaphores; nothing sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>

#include "daemon/core/list.h"
#include "daemon/pipeline/throttle.h"
#include "daemon/pipeline/worker.h"
#include "tests/pipeline/shard_fixture.h"

#define TRACES          12500u
#define SPANS_PER_TRACE 8u
#define SPANS_PER_SET   250u
#define ROUNDS          8

struct pool_fixture {
    struct suite_set *set;
    struct campaign *campaign;
    struct worker_pool *pool;
    struct tally *total;
    uint64_t open_spans;
    _Atomic uint64_t verdicts;
    _Atomic uint32_t started, stopped;
    uint32_t fail_at; /* the worker that can't start, from 1 */
    sem_t done, let_go;
};

static int start(void *self, struct worker *worker)
{
    struct pool_fixture *fixture = self;
    if (worker_index(worker) + 1 == fixture->fail_at) {
        return -EADDRINUSE;
    }
    atomic_fetch_add(&fixture->started, 1);
    return 0;
}

static void stop(void *self, struct worker *worker)
{
    struct pool_fixture *fixture = self;
    (void)worker;
    atomic_fetch_add(&fixture->stopped, 1);
}

static void count_verdicts(void *self, struct worker *worker, struct export_batch *batch)
{
    struct pool_fixture *fixture = self;
    (void)worker;
    atomic_fetch_add(&fixture->verdicts, batch->verdict_count);
    export_batch_unref(batch);
}

/* A task of the test: `work` on the worker's thread, then the semaphore. */
struct test_task {
    struct task task;
    struct pool_fixture *fixture;
    void (*work)(struct test_task *task, struct worker *worker);
    uint64_t first_trace, trace_end; /* of a submitting task */
    struct admission_waiter waiter;
    uint32_t admitted, refused, retry_after_ms;
    uint32_t batches;
};

static void run_task(struct task *task, struct worker *worker)
{
    struct test_task *test = (struct test_task *)task;
    test->work(test, worker);
    sem_post(&test->fixture->done);
}

static void send_task(struct test_task *task, uint32_t worker)
{
    task->task.run = run_task;
    worker_send(worker_pool_get(task->fixture->pool, worker), &task->task);
}

static void wait_for(struct pool_fixture *fixture, uint32_t count)
{
    while (count-- > 0) {
        while (sem_wait(&fixture->done) != 0) {
        }
    }
}

/* One task for each worker, and all of them done. */
static void on_each(struct pool_fixture *fixture,
                    void (*work)(struct test_task *task, struct worker *worker))
{
    struct test_task tasks[SHARDS_MAX];
    uint32_t count = worker_pool_count(fixture->pool);
    for (uint32_t i = 0; i < count; i++) {
        tasks[i] = (struct test_task){.fixture = fixture, .work = work};
        send_task(&tasks[i], i);
    }
    wait_for(fixture, count);
}

static void start_campaign(struct test_task *task, struct worker *worker)
{
    if (shard_campaign_start(worker_shard(worker), task->fixture->campaign) != 0) {
        abort();
    }
}

static void finish(struct test_task *task, struct worker *worker)
{
    (void)task;
    shard_finish(worker_shard(worker), true,
                 worker_clock(worker)->monotonic_ns(worker_clock(worker)), 1);
}

static void open_pool(struct pool_fixture *fixture, uint32_t workers, uint64_t memory_bytes)
{
    *fixture = (struct pool_fixture){.set = fixture_suites()};
    fixture->campaign =
        fixture_campaign(fixture->set, "load", CORRELATION_SETTING_OFF, false, 0, 1);
    sem_init(&fixture->done, 0, 0);
    sem_init(&fixture->let_go, 0, 0);
    struct worker_pool_options options = {
        .count = workers,
        .clock = &clock_system,
        .memory_bytes = memory_bytes,
        .shard = {.remember_ns = 600 * SECOND,
                  .remember_bytes = 4u << 20,
                  .keep_failed_bytes = 1u << 20},
        .start = start,
        .stop = stop,
        .export = count_verdicts,
        .self = fixture,
    };
    assert_int_equal(worker_pool_new(&fixture->pool, &options), 0);
    assert_int_equal(atomic_load(&fixture->started), workers);
    on_each(fixture, start_campaign);
}

static void close_pool(struct pool_fixture *fixture)
{
    uint32_t workers = worker_pool_count(fixture->pool);
    worker_pool_free(fixture->pool);
    assert_int_equal(atomic_load(&fixture->stopped), workers);
    tally_free(fixture->total);
    campaign_unref(fixture->campaign);
    suite_set_unref(fixture->set);
    sem_destroy(&fixture->done);
    sem_destroy(&fixture->let_go);
}

static void add_tally(struct test_task *task, struct worker *worker)
{
    struct pool_fixture *fixture = task->fixture;
    struct tally *tally = shard_tally(worker_shard(worker), fixture->campaign);
    if (tally == NULL || tally_merge(fixture->total, tally) != 0) {
        abort();
    }
    tally_free(tally);
    fixture->open_spans += shard_open(worker_shard(worker), fixture->campaign).spans;
}

/* The merged report. Workers are asked one after the other, so that the test's own numbers need no
 * lock. */
static struct report merged_report(struct pool_fixture *fixture)
{
    struct report report;
    tally_free(fixture->total);
    fixture->open_spans = 0;
    fixture->total = tally_new(fixture->campaign);
    assert_non_null(fixture->total);
    for (uint32_t i = 0; i < worker_pool_count(fixture->pool); i++) {
        struct test_task task = {.fixture = fixture, .work = add_tally};
        send_task(&task, i);
        wait_for(fixture, 1);
    }
    struct report_facts facts = {.forced = CAMPAIGN_SUCCESSFUL, .open_spans = fixture->open_spans};
    assert_int_equal(tally_report(fixture->total, &facts, &report), 0);
    assert_true(ledger_balances(&report));
    return report;
}

static void answered(struct admission_waiter *waiter, enum admission outcome,
                     uint32_t retry_after_ms)
{
    struct test_task *task = container_of(waiter, struct test_task, waiter);
    task->admitted += outcome == ADMISSION_OK;
    task->refused += outcome != ADMISSION_OK;
    task->retry_after_ms = retry_after_ms;
}

static struct span *make_span(struct arena *arena, const struct listed_keys *listed, uint64_t trace,
                              uint64_t number)
{
    struct span_build span = {.trace = trace,
                              .id = number,
                              .parent = number == 1 ? 0 : 1,
                              .start_ns = 1,
                              .end_ns = 2,
                              .name = number == 2 ? "INSERT" : "step",
                              .service = "shop",
                              .attrs = {ATTR_INT("nobody.reads", 1)}};
    struct span *built = span_build_listing(&span, listed, arena);
    if (built->unlisted != 1) { /* the suite reads no attribute */
        abort();
    }
    return built;
}

/* Spans of a stretch of traces, all in one set, submitted until it is let in. */
static void submit_stretch(struct test_task *task, struct worker *worker, uint64_t first,
                           uint64_t end)
{
    struct admission_port *port = worker_port(worker);
    struct span_set *set = span_set_new(NULL, 0, port->shards->count, 0);
    if (set == NULL) {
        abort();
    }
    set->listed = *port->listed;
    for (uint64_t trace = first; trace < end; trace++) {
        for (uint64_t number = 1; number <= SPANS_PER_TRACE; number++) {
            span_set_add(set, port->shards, make_span(&set->arena, port->listed, trace, number));
        }
    }
    task->waiter.done = answered;
    span_set_ref(set);
    port->submit(port, set, &task->waiter);
    span_set_unref(set);
}

/* One set in a turn; a set that is refused is tried again in the next one, as a peer would. */
static void submit_all(struct task *task, struct worker *worker)
{
    struct test_task *test = (struct test_task *)task;
    uint64_t end = test->first_trace + SPANS_PER_SET / SPANS_PER_TRACE;
    uint32_t admitted = test->admitted;
    end = end < test->trace_end ? end : test->trace_end;
    submit_stretch(test, worker, test->first_trace, end);
    test->first_trace = test->admitted > admitted ? end : test->first_trace;
    if (test->first_trace < test->trace_end) {
        worker_send(worker, task);
    } else {
        sem_post(&test->fixture->done);
    }
}

static void all_workers_submit(struct pool_fixture *fixture)
{
    struct test_task tasks[SHARDS_MAX];
    uint32_t count = worker_pool_count(fixture->pool);
    for (uint32_t i = 0; i < count; i++) {
        tasks[i] = (struct test_task){.fixture = fixture,
                                      .first_trace = 1 + (uint64_t)TRACES * i / count,
                                      .trace_end = 1 + (uint64_t)TRACES * (i + 1) / count};
        tasks[i].task.run = submit_all;
        worker_send(worker_pool_get(fixture->pool, i), &tasks[i].task);
    }
    wait_for(fixture, count);
}

static void all_spans_arrive(uint32_t workers)
{
    struct pool_fixture fixture;
    open_pool(&fixture, workers, UINT64_C(2) << 30);
    all_workers_submit(&fixture);
    struct report report = merged_report(&fixture);
    arena_deinit(&report.arena);
    /* Each turn takes a share of the rings before it runs tasks: so many rounds empty them. */
    for (int round = 0; round < ROUNDS; round++) {
        on_each(&fixture, finish);
    }
    report = merged_report(&fixture);
    assert_int_equal(report.spans.received, TRACES * SPANS_PER_TRACE);
    assert_int_equal(report.spans.judged, TRACES * SPANS_PER_TRACE);
    assert_int_equal(report.suites[0].traces.pass, TRACES);
    assert_int_equal(atomic_load(&fixture.verdicts), TRACES);
    arena_deinit(&report.arena);
    close_pool(&fixture);
}

static void one_worker_gets_all_spans(void **state)
{
    (void)state;
    all_spans_arrive(1);
}

static void four_workers_get_all_spans(void **state)
{
    (void)state;
    for (uint32_t workers = 2; workers <= 4; workers++) {
        all_spans_arrive(workers);
    }
}

static void fill(struct test_task *task, struct worker *worker)
{
    for (uint64_t trace = 1; task->refused == 0 && trace < 100000; trace += 30) {
        submit_stretch(task, worker, trace, trace + 30);
        task->batches++;
    }
}

/* Holds the worker up, which has begun when `done` tells so, until the test lets it go. */
static void hold_up(struct test_task *task, struct worker *worker)
{
    (void)worker;
    sem_post(&task->fixture->done);
    while (sem_wait(&task->fixture->let_go) != 0) {
    }
}

static uint64_t waited(const struct ring_status *ring)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < DELAY_CLASSES; i++) {
        count += counter_get(&ring->waits->classes[i]);
    }
    return count;
}

static void a_worker_that_does_not_keep_up_is_seen_in_its_ring(void **state)
{
    struct pool_fixture fixture;
    (void)state;
    open_pool(&fixture, 2, UINT64_C(2) << 30);
    struct test_task held = {.fixture = &fixture, .work = hold_up};
    send_task(&held, 1);
    wait_for(&fixture, 1);
    struct test_task task = {.fixture = &fixture, .work = fill};
    send_task(&task, 0);
    wait_for(&fixture, 1);
    struct ring_status ring = worker_pool_ring(fixture.pool, 0, 1);
    assert_int_equal(task.refused, 1);
    assert_int_equal(budget_refused(worker_pool_budget(fixture.pool), BUDGET_RING_FULL), 1);
    assert_int_equal(ring.pushed, ring.room);
    assert_int_equal(ring.most, ring.room);
    assert_int_equal(ring.full, 1);
    assert_int_equal(ring.woken, 1); /* by the first; the others knew that it would come */
    assert_int_equal(waited(&ring), 0);
    sem_post(&fixture.let_go);
    wait_for(&fixture, 1);
    for (int round = 0; round < ROUNDS; round++) {
        on_each(&fixture, finish);
    }
    ring = worker_pool_ring(fixture.pool, 0, 1);
    assert_int_equal(ring.used, 0);
    assert_int_equal(waited(&ring), ring.pushed);
    assert_int_equal(worker_pool_ring(fixture.pool, 1, 0).pushed, 0);
    assert_null(worker_pool_ring(fixture.pool, 0, 0).waits);
    close_pool(&fixture);
}

static void count_spans(struct test_task *task, struct worker *worker)
{
    const struct shard_gauges *gauges = shard_gauges(worker_shard(worker));
    task->admitted += (uint32_t)counter_get(&gauges->spans_received);
    task->refused += (uint32_t)counter_get(&gauges->spans_cut);
}

static void a_full_pool_refuses_whole_requests(void **state)
{
    struct pool_fixture fixture;
    (void)state;
    open_pool(&fixture, 3, 8u << 20);
    struct test_task task = {.fixture = &fixture, .work = fill};
    send_task(&task, 1);
    wait_for(&fixture, 1);
    assert_int_equal(task.refused, 1);
    assert_in_range(task.retry_after_ms, THROTTLE_LEAST_MS, THROTTLE_MOST_MS);
    assert_true(task.admitted > 1);
    for (int round = 0; round < ROUNDS; round++) {
        on_each(&fixture, finish);
    }
    uint64_t received = 0;
    for (uint32_t i = 0; i < 3; i++) {
        struct test_task count = {.fixture = &fixture, .work = count_spans};
        send_task(&count, i);
        wait_for(&fixture, 1);
        received += count.admitted;
        assert_int_equal(count.refused, 0);
    }
    assert_int_equal(received, (uint64_t)task.admitted * 30 * SPANS_PER_TRACE);
    close_pool(&fixture);
}

static void reserve_bodies(struct test_task *task, struct worker *worker)
{
    struct admission_port *port = worker_port(worker);
    uint32_t retry = 0;
    task->admitted += port->welcome(port, 1u << 20, &retry) == ADMISSION_OK;
    task->admitted += port->reserve(port, 129u << 16, &retry) == ADMISSION_OK; /* 8.06 of 10 MiB */
    task->refused += port->welcome(port, 1, &retry) == ADMISSION_BUSY;
    task->retry_after_ms = retry;
    task->admitted += port->reserve(port, 4096, &retry) == ADMISSION_OK;
    task->refused += port->reserve(port, 1u << 20, &retry) == ADMISSION_BUSY;
    port->release(port, (129u << 16) + 4096);
    task->admitted += port->welcome(port, 1u << 20, &retry) == ADMISSION_OK;
}

static void beyond_the_soft_limit_what_has_begun_may_go_on(void **state)
{
    struct pool_fixture fixture;
    (void)state;
    open_pool(&fixture, 1, 10u << 20);
    struct test_task task = {.fixture = &fixture, .work = reserve_bodies};
    send_task(&task, 0);
    wait_for(&fixture, 1);
    assert_int_equal(task.admitted, 4);
    assert_int_equal(task.refused, 2);
    assert_in_range(task.retry_after_ms, THROTTLE_LEAST_MS, THROTTLE_MOST_MS);
    close_pool(&fixture);
}

static void submit_one(struct test_task *task, struct worker *worker)
{
    submit_stretch(task, worker, 1, 30);
}

static void a_draining_pool_admits_nothing(void **state)
{
    struct pool_fixture fixture;
    (void)state;
    open_pool(&fixture, 2, 8u << 20);
    worker_pool_drain(fixture.pool);
    struct test_task task = {.fixture = &fixture, .work = submit_one};
    send_task(&task, 0);
    wait_for(&fixture, 1);
    assert_int_equal(task.refused, 1);
    assert_int_equal(task.admitted, 0);
    close_pool(&fixture);
}

static void what_is_in_the_rings_is_not_lost_when_the_pool_stops(void **state)
{
    struct pool_fixture fixture;
    struct test_task tasks[4];
    (void)state;
    open_pool(&fixture, 4, 64u << 20);
    for (uint32_t i = 0; i < 4; i++) {
        tasks[i] = (struct test_task){.fixture = &fixture, .work = submit_one};
        send_task(&tasks[i], i);
    }
    close_pool(&fixture);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(tasks[i].admitted, 1);
    }
}

static void a_worker_that_can_not_start_stops_the_others(void **state)
{
    struct pool_fixture fixture = {.fail_at = 2};
    struct worker_pool *pool = NULL;
    struct worker_pool_options options = {.count = 3,
                                          .clock = &clock_system,
                                          .memory_bytes = 1u << 20,
                                          .start = start,
                                          .stop = stop,
                                          .self = &fixture};
    (void)state;
    assert_int_equal(worker_pool_new(&pool, &options), -EADDRINUSE);
    assert_null(pool);
    assert_int_equal(atomic_load(&fixture.started), 2);
    assert_int_equal(atomic_load(&fixture.stopped), 2);
}

static void reply_back(struct task *task, struct worker *worker)
{
    if (worker != NULL) {
        worker_reply(worker, task);
        return;
    }
    ((struct test_task *)task)->admitted++;
}

static void replies_that_nobody_waited_for_run_when_the_pool_ends(void **state)
{
    struct pool_fixture fixture;
    struct test_task task = {.fixture = &fixture};
    (void)state;
    open_pool(&fixture, 2, 8u << 20);
    task.task.run = reply_back;
    worker_send(worker_pool_get(fixture.pool, 1), &task.task);
    close_pool(&fixture);
    assert_int_equal(task.admitted, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_worker_gets_all_spans),
        cmocka_unit_test(four_workers_get_all_spans),
        cmocka_unit_test(a_full_pool_refuses_whole_requests),
        cmocka_unit_test(a_worker_that_does_not_keep_up_is_seen_in_its_ring),
        cmocka_unit_test(beyond_the_soft_limit_what_has_begun_may_go_on),
        cmocka_unit_test(a_draining_pool_admits_nothing),
        cmocka_unit_test(what_is_in_the_rings_is_not_lost_when_the_pool_stops),
        cmocka_unit_test(a_worker_that_can_not_start_stops_the_others),
        cmocka_unit_test(replies_that_nobody_waited_for_run_when_the_pool_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
