/* Rulings of conditions that read more than the keys of one span: several names, the record of the
 * request, numbers of spans, keys of the selected span beside these. Internal to ruling.c and to
 * what explains results. */
#ifndef ASSERTD_ASSERTIONS_RULING_EXPRESSION_H
#define ASSERTD_ASSERTIONS_RULING_EXPRESSION_H

#include "assertions/evaluate.h"
#include "assertions/ruling.h"

/* The ruling of a TERM_EXPRESSION. */
struct ruling ruling_expression(const struct ruling_scene *scene, const struct condition *condition,
                                const struct selection *selected);

/* The sides of a test that is one comparison. */
struct sides {
    bool compared;
    struct operand left, right;
};

/* What a condition with a `test` comes to on the selected (or the one named) span `index`;
 * RULING_NO_SPAN where it reads none. Values live in `memory`. False: a name or the record is not
 * there, or no memory. */
bool ruling_evaluate(const struct ruling_scene *scene, const struct condition *condition,
                     const struct selection *selected, uint32_t index, struct arena *memory,
                     struct judged *ret, struct sides *ret_sides);

/* The value of an expression over names, the record and the trace, with times as they were
 * measured; missing where a name or the record is not there, or a name has several spans, or the
 * value hinges on dropped attributes, a selection that hinges on them, or a clock that runs
 * backwards; these two without a culprit. Views `memory`. */
struct evaluated ruling_value(const struct ruling_scene *scene, const struct expr *value,
                              const struct expr_reads *reads, struct arena *memory);

/* The mark of a condition on the keys of a stored span, whatever else it reads: as ruling_mark. */
enum mark ruling_mark_on(const struct ruling_scene *scene, const struct condition *condition,
                         const struct selection *selected, uint32_t index);

#endif
