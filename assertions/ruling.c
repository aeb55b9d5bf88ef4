/* "Stays" follows from two facts: further spans only add to a selection (unless it has a
 * pseudo-class), and a copy of a span can only make a missing key unknown. So a broken `all` or
 * `none`, a fulfilled `any`, a name bound to several, a count past its limit stay; whatever holds
 * because nothing else came does not. */
#include "assertions/ruling.h"

#include <math.h>

#include "assertions/lookup.h"
#include "assertions/marks.h"
#include "daemon/core/number.h"

enum cause ruling_cause(enum mark mark)
{
    switch (mark) {
    case MARK_ERROR:
        return CAUSE_INCOMPARABLE;
    case MARK_CLOCK:
        return CAUSE_CLOCK;
    case MARK_LOST:
        return CAUSE_DROPPED;
    case MARK_ABSENT:
        return CAUSE_ABSENT;
    case MARK_NONE:
        return CAUSE_NO_MEMORY;
    default:
        return CAUSE_COMPARED;
    }
}

enum mark ruling_mark(struct look *look, const struct condition *condition, uint32_t index)
{
    const struct span *span = look_span_for_key(look, index, &condition->left.key);
    struct arena_mark mark = arena_mark(look->scratch);
    enum mark made = span != NULL ? marks_of_condition(condition, span, look->scratch) : MARK_NONE;
    arena_rewind(look->scratch, mark);
    return made;
}

struct selection ruling_binding(const struct ruling_scene *scene, uint32_t name)
{
    struct selection binding;
    selection_make(&binding, scene->suite->names[name].selector, scene->look);
    return binding;
}

static struct ruling rule_nothing_selected(enum quantifier quantifier)
{
    if (quantifier == QUANTIFIER_NONE) {
        return (struct ruling){.result = RESULT_PASS, .span = RULING_NO_SPAN};
    }
    return (struct ruling){
        .result = RESULT_FAIL, .cause = CAUSE_NOTHING, .absence = true, .span = RULING_NO_SPAN};
}

static struct ruling rule_any(unsigned seen, bool pseudo)
{
    struct ruling ruling = {.result = RESULT_FAIL, .cause = CAUSE_COMPARED, .span = RULING_NO_SPAN};
    if (seen & result_bit(RESULT_PASS)) {
        ruling.result = RESULT_PASS;
        ruling.stays = !pseudo;
    } else if (seen & result_bit(RESULT_ERROR)) {
        ruling.result = RESULT_ERROR;
    } else if (seen & result_bit(RESULT_INCONCLUSIVE)) {
        ruling.result = RESULT_INCONCLUSIVE;
    }
    ruling.absence = ruling.result != RESULT_PASS;
    return ruling;
}

static struct ruling rule_all_or_none(unsigned seen, bool pseudo)
{
    struct ruling ruling = {.result = RESULT_PASS, .cause = CAUSE_COMPARED, .span = RULING_NO_SPAN};
    if (seen & result_bit(RESULT_FAIL)) {
        ruling.result = RESULT_FAIL;
        ruling.stays = !pseudo;
    } else if (seen & result_bit(RESULT_ERROR)) {
        ruling.result = RESULT_ERROR;
        ruling.stays = true;
    } else if (seen & result_bit(RESULT_INCONCLUSIVE)) {
        ruling.result = RESULT_INCONCLUSIVE;
    }
    return ruling;
}

static struct ruling rule_spans(const struct look *look, const struct condition *condition,
                                const struct selection *selected)
{
    struct ruling ruling;
    if (selected->yes == 0) {
        ruling = rule_nothing_selected(condition->quantifier);
    } else {
        unsigned seen = selection_results(selected, condition, look);
        ruling = condition->quantifier == QUANTIFIER_ANY ? rule_any(seen, selected->pseudo)
                                                         : rule_all_or_none(seen, selected->pseudo);
    }
    ruling.hinges = selected->maybe != 0;
    ruling.uncertain = ruling.hinges && !ruling.stays;
    return ruling;
}

static enum truth compare_count(const struct condition *condition, int64_t count)
{
    struct operand left = {.type = OPERAND_INT, .integer = count};
    return truth_negate(compare(condition->op, &left, &condition->right.literal, condition->regex),
                        condition->negations);
}

/* The number at and around which a comparison of a count with the literal can change its answer. */
static int64_t literal_floor(const struct operand *literal)
{
    double number = 0;
    if (literal->type == OPERAND_INT) {
        return literal->integer;
    }
    if (literal->type == OPERAND_DOUBLE) {
        number = literal->number;
    } else if (literal->type == OPERAND_TEXT && number_parse_double(literal->bytes, &number) != 0) {
        number = 0;
    }
    number = floor(number);
    return number < 0 || isnan(number) ? 0
           : number > 9e15             ? INT64_C(9000000000000000)
                                       : (int64_t)number;
}

/* The numbers that a count is compared with: one, or those of a list. */
static const struct operand *counted_with(const struct condition *condition, uint32_t *ret_count)
{
    const struct operand *literal = &condition->right.literal;
    bool list = literal->type == OPERAND_LIST;
    *ret_count = list ? literal->list->count : 1;
    return list ? literal->list->items : literal;
}

/* Whether the comparison gives `now` also where it can change its answer above `from`. */
static bool count_stays(const struct condition *condition, int64_t from, enum truth now,
                        int64_t turn)
{
    int64_t probes[] = {turn > INT64_MAX - 4 ? turn : turn + 1, turn, turn > 0 ? turn - 1 : 0,
                        INT64_MAX};
    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        if (probes[i] > from && compare_count(condition, probes[i]) != now) {
            return false;
        }
    }
    return true;
}

/* Whether the comparison gives the same for every number from `from` up. */
static bool count_is_settled(const struct condition *condition, int64_t from)
{
    enum truth now = compare_count(condition, from);
    uint32_t count;
    const struct operand *numbers = counted_with(condition, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!count_stays(condition, from, now, literal_floor(&numbers[i]))) {
            return false;
        }
    }
    return true;
}

bool ruling_counts(const struct condition *condition, uint32_t count)
{
    return compare_count(condition, count) == TRUTH_TRUE;
}

/* The same for the places at and around one of the numbers. */
static uint32_t fails_around(const struct condition *condition, int64_t turn)
{
    int64_t places[] = {0, turn > 0 ? turn - 1 : 0, turn, turn + 1};
    for (size_t i = 0; i < sizeof places / sizeof *places && places[i] < UINT32_MAX; i++) {
        if (compare_count(condition, places[i]) == TRUTH_FALSE &&
            count_is_settled(condition, places[i])) {
            return places[i] > 0 ? (uint32_t)places[i] : 1;
        }
    }
    return UINT32_MAX;
}

uint32_t ruling_fails_from(const struct condition *condition)
{
    uint32_t least = UINT32_MAX;
    uint32_t count;
    const struct operand *numbers = counted_with(condition, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = fails_around(condition, literal_floor(&numbers[i]));
        least = from < least ? from : least;
    }
    return least;
}

static struct ruling rule_count(const struct condition *condition, const struct selection *selected)
{
    struct ruling ruling = {
        .span = RULING_NO_SPAN, .cause = CAUSE_COMPARED, .number = selected->yes};
    enum truth truth = compare_count(condition, selected->yes);
    ruling.result = truth == TRUTH_TRUE           ? RESULT_PASS
                    : truth == TRUTH_INCOMPARABLE ? RESULT_ERROR
                                                  : RESULT_FAIL;
    ruling.stays = count_is_settled(condition, selected->pseudo ? 0 : (int64_t)selected->yes);
    ruling.absence = ruling.result == RESULT_FAIL && !count_is_settled(condition, selected->yes);
    ruling.hinges = selected->maybe != 0;
    ruling.uncertain = ruling.hinges && !ruling.stays;
    ruling.actual = (struct operand){.type = OPERAND_INT, .integer = selected->yes};
    return ruling;
}

/* A condition on a name that does not bind to exactly one span. */
static struct ruling rule_unbound(const struct selection *binding, uint32_t name)
{
    bool none = binding->yes == 0;
    bool stays = !none && !binding->pseudo;
    return (struct ruling){
        .result = RESULT_FAIL,
        .cause = none ? CAUSE_NO_SPAN : CAUSE_SEVERAL,
        .stays = stays,
        .absence = none,
        .hinges = binding->maybe != 0,
        .uncertain = binding->maybe != 0 && !stays,
        .name = name,
        .span = RULING_NO_SPAN,
        .number = binding->yes,
    };
}

/* The own result of the one span, as it was found; its cause only where it is of use. */
static void rule_bound(const struct ruling_scene *scene, const struct condition *condition,
                       const struct selection *binding, struct ruling *ruling)
{
    bool open = scene->look->mode == LOOK_OPEN;
    unsigned seen = selection_results(binding, condition, scene->look);
    if (seen == result_bit(RESULT_PASS) || (open && seen == result_bit(RESULT_INCONCLUSIVE))) {
        ruling->result = seen == result_bit(RESULT_PASS) ? RESULT_PASS : RESULT_INCONCLUSIVE;
        ruling->cause = CAUSE_COMPARED;
        return;
    }
    enum mark mark = ruling_mark(scene->look, condition, binding->first);
    ruling->result = mark_result(mark, QUANTIFIER_ALL, open);
    ruling->cause = ruling_cause(mark);
}

static struct ruling rule_name(const struct ruling_scene *scene, const struct condition *condition)
{
    const struct term *term = &condition->left;
    struct selection binding = ruling_binding(scene, term->name);
    if (binding.yes != 1) {
        return rule_unbound(&binding, term->name);
    }
    struct ruling ruling = {.name = term->name, .span = binding.first};
    rule_bound(scene, condition, &binding, &ruling);
    ruling.stays =
        ruling.result == RESULT_ERROR || (ruling.result == RESULT_FAIL && !binding.pseudo);
    ruling.hinges = binding.maybe != 0;
    ruling.uncertain = ruling.hinges && !ruling.stays;
    return ruling;
}

static struct ruling rule_truth(enum truth truth)
{
    struct ruling ruling = {.span = RULING_NO_SPAN};
    ruling.result = truth == TRUTH_TRUE           ? RESULT_PASS
                    : truth == TRUTH_INCOMPARABLE ? RESULT_ERROR
                                                  : RESULT_FAIL;
    ruling.cause = truth == TRUTH_ABSENT         ? CAUSE_ABSENT
                   : truth == TRUTH_INCOMPARABLE ? CAUSE_INCOMPARABLE
                                                 : CAUSE_COMPARED;
    return ruling;
}

/* A record never changes once it is there; while the trace is open it may still come. */
static struct ruling rule_injection(const struct ruling_scene *scene,
                                    const struct condition *condition)
{
    if (scene->injection == NULL) {
        return (struct ruling){.result = RESULT_FAIL,
                               .cause = CAUSE_NO_RECORD,
                               .span = RULING_NO_SPAN,
                               .stays = scene->look->mode != LOOK_OPEN,
                               .absence = true};
    }
    struct operand actual = lookup_injection_term(&condition->left, scene->injection);
    enum truth truth = compare(condition->op, &actual, &condition->right.literal, condition->regex);
    struct ruling ruling = rule_truth(truth_negate(truth, condition->negations));
    ruling.actual = actual;
    ruling.stays = true;
    return ruling;
}

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

/* Whether the comparison gives the same for all that lies between the bounds. */
static bool is_same_within(const struct condition *condition, const struct skew_bounds *bounds)
{
    const struct operand *limit = &condition->right.literal;
    bool equality = condition->op == OP_EQUAL || condition->op == OP_NOT_EQUAL;
    if (bounds->least == bounds->most || limit->type != OPERAND_DURATION) {
        return bounds->least == bounds->most;
    }
    return equality
               ? limit->ns < bounds->least || limit->ns > bounds->most
               : compare_times(condition, bounds->least) == compare_times(condition, bounds->most);
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
    if (is_same_within(condition, &ruling.bounds)) {
        struct ruling same = rule_truth(compare_times(condition, ruling.bounds.least));
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
                                               : rule_truth(compare_times(condition, ns));
        ruling.actual = (struct operand){.type = OPERAND_DURATION, .ns = ns};
    } else if (worst->cause == CAUSE_CLOCK) {
        ruling.result = RESULT_INCONCLUSIVE;
    }
    return ruling;
}

static struct ruling rule_difference(const struct ruling_scene *scene,
                                     const struct condition *condition)
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

bool ruling_reads_names(const struct condition *condition)
{
    const struct term *term = &condition->left;
    if (term->type == TERM_DIFFERENCE) {
        return term->left->type != TERM_INJECTION || term->right->type != TERM_INJECTION;
    }
    return term->type == TERM_NAME_KEY || term->type == TERM_NAME_COUNT;
}

struct ruling ruling_make(const struct ruling_scene *scene, const struct condition *condition,
                          const struct selection *selected)
{
    struct selection counted;
    switch (condition->left.type) {
    case TERM_COUNT:
        return rule_count(condition, selected);
    case TERM_NAME_COUNT:
        counted = ruling_binding(scene, condition->left.name);
        return rule_count(condition, &counted);
    case TERM_NAME_KEY:
        return rule_name(scene, condition);
    case TERM_INJECTION:
        return rule_injection(scene, condition);
    case TERM_DIFFERENCE:
        return rule_difference(scene, condition);
    default:
        return rule_spans(scene->look, condition, selected);
    }
}
