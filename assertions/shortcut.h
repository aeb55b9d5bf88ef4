/* What is known of a condition's mark when it is compiled: most spans lack most attributes, and a
 * kind or a status is one of few.
 *
 * Holds for conditions that compare one key of a span with a literal. Immutable. */
#ifndef ASSERTD_ASSERTIONS_SHORTCUT_H
#define ASSERTD_ASSERTIONS_SHORTCUT_H

#include "assertions/marks.h"

/* Words of a kind; a status has fewer. */
#define SHORTCUT_MARKS 5

struct shortcut {
    enum {
        SHORTCUT_NONE, /* nothing is known */
        SHORTCUT_OWN,  /* marks[0], where a span that dropped nothing lacks the attribute */
        SHORTCUT_BARE, /* the same, where its resource lacks it too */
        SHORTCUT_KIND, /* marks[] by kind, by status */
        SHORTCUT_STATUS,
        SHORTCUT_DURATION, /* against a duration; marks[0] of a span that ends before it starts */
    } type;
    uint8_t hint;                  /* of the attribute's key */
    uint8_t marks[SHORTCUT_MARKS]; /* enum mark */
};

/* What is known of a compiled condition's mark. */
struct shortcut shortcut_of(const struct condition *condition);

/* Whether a span lacks the attribute for certain. */
static inline bool shortcut_lacks(const struct shortcut *shortcut, const struct span *span)
{
    return span->dropped_attrs == 0 && !attr_hints_may_have_hint(&span->hints, shortcut->hint) &&
           (shortcut->type == SHORTCUT_OWN ||
            !attr_hints_may_have_hint(&span->resource->hints, shortcut->hint));
}

/* The mark of the condition that the shortcut is of, by the shortcut where that goes. */
static inline enum mark shortcut_mark(const struct shortcut *shortcut,
                                      const struct condition *condition, const struct span *span,
                                      struct arena *scratch)
{
    switch (shortcut->type) {
    case SHORTCUT_OWN:
    case SHORTCUT_BARE:
        if (shortcut_lacks(shortcut, span)) {
            return (enum mark)shortcut->marks[0];
        }
        break;
    case SHORTCUT_KIND:
        return (enum mark)shortcut->marks[span->kind];
    case SHORTCUT_STATUS:
        return (enum mark)shortcut->marks[span->status];
    default:
        break;
    }
    return marks_of_condition(condition, span, scratch);
}

#endif
