/* Values of Jaeger's tags by their type (string, bool, int64, float64, binary) as an AnyValue of
 * OTLP. Pure. */
#ifndef ASSERTD_RECEIVERS_JAEGER_VALUE_H
#define ASSERTD_RECEIVERS_JAEGER_VALUE_H

#include "daemon/core/buf.h"
#include "receivers/json_tree.h"

/* Appends the field of an AnyValue. Without a type that is known the value is what JSON says.
 * Numbers and truths may be texts ("12", "true"); binary is base64. 0; 1: not of that type, and
 * something may have been appended. */
int jaeger_value_put(struct buf *out, struct bytes type, const struct json_node *value);

#endif
