/* The attributes that all spans of a kind had alike, and that say what is done, not to what: keys
 * of the semantic conventions whose values are few and stay the same from trace to trace, old names
 * and new. IDs, addresses, times and texts of queries are not among them. Pure; everything lives in
 * the arena that is handed in. */
#ifndef ASSERTD_DAEMON_SUGGESTION_ATTRS_H
#define ASSERTD_DAEMON_SUGGESTION_ATTRS_H

#include "daemon/suggestion_kinds.h"

/* Longest text that is written as a value. */
#define SUGGESTION_VALUE_MAX 200u

/* Of one kind: attributes in the order of the table; texts, integers and bools. */
struct same_attrs {
    struct attr *items;
    uint32_t count;
};

/* Of each of the first `shown` kinds, an array of them. NULL: no memory. */
const struct same_attrs *same_attrs_make(const struct kinds *kinds, const struct trace *trace,
                                         uint32_t shown, struct arena *arena);

#endif
