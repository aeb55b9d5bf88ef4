/* Making arrays and key-value lists: values written in the form of opentelemetry-proto's AnyValue,
 * ArrayValue and KeyValueList. */
#ifndef ASSERTD_ASSERTIONS_ENCODE_H
#define ASSERTD_ASSERTIONS_ENCODE_H

#include "daemon/core/buf.h"
#include "daemon/model/value.h"

/* The members of an AnyValue; of a missing value nothing. */
void encode_value(struct buf *out, const struct value *value);

/* One more item of an ArrayValue. */
void encode_item(struct buf *out, const struct value *value);

#endif
