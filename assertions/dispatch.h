/* Which probes can find a span at all: by the service and the name that their filters demand, or by
 * the value of an attribute, so that the cost of a span does not grow with the number of assertions
 * on other spans.
 *
 * Immutable; lives in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_DISPATCH_H
#define ASSERTD_ASSERTIONS_DISPATCH_H

#include "assertions/probe.h"
#include "daemon/core/arena.h"
#include "daemon/model/span.h"

struct probe_list {
    const struct probe **items;
    uint32_t count;
};

/* A text that some filter demands; an empty slot has number 0. */
struct symbol {
    struct bytes text;
    uint64_t hash;
    uint32_t number;         /* from 1 */
    struct probe_list alone; /* those that demand nothing else */
};

/* The symbol that is a whole number as it is printed; NULL: an empty slot. */
struct number_slot {
    int64_t number;
    const struct symbol *symbol;
};

struct symbol_table {
    struct symbol *slots;        /* open addressing */
    struct number_slot *numbers; /* as many; NULL: nobody looks for numbers */
    uint32_t slot_count;         /* a power of two */
    uint32_t count;              /* of symbols */
    struct attr_hints hints;     /* which texts are no symbol for certain */
};

/* What is demanded of one attribute. */
struct attr_demands {
    struct key key; /* KEY_ANY: a span without it has its resource's; KEY_ATTR */
    uint8_t hint;   /* of its name */
    struct symbol_table values;
    struct probe_list all; /* where the span may have dropped it */
};

struct symbol_pair {
    uint32_t service, name; /* numbers; 0: an empty slot */
    struct probe_list probes;
};

struct dispatch {
    struct symbol_table services;
    struct symbol_table names;
    struct symbol_pair *pairs; /* open addressing */
    uint32_t pair_slots;       /* a power of two */
    struct attr_demands *attrs;
    uint32_t attr_count;
    struct probe_list rest; /* those that demand nothing of all this */
    uint32_t list_most;     /* so many lists can name the probes of one span */
};

/* What a clause demands: a value (`=`) or one of a few (`in`); NULL: nothing of that kind. The
 * dispatch alone tests service and name of a single clause; of an attribute it only tells what
 * can't hold. With an attribute neither service nor name is demanded. */
struct demand {
    const struct filter *service;
    const struct filter *name;
    const struct filter *attr;
};
struct demand demand_of(const struct filter *filters, uint32_t count);

/* One clause of a probe, with a demand of single values: as many as there are combinations. */
struct dispatched {
    const struct probe *probe;
    struct demand demand;
    bool again; /* not the first of its clause */
};

/* Most values of a demand, and most combinations of a clause. */
#define DEMAND_VALUES_MAX 64u

/* The demands of single values that a demand comes to, different ones, made in the arena; how many,
 * 0: no memory. */
uint32_t demand_single(const struct demand *demand, struct arena *arena, const struct demand **ret);

/* Builds the tables. A probe is listed once for each clause and combination. 0; -ENOMEM. */
int dispatch_build(struct dispatch *ret, const struct dispatched *clauses, uint32_t count,
                   struct arena *arena);

/* The probes that can find the span: up to dispatch.list_most lists; how many. A probe of several
 * clauses may stand in several. */
uint32_t dispatch_find(const struct dispatch *dispatch, const struct span *span,
                       const struct probe_list **ret);

#endif
