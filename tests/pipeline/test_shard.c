/* Time is handed in; nothing sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/pipeline/remembered.h"
#include "tests/pipeline/shard_fixture.h"
#include "tests/support/failing_malloc.h"

static const struct span_build root_span = {
    .id = 1, .name = "POST", .service = "shop", .kind = KIND_SERVER, .start_ns = 10, .end_ns = 90};
static const struct span_build insert_span = {
    .id = 2, .parent = 1, .name = "INSERT", .service = "db", .start_ns = 20, .end_ns = 30};
static const struct span_build error_span = {.id = 3,
                                             .parent = 1,
                                             .name = "pay",
                                             .service = "bank",
                                             .status = STATUS_ERROR,
                                             .start_ns = 20,
                                             .end_ns = 30};

static struct span_build of_trace(const struct span_build *span, uint64_t trace)
{
    struct span_build copy = *span;
    copy.trace = trace;
    return copy;
}

static void send(struct fixture *fixture, uint64_t trace, const struct span_build *span)
{
    struct span_build copy = of_trace(span, trace);
    fixture_send(fixture, &copy, 1);
}

static void send_good(struct fixture *fixture, uint64_t trace)
{
    struct span_build spans[] = {of_trace(&root_span, trace), of_trace(&insert_span, trace)};
    fixture_send(fixture, spans, 2);
}

/* The report's numbers, taken out of its arena. */
struct numbers {
    struct ledger_injections injections;
    struct ledger_spans spans;
    struct correlation_counts correlated;
    struct result_counts traces, stored;
    enum campaign_status status;
    enum correlation_mode mode;
};

static struct numbers numbers_of(struct fixture *fixture)
{
    struct report report = fixture_report(fixture);
    struct numbers numbers = {report.injections,
                              report.spans,
                              report.correlated,
                              report.suites[0].traces,
                              report.suites[0].assertions[1].counts,
                              report.status,
                              report.correlation};
    arena_deinit(&report.arena);
    return numbers;
}

static void a_trace_that_waits_for_nothing_closes_after_quiet(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send_good(&fixture, 7);
    fixture_wait(&fixture, FIXTURE_QUIET - FIXTURE_SLACK);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->closed_traces), 0);
    fixture_wait(&fixture, 2 * FIXTURE_SLACK);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->closed_traces), 1);
    assert_int_equal(fixture.exported_count, 0);
    assert_int_equal(numbers_of(&fixture).spans.open, 2);
    fixture_wait(&fixture, FIXTURE_GRACE);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.traces.pass, 1);
    assert_int_equal(numbers.spans.judged, 2);
    assert_int_equal(fixture.exported_count, 1);
    assert_true(fixture.exported[0].final);
    assert_int_equal(fixture.exported[0].revision, 1);
    assert_int_equal(fixture.exported[0].result, RESULT_PASS);
    assert_int_equal(fixture.exported[0].results, 3);
    assert_true(fixture.exported[0].time_to_verdict_ns >= FIXTURE_QUIET);
    assert_true(fixture.exported[0].time_to_verdict_ns <= FIXTURE_QUIET + FIXTURE_SLACK);
    fixture_deinit(&fixture);
}

static void each_arrival_begins_quiet_anew(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send_good(&fixture, 7);
    fixture_wait(&fixture, FIXTURE_QUIET - SECOND);
    send(&fixture, 7,
         &(struct span_build){.id = 9, .parent = 1, .name = "x", .start_ns = 1, .end_ns = 2});
    fixture_wait(&fixture, FIXTURE_QUIET - SECOND);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->closed_traces), 0);
    fixture_wait(&fixture, SECOND + FIXTURE_SLACK);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->closed_traces), 1);
    fixture_deinit(&fixture);
}

static void absence_waits_for_the_deadline(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send(&fixture, 7, &root_span);
    fixture_wait(&fixture, 40 * SECOND);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->open_traces), 1);
    send(&fixture, 7, &insert_span);
    send(&fixture, 8, &root_span);
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + FIXTURE_SLACK * 2);
    assert_int_equal(numbers_of(&fixture).traces.pass, 1);
    fixture_wait(&fixture, FIXTURE_DEADLINE);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.traces.pass, 1);
    assert_int_equal(numbers.traces.fail, 1);
    assert_int_equal(numbers.stored.fail, 1);
    const struct exported *closed = fixture_exported(&fixture, 8, 0);
    assert_int_equal(closed->revision, 1);
    assert_false(closed->final);
    assert_true(closed->time_to_verdict_ns >= FIXTURE_DEADLINE);
    assert_int_equal(fixture_exported(&fixture, 8, 1)->revision, 2);
    assert_true(fixture_exported(&fixture, 8, 1)->final);
    assert_null(fixture_exported(&fixture, 8, 2));
    fixture_deinit(&fixture);
}

static void two_missing_parents_do_not_settle(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send(&fixture, 7,
         &(struct span_build){.id = 2, .parent = 50, .name = "INSERT", .start_ns = 1, .end_ns = 2});
    send(&fixture, 7,
         &(struct span_build){.id = 3, .parent = 51, .name = "x", .start_ns = 1, .end_ns = 2});
    fixture_wait(&fixture, FIXTURE_DEADLINE - SECOND);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->open_traces), 1);
    fixture_wait(&fixture, SECOND + FIXTURE_GRACE + FIXTURE_SLACK * 2);
    assert_int_equal(numbers_of(&fixture).traces.judged, 1);
    fixture_deinit(&fixture);
}

static void a_certain_failure_is_told_at_once_and_only_once(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send(&fixture, 7, &error_span);
    assert_int_equal(fixture.exported_count, 1);
    assert_int_equal(fixture.exported[0].result, RESULT_FAIL);
    assert_int_equal(fixture.exported[0].revision, 1);
    assert_false(fixture.exported[0].final);
    assert_int_equal(fixture.exported[0].failures, 1);
    assert_int_equal(fixture.exported[0].time_to_verdict_ns, 0);
    send_good(&fixture, 7);
    assert_int_equal(fixture.exported_count, 1);
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + FIXTURE_SLACK * 2);
    const struct exported *last = &fixture.exported[fixture.exported_count - 1];
    assert_true(last->final);
    assert_int_equal(last->result, RESULT_FAIL);
    assert_int_equal(last->revision, fixture.exported_count);
    assert_memory_equal(last->id, fixture.exported[0].id, sizeof last->id);
    fixture_deinit(&fixture);
}

static void nothing_is_told_early_while_auto_is_undecided(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO});
    send(&fixture, 7, &error_span);
    assert_int_equal(fixture.exported_count, 0);
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    assert_int_equal(fixture.exported_count, 1);
    assert_int_equal(campaign_mode(fixture.campaign), CORRELATION_AUTO_INJECTED);
    fixture_deinit(&fixture);
}

static void a_late_span_revises_the_verdict_within_the_grace(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    send(&fixture, 7, &root_span);
    fixture_wait(&fixture, FIXTURE_DEADLINE + SECOND);
    assert_int_equal(fixture.exported_count, 1);
    assert_int_equal(fixture.exported[0].result, RESULT_FAIL);
    send(&fixture, 7, &insert_span);
    assert_int_equal(fixture.exported_count, 2);
    assert_int_equal(fixture.exported[1].revision, 2);
    assert_int_equal(fixture.exported[1].result, RESULT_PASS);
    assert_false(fixture.exported[1].final);
    fixture_wait(&fixture, FIXTURE_GRACE);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.injections.pass, 1);
    assert_int_equal(numbers.spans.judged, 2);
    assert_int_equal(numbers.spans.late, 0);
    assert_int_equal(numbers.correlated.late, 1);
    assert_true(fixture.exported[2].final);
    assert_int_equal(fixture.exported[2].revision, 3);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->revisions), 1);
    fixture_deinit(&fixture);
}

static void without_exporters_the_same_is_judged_and_counted(void **state)
{
    (void)state;
    struct numbers numbers[2];
    uint64_t revisions[2];
    for (int i = 0; i < 2; i++) {
        struct fixture fixture;
        fixture_init(&fixture,
                     &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED,
                                               .no_export = i == 1});
        assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
        assert_int_equal(fixture_inject(&fixture, 8, "checkout"), 0);
        send(&fixture, 7, &root_span);
        send(&fixture, 8, &error_span);
        fixture_wait(&fixture, FIXTURE_DEADLINE + SECOND);
        send(&fixture, 7, &insert_span);
        fixture_wait(&fixture, FIXTURE_GRACE);
        numbers[i] = numbers_of(&fixture);
        revisions[i] = counter_get(&shard_gauges(fixture.shard)->revisions);
        assert_int_equal(fixture.exported_count != 0, i == 0);
        fixture_deinit(&fixture);
    }
    assert_int_equal(numbers[0].injections.pass, 1);
    assert_int_equal(numbers[0].injections.fail, 1);
    assert_memory_equal(&numbers[0].injections, &numbers[1].injections,
                        sizeof numbers[0].injections);
    assert_memory_equal(&numbers[0].traces, &numbers[1].traces, sizeof numbers[0].traces);
    assert_int_equal(revisions[0], revisions[1]);
}

/* What the close came to is kept for the end of the grace; what comes between must not be lost. */
static void whatever_comes_within_the_grace_is_in_the_final_verdict(void **state)
{
    struct span_build unsampled = insert_span;
    struct span_build failed = insert_span;
    struct fixture fixture;
    (void)state;
    unsampled.flags = 2;
    failed.id = 9;
    failed.status = STATUS_ERROR;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    for (uint64_t trace = 1; trace <= 4; trace++) {
        send_good(&fixture, trace);
    }
    fixture_wait(&fixture, FIXTURE_QUIET + SECOND);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->closed_traces), 4);
    send(&fixture, 2, &unsampled);
    send(&fixture, 3, &failed);
    fixture_reject(&fixture, 4);
    fixture_wait(&fixture, FIXTURE_GRACE);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->closed_traces), 0);
    assert_int_equal(numbers.traces.pass, 1);
    assert_int_equal(numbers.traces.inconclusive, 2);
    assert_int_equal(numbers.traces.fail, 1);
    fixture_deinit(&fixture);
}

static void a_span_after_the_final_verdict_is_late_and_opens_nothing(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    send_good(&fixture, 7);
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + SECOND);
    send(&fixture, 7, &error_span);
    send(&fixture, 7, &error_span);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.spans.late, 2);
    assert_int_equal(numbers.correlated.late, 1);
    assert_int_equal(numbers.injections.pass, 1);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->open_traces), 0);
    assert_int_equal(fixture_inject(&fixture, 7, "again"), SHARD_REPEATED);
    fixture_wait(&fixture, 620 * SECOND);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->remembered), 0);
    fixture_deinit(&fixture);
}

static void duplicates_are_dropped_and_conflicting_spans_are_judged(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    send_good(&fixture, 7);
    send_good(&fixture, 7);
    struct span_build other = of_trace(&root_span, 7);
    other.name = "other";
    fixture_send(&fixture, &other, 1);
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + SECOND);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.spans.judged, 3);
    assert_int_equal(numbers.spans.duplicate, 2);
    assert_int_equal(numbers.spans.conflicting, 1);
    assert_int_equal(numbers.correlated.duplicate, 1);
    assert_int_equal(numbers.injections.pass, 1);
    fixture_deinit(&fixture);
}

static void a_span_may_come_before_its_injection(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    send_good(&fixture, 7);
    send_good(&fixture, 8);
    fixture_wait(&fixture, 30 * SECOND);
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    fixture_wait(&fixture, FIXTURE_GRACE + SECOND);
    assert_int_equal(numbers_of(&fixture).injections.pass, 1);
    fixture_wait(&fixture, FIXTURE_DEADLINE);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.traces.judged, 1);
    assert_int_equal(numbers.spans.judged, 2);
    assert_int_equal(numbers.spans.outside, 2);
    send(&fixture, 8, &error_span);
    assert_int_equal(numbers_of(&fixture).spans.outside, 3);
    assert_int_equal(fixture_inject(&fixture, 8, "too late"), 0);
    assert_int_equal(numbers_of(&fixture).injections.unjudged, 1);
    fixture_deinit(&fixture);
}

static void records_end_in_their_classes(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO});
    struct injection unsampled = {.trace_id = trace_id_build(2), .unsampled = true};
    struct injection not_sent = {
        .trace_id = trace_id_build(3), .unsampled = true, .outcome = INJECTION_NOT_SENT};
    struct injection seen = {.trace_id = trace_id_build(4), .unsampled = true};
    assert_int_equal(fixture_inject(&fixture, 1, "checkout"), 0);
    assert_int_equal(fixture_inject(&fixture, 1, "again"), SHARD_REPEATED);
    assert_int_equal(fixture_inject_record(&fixture, &unsampled), 0);
    assert_int_equal(fixture_inject_record(&fixture, &not_sent), 0);
    assert_int_equal(fixture_inject_record(&fixture, &seen), 0);
    send_good(&fixture, 4);
    assert_int_equal(numbers_of(&fixture).injections.open, 4);
    fixture_wait(&fixture, FIXTURE_DEADLINE + SECOND);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.injections.total, 4);
    assert_int_equal(numbers.injections.repeated, 1);
    assert_int_equal(numbers.injections.missing, 1);
    assert_int_equal(numbers.injections.unsampled, 1);
    assert_int_equal(numbers.injections.not_sent, 1);
    assert_int_equal(numbers.injections.pass, 1);
    assert_int_equal(numbers.injections.open, 0);
    assert_int_equal(numbers.correlated.matched, 1);
    assert_int_equal(numbers.correlated.missing, 1);
    assert_int_equal(fixture_inject(&fixture, 1, "once more"), SHARD_REPEATED);
    fixture_deinit(&fixture);
}

static void a_tracestate_registers_an_injection_or_is_unexpected(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    struct span_build claims = of_trace(&insert_span, 7);
    claims.trace_state = "vendor=1, assertd=load/check%20out/pay";
    struct span_build unknown = of_trace(&insert_span, 8);
    unknown.trace_state = "assertd=elsewhere";
    fixture_send(&fixture, &claims, 1);
    fixture_send(&fixture, &unknown, 1);
    assert_int_equal(numbers_of(&fixture).injections.open, 1);
    struct injection record = {.trace_id = trace_id_build(7),
                               .scenario = BYTES_LITERAL("checkout")};
    assert_int_equal(fixture_inject_record(&fixture, &record), 0);
    assert_int_equal(fixture_inject_record(&fixture, &record), SHARD_REPEATED);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    struct report report = fixture_report(&fixture);
    assert_int_equal(report.injections.total, 1);
    assert_int_equal(report.injections.pass, 1);
    assert_int_equal(report.injections.repeated, 1);
    assert_int_equal(report.correlated.unexpected, 1);
    assert_int_equal(report.spans.outside, 1);
    assert_int_equal(report.suites[0].label_count, 1);
    assert_true(bytes_is(report.suites[0].labels[0].scenario, "checkout"));
    arena_deinit(&report.arena);
    fixture_deinit(&fixture);
}

static void root_span_attributes_register_an_injection(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO,
                                                     .attributes = true});
    send(&fixture, 7, &insert_span);
    send(&fixture, 7,
         &(struct span_build){.id = 1,
                              .name = "load",
                              .start_ns = 1,
                              .end_ns = 2,
                              .attrs = {ATTR_TEXT("assertd.campaign", "load"),
                                        ATTR_TEXT("assertd.scenario", "checkout")}});
    assert_int_equal(campaign_mode(fixture.campaign), CORRELATION_AUTO_INJECTED);
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + SECOND);
    struct report report = fixture_report(&fixture);
    assert_int_equal(report.injections.pass, 1);
    assert_true(bytes_is(report.suites[0].labels[0].scenario, "checkout"));
    arena_deinit(&report.arena);
    fixture_deinit(&fixture);
}

static void auto_judges_all_once_a_trace_has_closed_without_records(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO});
    send_good(&fixture, 7);
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + SECOND);
    assert_int_equal(fixture_inject(&fixture, 8, "checkout"), 0);
    send_good(&fixture, 9);
    fixture_wait(&fixture, FIXTURE_DEADLINE + SECOND);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.mode, CORRELATION_AUTO_ALL);
    assert_int_equal(numbers.traces.pass, 2);
    fixture_deinit(&fixture);
}

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

static void a_new_campaign_takes_what_nobody_claims(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    struct campaign *second =
        fixture_campaign(fixture.set, "second", CORRELATION_SETTING_OFF, false, 0, 2);
    send_good(&fixture, 7);
    assert_int_equal(shard_campaign_start(fixture.shard, second), 0);
    send(&fixture, 7, &error_span);
    struct span_build new_span = of_trace(&root_span, 8);
    fixture.sent -= 1;
    fixture_send(&fixture, &new_span, 1);
    assert_int_equal(shard_open(fixture.shard, fixture.campaign).spans, 3);
    assert_int_equal(shard_open(fixture.shard, second).spans, 1);
    assert_int_equal(fixture_inject(&fixture, 8, "checkout"), 0);
    fixture.sent += 1;
    assert_int_equal(shard_open(fixture.shard, fixture.campaign).spans, 4);
    assert_int_equal(shard_open(fixture.shard, second).traces, 0);
    shard_campaign_end(fixture.shard, second);
    shard_campaign_forget(fixture.shard, second);
    assert_null(shard_tally(fixture.shard, second));
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    assert_int_equal(numbers_of(&fixture).traces.judged, 2);
    campaign_unref(second);
    fixture_deinit(&fixture);
}

static void an_ended_campaign_takes_no_new_traces_and_waits_for_no_record(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    send_good(&fixture, 7);
    assert_int_equal(fixture_inject(&fixture, 8, "checkout"), 0);
    shard_campaign_end(fixture.shard, fixture.campaign);
    fixture_wait(&fixture, SECOND);
    assert_int_equal(numbers_of(&fixture).spans.outside, 2);
    assert_int_equal(fixture_inject(&fixture, 9, "checkout"), SHARD_ENDED);
    struct span_build stray = of_trace(&root_span, 10);
    fixture_send(&fixture, &stray, 1);
    fixture.sent--;
    send_good(&fixture, 8);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE);
    assert_int_equal(numbers_of(&fixture).injections.pass, 1);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->spans_unclaimed), 1);
    fixture_deinit(&fixture);
}

static void spans_without_a_campaign_are_held_a_while_for_it(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED,
                                                     .no_campaign = true});
    send_good(&fixture, 7);
    send_good(&fixture, 8);
    assert_int_equal(shard_campaign_start(fixture.shard, fixture.campaign), 0);
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + SECOND);
    fixture.sent -= 2;
    assert_int_equal(numbers_of(&fixture).injections.pass, 1);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->spans_unclaimed), 2);
    fixture_deinit(&fixture);
}

static void what_is_over_the_cap_is_cut_and_said(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture,
                 &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF, .max_spans = 2});
    send_good(&fixture, 7);
    send(&fixture, 7,
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

static void check_judges_at_the_end_of_input(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO,
                                                     .offline = true});
    send_good(&fixture, 7);
    send(&fixture, 8, &root_span);
    struct span_build claims = of_trace(&root_span, 9);
    claims.trace_state = "assertd=load/checkout";
    fixture_send(&fixture, &claims, 1);
    struct span_build elsewhere = of_trace(&root_span, 10);
    elsewhere.trace_state = "assertd=elsewhere";
    fixture_send(&fixture, &elsewhere, 1);
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    assert_int_equal(fixture_inject(&fixture, 8, "checkout"), 0);
    assert_int_equal(fixture_inject(&fixture, 11, "checkout"), 0);
    assert_int_equal(shard_next_ns(fixture.shard), UINT64_MAX);
    assert_int_equal(fixture.exported_count, 0);
    shard_finish(fixture.shard, true, fixture.now_ns, fixture.wall_ns);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.injections.pass, 1);
    assert_int_equal(numbers.injections.fail, 1);
    assert_int_equal(numbers.injections.missing, 1);
    assert_int_equal(numbers.spans.outside, 2);
    assert_int_equal(numbers.correlated.unexpected, 1);
    assert_int_equal(numbers.spans.judged, 3);
    assert_int_equal(fixture.exported_count, 2);
    assert_true(fixture.exported[0].final && fixture.exported[1].final);
    fixture_deinit(&fixture);
}

static void a_drain_that_can_not_wait_says_that_evidence_is_short(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send_good(&fixture, 7);
    send(&fixture, 8, &error_span);
    shard_finish(fixture.shard, false, fixture.now_ns, fixture.wall_ns);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.traces.inconclusive, 1);
    assert_int_equal(numbers.traces.fail, 1);
    assert_int_equal(numbers.spans.open, 0);
    fixture_deinit(&fixture);
}

static void assert_trace_shows(struct fixture *fixture, uint64_t trace, const char *part)
{
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    struct trace_id id = trace_id_build(trace);
    assert_int_equal(shard_write_trace(fixture->shard, &id, &json), 0);
    assert_int_equal(json.depth, 0);
    if (!bytes_contain(buf_bytes(&text), bytes_of(part))) {
        fail_msg("no %s in %.*s", part, (int)text.len, (const char *)text.data);
    }
    buf_deinit(&text);
}

static void a_trace_can_be_looked_at_while_it_lives_and_after_it_failed(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    struct buf text = BUF_NULL;
    struct json json = JSON_INIT(&text);
    struct trace_id unknown = trace_id_build(99);
    assert_int_equal(shard_write_trace(fixture.shard, &unknown, &json), 1);
    send_good(&fixture, 7);
    send(&fixture, 8, &error_span);
    assert_trace_shows(&fixture, 7, "\"state\":\"open\"");
    assert_trace_shows(&fixture, 8, "\"result\":\"fail\"");
    fixture_wait(&fixture, FIXTURE_QUIET + SECOND);
    assert_trace_shows(&fixture, 7, "\"state\":\"closed\"");
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE);
    assert_trace_shows(&fixture, 7, "\"state\":\"remembered\"");
    assert_trace_shows(&fixture, 8, "\"state\":\"final\"");
    assert_trace_shows(&fixture, 8, "\"final\":true");
    assert_trace_shows(&fixture, 8, "\"pay\"");
    shard_campaign_end(fixture.shard, fixture.campaign);
    shard_campaign_forget(fixture.shard, fixture.campaign);
    assert_trace_shows(&fixture, 8, "\"state\":\"remembered\"");
    fixture_deinit(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_that_waits_for_nothing_closes_after_quiet),
        cmocka_unit_test(each_arrival_begins_quiet_anew),
        cmocka_unit_test(absence_waits_for_the_deadline),
        cmocka_unit_test(two_missing_parents_do_not_settle),
        cmocka_unit_test(a_certain_failure_is_told_at_once_and_only_once),
        cmocka_unit_test(nothing_is_told_early_while_auto_is_undecided),
        cmocka_unit_test(a_late_span_revises_the_verdict_within_the_grace),
        cmocka_unit_test(without_exporters_the_same_is_judged_and_counted),
        cmocka_unit_test(whatever_comes_within_the_grace_is_in_the_final_verdict),
        cmocka_unit_test(a_span_after_the_final_verdict_is_late_and_opens_nothing),
        cmocka_unit_test(duplicates_are_dropped_and_conflicting_spans_are_judged),
        cmocka_unit_test(a_span_may_come_before_its_injection),
        cmocka_unit_test(records_end_in_their_classes),
        cmocka_unit_test(a_tracestate_registers_an_injection_or_is_unexpected),
        cmocka_unit_test(root_span_attributes_register_an_injection),
        cmocka_unit_test(auto_judges_all_once_a_trace_has_closed_without_records),
        cmocka_unit_test(a_rejected_span_makes_its_trace_short_also_when_it_comes_first),
        cmocka_unit_test(a_new_campaign_takes_what_nobody_claims),
        cmocka_unit_test(an_ended_campaign_takes_no_new_traces_and_waits_for_no_record),
        cmocka_unit_test(spans_without_a_campaign_are_held_a_while_for_it),
        cmocka_unit_test(what_is_over_the_cap_is_cut_and_said),
        cmocka_unit_test(a_trace_that_memory_does_not_allow_to_judge_is_inconclusive),
        cmocka_unit_test(a_full_shard_has_no_room_and_loses_nothing_silently),
        cmocka_unit_test(evicted_ids_are_counted),
        cmocka_unit_test(check_judges_at_the_end_of_input),
        cmocka_unit_test(a_drain_that_can_not_wait_says_that_evidence_is_short),
        cmocka_unit_test(a_trace_can_be_looked_at_while_it_lives_and_after_it_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
