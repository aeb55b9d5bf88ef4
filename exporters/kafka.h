/* The Kafka exporter: verdicts, meters and campaigns as JSON messages, at least once, in order for
 * each key.
 *
 * Batches are pipelined; a record counts as acknowledged when its delivery report says so. A
 * verdict larger than a message may be goes out without its failures' details (header
 * `evidence-cut`). After a fatal error of the idempotent producer a new one sends again what has no
 * report. Thread rule: the export thread. */
#ifndef ASSERTD_EXPORTERS_KAFKA_H
#define ASSERTD_EXPORTERS_KAFKA_H

#include "exporters/exporter.h"

extern const struct exporter_type exporter_kafka;

/* The rd_kafka_t of an instance, for tests that make it fail. */
void *exporter_kafka_handle(struct exporter *exporter);

#endif
