/* Tracetest's selectors, parsed.
 *
 * As its own parser reads them; beyond it a name may hold hyphens, a text may stand in single
 * quotes, and a number may have a sign, which it refuses (and then silently takes all spans).
 * Views of the text, or in the arena; immutable. Thread rule: pure. */
#ifndef ASSERTD_TRACETEST_FOREIGN_SELECTOR_H
#define ASSERTD_TRACETEST_FOREIGN_SELECTOR_H

#include "tracetest/foreign_words.h"

enum foreign_value_type { FOREIGN_VALUE_TEXT, FOREIGN_VALUE_NUMBER, FOREIGN_VALUE_BOOL };

struct foreign_match { /* NAME = VALUE, NAME contains VALUE */
    struct bytes name;
    bool contains;
    enum foreign_value_type type;
    struct bytes value;
    struct foreign_match *next;
};

enum foreign_pick { FOREIGN_ALL, FOREIGN_FIRST, FOREIGN_LAST, FOREIGN_NTH };

struct foreign_part { /* span[...]:pick; the next one is a descendant of it */
    const struct foreign_match *matches;
    enum foreign_pick pick;
    struct bytes nth; /* FOREIGN_NTH: digits */
    struct foreign_part *next;
};

struct foreign_chain {
    const struct foreign_part *parts;
    struct foreign_chain *next; /* or */
};

/* Parses a selector: *ret NULL for the empty one (all spans). 0; 1: it is none, *ret_flaw tells
 * why; -ENOMEM. */
int foreign_parse_selector(const struct foreign_chain **ret, struct bytes text, struct arena *arena,
                           const char **ret_flaw);

#endif
