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

/* Adds what `attrs` shows. The decoders look a little closer than at need, and say in the hints
 * (enum attr_oddity) whether anything can be found: for most attributes it can't. */
void attrs_check(const struct attr *attrs, uint32_t count, struct attr_oddities *oddities);

/* Whether the key of the attribute at `index` came before, or so many have been compared that
 * nobody looks any more. Counts the comparisons. */
bool attr_came_before(const struct attr *attrs, uint32_t index, uint32_t *comparisons);

/* The same of a key and the `count` ones that came before it. */
bool attr_key_is_among(const struct bytes *keys, uint32_t count, struct bytes key,
                       uint32_t *comparisons);

/* The same of a key that stands in an encoded message, whose attributes are field `number`: it is
 * compared with those that stand before it. */
bool attr_came_before_in(struct bytes message, uint32_t number, struct bytes key,
                         uint32_t *comparisons);

/* Whether key and text are UTF-8; what is no text is. */
bool attr_text_is_valid(const struct attr *attr);

/* Whether an attribute of an encoded message, whose attributes are field `number`, refers to a
 * string of a table (common.proto: key_strindex, string_value_strindex). The message is one that
 * was decoded. */
bool attrs_refer_to_table(struct bytes message, uint32_t number);

#endif
