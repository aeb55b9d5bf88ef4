/* Which attributes are read as they arrive, by hints of their keys: a decoder checks those of other
 * keys and need not list them. Where hints are not made, every key is read: all zero lists all.
 * Pure. Thread rule: plain data. */
#ifndef ASSERTD_MODEL_LISTED_KEYS_H
#define ASSERTD_MODEL_LISTED_KEYS_H

#include "daemon/model/value.h"

struct listed_keys {
    struct attr_hints span;
    struct attr_hints resource;
    struct attr_hints scope;
};

/* No key is read. */
#define LISTED_KEYS_NONE ((struct listed_keys){{.made = true}, {.made = true}, {.made = true}})

/* Whether all that `wanted` reads is listed. */
static inline bool listed_keys_cover(const struct listed_keys *listed,
                                     const struct listed_keys *wanted)
{
    return attr_hints_cover(&listed->span, &wanted->span) &&
           attr_hints_cover(&listed->resource, &wanted->resource) &&
           attr_hints_cover(&listed->scope, &wanted->scope);
}

/* Adds what `more` reads. */
static inline void listed_keys_join(struct listed_keys *listed, const struct listed_keys *more)
{
    attr_hints_join(&listed->span, &more->span);
    attr_hints_join(&listed->resource, &more->resource);
    attr_hints_join(&listed->scope, &more->scope);
}

#endif
