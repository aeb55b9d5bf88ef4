/* Equality of content (SEMANTICS 1, "duplicate span"): attributes as last-wins maps, arrays in
 * order, doubles by their bits.
 *
 * Works on a canonical form that is made in a buf: equal content gives equal bytes, so that the
 * bytes also give a fixed order of content. Rare: only spans that share an ID are compared. Pure.
 */
#ifndef ASSERTD_MODEL_CONTENT_H
#define ASSERTD_MODEL_CONTENT_H

#include "daemon/core/buf.h"
#include "daemon/model/span.h"

/* Appends the canonical form of a value, of attributes as a map, of everything of a span that is
 * compared. `arena` is scratch. Memory that runs out sets out->failed. */
void content_of_value(struct buf *out, const struct value *value);
void content_of_attrs(struct buf *out, const struct attr *attrs, uint32_t count);
void content_of_span(struct buf *out, const struct span *span, struct arena *arena);

#endif
