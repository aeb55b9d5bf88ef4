/* A hash of 64 bits of what content.h calls content: equal content gives the same hash in every
 * process, other content the same once in 10^19. Much quicker than the canonical form: nothing is
 * sorted or copied, for the hashes of attributes are added up.
 *
 * Its key is a constant, for the order of spans that differ in nothing but content hangs on it and
 * must be the same everywhere. Who aims at equal hashes can so hide a second version of a span,
 * which he could as well not have sent. Pure. Thread rule: any thread. */
#ifndef ASSERTD_MODEL_FINGERPRINT_H
#define ASSERTD_MODEL_FINGERPRINT_H

#include "daemon/model/span.h"

/* Each: false where memory ran out, and *ret is untouched; never 0. Of all attributes, those that
 * were not listed included. */
bool fingerprint_of_resource(const struct resource *resource, uint64_t *ret);
bool fingerprint_of_scope(const struct scope *scope, uint64_t *ret);

/* Of everything of a span that is compared, with its resource and scope or equal ones (those of a
 * shared_pool know their own hashes). `arena` is scratch. */
bool fingerprint_of_span(const struct span *span, const struct resource *resource,
                         const struct scope *scope, struct arena *arena, uint64_t *ret);

#endif
