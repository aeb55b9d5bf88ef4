/* Whether a filter of a selector holds on a span (SEMANTICS 2, 3). Pure. */
#ifndef ASSERTD_ASSERTIONS_FILTER_MATCH_H
#define ASSERTD_ASSERTIONS_FILTER_MATCH_H

#include "assertions/lookup.h"

/* The truth of a filter, or of a conjunction, as a selector uses it: TRUTH_TRUE or TRUTH_FALSE,
 * where not() of what can't be compared is false like the inner one. A filter on duration, start or
 * end of a span that ends before it starts is TRUTH_FALSE (and so is its not()). Of a conjunction
 * the flags are those by which its truth could still become another: a filter that is false for
 * certain takes the flags of the others away. */
enum truth filter_match(const struct filter *filter, const struct span *span, struct arena *scratch,
                        unsigned *ret_flags);
bool filters_match(const struct filter *filters, uint32_t count, const struct span *span,
                   struct arena *scratch, unsigned *ret_flags);

#endif
