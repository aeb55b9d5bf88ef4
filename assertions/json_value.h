/* A JSON text as a value: objects become key-value lists, arrays arrays, whole numbers within 64
 * bits integers and others doubles; null is no value. Pure. */
#ifndef ASSERTD_ASSERTIONS_JSON_VALUE_H
#define ASSERTD_ASSERTIONS_JSON_VALUE_H

#include "assertions/evaluate.h"
#include "daemon/model/value.h"

/* Reads it into the arena. TROUBLE_TEXT: no JSON; TROUBLE_LIMIT: more than EXPRESSION_TEXT_MAX
 * bytes, or nested more than VALUE_DEPTH_MAX deep; TROUBLE_OVERFLOW: a number beyond doubles. */
enum trouble json_value_read(struct bytes text, struct arena *arena, struct value *ret);

/* The value of an operand: a text is read as JSON, anything else that an attribute may be is
 * itself. */
enum trouble json_value_of(struct evaluation *evaluation, const struct operand *operand,
                           struct value *ret);

#endif
