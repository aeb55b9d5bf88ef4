#include "tests/bench/broker.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define POLL_MS 50

struct broker {
    rd_kafka_t *owner; /* the mock lives in a client */
    rd_kafka_mock_cluster_t *cluster;
    rd_kafka_t *consumer;
    pthread_t thread;
    bool running;
    atomic_bool ending; /* nothing else is handed over with it: relaxed */
    broker_seen_fn seen;
    void *self;
};

static rd_kafka_t *client_new(rd_kafka_type_t type, const char *brokers)
{
    static const char *const consuming[][2] = {
        {"group.id", "bench"},           {"fetch.wait.max.ms", "2"},      {"fetch.min.bytes", "1"},
        {"enable.auto.commit", "false"}, {"fetch.error.backoff.ms", "1"},
    };
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool bad = false;
    if (type == RD_KAFKA_CONSUMER) {
        bad = rd_kafka_conf_set(conf, "bootstrap.servers", brokers, error, sizeof error) != 0;
        for (size_t i = 0; i < sizeof consuming / sizeof *consuming; i++) {
            bad |=
                rd_kafka_conf_set(conf, consuming[i][0], consuming[i][1], error, sizeof error) != 0;
        }
    }
    rd_kafka_t *client = bad ? NULL : rd_kafka_new(type, conf, error, sizeof error);
    if (client == NULL) {
        rd_kafka_conf_destroy(conf);
    }
    return client;
}

static void *read_all(void *self)
{
    struct broker *broker = self;
    while (!atomic_load_explicit(&broker->ending, memory_order_relaxed)) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(broker->consumer, POLL_MS);
        if (message != NULL && message->err == 0) {
            broker->seen(broker->self, bytes_from(message->key, message->key_len));
        }
        if (message != NULL) {
            rd_kafka_message_destroy(message);
        }
    }
    return NULL;
}

static bool consume(struct broker *broker, const char *topic)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    bool good = rd_kafka_assign(broker->consumer, list) == 0;
    rd_kafka_topic_partition_list_destroy(list);
    return good;
}

struct broker *broker_new(const char *topic, broker_seen_fn seen, void *self)
{
    struct broker *broker = calloc(1, sizeof *broker);
    if (broker == NULL) {
        return NULL;
    }
    broker->seen = seen;
    broker->self = self;
    broker->owner = client_new(RD_KAFKA_PRODUCER, NULL);
    broker->cluster = broker->owner != NULL ? rd_kafka_mock_cluster_new(broker->owner, 1) : NULL;
    if (broker->cluster != NULL && rd_kafka_mock_topic_create(broker->cluster, topic, 1, 1) == 0) {
        broker->consumer = client_new(RD_KAFKA_CONSUMER, broker_address(broker));
    }
    if (broker->consumer != NULL && consume(broker, topic)) {
        broker->running = pthread_create(&broker->thread, NULL, read_all, broker) == 0;
    }
    if (!broker->running) {
        broker_free(broker);
        return NULL;
    }
    return broker;
}

const char *broker_address(const struct broker *broker)
{
    return rd_kafka_mock_cluster_bootstraps(broker->cluster);
}

void broker_free(struct broker *broker)
{
    if (broker == NULL) {
        return;
    }
    if (broker->running) {
        atomic_store_explicit(&broker->ending, true, memory_order_relaxed);
        pthread_join(broker->thread, NULL);
    }
    if (broker->consumer != NULL) {
        rd_kafka_destroy(broker->consumer);
    }
    if (broker->cluster != NULL) {
        rd_kafka_mock_cluster_destroy(broker->cluster);
    }
    if (broker->owner != NULL) {
        rd_kafka_destroy(broker->owner);
    }
    free(broker);
}
