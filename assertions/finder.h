/* The spans of one trace that a selector selects, as they come: for people and programs that ask,
 * not for verdicts.
 *
 * A finder is a selector compiled alone. A search is what it has found so far in one trace: it is
 * told when the trace has grown, and looks at the new spans only (where the selector walks the
 * trace, at all of it). Selected is what is selected for certain, with the trace as it is taken as
 * complete. Thread rule: a finder is immutable, any thread; a search is confined to the trace's
 * shard. */
#ifndef ASSERTD_ASSERTIONS_FINDER_H
#define ASSERTD_ASSERTIONS_FINDER_H

#include <stddef.h>

#include "assertions/judge.h"

struct finder;

enum finder_outcome { FINDER_REFUSED = 1 };

/* What is wrong with a selector: `byte` from 1, 0 where no byte is to blame. */
struct finder_problem {
    int byte;
    char text[256];
};

/* Compiles a selector. 0; FINDER_REFUSED with the problem; -ENOMEM. Freeing NULL is fine. */
int finder_new(struct finder **ret, struct bytes selector, struct finder_problem *ret_problem);
void finder_free(struct finder *finder);

/* What it reads of stored spans; NULL: perhaps everything. */
const struct keep *finder_keep(const struct finder *finder);

/* Bytes held by it. */
size_t finder_held(const struct finder *finder);

struct search {
    const struct finder *finder; /* borrowed */
    struct trace view;           /* the trace as it was last; its arena is the search's own */
    struct judge judge;
    uint32_t seen;              /* spans that the judge was told of */
    uint32_t looked_at;         /* spans at the last walk of a large trace */
    uint32_t looks_out_of_turn; /* walks of it before it had grown by an eighth */
    uint32_t found;             /* at the last look */
};

enum search_outcome { SEARCH_NO_MEMORY = 1 };

/* Prepares; memory is taken by the looks, from `budget` (as BUDGET_ADMIN) and up to
 * `limit_bytes`. */
void search_init(struct search *ret, const struct finder *finder, struct budget *budget,
                 size_t limit_bytes);
void search_deinit(struct search *search);

/* How many spans of the trace are selected now. Where the selector walks the trace and the trace is
 * large, all looks together cost a small multiple of one: some then tell what the look before has
 * found, unless `last`. 0; SEARCH_NO_MEMORY. */
int search_look(struct search *search, const struct trace *trace, bool last, uint32_t *ret_found);

/* The selected spans of a trace in the order of SEMANTICS 1, judged afresh with all evidence, in
 * `out`. NULL: no memory. */
const uint32_t *finder_list(const struct finder *finder, const struct trace *trace,
                            struct arena *out, uint32_t *ret_count);

#endif
