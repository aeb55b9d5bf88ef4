/* The Kafka exporter against librdkafka's mock cluster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "exporters/kafka.h"
#include "tests/exporters/sink_fixture.h"

#define PRODUCE_API 0

struct fixture {
    rd_kafka_t *owner;
    rd_kafka_mock_cluster_t *cluster;
    struct config_text properties[2];
    struct kafka_settings settings;
    struct sink_fixture sink;
    bool open;
};

static int setup(void **state)
{
    char reason[256];
    struct fixture *fixture = calloc(1, sizeof *fixture);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "3", reason, sizeof reason);
    fixture->owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    assert_non_null(fixture->owner);
    fixture->cluster = rd_kafka_mock_cluster_new(fixture->owner, 1);
    assert_non_null(fixture->cluster);
    fixture->settings = (struct kafka_settings){
        .common = quick_settings(),
        .brokers = {rd_kafka_mock_cluster_bootstraps(fixture->cluster), CONFIG_ORIGIN_NONE},
        .verdicts_topic = {"v", CONFIG_ORIGIN_NONE},
        .meters_topic = {"m", CONFIG_ORIGIN_NONE},
        .campaigns_topic = {"c", CONFIG_ORIGIN_NONE},
    };
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->open) {
        sink_fixture_deinit(&fixture->sink);
    }
    rd_kafka_mock_cluster_destroy(fixture->cluster);
    rd_kafka_destroy(fixture->owner);
    free(fixture);
    return 0;
}

static void open_sink(struct fixture *fixture)
{
    sink_fixture_init(&fixture->sink, &exporter_kafka, &fixture->settings);
    fixture->open = true;
}

/* How many messages a topic holds; `check` sees each. */
static uint32_t read_back(struct fixture *fixture, const char *topic,
                          void (*check)(const rd_kafka_message_t *))
{
    char reason[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", fixture->settings.brokers.text, reason,
                      sizeof reason);
    rd_kafka_conf_set(conf, "group.id", "g", reason, sizeof reason);
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", reason, sizeof reason);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof reason);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(4);
    for (int32_t partition = 0; partition < 4; partition++) {
        rd_kafka_topic_partition_list_add(list, topic, partition)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    }
    assert_int_equal(rd_kafka_assign(consumer, list), 0);
    uint32_t found = 0;
    for (int ends = 0, polls = 0; ends < 4 && polls < 20000; polls++) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
        if (message == NULL) {
            continue;
        }
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            ends++;
        } else if (message->err == 0) {
            found++;
            if (check != NULL) {
                check(message);
            }
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return found;
}

static void check_verdict(const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    const void *value = NULL;
    size_t size = 0;
    assert_int_equal(message->key_len, TRACE_ID_TEXT_LEN);
    assert_non_null(memmem(message->payload, message->len, message->key, message->key_len));
    assert_int_equal(rd_kafka_message_headers(message, &headers), 0);
    assert_int_equal(rd_kafka_header_cnt(headers), 4);
    assert_int_equal(rd_kafka_header_get_last(headers, "traceparent", &value, &size), 0);
    assert_int_equal(size, 55);
    assert_memory_equal((const char *)value + 3, message->key, TRACE_ID_TEXT_LEN);
    assert_int_equal(rd_kafka_header_get_last(headers, "content-type", &value, &size), 0);
    assert_memory_equal(value, "application/json", size);
    assert_int_equal(rd_kafka_header_get_last(headers, "campaign", &value, &size), 0);
    assert_memory_equal(value, "c", 1);
}

static void what_is_acknowledged_is_read_back(void **state)
{
    struct fixture *fixture = *state;
    open_sink(fixture);
    for (uint32_t i = 0; i < 10; i++) {
        hub_submit(fixture->sink.hub, make_batch(i * 100, 100, 7, 1));
    }
    assert_int_equal(settled(&fixture->sink).acknowledged, 1080);
    assert_int_equal(read_back(fixture, "v", check_verdict), 1000);
    assert_int_equal(read_back(fixture, "m", NULL), 70);
    assert_int_equal(read_back(fixture, "c", NULL), 10);
}

static void a_topic_without_a_name_is_not_written(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.meters_topic.text = "";
    open_sink(fixture);
    hub_submit(fixture->sink.hub, make_batch(0, 3, 5, 1));
    assert_int_equal(settled(&fixture->sink).produced, 4);
}

static void errors_that_pass_lose_and_repeat_nothing(void **state)
{
    struct fixture *fixture = *state;
    open_sink(fixture);
    rd_kafka_mock_push_request_errors(
        fixture->cluster, PRODUCE_API, 3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR);
    hub_submit(fixture->sink.hub, make_batch(0, 100, 0, 0));
    assert_int_equal(settled(&fixture->sink).acknowledged, 100);
    assert_int_equal(read_back(fixture, "v", check_verdict), 100);
}

static void a_refusal_that_lasts_is_retried_not_dropped(void **state)
{
    struct fixture *fixture = *state;
    open_sink(fixture);
    rd_kafka_mock_push_request_errors(fixture->cluster, PRODUCE_API, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    hub_submit(fixture->sink.hub, make_batch(0, 20, 0, 0));
    assert_int_equal(settled(&fixture->sink).acknowledged, 20);
    assert_int_equal(read_back(fixture, "v", check_verdict), 20);
}

static bool has_acknowledged(void *self)
{
    return balance(self).acknowledged >= 50;
}

static void a_broker_that_goes_and_comes_back_gets_all(void **state)
{
    struct fixture *fixture = *state;
    open_sink(fixture);
    hub_submit(fixture->sink.hub, make_batch(0, 50, 0, 0));
    assert_true(turn_until(&fixture->sink, has_acknowledged, &fixture->sink));
    rd_kafka_mock_broker_set_down(fixture->cluster, 1);
    for (uint32_t i = 1; i < 40; i++) {
        hub_submit(fixture->sink.hub, make_batch(i * 50, 50, 0, 0));
        loop_turn(fixture->sink.loop);
    }
    assert_int_equal(balance(&fixture->sink).in_flight, 39 * 50);
    rd_kafka_mock_broker_set_up(fixture->cluster, 1);
    assert_int_equal(settled(&fixture->sink).acknowledged, 2000);
    assert_int_equal(read_back(fixture, "v", check_verdict), 2000);
}

static void a_dead_broker_costs_what_is_older_than_the_limit(void **state)
{
    struct fixture *fixture = *state;
    fixture->settings.common.retry.max_elapsed_time_ns = 500 * NS_PER_MS;
    open_sink(fixture);
    rd_kafka_mock_broker_set_down(fixture->cluster, 1);
    hub_submit(fixture->sink.hub, make_batch(0, 30, 3, 1));
    assert_int_equal(settled(&fixture->sink).dropped, 34);
}

/* A verdict of about `reason` bytes, alone in its batch. */
static struct export_batch *large_batch(size_t reason_bytes, size_t name_bytes)
{
    struct export_batch *batch = make_batch(0, 1, 0, 0);
    struct failure *failure = arena_calloc(&batch->arena, 1, sizeof *failure);
    struct assertion_result *result = arena_calloc(&batch->arena, 1, sizeof *result);
    char *text = arena_alloc(&batch->arena, reason_bytes + name_bytes);
    memset(text, 'x', reason_bytes + name_bytes);
    failure->result = RESULT_FAIL;
    failure->reason = bytes_from(text, reason_bytes);
    *result = (struct assertion_result){.name = bytes_from(text, name_bytes),
                                        .result = RESULT_FAIL,
                                        .failures = failure,
                                        .failure_count = 1};
    batch->verdicts[0].results = result;
    batch->verdicts[0].result_count = 1;
    return batch;
}

static void check_brief(const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    const void *value = NULL;
    size_t size = 0;
    assert_int_equal(rd_kafka_message_headers(message, &headers), 0);
    assert_int_equal(rd_kafka_header_get_last(headers, "evidence-cut", &value, &size), 0);
    assert_true(message->len < 2000);
    assert_non_null(memmem(message->payload, message->len, "\"failures_omitted\":1", 20));
}

static void a_verdict_too_large_goes_out_in_short(void **state)
{
    struct fixture *fixture = *state;
    open_sink(fixture);
    hub_submit(fixture->sink.hub, large_batch(2 << 20, 5));
    assert_int_equal(settled(&fixture->sink).acknowledged, 1);
    assert_int_equal(read_back(fixture, "v", check_brief), 1);
}

static void a_verdict_that_is_too_large_even_in_short_is_rejected(void **state)
{
    struct fixture *fixture = *state;
    open_sink(fixture);
    hub_submit(fixture->sink.hub, large_batch(5, 2 << 20));
    hub_submit(fixture->sink.hub, make_batch(1, 9, 0, 0));
    struct ledger_sink sink = settled(&fixture->sink);
    assert_int_equal(sink.rejected, 1);
    assert_int_equal(sink.acknowledged, 9);
}

static void a_verdict_that_the_broker_finds_too_large_goes_out_in_short(void **state)
{
    struct fixture *fixture = *state;
    open_sink(fixture);
    rd_kafka_mock_push_request_errors(fixture->cluster, PRODUCE_API, 1,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    hub_submit(fixture->sink.hub, large_batch(5000, 5));
    assert_int_equal(settled(&fixture->sink).acknowledged, 1);
    assert_int_equal(read_back(fixture, "v", check_brief), 1);
}

static void a_full_queue_of_librdkafka_only_slows(void **state)
{
    struct fixture *fixture = *state;
    fixture->properties[0] =
        (struct config_text){"queue.buffering.max.messages=10", CONFIG_ORIGIN_NONE};
    fixture->settings.properties = (struct config_texts){fixture->properties, 1};
    open_sink(fixture);
    for (uint32_t i = 0; i < 10; i++) {
        hub_submit(fixture->sink.hub, make_batch(i * 100, 100, 0, 0));
    }
    assert_int_equal(settled(&fixture->sink).acknowledged, 1000);
    assert_int_equal(read_back(fixture, "v", check_verdict), 1000);
}

static struct exporter *made; /* by spy_create */

static int spy_create(struct exporter **ret, const void *settings, struct exporter_env *env)
{
    int bad = exporter_kafka.create(ret, settings, env);
    made = bad ? NULL : *ret;
    return bad;
}

static void after_a_fatal_error_a_new_producer_goes_on(void **state)
{
    struct fixture *fixture = *state;
    static struct exporter_type spy; /* outlives a failing test */
    spy = exporter_kafka;
    spy.create = spy_create;
    sink_fixture_init(&fixture->sink, &spy, &fixture->settings);
    fixture->open = true;
    hub_submit(fixture->sink.hub, make_batch(0, 50, 0, 0));
    assert_true(turn_until(&fixture->sink, has_acknowledged, &fixture->sink));
    rd_kafka_test_fatal_error(exporter_kafka_handle(made),
                              RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "a test");
    hub_submit(fixture->sink.hub, make_batch(50, 50, 0, 0));
    assert_int_equal(settled(&fixture->sink).acknowledged, 100);
    assert_int_equal(read_back(fixture, "v", check_verdict), 100);
    sink_fixture_deinit(&fixture->sink);
    fixture->open = false;
}

static void properties_are_judged_at_load(void **state)
{
    struct fixture *fixture = *state;
    struct problems problems;
    struct config_text items[] = {{"compression.type=zstd", {"a.conf", 3}},
                                  {"compresion.type=zstd", {"a.conf", 4}},
                                  {"linger.ms", {"a.conf", 5}}};
    fixture->settings.properties = (struct config_texts){items, 3};
    problems_init(&problems);
    exporter_kafka.validate(&fixture->settings, &problems);
    assert_int_equal(problems.errors, 2);
    assert_int_equal(problems.items[0].origin.line, 4);
    assert_non_null(strstr(problems.items[0].text, "compresion.type"));
    assert_int_equal(problems.items[1].origin.line, 5);
    problems_deinit(&problems);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_acknowledged_is_read_back),
        TEST(a_topic_without_a_name_is_not_written),
        TEST(errors_that_pass_lose_and_repeat_nothing),
        TEST(a_refusal_that_lasts_is_retried_not_dropped),
        TEST(a_broker_that_goes_and_comes_back_gets_all),
        TEST(a_dead_broker_costs_what_is_older_than_the_limit),
        TEST(a_verdict_too_large_goes_out_in_short),
        TEST(a_verdict_that_is_too_large_even_in_short_is_rejected),
        TEST(a_verdict_that_the_broker_finds_too_large_goes_out_in_short),
        TEST(a_full_queue_of_librdkafka_only_slows),
        TEST(after_a_fatal_error_a_new_producer_goes_on),
        TEST(properties_are_judged_at_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
