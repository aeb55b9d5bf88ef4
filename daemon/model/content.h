/* The canonical form of values and attributes (SEMANTICS 1, "duplicate span"): attributes as
 * last-wins maps, arrays in order, doubles by their bits. Equal content gives equal bytes. Rare:
 * for lists in attributes (fingerprint.h tells spans apart). Pure. */
#ifndef ASSERTD_MODEL_CONTENT_H
#define ASSERTD_MODEL_CONTENT_H

#include "daemon/core/buf.h"
#include "daemon/model/value.h"

/* Appends the canonical form of a value, of attributes as a map. Memory that runs out sets
 * out->failed. */
void content_of_value(struct buf *out, const struct value *value);
void content_of_attrs(struct buf *out, const struct attr *attrs, uint32_t count);

#endif
