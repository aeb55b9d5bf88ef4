/* What Kafka messages hold: verdicts and meters as JSON, and the traceparent header. Pure
 * functions. */
#ifndef ASSERTD_EXPORTERS_KAFKA_ENCODE_H
#define ASSERTD_EXPORTERS_KAFKA_ENCODE_H

#include "daemon/core/buf.h"
#include "daemon/model/meter.h"
#include "daemon/model/verdict.h"

#define KAFKA_SCHEMA_VERSION  "1"
#define KAFKA_TRACEPARENT_LEN 55

/* Appends a verdict as JSON (DESIGN 5.6). */
void kafka_encode_verdict(struct buf *out, const struct verdict *verdict);

/* The same without the failures' details, which are counted as omitted: for verdicts larger than a
 * message may be. 0; -ENOMEM. */
int kafka_encode_short_verdict(struct buf *out, const struct verdict *verdict);

/* Appends a meter as JSON: {"schema_version":1,"name","time","scope","tags":{...},FIELD...};
 * numbers that are not finite are left out. */
void kafka_encode_meter(struct buf *out, const struct meter *meter);

/* Whether a meter becomes a message: all but single failing results, which the verdicts tell. */
bool kafka_writes_meter(const struct meter *meter);

/* W3C traceparent of a verdict, KAFKA_TRACEPARENT_LEN characters, no NUL. The parent is the span of
 * the first failure that names one, else a part of the verdict's ID (never zero). */
void kafka_traceparent(char out[KAFKA_TRACEPARENT_LEN], const struct verdict *verdict);

#endif
