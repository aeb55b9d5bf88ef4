/* Which part of a condition of joined parts made it fail, and the sentence that says so. Internal
 * to the rulings; confined to one look. */
#ifndef ASSERTD_ASSERTIONS_BLAME_H
#define ASSERTD_ASSERTIONS_BLAME_H

#include "assertions/across.h"

/* The part on which a false test hinges: through `not`, the first false part of `and`, the first
 * true one of `or` under `not`; the group itself where all of its parts are needed. */
struct blame {
    const struct expr *part;
    bool holds; /* under an odd number of `not`: it holds, and must not */
};
struct blame blame_find(struct evaluation *evaluation, const struct expr *test);

/* Puts it into the ruling of a condition with parts across spans: the sentence (in shared memory),
 * the span and the value of a part across spans. */
void blame_tell(const struct ruling_scene *scene, struct evaluation *evaluation,
                const struct expr *test, struct ruling *ruling);

#endif
