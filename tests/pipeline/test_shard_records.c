/* Whose trace it is: records, claims of spans, campaigns that come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/pipeline/shard_traces.h"

static void nothing_is_told_early_while_auto_is_undecided(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO});
    send_span(&fixture, 7, &error_span);
    assert_int_equal(fixture.exported_count, 0);
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    assert_int_equal(fixture.exported_count, 1);
    assert_int_equal(campaign_mode(fixture.campaign), CORRELATION_AUTO_INJECTED);
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
    send_span(&fixture, 8, &error_span);
    assert_int_equal(numbers_of(&fixture).spans.outside, 3);
    assert_int_equal(fixture_inject(&fixture, 8, "too late"), 0);
    assert_int_equal(numbers_of(&fixture).injections.unjudged, 1);
    fixture_deinit(&fixture);
}

/* Its suites have judged it without the record: the ledger counts it by their verdict. */
static void a_record_too_late_is_counted_by_what_its_trace_came_to(void **state)
{
    struct fixture fixture;
    struct injection unsampled = {.trace_id = trace_id_build(8), .unsampled = true};
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    send_good(&fixture, 7);
    send_span(&fixture, 8, &error_span);
    fixture_reject(&fixture, 9);
    send_good(&fixture, 9);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    assert_int_equal(fixture_inject(&fixture, 7, "checkout"), 0);
    assert_int_equal(fixture_inject_record(&fixture, &unsampled), 0);
    assert_int_equal(fixture_inject(&fixture, 9, "checkout"), 0);
    assert_int_equal(fixture_inject(&fixture, 9, "again"), SHARD_REPEATED);
    send_span(&fixture, 7, &error_span);
    send_span(&fixture, 7, &root_span);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.injections.total, 3);
    assert_int_equal(numbers.injections.pass, 1);
    assert_int_equal(numbers.injections.fail, 1);
    assert_int_equal(numbers.injections.inconclusive, 1);
    assert_int_equal(numbers.injections.unjudged, 0);
    assert_int_equal(numbers.injections.repeated, 1);
    assert_int_equal(numbers.correlated.matched, 3);
    assert_int_equal(numbers.correlated.late, 1);
    assert_int_equal(numbers.spans.late, 2);
    assert_int_equal(numbers.traces.judged, 3);
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

/* A rejected span is no span: whoever waits for one, waits on, and not beyond the deadline. */
static void a_record_waits_for_a_span_that_is_not_rejected(void **state)
{
    struct fixture fixture;
    struct injection unsampled = {.trace_id = trace_id_build(2), .unsampled = true};
    struct injection in_time = {.trace_id = trace_id_build(3), .unsampled = true};
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_AUTO});
    assert_int_equal(fixture_inject(&fixture, 1, "checkout"), 0);
    assert_int_equal(fixture_inject_record(&fixture, &unsampled), 0);
    assert_int_equal(fixture_inject_record(&fixture, &in_time), 0);
    for (uint64_t trace = 1; trace <= 3; trace++) {
        fixture_reject(&fixture, trace);
    }
    fixture_wait(&fixture, FIXTURE_DEADLINE - SECOND);
    assert_int_equal(numbers_of(&fixture).injections.open, 3);
    send_good(&fixture, 3);
    fixture_wait(&fixture, SECOND + FIXTURE_SLACK);
    assert_int_equal(numbers_of(&fixture).injections.missing, 1);
    assert_int_equal(numbers_of(&fixture).injections.unsampled, 1);
    send_good(&fixture, 1);
    send_good(&fixture, 2);
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE);
    struct numbers numbers = numbers_of(&fixture);
    assert_int_equal(numbers.injections.missing, 1);
    assert_int_equal(numbers.injections.unsampled, 1);
    assert_int_equal(numbers.injections.inconclusive, 1);
    assert_int_equal(numbers.spans.late, 4);
    assert_int_equal(numbers.spans.judged, 2);
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
    send_span(&fixture, 7, &insert_span);
    send_span(&fixture, 7,
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

static void a_new_campaign_takes_what_nobody_claims(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_OFF});
    struct campaign *second =
        fixture_campaign(fixture.set, "second", CORRELATION_SETTING_OFF, false, 0, 2);
    send_good(&fixture, 7);
    assert_int_equal(shard_campaign_start(fixture.shard, second), 0);
    send_span(&fixture, 7, &error_span);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_told_early_while_auto_is_undecided),
        cmocka_unit_test(a_span_may_come_before_its_injection),
        cmocka_unit_test(a_record_too_late_is_counted_by_what_its_trace_came_to),
        cmocka_unit_test(records_end_in_their_classes),
        cmocka_unit_test(a_record_waits_for_a_span_that_is_not_rejected),
        cmocka_unit_test(a_tracestate_registers_an_injection_or_is_unexpected),
        cmocka_unit_test(root_span_attributes_register_an_injection),
        cmocka_unit_test(auto_judges_all_once_a_trace_has_closed_without_records),
        cmocka_unit_test(a_new_campaign_takes_what_nobody_claims),
        cmocka_unit_test(an_ended_campaign_takes_no_new_traces_and_waits_for_no_record),
        cmocka_unit_test(spans_without_a_campaign_are_held_a_while_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
