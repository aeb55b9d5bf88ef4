/* Random arrivals from fixed seeds: the ledger balances at every point, and neither order, nor
 * batching, nor copies change the final results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "tests/pipeline/shard_fixture.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/random.h"

#define SEEDS  100u
#define TRACES 24u

/* --- the ledger --- */

static struct span_build random_span(struct random *random)
{
    static const char *const names[] = {"POST", "INSERT", "mail", "step"};
    struct span_build span = {.trace = 1 + random_below(random, 40),
                              .id = 1 + random_below(random, 6)};
    span.parent = random_below(random, 7);
    span.name = names[random_below(random, 4)];
    span.service = random_one_in(random, 2) ? "shop" : "db";
    span.status = random_one_in(random, 12) ? STATUS_ERROR : STATUS_UNSET;
    span.start_ns = 10 + random_below(random, 3);
    span.end_ns = 20;
    span.dropped_attrs = random_one_in(random, 20);
    span.flags = random_one_in(random, 20) ? 2 : 0;
    span.attrs[0] = (struct attr_build)ATTR_INT("nobody.reads", random_below(random, 3));
    span.resource[0] = (struct attr_build)ATTR_INT("nobody.reads", random_below(random, 3));
    span.scope[0] = (struct attr_build)ATTR_INT("nobody.reads", random_below(random, 2));
    if (random_one_in(random, 15)) {
        span.trace_state = random_one_in(random, 2) ? "assertd=load/checkout" : "assertd=unknown";
    }
    return span;
}

static void random_step(struct fixture *fixture, struct random *random)
{
    struct span_build spans[8];
    uint32_t count = 1 + random_below(random, 8);
    switch (random_below(random, 6)) {
    case 0:
        fixture_wait(fixture, random_below(random, 20) * SECOND);
        break;
    case 1:
        fixture_inject(fixture, 1 + random_below(random, 40), "checkout");
        break;
    case 2:
        fixture_reject(fixture, 1 + random_below(random, 40));
        break;
    default:
        for (uint32_t i = 0; i < count; i++) {
            spans[i] = random_span(random);
        }
        fixture_send(fixture, spans, count);
    }
}

static void balance_for(uint64_t seed, enum correlation_setting correlation)
{
    struct random random = random_seed(seed);
    struct fixture fixture;
    fixture_init(&fixture,
                 &(struct fixture_options){.correlation = correlation,
                                           .max_spans = 5,
                                           .remember_bytes = seed % 3 == 0 ? 200 : 0,
                                           .keep_failed_bytes = seed % 2 == 0 ? 1 : 0,
                                           .keep_read = seed % 4 == 1,
                                           .list_read = seed % 3 != 1,
                                           .memory_bytes = seed % 5 == 0 ? 128u << 10 : 0});
    for (int step = 0; step < 200; step++) {
        random_step(&fixture, &random);
        struct report report = fixture_report(&fixture);
        arena_deinit(&report.arena);
    }
    shard_finish(fixture.shard, seed % 2 == 0, fixture.now_ns, fixture.wall_ns);
    struct report report = fixture_report(&fixture);
    assert_int_equal(report.spans.open, 0);
    assert_int_equal(report.injections.open, 0);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->open_traces), 0);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->no_memory), 0);
    arena_deinit(&report.arena);
    fixture_deinit(&fixture);
}

static void the_ledger_balances_at_every_point(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        balance_for(seed, (enum correlation_setting)(seed % 3));
    }
}

/* --- order --- */

/* What a run has come to, as text: everything of the report that order must not change, and the
 * final verdicts. */
static void print_counts(struct buf *out, const char *name, const struct result_counts *counts)
{
    buf_printf(out, "%s %lu %lu %lu %lu %lu %lu\n", name, counts->judged, counts->pass,
               counts->fail, counts->error, counts->inconclusive, counts->skipped);
}

static void print_assertion(struct buf *out, const struct report_assertion *assertion)
{
    print_counts(out, "assertion", &assertion->counts);
    for (uint32_t i = 0; i < assertion->failure_count; i++) {
        const struct report_failure *failure = &assertion->failures[i];
        char id[TRACE_ID_TEXT_LEN];
        trace_id_print(id, &failure->trace_id);
        buf_printf(
            out, "%.*s %lu %.*s | %.*s | %.*s | ", TRACE_ID_TEXT_LEN, id, failure->failure.span_id,
            (int)failure->failure.condition.len, (const char *)failure->failure.condition.data,
            (int)failure->failure.span_name.len, (const char *)failure->failure.span_name.data,
            (int)failure->failure.reason.len, (const char *)failure->failure.reason.data);
        struct json json = JSON_INIT(out);
        seen_write_json(&json, &failure->failure.actual);
        buf_append_char(out, '\n');
    }
    for (uint32_t i = 0; i < assertion->group_count; i++) {
        const struct report_group *group = &assertion->groups[i];
        buf_printf(out, "group %.*s %lu\n", (int)group->reason.len,
                   (const char *)group->reason.data, group->count);
    }
}

static void print_report(struct buf *out, const struct report *report)
{
    const struct report_suite *suite = &report->suites[0];
    const struct ledger_injections *in = &report->injections;
    buf_printf(out, "status %d injections %lu %lu %lu %lu %lu spans %lu %lu %lu conflicting %lu\n",
               (int)report->status, in->total, in->pass, in->fail, in->inconclusive, in->missing,
               report->spans.judged, report->spans.outside, report->spans.cut,
               report->spans.conflicting);
    print_counts(out, "suite", &suite->traces);
    for (uint32_t i = 0; i < suite->assertion_count; i++) {
        print_assertion(out, &suite->assertions[i]);
    }
    for (uint32_t i = 0; i < suite->threshold_count; i++) {
        const struct report_threshold *threshold = &suite->thresholds[i];
        buf_printf(out, "threshold %d %a %lu %lu\n", (int)threshold->result, threshold->value,
                   threshold->samples, threshold->absent);
    }
    for (uint32_t i = 0; i < suite->label_count; i++) {
        print_counts(out, "label", &suite->labels[i].counts);
    }
}

static void print_finals(struct buf *out, const struct fixture *fixture)
{
    for (uint64_t trace = 1; trace <= TRACES; trace++) {
        const struct exported *verdict = NULL;
        const struct exported *last = NULL;
        for (uint32_t i = 0; (verdict = fixture_exported(fixture, trace, i)) != NULL; i++) {
            assert_true(last == NULL || (verdict->revision == last->revision + 1 && !last->final));
            last = verdict;
        }
        if (last != NULL) {
            assert_true(last->final);
            buf_printf(out, "final %lu %d %u %lu %lu\n", trace, (int)last->result, last->failures,
                       last->id[0], last->id[1]);
        }
    }
}

/* A list of spans of the traces, some with a copy that knows other evidence; the seed alone
 * decides. */
static uint32_t make_spans(struct span_build *spans, uint64_t seed)
{
    struct random random = random_seed(seed);
    uint32_t count = 0;
    for (uint64_t trace = 1; trace <= TRACES; trace++) {
        uint32_t of_trace = 1 + random_below(&random, 6);
        for (uint32_t i = 0; i < of_trace; i++) {
            spans[count] = random_span(&random);
            spans[count].trace = trace;
            spans[count].trace_state = NULL;
            count++;
            if (random_one_in(&random, 4)) {
                spans[count] = spans[count - 1];
                spans[count].dropped_attrs = 1 + random_below(&random, 3);
                spans[count].flags = random_one_in(&random, 4) ? 2 : 1;
                count++;
            }
        }
    }
    return count;
}

static void shuffle(struct span_build *spans, uint32_t count, struct random *random)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t k = random_below(random, i);
        struct span_build swapped = spans[i - 1];
        spans[i - 1] = spans[k];
        spans[k] = swapped;
    }
}

/* Records before, between and after the spans; batches of any size, perhaps with a pause that
 * closes nothing. */
static void arrive(struct fixture *fixture, const struct span_build *spans, uint32_t count,
                   struct random *random)
{
    uint32_t sent = 0;
    uint64_t injected = 0;
    while (sent < count || injected < TRACES) {
        uint32_t size = 1 + random_below(random, 12);
        if (injected < TRACES && (sent == count || random_one_in(random, 2))) {
            injected++;
            assert_int_equal(fixture_inject(fixture, injected, "checkout"), 0);
            continue;
        }
        size = size < count - sent ? size : count - sent;
        fixture_send(fixture, spans + sent, size);
        sent += size;
        fixture_wait(fixture, random_below(random, 3) * SECOND / 20);
    }
}

static void run(struct buf *out, uint64_t seed, bool offline)
{
    static struct span_build spans[4 * 6 * TRACES];
    struct random random = random_seed(seed);
    struct fixture fixture;
    uint32_t count = make_spans(spans, 4711);
    uint32_t copies = seed != 0 ? random_below(&random, count) : 0;
    for (uint32_t i = 0; i < copies; i++) {
        spans[count + i] = spans[random_below(&random, count)];
    }
    if (seed != 0) {
        shuffle(spans, count + copies, &random);
    }
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED,
                                                     .offline = offline,
                                                     .keep_read = seed % 3 == 1,
                                                     .list_read = seed % 2 == 1});
    arrive(&fixture, spans, count + copies, &random);
    if (offline) {
        shard_finish(fixture.shard, true, fixture.now_ns, fixture.wall_ns);
    } else {
        fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + 2 * SECOND);
    }
    struct report report = fixture_report(&fixture);
    assert_true(report.spans.duplicate >= copies);
    print_report(out, &report);
    print_finals(out, &fixture);
    arena_deinit(&report.arena);
    fixture_deinit(&fixture);
}

static void order_batches_and_copies_change_no_final_result(void **state)
{
    struct buf first = BUF_NULL;
    struct buf other = BUF_NULL;
    (void)state;
    run(&first, 0, false);
    assert_false(first.failed);
    assert_true(first.len > 500);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        buf_reset(&other);
        run(&other, seed, seed % 10 == 0);
        if (!bytes_equal(buf_bytes(&first), buf_bytes(&other))) {
            fail_msg("seed %lu\n%.*s\nwanted\n%.*s", seed, (int)other.len, (const char *)other.data,
                     (int)first.len, (const char *)first.data);
        }
    }
    buf_deinit(&first);
    buf_deinit(&other);
}

/* --- memory --- */

#define FAILING_SETS 6u

static struct span_set *make_set(struct fixture *fixture, struct random *random, uint32_t count)
{
    struct span_set *set = span_set_new(NULL, 0, 1, 0);
    assert_non_null(set);
    for (uint32_t i = 0; i < count; i++) {
        struct span_build span = random_span(random);
        span.trace = 1 + span.trace % 6;
        span_set_add(set, &fixture->map, span_build(&span, &set->arena));
    }
    return set;
}

/* Everything that a shard does with spans and records, while allocations fail after `good` ones.
 * Returns their number. */
static size_t run_without_memory(struct fixture *fixture, struct span_set *sets[FAILING_SETS],
                                 size_t good)
{
    failing_malloc_begin(good);
    for (uint32_t i = 0; i < FAILING_SETS; i++) {
        int outcome = fixture_inject(fixture, 1 + i, "checkout");
        assert_true(outcome == 0 || outcome == -ENOMEM || outcome == SHARD_REPEATED);
        shard_add(fixture->shard, &sets[i]->batches[0], 0, fixture->now_ns, fixture->wall_ns);
        fixture->sent += sets[i]->span_count;
        fixture_wait(fixture, i == 3 ? FIXTURE_DEADLINE + SECOND : 0);
    }
    fixture_wait(fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    return failing_malloc_end();
}

static void the_ledger_balances_when_memory_ends_at_any_point(void **state)
{
    size_t good = 0;
    size_t asked = 1;
    (void)state;
    for (; good < asked; good += 1 + good / 40) {
        struct random random = random_seed(5);
        struct span_set *sets[FAILING_SETS];
        struct fixture fixture;
        fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO});
        for (uint32_t i = 0; i < FAILING_SETS; i++) {
            sets[i] = make_set(&fixture, &random, 12);
        }
        asked = run_without_memory(&fixture, sets, good);
        struct report report = fixture_report(&fixture);
        assert_int_equal(report.spans.open, 0);
        arena_deinit(&report.arena);
        for (uint32_t i = 0; i < FAILING_SETS; i++) {
            span_set_unref(sets[i]);
        }
        fixture_deinit(&fixture);
    }
    assert_true(good > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_balances_at_every_point),
        cmocka_unit_test(order_batches_and_copies_change_no_final_result),
        cmocka_unit_test(the_ledger_balances_when_memory_ends_at_any_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
