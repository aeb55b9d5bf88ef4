#include "assertions/difference.h"

#include "assertions/interval.h"
#include "assertions/lookup.h"

/* One side of a difference of times. */
struct side {
    enum cause cause; /* CAUSE_NONE: a time */
    __int128 ns;
    uint64_t number; /* how many times there are to choose from: 1 is needed */
    bool grows;      /* it reads a selection, to which further spans may come */
    bool waits;      /* it reads a record that has not come */
    bool pseudo, uncertain;
    uint32_t name, span;
    const struct resource *clock; /* whose time it is; NULL: the generator's */
};

static struct side side_of_injection(const struct ruling_scene *scene, const struct term *term)
{
    struct side side = {.span = RULING_NO_SPAN};
    if (scene->injection == NULL) {
        side.cause = CAUSE_NO_RECORD;
        side.waits = true;
        return side;
    }
    struct operand time = lookup_injection_term(term, scene->injection);
    side.number = time.type == OPERAND_TIME;
    side.cause = side.number != 0 ? CAUSE_NONE : CAUSE_ABSENT;
    side.ns = side.number != 0 ? time.ns : 0;
    return side;
}

static struct side side_of_name(const struct ruling_scene *scene, const struct term *term)
{
    const struct selection binding = ruling_binding(scene, term->name);
    struct side side = {.name = term->name,
                        .span = RULING_NO_SPAN,
                        .grows = true,
                        .pseudo = binding.pseudo,
                        .uncertain = binding.maybe != 0,
                        .number = binding.yes};
    if (binding.yes != 1) {
        side.cause = binding.yes == 0 ? CAUSE_NO_SPAN : CAUSE_SEVERAL;
        return side;
    }
    const struct trace_span *span = &scene->look->judge->trace->spans[binding.first];
    side.span = binding.first;
    side.cause = span->end_ns < span->start_ns ? CAUSE_CLOCK : CAUSE_NONE;
    side.ns = term->key.field == FIELD_END ? span->end_ns : span->start_ns;
    side.clock = trace_span_resource(scene->look->judge->trace, span);
    return side;
}

static struct side side_make(const struct ruling_scene *scene, const struct term *term)
{
    return term->type == TERM_INJECTION ? side_of_injection(scene, term)
                                        : side_of_name(scene, term);
}

/* What is missing comes first, then several, then the clock. */
static unsigned cause_rank(enum cause cause)
{
    switch (cause) {
    case CAUSE_NO_RECORD:
    case CAUSE_ABSENT:
    case CAUSE_NO_SPAN:
        return 3;
    case CAUSE_SEVERAL:
        return 2;
    case CAUSE_CLOCK:
        return 1;
    default:
        return 0;
    }
}

/* Both sides of a difference and what the comparison says of them. */
struct difference {
    struct side left, right;
    enum result result;
};

/* A side without exactly one time that nothing can mend. */
static bool is_broken(const struct side *side, bool soft)
{
    return side->number != 1 && !(soft && (side->number == 0 || side->pseudo));
}

/* Whether the result could change if more came to the soft sides. */
static bool difference_may_change(const struct difference *difference, bool left_soft,
                                  bool right_soft)
{
    const struct side *left = &difference->left;
    const struct side *right = &difference->right;
    if (is_broken(left, left_soft) || is_broken(right, right_soft)) {
        return false;
    }
    if (left->number != 1 || right->number != 1 || (left_soft && left->pseudo) ||
        (right_soft && right->pseudo)) {
        return true;
    }
    return difference->result == RESULT_PASS && (left_soft || right_soft);
}

static uint32_t only_span(const struct side *left, const struct side *right)
{
    if (left->grows && right->grows && left->name != right->name) {
        return RULING_NO_SPAN;
    }
    return left->grows ? left->span : right->span;
}

static enum truth compare_times(const struct condition *condition, __int128 ns)
{
    struct operand actual = {.type = OPERAND_DURATION, .ns = ns};
    return truth_negate(
        compare(condition->op, &actual, &condition->right.literal, condition->regex),
        condition->negations);
}

bool difference_is_same(const struct condition *condition, const struct skew_bounds *bounds)
{
    const struct operand least = {.type = OPERAND_DURATION, .ns = bounds->least};
    const struct operand most = {.type = OPERAND_DURATION, .ns = bounds->most};
    return interval_is_same(condition, &least, &most);
}

/* Two times by clocks that may be apart. What comes later can still move the bounds. */
static struct ruling rule_skewed(const struct ruling_scene *scene,
                                 const struct condition *condition, const struct side *left,
                                 const struct side *right)
{
    const struct skew *skew = look_skew(scene->look, scene->suite, scene->injection);
    struct ruling ruling = {.result = RESULT_INCONCLUSIVE, .cause = CAUSE_NO_MEMORY};
    if (skew == NULL) {
        return ruling;
    }
    ruling.bounds = skew_correct(skew, left->ns - right->ns, left->clock, right->clock);
    ruling.cause = CAUSE_SKEW;
    if (difference_is_same(condition, &ruling.bounds)) {
        struct ruling same = ruling_of_truth(compare_times(condition, ruling.bounds.least));
        same.bounds = ruling.bounds;
        ruling = same;
    }
    return ruling;
}

static bool is_skewed(const struct ruling_scene *scene, const struct side *left,
                      const struct side *right)
{
    return scene->suite->estimates_skew && left->clock != right->clock;
}

static struct ruling compare_sides(const struct ruling_scene *scene,
                                   const struct condition *condition, const struct side *left,
                                   const struct side *right)
{
    const struct side *worst = cause_rank(left->cause) >= cause_rank(right->cause) ? left : right;
    struct ruling ruling = {
        .result = RESULT_FAIL, .cause = worst->cause, .name = worst->name, .number = worst->number};
    if (worst->cause == CAUSE_NONE) {
        __int128 ns = left->ns - right->ns;
        ruling = is_skewed(scene, left, right) ? rule_skewed(scene, condition, left, right)
                                               : ruling_of_truth(compare_times(condition, ns));
        ruling.actual = (struct operand){.type = OPERAND_DURATION, .ns = ns};
    } else if (worst->cause == CAUSE_CLOCK) {
        ruling.result = RESULT_INCONCLUSIVE;
    }
    return ruling;
}

struct ruling difference_rule(const struct ruling_scene *scene, const struct condition *condition)
{
    bool open = scene->look->mode == LOOK_OPEN;
    struct difference both = {.left = side_make(scene, condition->left.left),
                              .right = side_make(scene, condition->left.right)};
    const struct side *left = &both.left;
    const struct side *right = &both.right;
    struct ruling ruling = compare_sides(scene, condition, left, right);
    both.result = ruling.result;
    bool skewed = left->number == 1 && right->number == 1 && is_skewed(scene, left, right);
    ruling.stays = !skewed && !difference_may_change(&both, left->grows || (open && left->waits),
                                                     right->grows || (open && right->waits));
    ruling.hinges = left->uncertain || right->uncertain;
    ruling.uncertain = difference_may_change(&both, left->uncertain, right->uncertain);
    ruling.absence =
        (left->number == 0 || right->number == 0) &&
        difference_may_change(&both, left->grows || left->waits, right->grows || right->waits);
    ruling.span = only_span(left, right);
    return ruling;
}
