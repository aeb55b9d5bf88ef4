/* One librdkafka producer on a loop: idempotent, events through an eventfd, no callbacks on foreign
 * threads.
 *
 * Thread rule: confined to its loop's thread (librdkafka's own threads only raise the eventfd). */
#ifndef ASSERTD_EXPORTERS_KAFKA_PRODUCER_H
#define ASSERTD_EXPORTERS_KAFKA_PRODUCER_H

#include "daemon/core/buf.h"
#include "exporters/settings.h"

struct kafka_producer;

/* What the producer tells its owner, from the loop, never from within a call of the owner but
 * kafka_producer_purge. */
struct kafka_producer_hooks {
    void *self;
    /* The fate of one message: `code` is an rd_kafka_resp_err_t, 0 delivered. */
    void (*report)(void *self, void *message, int code);
    /* Brokers can't be reached, credentials are refused, ...; librdkafka goes on trying. Fatal:
     * this producer is dead. */
    void (*trouble)(void *self, const char *reason, bool fatal);
    /* All events that waited have been told. */
    void (*drained)(void *self);
};

struct kafka_header {
    const char *name;
    struct bytes value;
};

struct kafka_outgoing {
    const char *topic;
    struct bytes key, value; /* copied */
    const struct kafka_header *headers;
    size_t header_count;
    void *message; /* handed to hooks.report */
};

/* Adds a problem for each property that librdkafka refuses. */
void kafka_producer_validate(const struct kafka_settings *settings, struct problems *problems);

/* 0; -EINVAL: refused, `why` (a buf) says it; another negative errno. */
int kafka_producer_new(struct kafka_producer **ret, const struct kafka_settings *settings,
                       struct exporter_env *env, const struct kafka_producer_hooks *hooks,
                       struct buf *why);

/* Ends it at once; nothing is reported any more. NULL is fine. */
void kafka_producer_free(struct kafka_producer *producer);

enum kafka_send_outcome {
    KAFKA_QUEUE_FULL = 1, /* again after reports */
    KAFKA_TOO_LARGE = 2,  /* never */
    KAFKA_DEAD = 3,       /* this producer takes nothing any more */
    KAFKA_REFUSED = 4,    /* not now */
};

/* Queues a message. 0: its report will come; enum kafka_send_outcome. */
int kafka_producer_send(struct kafka_producer *producer, const struct kafka_outgoing *message);

/* Gives up all messages, queued or in flight, and reports what comes of it within `wait_ms`. */
void kafka_producer_purge(struct kafka_producer *producer, int wait_ms);

/* librdkafka's words for a code of hooks.report. */
const char *kafka_error_text(int code);

/* The rd_kafka_t, for tests that make it fail. */
void *kafka_producer_handle(struct kafka_producer *producer);

#endif
