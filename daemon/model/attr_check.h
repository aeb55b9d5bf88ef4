/* What is odd about attributes and yet no reason to reject them: keys given twice, text that is not
 * UTF-8, a reference to a table of strings that traces do not have.
 *
 * Cheap for what is usual, bounded for what is not: after ATTR_CHECK_COMPARISONS of keys no more
 * duplicates are looked for. Pure. Thread rule: any thread. */
#ifndef ASSERTD_MODEL_ATTR_CHECK_H
#define ASSERTD_MODEL_ATTR_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/model/value.h"

#define ATTR_CHECK_COMPARISONS 4096

struct attr_oddities {
    uint32_t duplicate_keys; /* attributes whose key came before in the same list */
    bool bad_text;           /* a key or a text is not UTF-8 */
    bool unnamed;            /* an attribute has no key or no value */
};

/* Adds what `attrs` shows; returns the hints of their keys, which fall off. */
struct attr_hints attrs_check(const struct attr *attrs, uint32_t count,
                              struct attr_oddities *oddities);

/* Whether an attribute of an encoded message, whose attributes are field `number`, refers to a
 * string of a table (common.proto: key_strindex, string_value_strindex). The message is one that
 * was decoded. */
bool attrs_refer_to_table(struct bytes message, uint32_t number);

#endif
