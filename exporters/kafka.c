#include "exporters/kafka.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>

#include "daemon/core/list.h"
#include "exporters/kafka_encode.h"
#include "exporters/kafka_producer.h"

#define TICKETS_MAX   32
#define PURGE_WAIT_MS 1000
/* What librdkafka keeps for a message beside key and value: its struct, headers, buffers. */
#define MESSAGE_BYTES 512u

struct ticket;

struct message {
    struct ticket *ticket;
    uint64_t record;
    bool brief;     /* went out in its short form */
    uint32_t bytes; /* in the budget while librdkafka has it */
};

/* A submission under way. */
struct ticket {
    struct list link;
    struct submission *submission;
    uint64_t next;        /* record to be sent next */
    uint32_t next_meter;  /* the meter at which to look for it */
    uint64_t outstanding; /* sent, not reported */
    uint64_t held_bytes;  /* by librdkafka for these */
    uint64_t acknowledged, rejected;
    const char *reason; /* of the last failure */
    bool failed;        /* something has to be submitted again: nothing more is sent */
    struct message messages[];
};

struct exporter {
    const struct kafka_settings *settings;
    struct exporter_env *env;
    struct kafka_producer *producer; /* NULL: could not be made again */
    struct loop_timer *later;
    struct list tickets; /* only the last is not sent to its end */
    uint32_t ticket_count;
    bool troubled, dead;
    struct buf value;
};

static uint32_t meters_written(const struct export_batch *batch)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < batch->meter_count; i++) {
        count += kafka_writes_meter(&batch->meters[i]);
    }
    return count;
}

static bool has_topic(const struct config_text *topic)
{
    return topic->text != NULL && topic->text[0] != '\0';
}

static uint64_t verdict_records(const struct exporter *kafka, const struct export_batch *batch)
{
    return has_topic(&kafka->settings->verdicts_topic) ? batch->verdict_count : 0;
}

static uint64_t meter_records(const struct exporter *kafka, const struct export_batch *batch)
{
    return has_topic(&kafka->settings->meters_topic) ? meters_written(batch) : 0;
}

static uint64_t records(const struct exporter *kafka, const struct export_batch *batch)
{
    uint64_t events = has_topic(&kafka->settings->campaigns_topic) ? batch->event_count : 0;
    return verdict_records(kafka, batch) + meter_records(kafka, batch) + events;
}

/* librdkafka has a copy of the message until it reports. */
static void hold(struct exporter *kafka, struct message *message, size_t bytes)
{
    message->bytes = (uint32_t)bytes;
    message->ticket->held_bytes += bytes;
    budget_add(kafka->env->budget, BUDGET_PRODUCERS, bytes);
}

static void let_go(struct exporter *kafka, struct ticket *ticket, uint64_t bytes)
{
    ticket->held_bytes -= bytes;
    budget_give(kafka->env->budget, BUDGET_PRODUCERS, bytes);
}

static int send_message(struct exporter *kafka, struct kafka_outgoing *out, struct bytes campaign,
                        struct bytes traceparent)
{
    struct message *message = out->message;
    struct kafka_header headers[] = {
        {"content-type", BYTES_LITERAL("application/json")},
        {"schema-version", BYTES_LITERAL(KAFKA_SCHEMA_VERSION)},
        {"campaign", campaign},
        {"traceparent", traceparent},
        {"evidence-cut", BYTES_LITERAL("true")},
    };
    out->headers = headers;
    out->header_count = message->brief ? 5 : traceparent.len != 0 ? 4 : 3;
    out->value = buf_bytes(&kafka->value);
    int outcome = kafka->value.failed ? KAFKA_REFUSED : kafka_producer_send(kafka->producer, out);
    if (outcome == 0) {
        hold(kafka, message, MESSAGE_BYTES + out->key.len + out->value.len);
    }
    return outcome;
}

static int send_verdict(struct exporter *kafka, struct message *message)
{
    const struct verdict *verdict = &message->ticket->submission->batch->verdicts[message->record];
    char key[TRACE_ID_TEXT_LEN];
    char traceparent[KAFKA_TRACEPARENT_LEN];
    trace_id_print(key, &verdict->trace_id);
    kafka_traceparent(traceparent, verdict);
    struct kafka_outgoing out = {.topic = kafka->settings->verdicts_topic.text,
                                 .key = bytes_from(key, sizeof key),
                                 .message = message};
    for (;;) {
        buf_reset(&kafka->value);
        if (!message->brief) {
            kafka_encode_verdict(&kafka->value, verdict);
        } else if (kafka_encode_short_verdict(&kafka->value, verdict) != 0) {
            return KAFKA_REFUSED;
        }
        int outcome = send_message(kafka, &out, verdict->campaign,
                                   bytes_from(traceparent, sizeof traceparent));
        if (outcome != KAFKA_TOO_LARGE || message->brief) {
            return outcome;
        }
        message->brief = true;
    }
}

static int send_meter(struct exporter *kafka, struct message *message, const struct meter *meter)
{
    struct kafka_outgoing out = {.topic = kafka->settings->meters_topic.text,
                                 .key = meter->tags.campaign,
                                 .message = message};
    buf_reset(&kafka->value);
    kafka_encode_meter(&kafka->value, meter);
    return send_message(kafka, &out, meter->tags.campaign, BYTES_NULL);
}

static int send_event(struct exporter *kafka, struct message *message,
                      const struct campaign_event *event)
{
    struct kafka_outgoing out = {
        .topic = kafka->settings->campaigns_topic.text, .key = event->campaign, .message = message};
    buf_reset(&kafka->value);
    buf_append_bytes(&kafka->value, event->json);
    return send_message(kafka, &out, event->campaign, BYTES_NULL);
}

/* Records are the verdicts, then the meters that are written, then the events. */
static int send_next(struct exporter *kafka, struct ticket *ticket, struct message *message)
{
    const struct export_batch *batch = ticket->submission->batch;
    uint64_t verdicts = verdict_records(kafka, batch);
    uint64_t meters = meter_records(kafka, batch);
    if (ticket->next < verdicts) {
        return send_verdict(kafka, message);
    }
    if (ticket->next < verdicts + meters) {
        return send_meter(kafka, message, &batch->meters[ticket->next_meter]);
    }
    return send_event(kafka, message, &batch->events[ticket->next - verdicts - meters]);
}

/* Moves next_meter to the meter that record `next` is, where it is one. */
static void find_meter(struct exporter *kafka, struct ticket *ticket)
{
    const struct export_batch *batch = ticket->submission->batch;
    uint64_t first = verdict_records(kafka, batch);
    if (ticket->next >= first && ticket->next < first + meter_records(kafka, batch)) {
        while (!kafka_writes_meter(&batch->meters[ticket->next_meter])) {
            ticket->next_meter++;
        }
    }
}

static void pass_record(struct exporter *kafka, struct ticket *ticket)
{
    const struct export_batch *batch = ticket->submission->batch;
    uint64_t first = verdict_records(kafka, batch);
    if (ticket->next >= first && ticket->next < first + meter_records(kafka, batch)) {
        ticket->next_meter++;
    }
    ticket->next++;
}

static void reject(struct ticket *ticket, uint64_t record, const char *reason)
{
    submission_settle(ticket->submission, record);
    ticket->rejected++;
    ticket->reason = reason;
}

static void fail(struct ticket *ticket, const char *reason)
{
    ticket->failed = true;
    ticket->reason = reason;
}

/* Sends one record. False: the queue is full. */
static bool send_record(struct exporter *kafka, struct ticket *ticket)
{
    struct message *message = &ticket->messages[ticket->next];
    *message = (struct message){.ticket = ticket, .record = ticket->next};
    switch (send_next(kafka, ticket, message)) {
    case 0:
        ticket->outstanding++;
        break;
    case KAFKA_QUEUE_FULL:
        return false;
    case KAFKA_TOO_LARGE:
        reject(ticket, ticket->next, "larger than message.max.bytes");
        break;
    case KAFKA_DEAD:
        kafka->dead = true;
        fail(ticket, "fatal error of the producer");
        break;
    default:
        fail(ticket, "refused by librdkafka");
        break;
    }
    return true;
}

static bool sent_to_its_end(const struct ticket *ticket)
{
    return ticket->failed || ticket->next == ticket->submission->records;
}

static void send_rest(struct exporter *kafka, struct ticket *ticket)
{
    while (!sent_to_its_end(ticket)) {
        find_meter(kafka, ticket);
        if (!submission_settled(ticket->submission, ticket->next) && !send_record(kafka, ticket)) {
            return;
        }
        pass_record(kafka, ticket);
    }
}

static void finish(struct exporter *kafka, struct ticket *ticket)
{
    struct delivery delivery = {
        .outcome = ticket->failed ? DELIVERY_RETRY : DELIVERY_DONE,
        .acknowledged = ticket->acknowledged,
        .rejected = ticket->rejected,
        .reason = ticket->reason,
    };
    struct submission *submission = ticket->submission;
    list_remove(&ticket->link);
    kafka->ticket_count--;
    free(ticket);
    kafka->env->done(kafka->env, submission, &delivery);
}

static void finish_ready(struct exporter *kafka)
{
    struct list *next;
    for (struct list *at = kafka->tickets.next; at != &kafka->tickets; at = next) {
        struct ticket *ticket = container_of(at, struct ticket, link);
        next = at->next;
        if (ticket->outstanding == 0 && sent_to_its_end(ticket)) {
            finish(kafka, ticket);
        }
    }
}

/* Gives up on this producer: what has no report is to be submitted again. */
static void close_producer(struct exporter *kafka)
{
    if (kafka->producer != NULL) {
        kafka_producer_purge(kafka->producer, PURGE_WAIT_MS);
        kafka_producer_free(kafka->producer);
        kafka->producer = NULL;
    }
    for (struct list *at = kafka->tickets.next; at != &kafka->tickets; at = at->next) {
        struct ticket *ticket = container_of(at, struct ticket, link);
        if (ticket->outstanding != 0 || !sent_to_its_end(ticket)) {
            fail(ticket, "fatal error of the producer");
            ticket->outstanding = 0;
            let_go(kafka, ticket, ticket->held_bytes);
        }
    }
}

static void report(void *self, void *opaque, int code)
{
    struct exporter *kafka = self;
    struct message *message = opaque;
    struct ticket *ticket = message->ticket;
    ticket->outstanding--;
    let_go(kafka, ticket, message->bytes);
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        submission_settle(ticket->submission, message->record);
        ticket->acknowledged++;
        kafka->troubled = false;
        break;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
        if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE && !message->brief &&
            message->record < verdict_records(kafka, ticket->submission->batch)) {
            message->brief = true;
            if (!kafka->dead && send_verdict(kafka, message) == 0) {
                ticket->outstanding++;
                break;
            }
        }
        reject(ticket, message->record, kafka_error_text(code));
        break;
    default:
        fail(ticket, kafka_error_text(code));
        break;
    }
}

static void trouble(void *self, const char *reason, bool fatal)
{
    struct exporter *kafka = self;
    kafka->dead |= fatal;
    if (fatal || !kafka->troubled) {
        log_line(kafka->env->log, LOG_WARN, fatal ? "kafka-producer-died" : "kafka-trouble",
                 LOG_STRING("reason", reason));
    }
    kafka->troubled |= !fatal;
}

static int open_producer(struct exporter *kafka);

/* From the loop, when all reports that had come are told. */
static void go_on(void *self)
{
    struct exporter *kafka = self;
    if (kafka->dead) {
        /* Not from within the dead producer's own callback. */
        (void)loop_timer_set(kafka->later, 0);
        return;
    }
    if (!list_empty(&kafka->tickets)) {
        send_rest(kafka, container_of(kafka->tickets.prev, struct ticket, link));
    }
    finish_ready(kafka);
}

static void later(void *self)
{
    struct exporter *kafka = self;
    if (kafka->dead) {
        close_producer(kafka);
        kafka->dead = false;
        (void)open_producer(kafka);
    }
    finish_ready(kafka);
}

static int open_producer(struct exporter *kafka)
{
    struct kafka_producer_hooks hooks = {kafka, report, trouble, go_on};
    struct buf why = BUF_NULL;
    int bad = kafka_producer_new(&kafka->producer, kafka->settings, kafka->env, &hooks, &why);
    if (bad) {
        log_line(kafka->env->log, LOG_ERROR, "kafka-producer-refused",
                 LOG_BYTES("reason", buf_bytes(&why)));
    }
    buf_deinit(&why);
    return bad;
}

static void destroy(struct exporter *kafka)
{
    kafka_producer_free(kafka->producer);
    if (kafka->later != NULL) {
        loop_timer_free(kafka->later);
    }
    buf_deinit(&kafka->value);
    free(kafka);
}

static int create(struct exporter **ret, const void *settings, struct exporter_env *env)
{
    struct exporter *kafka = calloc(1, sizeof *kafka);
    if (kafka == NULL) {
        return -ENOMEM;
    }
    kafka->settings = settings;
    kafka->env = env;
    list_init(&kafka->tickets);
    int bad = loop_timer_new(&kafka->later, env->loop, later, kafka);
    if (!bad) {
        bad = open_producer(kafka);
    }
    if (bad) {
        destroy(kafka);
        return bad;
    }
    *ret = kafka;
    return 0;
}

static int submit(struct exporter *kafka, struct submission *submission)
{
    struct ticket *last = container_of(kafka->tickets.prev, struct ticket, link);
    bool sending = !list_empty(&kafka->tickets) && !sent_to_its_end(last);
    if (kafka->dead || sending || kafka->ticket_count == TICKETS_MAX) {
        return 1;
    }
    if (kafka->producer == NULL && open_producer(kafka) != 0) {
        return -EIO;
    }
    struct ticket *ticket =
        calloc(1, sizeof *ticket + submission->records * sizeof ticket->messages[0]);
    if (ticket == NULL) {
        return -ENOMEM;
    }
    ticket->submission = submission;
    list_append(&kafka->tickets, &ticket->link);
    kafka->ticket_count++;
    send_rest(kafka, ticket);
    if (ticket->outstanding == 0) {
        (void)loop_timer_set(kafka->later, 0);
    }
    return 0;
}

static void abandon(struct exporter *kafka)
{
    close_producer(kafka);
    finish_ready(kafka);
}

static void validate(const void *settings, struct problems *problems)
{
    kafka_producer_validate(settings, problems);
}

void *exporter_kafka_handle(struct exporter *exporter)
{
    return kafka_producer_handle(exporter->producer);
}

const struct exporter_type exporter_kafka = {
    .name = "kafka",
    .summary = "verdicts, meters and campaigns as JSON messages",
    .options = &kafka_table,
    .validate = validate,
    .create = create,
    .records = records,
    .submit = submit,
    .abandon = abandon,
    .destroy = destroy,
};
