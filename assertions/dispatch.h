/* Which probes can find a span at all: by the service and the name that their filters demand, so
 * that the cost of a span does not grow with the number of assertions on other spans.
 *
 * Immutable; lives in the arena of its suite set. */
#ifndef ASSERTD_ASSERTIONS_DISPATCH_H
#define ASSERTD_ASSERTIONS_DISPATCH_H

#include "assertions/probe.h"
#include "daemon/core/arena.h"

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

struct symbol_pair {
    uint32_t service, name; /* numbers; 0: an empty slot */
    struct probe_list probes;
};

struct dispatch {
    struct symbol *services; /* open addressing, `slot_count` slots each */
    struct symbol *names;
    struct symbol_pair *pairs;
    uint32_t slot_count;    /* a power of two, at least twice the clauses */
    uint32_t service_count; /* demanded ones */
    uint32_t name_count;
    struct probe_list rest; /* those that demand neither */
};

#define DISPATCH_LISTS 4

/* What a clause demands; NULL: nothing of that kind. A filter that a single clause demands is
 * tested by the dispatch alone. */
struct demand {
    const struct filter *service;
    const struct filter *name;
};
struct demand demand_of(const struct filter *filters, uint32_t count);

/* One clause of a probe, with its demand. */
struct dispatched {
    const struct probe *probe;
    struct demand demand;
};

/* Builds the tables. A probe of several clauses is listed once for each of them. 0; -ENOMEM. */
int dispatch_build(struct dispatch *ret, const struct dispatched *clauses, uint32_t count,
                   struct arena *arena);

/* The probes that can find a span of this service and name: up to DISPATCH_LISTS lists; how many.
 * A probe of several clauses may stand in several. */
uint32_t dispatch_find(const struct dispatch *dispatch, struct bytes service, struct bytes name,
                       const struct probe_list *ret[DISPATCH_LISTS]);

#endif
