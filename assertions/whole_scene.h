/* What the judges of the several whole conditions share: the sets that one reads, how its ruling is
 * made, and its sentences. Internal to them; confined to one look. */
#ifndef ASSERTD_ASSERTIONS_WHOLE_SCENE_H
#define ASSERTD_ASSERTIONS_WHOLE_SCENE_H

#include "assertions/trace_view.h"
#include "assertions/whole_ruling.h"

/* One whole condition under judgement. */
struct whole_scene {
    const struct ruling_scene *at;
    struct look *look;
    const struct trace *trace;
    const struct condition *condition;
    const struct whole *whole;
    const struct selection *selected;
    struct view_set sets[WHOLE_SETS_MAX];
    struct ruling ruling;
};

/* Makes the sets. False: memory or steps are spent, which the ruling says. */
bool whole_sets(struct whole_scene *scene);

/* Whether one of the first `count` sets is empty: the ruling then says which. */
bool whole_is_empty(struct whole_scene *scene, uint32_t count);

/* Takes the steps of sorting n things. False: they are spent, which the ruling says. */
bool whole_spend(struct whole_scene *scene, uint64_t n);

/* Memory was exhausted: the look is not to be used. Always false. */
bool whole_no_memory(struct whole_scene *scene);

/* Zeroed scratch memory for n things and one more; NULL: none is left, which is told. */
void *whole_take(struct whole_scene *scene, size_t n, size_t bytes);

/* --- rulings --- */

/* It holds. */
void whole_pass(struct whole_scene *scene);

/* `stays`: no further span can mend it, unless a set picks. `span`: the deciding one, or
 * RULING_NO_SPAN. The reason holds no measured value; what was seen stands in `seen`. */
void whole_fail(struct whole_scene *scene, bool stays, uint32_t span, const char *reason, ...)
    __attribute__((format(printf, 4, 5)));
void whole_error(struct whole_scene *scene, uint32_t span, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
void whole_unknown(struct whole_scene *scene, enum cause cause, uint32_t span);

/* Adds to the text of what was seen, after whole_fail. */
void whole_see(struct whole_scene *scene, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for a span of a set: "$a #3 (span 00f0...)". */
void whole_see_span(struct whole_scene *scene, uint32_t set, uint32_t place);

/* What a set is called: "$mail", "the selected spans". */
const char *whole_set_name(const struct whole_scene *scene, uint32_t set);

/* "within 5s", "by order.id", empty texts without. */
const char *whole_window_text(struct whole_scene *scene);

/* A comparison of a value with the condition's literal. `direction`: which way further spans may
 * take it (1 up, -1 down, 0 either). True: it can't go back from there. */
bool whole_is_settled(const struct whole_scene *scene, const struct operand *value, int direction);
enum truth whole_compare(const struct whole_scene *scene, const struct operand *value);

/* The ruling of a compared value; `what` it is, for the reason. */
void whole_rule_value(struct whole_scene *scene, const struct operand *value, int direction,
                      uint32_t span);

/* The worst of what keeps values from being known, first in order: fail where one is missing, error
 * where one is of the wrong type (`is_wrong`), inconclusive; a ruling of another set that is as bad
 * stays. False: all are known. */
bool whole_rule_states(struct whole_scene *scene, uint32_t set, const struct view_value *values,
                       bool (*is_wrong)(const struct operand *value),
                       const struct whole_value *read);

/* The spans of a set that end before they start: inconclusive. False: there is none. */
bool whole_rule_clock(struct whole_scene *scene, uint32_t set_count);

/* --- judges: each sets the ruling of its conditions --- */

/* trace:*, edges; trace:fan_out, repeats, retries; critical(); span:self_time; sum .. distinct;
 * exactly N: ..; before .. lag; followed by, none after, has; same, unique; states. */
void whole_judge_trace(struct whole_scene *scene);       /* trace:*, edges */
void whole_judge_children(struct whole_scene *scene);    /* trace:fan_out, repeats, retries */
void whole_judge_critical(struct whole_scene *scene);    /* critical() */
void whole_judge_self_time(struct whole_scene *scene);   /* span:self_time */
void whole_judge_aggregate(struct whole_scene *scene);   /* sum .. distinct */
void whole_judge_quantified(struct whole_scene *scene);  /* exactly N: */
void whole_judge_order(struct whole_scene *scene);       /* before .. lag */
void whole_judge_overlap(struct whole_scene *scene);     /* of order: overlaps, apart from */
void whole_judge_concurrency(struct whole_scene *scene); /* of order: concurrency */
void whole_judge_lag(struct whole_scene *scene);         /* of order: lag */
void whole_judge_pairs(struct whole_scene *scene);       /* followed by, none after, has */
void whole_judge_values(struct whole_scene *scene);      /* same, unique */
void whole_judge_states(struct whole_scene *scene);

#endif
