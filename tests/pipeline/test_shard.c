/* When a trace closes, is told and is final. Time is handed in; nothing sleeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/pipeline/shard_traces.h"

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
    send_span(&fixture, 7,
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
    send_span(&fixture, 7, &root_span);
    fixture_wait(&fixture, 40 * SECOND);
    assert_int_equal(counter_get(&shard_gauges(fixture.shard)->open_traces), 1);
    send_span(&fixture, 7, &insert_span);
    send_span(&fixture, 8, &root_span);
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
    send_span(
        &fixture, 7,
        &(struct span_build){.id = 2, .parent = 50, .name = "INSERT", .start_ns = 1, .end_ns = 2});
    send_span(&fixture, 7,
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
    send_span(&fixture, 7, &error_span);
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

static void each_further_certain_failure_is_a_revision(void **state)
{
    struct fixture fixture;
    struct span_build mail = {
        .parent = 1, .name = "mail", .start_ns = 1, .end_ns = 2, .kind = KIND_PRODUCER};
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send_good(&fixture, 7);
    for (mail.id = 20; mail.id < 25; mail.id++) {
        send_span(&fixture, 7, &mail);
        assert_int_equal(fixture.exported_count, mail.id >= 22 ? 1 : 0); /* count <= 2 */
    }
    fixture_wait(&fixture, SECOND);
    send_span(&fixture, 7, &error_span);
    assert_int_equal(fixture.exported_count, 2);
    assert_int_equal(fixture.exported[1].revision, 2);
    assert_int_equal(fixture.exported[1].failures, 2);
    assert_int_equal(fixture.exported[1].time_to_verdict_ns, SECOND);
    assert_false(fixture.exported[1].final);
    struct span_build again = error_span;
    again.id = 30;
    send_span(&fixture, 7, &again);
    assert_int_equal(fixture.exported_count, 2); /* no further assertion fails */
    fixture_wait(&fixture, FIXTURE_QUIET + FIXTURE_GRACE + FIXTURE_SLACK * 2);
    const struct exported *last = &fixture.exported[fixture.exported_count - 1];
    assert_true(last->final);
    assert_int_equal(last->revision, fixture.exported_count);
    fixture_deinit(&fixture);
}

static void a_late_span_revises_the_verdict_within_the_grace(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    send_span(&fixture, 7, &root_span);
    fixture_wait(&fixture, FIXTURE_DEADLINE + SECOND);
    assert_int_equal(fixture.exported_count, 1);
    assert_int_equal(fixture.exported[0].result, RESULT_FAIL);
    send_span(&fixture, 7, &insert_span);
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
        send_span(&fixture, 7, &root_span);
        send_span(&fixture, 8, &error_span);
        fixture_wait(&fixture, FIXTURE_DEADLINE + SECOND);
        send_span(&fixture, 7, &insert_span);
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
    send_span(&fixture, 2, &unsampled);
    send_span(&fixture, 3, &failed);
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
    send_span(&fixture, 7, &error_span);
    send_span(&fixture, 7, &error_span);
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

static void check_judges_at_the_end_of_input(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO,
                                                     .offline = true});
    send_good(&fixture, 7);
    send_span(&fixture, 8, &root_span);
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
    send_span(&fixture, 8, &error_span);
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
    send_span(&fixture, 8, &error_span);
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
        cmocka_unit_test(each_further_certain_failure_is_a_revision),
        cmocka_unit_test(a_late_span_revises_the_verdict_within_the_grace),
        cmocka_unit_test(without_exporters_the_same_is_judged_and_counted),
        cmocka_unit_test(whatever_comes_within_the_grace_is_in_the_final_verdict),
        cmocka_unit_test(a_span_after_the_final_verdict_is_late_and_opens_nothing),
        cmocka_unit_test(duplicates_are_dropped_and_conflicting_spans_are_judged),
        cmocka_unit_test(check_judges_at_the_end_of_input),
        cmocka_unit_test(a_drain_that_can_not_wait_says_that_evidence_is_short),
        cmocka_unit_test(a_trace_can_be_looked_at_while_it_lives_and_after_it_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
