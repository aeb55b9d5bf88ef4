/* Who is whose parent in a trace: the relation that chains of selectors walk (SEMANTICS 1).
 *
 * Spans that share an ID are one group: a child of that ID is a child of each of them, but no span
 * is its own parent or ancestor. Made in scratch memory for one look at a trace; everything is
 * linear in the number of spans but the sorts of their IDs. Iterative throughout: hostile traces are
 * deep. */
#ifndef ASSERTD_ASSERTIONS_FAMILY_H
#define ASSERTD_ASSERTIONS_FAMILY_H

#include "daemon/core/arena.h"
#include "daemon/model/trace.h"

#define FAMILY_NO_GROUP UINT32_MAX

struct family {
    uint32_t count; /* spans */
    uint32_t group_count;
    uint32_t *group; /* of each span */
    uint32_t
        *parent_group; /* of each span; FAMILY_NO_GROUP: no parent, or it is not in the trace */
    uint32_t *member_start;   /* group -> first place in members; group_count + 1 entries */
    uint32_t *members;        /* spans by group */
    uint32_t component_count; /* sets of groups that are each other's ancestors */
    uint32_t *component;      /* of each group; those above a component have smaller numbers */
    uint32_t *by_component;   /* groups by component */
};

/* Builds the relation. 0; 1: no memory. */
int family_make(struct family *ret, const struct trace *trace, struct arena *scratch);

/* below[i] = some parent of i is in `set`. Both have family->count entries. 0; 1: no memory. */
int family_children(const struct family *family, const bool *set, bool *below,
                    struct arena *scratch);

/* below[i] = some ancestor of i, not i itself, is in `set`. 0; 1: no memory. */
int family_descendants(const struct family *family, const bool *set, bool *below,
                       struct arena *scratch);

/* above[i] = some child of i, not i itself, is in `set`. 0; 1: no memory. */
int family_parents(const struct family *family, const bool *set, bool *above,
                   struct arena *scratch);

/* above[i] = some descendant of i, not i itself, is in `set`. 0; 1: no memory. */
int family_ancestors(const struct family *family, const bool *set, bool *above,
                     struct arena *scratch);

/* beside[i] = some span of `set`, not i itself, names the same parent ID, whether a span has it or
 * not; spans without parent are nobody's siblings. 0; 1: no memory. */
int family_siblings(const struct family *family, const struct trace *trace, const bool *set,
                    bool *beside, struct arena *scratch);

/* The group of a span ID; FAMILY_NO_GROUP: it is not in the trace. */
uint32_t family_find(const struct family *family, const struct trace *trace, span_id id);

#endif
