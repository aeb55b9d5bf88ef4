#include "exporters/kafka_producer.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define REASON_MAX      512
#define EVENTS_PER_TURN 256

struct kafka_producer {
    rd_kafka_t *handle;
    rd_kafka_queue_t *queue;
    int wake_fd;
    struct loop_fd *watch;
    struct exporter_env *env;
    struct kafka_producer_hooks hooks;
};

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, struct buf *why)
{
    char reason[REASON_MAX];
    if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) {
        buf_append_text(why, reason);
        return -EINVAL;
    }
    return 0;
}

static int set_number(rd_kafka_conf_t *conf, const char *name, uint64_t number, uint64_t least,
                      uint64_t most, struct buf *why)
{
    char text[24];
    number = number < least ? least : number > most ? most : number;
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return set(conf, name, text, why);
}

/* "name=value"; librdkafka judges both. */
static int set_property(rd_kafka_conf_t *conf, const char *property, struct buf *why)
{
    const char *equals = strchr(property, '=');
    if (equals == NULL || equals == property) {
        buf_append_text(why, "not of the form \"name=value\"");
        return -EINVAL;
    }
    char *name = strndup(property, (size_t)(equals - property));
    int bad = name == NULL ? -ENOMEM : set(conf, name, equals + 1, why);
    free(name);
    return bad;
}

static int set_fixed(rd_kafka_conf_t *conf, struct buf *why)
{
    static const char *const rows[][2] = {
        {"client.id", "assertd"},
        {"enable.idempotence", "true"},
        {"linger.ms", "5"},
        {"compression.type", "lz4"},
        {"partitioner", "murmur2_random"}, /* as Java's producers do */
        {"log.queue", "true"},
        {"log_level", "3"},
        {"reconnect.backoff.ms", "100"},
    };
    int bad = 0;
    for (size_t i = 0; !bad && i < sizeof rows / sizeof rows[0]; i++) {
        bad = set(conf, rows[i][0], rows[i][1], why);
    }
    return bad;
}

/* librdkafka repeats a message by itself, without duplicates, for as long as the hub would; so its
 * own limit is ours. */
static int set_timing(rd_kafka_conf_t *conf, const struct exporter_settings *common,
                      uint64_t queue_bytes, struct buf *why)
{
    uint64_t elapsed_ms = common->retry.max_elapsed_time_ns / NS_PER_MS;
    uint64_t timeout_ms = common->timeout_ns / NS_PER_MS;
    int bad = set_number(conf, "message.timeout.ms", elapsed_ms, elapsed_ms == 0 ? 0 : 100,
                         INT32_MAX, why);
    bad = bad ? bad : set_number(conf, "request.timeout.ms", timeout_ms, 100, 900000, why);
    bad = bad ? bad : set_number(conf, "socket.timeout.ms", timeout_ms, 100, 300000, why);
    bad = bad ? bad
              : set_number(conf, "reconnect.backoff.max.ms",
                           common->retry.max_interval_ns / NS_PER_MS, 100, 3600000, why);
    return bad ? bad
               : set_number(conf, "queue.buffering.max.kbytes", queue_bytes / 1024, 1024, INT32_MAX,
                            why);
}

static int make_conf(rd_kafka_conf_t *conf, const struct kafka_settings *settings,
                     uint64_t queue_bytes, struct buf *why)
{
    int bad = set_fixed(conf, why);
    bad = bad ? bad : set_timing(conf, &settings->common, queue_bytes, why);
    bad = bad ? bad : set(conf, "bootstrap.servers", settings->brokers.text, why);
    for (size_t i = 0; !bad && i < settings->properties.count; i++) {
        bad = set_property(conf, settings->properties.items[i].text, why);
    }
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
    return bad;
}

void kafka_producer_validate(const struct kafka_settings *settings, struct problems *problems)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct buf why = BUF_NULL;
    for (size_t i = 0; i < settings->properties.count; i++) {
        const struct config_text *property = &settings->properties.items[i];
        if (set_property(conf, property->text, &why) != 0) {
            problems_add(problems, property->origin, "exporters.kafka.properties", "%.*s",
                         (int)why.len, (const char *)why.data);
            buf_reset(&why);
        }
    }
    buf_deinit(&why);
    rd_kafka_conf_destroy(conf);
}

static void take_reports(struct kafka_producer *producer, rd_kafka_event_t *event)
{
    const rd_kafka_message_t *message;
    while ((message = rd_kafka_event_message_next(event)) != NULL) {
        producer->hooks.report(producer->hooks.self, message->_private, message->err);
    }
}

static void take_error(struct kafka_producer *producer, rd_kafka_event_t *event)
{
    char reason[REASON_MAX];
    if (rd_kafka_fatal_error(producer->handle, reason, sizeof reason) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        producer->hooks.trouble(producer->hooks.self, reason, true);
    } else {
        producer->hooks.trouble(producer->hooks.self, rd_kafka_event_error_string(event), false);
    }
}

static void take_log(struct kafka_producer *producer, rd_kafka_event_t *event)
{
    const char *facility = "";
    const char *text = "";
    int level = 0;
    if (rd_kafka_event_log(event, &facility, &text, &level) == 0) {
        log_line(producer->env->log, LOG_DEBUG, "librdkafka", LOG_STRING("facility", facility),
                 LOG_STRING("text", text));
    }
}

/* One event; false: none came within `wait_ms`. */
static bool take_event(struct kafka_producer *producer, int wait_ms)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(producer->queue, wait_ms);
    if (event == NULL) {
        return false;
    }
    switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_DR:
        take_reports(producer, event);
        break;
    case RD_KAFKA_EVENT_ERROR:
        take_error(producer, event);
        break;
    case RD_KAFKA_EVENT_LOG:
        take_log(producer, event);
        break;
    default:
        break;
    }
    rd_kafka_event_destroy(event);
    return true;
}

/* The eventfd is raised only when the queue was empty, so whoever stops early raises it again. */
static void on_events(void *self, int fd, unsigned events)
{
    struct kafka_producer *producer = self;
    uint64_t count;
    (void)events;
    ssize_t got = read(fd, &count, sizeof count);
    (void)got;
    int taken = 0;
    while (taken < EVENTS_PER_TURN && take_event(producer, 0)) {
        taken++;
    }
    if (taken == EVENTS_PER_TURN) {
        (void)eventfd_write(fd, 1);
    }
    producer->hooks.drained(producer->hooks.self);
}

static int open_handle(struct kafka_producer *producer, const struct kafka_settings *settings,
                       struct buf *why)
{
    char reason[REASON_MAX];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int bad = make_conf(conf, settings, producer->env->queue_bytes, why);
    if (!bad) {
        producer->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
    }
    if (producer->handle == NULL) {
        if (!bad) {
            buf_append_text(why, reason);
        }
        rd_kafka_conf_destroy(conf);
        return bad ? bad : -EINVAL;
    }
    return 0;
}

static int watch_queue(struct kafka_producer *producer)
{
    static const uint64_t one = 1;
    producer->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (producer->wake_fd < 0) {
        return -errno;
    }
    rd_kafka_set_log_queue(producer->handle, NULL);
    producer->queue = rd_kafka_queue_get_main(producer->handle);
    rd_kafka_queue_io_event_enable(producer->queue, producer->wake_fd, &one, sizeof one);
    int bad = loop_fd_new(&producer->watch, producer->env->loop, producer->wake_fd, LOOP_READ,
                          on_events, producer);
    return bad ? bad : eventfd_write(producer->wake_fd, 1); /* what came before we watched */
}

int kafka_producer_new(struct kafka_producer **ret, const struct kafka_settings *settings,
                       struct exporter_env *env, const struct kafka_producer_hooks *hooks,
                       struct buf *why)
{
    struct kafka_producer *producer = calloc(1, sizeof *producer);
    if (producer == NULL) {
        return -ENOMEM;
    }
    producer->env = env;
    producer->hooks = *hooks;
    producer->wake_fd = -1;
    int bad = open_handle(producer, settings, why);
    if (!bad) {
        bad = watch_queue(producer);
    }
    if (bad) {
        kafka_producer_free(producer);
        return bad;
    }
    *ret = producer;
    return 0;
}

void kafka_producer_free(struct kafka_producer *producer)
{
    if (producer == NULL) {
        return;
    }
    if (producer->watch != NULL) {
        loop_fd_free(producer->watch);
    }
    if (producer->queue != NULL) {
        rd_kafka_queue_io_event_enable(producer->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(producer->queue);
    }
    if (producer->handle != NULL) {
        rd_kafka_destroy(producer->handle);
    }
    if (producer->wake_fd >= 0) {
        close(producer->wake_fd);
    }
    free(producer);
}

static int outcome_of(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return 0;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        return KAFKA_QUEUE_FULL;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        return KAFKA_TOO_LARGE;
    case RD_KAFKA_RESP_ERR__FATAL:
        return KAFKA_DEAD;
    default:
        return KAFKA_REFUSED;
    }
}

/* Headers of our own making: those that rd_kafka_produceva makes of single ones it frees twice
 * where the topic is in error (2.0.2). */
static rd_kafka_headers_t *make_headers(const struct kafka_outgoing *message)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(message->header_count);
    for (size_t i = 0; i < message->header_count; i++) {
        const struct kafka_header *header = &message->headers[i];
        rd_kafka_header_add(headers, header->name, -1, header->value.data,
                            (ssize_t)header->value.len);
    }
    return headers;
}

int kafka_producer_send(struct kafka_producer *producer, const struct kafka_outgoing *message)
{
    rd_kafka_headers_t *headers = make_headers(message);
    rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = message->topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = RD_KAFKA_PARTITION_UA},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)message->key.data, message->key.len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)message->value.data, message->value.len}},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = message->message},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    rd_kafka_error_t *error =
        rd_kafka_produceva(producer->handle, parts, sizeof parts / sizeof parts[0]);
    if (error == NULL) {
        return 0;
    }
    int outcome =
        rd_kafka_error_is_fatal(error) ? KAFKA_DEAD : outcome_of(rd_kafka_error_code(error));
    rd_kafka_error_destroy(error);
    rd_kafka_headers_destroy(headers); /* ours again */
    return outcome;
}

void kafka_producer_purge(struct kafka_producer *producer, int wait_ms)
{
    rd_kafka_purge(producer->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (int waited = 0; rd_kafka_outq_len(producer->handle) > 0 && waited < wait_ms;) {
        waited += take_event(producer, 10) ? 0 : 10;
    }
}

const char *kafka_error_text(int code)
{
    return rd_kafka_err2str((rd_kafka_resp_err_t)code);
}

void *kafka_producer_handle(struct kafka_producer *producer)
{
    return producer->handle;
}
