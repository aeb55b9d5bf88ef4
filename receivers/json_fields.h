/* Reading members of a JSON tree by the type that a format gives them. Each says what is wrong as
 * the end of a sentence (static), NULL where all is well. Absent and null members are well: the
 * output is as it was. Pure. */
#ifndef ASSERTD_RECEIVERS_JSON_FIELDS_H
#define ASSERTD_RECEIVERS_JSON_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "receivers/json_tree.h"

/* A text. */
const char *json_field_text(const struct json_node *object, const char *key, struct bytes *ret);

/* true or false. */
const char *json_field_bool(const struct json_node *object, const char *key, bool *ret);

/* A whole number of microseconds (a number, or a text with one) as nanoseconds; whether it was
 * there. */
const char *json_field_us(const struct json_node *object, const char *key, uint64_t *ret_ns,
                          bool *ret_there);

/* A list or an object. */
const char *json_field_list(const struct json_node *object, const char *key,
                            const struct json_node **ret);
const char *json_field_object(const struct json_node *object, const char *key,
                              const struct json_node **ret);

#endif
