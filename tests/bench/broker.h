/* A Kafka broker in this process (librdkafka's mock) and a thread that reads one topic from it.
 *
 * Every message's key is handed to `seen` on that thread, and nowhere else. */
#ifndef ASSERTD_TESTS_BENCH_BROKER_H
#define ASSERTD_TESTS_BENCH_BROKER_H

#include "daemon/core/bytes.h"

struct broker;

typedef void (*broker_seen_fn)(void *self, struct bytes key);

/* Begins at once. NULL: no memory, or librdkafka could not. */
struct broker *broker_new(const char *topic, broker_seen_fn seen, void *self);

/* "127.0.0.1:PORT". */
const char *broker_address(const struct broker *broker);

/* Stops reading; `seen` is not called afterwards. NULL is fine. */
void broker_free(struct broker *broker);

#endif
