/* What is told to the exporters lives as long as they need it, whatever ends before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/pipeline/shard_fixture.h"

#define BATCHES_MAX 16u

struct sink {
    struct budget budget; /* of the process: it outlives shards and batches */
    struct export_batch *batches[BATCHES_MAX];
    uint32_t count;
};

static void take(void *self, struct export_batch *take_batch)
{
    struct sink *sink = self;
    assert_true(sink->count < BATCHES_MAX);
    sink->batches[sink->count++] = take_batch;
}

static void give_all(struct sink *sink)
{
    while (sink->count != 0) {
        export_batch_unref(sink->batches[--sink->count]);
    }
}

/* As the fixture, but for where its batches go. */
static void begin(struct fixture *fixture, struct sink *sink)
{
    const struct shard_options options = {.key = {3, 4},
                                          .budget = &sink->budget,
                                          .memory_bytes = 64u << 20,
                                          .remember_ns = 600 * SECOND,
                                          .remember_bytes = 1u << 20,
                                          .keep_failed_bytes = 1u << 20,
                                          .export = take,
                                          .self = sink};
    budget_init(&sink->budget, 64u << 20);
    fixture_init(fixture, &(struct fixture_options){.no_campaign = true});
    shard_free(fixture->shard);
    assert_int_equal(shard_new(&fixture->shard, &options), 0);
    assert_int_equal(shard_campaign_start(fixture->shard, fixture->campaign), 0);
}

static void send_trace(struct fixture *fixture, uint64_t trace, enum span_status status)
{
    const struct span_build spans[] = {
        {.trace = trace, .id = 1, .name = "order", .start_ns = 1, .end_ns = 9, .status = status},
        {.trace = trace, .id = 2, .parent = 1, .name = "INSERT", .start_ns = 2, .end_ns = 3}};
    fixture_send(fixture, spans, 2);
}

static void finish(struct fixture *fixture)
{
    fixture_wait(fixture, FIXTURE_DEADLINE + FIXTURE_GRACE + SECOND);
}

static const struct verdict *final_verdict(const struct sink *sink, uint64_t trace)
{
    struct trace_id id = trace_id_build(trace);
    for (uint32_t i = 0; i < sink->count; i++) {
        for (uint32_t k = 0; k < sink->batches[i]->verdict_count; k++) {
            const struct verdict *verdict = &sink->batches[i]->verdicts[k];
            if (verdict->final && trace_id_equal(&verdict->trace_id, &id)) {
                return verdict;
            }
        }
    }
    return NULL;
}

static void expect_names(const struct verdict *verdict)
{
    assert_non_null(verdict);
    assert_true(bytes_is(verdict->campaign, "load") && bytes_is(verdict->suite, "shop"));
    assert_int_equal(verdict->result_count, 3);
    assert_true(bytes_is(verdict->results[0].name, "no errors"));
    assert_true(bytes_is(verdict->results[1].name, "stored"));
    assert_true(bytes_is(verdict->results[2].name, "few mails"));
    assert_int_equal(verdict->output_count, 2);
    assert_true(bytes_is(verdict->outputs[0].name, "took"));
    assert_true(bytes_is(verdict->outputs[1].name, "who"));
}

static void verdicts_outlive_the_shard_its_campaign_and_its_suites(void **state)
{
    struct fixture fixture;
    struct sink sink = {.count = 0};
    (void)state;
    begin(&fixture, &sink);
    send_trace(&fixture, 1, STATUS_UNSET);
    send_trace(&fixture, 2, STATUS_ERROR);
    finish(&fixture);
    fixture_deinit(&fixture);
    expect_names(final_verdict(&sink, 1));
    expect_names(final_verdict(&sink, 2));
    assert_int_equal(final_verdict(&sink, 1)->result, RESULT_PASS);
    const struct assertion_result *failed = &final_verdict(&sink, 2)->results[0];
    assert_int_equal(failed->result, RESULT_FAIL);
    assert_int_equal(failed->failure_count, 1);
    assert_true(bytes_is(failed->failures[0].condition, "none: status = error"));
    assert_true(bytes_is(failed->failures[0].span_name, "order"));
    assert_null(failed->omitted_groups);
    give_all(&sink);
}

/* A suite whose passing traces come to a row. */
static struct suite_set *plain_suite(void)
{
    struct config_text condition = {.text = "none: status = error"};
    struct assertion_settings assertion = {
        .name = {.text = "no errors"}, .select = {.text = "span[]"}, .conditions = {&condition, 1}};
    struct suite_settings suite = {.name = {.text = "plain"}, .assertions = {&assertion, 1}};
    const struct config_list list = {&suite, 1};
    const struct completion_settings completion = {true, FIXTURE_QUIET, FIXTURE_DEADLINE,
                                                   FIXTURE_GRACE};
    struct problems problems;
    struct suite_set *set = NULL;
    problems_init(&problems);
    assert_int_equal(suite_set_compile(&set, &list, &completion, &problems), 0);
    problems_deinit(&problems);
    return set;
}

static void traces_that_come_to_the_same_share_their_results(void **state)
{
    struct fixture fixture;
    struct sink sink = {.count = 0};
    (void)state;
    begin(&fixture, &sink);
    struct suite_set *set = plain_suite();
    struct campaign *campaign =
        fixture_campaign(set, "second", CORRELATION_SETTING_AUTO, false, 0, 2);
    suite_set_unref(set);
    assert_int_equal(shard_campaign_start(fixture.shard, campaign), 0);
    for (uint64_t trace = 1; trace <= 3; trace++) {
        send_trace(&fixture, trace, trace == 2 ? STATUS_ERROR : STATUS_UNSET);
    }
    finish(&fixture);
    fixture_deinit(&fixture);
    campaign_unref(campaign);
    const struct verdict *first = final_verdict(&sink, 1);
    const struct verdict *failed = final_verdict(&sink, 2);
    const struct verdict *last = final_verdict(&sink, 3);
    assert_non_null(first);
    assert_non_null(failed);
    assert_non_null(last);
    assert_ptr_equal(first->results, last->results);
    assert_ptr_not_equal(first->results, failed->results);
    assert_true(bytes_is(last->campaign, "second") && bytes_is(last->suite, "plain"));
    assert_true(bytes_is(last->results[0].name, "no errors"));
    assert_int_equal(last->results[0].result, RESULT_PASS);
    assert_int_equal(failed->results[0].result, RESULT_FAIL);
    give_all(&sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_outlive_the_shard_its_campaign_and_its_suites),
        cmocka_unit_test(traces_that_come_to_the_same_share_their_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
