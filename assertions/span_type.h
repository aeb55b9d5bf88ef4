/* What a span is about, told from the names of its attributes: span:type. Old and new semantic
 * conventions share their name spaces, so each type is told by those. Constant table; pure. */
#ifndef ASSERTD_ASSERTIONS_SPAN_TYPE_H
#define ASSERTD_ASSERTIONS_SPAN_TYPE_H

#include "daemon/model/span.h"

/* In order of precedence: the first one whose name space some attribute of the span is in. */
enum span_type {
    SPAN_TYPE_DATABASE,
    SPAN_TYPE_MESSAGING,
    SPAN_TYPE_FAAS,
    SPAN_TYPE_GRAPHQL,
    SPAN_TYPE_RPC,
    SPAN_TYPE_HTTP,
    SPAN_TYPE_EXCEPTION,
    SPAN_TYPE_GENERAL, /* none of them */
    SPAN_TYPE_COUNT
};

/* The word, and the name space with its dot ("db."); of SPAN_TYPE_GENERAL NULL. */
const char *span_type_name(enum span_type type);
const char *span_type_space(enum span_type type);

/* Of a decoded span; attributes without a value do not count. */
enum span_type span_type_of(const struct span *span);

#endif
