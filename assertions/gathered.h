/* What a threshold gathered together, and cells of it that are told apart by a key: by labels, by
 * windows of time. Mergeable: the order of adding and merging changes no answer. Internal to the
 * gathering and to who reads it. Thread rule: confined to its owner. */
#ifndef ASSERTD_ASSERTIONS_GATHERED_H
#define ASSERTD_ASSERTIONS_GATHERED_H

#include "assertions/second_counts.h"
#include "assertions/threshold.h"
#include "assertions/value_set.h"

/* Ends of spans: how many, the first and the last. */
struct span_ends {
    uint64_t count, first_ns, last_ns;
};

/* What was gathered together. */
struct gathered {
    struct samples samples;
    struct state_counts counts;
    struct value_set values;
    struct span_ends ends;
    struct second_counts seconds;
};

/* Cells in the order of their keys. All zero is empty. */
struct gathered_cell;
struct cell_list {
    struct gathered_cell **items;
    uint32_t count, room;
};

/* A combination of labels, or a window. */
struct gathered_cell {
    struct gathered in;
    uint32_t window;  /* its number from the origin */
    struct bytes key; /* the labels' values, each ended by a zero byte; or the window's number */
    struct cell_list windows; /* of a combination, where the threshold has windows too */
    uint64_t beyond;          /* and its samples later than the last of them */
};

/* Begins with nothing; holds no memory until something is added. */
void gathered_init(struct gathered *of);
/* Ends; must be begun anew. */
void gathered_deinit(struct gathered *of);
/* Bytes held beside the struct itself. */
size_t gathered_held(const struct gathered *of);
/* Adds another's. 0, or -ENOMEM. */
int gathered_merge(struct gathered *into, const struct gathered *from);
/* One more end of a span. */
void span_ends_add(struct span_ends *ends, uint64_t end_ns);

/* An empty cell with a copy of the key; NULL: no memory. Freeing NULL is fine. */
struct gathered_cell *cell_new(struct bytes key, uint32_t window);
void cell_free(struct gathered_cell *cell);
/* Bytes held, with the struct; of NULL none. */
size_t cell_held(const struct gathered_cell *cell);
/* Adds another's, with its windows. 0, or -ENOMEM. */
int cell_merge(struct gathered_cell *into, const struct gathered_cell *from);

/* Frees all cells; leaves it empty. */
void cell_list_deinit(struct cell_list *list);
/* Bytes held. */
size_t cell_list_held(const struct cell_list *list);
/* Whether a cell of the key is there; *ret is its place, or the one where it belongs. */
bool cell_list_find(const struct cell_list *list, struct bytes key, uint32_t *ret);
/* Makes a cell at the place where it belongs. NULL: no memory. */
struct gathered_cell *cell_list_insert(struct cell_list *list, uint32_t at, struct bytes key,
                                       uint32_t window);
/* The cell of a window, made if need be. NULL: no memory. */
struct gathered_cell *cell_list_window(struct cell_list *list, uint32_t window);
/* The cell of a window; NULL: there is none. */
const struct gathered_cell *cell_list_find_window(const struct cell_list *list, uint32_t window);

#endif
