/* One attribute of an encoded span (trace.proto, Span), without decoding the others: to explain
 * what is known already. Pure. Thread rule: any thread. */
#ifndef ASSERTD_MODEL_ATTR_SEARCH_H
#define ASSERTD_MODEL_ATTR_SEARCH_H

#include "daemon/model/value.h"

/* The last attribute called `name` of a span that span_decode has found good; a view of its bytes.
 * False: it has none. */
bool attr_search(struct bytes span, struct bytes name, struct attr *ret);

#endif
