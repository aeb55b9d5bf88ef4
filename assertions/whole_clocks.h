/* Order between sets of spans of several processes, in a suite that asks how far their clocks may
 * be apart (skew.h). Internal to the judges of whole conditions. */
#ifndef ASSERTD_ASSERTIONS_WHOLE_CLOCKS_H
#define ASSERTD_ASSERTIONS_WHOLE_CLOCKS_H

#include "assertions/whole_scene.h"

/* The clocks of the spans of the first sets. Where the suite takes times as they were measured, or
 * all these spans have one clock, it is one that is nobody's, and exact. */
struct clock_set {
    const struct skew *skew; /* NULL: one exact clock */
    uint32_t count;
    const struct resource
        *clocks[SKEW_CLOCKS_MAX]; /* by number, as spans in order first have them */
    uint8_t *of[2];               /* of each span of a set, by place: its number */
};

/* Of `set_count` sets, 1 or 2. Where they are several it takes the steps of asking each span of the
 * first set for each of them. False: no memory, no steps, or too many clocks, which is told. */
bool whole_clocks_make(struct whole_scene *scene, uint32_t set_count, struct clock_set *ret);

/* Of all spans of the trace: `of[0]` is by index. The same otherwise. */
bool whole_clocks_of_trace(struct whole_scene *scene, struct clock_set *ret);

/* What is added to a time by clock `from` to have it by clock `to`. */
struct skew_bounds whole_clocks_shift(const struct clock_set *clocks, uint32_t from, uint32_t to);

/* Whether the suite asks for it and the spans of the first two sets have more than one clock. */
bool whole_is_skewed(const struct whole_scene *scene);

/* Two spans, or none: places in the first two sets; UINT32_MAX: none. */
struct couple {
    uint32_t a, b;
};

/* What the first start of the second set minus the last end (`by_end`; else start) of the first
 * really may have been; `others`: of two different spans. What ends before it starts is left out.
 * ret_couple: who bounds it from above. False: no memory, which is told. */
bool whole_gap_bounds(struct whole_scene *scene, bool by_end, bool others, struct skew_bounds *ret,
                      struct couple *ret_couple);

/* The same of two spans: the start of `later` minus the end of `earlier`. */
bool whole_pair_bounds(struct whole_scene *scene, uint32_t later, uint32_t earlier,
                       struct skew_bounds *ret);

/* What the last end minus the first start of all spans of the trace really may have been; what ends
 * before it starts is left out.
 * False: no memory, which is told. */
bool whole_duration_bounds(struct whole_scene *scene, struct skew_bounds *ret);

/* How long spans of a service run at all, by each of its clocks together; nothing ends before it
 * starts. *ret_agree: all clocks of the trace are the same. False: no memory, or too many clocks,
 * which is told. */
bool whole_service_time(struct whole_scene *scene, uint32_t service, uint64_t *ret_ns,
                        bool *ret_agree);

/* A failure for certain that needs nothing to come. In a suite that estimates clocks it does not
 * stay all the same, for what comes can move the bounds. */
bool whole_stays(const struct whole_scene *scene);
void whole_fail_certain(struct whole_scene *scene);

/* The clocks leave it open; `measured_ns` is what they say. */
void whole_rule_skew(struct whole_scene *scene, __int128 measured_ns,
                     const struct skew_bounds *bounds, uint32_t span);

/* A value over all clocks of its spans. */
struct between {
    struct operand measured; /* OPERAND_MISSING: it was not worked out */
    struct operand least, most;
    uint32_t span;      /* the deciding one, or RULING_NO_SPAN */
    uint32_t backwards; /* one that ends before it starts and was left out, or RULING_NO_SPAN */
    int direction;      /* which way further spans may take the value, as of whole_is_settled */
};

/* Its ruling: what holds for all that it may be. */
void whole_rule_between(struct whole_scene *scene, const struct between *value);

#endif
