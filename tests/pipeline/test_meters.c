#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "daemon/pipeline/meters.h"
#include "tests/pipeline/shard_fixture.h"

/* A trace with a record: good, or without its INSERT, or with an error. */
static void send_trace(struct fixture *fixture, uint64_t trace, bool stored, bool error)
{
    struct span_build spans[] = {
        {.trace = trace,
         .id = 1,
         .name = "POST",
         .service = "shop",
         .start_ns = 0,
         .end_ns = 100,
         .status = error ? STATUS_ERROR : STATUS_UNSET},
        {.trace = trace,
         .id = 2,
         .parent = 1,
         .name = "INSERT",
         .service = "db",
         .start_ns = 0,
         .end_ns = 40},
    };
    assert_int_equal(fixture_inject(fixture, trace, trace % 2 == 0 ? "even" : "odd"), 0);
    fixture_send(fixture, spans, stored ? 2 : 1);
}

/* The sum of "count" over the readings with these tags; NULL: any. */
static int64_t sum(const struct export_batch *batch, enum meter_kind kind, const char *assertion,
                   const char *status, const char *scenario)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < batch->meter_count; i++) {
        const struct meter *meter = &batch->meters[i];
        if (meter->kind == kind &&
            (assertion == NULL || bytes_is(meter->tags.assertion, assertion)) &&
            (status == NULL || bytes_is(meter->tags.status, status)) &&
            (scenario == NULL || bytes_is(meter->tags.scenario, scenario))) {
            assert_string_equal(meter->fields[0].name,
                                kind == METER_ASSERTION_EVENT ? "trace_id" : "count");
            total += kind == METER_ASSERTION_EVENT ? 1 : meter->fields[0].integer;
        }
    }
    return total;
}

static struct export_batch *readings(struct fixture *fixture, bool whole)
{
    struct meters *meters = shard_meters(fixture->shard, fixture->campaign, whole);
    struct export_batch *batch = export_batch_new();
    assert_non_null(meters);
    assert_non_null(batch);
    assert_int_equal(meters_write(meters, 77, whole, batch), 0);
    assert_int_equal(meters_lost(meters), 0);
    for (uint32_t i = 0; i < batch->meter_count; i++) {
        assert_int_equal(batch->meters[i].whole_campaign, whole);
        assert_int_equal(batch->meters[i].time_unix_ns, 77);
        assert_true(bytes_is(batch->meters[i].tags.campaign, "load"));
        assert_true(batch->meters[i].tags.zone.len != 0);
    }
    meters_free(meters);
    return batch;
}

static void run(struct fixture *fixture, uint64_t first)
{
    for (uint64_t trace = first; trace < first + 10; trace++) {
        send_trace(fixture, trace, trace % 5 != 0, trace % 10 == 1);
    }
    assert_int_equal(fixture_inject(fixture, first + 10, "even"), 0);
    fixture_wait(fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
}

static void readings_are_what_was_judged(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    run(&fixture, 20);
    struct export_batch *batch = readings(&fixture, false);
    assert_int_equal(sum(batch, METER_ASSERTION, "stored", "pass", NULL), 8);
    assert_int_equal(sum(batch, METER_ASSERTION, "stored", "fail", NULL), 2);
    assert_int_equal(sum(batch, METER_ASSERTION, "stored", "fail", "even"), 1);
    assert_int_equal(sum(batch, METER_ASSERTION, "no errors", "fail", "odd"), 1);
    assert_int_equal(sum(batch, METER_ASSERTION, "few mails", "skipped", NULL), 10);
    assert_int_equal(sum(batch, METER_ASSERTION_EVENT, NULL, NULL, NULL), 3);
    assert_int_equal(sum(batch, METER_CORRELATION, NULL, "matched", NULL), 10);
    assert_int_equal(sum(batch, METER_CORRELATION, NULL, "missing", NULL), 1);
    assert_int_equal(sum(batch, METER_COMPLETENESS, NULL, "whole", NULL), 10);
    assert_int_equal(sum(batch, METER_SPAN_DURATION, NULL, NULL, NULL), 18);
    export_batch_unref(batch);
    fixture_deinit(&fixture);
}

/* The reading of an output with a scenario, or NULL. */
static const struct meter *output(const struct export_batch *batch, const char *name,
                                  const char *scenario)
{
    for (uint32_t i = 0; i < batch->meter_count; i++) {
        const struct meter *meter = &batch->meters[i];
        if (meter->kind == METER_OUTPUT && bytes_is(meter->tags.output, name) &&
            bytes_is(meter->tags.scenario, scenario)) {
            return meter;
        }
    }
    return NULL;
}

static void outputs_that_are_numbers_have_readings(void **state)
{
    static const char *const fields[] = {"count", "mean", "min", "max", "p50", "p95"};
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    run(&fixture, 20);
    struct export_batch *batch = readings(&fixture, false);
    const struct meter *meter = output(batch, "took", "even");
    assert_non_null(meter);
    assert_true(bytes_is(meter->tags.suite, "shop"));
    assert_true(bytes_is(meter->tags.assertion, "none"));
    assert_int_equal(meter->field_count, 6);
    assert_int_equal(meter->fields[0].integer, 4); /* of five, one is without INSERT */
    for (uint32_t i = 0; i < meter->field_count; i++) {
        assert_string_equal(meter->fields[i].name, fields[i]);
        assert_true(i == 0 || meter->fields[i].number == 40);
    }
    assert_int_equal(output(batch, "took", "odd")->fields[0].integer, 4);
    assert_null(output(batch, "who", "even"));
    export_batch_unref(batch);
    batch = readings(&fixture, true);
    assert_int_equal(output(batch, "took", "even")->fields[0].integer, 4);
    export_batch_unref(batch);
    fixture_deinit(&fixture);
}

static void a_period_begins_anew_and_the_whole_holds_all(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    run(&fixture, 20);
    export_batch_unref(readings(&fixture, false));
    struct export_batch *batch = readings(&fixture, false);
    assert_int_equal(batch->meter_count, 0);
    export_batch_unref(batch);
    run(&fixture, 40);
    batch = readings(&fixture, true);
    assert_int_equal(sum(batch, METER_ASSERTION, "stored", NULL, NULL), 20);
    assert_int_equal(sum(batch, METER_ASSERTION_EVENT, NULL, NULL, NULL), 0);
    export_batch_unref(batch);
    batch = readings(&fixture, false);
    assert_int_equal(sum(batch, METER_ASSERTION, "stored", NULL, NULL), 10);
    export_batch_unref(batch);
    batch = readings(&fixture, true);
    assert_int_equal(sum(batch, METER_ASSERTION, "stored", NULL, NULL), 20);
    export_batch_unref(batch);
    fixture_deinit(&fixture);
}

static void shards_readings_merge_into_one(void **state)
{
    struct fixture one;
    struct fixture two;
    (void)state;
    fixture_init(&one, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    fixture_init(&two, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    run(&one, 20);
    run(&two, 40);
    struct meters *meters = shard_meters(one.shard, one.campaign, false);
    struct meters *other = shard_meters(two.shard, two.campaign, false);
    struct export_batch *batch = export_batch_new();
    assert_int_equal(meters_merge(meters, other), 0);
    assert_int_equal(meters_write(meters, 1, false, batch), 0);
    assert_int_equal(sum(batch, METER_ASSERTION, "stored", "pass", NULL), 16);
    assert_int_equal(sum(batch, METER_ASSERTION_EVENT, NULL, NULL, NULL), 6);
    export_batch_unref(batch);
    meters_free(meters);
    meters_free(other);
    fixture_deinit(&one);
    fixture_deinit(&two);
}

static void too_many_labels_are_metered_without(void **state)
{
    struct fixture fixture;
    char scenario[32];
    (void)state;
    fixture_init(&fixture, &(struct fixture_options){.correlation = CORRELATION_SETTING_REQUIRED});
    for (uint64_t trace = 1; trace <= 400; trace++) {
        int len = snprintf(scenario, sizeof scenario, "s%lu", trace);
        struct injection injection = {.trace_id = trace_id_build(trace),
                                      .scenario = bytes_from(scenario, (size_t)len)};
        assert_int_equal(fixture_inject_record(&fixture, &injection), 0);
    }
    fixture_wait(&fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
    struct export_batch *batch = readings(&fixture, false);
    assert_int_equal(sum(batch, METER_CORRELATION, NULL, "missing", NULL), 400);
    assert_int_equal(batch->meter_count, METERS_GROUPS_MAX);
    assert_int_equal(sum(batch, METER_CORRELATION, NULL, "missing", "none"),
                     400 - (METERS_GROUPS_MAX - 1));
    export_batch_unref(batch);
    fixture_deinit(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings_are_what_was_judged),
        cmocka_unit_test(outputs_that_are_numbers_have_readings),
        cmocka_unit_test(a_period_begins_anew_and_the_whole_holds_all),
        cmocka_unit_test(shards_readings_merge_into_one),
        cmocka_unit_test(too_many_labels_are_metered_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
